"""What is judged for many at once is what the rules say of each: names, addresses, numbers and mailboxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from dedupe.engine import mails, namings, placings
from dedupe.engine.coding import WITHIN, Ids, code_sets
from dedupe.engine.levels import NAME, PHONE, levels_of
from dedupe.engine.namings import Naming
from dedupe.engine.pairs import Pairs
from dedupe.engine.placings import Placing
from dedupe.engine.record import Features, columns_of
from dedupe.engine.sketches import alike, fewest_edits, sketches_of, within_edits
from dedupe.engine.table import Table, table_of
from dedupe.engine.wordings import FIRST, LAST, Words, levels_of_firsts, levels_of_lasts
from dedupe.mailboxes import form_of
from dedupe.names.levels import first_level, last_level
from dedupe.phones import phone_level
from tests.dedupe.cast import unhurried

GIVEN = [
    "kate",
    "katherine",
    "cathy",
    "kat",
    "robert",
    "roberta",
    "rob",
    "bob",
    "jon",
    "john",
    "ron",
    "mary-jane",
    "mary",
    "maryjane",
    "m",
    "mj",
    "mary-ann",
    "m-j",
    "maria",
    "mario",
    "jo",
    "zoe",
    "zebediah",
    "zebedia",
    "zebdiah",
    "tim",
    "jim",
    "dostoyevsky",
    "mueller",
    "muller",
    "anna",
    "ann",
    "a",
]
FAMILY = [
    "smith",
    "smyth",
    "smiths",
    "smith-jones",
    "jones",
    "jones-smith",
    "smit",
    "cruz",
    "delacruz",
    "reid",
    "reed",
    "reiss",
    "vanderberg",
    "berg",
    "mueller",
    "muller",
    "dostoyevsky",
    "dostoevskiy",
    "garcia",
    "garcia-lopez",
    "lopez-garcia-marquez-ruiz-diaz",
    "garcialopez",
    "ng",
    "kate",
    "katherine",
    "s",
]

slips = st.one_of(st.just(""), st.sampled_from(["x", "e", "n", "-", "q"]))


@st.composite
def words(draw: st.DrawFn, known: Sequence[str]) -> str:
    """A word of the list, often with a slip in it."""
    word = draw(st.sampled_from(known))
    at = draw(st.integers(0, len(word)))
    cut = draw(st.sampled_from([0, 0, 0, 1, 3]))
    return (word[:at] + draw(slips) + word[at + cut :]).strip("-") or word


def every_pair(count: int) -> tuple[Ids, Ids]:
    left, right = np.triu_indices(count)
    return left.astype(np.int32), right.astype(np.int32)


@unhurried
@given(st.lists(st.one_of(words(GIVEN), words(FAMILY)), min_size=1, max_size=12, unique=True))
def test_words_of_names(texts: list[str]) -> None:
    found = Words(["", *texts])
    left, right = every_pair(len(texts) + 1)
    for judge, rule, levels in ((levels_of_firsts, first_level, FIRST), (levels_of_lasts, last_level, LAST)):
        told = [levels[level] for level in judge(found, left, right).tolist()]
        both = zip(left.tolist(), right.tolist(), strict=True)
        assert told == [rule(found.texts[one], found.texts[other]) for one, other in both]


parts_of_names = st.one_of(
    st.tuples(
        st.one_of(st.just(""), words(GIVEN)),
        st.one_of(st.just(""), words(GIVEN), st.sampled_from(["j", "jane", "mary jane", "garcia", "p q"])),
        st.one_of(st.just(""), words(FAMILY)),
        st.sampled_from(["", "", "jr", "sr", "ii"]),
        st.sampled_from(["", "", "", "kate", "*"]),
        st.just(""),
    ),
    st.sampled_from([("", "", "", "", "", "acme"), ("", "", "", "", "", "acmes")]),
).filter(any)


@unhurried
@given(st.lists(parts_of_names, min_size=2, max_size=8))
def test_whole_names(everyone: list[tuple[str, ...]]) -> None:
    names = table_of(columns_of([Features(name=WITHIN.join(parts)) for parts in everyone])).names
    naming = Naming(names, NAME)
    assert_alike(naming, namings, len(names.whole.values))


def assert_alike(judge: Naming | Placing, module: object, count: int) -> None:
    """The way of many and the rule itself."""
    left, right = every_pair(count)
    told = left > 0
    left, right = left[told], right[told]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEW", 0)
        at_once = judge.judge(left, right)
        patch.setattr(module, "FEW", 1_000)
        assert at_once.tolist() == judge.judge(left, right).tolist()


parts_of_places = st.tuples(
    st.sampled_from(["", "12", "12a", "12b", "12-14", "13"]),
    st.sampled_from(["", "highstreet", "high", "hihgstreet", "lowroad", "ruepaix", "paix", "5thstreet", "6thstreet"]),
    st.sampled_from(["", "", "4", "5", "a", "4 level 2"]),
    st.sampled_from(["", "", "", "po 12", "po 13"]),
    st.sampled_from(["", "3000", "3001", "3010", "4711"]),
    st.sampled_from(["", "melbourne", "melborne", "perth", "pertt"]),
    st.sampled_from(["", "AU", "US"]),
).filter(any)


@unhurried
@given(st.lists(parts_of_places, min_size=2, max_size=8))
def test_addresses(everyone: list[tuple[str, ...]]) -> None:
    places = table_of(columns_of([Features(addresses=WITHIN.join(parts)) for parts in everyone])).places
    assert_alike(Placing(places), placings, len(places.sets.values))


NUMBERS = [
    "+61491570156",
    "+61491570157",
    "+61491570165",
    "+61491571056",
    "+614915701567",
    "+61491570156;ext=12",
    "+61491570157;ext=12",
    "+61491570156;ext=7",
    "+61491570156x7",
    "+12025550123",
    "+12025550132",
    "+1202555",
    "007",
]


def test_numbers() -> None:
    table = table_of(columns_of([Features(phones=number) for number in NUMBERS]))
    told = levels_of(table, pairs_of_all(table))[:, 2]
    for level, one, other in zip(told.tolist(), *both(NUMBERS), strict=True):
        is_near = OSA.distance(one, other) <= 2 or one.partition(";")[0] == other.partition(";")[0]
        assert PHONE[level] == (phone_level(one, other) if is_near else "different")


def pairs_of_all(table: Table) -> Pairs:
    left, right = np.triu_indices(table.size, 1)
    return Pairs(left, right)


def both(values: Sequence[str]) -> tuple[list[str], list[str]]:
    left, right = np.triu_indices(len(values), 1)
    return [values[at] for at in left.tolist()], [values[at] for at in right.tolist()]


locals_ = st.sampled_from(
    [
        "alice",
        "alice.reid",
        "a.lice",
        "alice-reid",
        "alice_reid",
        "alice.reid+shop",
        "info",
        "info.perth",
        "info2",
        "sales-team",
        "noreply",
        "x12",
        "123456",
        "12345",
        "alice1",
        "xx",
        "a",
        "000",
        "...",
        "anna1985",
        "ÄRGER",
        "ärger",
        "jürgen",
        "rn",
        "m",
        "o0l1i",
        "alice2000",
        "alice@home",
    ]
)
domains = st.sampled_from(
    [
        "gmail.com",
        "googlemail.com",
        "example.com",
        "example.org",
        "yahoo.com",
        "xn--bcher-kva.example.com",
        "example.net",
        "hotmail.com",
    ]
)
addresses = st.one_of(
    st.tuples(locals_, domains).map("@".join),
    st.sampled_from(
        ["no at all", "@", "a@", "@example.com", "a\n@example.com", f"{'a' * 400}@example.com", "\ud800@x"]
    ),
)


@unhurried
@given(st.lists(addresses, max_size=12))
def test_mailboxes(values: list[str]) -> None:
    sets = code_sets(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mails, "FEW", -1)
        at_once = mails.mails_of(sets)
        patch.setattr(mails, "FEW", 1_000)
        one_by_one = mails.mails_of(sets)
    for part in ("boxes", "locals", "letters", "plain", "role"):
        assert getattr(at_once, part).tolist() == getattr(one_by_one, part).tolist(), part


@unhurried
@given(st.lists(addresses, max_size=12))
def test_what_the_eye_sees_of_mailboxes(values: list[str]) -> None:
    looks = mails.looks_of(values).tolist()
    skeletons = [form_of(value).skeleton for value in values]
    assert [one == looks[0] for one in looks] == [one == skeletons[0] for one in skeletons]


@unhurried
@given(st.lists(st.text("abc-é \n", max_size=6), min_size=1, max_size=8, unique=True))
def test_a_sketch_never_denies_what_is_so(texts: list[str]) -> None:
    left, right = every_pair(len(texts))
    sketches = sketches_of(texts)
    one, other = [texts[at] for at in left.tolist()], [texts[at] for at in right.tolist()]
    edits = [OSA.distance(a, b) for a, b in zip(one, other, strict=True)]
    assert (fewest_edits(sketches, left, right) <= edits).all()
    assert within_edits(texts, sketches, left, right, 2).tolist() == [edit <= 2 for edit in edits]
    likeness = [JaroWinkler.similarity(a, b, score_cutoff=0.82) > 0 for a, b in zip(one, other, strict=True)]
    assert alike(texts, sketches, left, right, 0.82).tolist() == likeness
