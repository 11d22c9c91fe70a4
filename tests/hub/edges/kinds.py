"""The kinds of worlds: who is trusted, what tools write where, and the configuration that says so to the hub."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.mailchimp.simulator import API_KEY
from connectors.shopify.simulator import TOKEN as SHOP_TOKEN
from connectors.twilio.simulator.account import SENDER
from connectors.twilio.simulator.server import ACCOUNT_SID, AUTH_TOKEN
from connectors.zendesk.simulator.api import TOKEN as DESK_TOKEN
from hub.settings.load import load
from hub.settings.settings import Settings

LIST = "a1b2c3d4e5"
PLACES = ("shop", "newsletter", "texts", "desk")
SCOPES = {"shop": "", "newsletter": f"newsletter/{LIST}", "texts": f"texts/{SENDER}", "desk": ""}
"""What a yes or no said at each place is about."""

SECRETS = {"shop": SHOP_TOKEN, "newsletter": API_KEY, "texts": AUTH_TOKEN, "desk": DESK_TOKEN}


@dataclass(frozen=True)
class Kind:
    """`copies`: where a tool writes a yes that it found elsewhere. `foreign`: what the operator has told of that."""

    name: str
    double_optin: bool = True
    email: tuple[str, ...] = ("shop", "newsletter")
    sms: tuple[str, ...] = ("shop", "texts")
    copies: tuple[str, ...] = ("desk",)
    foreign: tuple[str, ...] = ()
    imports: bool = False
    segments: bool = True
    resubscribe: str = "never"

    def trusts(self, place: str, method: str, channel: str) -> bool:
        """Whether a yes of this method at this place can be a proven act."""
        named = self.email if channel == "email" else self.sms
        return place not in self.foreign and (place in named or f"{place}.{method}" in named)


KINDS = (
    Kind("plain"),
    Kind(
        "copied",
        copies=("shop", "newsletter", "desk"),
        foreign=("shop", "newsletter"),
        imports=True,
        segments=False,
        resubscribe="pending",
    ),
    Kind("single", double_optin=False, copies=("newsletter", "desk"), imports=True),
    Kind(
        "strict",
        email=("shop.double_opt_in", "newsletter.double_opt_in"),
        sms=("shop.double_opt_in", "texts"),
        copies=("shop", "desk"),
        resubscribe="pending",
    ),
)


def settings_of(kind: Kind, folder: Path, database: str) -> Settings:
    """Write the configuration of this kind into `folder` and load it."""
    config, secrets = folder / "config", folder / "secrets"
    (config / "connections").mkdir(parents=True)
    secrets.mkdir(mode=0o700)
    for name, secret in SECRETS.items():
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(secret)
    _write(config / "hub.yaml", {"version": 1, "database": f"sqlite:///{folder.name}.db", "region": "AU"})
    _write(config / "consent.yaml", _consent(kind))
    _write(config / "segments.yaml", SEGMENTS)
    for name, document in _connections(kind).items():
        _write(config / "connections" / f"{name}.yaml", document)
    return replace(load(config), database_url=database)


def _write(file: Path, document: Any) -> None:
    file.write_text(json.dumps(document))  # JSON is YAML


SEGMENTS = {
    "segments": {
        "reachable": {"title": "Reachable", "channel": "email", "all": [{"field": "may_send.email", "is": True}]}
    }
}


def _consent(kind: Kind) -> dict[str, Any]:
    consent = {
        "tolerance": "5m",
        "grant_sources": {"email": list(kind.email), "sms": list(kind.sms)},
        "foreign_writers": list(kind.foreign),
        "max_age": "24h",
    }
    return {"consent": consent, "destinations": {"newsletter": {"resubscribe": kind.resubscribe}}}


def _connections(kind: Kind) -> dict[str, Any]:
    tagged = {"reachable": "tag:reachable"} if kind.segments else {}
    return {
        "shop": {
            "kind": "shopify",
            "config": {"store": "edges", "token": "${file:secrets/shop}", "base_url": "http://shop.sim"},
            "streams": {"customers": None},
            "push": _push(["email", "sms"], tagged),
        },
        "newsletter": {
            "kind": "mailchimp",
            "config": {
                "audience": LIST,
                "api_key": "${file:secrets/newsletter}",
                "base_url": "http://newsletter.sim",
                "double_optin": kind.double_optin,
            },
            "streams": {"members": None},
            "push": _push(["email"], {}),
        },
        "texts": {
            "kind": "twilio",
            "config": {
                "account_sid": ACCOUNT_SID,
                "auth_token": "${file:secrets/texts}",
                "sender": SENDER,
                "base_url": "http://texts.sim",
            },
            "streams": {"numbers": None, "messages": None},
            "push": _push(["sms"], {}),
        },
        "desk": {
            "kind": "zendesk",
            "config": {"subdomain": "edges", "token": "${file:secrets/desk}", "base_url": "http://desk.sim"},
            "streams": {"users": None},
            "push": _push(["email", "sms"], tagged),
        },
    }


def _push(channels: list[str], segments: dict[str, str]) -> dict[str, Any]:
    guard = {"changes": "100%", "rows": 10_000_000}
    return {"mode": "auto", "first": "auto", "guard": guard, "consent": channels, "segments": segments}
