"""Answers the mutations, one after the other as they stand in the document, and tells the ledger what each one did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError

from connectors.kit.destination import effect_of_consent, effect_of_tag
from connectors.shopify.simulator.answer import Answer
from connectors.shopify.simulator.consent import Channel, Refusal, Write, apply, change, state_of
from connectors.shopify.simulator.graph import Field, shape
from connectors.shopify.simulator.search import Node, stamp
from connectors.shopify.simulator.state import Store, addresses

CONSENT: dict[str, Channel] = {
    "customerEmailMarketingConsentUpdate": "email",
    "customerSmsMarketingConsentUpdate": "sms",
}
MEANT = {"SUBSCRIBED": "in", "PENDING": "in", "UNSUBSCRIBED": "out"}
Flips = dict[tuple[str, str], str]
"""By customer and channel: the state that a person sets right after the next payload was made."""


class Mutations:
    """One document's mutations. `effect` is what they did, for the ledger."""

    def __init__(self, answer: Answer, flips: Flips) -> None:
        self.effect: dict[str, list[dict[str, Any]]] = {}
        self._answer = answer
        self._store: Store = answer.store
        self._flips = flips

    def root(self, field: Field) -> Any:
        """The payload of one mutation; None beside an error in the answer where the app may not write."""
        try:
            self._store.demand("write_customers", field.name)
        except GraphQLError as error:
            denied = GraphQLError(error.message, path=[field.key], extensions=error.extensions)
            self._answer.errors.append(denied)
            return None
        if field.name in CONSENT:
            return self._consent(field, CONSENT[field.name])
        return self._tags(field)

    def _consent(self, field: Field, channel: Channel) -> Any:
        asked = field.arguments["input"]
        wish = asked[f"{channel}MarketingConsent"]
        gid, at = asked["customerId"], wish.get("consentUpdatedAt") or ""
        write = Write(gid, channel, wish["marketingState"], wish.get("marketingOptInLevel"), at)
        before = state_of(self._store, gid, channel)
        errors = _refused(lambda: apply(self._store, write, self._now()))
        after = state_of(self._store, gid, channel)
        address = addresses(self._store.customer(gid) or {}).get(channel, "")
        self._tell("consents", effect_of_consent(gid, channel, address, MEANT.get(write.state, ""), before, after, at))
        shown = None if errors else self._store.customer(gid)
        payload = self._payload(field, {"customer": shown, "userErrors": errors})
        flipped = self._flips.pop((gid, channel), None)
        if flipped:
            change(self._store, gid, channel, flipped, "SINGLE_OPT_IN", self._now(), "SHOPIFY")
        return payload

    def _tags(self, field: Field) -> Any:
        gid, wanted = field.arguments["id"], "add" if field.name == "tagsAdd" else "remove"
        tags = [tag.strip() for text in field.arguments["tags"] for tag in text.split(",") if tag.strip()]
        customer = self._store.customer(gid)
        if customer is not None:
            self._retag(customer, tags, wanted)
        address = next(iter(addresses(customer or {}).values()), "")
        for tag in tags:
            self._tell("tags", effect_of_tag(gid, address, tag, wanted, applied=customer is not None))
        errors = [] if customer else [{"field": ["id"], "message": "Resource does not exist"}]
        return self._payload(field, {"node": self._store.customer(gid), "userErrors": errors})

    def _retag(self, customer: Node, tags: list[str], wanted: str) -> None:
        """Tags that differ only in case are one tag; an addition keeps the spelling that is there."""
        given = {tag.casefold(): tag for tag in tags}
        held = {tag.casefold(): tag for tag in customer["tags"]}
        after = {**given, **held} if wanted == "add" else {key: held[key] for key in held if key not in given}
        if after != held:
            spelled = sorted(after.values(), key=str.casefold)
            self._store.upsert("customers", {"id": customer["id"], "tags": spelled})

    def _payload(self, field: Field, whole: Node) -> Any:
        return shape(field.selected, self._answer.special)(whole)

    def _tell(self, kind: str, effect: dict[str, Any]) -> None:
        self.effect.setdefault(kind, []).append(effect)

    def _now(self) -> str:
        return stamp(self._store.now())


def _refused(act: Callable[[], None]) -> list[Node]:
    """The userErrors of an act, none where it went well."""
    try:
        act()
    except Refusal as refusal:
        return [{"field": ["input", *refusal.field], "message": str(refusal), "code": "INVALID"}]
    return []
