"""What of a contact record counts for identity."""

from __future__ import annotations

from datetime import date

from dedupe.engine.coding import BETWEEN, WITHIN
from dedupe.engine.record import Features, columns_of, features_of
from mapping.models import Address, Company, Email, Identifier, Name, Person, Phone
from tests.dedupe.cast import HOME, says


def test_a_person_becomes_a_text_for_each_thing_that_is_compared() -> None:
    person = Person(
        name=Name(full="Zoë D'Árcy Jr.", first="Zoë", last="D'Árcy", suffix="Jr."),
        emails=(Email(value="Zoe@Example.Com", key="zoe@example.com"),),
        phones=(Phone(value=HOME),),
        identifiers=(Identifier(type="loyalty", value="L1"),),
        addresses=(Address(street="Flat 4, 12 High St", city="Perth", postcode="6000", country="AU"),),
        company=Company(name="The Acme Co. Pty. Ltd."),
        date_of_birth=date(1980, 1, 2),
    )
    assert features_of(person) == Features(
        name=WITHIN.join(["zoe", "", "darcy", "jr", "", ""]),
        birth="1980-01-02",
        emails="zoe@example.com",
        phones=HOME,
        identifiers="loyalty=L1",
        addresses=WITHIN.join(["12", "highstreet", "4", "", "6000", "perth", "AU"]),
        companies="acme",
    )


def test_an_empty_person_has_nothing_to_compare() -> None:
    assert features_of(Person()) == Features() == says()


def test_the_values_of_a_set_stand_in_byte_order_each_once() -> None:
    one = says(email=["b@example.com", "a@example.com", "b@example.com"], card=["L2", "vip=L1"])
    other = says(email=["a@example.com", "b@example.com"], card=["vip=L1", "L2"])
    assert one == other
    assert one.emails == BETWEEN.join(["a@example.com", "b@example.com"])
    assert one.identifiers == BETWEEN.join(["loyalty=L2", "vip=L1"])


def test_a_number_that_is_nobodys_and_an_address_that_says_nothing_are_left_out() -> None:
    person = Person(phones=(Phone(value="+61400000000"), Phone(value=HOME)), addresses=(Address(state="WA"),))
    assert features_of(person) == Features(phones=HOME)


def test_records_become_a_column_for_each_feature() -> None:
    columns = columns_of([says("Alice Reid", phone=HOME), says(born="1980-01-02")])
    assert (list(columns.phones), list(columns.births)) == ([HOME, ""], ["", "1980-01-02"])
    assert list(columns_of([]).names) == []
