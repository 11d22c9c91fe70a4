"""Stories of the resolver: who becomes one contact, who does not, and whom a person is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dedupe import resolve as module
from dedupe.features import Entry
from dedupe.judgement import Judgement
from dedupe.links import Link
from dedupe.model import STANDARD
from tests.dedupe.cast import HOME, contacts, key_hashes, label_of, questions, record, records, resolved, says

MUST, CANNOT = Link.MUST, Link.CANNOT
MAIL = "reid@home.example"

ALICE = says("Alice Reid", email="alice@x.example", phone=HOME)
BOB = says("Bob Reid", email="bob@x.example", phone=HOME)
FATHER = says("Ian Reid", email=MAIL, born="1958-04-02")
SON = says("Ian Reid", email=MAIL, born="1989-09-17")


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many pairs the resolver has judged."""
    calls: list[object] = []
    judge = module.judge

    def counting(*given, **named):
        calls.append(given)
        return judge(*given, **named)

    monkeypatch.setattr(module, "judge", counting)
    return lambda: len(calls)


def edges(partition) -> dict[tuple[str, str], str]:
    return {(label_of(one.left), label_of(one.right)): str(one.verdict.judgement) for one in partition.edges}


class TestHousehold:
    def test_bob_shares_alices_phone_and_stays_bob(self) -> None:
        home = records(alice=ALICE, bob=BOB, alice2=says("Alice Reid", email="alice@x.example"))
        assert contacts(resolved(home)) == {"alice alice2", "bob"}

    def test_a_couple_with_one_phone_and_one_address_is_asked_about(self) -> None:
        couple = records(alice=says("Alice Reid", email=MAIL, phone=HOME), bob=says("Bob Reid", email=MAIL, phone=HOME))
        found = resolved(couple)
        assert contacts(found) == {"alice", "bob"}
        assert questions(found) == {("conflict", "alice", "bob")}

    def test_father_and_son_of_one_name_are_two(self) -> None:
        found = resolved(records(father=FATHER, son=SON))
        assert contacts(found) == {"father", "son"}
        assert questions(found) == set()

    @pytest.mark.fault("D09")
    def test_who_could_be_the_father_or_the_son_is_neither_until_told(self) -> None:
        found = resolved(records(father=FATHER, son=SON, ian=says("Ian Reid", email=MAIL)))
        assert contacts(found) == {"father", "son", "ian"}
        assert {("ambiguous", "father", "ian"), ("ambiguous", "ian", "son")} <= questions(found)

    def test_told_that_he_is_the_father_he_does_not_bring_the_son_along(self) -> None:
        family = records(father=FATHER, son=SON, ian=says("Ian Reid", email=MAIL))
        found = resolved(family, ("ian", "father", MUST))
        assert contacts(found) == {"father ian", "son"}
        assert questions(found) == set()

    def test_told_that_he_is_not_the_son_he_is_the_father(self) -> None:
        family = records(father=FATHER, son=SON, ian=says("Ian Reid", email=MAIL))
        assert contacts(resolved(family, ("ian", "son", CANNOT))) == {"father ian", "son"}

    def test_when_the_two_turn_out_to_be_one_those_in_between_come_along(self) -> None:
        wed = records(
            maiden=says("Chiara Rossi", email=MAIL),
            wife=says("Kiki Esposito", email=MAIL),
            guest=says(email=MAIL),
            guest2=says(email=MAIL, card="L1"),
        )
        assert contacts(resolved(wed)) == {"maiden", "wife", "guest", "guest2"}
        merged = resolved(wed, ("maiden", "wife", MUST))
        assert contacts(merged) == {"guest guest2 maiden wife"}
        assert questions(merged) == set()

    def test_twins_stay_two_whatever_they_share(self) -> None:
        twins = records(
            anjali=says("Anjali Reid", email=MAIL, phone=HOME, born="1996-02-11"),
            anjana=says("Anjana Reid", email=MAIL, phone=HOME, born="1996-02-11"),
        )
        assert contacts(resolved(twins)) == {"anjali", "anjana"}

    def test_father_and_son_are_held_apart_through_any_bridge(self) -> None:
        family = records(
            father=says("Ian Reid", email=["f@x.example", MAIL], born="1958-04-02"),
            son=says("Ian Reid", email=["s@x.example", MAIL], born="1989-09-17"),
            desk=says("I Reid", email=["f@x.example"], phone=HOME),
            shop=says("Ian Reid", email=["s@x.example"], phone=HOME),
        )
        found = resolved(family)
        assert contacts(found) == {"desk father", "shop son"}
        assert questions(found) == {("conflict", "desk", "shop")}


class TestBridges:
    @pytest.mark.fault("D09")
    def test_a_weak_bridge_chains_no_strangers_and_is_named(self) -> None:
        found = resolved(
            records(
                bruce=says("Bruce Pemberton", email="bruce@x.example"),
                bridge=says(email=["bruce@x.example", "amara@x.example"], phone=HOME),
                amara=says("Amara Okafor", email="amara@x.example", phone=HOME),
            )
        )
        assert contacts(found) == {"bruce", "amara bridge"}
        assert questions(found) == {("conflict", "bridge", "bruce")}

    def test_a_match_refused_for_the_company_it_keeps_is_asked_about(self) -> None:
        found = resolved(
            records(
                father=says("Ian Reid", email="f@x.example", phone="+61400000002", born="1958-04-02"),
                son=says("Ian Reid", email="s@x.example", born="1989-09-17"),
                order=says("Ian Reid", email=["f@x.example", "s@x.example"], phone="+61400000002"),
            )
        )
        assert contacts(found) == {"father order", "son"}
        assert ("conflict", "order", "son") in questions(found)


class TestDecisions:
    def test_a_merge_joins_both_whole_contacts_and_keeps_the_older_id(self) -> None:
        entries = records(alice=ALICE, bob=BOB, alice2=ALICE, bob2=says(email="bob@x.example"))
        found = resolved(entries, ("alice2", "bob2", MUST))
        assert contacts(found) == {"alice alice2 bob bob2"}
        assert found.clusters[0].contact_id == entries[0].birth_id

    def test_a_merge_is_an_edge_that_says_so(self) -> None:
        assert edges(resolved(records(alice=ALICE, bob=BOB), ("alice", "bob", MUST))) == {("alice", "bob"): "merged"}

    def test_the_weight_of_a_merge_is_what_the_records_say_without_any_prior(self) -> None:
        found = resolved(records(a=says("Ian Reid"), b=says("Ian Reid")), ("a", "b", MUST))
        assert found.edges[0].verdict.weight == STANDARD.weights["name", "same"]

    def test_a_split_takes_equal_records_apart_and_each_keeps_its_own_birth_id(self) -> None:
        orders = records(a=says(email=MAIL), b=says(email=MAIL))
        found = resolved(orders, ("a", "b", CANNOT))
        assert contacts(found) == {"a", "b"}
        assert {one.contact_id for one in found.clusters} == {one.birth_id for one in orders}
        assert edges(found) == {("a", "b"): "apart"}

    @pytest.mark.fault("D13")
    @pytest.mark.parametrize("name", ["", "Ian Reid"])
    def test_a_later_record_does_not_undo_a_split(self, name: str) -> None:
        orders = records(a=says(name, email=MAIL), b=says(name, email=MAIL), later=says(name, email=MAIL))
        found = resolved(orders, ("a", "b", CANNOT))
        assert contacts(found) == {"a", "b", "later"}
        assert questions(found) == {("ambiguous", "a", "later"), ("ambiguous", "b", "later")}

    @pytest.mark.fault("D09")
    def test_a_cannot_beats_a_chain_of_merges_and_the_older_merge_is_asked_about(self) -> None:
        strangers = records(a=says("Alice Reid"), b=says("Bruce Pemberton"), c=says("Amara Okafor"))
        found = resolved(strangers, ("a", "b", MUST), ("b", "c", MUST), ("a", "c", CANNOT))
        assert contacts(found) == {"a", "b c"}
        assert questions(found) == {("conflict", "a", "b")}

    @pytest.mark.fault("D10")
    def test_merges_in_a_circle_are_one_contact_of_the_oldest_id(self) -> None:
        strangers = records(a=says("Alice Reid"), b=says("Bruce Pemberton"), c=says("Amara Okafor"))
        found = resolved(strangers, ("a", "b", MUST), ("b", "c", MUST), ("c", "a", MUST))
        assert [one.contact_id for one in found.clusters] == [strangers[0].birth_id]

    def test_a_link_to_a_record_that_is_gone_does_nothing(self) -> None:
        alice, bob = records(alice=ALICE, bob=BOB)
        links = module.Links((("gone", alice.birth_id),), frozenset({(bob.birth_id, "lost")}))
        assert contacts(module.resolve([alice, bob], frozenset(), links, STANDARD)) == {"alice", "bob"}


class TestCrowds:
    @pytest.mark.fault("D07")
    def test_five_hundred_people_on_one_popular_phone_are_five_hundred_contacts(
        self, judged: Callable[[], int]
    ) -> None:
        found = resolved(strangers(500), popular=key_hashes(says(phone=HOME)))
        assert len(found.clusters) == 500
        assert judged() == 0
        assert found.reviews == []

    @pytest.mark.fault("D08")
    def test_without_the_popular_value_known_their_names_keep_them_apart(self) -> None:
        found = resolved(strangers(500))
        assert len(found.clusters) == 500
        assert found.edges == []

    def test_a_nameless_guest_on_their_phone_belongs_to_nobody(self) -> None:
        found = resolved([*strangers(20), record("guest", says(phone=HOME))])
        assert len(found.clusters) == 21
        assert {kind for kind, *_ in questions(found)} == {"ambiguous"}

    def test_two_hundred_guest_orders_of_one_shopper_are_compared_once(self, judged: Callable[[], int]) -> None:
        orders = [record(f"order{number:03}", says(email=MAIL), number) for number in range(200)]
        found = resolved(orders)
        assert [len(one.members) for one in found.clusters] == [200]
        assert found.clusters[0].contact_id == orders[0].birth_id
        assert judged() == 1
        assert len(found.edges) == 199

    @pytest.mark.fault("D08")
    def test_two_thousand_walk_ins_on_one_phone_cost_no_squares_and_are_not_merged(
        self, judged: Callable[[], int]
    ) -> None:
        found = resolved(walk_ins(2_000))
        assert judged() <= 2_000
        assert max(len(one.members) for one in found.clusters) == 1
        assert {kind for kind, *_ in questions(found)} == {"oversized"}


class TestComponentLimit:
    limited = replace(STANDARD, component_limit=5)

    def test_a_component_within_the_limit_is_clustered_as_it_is(self) -> None:
        assert len(resolved(walk_ins(5), model=self.limited).clusters) == 1

    @pytest.mark.fault("D08")
    def test_above_the_limit_only_the_strong_matches_are_left(self) -> None:
        crowd = walk_ins(6)
        pair = says("Walk In", email="0@x.example", phone=HOME, card="L1")
        found = resolved([*crowd, record("again", pair, 9)], model=self.limited)
        assert contacts(found) == {"again w0000", "w0001", "w0002", "w0003", "w0004", "w0005"}
        assert questions(found) == {("oversized", "again", "w0005")}

    def test_the_question_tells_how_many_they_are(self) -> None:
        (asked,) = resolved(walk_ins(6), model=self.limited).reviews
        assert asked.reason == "a component of 6 distinct records was cut"

    def test_a_human_merge_of_two_contacts_below_the_limit_shatters_neither(self) -> None:
        left, right = walk_ins(4), [record(f"r{at}", says("Ian Reid", email=f"{at}@r", card="L1")) for at in range(4)]
        found = resolved([*left, *right], ("w0000", "r0", MUST), model=self.limited)
        assert len(found.clusters) == 1
        assert questions(found) == set()

    def test_a_human_merge_still_holds_in_a_component_that_was_cut(self) -> None:
        found = resolved(walk_ins(6), ("w0001", "w0004", MUST), model=self.limited)
        assert contacts(found) == {"w0000", "w0001 w0004", "w0002", "w0003", "w0005"}


def test_a_component_holds_those_who_must_be_looked_at_together_and_nobody_else() -> None:
    entries = records(
        father=FATHER, son=SON, ian=says("Ian Reid", email=MAIL), alice=ALICE, alice2=ALICE, friend=says("Bruce Lee")
    )
    found = resolved(entries, ("alice2", "friend", MUST))
    components: dict[str, set[str]] = {}
    for one in found.clusters:
        components.setdefault(one.component, set()).update(label_of(entry) for entry in one.members)
    assert sorted(map(sorted, components.values())) == [["alice", "alice2", "friend"], ["father", "ian", "son"]]
    assert components.keys() <= {entry.birth_id for entry in entries}


def test_an_edge_is_kept_for_every_match_and_likely_pair_and_for_no_other() -> None:
    found = resolved(
        records(
            alice=ALICE,
            bob=BOB,
            alice2=says("Alice Reid", email="alice@x.example"),
            guest=says(email="new@x.example", phone="+61400000002"),
            guest2=says(email="old@x.example", phone="+61400000002"),
        )
    )
    assert edges(found) == {("alice", "alice2"): Judgement.AUTOMATIC, ("guest", "guest2"): Judgement.LIKELY}
    assert questions(found) == {("possible_match", "guest", "guest2")}
    assert found.reviews[0].reason == "email: different, phone: same"


def strangers(count: int) -> list[Entry]:
    """Differently named people on one phone."""
    return [
        record(f"p{number:04}", says(f"{_word(number)} {_word(number * 7919 + 13)}", phone=HOME), number)
        for number in range(count)
    ]


def walk_ins(count: int) -> list[Entry]:
    """What a till writes down: one name and one phone for everybody, and the address the receipt went to."""
    return [
        record(f"w{number:04}", says("Walk In", email=f"{number}@x.example", phone=HOME), number)
        for number in range(count)
    ]


def _word(number: int) -> str:
    """A word of eight letters; the words of different numbers differ in several."""
    scrambled = (number + 1) * 2654435761 % 26**8
    return "".join(chr(ord("a") + scrambled // 26**place % 26) for place in range(8))
