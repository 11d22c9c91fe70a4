"""The `config:` block of a Mailchimp connection."""

from __future__ import annotations

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

DATA_CENTRE = re.compile(r"-([a-z]{2,4}[0-9]{1,4})\Z")
"""The end of an API key. It becomes part of a host name, so nothing but letters and digits may pass."""


class MailchimpConfig(BaseModel):
    """One audience of one Mailchimp account.

    `audience` is the audience's id (10 characters, never its name). The key's end tells the data centre;
    `base_url` (without `/3.0`) replaces the whole address, for a simulator or a proxy.
    `webhook_secret` is what Mailchimp gave when the webhook was made, `previous_webhook_secret` the one before it;
    `webhook_key` (22 characters at least) stands at the end of the address Mailchimp calls, `?key=…`, which it looks at
    before it gives any secret. Whatever of these is set must hold.
    `double_optin`: the audience asks everybody to confirm by e-mail; `hub check` compares.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    audience: str = Field(pattern=r"^[0-9A-Za-z]+$")
    api_key: SecretStr = Field(min_length=1)
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    double_optin: bool = False
    webhook_secret: SecretStr | None = Field(default=None, min_length=8)
    previous_webhook_secret: SecretStr | None = Field(default=None, min_length=8)
    webhook_key: SecretStr | None = Field(default=None, min_length=22)

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.base_url is None and not DATA_CENTRE.search(self.api_key.get_secret_value()):
            raise ValueError("api_key does not end in its data centre (-us19): copy the whole key or give base_url")
        return self

    @property
    def address(self) -> str:
        """Where the API is, without a slash at the end."""
        if self.base_url is not None:
            return self.base_url.rstrip("/")
        found = DATA_CENTRE.search(self.api_key.get_secret_value())
        assert found is not None  # noqa: S101 - the validator has seen to it
        return f"https://{found[1]}.api.mailchimp.com"
