"""The document that describes the API: complete, true, and held against a running hub by another's tool."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from hub.access.roles import Permission
from hub.admin.api import limits
from tests.hub.admin.api.calling import Program, problem

EXAMPLES = 6
"""For each of the operations; so many that the whole takes well under a minute."""

KNOWN = {
    "channel": "email",
    "address": "alice@example.com",
    "name": "regulars",
    "number": 1,
    "contacts": ["alice@example.com", "bob@example.com"],
    "key": "alice@example.com",
    "records": ["loyalty:people:L1"],
    "connection": "desk",
    "stream": "people",
    "text": "alice",
}
"""What is there, so that more is answered than that nothing is."""

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def document(desk: Program) -> dict[str, Any]:
    found: dict[str, Any] = desk.given("/openapi.json")
    return found


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_tells_who_may_what_comes_and_what_can_go_wrong(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len({one["operationId"] for one in found.values()}) == len(found) >= 16
    for name, operation in found.items():
        assert operation["summary"], name
        assert operation["description"], name
        ((scheme, scopes),) = operation["security"][0].items()
        assert scheme in document["components"]["securitySchemes"], name
        assert set(scopes) <= set(Permission), name
        assert {"400", "401", "403", "422", "429", "500"} <= operation["responses"].keys(), name
        in_path = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert in_path == {part[1:-1] for part in name.split("/") if part.startswith("{")}, name
        if "requestBody" in operation:
            assert {"411", "413", "415"} <= operation["responses"].keys(), name


def test_nothing_that_is_sent_may_have_more_than_is_asked_for(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("Search", "Identifier", "Withdraw", "Grant", "Suppress", "Lift", "Merge", "Apart", "Split", "RunSent"):
        assert schemas[name]["additionalProperties"] is False, name
        jsonschema.Draft202012Validator.check_schema(schemas[name])


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*(references(inner) for inner in part.values()))
        return set().union(*(references(inner) for inner in part)) if isinstance(part, list) else set()

    for reference in references(document):
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


def test_it_needs_a_token_and_has_a_version(desk: Program) -> None:
    problem(Program(desk.client.app, "").get("/openapi.json"), 401, "no-token")  # type: ignore[arg-type]
    first = desk.get("/openapi.json")
    assert desk.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_tool_that_tries_everything_finds_no_answer_that_is_not_described(
    desk: Program, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BURST", 1_000_000)
    headers = {"Authorization": f"Bearer {desk.token}"}
    there = KNOWN | {"contact_id": desk.given("/contacts")["contacts"][0]["id"]}
    for told in operations(document).values():
        del told["security"]  # or the tool would make up tokens of its own; see test_gate for those
    schema = schemathesis.openapi.from_dict(document)
    schema.app = desk.client.app
    answers: dict[str, set[int]] = defaultdict(set)
    spoiled: set[str] = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        for known in ({}, there):
            _try(operation, schemathesis.GenerationMode.POSITIVE, headers, answers, known)
        with suppress(Unsatisfiable):  # where every text is right, nothing can be wrong
            _try(operation, schemathesis.GenerationMode.NEGATIVE, headers, answers, {})
            spoiled.add(f"{operation.method.upper()} {operation.path}")
    assert answers.keys() == operations(document).keys()
    assert {name for name, statuses in answers.items() if 401 in statuses} == set()
    assert {name for name, told in operations(document).items() if "requestBody" in told} <= spoiled
    assert {200, 201, 404, 409, 422} <= set().union(*answers.values())


def _try(
    operation: Any, mode: Any, headers: dict[str, str], answers: dict[str, set[int]], known: dict[str, Any]
) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        for part in (case.path_parameters, case.body):
            if isinstance(part, dict):
                part.update({name: known[name] for name in part if name in known})
        response = case.call_and_validate(headers=headers, checks=CHECKS)
        answers[f"{case.method.upper()} {case.operation.path}"].add(response.status_code)

    ask()
