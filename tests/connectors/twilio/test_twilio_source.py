"""What is read of the message log: numbers and messages, in which window, and what `check` finds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.kit.base import Cursor, Page, Record, Source, Stream
from connectors.kit.errors import BadPayload, ConfigError
from connectors.kit.simulator import Fault
from connectors.kit.testing import FakeClock
from connectors.twilio.simulator import ACCOUNT_SID, API_KEY, API_SECRET, NUMBER, SENDER, TwilioSimulator
from connectors.twilio.source import MESSAGES, NUMBERS
from tests.connectors.twilio.conftest import OpenSource
from tests.connectors.twilio.estate import ALICE, BOB, CHARLIE, chatter


def pull(source: Source, stream: Stream, cursor: Cursor | None = None) -> list[Page]:
    return list(source.pull(stream, cursor))


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def test_a_message_comes_as_it_is_with_the_time_it_was_sent(
    simulator: TwilioSimulator, open_source: OpenSource
) -> None:
    sid = simulator.text(ALICE, "Is the shop open?")
    (record,) = records(pull(open_source(), MESSAGES))
    assert (record.id, record.changed_at) == (sid, datetime(2026, 6, 1, 9, 0, tzinfo=UTC))
    assert dict(record.data) == simulator.log[sid]


def test_a_number_is_a_person_once_a_page_and_the_same_on_every_page(
    simulator: TwilioSimulator, open_source: OpenSource, clock: FakeClock
) -> None:
    for _ in range(3):
        simulator.text(ALICE, "hello")
        simulator.send(ALICE, "Hello Alice")
        simulator.send(BOB, "Hello Bob")
        clock.advance(timedelta(days=1))
    pages = pull(open_source(page_size=5), NUMBERS)
    assert [[record.id for record in page.records] for page in pages] == [[BOB, ALICE], [ALICE, BOB]]
    assert {json.dumps(dict(record.data)) for record in records(pages)} == {
        json.dumps({"number": ALICE}),
        json.dumps({"number": BOB}),
    }
    assert {record.changed_at for record in records(pages)} == {None}


@pytest.mark.parametrize("counterpart", ["ACME", "12345", f"whatsapp:{ALICE}", "", None, "0491570156"])
def test_what_is_no_phone_number_is_a_message_and_no_person(
    simulator: TwilioSimulator, open_source: OpenSource, counterpart: str | None
) -> None:
    message = {"from": counterpart, "to": NUMBER, "direction": "inbound", "status": "received"}
    simulator.load([message, {**message, "from": BOB}])
    assert [record.id for record in records(pull(open_source(), NUMBERS))] == [BOB]
    assert len(records(pull(open_source(), MESSAGES))) == 2


def test_the_cursor_moves_with_the_last_page_only_for_the_newest_message_comes_first(
    simulator: TwilioSimulator, open_source: OpenSource
) -> None:
    simulator.load(chatter(10))
    given = Cursor(position=datetime(2026, 5, 1, tzinfo=UTC), tie="SM0")
    for stream in (NUMBERS, MESSAGES):
        cursors = [page.cursor for page in pull(open_source(), stream, given)]
        assert cursors[:-1] == [given, given]
        assert cursors[-1].position == datetime(2026, 5, 30, 0, 9, tzinfo=UTC)


def test_a_pull_that_was_cut_short_starts_over_and_loses_nothing(
    simulator: TwilioSimulator, open_source: OpenSource
) -> None:
    simulator.load(chatter(10))
    first = next(iter(open_source().pull(MESSAGES, None)))
    assert first.cursor.is_empty()
    assert len(records(pull(open_source(), MESSAGES, first.cursor))) == 10


def test_a_late_status_is_read_again_for_fifteen_days(
    simulator: TwilioSimulator, open_source: OpenSource, clock: FakeClock
) -> None:
    old = simulator.send(ALICE, "too old to be read again")
    clock.advance(timedelta(days=2))
    late = simulator.send(BOB, "on its way")
    clock.advance(timedelta(days=14))
    simulator.text(CHARLIE, "hello")
    clock.advance(timedelta(minutes=1))
    cursor = pull(open_source(), MESSAGES)[-1].cursor
    simulator.log.change(late, status="undelivered", error_code=30003)
    found = {record.id: record.data for record in records(pull(open_source(), MESSAGES, cursor))}
    assert found[late]["error_code"] == 30003
    assert old not in found
    assert simulator.ledger[-1].query == {"PageSize": "4", "DateSent>": "2026-06-02T09:00:00Z"}


def test_an_operator_may_look_back_less(simulator: TwilioSimulator, open_source: OpenSource, clock: FakeClock) -> None:
    simulator.load(chatter(3, apart=timedelta(days=1)))
    cursor = Cursor(position=clock.now())
    day = Stream("messages", record="message", lookback=timedelta(days=1))
    assert len(records(pull(open_source(), day, cursor))) == 1


def test_a_message_that_was_never_sent_has_no_time_and_only_the_first_pull_lists_it(
    simulator: TwilioSimulator, open_source: OpenSource
) -> None:
    simulator.load([{"to": ALICE, "direction": "outbound-api", "status": "scheduled", "date_sent": None}])
    simulator.load(chatter(1))
    pages = pull(open_source(), MESSAGES)
    assert sorted(str(record.changed_at) for record in records(pages)) == ["2026-05-30 00:00:00+00:00", "None"]
    assert len(records(pull(open_source(), MESSAGES, pages[-1].cursor))) == 1


def test_the_filter_goes_on_from_page_to_page(simulator: TwilioSimulator, open_source: OpenSource) -> None:
    simulator.load(chatter(3, start=datetime(2026, 3, 1, tzinfo=UTC)))
    simulator.load(chatter(9))
    pages = pull(open_source(), MESSAGES, Cursor(position=datetime(2026, 6, 1, tzinfo=UTC)))
    assert [page.fetched for page in pages] == [4, 4, 1]


def test_a_message_without_sid_is_put_aside(simulator: TwilioSimulator, open_source: OpenSource) -> None:
    body = json.dumps({"messages": [{"body": "who am I"}, "text"], "next_page_uri": None}).encode()
    simulator.script(Fault(status=200, headers={"Content-Type": "application/json"}, body=body))
    (page,) = pull(open_source(), MESSAGES)
    assert [(reject.raw, reject.reason) for reject in page.rejects] == [
        ('{"body": "who am I"}', "the message has no sid"),
        ('"text"', "the message has no sid"),
    ]


@pytest.mark.parametrize(
    "document",
    [{}, [], {"messages": None, "next_page_uri": None}, {"messages": []}]
    + [{"messages": [], "next_page_uri": wrong} for wrong in (3, "", "https://elsewhere.example.org/next")],
)
def test_another_document_is_never_no_messages(
    simulator: TwilioSimulator, open_source: OpenSource, document: object
) -> None:
    reply = Fault(status=200, headers={"Content-Type": "application/json"}, body=json.dumps(document).encode())
    simulator.script(reply)
    with pytest.raises(BadPayload):
        pull(open_source(), MESSAGES)


def test_an_api_key_logs_in_instead_of_the_token(simulator: TwilioSimulator, open_source: OpenSource) -> None:
    simulator.load(chatter(1))
    source = open_source(api_key=API_KEY, api_secret=API_SECRET, auth_token="only for webhooks")
    assert len(records(pull(source, MESSAGES))) == 1


def test_check_names_the_messaging_service(open_source: OpenSource) -> None:
    findings = list(open_source().check())
    assert [finding.subject for finding in findings] == ["reach", "auth", "sample", "clock"]
    assert "Shop" in findings[2].message


def test_check_of_a_number_needs_no_messaging_service(simulator: TwilioSimulator, open_source: OpenSource) -> None:
    assert all(finding.ok for finding in open_source(sender=NUMBER, messaging_url="http://127.0.0.1:9").check())
    assert {entry.path for entry in simulator.ledger} == {f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"}


def test_check_tells_of_a_messaging_service_that_is_not_there(open_source: OpenSource) -> None:
    sender = "MGffffffffffffffffffffffffffffffff"
    (finding,) = open_source(sender=sender).check()
    assert (finding.subject, finding.ok) == ("sample", False)
    assert sender in finding.message
    assert SENDER not in finding.message


def test_check_tells_of_a_clock_that_is_wrong(simulator: TwilioSimulator, open_source: OpenSource) -> None:
    simulator.clock_offset = timedelta(minutes=5)
    assert [finding.subject for finding in open_source().check() if not finding.ok] == ["clock"]


def test_an_address_that_is_not_twilios_is_a_matter_of_settings(
    simulator: TwilioSimulator, open_source: OpenSource
) -> None:
    simulator.script(Fault(status=404))
    with pytest.raises(ConfigError, match="base_url"):
        pull(open_source(), MESSAGES)
