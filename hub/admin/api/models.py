"""The forms that the resources share: what callers send is strict, what they get is only what is declared."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST = 100
"""The longest page of a list."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]
"""A name or an id."""

Words = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]
"""What people write."""

CursorText = Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Za-z0-9_-]*$")]
Limit = Annotated[int, Field(ge=1, le=MOST)]
Number = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""A row's number, within what every JSON reader takes."""


class Sent(BaseModel):
    """What a caller sends: each value of its own type, and nothing that is not asked for."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Told(BaseModel):
    """What the hub answers; of a document from the queries, what is declared here."""

    model_config = ConfigDict(extra="ignore", from_attributes=False)


class Nothing(Sent):
    """No parameters."""


class Page(Sent):
    """Which part of a list."""

    limit: Limit = Field(default=50, description="How many at most.")
    cursor: CursorText = Field(default="", description="`next` of the page before; the first page without.")


class Heading(Told):
    """A contact's line in a list."""

    id: str
    name: str
    email: str
    phone: str
    records: int
