"""The `config:` block: where it points to, how it gets in, and what it refuses without telling a secret."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.kit import registry
from connectors.zendesk.config import ZendeskConfig
from connectors.zendesk.destination import ZendeskDestination, capabilities

GOOD = {"subdomain": "acme", "token": "feedface"}
CLIENT = {"client_id": "hub", "client_secret": "feedface", "token": None}


def config(**changes: Any) -> ZendeskConfig:
    return ZendeskConfig.model_validate({**GOOD, **changes})


def test_the_subdomain_is_the_address_unless_a_base_url_replaces_it() -> None:
    assert config().address == "https://acme.zendesk.com"
    assert config(base_url="http://127.0.0.1:8080/").address == "http://127.0.0.1:8080"


def test_an_oauth_client_will_do_instead_of_a_token() -> None:
    assert config(**CLIENT).secrets == ("feedface",)
    assert config().secrets == ("feedface",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": None},
        {"client_id": "hub", "client_secret": "feedface"},
        {"token": None, "client_id": "hub"},
        {"token": None, "client_secret": "feedface"},
        {"token": ""},
        {"subdomain": "acme.evil.example/"},
        {"subdomain": "Acme"},
        {"base_url": "ftp://files.example"},
        {"base_url": "https://x.example/?a=1"},
        {"consent_fields": {"email": "consent", "sms": "consent"}},
        {"consent_fields": {"email": "4711"}},
        {"consent_fields": {"email": "no key"}},
        {"consent_fields": {"fax": "consent_fax"}},
        {"email": "admin@example.com"},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_and_the_secret_is_not_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        config(**wrong)
    assert "feedface" not in str(caught.value)


def test_what_can_be_written_is_what_has_a_field() -> None:
    can = capabilities(config(consent_fields={"sms": "texts_ok"}))
    assert can.consent == ("sms",)
    assert (can.stream, can.resubscribe, can.sees_second_no) == ("users", "plain", "none")
    assert (can.timestamps, can.change_time_covers_consent, can.yes_methods) == (False, True, {})
    assert (can.tags, can.readable, can.consent_batch, can.tag_batch, can.fetch_batch) == (True, True, 100, 10, 100)


def test_the_registry_offers_zendesk_with_its_mapping_and_its_destination() -> None:
    connector = registry.get("zendesk")
    assert connector.mapping is not None
    assert connector.mapping.is_file()
    source, destination = connector.open(config()), connector.open_destination(config())
    assert [stream.name for stream in source.streams] == ["users", "tickets"]
    assert isinstance(destination, ZendeskDestination)
    source.close()
    destination.close()
