"""What the vendor's mapping.yaml makes of a message as Twilio shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from ruamel.yaml import YAML

import connectors.twilio
from connectors.kit.webhook import Delivery
from connectors.twilio.webhook import records
from mapping.compile import Mapper, compile_mapping
from mapping.models import Mapped, Message, Person, Ref
from mapping.spec import parse_mapping
from tests.connectors.twilio.estate import ALICE, CHARLIE

OURS = "+61480555001"
SERVICE = "MG0123456789abcdef0123456789abcdef"
SENT: dict[str, Any] = {
    "sid": "SM0123456789abcdef0123456789abcdef",
    "account_sid": "AC0123456789abcdef0123456789abcdef",
    "messaging_service_sid": SERVICE,
    "body": "Your parcel is on its way",
    "num_segments": "1",
    "num_media": "0",
    "direction": "outbound-api",
    "from": OURS,
    "to": ALICE,
    "status": "undelivered",
    "error_code": 30003,
    "error_message": "Unreachable destination handset",
    "price": "-0.05150",
    "price_unit": "AUD",
    "date_created": "Mon, 16 Nov 2026 03:12:11 +0000",
    "date_sent": "Mon, 16 Nov 2026 03:12:12 +0000",
    "date_updated": "Mon, 16 Nov 2026 03:14:40 +0000",
    "api_version": "2010-04-01",
}
RECEIVED = {**SENT, "direction": "inbound", "from": CHARLIE, "to": OURS, "body": "STOP", "status": "received"}
PATH = Path(connectors.twilio.__file__).with_name("mapping.yaml")


def mapper(stream: str) -> Mapper:
    document = YAML(typ="safe").load(PATH)
    assert set(document) == {"numbers", "messages"}
    return compile_mapping(parse_mapping(document[stream]), region="AU")


def message(raw: dict[str, Any]) -> tuple[Message, Mapped]:
    mapped = mapper("messages")(raw)
    assert isinstance(mapped.value, Message), mapped
    return mapped.value, mapped


def test_a_number_is_a_person_with_a_phone() -> None:
    value = mapper("numbers")({"number": ALICE}).value
    assert isinstance(value, Person)
    assert [phone.value for phone in value.phones] == [ALICE]


def test_the_vendors_example_becomes_a_message_without_a_remark() -> None:
    found, mapped = message(SENT)
    assert mapped.remarks == ()
    assert found == Message(
        channel="sms",
        at=datetime(2026, 11, 16, 3, 12, 12, tzinfo=UTC),
        direction="out",
        address=ALICE,
        sender=SERVICE,
        status="undelivered",
        text="Your parcel is on its way",
        error="30003",
        person=Ref(stream="numbers", id=ALICE),
    )


def test_of_an_inbound_message_the_other_side_is_the_person() -> None:
    found, mapped = message({**RECEIVED, "error_code": None})
    assert mapped.remarks == ()
    assert (found.direction, found.address, found.sender) == ("in", CHARLIE, SERVICE)
    assert (found.text, found.error, found.verdict) == ("STOP", "", "")
    assert found.person == Ref(stream="numbers", id=CHARLIE)


@pytest.mark.parametrize("raw", [SENT, RECEIVED], ids=["out", "in"])
def test_a_number_that_is_in_no_service_is_its_own_sender(raw: dict[str, Any]) -> None:
    assert message({**raw, "messaging_service_sid": None})[0].sender == OURS


@pytest.mark.parametrize("direction", ["outbound-api", "outbound-call", "outbound-reply"])
def test_whoever_of_us_sent_it_it_went_out(direction: str) -> None:
    assert message({**SENT, "direction": direction})[0].direction == "out"


def test_a_message_that_was_not_sent_yet_has_no_time() -> None:
    found, mapped = message({**SENT, "date_sent": None, "status": "scheduled"})
    assert found.at is None
    assert mapped.remarks == ()


def test_whatsapp_is_another_channel() -> None:
    found, _ = message({**RECEIVED, "from": f"whatsapp:{CHARLIE}", "to": f"whatsapp:{OURS}"})
    assert (found.channel, found.address) == ("whatsapp", CHARLIE)


def test_a_webhooks_record_reads_like_a_pulled_one_and_has_the_verdict() -> None:
    form = {"MessageSid": "SM1", "MessagingServiceSid": SERVICE, "From": CHARLIE, "To": OURS}
    body = urlencode({**form, "Body": "Basta", "OptOutType": "STOP"})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    now = datetime(2026, 11, 16, 3, 12, 12, 700, tzinfo=UTC)
    (_, number), (_, record) = records(Delivery("https://hub.example.test", headers, body.encode()), now)
    assert isinstance(mapper("numbers")(number.data).value, Person)
    found, mapped = message(dict(record.data))
    assert mapped.remarks == ()
    assert (found.direction, found.address, found.sender) == ("in", CHARLIE, SERVICE)
    assert (found.verdict, found.text, found.at) == ("STOP", "Basta", now.replace(microsecond=0))
