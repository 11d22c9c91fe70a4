"""The `config:` block of a files connection."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.json_schema import SkipJsonSchema


class FilesConfig(BaseModel):
    """Which files to read, and how. `path` is a glob (`**` goes into subfolders), absolute by the time it is here.

    `encoding` None: what the byte order mark says, else UTF-8. `delimiter` None: told from each file's header.
    `ids` is not written by operators: the settings loader puts each stream's `id:` here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, json_schema_extra={"relative_to": "root"})
    format: Literal["csv", "jsonl"]
    encoding: str | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    ids: SkipJsonSchema[dict[str, str]] = Field(default_factory=dict)

    @field_validator("encoding")
    @classmethod
    def _must_be_known(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError(f"{value!r} is no text encoding; try utf-8, cp1252 or utf-16") from error
        return value
