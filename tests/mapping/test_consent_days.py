"""A consent time that is only a date stays one: nobody knows at which moment of the day it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mapping.compile import compile_mapping, parse_mapping
from mapping.models import ConsentObservation, Person


def observed(at: Any, zone: str | None = None) -> ConsentObservation:
    when = {"value": "on", "zone": zone} if zone else "on"
    consent = {"channel": "email", "address": "email", "state": "state", "at": when}
    mapper = compile_mapping(parse_mapping({"record": "person", "map": {"consents": [consent]}}), region="AU")
    person = mapper({"email": "alice@example.com", "state": "withdrawn", "on": at}).value
    assert isinstance(person, Person)
    return person.consents[0]


def test_a_bare_date_is_a_day_in_an_unknown_zone() -> None:
    found = observed("2026-03-01")
    assert (found.at, found.day, found.zone) == (datetime(2026, 3, 1, tzinfo=UTC), True, "")


def test_a_bare_date_is_a_day_in_the_declared_zone() -> None:
    found = observed("2026-03-01", "Australia/Sydney")
    assert (found.at, found.day, found.zone) == (datetime(2026, 3, 1, tzinfo=UTC), True, "Australia/Sydney")


@pytest.mark.parametrize("text", ["2026-03-01T10:00:00Z", "Sun, 01 Mar 2026 10:00:00 +0000"])
def test_a_moment_is_no_day(text: str) -> None:
    found = observed(text)
    assert (found.at, found.day) == (datetime(2026, 3, 1, 10, tzinfo=UTC), False)


@pytest.mark.parametrize("nonsense", ["2026-02-30", "yesterday", 5, None])
def test_what_is_no_date_is_no_time(nonsense: Any) -> None:
    found = observed(nonsense)
    assert (found.at, found.day) == (None, False)
