"""What a mapping may say: the `record:`, `id:` and `map:` of a stream in YAML, as typed models. Nothing is run here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from mapping.models import RecordKind

Loc = tuple[str | int, ...]
Text = Annotated[str, StringConstraints(min_length=1)]
Channel = Literal["email", "sms", "voice", "whatsapp", "push", "post"]
ConsentState = Literal[
    "granted", "pending", "withdrawn", "suppressed", "bounced", "invalid", "complained", "unknown", "hidden"
]
"""What a mapping may call a vendor's word; `unreadable` is not among them, for that is a word that nobody named."""


@dataclass(frozen=True, slots=True)
class MappingError:
    """One thing wrong with a mapping. `loc` is the place below the stream, ("map", "emails", 0, "value").

    It is that of the long form: where the YAML has a short form ("emails: [email]"), take the longest prefix there.
    """

    loc: Loc
    code: str
    message: str


class MappingErrors(Exception):
    """Everything that is wrong with one stream's mapping, at once."""

    def __init__(self, errors: tuple[MappingError, ...]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, e.loc))}: {e.message}" for e in errors))
        self.errors = errors


class Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(Spec):
    """An expression, written alone or as {value: expression}. With `clears`, an empty text says: emptied on purpose."""

    value: Text
    clears: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str) else data


class PhoneValue(Value):
    """`region` (AU) is the country of numbers written without one; the stream's default otherwise."""

    region: Text | None = None


class DateValue(Value):
    """`format` is strptime's; without it only ISO dates (2020-04-03) are understood."""

    format: Text | None = None


class TimeValue(Value):
    """`zone` (Australia/Sydney) is for times written without one; without it those are left out."""

    zone: Text | None = None


class IdentifierValue(Value):
    type: Text


class NameMap(Spec):
    """The parts of a name; an expression alone is the full name."""

    full: Value | None = None
    first: Value | None = None
    middle: Value | None = None
    last: Value | None = None
    suffix: Value | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"full": data} if isinstance(data, str) or _is_long_value(data) else data


class AddressMap(Spec):
    street: Value | None = None
    city: Value | None = None
    state: Value | None = None
    postcode: Value | None = None
    country: Value | None = None


class CompanyMap(Spec):
    """What is known of the company; an expression alone is its name."""

    name: Value | None = None
    domain: Value | None = None
    industry: Value | None = None
    size: Value | None = None
    revenue: Value | None = None
    country: Value | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) or _is_long_value(data) else data


def _words_as_text(data: Any) -> Any:
    """Vendors say true and 1 too; YAML reads those keys as other things than text."""
    if not isinstance(data, Mapping):
        return data
    return {str(k).lower() if isinstance(k, bool) else str(k) if isinstance(k, int) else k: v for k, v in data.items()}


class ConsentMap(Spec):
    """One channel's consent. `states` maps the vendor's words to ours; without it the vendor must use ours."""

    channel: Channel
    address: PhoneValue
    state: Value
    at: TimeValue | None = None
    level: Value | None = None
    scope: Value | None = None
    method: Value | None = None
    wording: Value | None = None
    evidence: Value | None = None
    states: Annotated[dict[str, ConsentState], BeforeValidator(_words_as_text)] = Field(default_factory=dict)


def _as_list(data: Any) -> Any:
    return [data] if isinstance(data, str) or _is_long_value(data) else data


def _is_long_value(data: Any) -> bool:
    return isinstance(data, Mapping) and "value" in data


class PersonMap(Spec):
    name: NameMap | None = None
    emails: tuple[Value, ...] = ()
    phones: tuple[PhoneValue, ...] = ()
    addresses: tuple[AddressMap, ...] = ()
    date_of_birth: DateValue | None = None
    gender: Value | None = None
    company: CompanyMap | None = None
    job_title: Value | None = None
    language: Value | None = None
    timezone: Value | None = None
    identifiers: tuple[IdentifierValue, ...] = ()
    tags: Annotated[tuple[Value, ...], BeforeValidator(_as_list)] = ()
    custom: dict[str, Value] = Field(default_factory=dict)
    consents: tuple[ConsentMap, ...] = ()
    created_at: TimeValue | None = None


class RefMap(Spec):
    """Points to a record of another stream of the same connection."""

    stream: Text
    id: Value


class ItemsMap(Spec):
    """`each` gives the list; the other expressions are read from one item of it."""

    each: Value
    title: Value | None = None
    sku: Value | None = None
    quantity: Value | None = None
    price: Value | None = None


class OrderMap(Spec):
    number: Value | None = None
    placed_at: TimeValue | None = None
    status: Value | None = None
    currency: Value | None = None
    total: Value | None = None
    refunded: Value | None = None
    cancelled_at: TimeValue | None = None
    test: Value | None = None
    items: ItemsMap | None = None
    customer: RefMap | None = None
    person: PersonMap | None = None


class TagMap(Spec):
    name: Value
    person: RefMap


class TicketMap(Spec):
    number: Value | None = None
    opened_at: TimeValue | None = None
    status: Value | None = None
    subject: Value | None = None
    text: Value | None = None
    channel: Value | None = None
    satisfaction: Value | None = None
    satisfaction_comment: Value | None = None
    person: RefMap | None = None


class DirectionValue(Value):
    """`words` maps the vendor's words to ours; without it the vendor must use ours."""

    words: Annotated[dict[str, Literal["in", "out"]], BeforeValidator(_words_as_text)] = Field(default_factory=dict)


class ChannelValue(Value):
    """A channel's name alone is that channel; anything else is an expression that gives a name."""

    @field_validator("value", mode="before")
    @classmethod
    def _name_as_constant(cls, value: Any) -> Any:
        return f"'{value}'" if value in get_args(Channel) else value


class MessageMap(Spec):
    """`address` is the person's side, `sender` ours."""

    channel: ChannelValue | None = None
    at: TimeValue | None = None
    direction: DirectionValue
    address: PhoneValue
    sender: Value | None = None
    status: Value | None = None
    text: Value | None = None
    error: Value | None = None
    verdict: Value | None = None
    person: RefMap | None = None


class StreamMapping(Spec):
    """A stream's mapping, one of the classes below by the kind of record. Read one with `parse_mapping`."""

    record: RecordKind
    id: Text | None = None


class PersonStream(StreamMapping):
    record: Literal["person"] = "person"
    map: PersonMap


class OrderStream(StreamMapping):
    record: Literal["order"] = "order"
    map: OrderMap


class TagStream(StreamMapping):
    record: Literal["tag"] = "tag"
    map: TagMap


class TicketStream(StreamMapping):
    record: Literal["ticket"] = "ticket"
    map: TicketMap


class MessageStream(StreamMapping):
    record: Literal["message"] = "message"
    map: MessageMap


_STREAMS: dict[object, type[StreamMapping]] = {
    "person": PersonStream,
    "order": OrderStream,
    "tag": TagStream,
    "ticket": TicketStream,
    "message": MessageStream,
}
_NAMES = sorted({name for spec in (NameMap, AddressMap, CompanyMap, ConsentMap, PersonMap, RefMap, ItemsMap, OrderMap,
                                   PhoneValue, DateValue, TimeValue, IdentifierValue, PersonStream, TagMap,
                                   TicketMap, DirectionValue, MessageMap)
                 for name in spec.model_fields})  # fmt: skip


def parse_mapping(data: Mapping[str, Any]) -> StreamMapping:
    """Read {record, id, map} as written in YAML. Raises MappingErrors with everything that is wrong."""
    record = data.get("record")
    stream = _STREAMS.get(record) if isinstance(record, str) else None
    if stream is None:
        message = "record must be person, order, tag, ticket or message"
        raise MappingErrors((MappingError(("record",), "record_unknown", message),))
    try:
        return stream.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise MappingErrors(tuple(_told(e["loc"], e["type"], e["msg"]) for e in found)) from None


def _told(loc: Loc, kind: str, message: str) -> MappingError:
    if kind == "extra_forbidden":
        close = get_close_matches(str(loc[-1]), _NAMES, n=1)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        return MappingError(loc, "field_unknown", f"unknown field '{loc[-1]}'{hint}")
    if kind == "missing":
        return MappingError(loc, "field_missing", f"'{loc[-1]}' is missing")
    if kind == "model_type":
        return MappingError(loc, "shape_wrong", "write an expression, or {value: expression}")
    return MappingError(loc, "shape_wrong", message)
