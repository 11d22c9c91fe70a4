"""The `config:` block of a Twilio connection, the addresses it leads to, and the credentials it holds."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")]
Secret = Annotated[SecretStr, Field(min_length=1)]

US_TOLL_FREE = re.compile(r"\+18(?:00|33|44|55|66|77|88)[0-9]{7}\Z")


def is_toll_free(sender: str) -> bool:
    """Whether this is a US toll-free number: there the network keeps consent, not Twilio."""
    return US_TOLL_FREE.match(sender) is not None


class TwilioConfig(BaseModel):
    """One messaging service, or one number that is in none, of one Twilio account.

    `sender` (the service's MG… SID, or the number in E.164) is where consent is kept and written.
    `auth_token` signs webhooks, whoever logs in; while it is rotated, `previous_auth_token` still opens them.
    With `api_key` (SK…) and `api_secret` these log in instead of the token.
    Twilio has a host for each product: `base_url` replaces that of the messages and, unless they are given too, of
    `accounts_url` (consents) and `messaging_url` (services).
    `public_url` is our webhook as Twilio calls it, without query; without it the request's own URL is believed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: Secret
    previous_auth_token: Secret | None = None
    api_key: str | None = Field(default=None, pattern=r"^SK[0-9a-fA-F]{32}$")
    api_secret: Secret | None = None
    sender: str = Field(pattern=r"^(MG[0-9a-fA-F]{32}|\+[1-9][0-9]{6,14})$")
    base_url: WebAddress | None = None
    accounts_url: WebAddress | None = None
    messaging_url: WebAddress | None = None
    public_url: WebAddress | None = None

    @model_validator(mode="after")
    def _has_a_whole_api_key(self) -> Self:
        if (self.api_key is None) != (self.api_secret is None):
            raise ValueError("api_key and api_secret belong together: give both or neither")
        return self

    @property
    def messages_address(self) -> str:
        return self.base_url or "https://api.twilio.com"

    @property
    def accounts_address(self) -> str:
        return self.accounts_url or self.base_url or "https://accounts.twilio.com"

    @property
    def messaging_address(self) -> str:
        return self.messaging_url or self.base_url or "https://messaging.twilio.com"

    @property
    def login(self) -> tuple[str, str]:
        """User and password of HTTP Basic."""
        if self.api_key is not None and self.api_secret is not None:
            return self.api_key, self.api_secret.get_secret_value()
        return self.account_sid, self.auth_token.get_secret_value()

    @property
    def tokens(self) -> tuple[str, ...]:
        """What a webhook may be signed with, the present token first."""
        return tuple(t.get_secret_value() for t in (self.auth_token, self.previous_auth_token) if t is not None)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that no text may show."""
        return (*self.tokens, self.login[1])
