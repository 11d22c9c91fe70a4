"""A child's cost is the child's: its time, its memory, its end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.rivals.process import run_measured


def python(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program]


def test_a_child_that_works_spends_processor_time_and_one_that_sleeps_only_waits() -> None:
    busy = run_measured(python("import time\nwhile time.process_time() < 0.3: pass"))
    asleep = run_measured(python("import time\ntime.sleep(0.5)"))

    assert busy.cpu_seconds >= 0.3
    assert asleep.seconds_wall >= 0.5
    assert asleep.cpu_seconds < 0.3


def test_the_work_of_threads_is_the_childs() -> None:
    program = """
import hashlib, threading
work = lambda: hashlib.pbkdf2_hmac("sha256", b"", b"", 300_000)
import time
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    alone = run_measured(python(program.replace("range(4)", "range(1)")))
    four = run_measured(python(program))

    assert four.cpu_seconds > 2 * alone.cpu_seconds


def test_the_peak_is_the_largest_the_child_ever_was_whatever_its_parent_holds() -> None:
    held = bytes([1]) * (256 * 1024 * 1024)
    small = run_measured(python("pass"))
    large = run_measured(python("blob = bytes([1]) * (64 * 1024 * 1024); del blob"))

    assert small.peak_mib < len(held) // (1024 * 1024)
    assert 60 < large.peak_mib - small.peak_mib < 80


def test_a_child_keeps_its_own_way_to_end(tmp_path: Path) -> None:
    done = tmp_path / "done"

    assert run_measured(python(f"open({str(done)!r}, 'w').close()")).returncode == 0
    assert done.exists()
    assert run_measured(python("raise SystemExit(3)")).returncode == 3
    assert run_measured(python("import os; os.kill(os.getpid(), 9)")).returncode == -9


def test_a_program_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run_measured([str(tmp_path / "no-such-program")])
