"""What people do at the simulated vendor: keywords at each kind of sender, and the webhooks that tell of them."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from connectors.twilio.simulator import NUMBER, SENDER, TOLL_FREE, TwilioSimulator
from tests.connectors.twilio.estate import ALICE, BOB, CHARLIE

OTHER = "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
URL = "https://hub.example.test/hooks/sms"


def told(simulator: TwilioSimulator) -> list[dict[str, list[str]]]:
    return [parse_qs(body.decode(), keep_blank_values=True) for _, _, body in simulator.outbox]


@pytest.mark.parametrize(
    "body", ["STOP", "stop", " Unsubscribe\n", "END", "quit", "STOPALL", "revoke", "optout", "Cancel"]
)
def test_one_word_stops_the_whole_service(simulator: TwilioSimulator, body: str) -> None:
    assert simulator.sendable(CHARLIE, "sms")
    simulator.text(CHARLIE, body)
    assert simulator.blocked(CHARLIE, SENDER)
    assert simulator.blocked(CHARLIE, NUMBER)
    assert not simulator.sendable(CHARLIE, "sms")
    assert not simulator.blocked(ALICE)


@pytest.mark.parametrize("body", ["Please stop", "STOP it", "stop.", "", "HELP", "info", "hello"])
def test_anything_else_changes_nothing(simulator: TwilioSimulator, body: str) -> None:
    simulator.text(CHARLIE, body)
    assert not simulator.blocked(CHARLIE)
    simulator.text(CHARLIE, "STOP")
    simulator.text(CHARLIE, body)
    assert simulator.blocked(CHARLIE)


@pytest.mark.parametrize("body", ["START", "unstop", "Yes"])
def test_a_start_opens_the_sender_it_was_sent_to_and_no_other(simulator: TwilioSimulator, body: str) -> None:
    simulator.add_service(OTHER, ["+61480555002"])
    for sender in (SENDER, OTHER):
        simulator.text(CHARLIE, "STOP", to=sender)
    simulator.text(CHARLIE, body, to="+61480555002")
    assert (simulator.blocked(CHARLIE, SENDER), simulator.blocked(CHARLIE, OTHER)) == (True, False)


def test_a_toll_free_number_knows_fewer_words(simulator: TwilioSimulator) -> None:
    simulator.text(CHARLIE, "QUIT", to=TOLL_FREE)
    assert not simulator.blocked(CHARLIE, TOLL_FREE)
    simulator.text(CHARLIE, "Stop", to=TOLL_FREE)
    simulator.text(CHARLIE, "YES", to=TOLL_FREE)
    assert simulator.blocked(CHARLIE, TOLL_FREE)
    simulator.text(CHARLIE, "unstop", to=TOLL_FREE)
    assert not simulator.blocked(CHARLIE, TOLL_FREE)


def test_a_stop_from_before_the_hub_is_in_no_log(simulator: TwilioSimulator) -> None:
    simulator.stop_before_the_hub(CHARLIE)
    assert simulator.sendable(CHARLIE, "sms") is False
    assert list(simulator.log) == []


def test_another_channel_is_not_ours_to_tell(simulator: TwilioSimulator) -> None:
    assert simulator.sendable(ALICE, "email") is None


def test_another_tool_cannot_reach_charlie_who_unsubscribed(simulator: TwilioSimulator) -> None:
    simulator.text(CHARLIE, "STOP")
    blocked, sent = (simulator.log[simulator.send(number, "Sale!")] for number in (CHARLIE, BOB))
    assert (blocked["status"], blocked["error_code"], blocked["direction"]) == ("failed", 21610, "outbound-api")
    assert (sent["status"], sent["error_code"]) == ("delivered", None)


def test_without_advanced_opt_out_a_webhook_has_no_verdict(simulator: TwilioSimulator) -> None:
    simulator.text(CHARLIE, "STOP")
    assert simulator.outbox == []
    simulator.webhook_url = URL
    sid = simulator.text(CHARLIE, "STOP")
    (form,) = told(simulator)
    assert (form["MessageSid"], form["From"], form["To"], form["Body"]) == ([sid], [CHARLIE], [NUMBER], ["STOP"])
    assert form["MessagingServiceSid"] == [SENDER]
    assert "OptOutType" not in form


@pytest.mark.parametrize(
    ("body", "verdict", "blocked"),
    [("Basta", "STOP", True), ("stop", "STOP", True), ("ciao", "START", False), ("help", "HELP", False)],
)
def test_with_advanced_opt_out_own_words_count_and_the_webhook_says_what_they_meant(
    simulator: TwilioSimulator, body: str, verdict: str, blocked: bool
) -> None:
    simulator.webhook_url = URL
    simulator.add_service(OTHER, ["+61480555002"], advanced_opt_out=True, keywords={"basta": "STOP", "ciao": "START"})
    simulator.text(CHARLIE, body, to=OTHER)
    simulator.text(CHARLIE, "hello", to=OTHER)
    assert [form.get("OptOutType") for form in told(simulator)] == [[verdict], None]
    assert simulator.blocked(CHARLIE, OTHER) is blocked


def test_a_status_callback_tells_of_a_blocked_send(simulator: TwilioSimulator) -> None:
    simulator.status_url = URL
    simulator.text(CHARLIE, "STOP")
    simulator.send(CHARLIE, "Sale!")
    simulator.send(ALICE, "Sale!")
    assert [(form["MessageStatus"], form.get("ErrorCode")) for form in told(simulator)] == [
        (["failed"], ["21610"]),
        (["delivered"], None),
    ]


def test_webhooks_are_lost_where_told_and_tried_once_more_when_nobody_answers(simulator: TwilioSimulator) -> None:
    simulator.webhook_url = URL
    for body in ("one", "two", "three"):
        simulator.text(ALICE, body)
    seen: list[str] = []

    def post(_url: str, headers: dict[str, str], body: bytes) -> int:
        seen.append(parse_qs(body.decode())["Body"][0] + headers["i-twilio-idempotency-token"][-1])
        if seen == ["one1"]:
            raise ConnectionRefusedError
        return 500

    assert simulator.deliver(post, lose=[1]) == [500, 500]
    assert seen == ["one1", "one1", "three3"]
    assert simulator.outbox == []


def test_a_webhook_that_nobody_answers_is_given_up(simulator: TwilioSimulator) -> None:
    simulator.webhook_url = URL
    simulator.text(ALICE, "hello")

    def post(*_request: object) -> int:
        raise TimeoutError

    assert simulator.deliver(post) == [0]
    assert simulator.outbox == []
