"""Who was planted for what they said of consent: each is at several vendors, which do not agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from hub.demo import planted
from hub.demo.estate import Estate, make_estate
from hub.demo.people import Person

Plant = Callable[..., None]


@pytest.fixture(scope="module", params=[20, 21])
def estate(request: pytest.FixtureRequest) -> Estate:
    return make_estate(60, seed=request.param)


def records(estate: Estate, trap: Plant) -> dict[str, Any]:
    """Of a trap with one person: the record by connection; of texts, all messages of the number."""
    held: dict[str, Any] = {node["id"]: node for node in (*estate.shop_customers, *estate.members)}
    held |= {str(user["id"]): user for user in estate.help_users}
    held |= {n: [m for m in estate.messages if n in (m["from"], m["to"])] for n in estate.numbers}
    return {connection: held[external_id] for connection, _, external_id in estate.traps[trap.__name__]}


def person(estate: Estate, trap: Plant) -> Person:
    (number,) = {estate.truth[key] for key in estate.traps[trap.__name__]}
    return next(person for person in estate.people if person.number == number)


def last_by_email(estate: Estate, trap: Plant) -> str | None:
    return estate.last_acts.get(("email", person(estate, trap).email))


def shop_says(record: dict[str, Any], holder: str = "defaultEmailAddress") -> tuple[str, datetime]:
    held = record[holder]
    return held["marketingState"], datetime.fromisoformat(held["marketingUpdatedAt"])


def test_a_stop_to_the_gateway_is_later_than_the_yes_at_the_shop(estate: Estate) -> None:
    found = records(estate, planted.stopped_by_text)
    state, at = shop_says(found["shop"], "defaultPhoneNumber")
    stop = found["texts"][-1]
    assert (state, found["help"]["user_fields"]["consent_sms"]) == ("SUBSCRIBED", "granted")
    assert (stop["body"], stop["direction"]) == ("STOP", "inbound")
    assert parsedate_to_datetime(stop["date_sent"]) > at
    number = found["shop"]["defaultPhoneNumber"]["phoneNumber"]
    assert stop["from"] == number
    assert estate.last_acts["sms", number] == "out"


def test_a_mailbox_that_is_gone_is_cleaned_and_its_shop_says_yes_later(estate: Estate) -> None:
    found = records(estate, planted.hard_bounce)
    state, at = shop_says(found["shop"])
    assert (found["newsletter"]["status"], state) == ("cleaned", "SUBSCRIBED")
    assert at > datetime.fromisoformat(found["newsletter"]["last_changed"])


def test_an_import_claims_a_yes_later_than_the_persons_own_no(estate: Estate) -> None:
    found = records(estate, planted.claimed_by_import)
    state, at = shop_says(found["shop"])
    member = found["newsletter"]
    assert (state, member["status"], member["source"]) == ("UNSUBSCRIBED", "subscribed", "Import")
    assert datetime.fromisoformat(member["timestamp_opt"]) > at
    assert last_by_email(estate, planted.claimed_by_import) == "out"


def test_who_came_back_said_yes_at_the_shop_after_the_no_at_the_newsletter(estate: Estate) -> None:
    found = records(estate, planted.resubscribed)
    state, at = shop_says(found["shop"])
    assert (found["newsletter"]["status"], state) == ("unsubscribed", "SUBSCRIBED")
    assert at > datetime.fromisoformat(found["newsletter"]["last_changed"])
    assert found["shop"]["defaultEmailAddress"]["marketingOptInLevel"] == "SINGLE_OPT_IN"
    assert last_by_email(estate, planted.resubscribed) == "in"


def test_who_was_never_asked_is_a_member_and_has_said_nothing(estate: Estate) -> None:
    found = records(estate, planted.never_asked)
    assert found["newsletter"]["status"] == "transactional"
    assert found["shop"]["defaultEmailAddress"]["marketingState"] == "NOT_SUBSCRIBED"
    assert set(found["help"]["user_fields"].values()) == {None}
    assert last_by_email(estate, planted.never_asked) is None


def test_planted_members_do_not_bounce_by_chance(estate: Estate) -> None:
    known = {member["id"]: member["status"] for member in estate.members}
    trapped = {key for keys in estate.traps.values() for key in keys if key[0] == "newsletter"}
    bounced = [key for key in trapped if known[key[2]] == "cleaned"]
    assert bounced == [key for key in estate.traps["hard_bounce"] if key[0] == "newsletter"]
