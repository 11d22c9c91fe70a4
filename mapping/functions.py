"""The functions a mapping's expressions may call, and no others: JMESPath's harmless ones and our few for text."""

from __future__ import annotations

from string import capwords
from typing import Any

from jmespath import functions

from mapping.normalise import NotNormal
from mapping.normalise.text import as_text

MAX_SIZE = 100_000
"""Characters of a text that one function may make."""

# Unchecked by JMESPath, which knows types by name and has never heard of Decimal; `_plain` refuses lists and objects.
_TEXT: Any = {"types": []}
_LIST: Any = {"types": ["array", "null"]}

_HARMLESS = """
abs avg ceil contains ends_with floor join keys length max min not_null reverse sort starts_with sum
to_array to_number to_string type values
"""


def _plain(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else as_text(value)


def _refuse_larger(size: int) -> None:
    if size > MAX_SIZE:
        raise NotNormal("expression_failed", "the expression makes a text that is too long")


class Functions(functions.Functions):
    """Null in, null out, so that a missing value stays missing through any of them."""

    @functions.signature(_TEXT)
    def _func_lower(self, value: Any) -> str | None:
        text = _plain(value)
        return text if text is None else text.lower()

    @functions.signature(_TEXT)
    def _func_upper(self, value: Any) -> str | None:
        text = _plain(value)
        return text if text is None else text.upper()

    @functions.signature(_TEXT)
    def _func_title(self, value: Any) -> str | None:
        text = _plain(value)
        return text if text is None else capwords(text)

    @functions.signature(_TEXT)
    def _func_trim(self, value: Any) -> str | None:
        text = _plain(value)
        return text if text is None else text.strip()

    @functions.signature(_TEXT)
    def _func_digits(self, value: Any) -> str | None:
        text = _plain(value)
        return text if text is None else "".join(c for c in text if c in "0123456789")

    @functions.signature(_TEXT, {"types": ["string"]}, {"types": ["string"]})
    def _func_replace(self, value: Any, old: str, new: str) -> str | None:
        text = _plain(value)
        if text is None or not old:
            return text
        _refuse_larger(len(text) + text.count(old) * len(new))
        return text.replace(old, new)

    @functions.signature(_TEXT, {"types": ["string"]})
    def _func_split(self, value: Any, separator: str) -> list[str] | None:
        text = _plain(value)
        if text is None:
            return None
        return [part.strip() for part in (text.split(separator) if separator else [text]) if part.strip()]

    @functions.signature(_TEXT, {"types": ["string"]})
    def _func_after(self, value: Any, separator: str) -> str | None:
        """What stands after the first separator; null when there is none."""
        text = _plain(value)
        if text is None or not separator or separator not in text:
            return None
        return text.split(separator, 1)[1]

    @functions.signature(_TEXT, {"types": ["string"]})
    def _func_before(self, value: Any, separator: str) -> str | None:
        """What stands before the first separator; the whole text when there is none."""
        text = _plain(value)
        return text if text is None or not separator else text.split(separator, 1)[0]

    @functions.signature(_LIST)
    def _func_concat(self, values: list[Any] | None) -> str | None:
        """The values after one another, without those that are null; null when all are."""
        parts = [text for text in map(_plain, values or []) if text is not None]
        _refuse_larger(sum(map(len, parts)))
        return "".join(parts) if parts else None

    @functions.signature(_LIST)
    def _func_coalesce(self, values: list[Any] | None) -> Any:
        """The first value that is neither null nor empty text."""
        return next((value for value in values or [] if value is not None and value != ""), None)


_OWN = frozenset(Functions.FUNCTION_TABLE) - frozenset(functions.Functions.FUNCTION_TABLE)
ALLOWED = _OWN | frozenset(_HARMLESS.split())


def takes(name: str, count: int) -> bool:
    """Whether the function may be called with so many arguments."""
    arguments = Functions.FUNCTION_TABLE[name]["signature"]
    if arguments and arguments[-1].get("variadic"):
        return count >= len(arguments)
    return count == len(arguments)
