"""The small parent that `process.run_measured` puts between itself and a program: run as a file, small.

Linux counts into a child's peak what its parent had in memory when it started the child, so that a bench holding a
million records would be read as the peak of every engine it starts.
"""

import os
import sys
import time


def main(report: int, args: list[str]) -> None:
    """Runs `args` and writes five numbers to the file descriptor `report`; nothing where there is no such program."""
    os.set_inheritable(report, False)
    started = time.perf_counter()
    try:
        child = os.posix_spawnp(args[0], args, os.environ)
    except FileNotFoundError:
        return
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    numbers = (seconds, usage.ru_utime, usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
    os.write(report, " ".join(map(str, numbers)).encode())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
