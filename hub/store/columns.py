"""The column types all tables share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Dialect, Integer, String, Text, type_coerce
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from hub.store.jsontext import dumps, loads

KeyText: TypeEngine[str] = String().with_variant(String(collation="C"), "postgresql")
"""Text compared by bytes on both databases, so that order never depends on a locale."""

RowId: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key; SQLite counts up only in columns of exactly this type."""


class _Moment(UTCDateTime):
    """For SQLite it writes and reads the very text that SQLAlchemy does, in a fifth of the time."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return _utc_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _utc_time if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _utc_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be kept")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:_WITHOUT_OFFSET]


def _utc_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


_WITHOUT_OFFSET = len("2026-11-22 00:00:00.000000")

LEAN: dict[str, Any] = {"sqlite_with_rowid": False}
"""For a table kept in the order of its primary key, without a second tree of rows: half the pages to write."""

Moment: TypeEngine[datetime] = _Moment()
"""An aware UTC time."""


class JsonText(TypeDecorator[Any]):
    """A JSON value kept as text with sorted keys: the same bytes on both databases. Replace it, never edit in place."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ARG002
        return json_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002
        return _json_value


def as_kept(column: Column[Any]) -> ColumnElement[Any]:
    """The column as the driver gives it: of a JSON value its text."""
    return type_coerce(column, Text) if isinstance(column.type, JsonText) else column


def json_text(value: Any) -> str | None:
    """How a JsonText column keeps a value."""
    return None if value is None else dumps(value)


def _json_value(text: str | None) -> Any:
    return None if text is None else loads(text)
