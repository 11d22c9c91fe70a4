"""Dates of birth and instants: ISO or as declared, never guessed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise import NotNormal
from mapping.normalise.date import birth_date, instant

TODAY = date(2026, 11, 22)
SYDNEY = ZoneInfo("Australia/Sydney")
BEGIN, END = datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("2199-01-01")


@pytest.mark.parametrize("text", ["1980-04-03", "1980-04-03T00:00:00Z", "1980-04-03 00:00:00"])
def test_an_iso_date_is_understood(text: str) -> None:
    assert birth_date(text, None, TODAY) == date(1980, 4, 3)


def test_a_declared_format_is_understood() -> None:
    assert birth_date("03/04/1980", "%d/%m/%Y", TODAY) == date(1980, 4, 3)
    assert birth_date("03/04/1980", "%m/%d/%Y", TODAY) == date(1980, 3, 4)


@pytest.mark.fault("D16")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/2020", "date_ambiguous"),
        ("3.4.80", "date_ambiguous"),
        ("1980-02-30", "date_invalid"),
        ("1980-04-03T14:00:00Z", "date_invalid"),
        ("0000-00-00", "date_invalid"),
        ("19800403", "date_invalid"),
        ("soon", "date_invalid"),
        ("１９８０-04-03", "date_invalid"),
        ("1900-01-01", "date_placeholder"),
        ("1850-01-01", "date_implausible"),
        ("2026-11-23", "date_implausible"),
    ],
)
def test_what_is_no_certain_birthday_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotNormal) as refused:
        birth_date(text, None, TODAY)
    assert refused.value.code == code


def test_someone_may_be_born_today() -> None:
    assert birth_date("2026-11-22", None, TODAY) == TODAY


@pytest.mark.parametrize("text", ["2024-01-02T03:04:05Z", "2024-01-02T14:04:05+11:00", "2024-01-02 03:04:05+0000"])
def test_an_instant_is_told_in_utc(text: str) -> None:
    found = instant(text, None)
    assert found == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_time_without_a_zone_needs_a_declared_one() -> None:
    assert instant("2024-01-02 14:04:05", SYDNEY) == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    with pytest.raises(NotNormal) as refused:
        instant("2024-01-02 14:04:05", None)
    assert refused.value.code == "time_without_zone"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2024-13-01T00:00:00Z",
        "1700000000",
        "0000-00-00 00:00:00",
        "Mon, 16 Nov 2026 03:12:12",
        "Mon, 16 Nov 2026 03:12:12 AEDT",
        "Mon, 16 Nov 26 03:12:12 +0000",
        "Mon, 16 Nov 0068 03:12:12 +0000",
        "Mon, 31 Nov 2026 03:12:12 +0000",
        "Mon, 16 Nov 2026 25:12:12 +0000",
        "Mon, 16 Nov 2026 03:12:12 +9900",
        "Mon, 16 Foo 2026 03:12:12 +0000",
        "Mon, 16 Nov 2026 03:12:12 +0000 (UTC)",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(NotNormal) as refused:
        instant(text, SYDNEY)
    assert refused.value.code == "time_invalid"


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 16 Nov 2026 03:12:12 +0000",
        "Mon, 16 Nov 2026 14:12:12 +1100",
        "Mon, 16 Nov 2026 03:12:12 GMT",
        "16 Nov 2026 03:12:12 UT",
    ],
)
def test_a_time_as_mails_have_it_is_told_in_utc(text: str) -> None:
    found = instant(text, SYDNEY)
    assert found == datetime(2026, 11, 16, 3, 12, 12, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_minus_zero_is_utc_whatever_zone_is_declared() -> None:
    assert instant("Mon, 16 Nov 2026 03:12:12 -0000", SYDNEY) == datetime(2026, 11, 16, 3, 12, 12, tzinfo=UTC)


whole_minutes = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(BEGIN, END, timezones=whole_minutes))
def test_every_aware_time_survives_being_written_as_mails_have_it(at: datetime) -> None:
    assert instant(format_datetime(at), None) == at.replace(microsecond=0).astimezone(UTC)


@given(st.datetimes(BEGIN, END))
def test_a_time_written_without_a_place_is_utc(at: datetime) -> None:
    assert instant(format_datetime(at), SYDNEY) == at.replace(microsecond=0, tzinfo=UTC)


@given(st.text(st.sampled_from("MonFriNvAugGMTUCES0123456789:,+- "), max_size=40) | st.text(max_size=40))
def test_any_text_is_an_instant_in_utc_or_refused(text: str) -> None:
    with suppress(NotNormal):
        assert instant(text, None).tzinfo is UTC


@given(st.datetimes(BEGIN, END, timezones=st.timezones()))
def test_every_aware_time_survives_being_written(at: datetime) -> None:
    offset = at.utcoffset()
    if offset is None or offset.seconds % 60:
        return
    assert instant(at.isoformat(), None) == at.astimezone(UTC)
