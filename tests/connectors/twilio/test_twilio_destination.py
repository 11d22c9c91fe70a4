"""Consent written item by item: what became of each, what stops the job, and what is never sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from connectors.kit.destination import Outcome, SegmentChange
from connectors.kit.errors import AuthError, ConfigError, RateLimited, Refused, VendorDown
from connectors.kit.simulator import Fault
from connectors.kit.testing import FakeClock
from connectors.twilio.simulator import API_KEY, API_SECRET, SENDER, TOLL_FREE, TwilioSimulator
from tests.connectors.twilio.conftest import OpenDestination
from tests.connectors.twilio.estate import ALICE, BOB, CHARLIE, DORA, permitted

CONSENTS = "/v1/Consents/Bulk"


def answered(body: Any, status: int = 201, kind: str = "application/json") -> Fault:
    """What the vendor says instead, to an item that it has not applied."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Fault(match=CONSENTS, status=status, headers={"Content-Type": kind}, body=content)


def item(address: str, code: Any, *words: Any) -> dict[str, Any]:
    change = permitted(address, "out").change
    return {"correlation_id": change.correlation, "error_code": code, "error_messages": list(words)}


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def effects(simulator: TwilioSimulator) -> list[Any]:
    return [effect for entry in simulator.ledger for effect in (entry.effect or {}).get("consents", ())]


def test_charlie_who_unsubscribed_is_blocked_at_the_service(
    simulator: TwilioSimulator, open_destination: OpenDestination
) -> None:
    at = datetime(2026, 5, 31, 18, 30, tzinfo=timezone(timedelta(hours=10)))
    (outcome,) = open_destination().write_consent([permitted(CHARLIE, "out", at=at)])
    assert outcome == Outcome("confirmed")
    assert simulator.blocked(CHARLIE, SENDER)
    assert effects(simulator) == [
        {
            "record": "", "channel": "sms", "address": CHARLIE, "wanted": "out",
            "before": "", "after": "opt-out", "at": "2026-05-31T08:30:00Z",
        }
    ]  # fmt: skip


def test_a_yes_lifts_what_the_hub_wrote(simulator: TwilioSimulator, open_destination: OpenDestination) -> None:
    destination = open_destination()
    destination.write_consent([permitted(ALICE, "out")])
    assert statuses(destination.write_consent([permitted(ALICE, "in")])) == ["confirmed"]
    assert not simulator.blocked(ALICE)


@pytest.mark.fault("W01")
def test_each_row_of_a_batch_has_its_own_end(simulator: TwilioSimulator, open_destination: OpenDestination) -> None:
    simulator.refuse_next(BOB, "INVALID_CONTACT_ID")
    simulator.refuse_next(CHARLIE, "INTERNAL_SERVER_ERROR")
    changes = [permitted(number, "out") for number in (ALICE, BOB, CHARLIE, DORA)]
    outcomes = open_destination().write_consent(changes)
    assert statuses(outcomes) == ["confirmed", "rejected", "retry", "confirmed"]
    assert [simulator.blocked(number) for number in (ALICE, BOB, CHARLIE, DORA)] == [True, False, False, True]
    assert "INVALID_CONTACT_ID" in outcomes[1].message
    assert [(effect["address"], effect["after"]) for effect in effects(simulator)] == [
        (ALICE, "opt-out"), (BOB, ""), (CHARLIE, ""), (DORA, "opt-out")
    ]  # fmt: skip


@pytest.mark.fault("W01")
def test_rows_are_told_apart_by_their_correlation_in_whatever_order(
    simulator: TwilioSimulator, open_destination: OpenDestination
) -> None:
    told = [item(CHARLIE, 0), item(BOB, 30646, "INVALID_STATUS"), item(DORA, 0)]
    simulator.script(answered({"items": told}))
    outcomes = open_destination().write_consent([permitted(number, "out") for number in (ALICE, BOB, CHARLIE)])
    assert statuses(outcomes) == ["unknown", "rejected", "confirmed"]


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        (0, [], "confirmed"),
        (30646, ["INTERNAL_SERVER_ERROR"], "retry"),
        (30646, ["INVALID_DATE_OF_CONSENT"], "rejected"),
        (30646, ["INTERNAL_SERVER_ERROR", "INVALID_CONTACT_ID"], "rejected"),
        (30646, [], "rejected"),
        (30646, None, "rejected"),
        (30647, ["INVALID_CONTACT_ID"], "unknown"),
        (None, [], "unknown"),
        ("0", [], "unknown"),
        (False, [], "unknown"),
    ],
)
def test_only_an_items_own_code_says_how_it_ended(
    simulator: TwilioSimulator, open_destination: OpenDestination, code: Any, words: Any, status: str
) -> None:
    simulator.script(answered({"items": [{**item(ALICE, code), "error_messages": words}]}))
    assert statuses(open_destination().write_consent([permitted(ALICE, "out")])) == [status]


def test_the_vendors_own_words_are_not_repeated_where_they_may_hold_a_number(
    simulator: TwilioSimulator, open_destination: OpenDestination
) -> None:
    simulator.script(answered({"items": [item(ALICE, 30646, f"{ALICE} is no mobile", "INVALID_CONTACT_ID", 7)]}))
    (outcome,) = open_destination().write_consent([permitted(ALICE, "out")])
    assert outcome == Outcome("rejected", "Twilio refuses this item: INVALID_CONTACT_ID")


@pytest.mark.fault("W02")
@pytest.mark.parametrize(
    "reply",
    [
        answered(b"<html>", kind="text/html"),
        answered(b'{"items": [', kind="application/json"),
        answered({"items": None}),
        answered({"items": ["x", {}]}),
        answered([]),
        answered(b"", status=204),
    ],
    ids=["web page", "cut", "no items", "nonsense items", "a list", "nothing"],
)
def test_an_answer_that_tells_nothing_leaves_the_rows_unknown(
    simulator: TwilioSimulator, open_destination: OpenDestination, reply: Fault
) -> None:
    simulator.script(reply)
    outcomes = open_destination().write_consent([permitted(ALICE, "out"), permitted(BOB, "out")])
    assert statuses(outcomes) == ["unknown", "unknown"]


@pytest.mark.fault("W02")
def test_a_lost_answer_is_not_asked_for_again_and_the_same_write_repeated_changes_nothing(
    simulator: TwilioSimulator, open_destination: OpenDestination
) -> None:
    simulator.script(Fault(match=CONSENTS, lose_reply=True))
    destination = open_destination()
    with pytest.raises(VendorDown):
        destination.write_consent([permitted(CHARLIE, "out")])
    assert [entry.status for entry in simulator.ledger] == [0]
    assert statuses(destination.write_consent([permitted(CHARLIE, "out")])) == ["confirmed"]
    assert [(effect["before"], effect["after"]) for effect in effects(simulator)] == [
        ("", "opt-out"),
        ("opt-out", "opt-out"),
    ]


def test_a_vendor_that_fails_may_have_applied_it(simulator: TwilioSimulator, open_destination: OpenDestination) -> None:
    simulator.script(Fault(match=CONSENTS, status=503, times=9))
    with pytest.raises(VendorDown):
        open_destination().write_consent([permitted(CHARLIE, "out")])
    assert [entry.status for entry in simulator.ledger] == [503]


def test_without_the_compliance_toolkit_the_job_stops(
    simulator: TwilioSimulator, open_destination: OpenDestination
) -> None:
    simulator.compliance_enabled = False
    with pytest.raises(ConfigError, match="Compliance Toolkit"):
        open_destination().write_consent([permitted(CHARLIE, "out")])


def test_a_sender_that_twilio_does_not_know_stops_the_job_instead_of_using_up_its_rows(
    open_destination: OpenDestination,
) -> None:
    sender = "MGffffffffffffffffffffffffffffffff"
    with pytest.raises(ConfigError, match=sender):
        open_destination(sender=sender).write_consent([permitted(CHARLIE, "out"), permitted(BOB, "out")])


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_stop_the_job(
    simulator: TwilioSimulator, open_destination: OpenDestination, status: int
) -> None:
    simulator.script(Fault(match=CONSENTS, status=status))
    with pytest.raises(AuthError):
        open_destination().write_consent([permitted(CHARLIE, "out")])


def test_a_request_that_is_refused_as_a_whole_was_not_applied(
    simulator: TwilioSimulator, open_destination: OpenDestination
) -> None:
    simulator.script(Fault(match=CONSENTS, status=400))
    with pytest.raises(Refused):
        open_destination().write_consent([permitted(CHARLIE, "out")])


def test_too_many_requests_were_not_processed_and_are_sent_again(
    simulator: TwilioSimulator, open_destination: OpenDestination, clock: FakeClock
) -> None:
    simulator.script(Fault(match=CONSENTS, status=429, times=2))
    assert statuses(open_destination().write_consent([permitted(CHARLIE, "out")])) == ["confirmed"]
    assert [entry.status for entry in simulator.ledger] == [429, 429, 201]
    assert len(clock.slept) == 2


def test_a_minute_that_is_used_up_pauses_the_push(
    simulator: TwilioSimulator, open_destination: OpenDestination, clock: FakeClock
) -> None:
    simulator.consents_per_minute = 0
    with pytest.raises(RateLimited) as caught:
        open_destination().write_consent([permitted(CHARLIE, "out")])
    assert caught.value.retry_at > clock.now()


def test_a_full_batch_is_one_request_and_a_key_may_log_in(
    simulator: TwilioSimulator, open_destination: OpenDestination
) -> None:
    changes = [permitted(f"+614915701{i:02}", "out") for i in range(25)]
    destination = open_destination(api_key=API_KEY, api_secret=API_SECRET, auth_token="only for webhooks")
    assert statuses(destination.write_consent(changes)) == ["confirmed"] * 25
    assert len(simulator.ledger) == 1


def test_at_a_toll_free_number_a_yes_is_the_persons_alone(
    simulator: TwilioSimulator, open_destination: OpenDestination
) -> None:
    simulator.text(CHARLIE, "STOP", to=TOLL_FREE)
    destination = open_destination(sender=TOLL_FREE)
    outcomes = destination.write_consent([permitted(CHARLIE, "in"), permitted(ALICE, "out")])
    assert statuses(outcomes) == ["vendor_locked", "confirmed"]
    assert [effect["address"] for effect in effects(simulator)] == [ALICE]
    assert simulator.blocked(CHARLIE, TOLL_FREE)


@pytest.mark.parametrize("different", [{"channel": "email"}, {"channel": "whatsapp"}, {"by_confirmation": True}])
def test_what_twilio_cannot_do_is_not_asked_for(
    simulator: TwilioSimulator, open_destination: OpenDestination, different: dict[str, Any]
) -> None:
    assert statuses(open_destination().write_consent([permitted(ALICE, "in", **different)])) == ["unsupported"]
    assert simulator.ledger == []


def test_nothing_can_be_read_and_no_tag_written(simulator: TwilioSimulator, open_destination: OpenDestination) -> None:
    destination = open_destination()
    assert destination.fetch([ALICE, BOB]) == []
    tags = [SegmentChange("", ALICE, "vip", wanted, "0" * 32) for wanted in ("add", "remove")]
    assert statuses(destination.write_tags(tags)) == ["unsupported", "unsupported"]
    assert simulator.ledger == []


def test_an_item_says_what_the_vendor_asks_for(
    simulator: TwilioSimulator, open_destination: OpenDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    write = simulator.consents.write
    monkeypatch.setattr(simulator.consents, "write", lambda texts: (sent.extend(texts), write(texts))[1])
    at = datetime(2026, 5, 31, 8, 30, 59, 999, tzinfo=UTC)
    open_destination().write_consent([permitted(CHARLIE, "out", at=at, correlation="a" * 32)])
    assert [json.loads(text) for text in sent] == [
        {
            "contact_id": CHARLIE, "correlation_id": "a" * 32, "sender_id": SENDER, "status": "opt-out",
            "source": "others", "date_of_consent": "2026-05-31T08:30:59Z",
        }
    ]  # fmt: skip
