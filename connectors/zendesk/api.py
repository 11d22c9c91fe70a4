"""Zendesk's API as source and destination share it: the bearer token, and what the status of a reply does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.kit.clock import Clock
from connectors.kit.errors import AuthError, BadPayload, ConfigError, Refused
from connectors.kit.http import Again, Http, Reply
from connectors.zendesk.config import ZendeskConfig

SCOPE = "users:read users:write tickets:read"
DESK_SCOPE = "tickets:read tickets:write"
ROOT = "api/v2/"


class Gone(Refused):
    """What was asked for is not there (404)."""


class ZendeskApi:
    """Requests below `/api/v2`, named as in `Http`. Raises the kit's errors, and Gone for a 404.

    With an OAuth client the token is asked for before the first request, and once more when it is refused.
    """

    def __init__(self, config: ZendeskConfig, clock: Clock, scope: str = SCOPE) -> None:
        self._config = config
        self._scope = scope
        self._login = Http(config.address, judge=_judge_login, clock=clock, secrets=config.secrets)
        self._http = Http(config.address, judge=self._judge, clock=clock, secrets=config.secrets)
        self._entered = False
        self._renewed = False
        if config.token is not None:
            self._enter(config.token.get_secret_value())

    @property
    def server_now(self) -> datetime | None:
        """The vendor's clock at its last reply (aware UTC), if it said so."""
        return self._http.server_now

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Reply:
        self._ready()
        return self._http.get(ROOT + path, params)

    def post(self, path: str, body: Any) -> Reply:
        self._ready()
        return self._http.post(ROOT + path, json=body)

    def put(self, path: str, body: Any) -> Reply:
        self._ready()
        return self._http.put(ROOT + path, json=body)

    def delete(self, path: str, body: Any) -> Reply:
        self._ready()
        return self._http.delete(ROOT + path, json=body)

    def close(self) -> None:
        self._login.close()
        self._http.close()

    def _ready(self) -> None:
        if not self._entered:
            self._enter(self._new_token())

    def _enter(self, token: str) -> None:
        self._http.set_header("Authorization", f"Bearer {token}")
        self._entered = True

    def _new_token(self) -> str:
        """Raises AuthError where the client is refused. Asking twice does no harm: an old token lives on."""
        secret = self._config.client_secret
        body = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id,
            "client_secret": secret.get_secret_value() if secret else None,
            "scope": self._scope,
        }
        answer = self._login.post("oauth/tokens", json=body, safe=True).json()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise BadPayload("Zendesk answered the OAuth client without an access token; is base_url its API?")
        return token

    def _judge(self, reply: Reply) -> None:
        """The vendor's texts are never repeated: they may hold an address."""
        if reply.ok:
            self._renewed = False
        elif reply.status == 401 and self._config.token is None and not self._renewed:
            self._renewed = True
            self._enter(self._new_token())
            raise Again("the token had expired", wait=0)
        elif reply.status == 404:
            raise Gone("Zendesk has no such record")
        elif reply.status == 409 and error_of(reply) == "DatabaseConflict":
            raise Again("DatabaseConflict")


def _judge_login(reply: Reply) -> None:
    if reply.status == 404:
        raise ConfigError("there is no such Zendesk account: correct `subdomain` or `base_url`")
    if reply.status in (400, 422):
        raise AuthError("Zendesk refuses the OAuth client: correct client_id and client_secret, or its scopes")


def error_of(reply: Reply) -> str:
    """The word of an error document; "" for its other shapes and for any other body."""
    try:
        document = reply.json()
    except BadPayload:
        return ""
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, str) else ""
