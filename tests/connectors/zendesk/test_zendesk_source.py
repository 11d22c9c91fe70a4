"""How users and tickets are read: the opaque cursor, the held-back minute, deletions, agents, tokens and the check."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit.base import Cursor, Page
from connectors.kit.errors import AuthError, BadPayload, ConfigError
from connectors.kit.simulator import Fault
from connectors.kit.testing import FakeClock
from connectors.zendesk.simulator import ZendeskSimulator
from connectors.zendesk.source import TICKETS, USERS, ZendeskSource
from tests.connectors.zendesk.estate import ALICE, BOB, CHARLIE, ERIN, by_client, config_for, crowd

MINUTE = timedelta(minutes=1)


def users(source: ZendeskSource, cursor: Cursor | None = None) -> tuple[dict[str, dict[str, Any]], Cursor]:
    pages = list(source.pull(USERS, cursor))
    return newest(pages), pages[-1].cursor


def newest(pages: list[Page]) -> dict[str, dict[str, Any]]:
    return {record.id: dict(record.data) for page in pages for record in page.records}


def test_only_the_first_call_has_a_start_time(source: ZendeskSource, simulator: ZendeskSimulator) -> None:
    simulator.load(crowd(10))
    users(source)
    first, *rest = [entry.query for entry in simulator.ledger]
    assert first == {"start_time": "1", "per_page": "4"}
    assert len(rest) >= 2
    assert all(query.keys() == {"cursor", "per_page"} for query in rest)


def test_without_being_told_a_page_has_a_thousand_rows(base_url: str, simulator: ZendeskSimulator) -> None:
    with closing(ZendeskSource(config_for(base_url))) as source:
        users(source)
    assert simulator.ledger[0].query["per_page"] == "1000"


@pytest.mark.fault("H21")
def test_what_changed_within_the_last_minute_comes_with_the_next_run(
    source: ZendeskSource, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    new = str(simulator.add_user(email="new@example.com"))
    found, cursor = users(source)
    assert new not in found
    clock.advance(2 * MINUTE)
    found, _ = users(source, cursor)
    assert new in found


def test_the_bookmark_of_the_end_is_kept_and_the_next_run_starts_from_it(
    source: ZendeskSource, simulator: ZendeskSimulator
) -> None:
    _, cursor = users(source)
    assert cursor.position is None
    _, again = users(source, cursor)
    assert simulator.ledger[-1].query["cursor"] == cursor.seen["after"]
    assert again == cursor


def test_a_background_change_that_moves_no_updated_at_is_pulled(
    source: ZendeskSource, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    before, cursor = users(source)
    clock.advance(MINUTE)
    simulator.background_touch(CHARLIE)
    clock.advance(2 * MINUTE)
    found, _ = users(source, cursor)
    assert found[str(CHARLIE)]["updated_at"] == before[str(CHARLIE)]["updated_at"]


@pytest.mark.fault("H17")
def test_rows_that_come_again_at_a_page_break_change_nothing(
    source: ZendeskSource, simulator: ZendeskSimulator
) -> None:
    simulator.load(crowd(10))
    simulator.repeats = 2
    pages = list(source.pull(USERS, None))
    assert sum(page.fetched for page in pages) > len(newest(pages)) == 13


def test_a_row_that_changes_while_it_is_read_comes_at_the_end_again(
    source: ZendeskSource, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    simulator.load(crowd(10))
    simulator.hold_back = timedelta(0)
    pull = source.pull(USERS, None)
    pages = [next(pull)]
    clock.advance(MINUTE)
    simulator.agent_sets(ALICE, "email", "withdrawn")
    assert newest([*pages, *pull])[str(ALICE)]["user_fields"]["consent_email"] == "withdrawn"


def test_a_deleted_user_and_a_deleted_ticket_are_tombstones(
    source: ZendeskSource, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    ticket = simulator.open_ticket(CHARLIE, "Parcel", "Where is it?")
    simulator.deactivate(BOB)
    simulator.delete_ticket(ticket)
    clock.advance(2 * MINUTE)
    records = [record for stream in (USERS, TICKETS) for page in source.pull(stream, None) for record in page.records]
    assert {record.id for record in records if record.deleted} == {str(BOB), str(ticket)}
    assert {record.id for record in records if not record.deleted} == {str(ALICE), str(CHARLIE)}


def test_agents_and_admins_are_no_customers(source: ZendeskSource, simulator: ZendeskSimulator) -> None:
    simulator.load([{"id": 600, "role": "admin", "updated_at": "2026-05-01T00:00:00Z"}])
    found, _ = users(source)
    assert str(ERIN) not in found
    assert "600" not in found
    assert simulator.ledger[0].records == {"users": 4}


def test_a_change_time_is_told_for_information(source: ZendeskSource) -> None:
    record = next(source.pull(USERS, None)).records[0]
    assert record.changed_at == datetime(2026, 5, 1, tzinfo=UTC)


def test_since_starts_at_that_time_but_never_within_the_last_minute(
    source: ZendeskSource, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    found, _ = users(source, Cursor(position=datetime(2026, 5, 2, tzinfo=UTC)))
    assert found == {}
    users(source, Cursor(position=clock.now()))
    starts = [int(entry.query["start_time"]) for entry in simulator.ledger]
    assert starts[0] == datetime(2026, 5, 2, tzinfo=UTC).timestamp()
    assert starts[1] <= clock.now().timestamp() - 60


def test_the_eleventh_export_call_of_a_minute_waits_as_long_as_zendesk_says(
    source: ZendeskSource, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    simulator.load(crowd(40))
    found, _ = users(source)
    assert len(found) == 43
    assert [entry.status for entry in simulator.ledger].count(429) == 1
    assert clock.slept == [60]


def test_a_row_without_an_id_is_a_reject_and_the_others_land(
    source: ZendeskSource, simulator: ZendeskSimulator
) -> None:
    body = b'{"users": [{"name": "x"}, 7, {"id": 5.5}, {"id": 5}], "after_cursor": null, "end_of_stream": true}'
    simulator.script(Fault(status=200, headers={"Content-Type": "application/json"}, body=body))
    (page,) = source.pull(USERS, None)
    assert [record.id for record in page.records] == ["5"]
    assert [reject.reason for reject in page.rejects] == ["has no id", "is not an object", "has no id"]
    assert page.cursor == Cursor()


@pytest.mark.parametrize(
    "body",
    [
        b'{"users": []}',
        b'{"users": [], "end_of_stream": false, "after_cursor": null}',
        b'{"tickets": [], "end_of_stream": true, "after_cursor": "x"}',
        b"[]",
    ],
)
def test_a_page_that_does_not_say_where_to_go_on_is_not_used(
    source: ZendeskSource, simulator: ZendeskSimulator, body: bytes
) -> None:
    simulator.script(Fault(status=200, headers={"Content-Type": "application/json"}, body=body, times=9))
    with pytest.raises(BadPayload):
        list(source.pull(USERS, None))


def test_an_expired_token_is_renewed_once_in_the_middle_of_a_pull(
    base_url: str, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    simulator.load(crowd(10))
    with closing(ZendeskSource(by_client(base_url), clock=clock, page_size=4)) as source:
        pull = source.pull(USERS, None)
        pages = [next(pull)]
        simulator.expire_tokens()
        found = newest([*pages, *pull])
    assert len(found) == 13
    assert [entry.path for entry in simulator.ledger].count("/oauth/tokens") == 2
    assert [entry.status for entry in simulator.ledger].count(401) == 1


def test_a_token_that_is_refused_although_new_is_an_auth_error_and_not_a_loop(
    base_url: str, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    simulator.script(Fault(match="/incremental/", status=401, body=b"{}", times=99))
    with closing(ZendeskSource(by_client(base_url), clock=clock)) as source, pytest.raises(AuthError):
        list(source.pull(USERS, None))
    assert [entry.path for entry in simulator.ledger].count("/oauth/tokens") == 2


def test_a_client_that_is_refused_is_an_auth_error_that_does_not_tell_its_secret(
    base_url: str, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    with closing(ZendeskSource(by_client(base_url, client_secret="feedface"), clock=clock)) as source:
        (finding,) = source.check()
    assert (finding.subject, finding.ok) == ("auth", False)
    assert "feedface" not in finding.message
    assert [entry.path for entry in simulator.ledger] == ["/oauth/tokens"]


def test_an_answer_without_a_token_is_no_way_in(base_url: str, simulator: ZendeskSimulator, clock: FakeClock) -> None:
    simulator.script(Fault(match="/oauth", status=200, headers={"Content-Type": "application/json"}, body=b"{}"))
    with closing(ZendeskSource(by_client(base_url), clock=clock)) as source, pytest.raises(BadPayload):
        list(source.pull(USERS, None))


def test_an_account_that_is_not_there_is_a_matter_of_the_settings(
    source: ZendeskSource, simulator: ZendeskSimulator
) -> None:
    simulator.script(Fault(status=404, body=b"<h1>No such help desk"))
    with pytest.raises(ConfigError, match="subdomain"):
        list(source.pull(USERS, None))


def test_a_conflict_in_zendesks_database_passes(source: ZendeskSource, simulator: ZendeskSimulator) -> None:
    body = b'{"error": "DatabaseConflict", "description": "Please try again"}'
    simulator.script(Fault(status=409, headers={"Content-Type": "application/json"}, body=body))
    found, _ = users(source)
    assert len(found) == 3


def test_the_check_names_the_fields_that_are_there(source: ZendeskSource) -> None:
    findings = list(source.check())
    assert all(finding.ok for finding in findings)
    assert [finding.message for finding in findings if finding.subject == "scopes"] == [
        "email: consent_email",
        "sms: consent_sms",
    ]


def finding_about_sms(source: ZendeskSource) -> str:
    (wrong,) = [finding for finding in source.check() if not finding.ok]
    assert "consent of sms: the user field consent_sms" in wrong.message
    return wrong.message


def test_the_check_tells_how_to_create_a_field_that_is_missing(
    source: ZendeskSource, simulator: ZendeskSimulator
) -> None:
    simulator.remove_field("consent_sms")
    message = finding_about_sms(source)
    assert "create it in Admin Center" in message
    assert "granted, withdrawn, unknown" in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "checkbox"}, "is no drop-down"),
        ({"active": False}, "is switched off"),
        ({"custom_field_options": [{"value": "granted"}]}, "lacks the option tag withdrawn and unknown"),
        ({"custom_field_options": None}, "lacks the option tag granted and withdrawn and unknown"),
    ],
)
def test_the_check_finds_a_field_that_cannot_hold_consent(
    source: ZendeskSource, simulator: ZendeskSimulator, change: dict[str, Any], words: str
) -> None:
    simulator.account.fields["consent_sms"].update(change)
    assert words in finding_about_sms(source)


def test_the_check_reads_all_pages_of_user_fields(source: ZendeskSource, simulator: ZendeskSimulator) -> None:
    last = {key: simulator.account.fields.pop(key) for key in list(simulator.account.fields)}
    simulator.account.fields.update({f"f{i}": {"key": f"f{i}", "type": "text"} for i in range(250)})
    simulator.account.fields.update(last)
    assert all(finding.ok for finding in source.check())


def test_the_check_finds_a_client_that_may_not_export(source: ZendeskSource, simulator: ZendeskSimulator) -> None:
    simulator.admin = False
    assert [(finding.subject, finding.ok) for finding in source.check()] == [("auth", False)]


def test_the_check_finds_a_clock_that_is_wrong(source: ZendeskSource, simulator: ZendeskSimulator) -> None:
    simulator.clock_offset = timedelta(minutes=5)
    (wrong,) = [finding for finding in source.check() if not finding.ok]
    assert (wrong.subject, "300 s" in wrong.message) == ("clock", True)
