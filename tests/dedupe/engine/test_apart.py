"""Who stays apart, and who stays together though somebody was parted from another."""

from __future__ import annotations

from dedupe.links import Link
from tests.dedupe.cast import HOME, contacts, questions, records, resolved, says

HOUSE = "12 High Street, Perth, 6000"


class TestDecisionsAboutOthers:
    """A "not the same" with somebody else changes nothing between Ian's two records."""

    IAN = says("Ian Reid", phone=HOME, email="ian@example.com", lives=HOUSE)
    ALSO_IAN = says("Ian Reid", phone=HOME, email="reid.i@example.org", lives="77 Low Road, Hobart, 7000")
    BRUCE = says("Bruce Lee", email="bruce@example.com")

    def test_whom_a_person_has_parted_from_a_stranger_stays_with_himself(self) -> None:
        people = records(ian=self.IAN, ian2=self.ALSO_IAN, bruce=self.BRUCE)
        assert contacts(resolved(people)) == {"ian ian2", "bruce"}
        assert contacts(resolved(people, ("ian", "bruce", Link.CANNOT))) == {"ian ian2", "bruce"}

    def test_who_equals_both_halves_of_a_split_is_asked_about(self) -> None:
        people = records(a=self.IAN, b=self.IAN, later=self.IAN)
        found = resolved(people, ("a", "b", Link.CANNOT))
        assert contacts(found) == {"a", "b", "later"}
        assert {("ambiguous", "a", "later"), ("ambiguous", "b", "later")} <= questions(found)


def test_nameless_records_with_two_birthdays_at_one_phone_are_two() -> None:
    people = records(one=says(phone=HOME, born="1980-01-02"), other=says(phone=HOME, born="1991-07-15"))
    assert contacts(resolved(people)) == {"one", "other"}


def test_two_companies_at_one_phone_are_two() -> None:
    people = records(acme=says("Acme Pty Ltd", phone=HOME), bolt=says("Bolt Pty Ltd", phone=HOME))
    assert contacts(resolved(people)) == {"acme", "bolt"}


def test_namesakes_with_two_post_office_boxes_of_one_town_are_no_node() -> None:
    people = records(
        one=says("John Smith", lives="PO Box 9, Perth, 6000"), other=says("John Smith", lives="PO Box 7, Perth, 6000")
    )
    assert contacts(resolved(people)) == {"one", "other"}


def test_namesakes_of_two_towns_are_two() -> None:
    people = records(one=says("John Smith", lives=", Perth,"), other=says("John Smith", lives=", Hobart,"))
    assert contacts(resolved(people)) == {"one", "other"}
