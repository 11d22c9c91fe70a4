"""What `hub check` says of a Shopify connection: version, scopes, clock, and whether people's data is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.kit.base import Finding
from connectors.shopify.nodes import listed

HIDDEN = "the store shows no {} of its customers: ask Shopify for access to protected customer data (levels 1 and 2)"
FEW = 10
"""Fewer customers than this may all have no e-mail address, or no name, by chance."""

IDENTIFYING = {
    "names": ("firstName", "lastName"),
    "e-mail addresses": ("defaultEmailAddress",),
    "phone numbers": ("defaultPhoneNumber",),
}


def shown(nodes: list[Any], *what: str) -> bool:
    """Whether any of these customers has a value in one of the identifying fields (or in those named)."""
    fields = [field for name in what or IDENTIFYING for field in IDENTIFYING[name]]
    return any(node.get(field) for node in nodes if isinstance(node, dict) for field in fields)


def version_finding(asked: str, answered: str | None) -> Finding:
    """An expired version is not refused: the oldest one left answers, and says so in a header."""
    if answered in (None, asked):
        return Finding("reach", True)
    return Finding("reach", False, f"Shopify answers with version {answered} instead of {asked}: correct `version`")


def clock_finding(vendor: datetime, ours: datetime) -> Finding:
    skew = (vendor - ours).total_seconds()
    if abs(skew) <= 60:
        return Finding("clock", True)
    return Finding("clock", False, f"this machine's clock is {abs(skew):.0f} s {'behind' if skew > 0 else 'ahead'}")


def scope_findings(installation: Any) -> Iterator[Finding]:
    """Raises BadPayload when the vendor does not list the app's scopes."""
    held = {scope.get("handle") for scope in listed(installation, "accessScopes") if isinstance(scope, dict)}
    missing = [scope for scope in ("read_customers", "read_orders") if scope not in held]
    if missing:
        yield Finding("scopes", False, f"the app lacks {' and '.join(missing)}: grant it in the store's admin")
    elif "read_all_orders" in held:
        yield Finding("scopes", True)
    else:
        yield Finding("scopes", True, "without read_all_orders the store shows only the orders of the last 60 days")


def sample_finding(customers: list[Any]) -> Finding:
    """A store without customers is well; one that shows nobody's name, or nobody's e-mail, hides them."""
    enough = len(customers) >= FEW
    hidden = [what for what in ("names", "e-mail addresses") if enough and not shown(customers, what)]
    if hidden or (customers and not shown(customers)):
        return Finding("scopes", False, HIDDEN.format(" and no ".join(hidden or IDENTIFYING)))
    return Finding("sample", True, f"{len(customers)} customers looked at")
