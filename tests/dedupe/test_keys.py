"""The values that two records must share to be compared at all."""

from __future__ import annotations

from dataclasses import replace

from dedupe.keys import keys_of
from tests.dedupe.cast import key_hashes, says


def test_every_identifier_is_a_key_and_a_name_or_a_birthday_is_none() -> None:
    alice = says("Alice Reid", email=["a@x.example", "b@x.example"], phone="+61400000001", card="L1", born="1980-01-02")
    assert {(key.kind, key.value) for key in keys_of(alice)} == {
        ("email", "a@x.example"),
        ("email", "b@x.example"),
        ("phone", "+61400000001"),
        ("identifier", "loyalty=L1"),
    }
    assert keys_of(says("Alice Reid", born="1980-01-02")) == ()


def test_the_same_text_is_another_key_in_another_kind_or_type() -> None:
    vip = replace(says(), identifiers=frozenset({("vip", "4711")}))
    assert len(key_hashes(says(email="4711")) | key_hashes(says(card="4711")) | key_hashes(vip)) == 3


def test_keys_come_in_a_fixed_order() -> None:
    emails = [f"{number}@x.example" for number in range(20)]
    found = keys_of(says(email=emails))
    assert found == keys_of(says(email=emails[::-1])) == tuple(sorted(found))
