"""A row's record id: by the stream's `id:` setting, or the hash of what the row says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

MAX_ID = 500


class NoIdError(Exception):
    """The row names no usable id; the text says why, without the value."""


class IdOf:
    """Callable row -> id. `setting` is a column's title or a JMESPath expression; None takes the content's hash."""

    def __init__(self, setting: str | None) -> None:
        self.setting = setting
        self._expression = None
        if setting is not None:
            try:
                self._expression = jmespath.compile(setting)
            except JMESPathError:
                self._expression = None

    @property
    def column(self) -> str | None:
        """The column that must be there, or None when any row has an id or an expression finds it."""
        if self._expression is None or self._expression.parsed["type"] == "field":
            return self.setting
        return None

    def __call__(self, row: Mapping[str, Any]) -> str:
        """Raises NoIdError."""
        if self.setting is None:
            return content_hash(row)
        return _usable(self._find(row, self.setting), self.setting)

    def _find(self, row: Mapping[str, Any], setting: str) -> object:
        if setting in row:
            return row[setting]
        if self._expression is None:
            return None
        try:
            return self._expression.search(row)
        except JMESPathError as error:
            raise NoIdError(f"the id {setting!r} cannot be worked out for it") from error


def _usable(value: object, setting: str) -> str:
    if value is None:
        raise NoIdError(f"has no id: {setting!r} is not there")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise NoIdError(f"has no usable id: {setting!r} is neither text nor a whole number")
    text = str(value).strip()
    if not text:
        raise NoIdError(f"has no id: {setting!r} is empty")
    if len(text) > MAX_ID or not text.isprintable():
        raise NoIdError(f"has no usable id: {setting!r} is longer than {MAX_ID} characters or holds unprintable ones")
    return text


def content_hash(row: Mapping[str, Any]) -> str:
    """32 hexadecimal digits; the order of the columns does not matter."""
    text = json.dumps(row, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]
