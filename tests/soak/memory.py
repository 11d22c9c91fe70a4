"""How much memory the long-lived processes hold, sampled from /proc, and whether that grows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1 << 20

MOST_SHARE, MOST_MB = 0.10, 5.0
"""What a process may hold more in the last third of its life than in the second: this share and so much."""

SHORTEST = 60.0
"""Seconds of a life that tells anything."""

Sample = tuple[float, float]
"""Seconds and MB."""


@dataclass(frozen=True)
class Verdict:
    """What one process held, in MB: the medians of its second and last third, and by how much it grew a minute."""

    name: str
    seconds: float
    second: float
    last: float
    slope: float

    @property
    def is_flat(self) -> bool:
        return self.last <= self.second * (1 + MOST_SHARE) + MOST_MB

    def as_json(self) -> dict[str, Any]:
        told = {"second_third_mb": self.second, "last_third_mb": self.last, "mb_per_minute": self.slope}
        return {
            "name": self.name,
            "seconds": round(self.seconds),
            **{key: round(value, 2) for key, value in told.items()},
        }


@dataclass
class Memory:
    """Samples by process: a name and its number, for a name's process may be followed by another."""

    samples: dict[tuple[str, int], list[Sample]] = field(default_factory=dict)

    def sample(self, now: float, processes: Mapping[str, int]) -> None:
        for name, pid in processes.items():
            held = resident(pid)
            if held is not None:
                self.samples.setdefault((name, pid), []).append((now, held))

    def verdicts(self) -> list[Verdict]:
        """Of everybody who lived long enough, the longest life first."""
        found = [judged(name, told) for (name, _), told in self.samples.items() if _life(told) >= SHORTEST]
        return sorted(found, key=lambda verdict: (-verdict.seconds, verdict.name))


def judged(name: str, told: Sequence[Sample]) -> Verdict:
    """Compare the thirds of a life: what happens in the first one is warming up."""
    begin, life = told[0][0], _life(told)
    second = [sample for sample in told if life / 3 <= sample[0] - begin < life * 2 / 3]
    last = [sample for sample in told if sample[0] - begin >= life * 2 / 3]
    middle = [median(held for _, held in part) for part in (second, last)]
    return Verdict(name, life, middle[0], middle[1], 60 * _slope([*second, *last]))


def resident(pid: int) -> float | None:
    """MB; None where the process is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / MB
    except (FileNotFoundError, ProcessLookupError):
        return None


def _life(told: Sequence[Sample]) -> float:
    return told[-1][0] - told[0][0]


def _slope(told: Sequence[Sample]) -> float:
    """Of the straight line through the samples, by least squares."""
    at, held = fmean(one for one, _ in told), fmean(one for _, one in told)
    width = sum((one - at) ** 2 for one, _ in told)
    return sum((one - at) * (mb - held) for one, mb in told) / width if width else 0.0
