"""Tickets and messages from raw records in the shapes of Zendesk and Twilio, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.compile import Mapper, MappingErrors, compile_mapping, parse_mapping
from mapping.models import Mapped, Message, Ref, Ticket
from mapping.spec import Loc
from tests.mapping.test_people import json_values

OUTBOUND = {"outbound-api": "out", "outbound-call": "out", "outbound-reply": "out"}
MESSAGE_MAP: dict[str, Any] = {
    "channel": "sms",
    "at": "not_null(date_sent, date_created)",
    "direction": {"value": "direction", "words": {"inbound": "in"} | OUTBOUND},
    "address": "(direction == 'inbound' && from) || (direction != 'inbound' && to)",
    "sender": "not_null(messaging_service_sid, direction == 'inbound' && to || from)",
    "status": "status",
    "text": "body",
    "error": "error_code",
}
TICKET_MAP = {
    "number": "id",
    "opened_at": "created_at",
    "status": "status",
    "subject": "subject",
    "text": "description",
    "channel": "via.channel",
    "satisfaction": "satisfaction_rating.score",
    "satisfaction_comment": "satisfaction_rating.comment",
    "person": {"stream": "users", "id": "requester_id"},
}

PARCEL = {
    "sid": "SM0123456789abcdef0123456789abcdef",
    "messaging_service_sid": "MG0123456789abcdef0123456789abcdef",
    "body": "Your parcel is on its way",
    "num_segments": "1",
    "direction": "outbound-api",
    "from": "+61491570110",
    "to": "+61491570156",
    "status": "undelivered",
    "error_code": 30003,
    "error_message": "Unreachable destination handset",
    "price": "-0.05150",
    "date_created": "Mon, 16 Nov 2026 03:12:11 +0000",
    "date_sent": "Mon, 16 Nov 2026 03:12:12 +0000",
    "date_updated": "Mon, 16 Nov 2026 03:14:40 +0000",
}
STOP = PARCEL | {
    "messaging_service_sid": None,
    "body": "STOP",
    "direction": "inbound",
    "from": "+61491570158",
    "to": "+61491570110",
    "status": "received",
    "error_code": None,
    "date_sent": None,
}
LATE = {
    "id": 35,
    "subject": "Parcel is late",
    "description": "Where is it?\n\nAlice",
    "status": "open",
    "requester_id": 35436,
    "assignee_id": None,
    "satisfaction_rating": {"id": 1234, "score": "good", "comment": "Great"},
    "via": {"channel": "email"},
    "created_at": "2026-11-15T22:00:00Z",
    "updated_at": "2026-11-16T03:00:00Z",
}


def mapper(record: str, map_: dict[str, Any], region: str | None = "AU") -> Mapper:
    where: dict[Loc, str] = {("map", "address", "value"): "texts.yaml:7", ("map", "direction", "value"): "texts.yaml:6"}
    return compile_mapping(parse_mapping({"record": record, "map": map_}), region=region, where=where)


twilio, zendesk = mapper("message", MESSAGE_MAP), mapper("ticket", TICKET_MAP)


def message(mapped: Mapped) -> Message:
    assert isinstance(mapped.value, Message), mapped.refusal
    assert Message.model_validate(mapped.value.model_dump()) == mapped.value
    return mapped.value


def ticket(mapped: Mapped) -> Ticket:
    assert isinstance(mapped.value, Ticket)
    assert Ticket.model_validate(mapped.value.model_dump()) == mapped.value
    return mapped.value


def refusal(mapped: Mapped) -> tuple[str, str]:
    assert mapped.refusal is not None
    assert mapped.value is None
    return mapped.refusal.code, mapped.refusal.where


def test_a_message_to_alice_as_twilio_tells_it() -> None:
    mapped = twilio(PARCEL)
    assert mapped.remarks == ()
    assert message(mapped) == Message(
        channel="sms",
        at=datetime(2026, 11, 16, 3, 12, 12, tzinfo=UTC),
        direction="out",
        address="+61491570156",
        sender="MG0123456789abcdef0123456789abcdef",
        status="undelivered",
        text="Your parcel is on its way",
        error="30003",
    )


def test_charlies_stop_as_twilio_tells_it() -> None:
    mapped = twilio(STOP)
    assert mapped.remarks == ()
    assert message(mapped) == Message(
        channel="sms",
        at=datetime(2026, 11, 16, 3, 12, 11, tzinfo=UTC),
        direction="in",
        address="+61491570158",
        sender="+61491570110",
        status="received",
        text="STOP",
    )


def test_a_message_may_tell_its_verdict_and_its_person() -> None:
    person = {"stream": "contacts", "id": "contact"}
    found = message(
        mapper("message", MESSAGE_MAP | {"verdict": "kind", "person": person})(STOP | {"kind": "STOP", "contact": 7})
    )
    assert (found.verdict, found.person) == ("STOP", Ref(stream="contacts", id="7"))


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("0491 570 158", "+61491570158"),
        ("whatsapp:+61491570158", "+61491570158"),
        ("ACME", "ACME"),
        ("Tax131450", "Tax131450"),
        ("47110", "47110"),
        (47110, "47110"),
        ("rcs:0491570158", "rcs:0491570158"),
        ("rcs:acme_agent", "rcs:acme_agent"),
    ],
)
def test_the_other_side_is_a_number_a_name_or_a_short_code(said: Any, address: str) -> None:
    mapped = twilio(STOP | {"from": said})
    assert message(mapped).address == address
    assert mapped.remarks == ()


def test_a_number_without_a_country_is_read_by_the_region_of_its_own_line() -> None:
    abroad = mapper("message", MESSAGE_MAP | {"address": {"value": "from", "region": "AU"}}, region="NZ")
    assert message(abroad(STOP | {"from": "0491570158"})).address == "+61491570158"


@pytest.mark.fault("D01")
@pytest.mark.parametrize("nobody", [None, "", " ", "N/A", False, ["+61491570158"], {}])
def test_a_message_with_nobody_on_the_other_side_is_refused(nobody: Any) -> None:
    assert refusal(twilio(STOP | {"from": nobody})) == ("message_without_address", "texts.yaml:7")


@pytest.mark.fault("D01")
@pytest.mark.parametrize("direction", ["sideways", "in", "", None, ["inbound"]])
def test_a_message_that_neither_came_nor_went_is_refused(direction: Any) -> None:
    assert refusal(twilio(STOP | {"direction": direction})) == ("direction_unknown", "texts.yaml:6")


@pytest.mark.parametrize(("said", "direction"), [("in", "in"), ("OUT", "out")])
def test_without_words_of_its_own_a_source_uses_ours(said: str, direction: str) -> None:
    ours = mapper("message", {"direction": "way", "address": "number"})
    assert message(ours({"way": said, "number": "+61491570156"})).direction == direction
    assert refusal(ours({"way": "inbound", "number": "+61491570156"}))[0] == "direction_unknown"


def test_a_truth_is_a_direction_too() -> None:
    spec = {"direction": {"value": "incoming", "words": {True: "in", False: "out"}}, "address": "number"}
    assert message(mapper("message", spec)({"incoming": False, "number": "+61491570156"})).direction == "out"


@pytest.mark.parametrize("channel", ["whatsapp", "'whatsapp'", {"value": "whatsapp"}, "kind"])
def test_a_channel_is_a_name_a_constant_or_what_the_record_says(channel: Any) -> None:
    found = message(mapper("message", MESSAGE_MAP | {"channel": channel})(STOP | {"kind": "WhatsApp"}))
    assert found.channel == "whatsapp"


def test_a_message_by_a_channel_that_nobody_knows_is_refused() -> None:
    some = mapper("message", MESSAGE_MAP | {"channel": "kind"})
    assert refusal(some(STOP | {"kind": "pigeon"}))[0] == "channel_unknown"
    assert refusal(some(STOP))[0] == "channel_unknown"


def test_without_a_channel_a_message_is_a_text_message() -> None:
    assert message(mapper("message", {"direction": "way", "address": "n"})({"way": "in", "n": "ACME"})).channel == "sms"


@pytest.mark.parametrize("channel", ["'pigeon'", "`[1]`"])
def test_a_constant_that_is_no_channel_is_told_beforehand(channel: str) -> None:
    with pytest.raises(MappingErrors) as raised:
        mapper("message", MESSAGE_MAP | {"channel": channel})
    assert [(error.loc, error.code) for error in raised.value.errors] == [
        (("map", "channel", "value"), "channel_unknown")
    ]


def test_everything_wrong_with_a_message_map_is_told_at_once() -> None:
    wrong = {
        "directoin": "x",
        "address": {"value": "n", "words": {}},
        "direction": {"value": "d", "words": {"x": "up"}},
    }
    with pytest.raises(MappingErrors) as raised:
        mapper("message", wrong)
    assert {(error.loc, error.code) for error in raised.value.errors} == {
        (("map", "directoin"), "field_unknown"),
        (("map", "address", "words"), "field_unknown"),
        (("map", "direction", "words", "x"), "shape_wrong"),
    }
    assert "did you mean 'direction'" in str(raised.value)


def test_alices_ticket_as_zendesk_tells_it() -> None:
    mapped = zendesk(LATE)
    assert mapped.remarks == ()
    assert ticket(mapped) == Ticket(
        number="35",
        opened_at=datetime(2026, 11, 15, 22, tzinfo=UTC),
        status="open",
        subject="Parcel is late",
        text="Where is it? Alice",
        channel="email",
        satisfaction="good",
        satisfaction_comment="Great",
        person=Ref(stream="users", id="35436"),
    )


def test_a_ticket_of_which_little_is_known_is_a_ticket() -> None:
    mapped = zendesk({"id": 36, "satisfaction_rating": None, "via": {}, "requester_id": None, "created_at": "soon"})
    assert ticket(mapped) == Ticket(number="36")
    assert [(remark.field, remark.code) for remark in mapped.remarks] == [("opened_at", "time_invalid")]


@pytest.mark.parametrize("text", ["none", "?", "null", "stop " * 10_000 + "please"])
def test_whatever_a_person_writes_is_what_they_mean(text: str) -> None:
    assert ticket(zendesk(LATE | {"description": text})).text == text
    assert message(twilio(STOP | {"body": text})).text == text


def test_a_text_beyond_all_measure_is_left_out_with_a_remark() -> None:
    mapped = zendesk(LATE | {"description": "x" * 100_001})
    assert ticket(mapped).text == ""
    assert [(remark.field, remark.code) for remark in mapped.remarks] == [("text", "too_long")]


@pytest.mark.fault("D01")
@given(st.dictionaries(st.sampled_from([*LATE, *PARCEL]), json_values))
def test_any_record_is_a_ticket_and_a_message_or_refused_for_its_shape(raw: dict[str, Any]) -> None:
    ticket(zendesk(raw)).model_dump_json()
    mapped = twilio(STOP | raw)
    if mapped.refusal:
        assert mapped.refusal.code in {"direction_unknown", "message_without_address"}
    else:
        message(mapped).model_dump_json()
