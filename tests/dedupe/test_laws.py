"""The laws of identity over random small worlds in which clashes are common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dedupe.features import Entry, Features
from dedupe.judgement import exclude_each_other, judge, without_popular
from dedupe.keys import keys_of
from dedupe.links import Link, Links, links_in_force, pair_of
from dedupe.model import STANDARD
from dedupe.nodes import fold_nodes
from dedupe.resolve import Partition, resolve
from tests.dedupe.cast import HOME, key_hashes, record, says, unhurried

MODEL = replace(STANDARD, component_limit=6)
"""Small enough that random worlds go over it."""

Row = tuple[int, str, str, Link]

EMAILS = ("reid@x.example", "kate@x.example", "old@x.example")
PHONES = (HOME, "+61400000002")
CARDS = ("L1", "L2")
BIRTHS = ("", "", "1958-04-02", "1958-04-20", "1989-09-17")
NAMES = ("", "Ian Reid", "Ian Reid jr", "Katherine Reid", "Kate Reid", "Kate Esposito", "Robert Reid", ". Reid")


def some(values: Iterable[str], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(values)), max_size=most, unique=True)


people: st.SearchStrategy[Features] = st.builds(
    says,
    st.sampled_from(NAMES),
    email=some(EMAILS, 2),
    phone=some(PHONES, 1),
    card=some(CARDS, 1),
    born=st.sampled_from(BIRTHS),
)


@dataclass(frozen=True)
class World:
    entries: tuple[Entry, ...]
    rows: tuple[Row, ...]
    popular: frozenset[int]

    @property
    def links(self) -> Links:
        return links_in_force(self.rows)

    def resolve(self) -> Partition:
        return resolve(self.entries, self.popular, self.links, MODEL)


@st.composite
def worlds(draw: st.DrawFn, links: bool = True, popular: bool = True) -> World:
    said = draw(st.lists(people, min_size=2, max_size=9))
    landed = draw(st.lists(st.integers(0, 4), min_size=len(said), max_size=len(said)))
    entries = tuple(record(f"r{at}", *one) for at, one in enumerate(zip(said, landed, strict=True)))
    rows: list[Row] = []
    for number in range(draw(st.integers(0, 4)) if links else 0):
        left, right = draw(st.lists(st.sampled_from(entries), min_size=2, max_size=2, unique_by=lambda one: one.key))
        rows.append((number, *pair_of(left.birth_id, right.birth_id), draw(st.sampled_from(Link))))
    keys = sorted({key for one in said for key in key_hashes(one)})
    crowded = draw(some_of(keys)) if popular and keys and draw(st.booleans()) else frozenset()
    return World(entries, tuple(rows), crowded)


def some_of(keys: list[int]) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.sampled_from(keys), max_size=2)


def homes(partition: Partition) -> dict[str, str]:
    """Birth id -> contact id."""
    return {entry.birth_id: one.contact_id for one in partition.clusters for entry in one.members}


def together(partition: Partition, pair: tuple[str, str]) -> bool:
    home = homes(partition)
    return home[pair[0]] == home[pair[1]]


def contact_of(partition: Partition, birth_id: str) -> set[str]:
    home = homes(partition)
    return {one for one, contact in home.items() if contact == home[birth_id]}


@unhurried
@given(world=worlds(), data=st.data())
def test_no_order_of_arrival_can_be_seen_in_the_result(world: World, data: st.DataObject) -> None:
    other = replace(
        world,
        entries=tuple(data.draw(st.permutations(world.entries))),
        rows=tuple(data.draw(st.permutations(world.rows))),
    )
    assert other.resolve() == world.resolve()


@unhurried
@given(worlds())
def test_every_record_is_in_exactly_one_contact(world: World) -> None:
    members = [entry for one in world.resolve().clusters for entry in one.members]
    assert sorted(members, key=lambda entry: entry.key) == list(world.entries)


@unhurried
@given(worlds())
def test_two_who_a_person_said_are_not_one_are_never_in_one_contact(world: World) -> None:
    partition = world.resolve()
    assert not [pair for pair in world.links.cannot if together(partition, pair)]


@unhurried
@given(world=worlds(), data=st.data())
def test_a_merge_joins_both_whole_contacts_and_keeps_the_older_id(world: World, data: st.DataObject) -> None:
    before = world.resolve()
    left, right = (one.birth_id for one in data.draw(st.permutations(world.entries))[:2])
    both = contact_of(before, left) | contact_of(before, right)
    assume(not any(one in both and other in both for one, other in world.links.cannot))
    merged = replace(world, rows=(*world.rows, (99, *pair_of(left, right), Link.MUST))).resolve()
    assert both <= contact_of(merged, left)
    if both == contact_of(merged, left):
        assert homes(merged)[left] in {homes(before)[left], homes(before)[right]}


@unhurried
@given(world=worlds(), data=st.data())
def test_undoing_decisions_equals_never_having_made_them(world: World, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(world.rows), unique=True)) if world.rows else []
    after_undo = replace(world, rows=tuple(kept))
    never = tuple((number, *row[1:]) for number, row in enumerate(sorted(kept)))
    assert after_undo.resolve() == replace(world, rows=never).resolve()


@unhurried
@given(worlds())
def test_a_contact_wears_the_birth_id_of_the_record_that_landed_first(world: World) -> None:
    for one in world.resolve().clusters:
        assert one.contact_id == min((entry.born, entry.key, entry.birth_id) for entry in one.members)[2]


@unhurried
@given(world=worlds(), data=st.data())
def test_whole_components_resolved_apart_give_the_same_as_the_world(world: World, data: st.DataObject) -> None:
    whole = world.resolve()
    components: dict[str, list[Entry]] = defaultdict(list)
    for one in whole.clusters:
        components[one.component] += one.members
    chosen = data.draw(st.lists(st.sampled_from(sorted(components)), min_size=1, unique=True))
    inside = [entry for component in chosen for entry in components[component]]
    keys = {entry.key for entry in inside}
    part = resolve(inside, world.popular, world.links, MODEL)
    assert by_id(part) == [one for one in by_id(whole) if one.component in chosen]
    assert part.edges == [one for one in whole.edges if {one.left.key, one.right.key} <= keys]
    assert asked(part) == {one for one in asked(whole) if {one.left.key, one.right.key} <= keys}


def by_id(partition: Partition) -> list:
    return sorted(partition.clusters, key=lambda one: one.contact_id)


def asked(partition: Partition) -> set:
    return set(partition.reviews)


@pytest.mark.fault("D07")
@unhurried
@given(worlds(links=False, popular=False))
def test_popular_values_join_nobody(world: World) -> None:
    everything = frozenset(key.hash for entry in world.entries for key in keys_of(entry.features))
    partition = replace(world, popular=everything).resolve()
    assert len(partition.clusters) == len(world.entries)
    assert partition.edges == partition.reviews == []


@unhurried
@given(worlds())
def test_a_popular_value_counts_as_if_no_record_had_said_it(world: World) -> None:
    silent = tuple(replace(entry, features=without_popular(entry.features, world.popular)) for entry in world.entries)
    without = replace(world, entries=silent, popular=frozenset()).resolve()
    assert homes(without) == homes(world.resolve())


@unhurried
@given(worlds(links=False))
def test_nobody_is_merged_with_one_whose_name_or_birthday_excludes_it(world: World) -> None:
    for contact in world.resolve().clusters:
        for one, other in combinations(contact.members, 2):
            assert not exclude_each_other(one.features, other.features)


@unhurried
@given(worlds(links=False))
def test_no_contact_has_more_distinct_records_than_the_limit(world: World) -> None:
    for contact in world.resolve().clusters:
        assert len(fold_nodes(contact.members, world.popular, Links())) <= MODEL.component_limit


@unhurried
@given(worlds())
def test_nobody_is_asked_about_two_records_of_one_contact_but_of_a_component_that_was_cut(world: World) -> None:
    partition = world.resolve()
    open_questions = [one for one in partition.reviews if one.kind != "oversized"]
    assert not [one for one in open_questions if together(partition, (one.left.birth_id, one.right.birth_id))]


@unhurried
@given(left=people, right=people)
def test_a_pair_is_judged_alike_from_both_sides(left: Features, right: Features) -> None:
    one, other = judge(left, right, MODEL), judge(right, left, MODEL)
    assert (one.judgement, one.weight, one.levels, one.conflict) == (
        other.judgement,
        other.weight,
        other.levels,
        other.conflict,
    )
    assert one.conflict == exclude_each_other(left, right)
    assert one.weight == MODEL.prior + sum(part.weight for part in one.comparisons)
