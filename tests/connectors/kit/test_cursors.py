"""A cursor goes where records were landed: never back, never into the lag, never into the future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.base import Cursor, Record, Stream
from connectors.kit.cursors import SKEW, advance, start_of

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
PEOPLE = Stream("people", "person")
LAGGING = Stream("people", "person", lookback=timedelta(minutes=5), lag=timedelta(minutes=2))
MINUTE = timedelta(minutes=1)


def record(name: str, changed_at: datetime | None) -> Record:
    return Record(name, {}, changed_at)


def test_without_a_cursor_a_pull_starts_at_the_very_start() -> None:
    assert start_of(None, LAGGING) is None
    assert start_of(Cursor(seen={"people.csv": 1}), LAGGING) is None


def test_a_pull_starts_one_lookback_before_the_cursor() -> None:
    assert start_of(Cursor(position=NOW), LAGGING) == NOW - timedelta(minutes=5)


@pytest.mark.fault("H24")
def test_a_cursor_at_the_beginning_of_time_has_no_time_before_it() -> None:
    dawn = datetime.min.replace(tzinfo=UTC)
    assert start_of(Cursor(position=dawn), LAGGING) == dawn


def test_the_cursor_goes_to_the_newest_record_wherever_it_stands_in_the_page() -> None:
    page = [record("alice", NOW - 3 * MINUTE), record("bob", NOW - MINUTE), record("charlie", NOW - 2 * MINUTE)]
    assert advance(None, page, PEOPLE, NOW) == Cursor(position=NOW - MINUTE, tie="bob")


@pytest.mark.fault("H20")
def test_of_records_changed_in_one_instant_the_last_is_the_tie() -> None:
    at = NOW - MINUTE
    page = [record("10", at), record("9", at)]
    assert advance(Cursor(position=at, tie="8"), page, PEOPLE, NOW) == Cursor(position=at, tie="9")


def test_an_empty_page_or_one_without_times_leaves_the_cursor_where_it_is() -> None:
    cursor = Cursor(position=NOW - MINUTE, tie="alice", seen={"part": 2})
    assert advance(cursor, [], PEOPLE, NOW) == cursor
    assert advance(cursor, [record("bob", None)], PEOPLE, NOW) == cursor


@pytest.mark.fault("H20")
@pytest.mark.fault("H23")
def test_records_read_again_in_the_lookback_do_not_take_the_cursor_back() -> None:
    cursor = Cursor(position=NOW - MINUTE, tie="alice")
    assert advance(cursor, [record("bob", NOW - 2 * MINUTE)], PEOPLE, NOW) == cursor


@pytest.mark.fault("H21")
def test_a_record_inside_the_lag_does_not_move_the_cursor() -> None:
    page = [record("alice", NOW - 3 * MINUTE), record("bob", NOW - MINUTE)]
    assert advance(None, page, LAGGING, NOW) == Cursor(position=NOW - 3 * MINUTE, tie="alice")


@pytest.mark.fault("H24")
def test_a_record_of_the_year_2099_does_not_freeze_the_stream() -> None:
    page = [record("alice", NOW - MINUTE), record("bob", datetime(2099, 1, 1, tzinfo=UTC))]
    assert advance(None, page, PEOPLE, NOW) == Cursor(position=NOW - MINUTE, tie="alice")


@pytest.mark.fault("H23")
def test_a_vendor_whose_clock_runs_a_little_ahead_is_believed() -> None:
    assert advance(None, [record("alice", NOW + 9 * MINUTE)], PEOPLE, NOW).position == NOW + 9 * MINUTE


times = st.integers(0, 80 * 365 * 24 * 60).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + minutes * MINUTE)
records = st.lists(st.builds(record, st.text(max_size=3), st.none() | times), max_size=8)
streams = st.sampled_from([PEOPLE, LAGGING])


@pytest.mark.fault("H21")
@pytest.mark.fault("H24")
@given(position=st.none() | times, page=records, stream=streams, now=times)
def test_a_cursor_only_goes_forward_and_only_to_what_a_record_says(
    position: datetime | None, page: list[Record], stream: Stream, now: datetime
) -> None:
    after = advance(Cursor(position=position, seen={"kept": True}), page, stream, now)
    assert after.seen == {"kept": True}
    if after.position == position:
        return
    assert after.position in {r.changed_at for r in page}
    assert position is None or (after.position is not None and after.position > position)
    assert after.position is not None
    assert after.position <= (now - stream.lag if stream.lag else now + SKEW)
