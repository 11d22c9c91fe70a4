"""The `config:` block: where it points to, and what it refuses without telling the key."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.kit import registry
from connectors.mailchimp.config import MailchimpConfig
from connectors.mailchimp.destination import MailchimpDestination, capabilities

GOOD = {"audience": "a1b2c3", "api_key": "feedface-us19"}


def config(**changes: Any) -> MailchimpConfig:
    return MailchimpConfig.model_validate({**GOOD, **changes})


def test_the_end_of_the_key_is_the_data_centre() -> None:
    assert config().address == "https://us19.api.mailchimp.com"


def test_a_base_url_replaces_the_address_and_then_any_token_will_do() -> None:
    assert config(api_key="token", base_url="http://127.0.0.1:8080/").address == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": "feedface"},
        {"api_key": "feedface-us19.evil.example/"},
        {"api_key": "feedface-us19\n"},
        {"api_key": ""},
        {"audience": "../other"},
        {"audience": ""},
        {"base_url": "ftp://files.example"},
        {"base_url": "https://x.example/?a=1"},
        {"list": "a1b2c3"},
        {"double_optin": "perhaps"},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_and_the_key_is_not_told(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        config(**wrong)
    assert "feedface" not in str(caught.value)


def test_the_registry_offers_mailchimp_with_its_mapping() -> None:
    connector = registry.get("mailchimp")
    assert connector.mapping is not None
    assert connector.mapping.is_file()
    source = connector.open(config())
    assert [stream.name for stream in source.streams] == ["members", "tags"]
    source.close()


def test_the_registry_offers_mailchimp_as_a_destination_of_this_one_audience() -> None:
    connector = registry.get("mailchimp")
    assert connector.destination is MailchimpDestination
    told = connector.capabilities(config())
    assert (told.stream, told.scope, told.consent, told.resubscribe) == ("members", "a1b2c3", ("email",), "pending")
    assert (told.timestamps, told.tags) == (False, True)


def test_only_on_a_double_opt_in_audience_is_every_yes_a_confirmed_one() -> None:
    assert capabilities(config()).yes_methods == {}
    assert capabilities(config(double_optin=True)).yes_methods == {"": "double_opt_in"}
