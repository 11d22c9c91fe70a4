"""The loyalty file of the architecture page, with the rows people really send."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from io import StringIO

from mapping.compile import compile_mapping, parse_mapping
from mapping.models import Address, Mapped, Person

LOYALTY = {
    "record": "person",
    "id": "member_no",
    "map": {
        "name": {"first": "given", "last": "surname"},
        "emails": ["E-mail"],
        "phones": [{"value": "mobile", "region": "AU"}],
        "addresses": [
            {"street": "street", "city": "suburb", "state": "state", "postcode": "postcode", "country": "'AU'"}
        ],
        "date_of_birth": "dob",
        "identifiers": [{"type": "loyalty", "value": "member_no"}],
    },
}
FILE = """member_no,given,surname,E-mail,mobile,street,suburb,state,postcode,dob
0001,ALICE,O'BRIEN,Alice@Example.com,0491 570 006,"12 High St
Unit 4",Newtown,NSW,2042,1980-04-03
0002,Bob,Brown,bob@example.com,0491 570 006,,,,,03/04/2020
0003,Charlie,,N/A,12345,-,-,-,-,1900-01-01
0004,,,,,,,,,
0005,dana,van der berg,dana@@example.com,"+61 491 570 156","1 ""Rose"" Cottage",Hobart,Tas,7000,2999-01-01
0006,Eve,Null,eve@exämple.com,unknown,,,,0800,
"""


def mapped() -> list[Mapped]:
    columns = frozenset(FILE.partition("\n")[0].split(","))
    mapper = compile_mapping(parse_mapping(LOYALTY), region=None, columns=columns, today=lambda: date(2026, 11, 22))
    return [mapper(row) for row in csv.DictReader(StringIO(FILE))]


def test_every_row_becomes_a_person() -> None:
    people = [m.value for m in mapped()]
    assert all(isinstance(p, Person) and p == Person.model_validate(p.model_dump()) for p in people)
    assert [p.identifiers[0].value for p in people if isinstance(p, Person)] == [
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
    ]


def test_alices_row_with_its_quoted_line_break() -> None:
    alice = mapped()[0].value
    assert isinstance(alice, Person)
    assert alice.name is not None
    assert alice.name.full == "Alice O'Brien"
    assert alice.emails[0].key == "alice@example.com"
    assert alice.phones[0].value == "+61491570006"
    assert alice.addresses == (
        Address(street="12 High St Unit 4", city="Newtown", state="NSW", postcode="2042", country="AU"),
    )
    assert alice.date_of_birth == date(1980, 4, 3)


def test_what_was_left_out_is_counted() -> None:
    counted = Counter((remark.field, remark.code) for m in mapped() for remark in m.remarks)
    assert counted == {
        ("date_of_birth", "date_ambiguous"): 1,
        ("date_of_birth", "date_placeholder"): 1,
        ("date_of_birth", "date_implausible"): 1,
        ("emails[0]", "placeholder"): 1,
        ("emails[0]", "email_invalid"): 1,
        ("phones[0]", "phone_invalid"): 1,
        ("phones[0]", "placeholder"): 1,
        ("addresses[0].street", "placeholder"): 1,
        ("addresses[0].city", "placeholder"): 1,
        ("addresses[0].state", "placeholder"): 1,
        ("addresses[0].postcode", "placeholder"): 1,
    }


def test_an_empty_row_says_nothing_but_that_it_is_empty() -> None:
    nobody = mapped()[3]
    assert nobody.remarks == ()
    assert isinstance(nobody.value, Person)
    assert set(nobody.value.nulls) == {"name", "emails", "phones", "addresses", "date_of_birth"}
    assert nobody.value.cleared == ()
