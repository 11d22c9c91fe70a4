"""The simulated vendors of the demo: loaded with an estate, served, and what a configuration needs to reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from connectors.kit.simulator import Simulator, serve
from connectors.mailchimp.simulator import API_KEY, MailchimpSimulator
from connectors.shopify.simulator import TOKEN, ShopifySimulator
from connectors.twilio.simulator import ACCOUNT_SID, AUTH_TOKEN, SENDER, TwilioSimulator
from connectors.zendesk.simulator import TOKEN as HELP_TOKEN
from connectors.zendesk.simulator import ZendeskSimulator
from hub.demo.estate import Estate
from hub.demo.newsletter import LIST_ID

SECRETS: Mapping[str, str] = {"shop": TOKEN, "newsletter": API_KEY, "texts": AUTH_TOKEN, "help": HELP_TOKEN}
"""What opens each simulator, by the name of its connection and of its file below secrets/."""

EXPORTS_A_MINUTE = 600
"""Zendesk's ten would let a hub that syncs every few seconds wait for most of a minute."""


@dataclass(frozen=True)
class Vendors:
    """One simulator a connection, by the connection's name."""

    shop: ShopifySimulator = field(default_factory=ShopifySimulator)
    newsletter: MailchimpSimulator = field(default_factory=MailchimpSimulator)
    texts: TwilioSimulator = field(default_factory=TwilioSimulator)
    help: ZendeskSimulator = field(default_factory=ZendeskSimulator)

    def __iter__(self) -> Iterator[tuple[str, Simulator]]:
        """Connection and simulator."""
        simulators: tuple[Simulator, ...] = (self.shop, self.newsletter, self.texts, self.help)
        return iter(zip(("shop", "newsletter", "texts", "help"), simulators, strict=True))

    def load(self, estate: Estate) -> None:
        """Give each what it holds of the estate."""
        self.shop.load(estate.shop_customers, estate.shop_orders)
        members = [{name: value for name, value in member.items() if name != "tags"} for member in estate.members]
        self.newsletter.load(LIST_ID, members, estate.segments, double_optin=False)
        self.texts.load(estate.messages)
        for message in estate.messages:
            if message["direction"] == "inbound":  # a loaded message does nothing: its keyword is obeyed here
                self.texts.account.read(message["from"], SENDER, message["body"])
        self.help.incremental_limit = EXPORTS_A_MINUTE
        self.help.load(estate.help_users, estate.help_tickets)


@contextmanager
def serving(vendors: Vendors) -> Iterator[dict[str, str]]:
    """Run the simulators for the length of a block, which gets the values of the demo configuration's @PLACES@."""
    with ExitStack() as stack:
        urls = {
            f"@{connection.upper()}_URL@": stack.enter_context(serve(simulator)).base_url
            for connection, simulator in vendors
        }
        yield {**urls, "@AUDIENCE@": LIST_ID, "@TEXTS_ACCOUNT@": ACCOUNT_SID, "@TEXTS_SENDER@": SENDER}
