"""Operating the pull stage: which fields a stream's raw records have, so that it is noticed when they become others."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.store.columns import KeyText, Moment


class StreamField(SQLModel, table=True):
    """One field of a stream's raw records, with one kind of value: text, number, flag, object, list.

    Counted in records that were looked at, of which the stream has had `looked` (`stream_state`): the field was seen
    in `seen` of those from `first_look` to `last_look`. `late`: it appeared after the stream had been read once.
    `sample` shows the form of a value, never the value.
    """

    __tablename__ = "stream_field"

    connection: str = Field(sa_type=KeyText, primary_key=True)
    stream: str = Field(sa_type=KeyText, primary_key=True)
    field: str = Field(sa_type=KeyText, primary_key=True)
    kind: str = Field(sa_type=KeyText, primary_key=True)
    first_seen_at: datetime = Field(sa_type=Moment)
    last_seen_at: datetime = Field(sa_type=Moment)
    seen: int = 0
    first_look: int = 0
    last_look: int = 0
    late: bool = False
    sample: str = ""
