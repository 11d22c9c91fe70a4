"""The evidence in what people write: STOP and START by text message, refusals of a gateway, a no in a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from connectors.kit.destination import Capabilities
from hub.consent.events import Event
from hub.consent.keywords import asks_to_stop, meaning_of_message
from hub.consent.sightings import OwnWrite, Sight, event_id
from hub.stages.holdings import lines_held
from hub.stages.ledger import RECORD_WIDE, keep, mark
from hub.stages.relatives import addresses_reached
from hub.stages.sights import LineKey, remember, sight_of, sights, writes_to
from hub.store.sql import chunks
from mapping.models import Message, Ticket

DELIVERED = frozenset({"delivered", "read"})

Told = tuple[Sight, datetime | None]
Line = tuple[str, LineKey]


@dataclass
class _Conversation:
    """What is known of the lines of some numbers, and what their messages add."""

    connection: str
    can: Capabilities
    told: dict[Line, Told]
    ours: Mapping[str, OwnWrite]
    changed: set[Line] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)

    def hear(self, message_id: str, message: Message, landed_at: datetime) -> None:
        at = min(message.at or landed_at, landed_at)
        if message.direction == "in":
            self._inbound(message_id, message, at, landed_at)
        elif message.error in self.can.refusals:
            self._refused(message, at, landed_at)
        elif message.status in DELIVERED:
            self._delivered(message, at, landed_at)

    def _inbound(self, message_id: str, message: Message, at: datetime, landed_at: datetime) -> None:
        match meaning_of_message(message.text, message.verdict):
            case "stop":
                self._act(message_id, message, at, landed_at, "withdrawn")
            case "start":
                self._act(message_id, message, at, landed_at, "granted")
            case "perhaps_stop":
                held = event_id(self.connection, "message", message_id, "hold")
                self.events.append(
                    Event(
                        held,
                        message.channel,
                        message.address,
                        "hold",
                        landed_at,
                        self.connection,
                        record=_record(message),
                        value="perhaps_a_no",
                        occurred_at=at,
                        source_event_id=message_id,
                    )
                )

    def _act(self, message_id: str, message: Message, at: datetime, landed_at: datetime, state: str) -> None:
        """A keyword: one event per message, however often and by whichever way it comes in."""
        yes = state == "granted"
        self.events.append(
            Event(
                event_id(self.connection, "message", message_id),
                message.channel,
                message.address,
                "grant" if yes else "withdraw",
                landed_at,
                self.connection,
                record=_record(message),
                scope=self._scope(message),
                basis="express" if yes else "",
                method="keyword",
                occurred_at=at,
                source_event_id=message_id,
            )
        )
        self._tell(message, state, at)

    def _refused(self, message: Message, at: datetime, landed_at: datetime) -> None:
        """The gateway would not send: a sighting, once per unbroken run, and no act of the person's."""
        sight = self._last(message)
        if sight is not None and sight[0].state == "withdrawn":
            self._tell(message, "withdrawn", at)
            return
        if sight is not None and sight[1] is not None and at < sight[1]:
            return
        count = sight[0].count + 1 if sight else 1
        self.events.append(
            Event(
                event_id(self.connection, *self._line(message)[1], "refused", str(count)),
                message.channel,
                message.address,
                "withdraw",
                landed_at,
                self.connection,
                record=_record(message),
                scope=self._scope(message),
                value="refused",
                method="sync_state",
                latest_at=at,
                echo_of=self._own_out(message, at),
            )
        )
        self._tell(message, "withdrawn", at)

    def _own_out(self, message: Message, at: datetime) -> str:
        """The gateway refuses because we told it to."""
        own = self.ours.get(message.address)
        return own.delivery if own is not None and own.state == "withdrawn" and own.sent_at <= at else ""

    def _delivered(self, message: Message, at: datetime, landed_at: datetime) -> None:
        sight = self._last(message)
        if sight is None or sight[0].state != "withdrawn" or (sight[1] is not None and at <= sight[1]):
            return
        self.events.append(
            Event(
                event_id(self.connection, *self._line(message)[1], "delivered", str(sight[0].count + 1)),
                message.channel,
                message.address,
                "state_observed",
                landed_at,
                self.connection,
                record=_record(message),
                scope=self._scope(message),
                value="unknown",
                method="sync_state",
                latest_at=at,
            )
        )
        self._tell(message, "unknown", at)

    def _tell(self, message: Message, state: str, at: datetime) -> None:
        """Fold by the time of the messages, not by that of their arrival."""
        last = self._last(message)
        if last is not None and last[1] is not None and at < last[1]:
            return
        same = last is not None and last[0].state == state
        count = (last[0].count if last else 0) + (0 if same else 1)
        line = self._line(message)
        self.told[line] = (Sight(state, None, None, count), at)
        self.changed.add(line)

    def _last(self, message: Message) -> Told | None:
        return self.told.get(self._line(message))

    def _line(self, message: Message) -> Line:
        return _number(message), (message.channel, message.address, self._scope(message))

    def _scope(self, message: Message) -> str:
        return f"{self.connection}/{message.sender}"


def _number(message: Message) -> str:
    return message.person.id if message.person else message.address


def _record(message: Message) -> str:
    stream = message.person.stream if message.person else ""
    return f"{stream}:{_number(message)}"


def said_in_message(
    db: Connection, connection: str, can: Capabilities, messages: Iterable[tuple[str, Message, datetime]]
) -> None:
    """Note what text messages say: (message id, message, when it landed)."""
    heard = sorted(messages, key=lambda one: (one[1].at or one[2], one[0]))
    by_stream: dict[str, list[tuple[str, Message, datetime]]] = {}
    for one in heard:
        by_stream.setdefault(one[1].person.stream if one[1].person else "", []).append(one)
    for stream, some in by_stream.items():
        numbers = sorted({_number(message) for _, message, _ in some})
        ours = writes_to(db, connection, {message.address for _, message, _ in some})
        talk = _Conversation(connection, can, _told(db, connection, stream, numbers), ours)
        for one in some:
            talk.hear(*one)
        keep(db, talk.events)
        _remember(db, connection, stream, talk)
        mark(db, {line[1][:2] for line in talk.changed})


def _told(db: Connection, connection: str, stream: str, numbers: Sequence[str]) -> dict[Line, Told]:
    found: dict[Line, Told] = {}
    for some in chunks(numbers):
        query = select(sights).where(
            sights.c.connection == connection, sights.c.stream == stream, sights.c.external_id.in_(some)
        )
        for row in db.execute(query).mappings():
            line = (row["external_id"], (row["channel"], row["address"], row["scope"]))
            found[line] = (sight_of(row), row["told_at"])
    return found


def _remember(db: Connection, connection: str, stream: str, talk: _Conversation) -> None:
    changed = {line: talk.told[line][0] for line in talk.changed}
    times = {line: at for line in talk.changed if (at := talk.told[line][1]) is not None}
    remember(db, connection, stream, changed, times)


def said_in_ticket(db: Connection, connection: str, tickets: Iterable[tuple[str, Ticket, datetime]]) -> None:
    """A ticket that may be a no holds every address of its writer until a person has read it."""
    found = [
        Event(
            event_id(connection, "ticket", ticket_id, "hold"),
            RECORD_WIDE,
            "",
            "hold",
            landed_at,
            connection,
            record=f"{ticket.person.stream}:{ticket.person.id}",
            value="perhaps_a_no",
            occurred_at=ticket.opened_at,
            source_event_id=ticket_id,
        )
        for ticket_id, ticket, landed_at in tickets
        if ticket.person is not None and asks_to_stop(f"{ticket.subject}\n{ticket.text}")
    ]
    if found:
        keep(db, found)
        writers = {event.record.partition(":")[2] for event in found}
        mark(db, {line for lines in lines_held(db, connection, writers).values() for line in lines})
        mark(db, addresses_reached(db, found))
