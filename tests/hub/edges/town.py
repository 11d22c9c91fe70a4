"""The town: the people of one world, the four vendors they are known to, and how each of them came to be there."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.simulator import Simulator
from connectors.mailchimp.audience import Audience, subscriber_hash
from connectors.mailchimp.simulator import MailchimpSimulator
from connectors.shopify.simulator import ShopifySimulator
from connectors.twilio.simulator import TwilioSimulator
from connectors.zendesk.simulator import ZendeskSimulator
from tests.hub.edges.acts import Act, Channel, Diary
from tests.hub.edges.clock import DAWN, VirtualTime
from tests.hub.edges.kinds import LIST, PLACES, SCOPES, Kind

MOST_OFFSET = 150
"""Seconds by which a vendor's clock may be wrong: half the tolerance."""

HELD_BACK = timedelta(seconds=62)
"""How old a change must be before the desk's export surely shows it."""


@dataclass
class Person:
    """`emails` and `phones` are the addresses by place; `gid` and `desk_id` name the person's records."""

    number: int
    emails: dict[str, str]
    phones: dict[str, str]
    gid: str = ""
    desk_id: int = 0
    edits: Counter[str] = field(default_factory=Counter)

    @property
    def record(self) -> str:
        return str(self.number)

    def address(self, place: str, channel: str) -> str:
        return (self.emails if channel == "email" else self.phones)[place]


class Town:
    """Everything that is true. `pulled` and `fetched`: when the hub last began to read a place, or one record there.

    `asked`: when it last asked for one record, though it may have been shown an old version.
    """

    def __init__(self, kind: Kind, seed: str, people: int, clock: VirtualTime) -> None:
        self.kind, self.clock = kind, clock
        self.rng = random.Random(seed)
        self.diary = Diary()
        self.shop, self.newsletter = ShopifySimulator(), MailchimpSimulator()
        self.texts, self.desk = TwilioSimulator(), ZendeskSimulator()
        self.simulators: Mapping[str, Simulator] = {place: getattr(self, place) for place in PLACES}
        for simulator in self.simulators.values():
            simulator.clock_offset = timedelta(seconds=self.rng.randint(-MOST_OFFSET, MOST_OFFSET))
        self.newsletter.load(LIST, double_optin=kind.double_optin)
        self.pulled: dict[str, datetime] = {}
        self.fetched: dict[tuple[str, str], datetime] = {}
        self.asked: dict[tuple[str, str], datetime] = {}
        self.pulled_this_round: set[str] = set()
        self.rounds: list[tuple[dict[str, datetime], datetime]] = []
        self.owners: dict[tuple[str, str], str] = {}
        self._shown: dict[tuple[str, str, str], str] = {}
        self._changed: dict[tuple[str, str, str], datetime] = {}
        self.phones = 0
        self.people = self._settle(people)

    @property
    def audience(self) -> Audience:
        return self.newsletter.audiences[LIST]

    def member(self, person: Person) -> dict[str, Any] | None:
        return self.audience.members.get(subscriber_hash(person.emails["newsletter"]))

    def state(self, place: str, person: Person, channel: str) -> str:
        """The vendor's own word for the person's consent there."""
        if place == "shop":
            node = self.shop.store.customer(person.gid) or {}
            holder = node["defaultEmailAddress" if channel == "email" else "defaultPhoneNumber"]
            return str(holder["marketingState"])
        if place == "newsletter":
            return str((self.member(person) or {}).get("status", ""))
        if place == "desk":
            return str(self.desk.account.users[person.desk_id]["user_fields"].get(f"consent_{channel}") or "")
        return self.texts.account.state(person.phones["texts"], self.texts.sender)

    def says_no(self, place: str, person: Person, channel: str) -> bool:
        return self.state(place, person, channel) in ("UNSUBSCRIBED", "unsubscribed", "withdrawn", "opt-out")

    def readable(self, place: str, person: Person, channel: str) -> str:
        """All that a read tells of the consent itself."""
        if place == "shop":
            node = self.shop.store.customer(person.gid) or {}
            holder = node["defaultEmailAddress" if channel == "email" else "defaultPhoneNumber"]
            return f"{holder['marketingState']} {holder['marketingUpdatedAt']}"
        member = self.member(person) or {}
        told = member.get("unsubscribe_reason", "") if place == "newsletter" else ""
        return f"{self.state(place, person, channel)} {told}"

    def before(self, person: Person, place: str, channel: str) -> None:
        """Something is about to change the consent there: what the hub has read of it so far is kept."""
        key = (place, person.record, channel)
        if self.read_at(place, person.record) > self._changed.get(key, DAWN):
            self._shown[key] = self.readable(place, person, channel)
        self._changed[key] = self.clock.now()

    def wrote(self, place: str, record: str, channel: str) -> None:
        """The hub has written there and knows what it wrote."""
        key = (place, record, channel)
        self._shown[key] = self.readable(place, self.people[int(record)], channel)
        self._changed[key] = self.clock.now()

    def shown(self, person: Person, place: str, channel: str) -> str:
        """What the hub last read or wrote there."""
        return self._shown.get((place, person.record, channel), "")

    def read_at(self, place: str, record: str) -> datetime:
        """Whatever happened to the record before this moment, the hub has read."""
        held_back = HELD_BACK if place == "desk" else timedelta(0)
        pulled = self.pulled.get(place, DAWN)
        return max(pulled - held_back, self.fetched.get((place, record), DAWN))

    def began(self, place: str) -> None:
        """The hub begins to read the place. The texts are read twice, and only the second time as messages."""
        if place not in self.pulled_this_round or place == "texts":
            self.pulled[place] = self.clock.now()
            self.pulled_this_round.add(place)

    def ended(self) -> None:
        """A round of the hub's is over; the next one may show what came up since each place was read."""
        self.rounds.append((dict(self.pulled), self.clock.now()))

    def has_read(self, place: str, record: str) -> bool:
        """Whether the hub has asked for the single record since it last read the whole place."""
        return self.asked.get((place, record), DAWN) > self.pulled[place]

    def note(self, person: Person, channel: str, act: Act, address: str = "") -> Act:
        return self.diary.note(channel, address or person.address(act.place, channel), act)

    def act(self, person: Person, place: str, answer: Any, word: str, **more: Any) -> Act:
        scope = SCOPES[place]
        return Act(self.clock.now(), answer, place, person.record, scope, word, **more)

    def hide(self, person: Person, place: str, channel: str, reason: str) -> None:
        line = (channel, person.address(place, channel))
        self.diary.hide(line, place, self.read_at(place, person.record), reason)

    def touch(self, person: Person, place: str) -> None:
        """The record's change time moves, for whatever reason."""
        self.diary.changes[place, person.record].append(self.clock.now())

    def new_phone(self) -> str:
        self.phones += 1
        return f"+6148055{self.phones:04d}"

    def new_email(self, person: Person) -> str:
        person.edits["email"] += 1
        return f"p{person.number}.{person.edits['email']}@example.org"

    # How everybody came to be there: over some days, before the hub's first run.

    def _settle(self, count: int) -> list[Person]:
        people = []
        for number in range(count):
            self.clock.sleep(self.rng.uniform(1, 2 * 86400 / count))
            email, phone = f"p{number}@example.org", self.new_phone()
            person = Person(number, dict.fromkeys(PLACES, email), dict.fromkeys(PLACES, phone))
            self._into_the_shop(person)
            self._onto_the_list(person)
            self._to_the_desk(person)
            if self.rng.random() < 0.04:
                self.texts.stop_before_the_hub(phone)
                self.note(person, "sms", self.act(person, "texts", "no", "STOP before the hub", unseen=BEFORE))
            people.append(person)
        return people

    def _into_the_shop(self, person: Person) -> None:
        states: dict[Channel, str] = {}
        channels: tuple[Channel, ...] = ("email", "sms")
        for channel in channels:
            states[channel] = self.rng.choices(
                ("NOT_SUBSCRIBED", "SUBSCRIBED", "UNSUBSCRIBED"), weights=(4, 4, 2), k=1
            )[0]
        person.gid = self.shop.create_customer(
            email=person.emails["shop"],
            phone=person.phones["shop"],
            email_state=states["email"],
            sms_state=states["sms"],
            firstName=f"P{person.number}",
            lastName=f"Nr{person.number}",
        )
        self.owners["shop", person.gid] = person.record
        for channel, state in states.items():
            if state == "SUBSCRIBED":
                trusted = self.kind.trusts("shop", "form", channel)
                yes = self.act(person, "shop", "yes", "first form", trusted=trusted, dated=True)
                self.note(person, channel, yes)
            elif state == "UNSUBSCRIBED":
                self.note(person, channel, self.act(person, "shop", "no", "first unsubscribe"))

    def _onto_the_list(self, person: Person) -> None:
        email = person.emails["newsletter"]
        status = self.rng.choices(
            ("", "transactional", "subscribed", "unsubscribed", "claimed"), weights=(10, 35, 30, 15, 10), k=1
        )[0]
        if not status:
            return
        given = {"claimed": "subscribed"}.get(status, status)
        self.newsletter.upsert(LIST, {"email_address": email, "status": given})
        self.owners["newsletter", subscriber_hash(email)] = person.record
        if status == "unsubscribed":
            self.newsletter.click_unsubscribe(LIST, email)
            self.note(person, "email", self.act(person, "newsletter", "no", "first unsubscribe"))
        elif status != "transactional":
            trusted = self.kind.double_optin and self.kind.trusts("newsletter", "double_opt_in", "email")
            own = status == "subscribed"
            yes = self.act(person, "newsletter", "yes", "first list", own=own, trusted=own and trusted, dated=True)
            self.note(person, "email", yes)

    def _to_the_desk(self, person: Person) -> None:
        fields: dict[str, str] = {}
        for channel in ("email", "sms"):
            value = self.rng.choices(("", "withdrawn", "granted"), weights=(85, 8, 7), k=1)[0]
            if value:
                fields[f"consent_{channel}"] = value
                answer = "no" if value == "withdrawn" else "yes"
                self.note(person, channel, self.act(person, "desk", answer, "first field", own=answer == "no"))
        person.desk_id = self.desk.add_user(
            name=f"P{person.number} Nr{person.number}",
            email=person.emails["desk"],
            phone=person.phones["desk"],
            user_fields=fields,
        )
        self.owners["desk", str(person.desk_id)] = person.record


BEFORE = "a STOP from before the hub, which the log does not tell"
SECOND = "the {place} shows the same no as before"
