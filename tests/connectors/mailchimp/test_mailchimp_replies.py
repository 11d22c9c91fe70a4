"""What the source makes of single replies that are not what they should be, and what it sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import responses

from connectors.kit.base import Cursor, Reject
from connectors.kit.errors import AuthError, BadPayload, ConfigError, ConnectorError, PagingLoop, RateLimited, Refused
from connectors.kit.testing import FakeClock
from connectors.mailchimp.config import MailchimpConfig
from connectors.mailchimp.source import MEMBERS, TAGS, MailchimpSource

KEY = "feedfacefeedfacefeedfacefeedface-us19"
LIST = "https://us19.api.mailchimp.com/3.0/lists/a1b2c3"
MEMBERS_URL = f"{LIST}/members"
ALICE = {"id": "a", "email_address": "alice@example.com", "last_changed": "2026-01-01T00:00:00+00:00"}
EMPTY = {"members": [], "total_items": 0}


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source(vendor: responses.RequestsMock, clock: FakeClock) -> Iterator[MailchimpSource]:
    config = MailchimpConfig.model_validate({"audience": "a1b2c3", "api_key": KEY})
    source = MailchimpSource(config, clock=clock)
    yield source
    source.close()


def problem(status: int, title: str) -> dict[str, Any]:
    document = {"type": "about", "title": title, "status": status, "detail": "alice@example.com is", "instance": "1"}
    return {"json": document, "status": status, "content_type": "application/problem+json; charset=utf-8"}


def failure(source: MailchimpSource) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        list(source.pull(MEMBERS, None))
    assert KEY not in f"{caught.value} {caught.value!r}"
    assert "alice@example.com" not in str(caught.value)
    return caught.value


def test_the_first_request_asks_for_all_members_sorted_by_change_time_without_links(
    vendor: responses.RequestsMock, source: MailchimpSource
) -> None:
    vendor.get(MEMBERS_URL, json=EMPTY)
    list(source.pull(MEMBERS, None))
    listed, archived = (call.request for call in vendor.calls)
    assert listed.params == {
        "count": "1000",
        "offset": "0",
        "sort_field": "last_changed",
        "sort_dir": "ASC",
        "exclude_fields": "_links,members._links",
    }
    assert archived.params == {**listed.params, "status": "archived"}
    assert listed.headers["Authorization"].startswith("Basic ")


def test_an_incremental_pull_asks_with_a_z_because_a_plus_would_become_a_blank(
    vendor: responses.RequestsMock, source: MailchimpSource
) -> None:
    vendor.get(MEMBERS_URL, json=EMPTY)
    cursor = Cursor(position=datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC), seen={"archived": "2026-01-01T10:00:00+00:00"})
    (_, last) = source.pull(MEMBERS, cursor)
    asked = [call.request.params["since_last_changed"] for call in vendor.calls]
    # a minute of lookback, and one second because "changed after" leaves the second itself out
    assert asked == ["2026-01-01T11:58:59Z", "2026-01-01T09:58:59Z"]
    assert not [call for call in vendor.calls if "+" in urlsplit(str(call.request.url)).query]
    assert last.cursor == Cursor(position=cursor.position, seen={"archived": "2026-01-01T12:00:00+00:00"})


@pytest.mark.fault("H05")
@pytest.mark.parametrize(
    ("status", "title", "kind", "says"),
    [
        (401, "API Key Invalid", AuthError, "renew"),
        (403, "User Does Not Have Access", AuthError, "scope"),
        (403, "WrongDatacenter", ConfigError, "base_url"),
        (404, "Resource Not Found", ConfigError, "a1b2c3"),
        (400, "Invalid Resource", Refused, "400"),
        (503, "ComplianceRelated", AuthError, "owner must talk to Mailchimp"),
    ],
)
def test_a_problem_that_only_a_person_can_solve_is_told_once_and_not_tried_again(
    vendor: responses.RequestsMock, source: MailchimpSource, status: int, title: str, kind: type, says: str
) -> None:
    vendor.get(MEMBERS_URL, **problem(status, title))
    error = failure(source)
    assert type(error) is kind
    assert says in str(error)
    assert len(vendor.calls) == 1


@pytest.mark.fault("H02")
def test_a_429_without_retry_after_is_waited_out(
    vendor: responses.RequestsMock, source: MailchimpSource, clock: FakeClock
) -> None:
    vendor.get(MEMBERS_URL, status=429, body="")
    vendor.get(MEMBERS_URL, **problem(429, "Too Many Requests"))
    vendor.get(MEMBERS_URL, json=EMPTY)
    assert len(list(source.pull(MEMBERS, None))) == 2
    assert len(clock.slept) == 2


@pytest.mark.fault("H03")
def test_a_429_that_does_not_end_pauses_the_run(vendor: responses.RequestsMock, source: MailchimpSource) -> None:
    vendor.get(MEMBERS_URL, status=429)
    assert isinstance(failure(source), RateLimited)
    assert len(vendor.calls) == 5


@pytest.mark.fault("H04")
def test_a_5xx_web_page_is_tried_again(vendor: responses.RequestsMock, source: MailchimpSource) -> None:
    vendor.get(MEMBERS_URL, status=502, body="<html>Bad gateway</html>", content_type="text/html")
    vendor.get(MEMBERS_URL, json={"members": [ALICE], "total_items": 1})
    vendor.get(MEMBERS_URL, json=EMPTY)
    pages = list(source.pull(MEMBERS, None))
    assert [record.id for page in pages for record in page.records] == ["a"]


@pytest.mark.fault("H10")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"members": []},
        {"members": None, "total_items": 0},
        {"members": ["alice"], "total_items": 1},
        {"members": [ALICE], "total_items": "1"},
        {"members": [ALICE], "total_items": True},
        {"title": "API Key Invalid", "status": 401},
        [],
    ],
)
def test_a_reply_of_another_shape_is_never_no_members(
    vendor: responses.RequestsMock, source: MailchimpSource, body: object
) -> None:
    vendor.get(MEMBERS_URL, json=body)
    assert isinstance(failure(source), BadPayload)


@pytest.mark.fault("H16")
def test_a_vendor_that_ignores_the_offset_ends_as_a_loop(
    vendor: responses.RequestsMock, source: MailchimpSource
) -> None:
    vendor.get(MEMBERS_URL, json={"members": [ALICE, {**ALICE, "id": "b"}], "total_items": 9})
    assert isinstance(failure(source), PagingLoop)


def test_a_member_without_an_id_is_rejected_as_it_came_and_the_others_are_used(
    vendor: responses.RequestsMock, source: MailchimpSource
) -> None:
    vendor.get(MEMBERS_URL, json={"members": [{"email_address": ""}, ALICE], "total_items": 2})
    page = next(iter(source.pull(MEMBERS, None)))
    assert [record.id for record in page.records] == ["a"]
    assert page.rejects == (Reject('{"email_address": ""}', "the member has no id"),)
    assert page.fetched == 2


def test_a_tag_without_a_name_stops_the_snapshot_so_that_no_tag_seems_gone(
    vendor: responses.RequestsMock, source: MailchimpSource
) -> None:
    vendor.get(f"{LIST}/segments", json={"segments": [{"id": 1, "name": None}], "total_items": 1})
    with pytest.raises(BadPayload):
        list(source.pull(TAGS, None))


@pytest.mark.parametrize(
    "body", [{"id": "a1b2c3"}, [], {"name": "x", "stats": None}, {"name": "x", "stats": {"member_count": 1}}]
)
def test_check_raises_nothing_for_an_audience_it_does_not_understand(
    vendor: responses.RequestsMock, source: MailchimpSource, body: object
) -> None:
    vendor.get("https://us19.api.mailchimp.com/3.0/ping", json={})
    vendor.get(LIST, json=body)
    assert [(finding.subject, finding.ok) for finding in source.check()] == [("sample", False)]
