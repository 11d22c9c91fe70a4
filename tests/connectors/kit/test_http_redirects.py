"""Redirects: followed at home, refused to elsewhere."""

from __future__ import annotations

import pytest
import responses

from connectors.kit.errors import ConfigError
from tests.connectors.kit.vendor import BASE, PAGE, Make, failure


@pytest.mark.fault("H13")
@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/customers?token=x",
        "http://shop.example/api/customers",
        "https://shop.example:8443/api/customers",
        "//evil.example/",
        "file:///etc/passwd",
        "https://evil.example\\@shop.example/",
        "https://shop.example@evil.example/",
        "https://[bad",
    ],
)
def test_a_redirect_to_elsewhere_is_not_followed(vendor: responses.RequestsMock, make: Make, location: str) -> None:
    vendor.get(PAGE, status=302, headers={"Location": location})
    error = failure(lambda: make().get("customers", {"q": "alice"}))
    assert isinstance(error, ConfigError)
    assert "token=x" not in str(error)
    assert len(vendor.calls) == 1


@pytest.mark.fault("H13")
def test_the_error_of_a_foreign_redirect_names_the_host(vendor: responses.RequestsMock, make: Make) -> None:
    vendor.get(PAGE, status=301, headers={"Location": "https://parked.example/buy?domain=shop"})
    assert "redirects to the host parked.example;" in str(failure(lambda: make().get("customers")))


@pytest.mark.fault("H13")
def test_a_redirect_at_home_is_followed_three_times_and_no_more(vendor: responses.RequestsMock, make: Make) -> None:
    for n in range(3):
        vendor.get(f"{BASE}/{n}", status=307, headers={"Location": f"/api/{n + 1}?page=2"})
    vendor.get(f"{BASE}/3", json=["found"])
    assert make().get("0").json() == ["found"]
    vendor.get(PAGE, status=302, headers={"Location": "/api/customers"})
    assert isinstance(failure(lambda: make().get("customers")), ConfigError)
    assert len(vendor.calls) == 4 + 4


@pytest.mark.fault("H13")
def test_a_write_is_not_turned_into_a_read_by_a_redirect(vendor: responses.RequestsMock, make: Make) -> None:
    vendor.post(PAGE, status=302, headers={"Location": "/api/login"})
    assert isinstance(failure(lambda: make().post("customers", json={})), ConfigError)
    assert len(vendor.calls) == 1
