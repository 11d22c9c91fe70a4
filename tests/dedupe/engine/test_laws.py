"""The laws of identity over random small worlds in which clashes are common."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dedupe.engine.judging import judge
from dedupe.engine.pairs import pairs_of
from dedupe.engine.partition import Partition, partition
from dedupe.engine.population import Entry, population_of
from dedupe.engine.resolving import NO_ROWS, popular_in, resolve
from dedupe.engine.telling import shared_values
from dedupe.folding import StableKey
from dedupe.links import Link, Links, pair_of
from tests.dedupe.cast import (
    HOME,
    STANDARD,
    all_keys,
    contacts,
    edges,
    people_of,
    questions,
    records,
    resolved,
    says,
    unhurried,
)
from tests.dedupe.engine.crowds import strangers
from tests.dedupe.engine.worlds import MODEL, World, homes, worlds
from tests.dedupe.told import Told, told

ROOT = Path(__file__).parents[3]

bands = st.booleans()
"""Whether the review band is merged too."""


def together(found: Told, pair: tuple[str, str]) -> bool:
    home = homes(found)
    return home[pair[0]] == home[pair[1]]


def contact_of(found: Told, birth_id: str) -> set[str]:
    home = homes(found)
    return {one for one, contact in home.items() if contact == home[birth_id]}


class TestOrder:
    @unhurried
    @given(world=worlds(), likely=bands, data=st.data())
    def test_no_order_of_arrival_can_be_seen_in_the_result(
        self, world: World, likely: bool, data: st.DataObject
    ) -> None:
        other = replace(
            world,
            entries=tuple(data.draw(st.permutations(world.entries))),
            rows=tuple(data.draw(st.permutations(world.rows))),
        )
        assert other.resolve(likely) == world.resolve(likely)

    @unhurried
    @given(world=worlds(), data=st.data())
    def test_who_is_asked_about_beside_them_changes_nothing_for_whole_components(
        self, world: World, data: st.DataObject
    ) -> None:
        whole = world.resolve()
        inside = _closed(world, whole, data.draw(st.sampled_from(world.entries)))
        keys = {entry.key for entry in inside}
        part = told(inside, world.crowded, world.links, MODEL)
        assert _told(part, keys) == _told(whole, keys)

    def test_neither_can_the_seed_of_hashes(self) -> None:
        said = {_with_seed(seed) for seed in ("0", "1", "4711")}
        assert said == {_everything()}


def _closed(world: World, whole: Told, start: Entry) -> list[Entry]:
    """Around one record, those of whole components, all who tell the same on one of their keys, and all whom a person
    linked with them.
    """
    people = population_of(world.entries)
    components = [[entry.key for entry in members] for members in _components(whole).values()]
    mates: dict[tuple[int, int], list[StableKey]] = defaultdict(list)
    stable = {entry.id: entry.key for entry in world.entries}
    for one, keys in people.keys_told().items():
        for key, holder in keys.items():
            mates[key, holder].append(stable[one])
    known = {entry.birth_id: entry.key for entry in world.entries}
    linked = [[known[one] for one in pair] for pair in (*world.links.must, *world.links.cannot)]
    groups = [{*group} for group in (*components, *mates.values(), *linked)]
    found = {start.key}
    while more := {key for group in groups if found & group for key in group} - found:
        found |= more
    return [entry for entry in world.entries if entry.key in found]


def _components(found: Told) -> dict[str, list[Entry]]:
    """The members of each component, by its name."""
    components: dict[str, list[Entry]] = defaultdict(list)
    for one in found.clusters:
        components[one.component] += one.members
    return components


def _told(found: Told, keys: set[StableKey]) -> tuple[list, list, set]:
    """What is said of some records and of nobody else."""
    clusters = [one for one in found.clusters if {entry.key for entry in one.members} <= keys]
    among = [one for one in found.edges if {one.left.key, one.right.key} <= keys]
    asked = {one for one in found.reviews if {one.left.key, one.right.key} <= keys}
    return sorted(clusters, key=lambda one: one.contact_id), among, asked


def _everything() -> str:
    found = resolved(
        records(
            father=says("Ian Reid", email="reid@example.com", born="1958-04-02"),
            son=says("Ian Reid", email="reid@example.com", born="1989-09-17"),
            ian=says("Ian Reid", email=["reid@example.com", "ian.reid@example.net"], card=["L1", "vip=L1"]),
            kate=says("Kate Reid", phone=[HOME, "+61480555012"], card="L1"),
            katherine=says("Katherine Reid", phone=HOME, lives="12 High Street, Perth, 6000"),
            guest=says(phone="+61480555012", email="kate.reid@example.com"),
        ),
        ("father", "ian", Link.MUST),
        ("kate", "guest", Link.CANNOT),
    )
    lines = [(one.left.id, one.right.id, one.verdict) for one in found.edges]
    return repr([sorted(contacts(found)), sorted(questions(found)), edges(found), lines, list(homes(found).items())])


def _with_seed(seed: str) -> str:
    script = "from tests.dedupe.engine.test_laws import _everything; print(_everything(), end='')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


class TestContacts:
    @unhurried
    @given(world=worlds(), likely=bands)
    def test_every_record_is_in_exactly_one(self, world: World, likely: bool) -> None:
        members = [entry for one in world.resolve(likely).clusters for entry in one.members]
        assert sorted(members, key=lambda entry: entry.key) == list(world.entries)

    @unhurried
    @given(world=worlds(), likely=bands)
    def test_one_wears_the_birth_id_of_the_record_that_landed_first(self, world: World, likely: bool) -> None:
        for one in world.resolve(likely).clusters:
            assert one.contact_id == min((entry.born, entry.key, entry.birth_id) for entry in one.members)[2]

    @unhurried
    @given(worlds())
    def test_asking_for_the_review_band_leaves_the_records_as_they_were(self, world: World) -> None:
        people = population_of(world.entries)
        asked = [partition(people, world.crowded, world.links, MODEL, likely) for likely in (False, True, False, True)]
        strict, likely, *again = [_in_numbers(one) for one in asked]
        assert again == [strict, likely]
        fresh = population_of(world.entries)
        assert likely == _in_numbers(partition(fresh, world.crowded, world.links, MODEL, likely=True))

    @unhurried
    @given(worlds(links=False))
    def test_nobody_is_merged_with_one_whose_name_or_birthday_excludes_it(self, world: World) -> None:
        for contact in world.resolve().clusters:
            ready = people_of(*(entry.features for entry in contact.members)).ready
            size = len(contact.members)
            codes = [a * size + b for a, b in combinations(range(size), 2)]
            inside = pairs_of(np.array(codes, np.int64), size)
            assert not judge(ready.table, inside, MODEL, MODEL.prior, NO_ROWS).conflict.any()

    @unhurried
    @given(world=worlds(links=False), likely=bands)
    def test_none_has_more_distinct_records_than_the_limit(self, world: World, likely: bool) -> None:
        found = resolve(population_of(world.entries).ready, world.crowded, MODEL, likely=likely)
        labels = found.clusters.labels.tolist()
        assert max(map(labels.count, labels)) <= MODEL.limit

    @unhurried
    @given(world=worlds(), likely=bands)
    def test_nobody_is_asked_about_two_records_of_one_unless_its_component_was_cut(
        self, world: World, likely: bool
    ) -> None:
        found = world.resolve(likely)
        asked = [one for one in found.reviews if one.kind != "oversized"]
        assert not [one for one in asked if together(found, (one.left.birth_id, one.right.birth_id))]


class TestDecisions:
    @unhurried
    @given(world=worlds(), likely=bands)
    def test_two_who_a_person_said_are_not_one_are_never_in_one_contact(self, world: World, likely: bool) -> None:
        found = world.resolve(likely)
        assert not [pair for pair in world.links.cannot if together(found, pair)]

    @unhurried
    @given(world=worlds(), data=st.data())
    def test_a_merge_joins_both_whole_contacts_or_asks_about_whom_it_leaves_out(
        self, world: World, data: st.DataObject
    ) -> None:
        """Somebody nameless who was at home with one of the two may fit the both of them less: a person is asked."""
        before = world.resolve()
        left, right = (one.birth_id for one in data.draw(st.permutations(world.entries))[:2])
        both = contact_of(before, left) | contact_of(before, right)
        assume(not any(one in both and other in both for one, other in world.links.cannot))
        merged = replace(world, rows=(*world.rows, (99, *pair_of(left, right), Link.MUST))).resolve()
        asked = {birth_id for one in merged.reviews for birth_id in (one.left.birth_id, one.right.birth_id)}
        assert both <= contact_of(merged, left) | asked
        if both == contact_of(merged, left):
            assert homes(merged)[left] in {homes(before)[left], homes(before)[right]}

    @unhurried
    @given(world=worlds(), likely=bands, data=st.data())
    def test_undoing_some_equals_never_having_made_them(self, world: World, likely: bool, data: st.DataObject) -> None:
        kept = data.draw(st.lists(st.sampled_from(world.rows), unique=True)) if world.rows else []
        after_undo = replace(world, rows=tuple(kept))
        never = tuple((number, *row[1:]) for number, row in enumerate(sorted(kept)))
        assert after_undo.resolve(likely) == replace(world, rows=never).resolve(likely)


class TestPopular:
    @pytest.mark.fault("D07")
    @unhurried
    @given(world=worlds(links=False, popular=False), likely=bands)
    def test_popular_values_join_nobody(self, world: World, likely: bool) -> None:
        everything = tuple(all_keys(world.entries).view("i8").tolist())
        found = replace(world, popular=everything).resolve(likely)
        assert len(found.clusters) == len(world.entries)
        assert found.edges == found.reviews == []

    @unhurried
    @given(worlds())
    def test_a_popular_value_is_in_no_explanation(self, world: World) -> None:
        shown = {value for value, key in _values(world) if key in world.popular}
        for edge in world.resolve().edges:
            for line in edge.verdict.comparisons:
                assert not shown & {*line.left.split(", "), *line.right.split(", ")}

    @unhurried
    @given(world=worlds(links=False, popular=False), crowd=st.integers(1, 30), data=st.data())
    def test_a_crowd_that_crosses_the_cap_touches_nobody_elsewhere_and_when_gone_nobody_at_all(
        self, world: World, crowd: int, data: st.DataObject
    ) -> None:
        home = list(world.entries)
        before = _as_found(home)
        crowded = _as_found([*home, *strangers(crowd)])
        elsewhere = {entry.key for entry in _closed(world, before, data.draw(st.sampled_from(home)))}
        if not elsewhere & _beside_home(home, before):
            assert _told(crowded, elsewhere) == _told(before, elsewhere)
        assert _as_found(home) == before


def _beside_home(entries: list[Entry], found: Told) -> set[StableKey]:
    """Who shares a key with anybody in the component of a holder of HOME: without that number these may match whom it
    had told apart from them."""
    held = {one: keys.keys() for one, keys in population_of(entries).keys_told().items()}
    at_home = [some for some in _components(found).values() if any(HOME in one.features.phones for one in some)]
    theirs = {key for some in at_home for one in some for key in held[one.id]}
    return {entry.key for entry in entries if theirs & held[entry.id]}


def _values(world: World) -> list[tuple[str, int]]:
    return [(one.value, one.key) for one in shared_values(world.entries)]


def _as_found(entries: list[Entry]) -> Told:
    return told(entries, popular_in(population_of(entries).ready, MODEL), Links(), MODEL)


def _in_numbers(found: Partition) -> list[list[int]]:
    edges, asked = found.edges, found.questions
    columns = (found.anchors, found.components, edges.pairs.left, edges.pairs.right, edges.judgements, edges.weights)
    return [one.tolist() for one in (*columns, asked.pairs.left, asked.pairs.right, asked.kinds, asked.weights)]


def test_the_eleventh_person_on_a_phone_takes_its_word_away_and_gives_it_back_when_gone() -> None:
    home = records(shop=says("Kate Reid", phone=HOME), desk=says("Katherine Reid", phone=HOME))
    crowd = strangers(STANDARD.strong_cap - 1)
    assert "desk shop" in contacts(resolved([*home, *crowd[:-1]]))
    assert {"desk", "shop"} <= contacts(resolved([*home, *crowd]))
    assert resolved([*home, *crowd[1:]]).clusters != resolved([*home, *crowd]).clusters
    assert "desk shop" in contacts(resolved([*home, *crowd[1:]]))
