"""The `hub` command, killed as soon as the soak is no more: python -m tests.soak.leashed PARENT WORD..."""

from __future__ import annotations

import sys

from hub.cli import main
from hub.jobs.horse import die_with

if __name__ == "__main__":
    die_with(int(sys.argv.pop(1)))
    main()
