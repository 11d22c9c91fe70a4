"""The estate is repeatable, big enough, in the vendors' shapes, and every trap in it is really one."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import phonenumbers
import pytest
from email_validator import validate_email

from hub.demo import traps
from hub.demo.drops import BAD_PHONES, as_csv, as_jsonl
from hub.demo.estate import Estate, make_estate
from hub.demo.newsletter import member_id
from hub.demo.people import END, START

ROOT = Path(__file__).parents[3]
COUNT = 2000


@pytest.fixture(scope="module")
def estate() -> Estate:
    return make_estate(COUNT)


@pytest.fixture(scope="module")
def records(estate):
    """Every record by its key."""
    shop = {("shop", "customers", node["id"]): node for node in estate.shop_customers}
    orders = {("shop", "orders", node["id"]): node for node in estate.shop_orders}
    members = {("newsletter", "members", member["id"]): member for member in estate.members}
    loyalty = {("loyalty", "people", row["member_no"]): row for row in estate.loyalty_rows}
    desk = {("desk", "people", row["id"]): row for row in estate.desk_rows}
    users = {("help", "users", str(user["id"])): user for user in estate.help_users}
    tickets = {("help", "tickets", str(ticket["id"])): ticket for ticket in estate.help_tickets}
    messages = {("texts", "messages", str(place)): message for place, message in enumerate(estate.messages)}
    numbers = {("texts", "numbers", number): {"number": number} for number in estate.numbers}
    return shop | orders | members | loyalty | desk | users | tickets | messages | numbers


@pytest.fixture
def trapped(estate, records):
    """The records of a trap as (connection, record) pairs."""
    return lambda trap: [(key[0], records[key]) for key in estate.traps[trap.__name__]]


@pytest.fixture
def persons(estate):
    """The people of a trap, without repeats."""
    by_number = {person.number: person for person in estate.people}
    return lambda trap: [by_number[n] for n in sorted({estate.truth[key] for key in estate.traps[trap.__name__]})]


def digest_of(estate: Estate) -> str:
    pairs = {name: sorted(map(list, getattr(estate, name).items())) for name in ("truth", "last_acts")}
    facts = {**asdict(estate), **pairs}
    return json.dumps(facts, default=str, sort_keys=True)


def phone_of(connection, record):
    """The phone as that system holds it, or ''."""
    if connection == "shop":
        return (record.get("defaultPhoneNumber") or {}).get("phoneNumber") or record.get("phone") or ""
    return {"newsletter": lambda: record["merge_fields"]["PHONE"], "loyalty": lambda: record["mobile"]}.get(
        connection, lambda: record.get("phone") or record.get("number") or ""
    )()


def email_of(connection, record):
    if connection == "shop":
        return (record.get("defaultEmailAddress") or {}).get("emailAddress") or record.get("email") or ""
    return record.get({"newsletter": "email_address", "loyalty": "E-mail"}.get(connection, "email")) or ""


def e164(phone):
    return phonenumbers.format_number(phonenumbers.parse(phone, "AU"), phonenumbers.PhoneNumberFormat.E164)


def test_the_same_seed_gives_the_same_bytes_in_any_process(estate):
    code = (
        "from tests.hub.demo.test_estate import *; import hashlib;"
        "print(hashlib.sha256(digest_of(make_estate(300)).encode()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hashing},
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hashing in ("1", "2")
    }
    assert len(told) == 1


def test_another_seed_gives_other_people():
    assert digest_of(make_estate(60, seed=1)) != digest_of(make_estate(60, seed=2))


@pytest.mark.parametrize("count", [50, 51, 120, 333])
def test_there_are_exactly_as_many_people_as_asked_for(count):
    assert [person.number for person in make_estate(count).people] == list(range(1, count + 1))


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="at least 50"):
        make_estate(49)


def test_two_thousand_people_leave_at_least_five_thousand_records(estate, records):
    assert estate.records == len(records) >= 5000


def test_the_truth_names_every_record_that_bears_a_person_and_no_other(estate, records):
    said = ("tickets", "messages")
    bearing = {
        key
        for key, record in records.items()
        if key[1] not in said and (key[1] != "orders" or record["customer"] is None)
    }
    assert set(estate.truth) == bearing
    assert set(estate.truth.values()) == {person.number for person in estate.people}


def test_every_order_with_a_customer_has_one_that_exists(estate):
    known = {node["id"] for node in estate.shop_customers}
    buyers = Counter(node["customer"]["id"] for node in estate.shop_orders if node["customer"])
    assert set(buyers) <= known
    assert {node["id"]: node["numberOfOrders"] for node in estate.shop_customers} == {
        gid: str(buyers[gid]) for gid in known
    }


def test_all_phones_are_valid_but_the_planted_ones(records):
    phones = [phone for key, record in records.items() if (phone := phone_of(key[0], record))]
    usable = [phone for phone in phones if phone not in BAD_PHONES]
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone, "AU")) for phone in usable)
    assert len(phones) > len(usable) > 2000


def test_all_emails_are_valid_and_go_nowhere(records):
    emails = {email for key, record in records.items() if "@" in (email := email_of(key[0], record))}
    for email in emails:
        validate_email(email, check_deliverability=False)
        assert re.fullmatch(r".+@(.+\.)?example\.(com|net|org)", email.lower())


def test_nothing_happened_outside_the_two_years(estate):
    dated = [estate.shop_customers, estate.shop_orders, estate.members, estate.help_users, estate.help_tickets]
    texts = re.findall(r'"(20\d\d-\d\d-\d\dT[^"]+)"', json.dumps(dated))
    moments = [datetime.fromisoformat(text) for text in texts]
    moments += [parsedate_to_datetime(message["date_sent"]) for message in estate.messages]
    assert START <= min(moments) < max(moments) <= END


def test_one_account_an_address_as_the_vendors_enforce(estate):
    for held in (
        [email_of("shop", node).lower() for node in estate.shop_customers],
        [phone for node in estate.shop_customers if (phone := phone_of("shop", node))],
        [member["id"] for member in estate.members],
    ):
        assert max(Counter(held).values()) == 1


def test_customers_have_exactly_the_fields_of_the_query(estate):
    asked = """
        id legacyResourceId firstName lastName state tags note locale createdAt updatedAt verifiedEmail dataSaleOptOut
        numberOfOrders amountSpent defaultEmailAddress defaultPhoneNumber defaultAddress mergeable
    """
    assert all(set(node) == set(asked.split()) for node in estate.shop_customers)


def test_orders_have_exactly_the_fields_of_the_query_and_the_billing_address(estate):
    asked = """
        id name email phone createdAt updatedAt processedAt cancelledAt test currencyCode displayFinancialStatus
        displayFulfillmentStatus customer totalPriceSet currentTotalPriceSet totalRefundedSet lineItems billingAddress
    """
    assert all(set(node) == set(asked.split()) for node in estate.shop_orders)


def test_members_are_tagged_as_the_segments_say(estate):
    tagged = {(segment["id"], member) for segment in estate.segments for member in segment["members"]}
    assert tagged == {(tag["id"], member["id"]) for member in estate.members for tag in member["tags"]}
    assert all(member["id"] == member_id(member["email_address"]) for member in estate.members)


def test_the_drops_read_back_as_the_rows(estate):
    assert list(csv.DictReader(io.StringIO(as_csv(estate.loyalty_rows), newline=""))) == estate.loyalty_rows
    assert [json.loads(line) for line in as_jsonl(estate.desk_rows).splitlines()] == estate.desk_rows


def test_the_loyalty_rows_have_their_ugly_values(estate):
    rows = estate.loyalty_rows
    assert any("\n" in row["street"] for row in rows)
    assert any(row["E-mail"] == "N/A" for row in rows)
    assert any(row["mobile"] in BAD_PHONES for row in rows)
    assert any(row["surname"] != row["surname"].strip() for row in rows)


def test_every_trap_is_planted_also_in_a_small_estate(estate):
    planted = {trap.__name__ for trap in (*traps.FIXED, traps.role_mailbox, traps.placeholder_values)}
    assert len(planted) == 17
    assert set(estate.traps) == set(make_estate(50).traps) == planted


def test_four_people_of_one_family_share_a_phone(trapped, persons):
    assert len(persons(traps.shared_family_phone)) == 4
    assert len({e164(phone_of(*each)) for each in trapped(traps.shared_family_phone)}) == 1


def test_thirty_colleagues_share_a_mailbox(estate, trapped):
    desk = [each for each in trapped(traps.role_mailbox) if each[0] == "desk"]
    assert len({estate.truth["desk", "people", record["id"]] for _, record in desk}) == 30
    assert {email_of(*each) for each in desk} == {traps.ROLE_MAILBOX}


def test_forty_strangers_have_the_placeholder_values(trapped, persons):
    assert len(persons(traps.placeholder_values)) == 40
    assert {(record["E-mail"], record["mobile"]) for _, record in trapped(traps.placeholder_values)} == {
        ("noemail@example.com", "0400 000 000")
    }


def test_father_and_son_differ_in_their_date_of_birth_only(persons):
    father, son = persons(traps.father_and_son)
    assert (father.given, father.family, father.address) == (son.given, son.family, son.address)
    assert father.born != son.born


def test_twins_share_everything_but_the_given_name(persons):
    one, other = persons(traps.twins)
    assert (one.family, one.born, one.address) == (other.family, other.born, other.address)
    assert one.given != other.given


def test_who_changed_her_email_is_held_together_by_phone_and_loyalty_number(trapped, persons):
    (_person,) = persons(traps.changed_email)
    by_system = dict(trapped(traps.changed_email))
    assert email_of("desk", by_system["desk"]) != email_of("loyalty", by_system["loyalty"])
    assert by_system["desk"]["member_no"] == by_system["loyalty"]["member_no"]
    assert len({e164(phone_of(*each)) for each in by_system.items()}) == 1


def test_one_shopper_left_twelve_guest_orders(trapped, persons):
    orders = [record for _, record in trapped(traps.guest_orders)]
    assert len(persons(traps.guest_orders)) == 1
    assert len(orders) == 12
    assert all(order["customer"] is None for order in orders)
    assert len({order["email"].lower() for order in orders}) == 1


def test_two_strangers_had_one_phone_a_year_and_more_apart(trapped, persons):
    before, after = persons(traps.recycled_phone)
    assert (before.family, before.address) != (after.family, after.address)
    by_system = dict(trapped(traps.recycled_phone))
    assert len({e164(phone_of(*each)) for each in by_system.items()}) == 1
    first = datetime.fromisoformat(by_system["shop"]["updatedAt"])
    second = datetime.fromisoformat(by_system["newsletter"]["timestamp_signup"])
    assert (second - first).days > 365


def test_a_name_with_one_typo_is_one_slip_away(estate, trapped):
    names = defaultdict(dict)
    for connection, record in trapped(traps.one_typo_names):
        stream, id_field, field = {
            "shop": ("customers", "id", "lastName"),
            "loyalty": ("people", "member_no", "surname"),
        }[connection]
        names[estate.truth[connection, stream, record[id_field]]][connection] = record[field]
    assert len(names) == 3
    for name in names.values():
        wrong = [a != b for a, b in zip(name["shop"], name["loyalty"], strict=True)]
        assert sum(wrong) == 2
        assert sorted(name["shop"]) == sorted(name["loyalty"])


def test_charlie_said_yes_in_the_shop_and_later_no_in_the_newsletter(trapped):
    by_system = dict(trapped(traps.unsubscribed))
    shop, newsletter = by_system["shop"]["defaultEmailAddress"], by_system["newsletter"]
    assert (shop["marketingState"], newsletter["status"]) == ("SUBSCRIBED", "unsubscribed")
    assert datetime.fromisoformat(shop["marketingUpdatedAt"]) < datetime.fromisoformat(newsletter["last_changed"])


def test_katherine_is_kate_elsewhere_and_shares_no_email(trapped, persons):
    assert len(persons(traps.nickname_pairs)) == 3
    given = {record.get("given") or record.get("firstName") for _, record in trapped(traps.nickname_pairs)}
    assert {"Katherine", "Kate"} <= given
    assert all(not email_of(*each) for each in trapped(traps.nickname_pairs) if each[0] == "loyalty")
