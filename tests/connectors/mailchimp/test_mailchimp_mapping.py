"""What the vendor's mapping.yaml makes of a member as Mailchimp's documents show it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import connectors.mailchimp
from mapping.compile import Mapper, compile_mapping
from mapping.models import Mapped, Name, Person, Ref, Tag
from mapping.spec import parse_mapping

MEMBER: dict[str, Any] = {
    "id": "9f3c0e0b8a6d4f1e2b7c5d9a01234567",
    "email_address": "mara.oduya@example.com",
    "unique_email_id": "a1b2c3d4e5",
    "contact_id": "0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f",
    "full_name": "Mara Oduya",
    "web_id": 500123457,
    "email_type": "html",
    "status": "unsubscribed",
    "unsubscribe_reason": "N/A (Unsubscribed by an admin)",
    "consents_to_one_to_one_messaging": True,
    "merge_fields": {"FNAME": "Mara", "LNAME": "Oduya", "PHONE": "", "ADDRESS": ""},
    "interests": {"9143cf3bd1": True, "3a2a927344": False},
    "timestamp_signup": "",
    "timestamp_opt": "2025-11-04T02:10:09+00:00",
    "last_changed": "2026-02-27T22:03:55+00:00",
    "language": "en",
    "location": {"country_code": "AU", "timezone": "australia/perth"},
    "tags_count": 1,
    "tags": [{"id": 31021, "name": "vip"}],
    "list_id": "57afe96172",
}
PATH = Path(connectors.mailchimp.__file__).with_name("mapping.yaml")


def mapper(stream: str) -> Mapper:
    document = YAML(typ="safe").load(PATH)
    assert set(document) == {"members", "tags"}
    return compile_mapping(parse_mapping(document[stream]), region="AU")


def person(**changes: Any) -> tuple[Person, Mapped]:
    mapped = mapper("members")({**MEMBER, **changes})
    assert isinstance(mapped.value, Person), mapped
    return mapped.value, mapped


def test_the_vendors_example_becomes_a_person_without_a_remark() -> None:
    mara, mapped = person()
    assert mapped.remarks == ()
    assert mara.name == Name(full="Mara Oduya", first="Mara", last="Oduya")
    assert [email.value for email in mara.emails] == ["mara.oduya@example.com"]
    assert (mara.phones, mara.addresses) == ((), ())
    assert mara.language == "en"
    assert mara.tags == ()  # the stream of tags says them
    assert mara.created_at is None


def test_an_address_and_a_phone_that_are_filled_in_are_read() -> None:
    address = {"addr1": "1 Hay St", "addr2": "Unit 2", "city": "Perth", "state": "WA", "zip": "6000", "country": "AU"}
    fields = {"FNAME": "Mara", "LNAME": "Oduya", "PHONE": "0412 345 678", "ADDRESS": address}
    mara, _ = person(merge_fields=fields, timestamp_signup="2025-11-04T02:10:09+00:00")
    assert [phone.value for phone in mara.phones] == ["+61412345678"]
    (where,) = mara.addresses
    assert (where.street, where.city, where.postcode, where.country) == ("1 Hay St, Unit 2", "Perth", "6000", "AU")
    assert mara.created_at == datetime(2025, 11, 4, 2, 10, 9, tzinfo=UTC)


OPTED = datetime(2025, 11, 4, 2, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "state", "at"),
    [
        ("subscribed", "granted", OPTED),
        ("pending", "pending", None),
        ("unsubscribed", "withdrawn", None),
        ("cleaned", "bounced", None),
        ("transactional", "unknown", None),
        ("archived", "hidden", None),
    ],
)
def test_a_status_is_consent_of_the_address_on_this_list_and_only_a_yes_is_dated_by_the_opt_in(
    status: str, state: str, at: datetime | None
) -> None:
    mara, mapped = person(status=status)
    (consent,) = mara.consents
    assert (consent.channel, consent.address) == ("email", "mara.oduya@example.com")
    assert (consent.state, consent.at, consent.scope) == (state, at, "57afe96172")
    assert mapped.remarks == ()


def test_a_subscribed_member_without_an_opt_in_time_has_an_undated_yes() -> None:
    mara, mapped = person(status="subscribed", timestamp_opt="")
    assert [(consent.state, consent.at) for consent in mara.consents] == [("granted", None)]
    assert mapped.remarks == ()


def test_a_tag_points_to_its_member() -> None:
    raw = {"tag": {"id": 31021, "name": "vip"}, "member": {"id": MEMBER["id"], "email_address": "mara@example.com"}}
    assert mapper("tags")(raw).value == Tag(name="vip", person=Ref(stream="members", id=MEMBER["id"]))
