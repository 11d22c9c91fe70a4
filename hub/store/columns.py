"""The column types all tables share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from hub.store.jsontext import dumps, loads

KeyText: TypeEngine[str] = String().with_variant(String(collation="C"), "postgresql")
"""Text compared by bytes on both databases, so that order never depends on a locale."""

RowId: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key; SQLite counts up only in columns of exactly this type."""

Moment: TypeEngine[datetime] = UTCDateTime()
"""An aware UTC time."""


class JsonText(TypeDecorator[Any]):
    """A JSON value kept as text with sorted keys: the same bytes on both databases. Replace it, never edit in place."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else loads(value)
