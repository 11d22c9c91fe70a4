"""What of a contact record counts for identity, and the hashes that stand for it."""

from __future__ import annotations

from datetime import date

import pytest

from dedupe.features import NAMELESS, anchor_of, features_of, fold, hash64, stable_key
from mapping.models import Email, Identifier, Name, Person, Phone
from tests.dedupe.cast import record, says


def test_a_person_becomes_features_with_folded_names_and_all_identifiers() -> None:
    person = Person(
        name=Name(full="Zoë D'Árcy Jr.", first="Zoë", last="D'Árcy", suffix="Jr."),
        emails=(Email(value="Zoe@Shop.Example", key="zoe@shop.example"),),
        phones=(Phone(value="+61400000001"),),
        identifiers=(Identifier(type="loyalty", value="L1"),),
        date_of_birth=date(1980, 1, 2),
    )
    assert features_of(person) == says(
        "zoe darcy jr", email="zoe@shop.example", phone="+61400000001", card="L1", born="1980-01-02"
    )


def test_an_empty_person_has_nothing_to_compare() -> None:
    assert features_of(Person()) == says()


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("O'Brien", "obrien"),
        ("  Mary-Jane ", "maryjane"),
        ("STRAUẞ", "strauss"),
        ("Paweł", "paweł"),
        ("Ⅳ", "iv"),
        ("王", "王"),
        ("—", ""),
    ],
)
def test_folding_keeps_letters_and_digits_and_forgets_case_and_accents(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert fold(folded) == folded


class TestSignature:
    def test_records_without_a_name_all_count_as_one(self) -> None:
        assert says(email="a@x.example").signature == says(phone="+61400000002").signature == NAMELESS

    def test_equal_name_and_birthday_count_as_one_whatever_else_they_say(self) -> None:
        shop = says("Ian Reid", email="ian@x.example", born="1958-04-02")
        desk = says("Ian Reid", phone="+61400000002", born="1958-04-02")
        assert shop.signature == desk.signature

    def test_father_and_son_of_one_name_count_as_two(self) -> None:
        father, son = says("Ian Reid", born="1958-04-02"), says("Ian Reid", born="1989-09-17")
        assert father.signature != son.signature

    def test_a_suffix_makes_another_person(self) -> None:
        assert says("Ian Reid").signature != says("Ian Reid jr").signature

    def test_name_parts_are_not_run_together(self) -> None:
        assert says("An Nabel").signature != says("Ann Abel").signature


class TestDigest:
    def test_nothing_that_is_compared_can_change_unseen(self) -> None:
        different = [
            says("Alice Reid"),
            says("Alice Reid", email="a@x.example"),
            says("Alice Reid", phone="a@x.example"),
            says("Alice Reid", card="a@x.example"),
            says("Alice Reid", email=["a@x.example", "b@x.example"]),
            says("Alice Reid", born="1980-01-02"),
        ]
        assert len({features.digest for features in different}) == len(different)

    def test_the_order_of_values_does_not_show(self) -> None:
        one, other = says(email=["a@x.example", "b@x.example"]), says(email=["b@x.example", "a@x.example"])
        assert one.digest == other.digest


def test_hashes_fit_a_signed_64_bit_column_and_tell_parts_apart() -> None:
    found = {hash64("email", str(number)) for number in range(2_000)}
    assert len(found) == 2_000
    assert min(found) < 0 < max(found)
    assert all(-(2**63) <= one < 2**63 for one in found)
    assert hash64("a", "b") != hash64("ab")


def test_the_stable_key_is_bytes_even_of_text_that_is_no_unicode() -> None:
    assert stable_key("shop", "customers", "\ud800x") == (b"shop", b"customers", b"\\ud800x")


def test_the_anchor_is_the_record_that_landed_first_and_among_equals_the_first_key() -> None:
    late, early, twin = record("a", says(), born=5), record("c", says(), born=1), record("b", says(), born=1)
    assert anchor_of([late, early, twin]) is twin
    assert anchor_of([late, early]) is early
