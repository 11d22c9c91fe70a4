"""What the configuration files may say, file by file. Nothing is read or looked up here."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.settings.values import Cron, Duration, Region, Share, Timezone, failure
from mapping.models import RecordKind

Count = Annotated[int, Field(strict=True, ge=0)]
Flag = Annotated[bool, Field(strict=True)]
Channel = Literal["email", "sms", "voice", "whatsapp", "push", "post"]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Identity(Model):
    """How records become contacts. `merge_from`: the lowest band that is merged without asking anybody.

    `model`: the name of one that is shipped, or of a YAML file in the configuration folder.
    """

    model: Annotated[str, Field(min_length=1)] = "standard"
    merge_from: Literal["automatic", "likely"] = "automatic"


class Hold(Model):
    """How many quarantined rows make a run `held`: more than `rows`, or more than this share of the rows."""

    rows: Count = 100
    share: Share = 0.01


class HubFile(Model):
    """hub.yaml. `region`: the country of phone numbers written without one. `installation` is part of public ids."""

    version: Literal[1] = 1
    database: Annotated[str, Field(min_length=1)] = "sqlite:///hub.db"
    region: Region | None = None
    timezone: Timezone = "UTC"
    installation: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = "contact-hub"
    identity: Identity = Identity()
    hold: Hold = Hold()


class StreamSettings(Model):
    """One entry of `streams:`. `every` or `cron` schedules it; `id`, `record`, `map` lie over the vendor's mapping."""

    every: Duration | None = None
    cron: Cron | None = None
    timezone: Timezone | None = None
    lookback: Duration | None = None
    id: Annotated[str, Field(min_length=1)] | None = None
    record: RecordKind | None = None
    map: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if self.every is not None and self.cron is not None:
            raise failure("HUB-C025", "both 'every' and 'cron' are set", {"hint": "keep one of them"})
        if self.every is not None and self.every <= timedelta(0):
            raise failure("HUB-C026", "'every' must be longer than nothing")
        return self


class Guard(Model):
    """Stops a push that changes more than this share, or this number, of the rows."""

    changes: Share = 0.1
    rows: Count = 1000


class PushSettings(Model):
    """What may leave for this connection. `first`: whether the first push of grants and segments waits for a person."""

    mode: Literal["off", "plan", "auto"] = "off"
    first: Literal["approve", "auto"] = "approve"
    create: Literal["never", "segment"] = "never"
    guard: Guard = Guard()
    consent: tuple[Channel, ...] = ()
    segments: dict[str, Annotated[str, Field(min_length=1)]] = {}


class ConnectionFile(Model):
    """connections/NAME.yaml. `config` is judged by the connector's own model, `map` by the mapping's."""

    kind: Annotated[str, Field(min_length=1)]
    config: dict[str, Any] = {}
    streams: dict[str, StreamSettings | None] | None = None
    push: PushSettings = PushSettings()
    paused: Flag = False
