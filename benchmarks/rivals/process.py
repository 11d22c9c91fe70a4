"""Runs a program to its end in a process of its own, and tells what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")
UNITS_PER_MIB = 1024 * 1024 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Measured:
    """What one program cost.

    `cpu_seconds` is user and system time of the program, its threads and the children it waited for; `peak_mib` is
    the largest resident set of any one of these processes, never less than the launcher's (about 10);
    `returncode` is negative when a signal ended the program.
    """

    seconds_wall: float
    cpu_seconds: float
    peak_mib: float
    returncode: int


def run_measured(args: list[str], told: Path | None = None) -> Measured:
    """Runs `args` without a shell; the program inherits folder and environment, and streams unless `told` takes them.

    Raises FileNotFoundError where there is no such program. A program that fails raises nothing: read `returncode`.
    """
    reader, writer = os.pipe()
    with open(reader, encoding="ascii") as report:
        try:
            launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(writer), *args]
            with nullcontext() if told is None else told.open("wb") as out:
                subprocess.run(launcher, pass_fds=(writer,), check=True, stdout=out, stderr=out)
        finally:
            os.close(writer)
        numbers = report.read().split()
    if not numbers:
        raise FileNotFoundError(args[0])
    wall, user, system, peak, code = numbers
    return Measured(float(wall), float(user) + float(system), float(peak) / UNITS_PER_MIB, int(code))
