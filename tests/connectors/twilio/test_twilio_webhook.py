"""What Twilio signs is believed and nothing else, and what it delivers becomes records."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.kit.webhook import Delivery, Forged
from connectors.twilio import webhook
from connectors.twilio.config import TwilioConfig
from connectors.twilio.simulator import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SENDER, TwilioSimulator
from connectors.twilio.webhook import WEBHOOK
from tests.connectors.twilio.estate import ALICE, CHARLIE, config_for

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
URL = "https://hub.example.test/hooks/sms"
FORM = "application/x-www-form-urlencoded"
SID = "SM0123456789abcdef0123456789abcdef"

VECTOR_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
VECTOR = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
VECTOR_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="

STOP = {
    "MessageSid": SID,
    "AccountSid": ACCOUNT_SID,
    "MessagingServiceSid": SENDER,
    "From": CHARLIE,
    "To": NUMBER,
    "Body": "Stop",
    "NumMedia": "0",
    "NumSegments": "1",
    "OptOutType": "STOP",
    "FromCity": "",
}


def sign(text: str, token: str = AUTH_TOKEN) -> str:
    """base64(HMAC-SHA1(token, text)), without the connector's help."""
    return b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def delivery(url: str, fields: Any, signature: str | None = None, kind: str = FORM) -> Delivery:
    """A delivery of these form fields, or of this body, rightly signed for the URL unless a signature is given."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    pairs = fields.items() if isinstance(fields, dict) else ()
    made = sign(url + "".join(name + value for name, value in sorted(pairs)))
    return Delivery(url, {"content-type": kind, "x-twilio-signature": signature or made}, body)


def holds(config: TwilioConfig, given: Delivery) -> bool:
    try:
        WEBHOOK.verify(config, given)
    except Forged:
        return False
    return True


def records(fields: dict[str, str]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(stream, r.id, dict(r.data)) for stream, r in webhook.records(delivery(URL, fields), NOW)]


def test_the_vendors_test_vector_holds() -> None:
    given = delivery(VECTOR_URL, VECTOR, VECTOR_SIGNATURE)
    assert holds(config_for(auth_token="12345"), given)
    assert not holds(config_for(auth_token="12346"), given)


@pytest.mark.fault("A12")
@pytest.mark.parametrize(
    "changes",
    [
        {"From": ALICE},
        {"Body": "Start"},
        {"OptOutType": "START"},
        {"Extra": ""},
        {"FromCity": "Perth"},
    ],
    ids=str,
)
def test_a_field_that_was_changed_or_added_is_a_forgery(changes: dict[str, str]) -> None:
    signature = delivery(URL, STOP).headers["x-twilio-signature"]
    assert holds(config_for(), delivery(URL, STOP))
    assert not holds(config_for(), delivery(URL, {**STOP, **changes}, signature))


def test_any_text_a_person_writes_is_signed_as_it_reads() -> None:
    fields = {**STOP, "Body": "Größe 38 & 40 = ok? 👍 +1"}
    assert holds(config_for(), delivery(URL, fields))
    assert records(fields)[1][2]["body"] == "Größe 38 & 40 = ok? 👍 +1"


@pytest.mark.fault("A12")
@pytest.mark.parametrize("name", sorted(STOP))
def test_a_field_that_is_missing_is_a_forgery_even_an_empty_one(name: str) -> None:
    signature = delivery(URL, STOP).headers["x-twilio-signature"]
    rest = {key: value for key, value in STOP.items() if key != name}
    assert not holds(config_for(), delivery(URL, rest, signature))


@pytest.mark.fault("A12")
@pytest.mark.parametrize("signature", ["", "ünsinn", "A" * 1000, sign(URL), sign("")])
def test_any_other_signature_is_a_forgery(signature: str) -> None:
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    assert not holds(config_for(), Delivery(URL, headers, urlencode(STOP).encode()))


@pytest.mark.fault("A12")
def test_no_signature_is_a_forgery() -> None:
    assert not holds(config_for(), Delivery(URL, {"content-type": FORM}, urlencode(STOP).encode()))
    assert not holds(config_for(), Delivery(URL, {}, b""))


@pytest.mark.fault("A12")
@pytest.mark.parametrize(
    "body", [b"\xff\xfe=1", "Body=stöp".encode(), b"Body=%FF", b"&".join(b"a=1" for _ in range(2000))]
)
def test_a_body_that_is_no_form_of_twilios_is_a_forgery(body: bytes) -> None:
    assert not holds(config_for(), delivery(URL, body))


@pytest.mark.fault("A12")
@pytest.mark.parametrize("url", [f"{URL}?x=1", f"{URL}/", "https://other.example.test/hooks/sms", "http://[", "x"])
def test_a_delivery_to_another_url_is_a_forgery(url: str) -> None:
    signature = delivery(URL, STOP).headers["x-twilio-signature"]
    assert not holds(config_for(), delivery(url, STOP, signature))


def test_while_the_token_is_rotated_both_sign() -> None:
    text = URL + "".join(name + value for name, value in sorted(STOP.items()))
    old, new = (delivery(URL, STOP, sign(text, token)) for token in ("old", AUTH_TOKEN))
    rotating = config_for(previous_auth_token="old")
    assert (holds(rotating, old), holds(rotating, new)) == (True, True)
    assert not holds(config_for(), old)


@pytest.mark.parametrize(
    ("signed", "called"),
    [
        (URL, "https://hub.example.test:443/hooks/sms"),
        ("https://hub.example.test:443/hooks/sms", URL),
        ("https://hub.example.test/hooks/sms", "https://hub.example.test:8443/hooks/sms"),
        ("https://hub.example.test:8443/hooks/sms", "https://hub.example.test:8443/hooks/sms"),
        ("http://hub.example.test:80/hooks/sms?x=1", "http://hub.example.test/hooks/sms?x=1"),
        (URL, f"{URL}#rc=3&rp=5xx"),
        ("https://hub.example.test:443", "https://hub.example.test"),
        ("https://[::1]:443/a", "https://[::1]/a"),
    ],
)
def test_the_port_may_be_signed_or_not_and_the_fragment_is_not(signed: str, called: str) -> None:
    signature = delivery(signed, STOP).headers["x-twilio-signature"]
    assert holds(config_for(), delivery(called, STOP, signature))


def test_behind_a_proxy_the_public_url_is_signed_with_the_requests_query() -> None:
    config = config_for(public_url=URL)
    inside = "http://10.0.0.7:8000/hooks/sms"
    for query in ("", "?shop=1&x="):
        signature = delivery(URL + query, STOP).headers["x-twilio-signature"]
        assert holds(config, delivery(inside + query, STOP, signature))
    assert not holds(config, delivery(inside, STOP))


def test_a_name_that_comes_twice_counts_with_each_of_its_values_once_and_sorted() -> None:
    signature = sign(f"{URL}Body" + "MediaUrlaMediaUrlb")
    assert holds(config_for(), delivery(URL, b"MediaUrl=b&MediaUrl=a&MediaUrl=b&Body=", signature))


def test_a_json_body_is_signed_by_the_digest_in_the_url() -> None:
    body = b'{"any": "thing"}'
    digest = hashlib.sha256(body).hexdigest()
    url = f"{URL}?bodySHA256={digest}"
    assert holds(config_for(), delivery(url, body, kind="application/json"))
    assert holds(config_for(public_url=URL), Delivery(
        f"http://inside:8000/x?bodySHA256={digest}",
        {"content-type": "application/json", "x-twilio-signature": sign(url)},
        body,
    ))  # fmt: skip


@pytest.mark.fault("A12")
def test_a_json_body_that_is_not_the_signed_one_is_a_forgery() -> None:
    url = f"{URL}?bodySHA256={hashlib.sha256(b'{}').hexdigest()}"
    assert not holds(config_for(), delivery(url, b'{"x": 1}', kind="application/json"))
    assert not holds(config_for(), delivery(URL, b"{}", kind="application/json"))
    assert webhook.records(delivery(url, b"{}", kind="application/json"), NOW) == []


def test_a_stop_is_a_message_and_a_number() -> None:
    number, message = records(STOP)
    assert number == ("numbers", CHARLIE, {"number": CHARLIE})
    assert message == (
        "messages",
        SID,
        {
            "sid": SID,
            "account_sid": ACCOUNT_SID,
            "messaging_service_sid": SENDER,
            "from": CHARLIE,
            "to": NUMBER,
            "direction": "inbound",
            "status": "received",
            "error_code": None,
            "body": "Stop",
            "num_media": "0",
            "num_segments": "1",
            "opt_out_type": "STOP",
            "date_sent": "Mon, 01 Jun 2026 09:00:00 +0000",
        },
    )
    assert [record.changed_at for _, record in webhook.records(delivery(URL, STOP), NOW)] == [None, NOW]


def test_without_advanced_opt_out_there_is_no_verdict_and_a_lone_number_has_no_service() -> None:
    plain = {key: value for key, value in STOP.items() if key not in ("OptOutType", "MessagingServiceSid")}
    _, (_, _, message) = records(plain)
    assert "opt_out_type" not in message
    assert message["messaging_service_sid"] is None


@pytest.mark.parametrize("sender", ["ACME", "12345", f"whatsapp:{CHARLIE}"])
def test_a_sender_that_is_no_phone_number_is_no_person(sender: str) -> None:
    assert [stream for stream, _, _ in records({**STOP, "From": sender})] == ["messages"]


def test_of_status_callbacks_only_a_blocked_send_is_a_record() -> None:
    callback = {"MessageSid": SID, "MessageStatus": "failed", "From": NUMBER, "To": CHARLIE, "AccountSid": ACCOUNT_SID}
    number, (stream, sid, message) = records({**callback, "ErrorCode": "21610"})
    assert number == ("numbers", CHARLIE, {"number": CHARLIE})
    assert (stream, sid) == ("messages", SID)
    assert (message["direction"], message["status"], message["error_code"]) == ("outbound-api", "failed", 21610)
    assert (message["from"], message["to"]) == (NUMBER, CHARLIE)
    assert records({**callback, "ErrorCode": "30003"}) == []
    assert records({**callback, "MessageStatus": "delivered"}) == []


@pytest.mark.parametrize(
    "fields",
    [{}, {"Body": "hello"}, {"CallSid": "CA1", "From": CHARLIE}, {**STOP, "MessageStatus": "delivered"}],
    ids=["nothing", "no sid", "a call", "sent with its text"],
)
def test_what_is_no_inbound_message_is_no_record(fields: dict[str, str]) -> None:
    assert records(fields) == []


def test_the_answer_says_nothing_for_twilio_has_answered_the_person() -> None:
    assert (WEBHOOK.content_type, WEBHOOK.answer) == ("text/xml", b"<Response/>")


def test_another_connectors_config_is_a_mistake_of_ours() -> None:
    class Other(TwilioConfig.__base__):  # type: ignore[misc, name-defined]
        pass

    with pytest.raises(TypeError):
        WEBHOOK.verify(Other(), delivery(URL, STOP))


@pytest.mark.fault("A12")
def test_what_the_simulator_delivers_twice_and_in_another_order_is_believed_and_has_one_id(
    simulator: TwilioSimulator,
) -> None:
    simulator.webhook_url = f"{URL}?shop=1#rc=3"
    stop, start = simulator.text(CHARLIE, "STOP"), simulator.text(CHARLIE, "START")
    landed: list[str] = []

    def post(url: str, headers: dict[str, str], body: bytes) -> int:
        given = Delivery(url, headers, body)
        WEBHOOK.verify(config_for(), given)
        landed.extend(record.id for stream, record in webhook.records(given, NOW) if stream == "messages")
        return 200

    assert simulator.deliver(post, order="reversed", twice=True) == [200] * 4
    assert landed == [start, start, stop, stop]
