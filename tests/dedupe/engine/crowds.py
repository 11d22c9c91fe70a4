"""Crowds: many records that share one thing, and how many pairs of them are judged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dedupe.engine import judging
from dedupe.engine.levels import Level
from dedupe.engine.pairs import Pairs
from dedupe.engine.population import Entry
from dedupe.engine.table import Table
from tests.dedupe.cast import HOME, record, says


def word(number: int) -> str:
    """A word of eight letters; the words of different numbers differ in several."""
    scrambled = (number + 1) * 2654435761 % 26**8
    return "".join(chr(ord("a") + scrambled // 26**place % 26) for place in range(8))


def strangers(count: int) -> list[Entry]:
    """Differently named people on one phone."""
    return [
        record(f"p{number:04}", says(f"{word(number)} {word(number * 7919 + 13)}", phone=HOME), number)
        for number in range(count)
    ]


def walk_ins(count: int, name: str = "") -> list[Entry]:
    """What a till writes down: one phone for everybody, and the address the receipt went to."""
    return [
        record(f"w{number:04}", says(name, email=f"{word(number)}@example.com", phone=HOME), number)
        for number in range(count)
    ]


def counting_pairs(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """From now on, how many pairs have been compared."""
    sizes: list[int] = []
    compare = judging.levels_of

    def counting(table: Table, pairs: Pairs) -> Level:
        sizes.append(len(pairs))
        return compare(table, pairs)

    monkeypatch.setattr(judging, "levels_of", counting)
    return lambda: sum(sizes)
