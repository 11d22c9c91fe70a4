"""Ticket and message maps made into functions from a raw record to a Ticket or a Message."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Literal, get_args

from mapping.apply import Notes, Raw, Read, never, nothing, one, refuse
from mapping.build import builder
from mapping.models import Channel, Message, Ticket
from mapping.normalise import NotNormal
from mapping.normalise.phone import phone
from mapping.normalise.text import as_text
from mapping.sources import Sources
from mapping.spec import ChannelValue, DirectionValue, MessageMap, PhoneValue, TicketMap, Value

ReadTicket = Callable[[Raw, Notes], Ticket]
ReadMessage = Callable[[Raw, Notes], Message]
Direction = Literal["in", "out"]

_build_ticket, _build_message = builder(Ticket), builder(Message)

MAX_WRITTEN = 100_000
"""Characters of what a person wrote: more than any vendor takes, for nothing that a person says is to be cut off."""

_CHANNELS: dict[str, Channel] = {channel: channel for channel in get_args(Channel)}
_OUR_DIRECTIONS: dict[str, Direction] = {direction: direction for direction in get_args(Direction)}


def ticket_reader(spec: TicketMap, sources: Sources) -> ReadTicket:
    """Every field may be missing, so no ticket is refused."""
    parts: list[tuple[str, Read[Any]]] = [
        ("number", sources.text("number", spec.number)),
        ("opened_at", sources.instant("opened_at", spec.opened_at)),
        *_words(("status", "channel", "satisfaction"), spec, sources),
        *_writings(("subject", "text", "satisfaction_comment"), spec, sources),
        ("person", sources.ref("person", spec.person)),
    ]

    def read(raw: Raw, notes: Notes) -> Ticket:
        return _build_ticket(_found(parts, raw, notes))

    return read


def message_reader(spec: MessageMap, sources: Sources) -> ReadMessage:
    """Refuses a message of which cannot be told who wrote to whom, or by which channel."""
    parts: list[tuple[str, Read[Any]]] = [
        ("direction", _direction(spec.direction, sources.below("direction"))),
        ("address", _address(spec.address, sources.below("address"))),
        ("channel", _channel(spec.channel, sources.below("channel"))),
        ("at", sources.instant("at", spec.at)),
        *_words(("sender", "status", "error", "verdict"), spec, sources),
        *_writings(("text",), spec, sources),
        ("person", sources.ref("person", spec.person)),
    ]

    def read(raw: Raw, notes: Notes) -> Message:
        return _build_message(_found(parts, raw, notes))

    return read


def _found(parts: list[tuple[str, Read[Any]]], raw: Raw, notes: Notes) -> dict[str, Any]:
    return {key: value for key, part in parts if (value := part(raw, notes))}


def _words(names: tuple[str, ...], spec: TicketMap | MessageMap, sources: Sources) -> list[tuple[str, Read[Any]]]:
    """The vendor's own words, "unknown" among them, are values here."""
    return [(name, sources.text(name, getattr(spec, name), never)) for name in names]


def _writings(names: tuple[str, ...], spec: TicketMap | MessageMap, sources: Sources) -> list[tuple[str, Read[Any]]]:
    """What people wrote: it may be long, and whatever it is they meant it."""
    written = partial(as_text, limit=MAX_WRITTEN)
    given: list[tuple[str, Value]] = [(name, value) for name in names if (value := getattr(spec, name))]
    return [(name, one(sources.below(name).source(value, never), written)) for name, value in given]


def _direction(spec: DirectionValue, sources: Sources) -> Read[Direction]:
    words = {word.lower(): direction for word, direction in spec.words.items()} or _OUR_DIRECTIONS
    source = sources.source(spec, never)
    word = one(source, as_text)

    def read(raw: Raw, notes: Notes) -> Direction:
        said = (word(raw, notes) or "").lower()
        return words.get(said) or refuse("direction_unknown", "a message that neither came nor went", source.where)

    return read


def _address(spec: PhoneValue, sources: Sources) -> Read[str]:
    source = sources.source(spec)
    address = one(source, partial(_counterpart, region=sources.region_of(spec)))

    def read(raw: Raw, notes: Notes) -> str:
        found = address(raw, notes)
        # JMESPath's "this && that" is false where there is none.
        if found and found != "false":
            return found
        return refuse("message_without_address", "a message with nobody on the other side", source.where)

    return read


def _counterpart(text: str, region: str | None) -> str:
    """E.164; names and short codes, from which messages come too, as they are."""
    prefix, _, number = text.rpartition(":")
    # "whatsapp:+61…" is a number, "rcs:47110815" is none; nor is "Tax131450", in which phonenumbers would find one.
    if not any(map(str.isalpha, number)) and (not prefix or number.startswith("+")):
        with suppress(NotNormal):
            return phone(number, region).value
    return as_text(text)


def _channel(spec: ChannelValue | None, sources: Sources) -> Read[Channel | None]:
    if spec is None:
        return nothing
    source = sources.source(spec, never)
    word = one(source, as_text)
    if source.constant and str(source.get({})).lower() not in _CHANNELS:
        sources.wrong("channel_unknown", f"no such channel; there are {', '.join(_CHANNELS)}", "value")

    def read(raw: Raw, notes: Notes) -> Channel:
        said = (word(raw, notes) or "").lower()
        return _CHANNELS.get(said) or refuse("channel_unknown", "a message by a channel we do not know", source.where)

    return read
