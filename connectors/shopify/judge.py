"""Shopify's ways to say no, most of them inside HTTP 200, translated into the kit's errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from connectors.kit.errors import AuthError, BadPayload, ConfigError, RateLimited, Refused, VendorDown
from connectors.kit.http import Again, Reply

PAUSE = timedelta(hours=1)
"""For a store that is frozen, locked or blocked: a person has to act there, and we look again now and then."""

CLOSED = {402: "frozen for an unpaid bill", 423: "locked", 430: "blocked by a security check"}

UNTOUCHED = {"THROTTLED", "MAX_COST_EXCEEDED", "SHOP_INACTIVE"}
"""Codes that say that nothing of the document ran."""

FAILED = {"INTERNAL_SERVER_ERROR", "TIMEOUT"}
"""Codes that do not say how far the vendor came."""


class ScopeMissing(AuthError):
    """The token is good, but the app may not read or write this."""


class TooCostly(Refused):
    """The query is dearer than the vendor ever allows; a smaller page may pass."""


class Judge:
    """Looks at each reply. Raises Again for what passes by itself, a ConnectorError for the rest."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def __call__(self, reply: Reply) -> None:
        if reply.status in CLOSED:
            self._pause(f"the store is {CLOSED[reply.status]} ({reply.status})")
        if reply.status == 404:
            raise ConfigError(f"{reply.url}: no such store or API version; correct `store`, `version` or `base_url`")
        if not reply.ok:
            return
        body = reply.json()
        if not isinstance(body, dict):
            raise BadPayload(f"{reply.url} answered with something that is no GraphQL response")
        if body.get("errors"):
            self._errors(body)
        if not isinstance(body.get("data"), dict):
            raise BadPayload(f"{reply.url} answered without data and without an error")

    def _errors(self, body: dict[str, Any]) -> None:
        """Errors beside partial data count too: a page with holes must not be used. Messages are not passed on."""
        errors = [error for error in _list(body["errors"]) if isinstance(error, dict)]
        codes = {str(_dict(error.get("extensions")).get("code", "")) for error in errors}
        if "ACCESS_DENIED" in codes:
            raise ScopeMissing(f"the app may not read {_places(errors)}; grant it the scope or protected customer data")
        if "SHOP_INACTIVE" in codes:
            self._pause("the store is inactive")
        if "THROTTLED" in codes:
            raise Again("throttled", throttle_wait(body))
        if "MAX_COST_EXCEEDED" in codes:
            raise TooCostly("the query costs more points than Shopify allows, even for the smallest page")
        if "INTERNAL_SERVER_ERROR" in codes:
            raise Again("Shopify had an internal error", None)
        named = ", ".join(sorted(codes - {""})) or "no code"
        raise Refused(f"Shopify refuses the query ({named}); is the API version one that this connector knows?")

    def _pause(self, reason: str) -> NoReturn:
        retry_at = self._now() + PAUSE
        raise RateLimited(f"{reason}; look into the store's admin. Next try at {retry_at:%H:%M:%S} UTC", retry_at)


class WriteJudge(Judge):
    """For mutations: what may have been applied is not asked again, and an answer to some of them is an answer."""

    def _errors(self, body: dict[str, Any]) -> None:
        if any(_dict(body.get("data")).values()):
            return
        errors = [_dict(error) for error in _list(body["errors"])]
        codes = {str(_dict(error.get("extensions")).get("code", "")) for error in errors}
        if codes == {"ACCESS_DENIED"} and all(len(_list(error.get("path"))) <= 1 for error in errors):
            raise ScopeMissing("the app may not write customers; grant it the scope write_customers")
        never_ran = "data" not in body and not codes & FAILED
        if not never_ran and not (codes and codes <= UNTOUCHED):
            raise VendorDown("Shopify failed inside the writes; what was written is unknown")
        super()._errors(body)


def throttle_wait(body: dict[str, Any]) -> float | None:
    """Seconds until the bucket holds the query's points, or None if the reply does not say.

    Raises TooCostly when the bucket could never hold them.
    """
    cost = _dict(_dict(body.get("extensions")).get("cost"))
    status = _dict(cost.get("throttleStatus"))
    requested, available = _number(cost, "requestedQueryCost"), _number(status, "currentlyAvailable")
    rate, maximum = _number(status, "restoreRate"), _number(status, "maximumAvailable")
    if requested is None or available is None or not rate or rate < 0:
        return None
    if maximum is not None and requested > maximum:
        raise TooCostly("the query costs more points than the store's bucket holds, even for the smallest page")
    return max(0.0, (requested - available) / rate)


def _places(errors: list[dict[str, Any]]) -> str:
    """Where access was denied, as dotted paths of field names, without list positions."""
    paths = [_list(error.get("path")) for error in errors]
    told = {".".join(step for step in path if isinstance(step, str)) for path in paths}
    return ", ".join(sorted(told - {""})) or "what was asked for"


def _number(holder: dict[str, Any], name: str) -> float | None:
    value = holder.get(name)
    return float(value) if isinstance(value, int | float) else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
