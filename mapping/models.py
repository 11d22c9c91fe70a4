"""The canonical models: what any source's record becomes.

Values are normalised; what would not normalise is left out and told in a `Remark`.
A field that is missing here says nothing; see `Person.nulls` and `Person.cleared` for the two other silences.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RecordKind = Literal["person", "order", "tag", "ticket", "message"]
Channel = Literal["email", "sms", "voice", "whatsapp", "push", "post"]
ConsentState = Literal[
    "granted",
    "pending",
    "withdrawn",
    "suppressed",
    "bounced",
    "invalid",
    "complained",
    "unknown",
    "hidden",
    "unreadable",
]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Name(Model):
    """A person's name in parts; `full` is the display form, always present when any part is."""

    full: str
    first: str = ""
    middle: str = ""
    last: str = ""
    suffix: str = ""


class Email(Model):
    """`value` as to be shown and written to; `key` as to be compared: lower-case ASCII, IDN as punycode."""

    value: str
    key: str


class Phone(Model):
    """`value` is E.164."""

    value: str


class Address(Model):
    """`country` is ISO 3166 alpha-2 where it could be told, else ''."""

    street: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""


class Identifier(Model):
    """A typed value that points to one person in some system: (loyalty, 4711)."""

    type: str
    value: str


class Company(Model):
    name: str = ""
    domain: str = ""
    industry: str = ""
    size: str = ""
    revenue: str = ""
    country: str = ""


class ConsentObservation(Model):
    """What a source says of one address and channel. Evidence, not permission: only `hub.consent` may judge it.

    `state` is the vendor's own word, mapped to ours by the mapping: `hidden` is a state that the vendor does not
    show at present, `unreadable` a word that nobody knows. `at` is the vendor's own consent time; with `day` it is
    a bare date (its midnight UTC stands for it) in `zone`, "" where nobody knows which. `method`, `wording` and
    `evidence` tell how it came about, where the source knows.
    """

    channel: Channel
    address: str
    state: ConsentState
    at: datetime | None = None
    day: bool = False
    zone: str = ""
    level: str = ""
    scope: str = ""
    method: str = ""
    wording: str = ""
    evidence: str = ""


class Person(Model):
    """One source's view of one person.

    `nulls`: fields the source holds and says are empty. `cleared`: fields the source was told to empty
    (the mapping says which empty value means that). Any other missing field was not in the record at all.
    """

    name: Name | None = None
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    addresses: tuple[Address, ...] = ()
    date_of_birth: date | None = None
    gender: str | None = None
    company: Company | None = None
    job_title: str | None = None
    language: str | None = None
    timezone: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    tags: tuple[str, ...] = ()
    custom: dict[str, str] = Field(default_factory=dict)
    consents: tuple[ConsentObservation, ...] = ()
    created_at: datetime | None = None
    nulls: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()


class Ref(Model):
    """Points to another record of the same connection."""

    stream: str
    id: str


class OrderItem(Model):
    title: str = ""
    sku: str = ""
    quantity: int = 1
    price: Decimal | None = None


class Order(Model):
    """A purchase. `customer` is the buyer's record; a guest's order has `person` instead and stands for them."""

    number: str = ""
    placed_at: datetime | None = None
    status: str = ""
    currency: str = ""
    total: Decimal | None = None
    refunded: Decimal | None = None
    cancelled_at: datetime | None = None
    test: bool = False
    items: tuple[OrderItem, ...] = ()
    customer: Ref | None = None
    person: Person | None = None


class Tag(Model):
    """One tag on one person's record."""

    name: str
    person: Ref


class Ticket(Model):
    """A request for help. `satisfaction` is the vendor's word of how it was rated; `text` is what the person wrote."""

    number: str = ""
    opened_at: datetime | None = None
    status: str = ""
    subject: str = ""
    text: str = ""
    channel: str = ""
    satisfaction: str = ""
    satisfaction_comment: str = ""
    person: Ref | None = None


class Message(Model):
    """One text message between us and `address` (the person's number, E.164).

    `sender` is our side: the messaging service, or the number. `verdict` is the vendor's own reading of an inbound
    keyword (STOP, START, HELP), where it gives one; `error` the vendor's error code of a message that failed.
    """

    channel: Channel = "sms"
    at: datetime | None = None
    direction: Literal["in", "out"]
    address: str
    sender: str = ""
    status: str = ""
    text: str = ""
    error: str = ""
    verdict: str = ""
    person: Ref | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A value that was left out: which field, why, and the line of the mapping that asked for it. No raw value."""

    field: str
    code: str
    message: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a whole record could not be used: it goes to quarantine with this reason."""

    code: str
    message: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a mapping made of one raw record: one of the models, or a refusal; and the remarks on the way."""

    kind: RecordKind
    value: Person | Order | Tag | Ticket | Message | None
    remarks: tuple[Remark, ...] = ()
    refusal: Refusal | None = None
