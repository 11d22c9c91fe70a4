"""64-bit hashes of texts and of other hashes: the same in every process, on every machine and in any company."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

Hashes = NDArray[np.uint64]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def hashes_of(values: Sequence[str]) -> Hashes:
    """A hash of each text; one that is no valid Unicode has one too."""
    try:
        return _hashes(map(str.encode, values), len(values))
    except UnicodeEncodeError:
        return _hashes((value.encode("utf-8", "backslashreplace") for value in values), len(values))


def hashes_of_bytes(values: Sequence[bytes]) -> Hashes:
    """The same for texts that are UTF-8 already."""
    return _hashes(values, len(values))


def _hashes(texts: Iterable[bytes], count: int) -> Hashes:
    return np.fromiter(map(xxh3_64_intdigest, texts), np.uint64, count)


def mixed(first: Hashes, *others: Hashes) -> Hashes:
    """One hash of several, in this order. For each a multiplication and a shift: what comes in are hashes already."""
    total = _stirred(first * _FACTOR)
    for one in others:
        total = _stirred((total + one) * _FACTOR)
    return total


def _stirred(total: Hashes) -> Hashes:
    total ^= total >> _HALF
    return total
