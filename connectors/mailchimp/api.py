"""How both sides reach Mailchimp: one audience of one account, with its credentials and its judge."""

from __future__ import annotations

from connectors.kit.clock import Clock
from connectors.kit.http import Http
from connectors.mailchimp.config import MailchimpConfig
from connectors.mailchimp.judge import judge_for


def open_http(config: MailchimpConfig, clock: Clock) -> Http:
    key = config.api_key.get_secret_value()
    return Http(
        config.address,
        auth=("contact-hub", key),
        judge=judge_for(config.audience),
        clock=clock,
        secrets=[key],
    )


def audience_path(config: MailchimpConfig, below: str = "") -> str:
    """The audience's own path, or one below it."""
    return f"3.0/lists/{config.audience}/{below}".rstrip("/")
