"""What customers and other apps do to the store without the hub: none of it is in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.kit.base import utc_now
from connectors.kit.simulator import Simulator
from connectors.shopify.simulator.consent import BLANKS, HOLDERS, Channel, Write, apply, change, held_of
from connectors.shopify.simulator.mutation import Flips
from connectors.shopify.simulator.search import Node, stamp
from connectors.shopify.simulator.state import Store, addresses


class People(Simulator):
    """The verbs of persons. They happen at the simulator's present time and may be called from any thread.

    Customers are named by their gid. A verb for a channel on which the customer has no address raises LookupError.
    """

    def __init__(self, *, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now=now)
        self.store = Store(self.now)
        self.flips: Flips = {}

    def create_customer(
        self,
        *,
        email: str | None = None,
        phone: str | None = None,
        email_state: str = "NOT_SUBSCRIBED",
        sms_state: str = "NOT_SUBSCRIBED",
        **fields: Any,
    ) -> str:
        """A new customer with these addresses; returns the gid. A state that somebody set is dated now."""
        with self.lock:
            gid = f"gid://shopify/Customer/{self.store.collections['customers'].last + 1}"
            held = {
                HOLDERS["email"]: email and {**self._blank("email", email_state), "emailAddress": email},
                HOLDERS["sms"]: phone and {**self._blank("sms", sms_state), "phoneNumber": phone},
            }
            self.store.upsert("customers", {"id": gid, **held, **fields})
            return gid

    def fill_form(self, customer_id: str, channel: Channel, level: str = "SINGLE_OPT_IN") -> None:
        """The person says yes in the store; said again, it has a new time."""
        with self.lock:
            change(self.store, customer_id, channel, "SUBSCRIBED", level, self._stamp(), "SHOPIFY")

    def unsubscribe(self, customer_id: str, channel: Channel) -> None:
        """The person clicks unsubscribe; clicked again, only the customer's change time shows it."""
        with self.lock:
            held = held_of(self.store, customer_id, channel)
            if held["marketingState"] == "UNSUBSCRIBED":
                self.store.upsert("customers", {"id": customer_id})
                return
            level = held.get("marketingOptInLevel")
            change(self.store, customer_id, channel, "UNSUBSCRIBED", level, self._stamp(), "SHOPIFY")

    def change_email(self, customer_id: str, email: str) -> None:
        """The new address inherits what was said of the old one."""
        self._move(customer_id, "email", {"emailAddress": email})

    def change_phone(self, customer_id: str, phone: str) -> None:
        """The new number inherits what was said of the old one."""
        self._move(customer_id, "sms", {"phoneNumber": phone})

    def place_order(self, customer_id: str, **fields: Any) -> str:
        """The customer buys something; returns the order's gid."""
        with self.lock:
            customer = self.store.collections["customers"].nodes[customer_id]
            number = self.store.collections["orders"].last + 1
            order = {"id": f"gid://shopify/Order/{number}", "name": f"#{number}", "customer": {"id": customer_id}}
            customer["numberOfOrders"] = str(int(customer["numberOfOrders"]) + 1)
            self.store.upsert("orders", {**order, **fields})
            return f"gid://shopify/Order/{number}"

    def foreign_copy(self, customer_id: str, channel: Channel, state: str, level: str = "SINGLE_OPT_IN") -> None:
        """Another app writes a consent through the API, by the API's rules. Raises Refusal."""
        with self.lock:
            apply(self.store, Write(customer_id, channel, state, level, ""), self._stamp())

    def flip_after_payload(self, customer_id: str, channel: Channel, state: str) -> None:
        """Let the person change this consent right after the payload of the next write to it was made."""
        with self.lock:
            held_of(self.store, customer_id, channel)
            self.flips[(customer_id, channel)] = state

    def sendable(self, address: str, channel: str) -> bool | None:
        """Whether the store would send marketing to the address; None when no customer holds it for the channel."""
        with self.lock:
            told = [node[HOLDERS[channel]] for node in self._holders(address, channel)]
            return any(held["marketingState"] == "SUBSCRIBED" for held in told) if told else None

    def customer_of(self, address: str) -> str | None:
        """The gid of the first customer with this e-mail address or phone number."""
        with self.lock:
            return next((str(node["id"]) for node in self.store.holders(address)), None)

    def _holders(self, address: str, channel: str) -> list[Node]:
        return [node for node in self.store.holders(address) if addresses(node).get(channel) == address.lower()]

    def _move(self, customer_id: str, channel: Channel, address: Node) -> None:
        with self.lock:
            known = self.store.collections["customers"].nodes[customer_id].get(HOLDERS[channel]) or BLANKS[channel]
            self.store.upsert("customers", {"id": customer_id, HOLDERS[channel]: {**known, **address}})

    def _blank(self, channel: str, state: str) -> Node:
        if state == BLANKS[channel]["marketingState"]:
            return BLANKS[channel]
        asked = {"marketingOptInLevel": "SINGLE_OPT_IN", "marketingUpdatedAt": self._stamp()}
        return {**BLANKS[channel], **asked, "marketingState": state}

    def _stamp(self) -> str:
        return stamp(self.now())
