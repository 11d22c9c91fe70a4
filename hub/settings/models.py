"""What the configuration files may say, file by file. Nothing is read or looked up here."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator

from hub.settings.automations import Name, Subscriber, TaskRule
from hub.settings.network import Network
from hub.settings.reconcile import ReconcileSettings, check_schedule
from hub.settings.strict import Count as Count
from hub.settings.strict import Flag as Flag
from hub.settings.strict import Model as Model
from hub.settings.values import Cron, Duration, Region, Share, Timezone, failure
from hub.settings.watch_models import Alerts, Log, Metrics
from hub.settings.windows import Window
from mapping.models import RecordKind

Channel = Literal["email", "sms", "voice", "whatsapp", "push", "post"]


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


class Keep(Model):
    """How long what the hub remembers of its own work is kept: runs that ended, plans that were shown, events told.

    `reviewing`: questions that were put off. What somebody decided is kept for ever.
    """

    runs: Duration = timedelta(days=90)
    plans: Duration = timedelta(days=30)
    notices: Duration = timedelta(days=30)
    reviewing: Duration = timedelta(days=90)

    @model_validator(mode="after")
    def _a_day_at_least(self) -> Self:
        if min(self.runs, self.plans, self.notices, self.reviewing) < timedelta(days=1):
            raise failure("HUB-C026", "what is kept must be kept for a day at least", {"hint": "write 1d or more"})
        return self


class HubFile(Model):
    """hub.yaml. `region`: the country of phone numbers written without one. `installation` is part of public ids.

    `redis`: where `hub worker` and `hub scheduler` meet; `hub up` does without. `maintenance`: when nothing begins.
    """

    version: Literal[1] = 1
    database: Annotated[str, Field(min_length=1)] = "sqlite:///hub.db"
    redis: SecretStr | None = None
    maintenance: tuple[Window, ...] = ()
    region: Region | None = None
    timezone: Timezone = "UTC"
    installation: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = "contact-hub"
    identity: Identity = Identity()
    hold: Hold = Hold()
    keep: Keep = Keep()
    network: Network = Network()
    log: Log = Log()
    metrics: Metrics = Metrics()
    alerts: Alerts = Alerts()
    subscribers: dict[Name, Subscriber] = Field(default_factory=dict)
    tasks: dict[Name, TaskRule] = Field(default_factory=dict)


class StreamSettings(Model):
    """One entry of `streams:`. `every` or `cron` schedules it, `reconcile` whole reads of it beside that.

    `id`, `record`, `map` lie over the vendor's mapping.
    """

    every: Duration | None = None
    cron: Cron | None = None
    timezone: Timezone | None = None
    lookback: Duration | None = None
    reconcile: ReconcileSettings | None = None
    id: Annotated[str, Field(min_length=1)] | None = None
    record: RecordKind | None = None
    map: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        check_schedule(self.every, self.cron)
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
    segments: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)


class ConnectionFile(Model):
    """connections/NAME.yaml. `config` is judged by the connector's own model, `map` by the mapping's."""

    kind: Annotated[str, Field(min_length=1)]
    config: dict[str, Any] = Field(default_factory=dict)
    streams: dict[str, StreamSettings | None] | None = None
    push: PushSettings = PushSettings()
    paused: Flag = False
