"""Somebody with the key who calls the simulator's API, and the vendor's own schema to hold the answers against."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import requests

from connectors.mailchimp.simulator import API_KEY, MailchimpSimulator
from tests.architecture import tree
from tests.connectors.mailchimp.estate import AUDIENCE

SPEC = tree.ROOT.parent / "shared" / "vendors" / "specs" / "mailchimp.openapi.json"
AUTH = ("anystring", API_KEY)


class Caller:
    """Somebody with the key."""

    def __init__(self, simulator: MailchimpSimulator, base_url: str) -> None:
        self.simulator = simulator
        self.base_url = base_url

    def reply(self, path: str, query: str = "", auth: Any = AUTH) -> requests.Response:
        return requests.get(f"{self.base_url}/3.0/{path}?{query}", auth=auth, timeout=10)

    def ask(self, path: str, query: str = "") -> Any:
        reply = self.reply(path, query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def members(self, query: str = "") -> Any:
        return self.ask(f"lists/{AUDIENCE}/members", query)

    def write(self, method: str, below: str = "", body: Any = None) -> requests.Response:
        """To a path below the audience's own."""
        url = f"{self.base_url}/3.0/lists/{AUDIENCE}{below}"
        return requests.request(method, url, json=body, auth=AUTH, timeout=10)

    def effects(self, kind: str = "consents") -> list[dict[str, Any]]:
        """What the ledger says of all writes together."""
        return [one for entry in self.simulator.ledger if entry.effect for one in entry.effect.get(kind, ())]


def must_fit(answer: Any, schema: str) -> None:
    """The answer has the shape of this schema and no key that it does not name; skips the test without the schema."""
    if not SPEC.exists():
        pytest.skip("the vendor's schema lies beside the repository and is not here")
    components = json.loads(SPEC.read_text())["components"]
    jsonschema.validate(answer, {"$ref": f"#/components/schemas/{schema}", "components": _closed(components)})


def _closed(schema: Any) -> Any:
    """The schema with no room for keys it does not name; those of the links, which the trimmed copy lacks, apart."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _closed(part) for key, part in schema.items() if key != "format"}
    if isinstance(kept.get("properties"), dict) and "additionalProperties" not in kept:
        kept["properties"] = {**kept["properties"], "_links": {"type": "array"}}
        kept["additionalProperties"] = False
    return kept
