"""The `config:` block of a Zendesk connection."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from connectors.kit.destination import Channel

FieldKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]*[A-Za-z_][A-Za-z0-9_]*$")]
"""Letters, digits and underscores, not digits alone: Zendesk's own rule."""


class ZendeskConfig(BaseModel):
    """One Zendesk account, entered with an OAuth client's id and secret, or with a bearer token that does not change.

    `subdomain` is the part before `.zendesk.com`. The client, or the token's user, must belong to an admin.
    `consent_fields`: channel to the key of the drop-down user field that holds its consent as granted, withdrawn or
    unknown; other keys than the default ones also need a `map:` of their own that reads them.
    `webhook_secret` is the signing secret of Zendesk's webhook; while it is rotated the previous one opens it too.
    `base_url` replaces the whole address, for a simulator or a proxy.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    subdomain: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=63)
    client_id: str | None = Field(default=None, min_length=1)
    client_secret: SecretStr | None = Field(default=None, min_length=1)
    token: SecretStr | None = Field(default=None, min_length=1)
    consent_fields: dict[Channel, FieldKey] = {"email": "consent_email", "sms": "consent_sms"}
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    webhook_secret: SecretStr | None = Field(default=None, min_length=8)
    previous_webhook_secret: SecretStr | None = Field(default=None, min_length=8)

    @model_validator(mode="after")
    def _has_one_way_in(self) -> Self:
        if (self.client_id is None) is not (self.client_secret is None):
            raise ValueError("client_id and client_secret belong together: give both")
        if (self.client_id is None) is (self.token is None):
            raise ValueError("give either client_id and client_secret of an OAuth client, or a token")
        return self

    @model_validator(mode="after")
    def _has_a_field_for_each_channel(self) -> Self:
        if len(set(self.consent_fields.values())) < len(self.consent_fields):
            raise ValueError("consent_fields names one user field for two channels: each channel needs its own")
        return self

    @property
    def address(self) -> str:
        """Where the API is, without a slash at the end."""
        return (self.base_url or f"https://{self.subdomain}.zendesk.com").rstrip("/")

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(secret.get_secret_value() for secret in (self.client_secret, self.token) if secret is not None)
