"""A small town for the journeys of consent: four vendors over HTTP, the cast in them, and a hub configured for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.kit.base import utc_now
from connectors.kit.simulator import serve
from connectors.mailchimp.simulator import API_KEY, MailchimpSimulator
from connectors.shopify.simulator import TOKEN, ShopifySimulator
from connectors.shopify.simulator.consent import Channel
from connectors.twilio.simulator import ACCOUNT_SID, AUTH_TOKEN, SENDER, TwilioSimulator
from connectors.zendesk.simulator import TOKEN as HELP_TOKEN
from connectors.zendesk.simulator import ZendeskSimulator
from tests.flows.terminal import Hub

LIST = "57afe96172"

PUSH = "mode: auto, first: auto, guard: {changes: 100%, rows: 5000}"

FILES = {
    "hub.yaml": 'version: 1\ndatabase: "${env:HUB_DATABASE}"\nregion: AU\ntimezone: Australia/Sydney\n',
    "consent.yaml": (
        "consent:\n  default_jurisdiction: AU\n"
        "  grant_sources: {email: [shop.form, shop.double_opt_in, newsletter], sms: [shop.form, shop.double_opt_in]}\n"
    ),
    "segments.yaml": "segments:\n  vip:\n    title: Regulars\n    all:\n      - {field: orders, at_least: 2}\n",
    "connections/shop.yaml": (
        "kind: shopify\n"
        'config: {store: town, token: "${env:SHOP_TOKEN}", base_url: "@shop@"}\n'
        "streams: {customers: {}, orders: {}}\n"
        f'push: {{{PUSH}, consent: [email, sms], segments: {{vip: "tag:VIP"}}}}\n'
    ),
    "connections/newsletter.yaml": (
        "kind: mailchimp\n"
        f'config: {{audience: "{LIST}", api_key: "${{env:LIST_KEY}}", base_url: "@newsletter@"}}\n'
        "streams: {members: {}, tags: {}}\n"
        f'push: {{{PUSH}, consent: [email], segments: {{vip: "tag:VIP"}}}}\n'
    ),
    "connections/texts.yaml": (
        "kind: twilio\n"
        f'config: {{account_sid: {ACCOUNT_SID}, auth_token: "${{env:TEXTS_TOKEN}}", sender: {SENDER}, '
        'base_url: "@texts@"}\n'
        "streams: {numbers: {}, messages: {}}\n"
        f"push: {{{PUSH}, consent: [sms]}}\n"
    ),
    "connections/help.yaml": (
        "kind: zendesk\n"
        'config: {subdomain: town, token: "${env:HELP_TOKEN}", base_url: "@help@"}\n'
        "streams: {users: {}, tickets: {}}\n"
        f'push: {{{PUSH}, consent: [email, sms], segments: {{vip: "tag:VIP"}}}}\n'
    ),
}

SECRETS = {"SHOP_TOKEN": TOKEN, "LIST_KEY": API_KEY, "TEXTS_TOKEN": AUTH_TOKEN, "HELP_TOKEN": HELP_TOKEN}


@dataclass
class Somebody:
    """One person of the cast, and where they are known."""

    name: str
    email: str
    phone: str
    customer: str = ""
    user: int = 0


@dataclass
class Town:
    """The running vendors. `urls` by connection name; times are the machine's own, shifted by `at`."""

    root: Path
    shop: ShopifySimulator = field(default_factory=ShopifySimulator)
    newsletter: MailchimpSimulator = field(default_factory=MailchimpSimulator)
    texts: TwilioSimulator = field(default_factory=TwilioSimulator)
    help: ZendeskSimulator = field(default_factory=ZendeskSimulator)
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def simulators(self) -> dict[str, Any]:
        return {"shop": self.shop, "newsletter": self.newsletter, "texts": self.texts, "help": self.help}

    @contextmanager
    def at(self, shift: timedelta) -> Iterator[None]:
        """What people do inside happens that much earlier or later, by every vendor's clock."""
        for simulator in self.simulators.values():
            simulator.clock_offset += shift
        try:
            yield
        finally:
            for simulator in self.simulators.values():
                simulator.clock_offset -= shift

    def welcome(
        self, name: str, number: int, consent: str = "SUBSCRIBED", sms: str = "SUBSCRIBED", days: int = 30
    ) -> Somebody:
        """A person known to all four, who said yes at the shop's form `days` ago (unless told otherwise).

        `number` ends the phone's: 156 to 160, or another from 10 to 99; nobody has those in Australia.
        """
        given = name.lower()
        phone = f"+61491570{number}" if number > 99 else f"+614805550{number}"
        somebody = Somebody(name, f"{given}@example.com", phone)
        with self.at(-timedelta(days=days)):
            somebody.customer = self.shop.create_customer(
                email=somebody.email, phone=somebody.phone, firstName=name, lastName="Town"
            )
            self.newsletter.add_without_consent(LIST, somebody.email, merge_fields={"FNAME": name, "LNAME": "Town"})
            somebody.user = self.help.add_user(name=f"{name} Town", email=somebody.email, phone=somebody.phone)
            self.texts.send(somebody.phone, "Your parcel is on its way")
            channels: tuple[tuple[Channel, str], ...] = (("email", consent), ("sms", sms))
            for channel, state in channels:
                if state == "SUBSCRIBED":
                    self.shop.fill_form(somebody.customer, channel)
                elif state == "UNSUBSCRIBED":
                    self.shop.unsubscribe(somebody.customer, channel)
        return somebody

    def neighbours(self, number: int) -> list[str]:
        """People at the shop, the newsletter and the help desk whom nobody has ever asked; returns their addresses."""
        found = [f"neighbour-{one}@example.org" for one in range(number)]
        with self.at(-timedelta(days=60)):
            for at, email in enumerate(found):
                self.shop.create_customer(email=email, firstName=f"N{at}", lastName="Neighbour")
                self.newsletter.add_without_consent(LIST, email)
                self.help.add_user(name=f"Neighbour {at}", email=email)
        return found

    def writes(self) -> dict[str, list[dict[str, Any]]]:
        """Every consent and tag effect in the simulators' ledgers, by connection."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name, simulator in self.simulators.items():
            effects = [entry.effect for entry in simulator.ledger if entry.effect]
            found[name] = [one for effect in effects for kind in ("consents", "tags") for one in effect.get(kind, ())]
        return found

    def consents(self, connection: str) -> list[tuple[str, str, str]]:
        """(channel, address, wanted) of every consent write a vendor got."""
        found = self.writes()[connection]
        return [(one["channel"], one["address"], one["wanted"]) for one in found if "channel" in one]

    def tags(self, connection: str) -> list[tuple[str, str, str]]:
        """(address, tag, wanted) of every tag write a vendor got."""
        found = self.writes()[connection]
        return [(one["address"], one["tag"], one["wanted"]) for one in found if "tag" in one]

    def in_order(self) -> list[tuple[str, str, dict[str, Any]]]:
        """(connection, "consents" or "tags", effect) of every write, at all vendors, in the order of their clocks."""
        found = [
            (entry.at, name, kind, one)
            for name, simulator in self.simulators.items()
            for entry in simulator.ledger
            for kind in ("consents", "tags")
            for one in (entry.effect or {}).get(kind, ())
        ]
        return [(name, kind, one) for _, name, kind, one in sorted(found, key=lambda row: row[0])]

    def changed(self, connection: str) -> list[tuple[str, str, str, str]]:
        """(address, wanted, before, after) of the consent writes that changed anything at a vendor."""
        consents = [one for one in self.writes()[connection] if "channel" in one and one["before"] != one["after"]]
        return [(one["address"], one["wanted"], one["before"], one["after"]) for one in consents]

    def forget(self) -> None:
        """Begin the ledgers anew."""
        for simulator in self.simulators.values():
            with simulator.lock:
                simulator.ledger.clear()

    def sending_to(self, channel: str, address: str) -> list[str]:
        """The connections whose vendor would send to this address now."""
        return [name for name, simulator in self.simulators.items() if simulator.sendable(address, channel)]

    def clear_faults(self) -> None:
        for simulator in self.simulators.values():
            simulator.clear_faults()


def configure(root: Path, urls: dict[str, str], **changed: str) -> Path:
    """Write config/ below `root`; `changed` replaces files (named with _ for /, no suffix), "" leaves one out."""
    for name, text in FILES.items():
        key = name.removesuffix(".yaml").replace("/", "_")
        written = changed.get(key, text)
        if not written:
            continue
        for connection, url in urls.items():
            written = written.replace(f"@{connection}@", url)
        target = root / "config" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(written, encoding="utf-8")
    return root / "config"


def hub_of(root: Path, database: str) -> Hub:
    return Hub(root / "config", database, dict(SECRETS))


@contextmanager
def open_town(root: Path, now: Callable[[], datetime] = utc_now) -> Iterator[Town]:
    """A town with its vendors running, and config/ below `root`. `now` is the clock of all vendors."""
    town = Town(
        root,
        shop=ShopifySimulator(now=now),
        newsletter=MailchimpSimulator(now=now),
        texts=TwilioSimulator(now=now),
        help=ZendeskSimulator(now=now),
    )
    town.newsletter.load(LIST)
    town.help.hold_back = timedelta(0)
    town.help.incremental_limit = town.help.user_limit = town.texts.consents_per_minute = 10_000
    with ExitStack() as stack:
        for name, simulator in town.simulators.items():
            town.urls[name] = stack.enter_context(serve(simulator)).base_url
        configure(root, town.urls)
        yield town
