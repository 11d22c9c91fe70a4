"""Reading the package's own word lists: one entry a line, blank lines and lines that begin with # left out."""

from __future__ import annotations

from importlib.resources import files


def lines_of(file_name: str) -> list[list[str]]:
    """The words of each entry of a file in `dedupe/names/data`."""
    text = files("dedupe.names").joinpath("data", file_name).read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]
