"""Writes consent and tags to a Shopify store, and reads single customers as the source pulls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.kit.base import Record
from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.destination import Capabilities, ConsentChange, Destination, Outcome, Permitted, SegmentChange
from connectors.kit.errors import BadPayload, VendorDown
from connectors.shopify import queries
from connectors.shopify.api import Api, open_http
from connectors.shopify.config import ShopifyConfig
from connectors.shopify.judge import WriteJudge
from connectors.shopify.mutations import Call, alias, consent_call, document, tag_call, variables
from connectors.shopify.nodes import listed, sorted_out
from connectors.shopify.outcomes import consent_outcome, tag_outcome

FETCHED = 100
UNSUPPORTED = Outcome("unsupported", "Shopify keeps consent for e-mail and SMS only")
COMMA = Outcome("rejected", "to Shopify a comma ends a tag: rename the tag")


def capabilities(_config: ShopifyConfig) -> Capabilities:
    return Capabilities(
        stream="customers",
        consent=("email", "sms"),
        resubscribe="plain",
        timestamps=True,
        change_time_covers_consent=True,
        sees_second_no="none",
        yes_methods={"CONFIRMED_OPT_IN": "double_opt_in", "SINGLE_OPT_IN": "form"},
        tags=True,
        consent_batch=25,
        tag_batch=25,
        fetch_batch=FETCHED,
    )


class ShopifyDestination(Destination):
    """One store. A batch is one document: its mutations run one after the other and each has its own answer."""

    def __init__(self, config: ShopifyConfig, *, clock: Clock = SYSTEM) -> None:
        self._api = Api(config, clock)
        self._path = config.path
        self._writes = open_http(config, clock, WriteJudge(clock.now))

    def close(self) -> None:
        self._api.close()
        self._writes.close()

    def fetch(self, ids: Sequence[str]) -> list[Record]:
        """Raises ScopeMissing, as the source does, where the store hides who its customers are."""
        records: list[Record] = []
        for start in range(0, len(ids), FETCHED):
            nodes = listed(self._api.data(queries.NODES, {"ids": list(ids[start : start + FETCHED])}), "nodes")
            customers = [node for node in nodes if node]  # null is gone, {} is something else than a customer
            self._api.require_shown(customers)
            records += sorted_out(customers, "customers")[0]
        return records

    def write_consent(self, changes: Sequence[Permitted[ConsentChange]]) -> list[Outcome]:
        outcomes = [UNSUPPORTED] * len(changes)
        wanted = [(permitted.change.channel, at) for at, permitted in enumerate(changes)]
        # by channel, so that there are few document texts; what one customer's channel is told stays in order
        places = sorted(place for place in wanted if place[0] in ("email", "sms"))
        calls = [consent_call(changes[at].change, "email" if channel == "email" else "sms") for channel, at in places]
        for (_, at), payload in zip(places, self._payloads(calls), strict=True):
            outcomes[at] = consent_outcome(payload, changes[at].change)
        return outcomes

    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        outcomes = [COMMA] * len(changes)
        places = [at for at, change in enumerate(changes) if "," not in change.tag]
        payloads = self._payloads([tag_call(changes[at]) for at in places])
        for at, payload in zip(places, payloads, strict=True):
            outcomes[at] = tag_outcome(payload, changes[at])
        return outcomes

    def _payloads(self, calls: Sequence[Call]) -> list[Any]:
        """Each call's payload, None where the answer has none. Sent once; raises VendorDown for a lost answer."""
        if not calls:
            return []
        text = document(tuple(call.kind for call in calls))
        try:
            reply = self._writes.post(self._path, json={"query": text, "variables": variables(calls)})
        except BadPayload as error:
            lost = str(error)
        else:
            data = reply.json()["data"]
            return [data.get(alias(n)) for n in range(len(calls))]
        raise VendorDown(f"{lost}; what was written is unknown")
