"""What consent.yaml may say. Whether the connections it names are there is told by `consent`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from connectors.kit.destination import Resubscribe
from hub.consent.policy import Due
from hub.settings.models import Channel, Flag, Model
from hub.settings.values import Duration, failure, read_duration, read_region
from mapping.normalise import NotNormal
from mapping.normalise.email import email

METHODS: Final = (
    "form",
    "double_opt_in",
    "checkbox",
    "keyword",
    "link",
    "one_click",
    "agent",
    "import",
    "sync_state",
)
"""How a yes can come about, as the mappings tell it."""

_ASCII_DOMAIN = re.compile(r"([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_BUSINESS_DAYS = re.compile(r"([0-9]{1,3})bd")


def read_due(value: object) -> Due:
    """5bd -> five business days; otherwise a duration."""
    found = _BUSINESS_DAYS.fullmatch(value) if isinstance(value, str) else None
    due = Due(business_days=int(found[1])) if found else Due(time=read_duration(value))
    if due == Due():
        raise failure("HUB-C026", "an opt-out needs some time to arrive", {"hint": "write 5bd, or 2d"})
    return due


def _jurisdiction(value: object) -> str:
    return "default" if value == "default" else read_region(value)


def _only_any(value: object) -> str:
    if value != "any":
        hint = {"hint": "write any, or remove the line"}
        raise failure("HUB-C036", "every connection may withdraw: a no counts wherever it was said", hint)
    return "any"


def _domain(value: object) -> str:
    """As in the keys of e-mail addresses: lower case, IDN as punycode."""
    if isinstance(value, str) and _ASCII_DOMAIN.fullmatch(value):
        return value.lower()
    try:
        return email(f"a@{value}").key.partition("@")[2]
    except NotNormal:
        raise failure("HUB-C005", "this is not a domain", {"hint": "write example.com, without an @"}) from None


def _some_time(value: timedelta) -> timedelta:
    if not value:
        raise failure("HUB-C026", "this must be longer than nothing")
    return value


def _a_day_at_least(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        hint = {"hint": "m is minutes; for a year write 365d"}
        raise failure("HUB-C026", "inferred consent lasts a day or longer", hint)
    return value


Jurisdiction = Annotated[str, BeforeValidator(_jurisdiction), WithJsonSchema({"type": "string"})]
DueTime = Annotated[
    Due,
    BeforeValidator(read_due),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]{1,3}bd|([0-9]{1,6}[smhdw])+)$"}),
]
Domain = Annotated[str, BeforeValidator(_domain), WithJsonSchema({"type": "string"})]
OnlyAny = Annotated[Literal["any"], BeforeValidator(_only_any)]
Word = Annotated[str, Field(min_length=1)]


class InferredSettings(Model):
    """The operator's own legal call: buying counts as a yes, for so long, from these connections."""

    allowed: tuple[Channel, ...]
    sources: tuple[Word, ...]
    expires: Annotated[Duration, AfterValidator(_a_day_at_least)]


class ReachSettings(Model):
    """What a yes or no at one list, sender or subscription type is about."""

    purpose: Word = "marketing"
    brand: Word = "*"


class ConsentSettings(Model):
    """`grant_sources`: by channel, a connection or connection.method. `due`: by jurisdiction, `5bd` or a duration."""

    default_jurisdiction: Jurisdiction = "default"
    tolerance: Duration = timedelta(minutes=5)
    one_purpose_stops_all: Flag = False
    mixed_addresses: Literal["strict", "address"] = "strict"
    inferred: InferredSettings | None = None
    grant_sources: dict[Channel, tuple[Word, ...]] = Field(default_factory=dict)
    foreign_writers: tuple[Word, ...] = ()
    max_age: Annotated[Duration, AfterValidator(_some_time)] = timedelta(hours=24)
    lists: dict[str, dict[str, ReachSettings]] = Field(default_factory=dict)
    withdraw_sources: OnlyAny = "any"
    due: dict[Jurisdiction, DueTime] = Field(default_factory=dict)
    never_contact_domains: tuple[Domain, ...] = ()


class DestinationSettings(Model):
    """How far a connection may go in giving a yes back; only less than its connector can."""

    resubscribe: Resubscribe | None = None
    push_grants: Literal["never", "auto"] = "auto"


class ConsentFile(Model):
    """consent.yaml."""

    consent: ConsentSettings = ConsentSettings()
    destinations: dict[str, DestinationSettings] = Field(default_factory=dict)
