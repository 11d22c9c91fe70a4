"""The one filter before anything that watches says a word: no secret, no address of a person, no control character."""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.kit.redact import HIDDEN, redact

LONGEST = 2_000

_EMAIL = re.compile(r"[^\s@<>\"'(),:;=/]{1,99}(?:@|%40)[^\s@<>\"'(),:;=/]{1,255}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.:/-])(?:\+\d|\(0|0\d)[\d ().-]{5,}\d(?!\w)|(?<![\w.-])\d{9,15}(?![\w.])")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


class Cleaner:
    """Makes texts fit to be logged, sent and shown. `secrets` are the values that no output may hold."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def __call__(self, text: str) -> str:
        """The text without secrets and addresses; what steers a terminal or breaks a line is written out (\\x1b)."""
        clean = redact(text, self._secrets)
        if len(clean) > LONGEST:
            clean = f"{clean[:LONGEST].rpartition(' ')[0]} …"  # not in the middle of an address
        for personal in (_EMAIL, _PHONE):
            clean = personal.sub(HIDDEN, clean)
        return _UNSEEN.sub(_written_out, clean)


def _written_out(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
