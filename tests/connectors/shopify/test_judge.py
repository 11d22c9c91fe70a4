"""How Shopify's refusals end: waited for, asked again, or told by the right error, without anybody's data in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import responses

from connectors.kit.errors import AuthError, BadPayload, ConfigError, ConnectorError, RateLimited, Refused
from connectors.kit.testing import FakeClock
from connectors.shopify.judge import TooCostly, throttle_wait
from tests.connectors.shopify.store import CUSTOMERS, customer, source_of

SHOP = "https://shop.example"
URL = f"{SHOP}/admin/api/2026-07/graphql.json"
LAST_PAGE = {"data": {"customers": {"nodes": [customer(1)], "pageInfo": {"hasNextPage": False, "endCursor": "x"}}}}


def refusal(code: str, **extensions: Any) -> dict[str, Any]:
    error = {
        "message": "alice@example.com is not for you",
        "extensions": {"code": code},
        "path": ["customers", 0, "email"],
    }
    return {"errors": [error], "extensions": extensions}


def throttled(requested: float, available: float, rate: float, maximum: float = 2000) -> dict[str, Any]:
    status = {"maximumAvailable": maximum, "currentlyAvailable": available, "restoreRate": rate}
    return refusal("THROTTLED", cost={"requestedQueryCost": requested, "throttleStatus": status})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def shop() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def pull(clock: FakeClock) -> list[str]:
    source = source_of(SHOP, clock)
    return [record.id for page in source.pull(CUSTOMERS, None) for record in page.records]


@pytest.mark.fault("H10")
@pytest.mark.parametrize(("requested", "available", "rate", "wait"), [(752, 120, 50, 12.64), (58, 57.5, 100, 0.005)])
def test_a_throttled_query_waits_exactly_until_the_bucket_holds_its_cost(
    shop: responses.RequestsMock, clock: FakeClock, requested: float, available: float, rate: float, wait: float
) -> None:
    shop.post(URL, json=throttled(requested, available, rate))
    shop.post(URL, json=LAST_PAGE)
    assert pull(clock) == ["gid://shopify/Customer/1"]
    assert clock.slept == [pytest.approx(wait)]


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        (throttled(10, 500, 50), 0.0),
        (throttled(10, 5, 0), None),
        (refusal("THROTTLED"), None),
        (refusal("THROTTLED", cost=None), None),
        (refusal("THROTTLED", cost={"requestedQueryCost": "many"}), None),
    ],
)
def test_a_throttle_without_sensible_figures_gives_no_wait(body: dict[str, Any], wait: float | None) -> None:
    assert throttle_wait(body) == wait


def test_a_query_dearer_than_the_whole_bucket_is_not_waited_for() -> None:
    with pytest.raises(TooCostly):
        throttle_wait(throttled(1500, 1000, 50, maximum=1000))


@pytest.mark.fault("H04")
def test_an_internal_error_inside_a_200_is_asked_again(shop: responses.RequestsMock, clock: FakeClock) -> None:
    shop.post(URL, json=refusal("INTERNAL_SERVER_ERROR"))
    shop.post(URL, json=LAST_PAGE)
    assert pull(clock) == ["gid://shopify/Customer/1"]


@pytest.mark.fault("H10")
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (refusal("ACCESS_DENIED"), AuthError),
        ({**LAST_PAGE, **refusal("ACCESS_DENIED")}, AuthError),
        (refusal("SHOP_INACTIVE"), RateLimited),
        (refusal("SOMETHING_NEW"), Refused),
        ({**LAST_PAGE, **refusal("SOMETHING_NEW")}, Refused),
        ({"errors": "alice@example.com"}, Refused),
        ({"data": None}, BadPayload),
        ({}, BadPayload),
        ([], BadPayload),
        ({"data": {}}, BadPayload),
        ({"data": {"customers": None}}, BadPayload),
        ({"data": {"customers": {"nodes": []}}}, BadPayload),
        ({"data": {"customers": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}}}, BadPayload),
    ],
)
def test_an_error_inside_a_200_is_never_an_empty_page(
    shop: responses.RequestsMock, clock: FakeClock, body: Any, kind: type[ConnectorError]
) -> None:
    shop.post(URL, json=body)
    with pytest.raises(kind) as told:
        pull(clock)
    assert "alice" not in str(told.value)


@pytest.mark.fault("H05")
@pytest.mark.parametrize(("status", "kind"), [(401, AuthError), (403, AuthError), (404, ConfigError), (400, Refused)])
def test_a_refusal_is_not_asked_twice(
    shop: responses.RequestsMock, clock: FakeClock, status: int, kind: type[ConnectorError]
) -> None:
    shop.post(URL, status=status, json={"errors": "no"})
    with pytest.raises(kind):
        pull(clock)
    assert len(shop.calls) == 1


@pytest.mark.parametrize("status", [402, 423, 430])
def test_a_frozen_locked_or_blocked_store_pauses_the_connection_for_an_hour(
    shop: responses.RequestsMock, clock: FakeClock, status: int
) -> None:
    shop.post(URL, status=status, body=b"")
    with pytest.raises(RateLimited) as told:
        pull(clock)
    assert told.value.retry_at == clock.now() + timedelta(hours=1)
    assert len(shop.calls) == 1


def test_a_denied_field_is_named_so_that_somebody_can_grant_it(shop: responses.RequestsMock, clock: FakeClock) -> None:
    shop.post(URL, json=refusal("ACCESS_DENIED"))
    with pytest.raises(AuthError, match=r"may not read customers\.email;"):
        pull(clock)
