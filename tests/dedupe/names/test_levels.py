"""The levels of first names, surnames and suffixes, word against word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.names.compare import DOMAINS
from dedupe.names.levels import first_level, last_level, suffix_level
from tests.dedupe.cast import unhurried

FIRST_NAMES = """
missing   : -/alice -/-
same      : alice/alice mary-jane/maryjane bjorn/bjoern soren/soeren
nickname  : kate/katherine bob/robert bobby/bob sean/shaun philip/phillip aleksandr/alexander aleksandr/sasha
nickname  : giuseppe/beppe francisco/paco francisco/pancho jose/pepe joao/joaozinho hans/johannes dmitri/dima
nickname  : mohammed/muhammad mohammed/mehmet georgios/george katarzyna/kasia willem/wim nikolaos/nick yusuf/youssef
initial   : j/john a/alice a/a-b
similar   : alicia/alcia thuy/thyu cathe/catherine anthnoy/tony mary-jane/mary m-j/mary-jane elisabeth/elizabth
other     : robert/roberta maria/mario andrew/andrea daniel/danielle paul/paula henri/henrietta michaela/mike
other     : alexander/alexandra christopher/christine patrick/patricia joseph/josephine stephan/stephanie
other     : jon/ron dana/dane maria/marta tim/jim erik/erika alan/alana carl/cara dan/dana
other     : guillermo/william patricia/patrick anjali/anjana mary-ann/mary-jane alice/bob p/bob al/bo
"""

SURNAMES = """
missing   : -/reid -/-
same      : reid/reid muller/mueller schroder/schroeder bohm/boehm smith-jones/smithjones
same      : dostoyevsky/dostoevskiy ivanov/ivanoff kowalski/kowalsky shcherbakov/scherbakov chaikovsky/tchaikovsky
same      : papadopoulos/papadopulos alhassan/elhassan
similar   : thistlewood/thistlewod bracegirdle/bracegridle hansen/hanson mcdonald/macdonald ivanov/ivanova
part      : smith/smith-jones garcia/garcia-lopez smith-jones/jones-smith cruz/delacruz vanderberg/berg
part      : mueller/muller-reid
other     : reid/ried reid/reed smith/jones morris/norris hansen/jansen smith-jones/smith-reid reyes/rees son/robinson
other     : smith/smithson paez/paz
"""


def _rows(table: str) -> list[tuple[str, str, str]]:
    found = []
    for line in table.strip().splitlines():
        level, _, pairs = line.partition(":")
        for pair in pairs.split():
            left, right = ("" if word == "-" else word for word in pair.split("/"))
            found.append((left, right, level.strip()))
    return found


@pytest.mark.parametrize(("left", "right", "level"), _rows(FIRST_NAMES))
def test_first_names(left: str, right: str, level: str) -> None:
    assert first_level(left, right) == first_level(right, left) == level


@pytest.mark.parametrize(("left", "right", "level"), _rows(SURNAMES))
def test_surnames(left: str, right: str, level: str) -> None:
    assert last_level(left, right) == last_level(right, left) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [("", "", "missing"), ("jr", "jr", "same"), ("jr", "", "one"), ("jr", "sr", "other")],
)
def test_suffixes(left: str, right: str, level: str) -> None:
    assert suffix_level(left, right) == suffix_level(right, left) == level


some_words = st.one_of(
    st.sampled_from(["robert", "roberta", "bob", "bobby", "mary-jane", "mary", "jane", "delacruz", "cruz"]),
    st.sampled_from(["mueller", "muller", "smith-jones", "jones", "dostoevsky", "dostoyevskij", "papadakis"]),
    st.text("aeimnorstu-", max_size=8).map(lambda word: word.strip("-")),
)


@given(some_words, some_words)
@unhurried
def test_it_does_not_matter_which_comes_first(left: str, right: str) -> None:
    assert first_level(left, right) == first_level(right, left)
    assert first_level(left, right) in DOMAINS["first"]
    assert last_level(left, right) == last_level(right, left)
    assert last_level(left, right) in DOMAINS["last"]


@given(some_words.filter(bool))
@unhurried
def test_every_name_is_the_same_as_itself(word: str) -> None:
    assert first_level(word, word) == last_level(word, word) == "same"
