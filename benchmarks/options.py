"""Options of the benchmarks that are lists."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection


def numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",") if one]


def list_of(known: Collection[str]) -> Callable[[str], list[str]]:
    """For argparse: the names between commas, all of them known."""

    def parsed(text: str) -> list[str]:
        found = [one for one in text.split(",") if one]
        if unknown := set(found) - set(known):
            raise argparse.ArgumentTypeError(f"not known: {', '.join(sorted(unknown))}")
        return found

    return parsed
