"""What the simulated vendor keeps: senders, who is blocked at which of them, and what a keyword does. No HTTP here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from connectors.twilio.config import is_toll_free

SENDER = "MG0123456789abcdef0123456789abcdef"
NUMBER = "+61480555001"
TOLL_FREE = "+18005550100"

Verdict = Literal["STOP", "START", "HELP"]

STOP = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START = frozenset({"START", "UNSTOP", "YES"})
HELP = frozenset({"HELP", "INFO"})

KEYWORDS: dict[str, Verdict] = {
    **dict.fromkeys(STOP, "STOP"),
    **dict.fromkeys(START, "START"),
    **dict.fromkeys(HELP, "HELP"),
}
AT_THE_NETWORK: dict[str, Verdict] = {"STOP": "STOP", "START": "START", "UNSTOP": "START"}
"""Of a toll-free number the network reads the keywords, and knows no others."""

STATE_AFTER: dict[Verdict, str] = {"STOP": "opt-out", "START": "opt-in"}


@dataclass(slots=True)
class Service:
    """A messaging service. `keywords` (upper case) are its own ones, which only count with `advanced_opt_out`."""

    sid: str
    numbers: list[str]
    advanced_opt_out: bool = False
    keywords: dict[str, Verdict] = field(default_factory=dict)


class Account:
    """Consent lives at (person's number, sender), and a sender is the whole service of the number where it has one.

    The states are the vendor's words, opt-in and opt-out; "" where nobody has said anything, which may be sent to.
    A US toll-free number has a second state, kept by the network: only its own keywords change that.
    """

    def __init__(self) -> None:
        self.services = {SENDER: Service(SENDER, [NUMBER])}
        self.numbers = {NUMBER, TOLL_FREE}
        self._states: dict[tuple[str, str], str] = {}
        self._at_the_network: dict[tuple[str, str], str] = {}

    def add_service(self, service: Service) -> None:
        self.services[service.sid] = service
        self.numbers.update(service.numbers)

    def knows(self, sender: str) -> bool:
        return sender in self.services or sender in self.numbers

    def number_of(self, sender: str) -> str:
        """The number that a message of this sender goes out from or comes in to."""
        return self.services[sender].numbers[0] if sender in self.services else sender

    def service_of(self, sender: str) -> Service | None:
        """The service itself, or the one that the number is in."""
        if sender in self.services:
            return self.services[sender]
        return next((service for service in self.services.values() if sender in service.numbers), None)

    def state(self, person: str, sender: str) -> str:
        return self._states.get((person, self._home(sender)), "")

    def blocked(self, person: str, sender: str) -> bool:
        at_the_network = self._at_the_network.get((person, self.number_of(sender)))
        return "opt-out" in (self.state(person, sender), at_the_network)

    def write(self, person: str, sender: str, state: str) -> None:
        """By the API: where a toll-free number's network holds a STOP, a yes changes nothing."""
        if not (state == "opt-in" and self._at_the_network.get((person, self.number_of(sender))) == "opt-out"):
            self._states[person, self._home(sender)] = state

    def block(self, person: str, sender: str) -> None:
        """By the person, unseen."""
        self._by_the_person(person, sender, "opt-out")

    def read(self, person: str, sender: str, body: str) -> Verdict | None:
        """Let a text of the person's do what it does; only a single word, alone, is a keyword."""
        word = body.strip().upper()
        service = self.service_of(sender)
        if is_toll_free(self.number_of(sender)):
            verdict = AT_THE_NETWORK.get(word)
        else:
            own = service.keywords if service is not None and service.advanced_opt_out else {}
            verdict = own.get(word) or KEYWORDS.get(word)
        if verdict in STATE_AFTER:
            self._by_the_person(person, sender, STATE_AFTER[verdict])
        return verdict

    def _by_the_person(self, person: str, sender: str, state: str) -> None:
        self._states[person, self._home(sender)] = state
        number = self.number_of(sender)
        if is_toll_free(number):
            self._at_the_network[person, number] = state

    def _home(self, sender: str) -> str:
        service = self.service_of(sender)
        return service.sid if service is not None else sender
