"""Pins: the value that a person chose stands first, and what it pushed aside is told."""

from __future__ import annotations

from typing import Any

import pytest

from dedupe.pins import PINNED, Pin, said_of, with_pins
from dedupe.survivorship import Lost, Survivor

CLERK = Survivor("clerk", 1, "most recent", (Lost("director", 2), Lost("cook", 3)))
MAILS = [{"value": f"{name}@example.com", "key": f"{name}@example.com"} for name in ("a", "b", "c")]


def test_a_single_value_takes_the_place_of_the_one_that_won() -> None:
    (one,) = with_pins({"job_title": [CLERK]}, [Pin(2, "job_title", "director")])["job_title"]
    assert one == Survivor("director", 2, PINNED, (Lost("clerk", 1), Lost("cook", 3)))


def test_a_pin_to_what_won_anyway_keeps_the_others() -> None:
    (one,) = with_pins({"job_title": [CLERK]}, [Pin(1, "job_title", "clerk")])["job_title"]
    assert one == Survivor("clerk", 1, PINNED, CLERK.others)


def test_of_two_pins_the_later_wins() -> None:
    pins = [Pin(2, "job_title", "director"), Pin(3, "job_title", "cook")]
    (one,) = with_pins({"job_title": [CLERK]}, pins)["job_title"]
    assert (one.value, [lost.value for lost in one.others]) == ("cook", ["director", "clerk"])


def test_in_a_list_the_pinned_one_comes_first_and_all_stay() -> None:
    listed = [Survivor(mail, at, "union") for at, mail in enumerate(MAILS)]
    found = with_pins({"emails": listed}, [Pin(2, "emails", MAILS[2])])["emails"]
    assert [one.value["key"][0] for one in found] == ["c", "a", "b"]
    assert [one.rule for one in found] == [PINNED, "union", "union"]


def test_a_member_that_lost_comes_back_and_is_lost_no_more() -> None:
    listed = [Survivor(MAILS[0], 1, "most recent", (Lost(MAILS[1], 2), Lost(MAILS[2], 3)))]
    first, second = with_pins({"emails": listed}, [Pin(2, "emails", MAILS[1])])["emails"]
    assert (first.value, first.others) == (MAILS[1], (Lost(MAILS[2], 3),))
    assert (second.value, second.others) == (MAILS[0], ())


def test_a_field_that_nobody_fills_any_more_keeps_what_is_pinned() -> None:
    assert with_pins({}, [Pin(1, "name", {"full": "Ann"})])["name"] == [Survivor({"full": "Ann"}, 1, PINNED)]
    emptied = {"gender": [Survivor(None, 2, "most recent", (Lost("f", 1),))]}
    assert with_pins(emptied, [Pin(1, "gender", "f")])["gender"] == [Survivor("f", 1, PINNED)]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("job_title", ["clerk"]),
        ("emails", MAILS),
        ("custom.note", ["x"]),
        ("custom.other", []),
        ("name", []),
        ("consents", []),
        ("emails.value", []),
    ],
)
def test_what_a_record_says_of_a_field(field: str, said: list[Any]) -> None:
    fields = {"job_title": "clerk", "emails": MAILS, "custom": {"note": "x"}, "consents": [{"channel": "email"}]}
    assert list(said_of(fields, field)) == said
