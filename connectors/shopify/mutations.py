"""The GraphQL texts of the writes: many changes in one document, whose text depends on their kinds alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from connectors.kit.destination import ConsentChange, SegmentChange

Kind = Literal["email", "sms", "add", "remove"]


class Call(NamedTuple):
    """One mutation of a document and the values of its variables."""

    kind: Kind
    variables: dict[str, Any]


class _Text(NamedTuple):
    """The parts of a document that a mutation needs; `{n}` is its place among them."""

    declares: str
    calls: str
    fragment: str


TEXTS: dict[Kind, _Text] = {
    "email": _Text(
        "$input{n}: CustomerEmailMarketingConsentUpdateInput!",
        "m{n}: customerEmailMarketingConsentUpdate(input: $input{n}) {{ ...Email }}",
        """fragment Email on CustomerEmailMarketingConsentUpdatePayload {
  customer { id defaultEmailAddress { marketingState marketingUpdatedAt } } userErrors { field code }
}""",
    ),
    "sms": _Text(
        "$input{n}: CustomerSmsMarketingConsentUpdateInput!",
        "m{n}: customerSmsMarketingConsentUpdate(input: $input{n}) {{ ...Sms }}",
        """fragment Sms on CustomerSmsMarketingConsentUpdatePayload {
  customer { id defaultPhoneNumber { marketingState marketingUpdatedAt } } userErrors { field code }
}""",
    ),
    "add": _Text(
        "$id{n}: ID!, $tags{n}: [String!]!",
        "m{n}: tagsAdd(id: $id{n}, tags: $tags{n}) {{ ...Added }}",
        "fragment Added on TagsAddPayload { node { ... on Customer { id tags } } userErrors { field } }",
    ),
    "remove": _Text(
        "$id{n}: ID!, $tags{n}: [String!]!",
        "m{n}: tagsRemove(id: $id{n}, tags: $tags{n}) {{ ...Removed }}",
        "fragment Removed on TagsRemovePayload { node { ... on Customer { id tags } } userErrors { field } }",
    ),
}


@lru_cache(maxsize=1024)
def document(kinds: tuple[Kind, ...]) -> str:
    """The text of these mutations; the vendor runs them in this order. `alias(n)` names the n-th one's payload."""
    declared = ", ".join(TEXTS[kind].declares.format(n=n) for n, kind in enumerate(kinds))
    calls = "\n".join("  " + TEXTS[kind].calls.format(n=n) for n, kind in enumerate(kinds))
    fragments = "\n".join(TEXTS[kind].fragment for kind in sorted(set(kinds)))
    return f"mutation Write({declared}) {{\n{calls}\n}}\n{fragments}\n"


def alias(n: int) -> str:
    return f"m{n}"


def variables(calls: Sequence[Call]) -> dict[str, Any]:
    return {f"{name}{n}": value for n, call in enumerate(calls) for name, value in call.variables.items()}


def state_of(change: ConsentChange) -> str:
    """The vendor's word for what is wanted."""
    if change.wanted == "out":
        return "UNSUBSCRIBED"
    return "PENDING" if change.by_confirmation else "SUBSCRIBED"


def consent_call(change: ConsentChange, channel: Literal["email", "sms"]) -> Call:
    consent = {"marketingState": state_of(change), "consentUpdatedAt": _seconds(change.at)}
    if consent["marketingState"] == "SUBSCRIBED":
        consent["marketingOptInLevel"] = "SINGLE_OPT_IN"
    return Call(channel, {"input": {"customerId": change.record, f"{channel}MarketingConsent": consent}})


def tag_call(change: SegmentChange) -> Call:
    return Call(change.wanted, {"id": change.record, "tags": [change.tag]})


def _seconds(moment: datetime) -> str:
    # the vendor keeps whole seconds; rounded down, so that no time lies in its future
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
