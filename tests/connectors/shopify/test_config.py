"""What a Shopify connection may be told, and where it then goes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.kit import registry
from connectors.shopify import CONNECTOR
from connectors.shopify.config import ShopifyConfig

ACME = {"store": "acme", "token": "shpat_1"}


def test_a_store_and_a_token_are_enough() -> None:
    config = ShopifyConfig.model_validate(ACME)
    assert config.url + config.path == "https://acme.myshopify.com/admin/api/2026-07/graphql.json"
    assert "shpat_1" not in repr(config)


def test_a_connection_can_be_aimed_elsewhere() -> None:
    config = ShopifyConfig.model_validate({**ACME, "base_url": "http://127.0.0.1:8080/", "version": "2026-10"})
    assert config.url + config.path == "http://127.0.0.1:8080/admin/api/2026-10/graphql.json"


@pytest.mark.parametrize(
    "wrong",
    [
        {"store": "acme.myshopify.com"},
        {"store": "evil.example/"},
        {"store": "acme\n"},
        {"version": "2026-7"},
        {"version": "unstable"},
        {"base_url": "file:///etc"},
        {"base_url": "https://user:secret@example.com"},
        {"token": ""},
        {"stor": "acme"},
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ShopifyConfig.model_validate({**ACME, **wrong})


def test_the_registry_knows_it() -> None:
    assert registry.get("shopify") is CONNECTOR
    assert CONNECTOR.mapping is not None
    assert CONNECTOR.mapping.is_file()
