"""Persons from raw records: what is kept, what is left out with a remark, and the three silences."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.compile import Mapper, compile_mapping, parse_mapping
from mapping.models import Address, Company, ConsentObservation, Email, Identifier, Mapped, Person, Phone

EVERYTHING = {
    "name": {"full": "name", "first": "first", "last": "last"},
    "emails": ["email", "emails[].value", {"value": "work_email", "clears": True}],
    "phones": [{"value": "phone", "region": "AU"}, "phones"],
    "addresses": [{"street": "street", "city": "address.city", "postcode": "postcode", "country": "country"}],
    "date_of_birth": {"value": "dob", "format": "%d/%m/%Y"},
    "gender": "gender",
    "company": {"name": "company", "domain": "after(email, '@')"},
    "job_title": {"value": "job", "clears": True},
    "language": "lower(language)",
    "timezone": "tz",
    "identifiers": [{"type": "loyalty", "value": "member"}],
    "tags": ["tags", "split(labels, ',')"],
    "custom": {"shoe_size": "shoe"},
    "created_at": {"value": "created", "zone": "Australia/Sydney"},
    "consents": [
        {
            "channel": "email",
            "address": "email",
            "state": "consent.state",
            "at": "consent.at",
            "level": "consent.level",
            "states": {"SUBSCRIBED": "granted", "UNSUBSCRIBED": "withdrawn", "true": "granted"},
        },
        {"channel": "sms", "address": {"value": "phone", "region": "AU"}, "state": "sms"},
    ],
}


def mapper(map_: dict[str, Any], **options: Any) -> Mapper:
    spec = parse_mapping({"record": "person", "map": map_})
    return compile_mapping(spec, region="AU", today=lambda: date(2026, 11, 22), **options)


def person(mapped: Mapped) -> Person:
    assert isinstance(mapped.value, Person)
    return mapped.value


def remarks(mapped: Mapped) -> list[tuple[str, str]]:
    return [(remark.field, remark.code) for remark in mapped.remarks]


every = mapper(EVERYTHING)


def test_alice_is_mapped_with_all_she_has() -> None:
    alice = every(
        {
            "first": "ALICE",
            "last": "o'brien",
            "email": "Alice@Example.com",
            "emails": [{"value": "alice@EXAMPLE.com"}, {"value": "a@b.com"}],
            "phone": "0491 570 006",
            "phones": ["+61491570006", "+61 491 570 156"],
            "street": "12 High St\r\nUnit 4",
            "address": {"city": "Newtown"},
            "postcode": 2042,
            "country": "Australia",
            "dob": "03/04/1980",
            "gender": "f",
            "company": "Acme",
            "job": "Baker",
            "language": "EN",
            "tz": "Australia/Sydney",
            "member": 4711,
            "tags": ["VIP", "VIP"],
            "labels": "vip, new",
            "shoe": 38.5,
            "created": "2024-01-02 14:00:00",
            "consent": {"state": "subscribed", "at": "2024-01-02T03:00:00Z", "level": "double"},
            "sms": "withdrawn",
        }
    )
    assert remarks(alice) == []
    assert person(alice).model_dump(exclude={"name"}) == Person(
        emails=(Email(value="Alice@example.com", key="alice@example.com"), Email(value="a@b.com", key="a@b.com")),
        phones=(Phone(value="+61491570006"), Phone(value="+61491570156")),
        addresses=(Address(street="12 High St Unit 4", city="Newtown", postcode="2042", country="AU"),),
        date_of_birth=date(1980, 4, 3),
        gender="f",
        company=Company(name="Acme", domain="Example.com"),
        job_title="Baker",
        language="en",
        timezone="Australia/Sydney",
        identifiers=(Identifier(type="loyalty", value="4711"),),
        tags=("VIP", "vip", "new"),
        custom={"shoe_size": "38.5"},
        consents=(
            ConsentObservation(
                channel="email",
                address="alice@example.com",
                state="granted",
                at=datetime(2024, 1, 2, 3, tzinfo=UTC),
                level="double",
            ),
            ConsentObservation(channel="sms", address="+61491570006", state="withdrawn"),
        ),
        created_at=datetime(2024, 1, 2, 3, tzinfo=UTC),
    ).model_dump(exclude={"name"})
    name = person(alice).name
    assert name is not None
    assert (name.full, name.first, name.last) == ("Alice O'Brien", "Alice", "O'Brien")


@pytest.mark.fault("D01")
def test_a_value_that_will_not_do_is_left_out_and_the_rest_goes_on() -> None:
    where = {("map", "phones"): "loyalty.yaml:9", ("map", "emails", 0): "loyalty.yaml:7"}
    bob = mapper({"name": "name", "emails": ["email"], "phones": ["phone"]}, where=where)(
        {"name": "Bob Brown", "email": "bob(at)example.com", "phone": "12"}
    )
    assert person(bob).name is not None
    assert not person(bob).emails
    assert not person(bob).phones
    assert [(r.field, r.code, r.where) for r in bob.remarks] == [
        ("emails[0]", "email_invalid", "loyalty.yaml:7"),
        ("phones[0]", "phone_invalid", "loyalty.yaml:9"),
    ]


@pytest.mark.fault("D15")
@pytest.mark.parametrize(
    ("raw", "nulls", "cleared"),
    [
        ({}, (), ()),
        ({"job": None}, ("job_title",), ()),
        ({"job": ""}, (), ("job_title",)),
        ({"job": "  "}, (), ("job_title",)),
        ({"job": "N/A"}, ("job_title",), ()),
        ({"gender": ""}, ("gender",), ()),
        ({"phone": "", "phones": []}, ("phones",), ()),
        ({"phone": "12"}, (), ()),
        ({"email": None, "work_email": ""}, (), ("emails",)),
        ({"email": None, "work_email": "a@b.com"}, (), ()),
        ({"shoe": None}, ("custom.shoe_size",), ()),
        ({"address": None}, ("addresses",), ()),
        ({"first": "Alice", "last": None}, (), ()),
    ],
)
def test_absent_null_and_cleared_are_three_things(
    raw: dict[str, Any], nulls: tuple[str, ...], cleared: tuple[str, ...]
) -> None:
    found = person(mapper({k: v for k, v in EVERYTHING.items() if k not in {"company", "consents"}})(raw))
    assert (found.nulls, found.cleared) == (nulls, cleared)


def test_words_for_nothing_are_remarked_empty_text_is_not() -> None:
    found = every({"gender": "N/A", "member": "null", "tz": "", "job": None})
    assert remarks(found) == [("gender", "placeholder"), ("identifiers[0]", "placeholder")]
    assert person(found).identifiers == ()


def test_a_tag_may_be_any_word() -> None:
    assert person(every({"tags": ["unknown", "None"]})).tags == ("unknown", "None")


def test_a_family_may_be_called_null() -> None:
    name = person(every({"first": "Ana", "last": "Null"})).name
    assert name is not None
    assert name.last == "Null"


def test_a_consent_word_that_nobody_knows_is_kept_as_unreadable() -> None:
    charlie = every(
        {"email": "charlie@example.com", "phone": "0491570006", "consent": {"state": "MAYBE"}, "sms": "withdrawn"}
    )
    assert [(c.channel, c.address, c.state) for c in person(charlie).consents] == [
        ("email", "charlie@example.com", "unreadable"),
        ("sms", "+61491570006", "withdrawn"),
    ]
    assert remarks(charlie) == [("consents[0].state", "consent_unknown")]
    assert person(charlie).emails


@pytest.mark.parametrize("state", [["UNSUBSCRIBED"], {"is": "UNSUBSCRIBED"}, "x" * 5_000, 10**50])
def test_a_consent_state_that_is_no_word_is_unreadable_too(state: Any) -> None:
    charlie = every({"email": "charlie@example.com", "consent": {"state": state}})
    assert [c.state for c in person(charlie).consents] == ["unreadable"]
    assert [field for field, _ in remarks(charlie)] == ["consents[0].state"]


@pytest.mark.parametrize("email", ["charlie(at)example.com", None])
def test_an_unreadable_consent_about_no_address_is_only_remarked(email: str | None) -> None:
    charlie = every({"email": email, "consent": {"state": "MAYBE"}})
    assert person(charlie).consents == ()
    assert {field for field, _ in remarks(charlie)} >= {"consents[0].state", "consents[0].address"}


def test_a_source_cannot_say_unreadable_itself() -> None:
    charlie = every({"phone": "0491570006", "sms": "unreadable"})
    assert remarks(charlie) == [("consents[1].state", "consent_unknown")]


@pytest.mark.parametrize(
    "state",
    ["granted", "pending", "withdrawn", "suppressed", "bounced", "invalid", "complained", "unknown", "hidden"],
)
def test_without_words_of_its_own_a_source_uses_ours(state: str) -> None:
    charlie = every({"phone": "0491570006", "sms": state.upper()})
    assert [c.state for c in person(charlie).consents] == [state]
    assert remarks(charlie) == []


def test_how_a_consent_came_about_is_kept_in_the_vendors_own_words() -> None:
    told = mapper(
        {
            "consents": [
                {"channel": "email", "address": "email", "state": "state"}
                | {key: key for key in ("level", "scope", "method", "wording", "evidence")}
            ]
        }
    )
    consent = {"email": "alice@example.com", "state": "granted", "level": "N/A", "scope": "list 7"}
    how = {"method": "UNKNOWN", "wording": "Yes,\nwrite to me", "evidence": "form 12 of 2024-01-02"}
    assert person(told(consent | how)).consents == (
        ConsentObservation(
            channel="email",
            address="alice@example.com",
            state="granted",
            level="N/A",
            scope="list 7",
            method="UNKNOWN",
            wording="Yes, write to me",
            evidence="form 12 of 2024-01-02",
        ),
    )
    assert person(told(consent | {"method": None})).consents[0].method == ""


def test_a_consent_without_a_time_that_can_be_read_still_counts() -> None:
    charlie = every({"email": "charlie@example.com", "consent": {"state": "UNSUBSCRIBED", "at": "yesterday"}})
    assert [(c.state, c.at) for c in person(charlie).consents] == [("withdrawn", None)]
    assert remarks(charlie) == [("consents[0].at", "time_invalid")]


def test_a_consent_about_no_address_is_remarked() -> None:
    assert remarks(every({"sms": "withdrawn"})) == [("consents[1].address", "consent_without_address")]


def test_no_consent_word_at_all_is_no_consent() -> None:
    silent: tuple[Any, ...] = (None, "", "  ", [], {})
    for nothing in silent:
        found = every({"email": "alice@example.com", "consent": {"state": nothing}, "sms": ""})
        assert person(found).consents == ()
        assert remarks(found) == []


def test_a_truth_is_a_consent_word_too() -> None:
    assert person(every({"email": "alice@example.com", "consent": {"state": True}})).consents[0].state == "granted"


@pytest.mark.fault("D02")
def test_a_million_tags_are_cut_with_a_remark() -> None:
    found = every({"tags": [str(n) for n in range(1_000_000)]})
    assert len(person(found).tags) == 500
    assert remarks(found) == [("tags[0]", "too_many")]


def test_a_constant_country_alone_is_no_address() -> None:
    at_home = mapper({"addresses": [{"street": "street", "country": "'AU'"}]})
    assert person(at_home({"street": ""})).addresses == ()
    assert person(at_home({"street": "1 High St"})).addresses[0].country == "AU"


@pytest.mark.parametrize("raw", [None, [], "alice", 5])
def test_what_is_no_object_is_refused(raw: Any) -> None:
    refused = every(raw)
    assert refused.value is None
    assert refused.refusal is not None
    assert refused.refusal.code == "not_an_object"


SECRET = "Zq9!wXv7@@Zq9"
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(SECRET) | st.just("\ud800\x00")
json_values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
KEYS = [
    "name",
    "first",
    "last",
    "email",
    "emails",
    "work_email",
    "phone",
    "phones",
    "street",
    "address",
    "postcode",
    "country",
    "dob",
    "gender",
    "company",
    "job",
    "language",
    "tz",
    "member",
    "tags",
    "labels",
    "shoe",
    "created",
    "consent",
    "sms",
]


@pytest.mark.fault("D01")
@pytest.mark.fault("D03")
@given(st.dictionaries(st.sampled_from(KEYS), json_values))
def test_any_record_becomes_a_valid_person(raw: dict[str, Any]) -> None:
    found = every(raw)
    assert found.refusal is None
    assert Person.model_validate(person(found).model_dump()) == person(found)
    person(found).model_dump_json()


@given(
    st.sampled_from(KEYS),
    st.sampled_from(
        [SECRET, [SECRET], {"value": SECRET}, [{"value": SECRET}], {"state": SECRET, "at": SECRET, "city": SECRET}]
    ),
)
def test_no_remark_tells_the_value(key: str, value: Any) -> None:
    assert SECRET not in repr(every({"email": "a@b.com", key: value}).remarks)


@given(json_values)
def test_any_json_at_all_is_mapped_or_refused(raw: Any) -> None:
    assert (every(raw).value is None) == (not isinstance(raw, dict))
