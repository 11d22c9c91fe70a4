"""Names that are nobody's: what a till, a web shop or a hasty colleague writes where there is no name."""

from __future__ import annotations

import pytest

from dedupe.names.nobody import is_nobody
from tests.dedupe.cast import contacts, records, resolved, says

NOBODY = """
Walk-in Customer, walk in, GUEST, Guest User, Test Test, Cash Customer, Gast, Consumidor Final, Unknown, Neuer Kunde,
Client de passage, First Last, kein Name, xx xx
"""
SOMEBODY = "Ann Guest, Johnny Cash, Cash, Max Kunde, Walker In, Tess Tester, Noah, Manuel Neuer, 42"


@pytest.mark.parametrize("name", NOBODY.strip().replace("\n", " ").split(", "))
def test_nobody_is_called_this(name: str) -> None:
    assert is_nobody(name)


@pytest.mark.parametrize("name", ["", *SOMEBODY.split(", ")])
def test_people_are_called_this(name: str) -> None:
    assert not is_nobody(name)


@pytest.mark.fault("D07")
def test_two_thousand_walk_ins_at_one_till_are_not_one_person() -> None:
    till = "+61480555012"
    crowd = {f"w{at:04}": says("Walk In", phone=till, email=f"someone{at:04}@example.com") for at in range(2_000)}
    assert len(contacts(resolved(records(**crowd)))) == 2_000
