"""Bodies that are not what they say: broken JSON is fetched anew, a web page is never a page of records."""

from __future__ import annotations

import json

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.errors import BadPayload
from connectors.kit.http import Reply
from tests.connectors.kit.vendor import PAGE, Make, failure

DEEP = b"[" * 100_000 + b"]" * 100_000
BROKEN_BODIES = {
    "empty": b"",
    "cut object": b'{"customers": [{"id": 1}, {"id"',
    "cut string": b'{"name": "Ali',
    "trailing comma": b'{"customers": [1, 2,]}',
    "comma at the end of an object": b'{"a": 1,}',
    "two documents": b"{}{}",
    "text": b"Service unavailable",
    "single quotes": b"{'a': 1}",
    "NaN": b'{"ltv": NaN}',
    "Infinity": b'{"ltv": -Infinity}',
    "out of range": b'{"ltv": 1e999}',
    "5000 digits": b'{"id": ' + b"1" * 5000 + b"}",
    "latin-1": '{"name": "Zoë"}'.encode("latin-1"),
    "too deep": DEEP,
    "NUL": b'{"a": 1}\x00',
}


@pytest.mark.fault("H08")
@pytest.mark.parametrize("body", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
def test_a_broken_body_is_fetched_anew_twice_and_then_an_error(
    vendor: responses.RequestsMock, make: Make, body: bytes
) -> None:
    vendor.get(PAGE, body=body, content_type="application/json", auto_calculate_content_length=True)
    assert type(failure(lambda: make().get("customers"))) is BadPayload
    assert len(vendor.calls) == 3


@pytest.mark.fault("H08")
@given(data=st.data())
def test_no_beginning_of_a_page_passes_for_the_page(data: st.DataObject) -> None:
    body = json.dumps({"customers": [{"id": 1, "name": "Alice"}], "next": None}).encode()
    at = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(BadPayload):
        Reply(200, {}, body[:at], PAGE).json()


@pytest.mark.fault("H08")
def test_a_body_that_is_whole_the_second_time_is_used(vendor: responses.RequestsMock, make: Make) -> None:
    vendor.get(PAGE, body=b'{"customers": [', content_type="application/json")
    vendor.get(PAGE, json={"customers": [1]})
    assert make().get("customers").json() == {"customers": [1]}


@pytest.mark.fault("H08")
@pytest.mark.parametrize("text", ["﻿{}", ' {"name": "\\ud83d"} ', '{"id": 123456789012345678901234567890}'])
def test_odd_but_right_json_is_read(text: str) -> None:
    assert Reply(200, {}, text.encode(), PAGE).json() == json.loads(text.removeprefix("﻿"))


@pytest.mark.fault("H09")
@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json"])
def test_a_maintenance_page_with_200_is_not_json(vendor: responses.RequestsMock, make: Make, kind: str) -> None:
    vendor.get(PAGE, body=b"\n<!DOCTYPE html><p>Back soon, alice", content_type=kind)
    error = failure(lambda: make().get("customers").json())
    assert type(error) is BadPayload
    assert "web page" in str(error)


@pytest.mark.fault("H09")
def test_a_judge_that_reads_json_has_the_web_page_fetched_anew(vendor: responses.RequestsMock, make: Make) -> None:
    vendor.get(PAGE, body=b"<html>", content_type="text/html")
    vendor.get(PAGE, json=[])
    assert make(judge=lambda reply: reply.json()).get("customers").json() == []
