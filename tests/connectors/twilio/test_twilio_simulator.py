"""The simulator says what Twilio says: shapes by the vendor's schema, paging, consent items, and sending."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
import requests

from connectors.kit.testing import FakeClock
from connectors.twilio.simulator import (
    ACCOUNT_SID,
    API_KEY,
    API_SECRET,
    AUTH_TOKEN,
    NUMBER,
    SENDER,
    TOLL_FREE,
    TwilioSimulator,
)
from tests.architecture import tree
from tests.connectors.twilio.estate import ALICE, BOB, CHARLIE, chatter

SPEC = tree.ROOT.parent / "shared" / "vendors" / "specs" / "twilio.openapi.json"
MESSAGES = f"2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
CONSENTS = "v1/Consents/Bulk"
LOGIN = (ACCOUNT_SID, AUTH_TOKEN)


class Caller:
    """Somebody with the token."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def get(self, path: str, auth: Any = LOGIN) -> requests.Response:
        return requests.get(f"{self.base_url}/{path.lstrip('/')}", auth=auth, timeout=10)

    def post(self, path: str, form: Any) -> requests.Response:
        return requests.post(f"{self.base_url}/{path}", data=form, auth=LOGIN, timeout=10)

    def bodies(self, query: str = "") -> list[str]:
        return [message["body"] for message in self.get(f"{MESSAGES}?{query}").json()["messages"]]

    def consent(self, *items: dict[str, Any]) -> Any:
        reply = self.post(CONSENTS, [("Items", json.dumps(item)) for item in items])
        assert reply.status_code == 201, reply.text
        return reply.json()["items"]


@pytest.fixture
def caller(base_url: str) -> Caller:
    return Caller(base_url)


def item(address: str = ALICE, status: str = "opt-out", **changes: Any) -> dict[str, Any]:
    made = {
        "contact_id": address,
        "correlation_id": f"{int(address.lstrip('+') or 0):032x}",
        "sender_id": SENDER,
        "status": status,
        "source": "others",
    }
    return {**made, **changes}


def closed(schema: Any) -> Any:
    """The schema with no room for keys it does not name, and OpenAPI's `nullable` in JSON Schema's words."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: closed(part) for key, part in schema.items() if key not in ("format", "nullable")}
    if isinstance(kept.get("properties"), dict):
        kept["additionalProperties"] = False
    if schema.get("nullable") is True and isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
        kept.update({"enum": [*kept["enum"], None]} if "enum" in kept else {})
    return kept


@pytest.fixture
def spec() -> Any:
    if not SPEC.exists():
        pytest.skip("the vendor's schema lies beside the repository and is not here")
    return closed(json.loads(SPEC.read_text()))


def valid(spec: Any, path: str, method: str, reply: requests.Response) -> None:
    """Whether the reply has the shape that the vendor declares for its status."""
    declared = spec["paths"][path][method]["responses"][str(reply.status_code)]
    schema = declared["content"]["application/json"]["schema"]
    jsonschema.validate(reply.json(), {**schema, "components": spec["components"]})


LIST = "/2010-04-01/Accounts/{AccountSid}/Messages.json"


def test_every_reply_has_the_shape_of_the_vendors_own_schema(
    caller: Caller, simulator: TwilioSimulator, spec: Any
) -> None:
    simulator.text(CHARLIE, "STOP")
    simulator.send(CHARLIE, "Sale!")
    simulator.send(ALICE, "Sale!")
    valid(spec, LIST, "get", caller.get(f"{MESSAGES}?PageSize=2"))
    for sender in ({"From": NUMBER}, {"MessagingServiceSid": SENDER}):
        valid(spec, LIST, "post", caller.post(MESSAGES, {"To": ALICE, "Body": "hello", **sender}))
    valid(spec, "/v1/Services/{Sid}", "get", caller.get(f"v1/Services/{SENDER}"))
    valid(spec, "/v1/Consents/Bulk", "post", caller.post(CONSENTS, {"Items": json.dumps(item())}))


def test_the_newest_message_comes_first_and_pages_follow_by_their_token(
    caller: Caller, simulator: TwilioSimulator
) -> None:
    simulator.load(chatter(5))
    first = caller.get(f"{MESSAGES}?PageSize=2&From=%2B{ALICE[1:]}").json()
    assert (first["messages"], first["next_page_uri"]) == ([], None)
    first = caller.get(f"{MESSAGES}?PageSize=2").json()
    assert [message["body"] for message in first["messages"]] == ["hello 4", "hello 3"]
    simulator.text(ALICE, "a new one moves nothing")
    second = caller.get(first["next_page_uri"]).json()
    assert [message["body"] for message in second["messages"]] == ["hello 2", "hello 1"]
    third = caller.get(second["next_page_uri"]).json()
    assert ([message["body"] for message in third["messages"]], third["next_page_uri"]) == (["hello 0"], None)
    assert (third["page"], third["start"], third["end"]) == (2, 4, 4)


def test_a_page_has_fifty_messages_unless_told_and_a_thousand_at_most(
    caller: Caller, simulator: TwilioSimulator
) -> None:
    simulator.load(chatter(1200, apart=timedelta(seconds=1)))
    assert len(caller.bodies()) == 50
    assert len(caller.bodies("PageSize=5000")) == 1000


@pytest.mark.parametrize("query", ["PageSize=x", "Page=1", "Page=1&PageToken=PAxx", "DateSent%3E=soon"])
def test_a_list_that_cannot_be_is_refused(caller: Caller, query: str) -> None:
    assert caller.get(f"{MESSAGES}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("query", "bodies"),
    [
        ("DateSent%3E=2026-05-31", ["hello 2", "hello 1"]),
        ("DateSent>=2026-06-01T00:00:00Z", ["hello 2"]),
        ("DateSent%3C=2026-05-31", ["hello 1", "hello 0"]),
        ("DateSent=2026-05-31", ["hello 1"]),
        ("DateSent%3E=2026-05-30T00:00:01Z&DateSent%3C=2026-05-31T00:00:00Z", ["hello 1"]),
        ("To=%2B61480555001&PageSize=1", ["hello 2"]),
    ],
)
def test_filters_are_inclusive_and_by_day_or_moment(
    caller: Caller, simulator: TwilioSimulator, query: str, bodies: list[str]
) -> None:
    simulator.load(chatter(3, apart=timedelta(days=1)))
    simulator.load([{"body": "never sent", "to": ALICE, "from": NUMBER, "date_sent": None}])
    assert caller.bodies(query) == bodies


def test_a_plus_that_is_not_encoded_finds_nobody_and_says_nothing(caller: Caller, simulator: TwilioSimulator) -> None:
    simulator.text(ALICE, "hello")
    assert caller.bodies(f"From=%2B{ALICE[1:]}") == ["hello"]
    assert caller.bodies(f"From={ALICE}") == []


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        (LOGIN, 200),
        ((API_KEY, API_SECRET), 200),
        ((API_KEY, AUTH_TOKEN), 401),
        ((ACCOUNT_SID, "wrong"), 401),
        (None, 401),
    ],
)
def test_it_is_logged_in_to_by_token_or_key(caller: Caller, auth: Any, status: int) -> None:
    reply = caller.get(MESSAGES, auth=auth)
    assert reply.status_code == status
    if status == 401:
        assert (reply.json()["code"], reply.json()["status"]) == (20003, 401)


def test_another_accounts_messages_are_refused(caller: Caller) -> None:
    other = MESSAGES.replace(ACCOUNT_SID, "ACffffffffffffffffffffffffffffffff")
    assert caller.get(other).status_code == 401


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"contact_id": "0491570156"}, "INVALID_CONTACT_ID"),
        ({"contact_id": None}, "INVALID_CONTACT_ID"),
        ({"correlation_id": "short"}, "INVALID_CORRELATION_ID"),
        ({"sender_id": "MGffffffffffffffffffffffffffffffff"}, "INVALID_SENDER_ID"),
        ({"status": "subscribed"}, "INVALID_STATUS"),
        ({"source": "hub"}, "INVALID_SOURCE"),
        ({"date_of_consent": "yesterday"}, "INVALID_DATE_OF_CONSENT"),
    ],
)
def test_an_item_that_is_wrong_fails_alone(
    caller: Caller, simulator: TwilioSimulator, changes: dict[str, Any], word: str
) -> None:
    wrong, right = caller.consent(item(ALICE, **changes), item(BOB))
    assert (wrong["error_code"], wrong["error_messages"]) == (30646, [word])
    assert right == {"correlation_id": item(BOB)["correlation_id"], "error_code": 0, "error_messages": []}
    assert (simulator.blocked(ALICE), simulator.blocked(BOB)) == (False, True)


def test_one_correlation_for_two_items_fails_both(caller: Caller) -> None:
    same = "c" * 32
    answers = caller.consent(item(ALICE, correlation_id=same), item(BOB, correlation_id=same))
    assert [answer["error_messages"] for answer in answers] == [["INVALID_CORRELATION_ID"]] * 2


@pytest.mark.parametrize(
    "form",
    [
        {"Items": json.dumps([item()])},
        {"Items": "x"},
        {},
        [("Items", json.dumps(item()))] * 26,
        json.dumps({"Items": [item()]}),
    ],
    ids=["a list", "no JSON", "nothing", "26", "a JSON body"],
)
def test_anything_but_one_to_twenty_five_objects_as_text_is_refused(caller: Caller, form: Any) -> None:
    assert caller.post(CONSENTS, form).status_code == 400


def test_the_consent_api_is_not_found_until_it_is_enabled(caller: Caller, simulator: TwilioSimulator) -> None:
    simulator.compliance_enabled = False
    reply = caller.post(CONSENTS, {"Items": json.dumps(item())})
    assert (reply.status_code, reply.json()["code"]) == (404, 20404)


def test_a_minute_has_so_many_requests_for_consents(
    caller: Caller, simulator: TwilioSimulator, clock: FakeClock
) -> None:
    simulator.consents_per_minute = 2
    form = {"Items": json.dumps(item())}
    assert [caller.post(CONSENTS, form).status_code for _ in range(3)] == [201, 201, 429]
    assert "Retry-After" not in caller.post(CONSENTS, form).headers
    clock.advance(timedelta(minutes=1))
    assert caller.post(CONSENTS, form).status_code == 201


def test_an_opt_in_overrides_a_stop_but_not_at_a_toll_free_number(caller: Caller, simulator: TwilioSimulator) -> None:
    for sender in (SENDER, TOLL_FREE):
        simulator.text(CHARLIE, "STOP", to=sender)
    answers = caller.consent(
        item(CHARLIE, "opt-in"), item(CHARLIE, "opt-in", sender_id=TOLL_FREE, correlation_id="d" * 32)
    )
    assert [answer["error_code"] for answer in answers] == [0, 0]
    assert (simulator.blocked(CHARLIE), simulator.blocked(CHARLIE, TOLL_FREE)) == (False, True)
    effects = (simulator.ledger[-1].effect or {})["consents"]
    assert [(effect["before"], effect["after"], effect["wanted"]) for effect in effects] == [
        ("opt-out", "opt-in", "in"),
        ("opt-out", "opt-out", "in"),
    ]


def test_a_number_of_a_service_has_the_services_consent(caller: Caller, simulator: TwilioSimulator) -> None:
    caller.consent(item(CHARLIE, sender_id=NUMBER))
    assert simulator.blocked(CHARLIE, SENDER)


def test_a_direct_send_to_somebody_blocked_is_refused_each_time(caller: Caller, simulator: TwilioSimulator) -> None:
    simulator.stop_before_the_hub(CHARLIE)
    order = {"From": NUMBER, "To": CHARLIE, "Body": "Sale!"}
    replies = [caller.post(MESSAGES, order) for _ in range(3)]
    assert [(reply.status_code, reply.json()["code"]) for reply in replies] == [(400, 21610)] * 3
    assert caller.bodies() == []


def test_a_send_by_the_service_is_accepted_and_fails_later(caller: Caller, simulator: TwilioSimulator) -> None:
    simulator.stop_before_the_hub(CHARLIE)
    reply = caller.post(MESSAGES, {"MessagingServiceSid": SENDER, "To": CHARLIE, "Body": "Sale!"})
    assert (reply.status_code, reply.json()["status"], reply.json()["error_code"]) == (201, "accepted", None)
    message = simulator.log[reply.json()["sid"]]
    assert (message["status"], message["error_code"]) == ("failed", 21610)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": "0491570156"}, 21211),
        ({"From": "+61480555009"}, 21606),
        ({"MessagingServiceSid": "MG1"}, 21705),
        ({"Body": None}, 21602),
    ],
)
def test_an_order_that_cannot_be_taken_is_refused(caller: Caller, changes: dict[str, Any], code: int) -> None:
    order = {"From": NUMBER, "To": ALICE, "Body": "hello", **changes}
    assert caller.post(MESSAGES, order).json()["code"] == code


def test_the_ledger_tells_how_many_records_a_reply_carried(caller: Caller, simulator: TwilioSimulator) -> None:
    simulator.text(ALICE, "one")
    simulator.text(ALICE, "two")
    simulator.load([{"from": "ACME", "to": NUMBER, "direction": "inbound"}])
    caller.bodies()
    assert simulator.ledger[-1].records == {"messages": 3, "numbers": 1}
