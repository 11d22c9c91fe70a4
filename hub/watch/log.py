"""The log: one line an event, as JSON for machines or as text for a person, everything in it cleaned.

An event is logged as `log.info("run.ended", extra=fields(run=12, seconds=3.2))`; any other record of `logging` becomes
an event with the logger's name and a `message`.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from hub.watch.clean import Cleaner

ATTRIBUTE = "hub_fields"
FIRST = ("run", "connection", "stream", "destination", "seconds")
"""The fields that come right after time, level and event, in this order; the others follow as they were given."""

QUIETEST_OF_OTHERS = logging.WARNING
"""What libraries say below this is no event of the hub."""


def fields(**values: Any) -> dict[str, Any]:
    """What is told of an event: names, numbers and words that are fixed. Never what a vendor or a person said."""
    return {ATTRIBUTE: {name: value for name, value in values.items() if value is not None}}


def begin(form: str | None, level: str, secrets: Iterable[str]) -> None:
    """Log to stderr from now on: `form` is json or text, None for text on a terminal. Called again it starts anew."""
    chosen = form or ("text" if sys.stderr.isatty() else "json")
    cleaner = Cleaner(secrets)
    handler = _ToStderr()
    handler.setFormatter(Text(cleaner) if chosen == "text" else Json(cleaner))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _ToStderr)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(max(QUIETEST_OF_OTHERS, _number(level)))
    logging.getLogger("hub").setLevel(_number(level))


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


class _ToStderr(logging.Handler):
    """Writes to whatever stderr is at that moment. A log that cannot be written (a full disk) stops nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            pass


class _Formatter(logging.Formatter):
    def __init__(self, cleaner: Cleaner) -> None:
        super().__init__()
        self._clean = cleaner

    def document(self, record: logging.LogRecord) -> dict[str, Any]:
        """The event with its fixed fields first."""
        given: dict[str, Any] | None = getattr(record, ATTRIBUTE, None)
        own = {"message": record.getMessage()} if given is None else given
        ordered = {name: own[name] for name in FIRST if name in own} | own
        if record.exc_info and record.exc_info[1] is not None:
            ordered["error"] = _whereabouts(record.exc_info[1])
        return {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": self._clean(record.name if given is None else str(record.msg)),
            **{name: self._cleaned(value) for name, value in ordered.items()},
        }

    def _cleaned(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._clean(str(value))


class Json(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return orjson.dumps(self.document(record), default=str).decode()


class Text(_Formatter):
    """`11:04:09 info    run.ended run=12 connection=shop stream=customers seconds=3.2 status=ok`, in local time."""

    def format(self, record: logging.LogRecord) -> str:
        document = self.document(record)
        clock = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        words = [clock, f"{document.pop('level'):<7}", document.pop("event")]
        del document["time"]
        return " ".join([*words, *(f"{name}={value}" for name, value in document.items())])


def _whereabouts(error: BaseException) -> str:
    """An error's kind and place; its text may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name} ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{place}"
