"""What is true of every rule: the order of writing does not count, and a verdict stands until it is to be rechecked."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.segments.rules import Segment
from tests.hub.segments.rules import NOW, TICK, segment

DAYS = st.integers(1, 6)
CONDITIONS = st.one_of(
    st.builds(
        lambda field, operator, days: {"field": field, operator: f"{days}d"},
        st.sampled_from(["first_order_at", "last_order_at", "last_ticket_at"]),
        st.sampled_from(["within", "not_within"]),
        DAYS,
    ),
    st.builds(lambda operator, n: {"field": "orders", operator: n}, st.sampled_from(["is", "at_least"]), DAYS),
    st.builds(
        lambda operator: {"field": "last_order_at", operator: "2026-06-29"}, st.sampled_from(["before", "after"])
    ),
    st.builds(lambda known: {"field": "last_ticket_at", "known": known}, st.booleans()),
    st.just({"field": "tags", "contains": "VIP"}),
    st.just({"field": "country", "is_not": "AU"}),
)


def groups(items: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(items, min_size=1, max_size=3)
    return st.fixed_dictionaries({}, optional={"all": some, "any": some, "none": some}).filter(bool)


WRITTEN = groups(CONDITIONS | groups(CONDITIONS))
MOMENTS = st.integers(-7 * 24, 2).map(lambda hours: NOW + timedelta(hours=hours))
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "first_order_at": MOMENTS,
        "last_order_at": MOMENTS,
        "last_ticket_at": MOMENTS,
        "orders": st.integers(0, 6),
        "spent": st.just(Decimal(10)),
        "tags": st.sampled_from([(), ("vip",), ("new", "old")]),
        "country": st.sampled_from(["", "au", "NZ"]),
    },
)


def shuffled(draw: Any, group: dict[str, Any]) -> dict[str, Any]:
    """The same conditions, in another order at every level."""
    names = draw(st.permutations(sorted(group)))
    return {
        name: [
            item if "field" in item else shuffled(draw, item)
            for item in (group[name][at] for at in draw(st.permutations(range(len(group[name])))))
        ]
        for name in names
    }


@given(data=st.data(), written=WRITTEN, facts=FACTS)
def test_the_order_of_conditions_does_not_matter(data: Any, written: dict[str, Any], facts: dict[str, Any]) -> None:
    one, other = segment(**written), segment(**shuffled(data.draw, written))
    assert one.test(facts, NOW) == other.test(facts, NOW)
    assert one.fingerprint == other.fingerprint


def turns(rule: Segment, facts: dict[str, Any]) -> list[datetime]:
    """Found the slow way: every moment of the coming days at which the answer is another than just before."""
    edges = sorted(
        {
            moment + timedelta(days=days) + TICK
            for moment in facts.values()
            if isinstance(moment, datetime)
            for days in range(1, 7)
        }
    )
    return [
        edge
        for edge in edges
        if edge > NOW and rule.test(facts, edge).inside is not rule.test(facts, edge - TICK).inside
    ]


@given(written=WRITTEN, facts=FACTS)
def test_a_verdict_turns_at_its_recheck_and_not_before(written: dict[str, Any], facts: dict[str, Any]) -> None:
    rule = segment(**written)
    found = turns(rule, facts)
    assert rule.test(facts, NOW).recheck_at == (found[0] if found else None)


@given(written=WRITTEN, facts=FACTS, share=st.floats(0, 1))
def test_before_the_recheck_nothing_changes_and_at_it_the_verdict_does(
    written: dict[str, Any], facts: dict[str, Any], share: float
) -> None:
    rule = segment(**written)
    verdict = rule.test(facts, NOW)
    end = verdict.recheck_at or NOW + timedelta(days=3650)
    between = NOW + (end - TICK - NOW) * share
    assert rule.test(facts, between) == verdict
    if verdict.recheck_at is not None:
        assert rule.test(facts, verdict.recheck_at).inside is not verdict.inside


@given(written=groups(CONDITIONS), facts=FACTS)
def test_none_of_a_group_is_the_opposite_of_any_of_it(written: dict[str, Any], facts: dict[str, Any]) -> None:
    one = segment(any=[written]).test(facts, NOW)
    other = segment(none=[written]).test(facts, NOW)
    assert one.inside is not other.inside
    assert one.recheck_at == other.recheck_at
