"""The plain road through a person map gives what its steps give: the same person, remarks and silences."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping import people
from mapping.compile import Mapper, compile_mapping, parse_mapping
from mapping.models import Mapped, Person
from tests.mapping.test_people import EVERYTHING, KEYS, json_values

PLAIN: dict[str, Any] = {
    "name": {"first": "first", "last": "last", "suffix": "suffix"},
    "emails": ["contact.email || email", {"value": "work_email", "clears": True}],
    "phones": ["phone", "contact.phone"],
    "addresses": [
        {
            "street": "join(', ', [address.line1, address.line2][?@])",
            "city": "address.city",
            "state": "upper(address.state)",
            "postcode": "address.postcode",
            "country": "address.country",
        }
    ],
    "date_of_birth": "dob",
    "gender": "gender",
    "company": {"name": "company.name", "domain": "company.domain"},
    "job_title": {"value": "job.title || title", "clears": True},
    "language": "language",
    "timezone": "'Australia/Sydney'",
    "identifiers": [{"type": "loyalty", "value": "loyalty.number"}, {"type": "old", "value": "loyalty.old"}],
    "tags": ["tags", "split(labels, ',')"],
    "created_at": "created",
    "custom": {
        "points": "to_number(loyalty.points)",
        "vip": "contains(tags, 'vip')",
        "spent": {"value": "spent", "clears": True},
        "store": "stores[?home].name | [0]",
    },
    "consents": [{"channel": "email", "address": "email", "state": "consent"}],
}
ALICE: dict[str, Any] = {
    "first": "Alice",
    "last": "O'Brien",
    "suffix": "",
    "email": "Alice@Example.com",
    "contact": {"email": None, "phone": "+61 491 570 156"},
    "work_email": "alice@example.org",
    "phone": "0491 570 006",
    "address": {"line1": "12 High St", "line2": "Unit 4", "city": "Newtown", "state": "nsw", "country": "Australia"},
    "dob": "1980-04-03",
    "gender": "f",
    "company": {"name": "Acme", "domain": "acme.example"},
    "job": {"title": None},
    "title": "Baker",
    "language": "en",
    "loyalty": {"number": "L0004711", "points": "120", "old": 12},
    "tags": ["vip", "new"],
    "labels": "new, trade",
    "created": "2024-01-02T03:00:00Z",
    "spent": "12.50",
    "stores": [{"name": "Perth", "home": False}, {"name": "Leeds", "home": True}],
    "consent": "granted",
}
ODD = (
    *(None, None, "", " ", "N/A", "none", "-", "0", 0, 7, -1.5, True, False, [], {}, ["a"], [None], [["x"]], {"a": 1}),
    *("ALICE", "van der berg", "Null", "Zoë", "a\tb", "a  b", " padded ", "a\u200bb", "x" * 5_000, 10**50, "\ud800"),
    *("bob@example.com", "bob(at)example.com", ["bob@example.com", "", "bob@example.org"], "12", "+1 202 555 0143"),
    *("0491 570 156 ext. 7", "1990-02-30", "01/02/1990", "1900-01-01", "Freedonia", "de", ["0491570157", "0491570157"]),
)


def mapper(map_: dict[str, Any]) -> Mapper:
    spec = parse_mapping({"record": "person", "map": map_})
    return compile_mapping(spec, region="AU", today=lambda: date(2026, 11, 22))


def step_by_step(map_: dict[str, Any]) -> Mapper:
    """The same mapping, with every field read by its step."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(people, "joined", lambda lanes: never_plain)
        return mapper(map_)


def never_plain(*_: Any) -> bool:
    return False


def told(mapped: Mapped) -> Any:
    """Everything of it, also which fields were set and in which order things were noted."""
    value = mapped.value
    if not isinstance(value, Person):
        return mapped
    inner = [value, value.name, value.company, *value.emails, *value.phones, *value.addresses, *value.identifiers]
    kept = [one.model_fields_set for one in inner if one is not None]
    dumped = value.model_dump(mode="json", exclude_defaults=True) if "\ud800" not in repr(value) else repr(value)
    return (mapped, kept, dumped, list(value.custom.items()), list(value.__dict__))


ROADS = [(mapper(map_), step_by_step(map_)) for map_ in (PLAIN, EVERYTHING)]


def spoil(chance: random.Random, record: dict[str, Any]) -> dict[str, Any]:
    """Some values gone or odd; seldom, a column called as an expression is."""
    made = dict(record)
    for key, value in record.items():
        fate = chance.random()
        if fate < 0.1:
            del made[key]
        elif fate < 0.3:
            made[key] = chance.choice(ODD)
        elif isinstance(value, dict):
            made[key] = spoil(chance, value)
    if chance.random() < 0.02:
        made[chance.choice(("address.city", "contains(tags, 'vip')", "'Australia/Sydney'"))] = chance.choice(ODD)
    return made


def compare(seed: int, count: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        raw = spoil(chance, ALICE)
        for plain, steps in ROADS:
            assert told(plain(raw)) == told(steps(raw)), raw


def test_spoiled_records_are_read_alike_on_both_roads() -> None:
    compare(1, 1_500)


@pytest.mark.slow
def test_a_hundred_thousand_spoiled_records_are_read_alike_on_both_roads() -> None:
    compare(2, 100_000)


@given(st.dictionaries(st.sampled_from(KEYS), json_values))
def test_any_record_is_read_alike_on_both_roads(raw: dict[str, Any]) -> None:
    for plain, steps in ROADS:
        assert told(plain(raw)) == told(steps(raw))


def test_a_plain_record_needs_none_of_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    def watched(name: str, read: Any) -> Callable[..., None]:
        return lambda *_: called.append(name)

    monkeypatch.setattr(people, "field", watched)
    found = mapper(PLAIN)(ALICE | {"loyalty": {"number": "L0004711", "points": "120"}})

    assert called == []
    assert isinstance(found.value, Person)
    assert (found.value.custom, found.value.tags) == (
        {"points": "120", "vip": "true", "spent": "12.50", "store": "Leeds"},
        ("vip", "new", "trade"),
    )
    assert Person.model_validate(found.value.model_dump()) == found.value
