"""Golden values: which record's word stands, why, and who said otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.folding import stable_key
from dedupe.survivorship import FIELDS, LISTS, SINGLE, STANDARD, Lost, Policy, Rule, RuleKind, Source, Survivor, golden
from tests.dedupe.cast import unhurried

RECENT, COMPLETE, UNION = Rule("most_recent"), Rule("most_complete"), Rule("union")
TRUST_SHOP = Rule("trusted_source", ("shop", "desk"))

ALICE, A_REID = (
    {"full": "Alice Reid", "first": "Alice", "last": "Reid"},
    {"full": "A Reid", "first": "A", "last": "Reid"},
)


def source(number: int, connection: str = "shop", day: int | None = None, born: int = 0, **fields: Any) -> Source:
    """Record `number`, changed on a day of October (None: the vendor does not tell)."""
    changed = datetime(2026, 10, day, tzinfo=UTC) if day else None
    return Source(number, connection, stable_key(connection, "people", f"{number:02}"), born, changed, fields)


def email(key: str) -> dict[str, str]:
    return {"value": key, "key": key.lower()}


def chosen(rules: tuple[Rule, ...], *sources: Source, of: str = "gender") -> list[Survivor]:
    return golden(sources, Policy({of: rules})).get(of, [])


def values(survivors: list[Survivor]) -> list[Any]:
    return [one.value for one in survivors]


class TestRules:
    @pytest.mark.parametrize(
        ("rules", "record", "why"),
        [
            ((RECENT,), 3, "most recent"),
            ((TRUST_SHOP,), 1, "trusted source"),
            ((Rule("trusted_source", ("desk",)),), 3, "trusted source"),
            ((Rule("trusted_source", ("nobody",)), RECENT), 3, "most recent"),
            ((COMPLETE,), 2, "most complete"),
            ((COMPLETE, RECENT), 2, "most complete"),
            ((), 3, "most recent"),
        ],
    )
    def test_the_first_rule_that_tells_two_values_apart_decides(
        self, rules: tuple[Rule, ...], record: int, why: str
    ) -> None:
        said = [
            source(1, "shop", day=2, born=1, name={"full": "A", "first": "A"}),
            source(2, "newsletter", day=1, born=2, name=ALICE),
            source(3, "desk", day=3, born=3, name=A_REID),
        ]
        (survivor,) = chosen(rules, *said, of="name")
        assert (survivor.record_id, survivor.rule) == (record, why)
        assert {one.record_id for one in survivor.others} == {1, 2, 3} - {record}

    def test_the_rules_after_the_first_break_ties(self) -> None:
        shop, again = source(1, "shop", day=1, gender="f"), source(2, "shop", day=2, gender="female")
        assert chosen((TRUST_SHOP, RECENT), shop, again)[0].rule == "most recent"

    def test_trust_goes_down_the_list_and_the_unnamed_come_last(self) -> None:
        desk, newsletter = source(1, "desk", gender="f"), source(2, "newsletter", day=9, gender="m")
        assert values(chosen((TRUST_SHOP,), desk, newsletter)) == ["f"]

    def test_a_record_without_a_change_time_counts_as_the_oldest(self) -> None:
        assert values(chosen((RECENT,), source(1, gender="m"), source(2, day=1, born=9, gender="f"))) == ["f"]

    def test_among_equals_the_record_that_arrived_first_stands_and_then_the_first_key(self) -> None:
        late, early, twin = source(1, born=2, gender="a"), source(3, born=1, gender="b"), source(2, born=1, gender="c")
        assert values(chosen((RECENT,), late, early, twin)) == ["c"]

    def test_a_value_that_nobody_contradicts_is_the_only_one(self) -> None:
        (survivor,) = chosen((RECENT,), source(1, day=1, gender="f"), source(2, day=2, gender="f"), source(3, day=3))
        assert survivor == Survivor("f", 2, "only value")

    def test_each_other_value_is_named_once_by_the_best_record_that_says_it(self) -> None:
        said = [source(1, day=4, gender="f"), source(2, day=3, gender="m"), source(3, day=2, gender="x")]
        (survivor,) = chosen((RECENT,), *said, source(4, day=1, gender="m"))
        assert survivor.others == (Lost("m", 2), Lost("x", 3))

    def test_an_initial_says_less_than_a_name(self) -> None:
        assert values(chosen((COMPLETE,), source(1, name=A_REID), source(2, born=1, name=ALICE), of="name")) == [ALICE]


@pytest.mark.fault("D15")
class TestSilences:
    def test_a_missing_value_overwrites_nothing(self) -> None:
        assert values(chosen((RECENT,), source(1, day=1, gender="f"), source(2, day=2))) == ["f"]

    def test_a_field_that_the_source_only_calls_empty_overwrites_nothing(self) -> None:
        assert values(chosen((RECENT,), source(1, day=1, gender="f"), source(2, day=2, nulls=["gender"]))) == ["f"]

    def test_a_field_emptied_on_purpose_is_empty_and_tells_what_was_there(self) -> None:
        (survivor,) = chosen((RECENT,), source(1, day=1, gender="f"), source(2, day=2, cleared=["gender"]))
        assert survivor == Survivor(None, 2, "most recent", (Lost("f", 1),))

    def test_a_later_value_fills_what_was_emptied(self) -> None:
        (survivor,) = chosen((RECENT,), source(1, day=2, gender="f"), source(2, day=1, cleared=["gender"]))
        assert survivor == Survivor("f", 1, "most recent")

    def test_a_list_emptied_on_purpose_does_not_come_back_from_an_older_record(self) -> None:
        old, emptied = source(1, day=1, emails=[email("a@x")]), source(2, day=2, cleared=["emails"])
        assert chosen((RECENT,), old, emptied, of="emails") == []
        assert values(chosen((UNION,), old, emptied, of="emails")) == [email("a@x")]

    def test_a_field_of_which_nobody_speaks_is_left_out(self) -> None:
        assert golden([source(1), source(2)], STANDARD) == {}
        assert golden([], STANDARD) == {}


class TestLists:
    def test_a_union_holds_every_value_once_the_best_record_first(self) -> None:
        old = source(1, day=1, emails=[email("a@x"), email("b@x")])
        new = source(2, day=2, emails=[email("B@x"), email("c@x")])
        found = chosen((UNION, RECENT), old, new, of="emails")
        assert [(one.value["value"], one.record_id, one.rule) for one in found] == [
            ("B@x", 2, "union"),
            ("c@x", 2, "union"),
            ("a@x", 1, "union"),
        ]

    def test_without_union_one_record_gives_the_whole_list(self) -> None:
        old = source(1, day=1, emails=[email("a@x"), email("b@x")])
        new = source(2, day=2, emails=[email("B@x"), email("c@x")])
        assert chosen((RECENT,), old, new, of="emails") == [
            Survivor(email("B@x"), 2, "most recent", (Lost(email("a@x"), 1),)),
            Survivor(email("c@x"), 2, "most recent"),
        ]

    def test_an_address_written_with_other_signs_is_the_same_address(self) -> None:
        plain = {"street": "1 Mill St", "city": "Newtown", "postcode": "2042"}
        loud = {"street": "1 MILL ST.", "city": "newtown", "postcode": "2042"}
        moved = {**plain, "street": "2 Mill St"}
        found = chosen((UNION,), source(1, addresses=[plain]), source(2, addresses=[loud, moved]), of="addresses")
        assert values(found) == [plain, moved]

    def test_identifiers_of_two_types_are_two(self) -> None:
        loyalty, vip = {"type": "loyalty", "value": "1"}, {"type": "vip", "value": "1"}
        said = [source(1, identifiers=[loyalty]), source(2, identifiers=[vip, loyalty])]
        assert values(chosen((UNION,), *said, of="identifiers")) == [loyalty, vip]


def test_custom_fields_are_chosen_one_by_one_under_one_policy() -> None:
    said = [source(1, day=1, custom={"shoe": "42", "hat": "7"}), source(2, day=2, custom={"shoe": "43"})]
    found = golden(said, Policy({"custom": (RECENT,)}))
    assert {name: values(survivors) for name, survivors in found.items()} == {
        "custom.hat": ["7"],
        "custom.shoe": ["43"],
    }


def test_a_field_that_the_policy_does_not_name_follows_the_default() -> None:
    said = [source(1, "shop", day=1, gender="f"), source(2, "desk", day=2, gender="m")]
    assert values(golden(said, Policy())["gender"]) == ["m"]
    assert values(golden(said, Policy(default=(TRUST_SHOP,)))["gender"]) == ["f"]


def test_between_two_records_without_a_change_time_the_first_that_arrived_decides() -> None:
    (survivor,) = chosen((RECENT,), source(1, born=2, gender="f"), source(2, born=1, gender="m"))
    assert (survivor.value, survivor.rule) == ("m", "arrived first")


def test_of_one_value_written_in_two_ways_the_newer_writing_is_kept() -> None:
    said = [
        source(1, day=1, born=1, emails=[email("ALICE@x.example")]),
        source(2, day=2, born=2, emails=[email("alice@x.example")]),
    ]
    assert [one.value["value"] for one in golden(said, STANDARD)["emails"]] == ["alice@x.example"]


def test_the_fingerprint_of_a_policy_changes_with_any_rule_and_not_with_their_writing() -> None:
    shop_first, desk_first = Rule("trusted_source", ("shop", "desk")), Rule("trusted_source", ("desk", "shop"))
    policies = [
        Policy(),
        Policy(default=(COMPLETE,)),
        Policy({"name": (shop_first,)}),
        Policy({"name": (desk_first,)}),
        Policy({"gender": (shop_first,)}),
    ]
    assert len({policy.fingerprint for policy in policies}) == len(policies)
    one, other = Policy({"name": (RECENT,), "gender": ()}), Policy({"gender": (), "name": (RECENT,)})
    assert one.fingerprint == other.fingerprint


kinds: tuple[RuleKind, ...] = ("trusted_source", "most_recent", "most_complete", "union")
rules = st.lists(
    st.builds(Rule, st.sampled_from(kinds), st.sampled_from([(), ("shop",), ("desk", "shop")])), max_size=3
)
policies = st.builds(
    Policy, st.dictionaries(st.sampled_from([*FIELDS, "custom"]), rules.map(tuple), max_size=5), rules.map(tuple)
)
said = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from([ALICE, A_REID]),
        "gender": st.sampled_from(["f", "m"]),
        "date_of_birth": st.sampled_from(["1980-01-02", "1980-02-01"]),
        "emails": st.lists(st.sampled_from(["a@x", "A@x", "b@x"]).map(email), min_size=1, unique_by=str),
        "tags": st.lists(st.sampled_from(["vip", "baker"]), min_size=1, unique=True),
        "custom": st.dictionaries(st.sampled_from(["shoe", "hat"]), st.sampled_from(["1", "2"]), min_size=1),
        "cleared": st.lists(st.sampled_from(["gender", "emails", "custom.shoe"]), unique=True),
    },
)


@st.composite
def estates(draw: st.DrawFn) -> list[Source]:
    return [
        source(
            number,
            draw(st.sampled_from(["shop", "desk", "newsletter"])),
            day=draw(st.sampled_from([None, 1, 2])),
            born=draw(st.integers(0, 2)),
            **fields,
        )
        for number, fields in enumerate(draw(st.lists(said, max_size=5)))
    ]


def spoken(one: Source, name: str) -> list[Any]:
    """Every value that a record says in a golden field."""
    if name.startswith("custom."):
        return [one.fields.get("custom", {}).get(name.removeprefix("custom."))]
    return one.fields.get(name, []) if name in LISTS else [one.fields.get(name)]


@unhurried
@given(sources=estates(), policy=policies, data=st.data())
def test_the_order_of_the_records_cannot_be_seen(sources: list[Source], policy: Policy, data: st.DataObject) -> None:
    assert golden(data.draw(st.permutations(sources)), policy) == golden(sources, policy)


@unhurried
@given(sources=estates(), policy=policies)
def test_every_golden_and_every_lost_value_was_said_by_the_record_that_is_named(
    sources: list[Source], policy: Policy
) -> None:
    records = {one.record_id: one for one in sources}
    for name, survivors in golden(sources, policy).items():
        for one in survivors:
            assert one.value in spoken(records[one.record_id], name)
            assert one.value is not None or name in records[one.record_id].fields["cleared"]
            assert all(lost.value in spoken(records[lost.record_id], name) for lost in one.others)


@unhurried
@given(sources=estates())
def test_a_union_loses_nothing(sources: list[Source]) -> None:
    found = golden(sources, STANDARD)
    assert {one.value["key"] for one in found.get("emails", [])} == {
        address["key"] for one in sources for address in one.fields.get("emails", [])
    }
    assert sorted(one.value for one in found.get("tags", [])) == sorted(
        {tag for one in sources for tag in one.fields.get("tags", [])}
    )


@unhurried
@given(sources=estates(), policy=policies)
def test_no_single_value_disappears_without_a_trace(sources: list[Source], policy: Policy) -> None:
    found = golden(sources, policy)
    for name in (*SINGLE, "custom.shoe"):
        told = {_text(one.value) for one in found.get(name, [])}
        told |= {_text(lost.value) for one in found.get(name, []) for lost in one.others}
        assert {_text(value) for one in sources for value in spoken(one, name)} - told <= {_text(None)}


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
