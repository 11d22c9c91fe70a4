"""What hub.yaml may say about being watched: `log:`, `metrics:` and `alerts:`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from hub.settings.signing import SigningSecret
from hub.settings.strict import Count, Model
from hub.settings.values import Duration, Share, failure

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_URL = re.compile(r"https?://[^\s@/]+(/[^\s@]*)?")


def read_address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise failure("HUB-C005", "this is not an e-mail address", {"hint": "write somebody@example.com"})
    return value


def read_url(value: str) -> str:
    if not _URL.fullmatch(value):
        raise failure("HUB-C005", "this is not an address that can be posted to", {"hint": "write https://host/path"})
    return value


def read_recipients(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise failure("HUB-C005", "an e-mail to nobody tells nobody", {"hint": "name one address at least"})
    return value


RuleName = Literal["optout", "stream", "quarantine", "dead_letters", "attention", "leases", "disk", "gone"]

Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Text = Annotated[str, Field(min_length=1)]
Address = Annotated[str, AfterValidator(read_address)]
Secret = Annotated[SecretStr, Field(min_length=8)]


class Log(Model):
    """How the hub logs. Without `format`: text for a person at a terminal, else JSON lines."""

    format: Literal["json", "text"] | None = None
    level: Literal["debug", "info", "warning", "error"] = "info"


class Metrics(Model):
    """Who may read /metrics: whoever shows the token; without one only this machine itself."""

    token: Annotated[SecretStr, Field(min_length=16)] | None = None


class Email(Model):
    """Alerts by SMTP. `tls: none` is for a mail server on this machine."""

    host: Text
    port: Port = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: Text | None = None
    password: Secret | None = None
    sender: Address
    to: Annotated[tuple[Address, ...], AfterValidator(read_recipients)]


class Webhook(Model):
    """Alerts as JSON over HTTP, signed with the secret as notices are."""

    url: Annotated[str, AfterValidator(read_url)]
    secret: SigningSecret


class Slack(Model):
    """Alerts to what takes Slack's incoming webhooks. Whoever knows the address may post, so it is a secret."""

    url: Secret


class Rules(Model):
    """When something is worth an alert.

    `optout`: an opt-out that has not arrived for so long. `stream`: how long past its schedule a stream may be
    without a good run. `dead_letters`, `leases`: more than so many, and more than so many lost in an hour.
    `disk`: less than this share is free.
    """

    optout: Duration = timedelta(minutes=15)
    stream: Duration = timedelta(hours=1)
    dead_letters: Count = 0
    leases: Count = 3
    disk: Share = 0.05


class Alerts(Model):
    """Whom to tell, of what, and how often at most. Without a channel the alerts are kept and shown all the same."""

    rules: Rules = Rules()
    off: tuple[RuleName, ...] = ()
    email: Email | None = None
    webhook: Webhook | None = None
    slack: Slack | None = None
    per_hour: Annotated[int, Field(strict=True, ge=1)] = 30
