"""The `config:` block of a Shopify connection, and the address it leads to."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
Version = Annotated[str, StringConstraints(pattern=r"^20\d\d-(01|04|07|10)$")]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#@]+/?$")]


class ShopifyConfig(BaseModel):
    """`store` is the part before `.myshopify.com`; `token` a static Admin API access token (`shpat_…`).

    `webhook_secret` is the app's client secret, which signs webhooks; while it is rotated the previous one opens them.
    `base_url` aims the connection at a simulator or a proxy instead of the store's own address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: Slug
    token: SecretStr = Field(min_length=1)
    version: Version = "2026-07"
    base_url: WebAddress | None = None
    webhook_secret: SecretStr | None = Field(default=None, min_length=8)
    previous_webhook_secret: SecretStr | None = Field(default=None, min_length=8)

    @property
    def url(self) -> str:
        return (self.base_url or f"https://{self.store}.myshopify.com").rstrip("/")

    @property
    def path(self) -> str:
        return f"/admin/api/{self.version}/graphql.json"
