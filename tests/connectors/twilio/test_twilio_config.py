"""What a Twilio connection may say of itself, and where it leads."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.kit import registry
from connectors.twilio.config import is_toll_free
from connectors.twilio.simulator import ACCOUNT_SID, API_KEY, API_SECRET, AUTH_TOKEN, NUMBER, SENDER, TOLL_FREE
from tests.connectors.twilio.estate import config_for

GIVEN: dict[str, Any] = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "sender": SENDER}


def test_the_registry_offers_both_sides_the_mapping_and_the_webhook() -> None:
    connector = registry.get("twilio")
    assert connector.mapping is not None
    assert connector.mapping.exists()
    assert connector.destination is not None
    assert connector.webhook is not None


def test_each_product_has_its_host() -> None:
    config = registry.get("twilio").config.model_validate(GIVEN)
    assert (config.messages_address, config.accounts_address, config.messaging_address) == (  # type: ignore[attr-defined]
        "https://api.twilio.com", "https://accounts.twilio.com", "https://messaging.twilio.com"
    )  # fmt: skip


def test_one_address_stands_for_all_three_unless_they_are_given_too() -> None:
    one = config_for("http://proxy.example.test/t")
    assert {one.messages_address, one.accounts_address, one.messaging_address} == {"http://proxy.example.test/t"}
    config = config_for("https://a.example.test", accounts_url="https://b.example.test")
    assert config.accounts_address == "https://b.example.test"
    assert config.messaging_address == "https://a.example.test"


def test_the_token_logs_in_unless_there_is_a_key() -> None:
    assert config_for().login == (ACCOUNT_SID, AUTH_TOKEN)
    assert config_for(api_key=API_KEY, api_secret=API_SECRET).login == (API_KEY, API_SECRET)


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_sid": "SK0123456789abcdef0123456789abcdef"},
        {"account_sid": f"{ACCOUNT_SID}/x"},
        {"auth_token": ""},
        {"sender": "ACME"},
        {"sender": "0480555001"},
        {"api_key": API_KEY},
        {"api_secret": API_SECRET},
        {"base_url": "ftp://api.example.test"},
        {"public_url": "https://hub.example.test/hooks?x=1"},
        {"token": "x"},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_without_showing_a_secret(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        config_for(**wrong)
    assert AUTH_TOKEN not in str(caught.value)
    assert API_SECRET not in str(caught.value)


def test_a_config_shows_no_secret() -> None:
    config = config_for(api_key=API_KEY, api_secret=API_SECRET, previous_auth_token="old-token")
    assert not [secret for secret in (*config.secrets, "old-token") if secret in repr(config)]


@pytest.mark.parametrize(
    ("sender", "toll_free"),
    [
        (TOLL_FREE, True),
        ("+18885550100", True),
        ("+18015550100", False),
        ("+180055501001", False),
        ("+61800555010", False),
        (NUMBER, False),
        (SENDER, False),
    ],
)
def test_a_us_toll_free_number_is_told_by_its_area_code(sender: str, toll_free: bool) -> None:
    assert is_toll_free(sender) is toll_free


@pytest.mark.parametrize(("sender", "directions"), [(SENDER, ("out", "in")), (TOLL_FREE, ("out",))])
def test_what_it_can_do_is_told_for_its_sender(sender: str, directions: tuple[str, ...]) -> None:
    able = registry.get("twilio").capabilities(config_for(sender=sender))
    assert (able.consent, able.scope, able.directions) == (("sms",), sender, directions)
    assert (able.readable, able.resubscribe, able.sees_second_no) == (False, "keyword", "log")
    assert able.refusals == {"21610"}
    assert (able.stream, able.tags, able.timestamps, able.consent_batch) == ("", False, False, 25)
