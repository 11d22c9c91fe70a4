"""What the vendor's mapping.yaml makes of a user and a ticket as Zendesk's documents show them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import connectors.zendesk
from mapping.compile import Mapper, compile_mapping
from mapping.models import Mapped, Name, Person, Ref, Ticket
from mapping.spec import parse_mapping

USER: dict[str, Any] = {
    "id": 35436,
    "url": "https://acme.zendesk.com/api/v2/users/35436.json",
    "name": "Mia Nguyen",
    "email": "Mia@example.com",
    "phone": "0491 570 156",
    "shared_phone_number": False,
    "alias": "",
    "active": True,
    "verified": True,
    "suspended": False,
    "role": "end-user",
    "external_id": "C-1001",
    "organization_id": 57542,
    "tags": ["vip"],
    "user_fields": {"consent_email": "granted", "consent_sms": "withdrawn"},
    "details": "",
    "notes": "",
    "locale": "en-AU",
    "locale_id": 1,
    "time_zone": "Sydney",
    "iana_time_zone": "Australia/Sydney",
    "created_at": "2026-11-01T00:00:00Z",
    "updated_at": "2026-11-16T03:00:00Z",
    "last_login_at": None,
}
TICKET: dict[str, Any] = {
    "id": 35,
    "subject": "Parcel is late",
    "description": "Where is it?",
    "status": "open",
    "requester_id": 35436,
    "satisfaction_rating": {"id": 1234, "score": "good", "comment": "Great"},
    "via": {"channel": "email"},
    "created_at": "2026-11-15T22:00:00Z",
    "updated_at": "2026-11-16T03:00:00Z",
}
PATH = Path(connectors.zendesk.__file__).with_name("mapping.yaml")


def mapper(stream: str) -> Mapper:
    document = YAML(typ="safe").load(PATH)
    assert set(document) == {"users", "tickets"}
    return compile_mapping(parse_mapping(document[stream]), region="AU")


def person(**changes: Any) -> tuple[Person, Mapped]:
    mapped = mapper("users")({**USER, **changes})
    assert isinstance(mapped.value, Person), mapped
    return mapped.value, mapped


def test_the_vendors_example_becomes_a_person_without_a_remark() -> None:
    mia, mapped = person()
    assert mapped.remarks == ()
    assert mia.name == Name(full="Mia Nguyen", first="Mia", last="Nguyen")
    assert [email.value for email in mia.emails] == ["Mia@example.com"]
    assert [phone.value for phone in mia.phones] == ["+61491570156"]
    assert (mia.language, mia.timezone, mia.tags) == ("en-AU", "Australia/Sydney", ("vip",))
    assert mia.identifiers == ()
    assert mia.created_at == datetime(2026, 11, 1, tzinfo=UTC)


def test_each_channel_has_its_own_field_and_address() -> None:
    mia, _ = person()
    assert [(one.channel, one.address, one.state, one.at) for one in mia.consents] == [
        ("email", "mia@example.com", "granted", None),
        ("sms", "+61491570156", "withdrawn", None),
    ]


@pytest.mark.parametrize("fields", [{}, {"consent_email": None, "consent_sms": None}])
def test_an_empty_field_says_that_nobody_has_asked(fields: dict[str, Any]) -> None:
    mia, mapped = person(user_fields=fields)
    assert [(one.channel, one.state) for one in mia.consents] == [("email", "unknown"), ("sms", "unknown")]
    assert mapped.remarks == ()


def test_unknown_is_a_word_and_not_a_no() -> None:
    mia, mapped = person(user_fields={"consent_email": "unknown"})
    assert [one.state for one in mia.consents] == ["unknown", "unknown"]
    assert mapped.remarks == ()


@pytest.mark.parametrize(("shared", "numbers"), [(True, 0), (False, 1), (None, 1)])
def test_a_shared_phone_is_nobodys_but_keeps_its_no(shared: bool | None, numbers: int) -> None:
    bob, _ = person(shared_phone_number=shared)
    assert len(bob.phones) == numbers
    assert [one.state for one in bob.consents if one.channel == "sms"] == ["withdrawn"]


def test_a_user_without_addresses_is_a_person_all_the_same() -> None:
    mia, mapped = person(email=None, phone=None, user_fields={})
    assert (mia.emails, mia.phones, mapped.remarks) == ((), (), ())


def test_a_ticket_points_to_who_asked() -> None:
    mapped = mapper("tickets")(TICKET)
    assert mapped.remarks == ()
    assert mapped.value == Ticket(
        number="35",
        opened_at=datetime(2026, 11, 15, 22, tzinfo=UTC),
        status="open",
        subject="Parcel is late",
        text="Where is it?",
        channel="email",
        satisfaction="good",
        satisfaction_comment="Great",
        person=Ref(stream="users", id="35436"),
    )
