"""Finding contacts: every form of a KEY, several matches, none, and text that tries to be more than text."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import Record
from hub.queries.find import Found, NotFound, SeveralFound, find
from hub.queries.search import search
from hub.store.births import birth_id
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    CHARLIE,
    ORDERS_PLACE,
    TAGS_PLACE,
    contacts_of,
    derive,
    gone,
    land_and_map,
    land_and_resolve,
    person,
    record_id,
)

DORA = person("drop:7:x", name="Dora D'Árcy", email="dora@münchen.example", loyalty="LX-0042")
NASTY = ["'; DROP TABLE contact; --", "%", "_", "*", "\\", "a\x00b", "a\ud800", "\udcff@example.com", "((", "🙂" * 300,
         "::", "a:b:c", "shop:customers:", "c_" + "a" * 24, "+", "@", "a@", " " * 50, "", "\U0010ffff"]  # fmt: skip


KEYS = {
    "shop:customers:alice": "alice",
    "shop:customers:alice-2": "alice",
    "shop:customers:drop:7:x": "drop:7:x",
    "shop:orders:1001": "charlie",
    "shop:orders:1002": "1002",
    "shop:tags:t1": "bob",
    "alice@example.com": "alice",
    " Alice@EXAMPLE.com ": "alice",
    "dora@xn--mnchen-3ya.example": "drop:7:x",
    birth_id("test-hub", "shop", "customers", "alice"): "alice",
    birth_id("test-hub", "shop", "customers", "alice-2"): "alice",
}
SEARCHES = {
    "adams": ["Alice Adams", "Robert Adams"],
    "ADAMS ali": ["Alice Adams"],
    "alice charlie": [],
    "d'arcy": ["Dora D'Árcy"],
    "darcy": ["Dora D'Árcy"],
    "Dárcy": ["Dora D'Árcy"],
    "charlie@ex": ["Charlie Chan"],
    "xn--mnchen": ["Dora D'Árcy"],
    "0491 570 156": ["Alice Adams", "Robert Adams"],
    "+61491570156": ["Alice Adams", "Robert Adams"],
    "570156": ["Alice Adams", "Robert Adams"],
    "lx-0042": ["Dora D'Árcy"],
    "alice-2": ["Alice Adams"],
    "1002": ["Greta Guest"],
    "%": [],
}


@pytest.fixture(autouse=True)
def cast(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, BOB, CHARLIE, DORA])
    order = Record("1001", {"number": "1001", "customer": "charlie"})
    guest = Record("1002", {"number": "1002", "name": "Greta Guest", "email": "greta@example.com"})
    land_and_map(store, [order, guest], place=ORDERS_PLACE)
    land_and_map(store, [Record("t1", {"tag": "VIP", "member": "bob"})], place=TAGS_PLACE)
    derive(store)


def found(store: Store, key: str) -> Found:
    with store.read() as db:
        return find(db, key, "AU")


def searched(store: Store, text: str) -> list[str]:
    with store.read() as db:
        return [row["name"] for row in search(db, text)]


def test_every_form_of_a_key_leads_to_the_contact(store: Store) -> None:
    home = contacts_of(store)
    assert {key: found(store, key).contact_id for key in KEYS} == {key: home[one] for key, one in KEYS.items()}


def test_a_record_key_also_names_the_record(store: Store) -> None:
    assert found(store, "shop:customers:alice-2").record_id == record_id(store, "alice-2")
    assert found(store, "shop:orders:1001").record_id == record_id(store, "charlie")
    assert found(store, "alice@example.com").record_id is None


def test_a_phone_may_be_written_as_at_home(store: Store) -> None:
    with pytest.raises(SeveralFound) as several:
        found(store, "0491 570 156")
    home = contacts_of(store)
    assert several.value.matches == sorted([home["alice"], home["bob"]])
    assert str(several.value) == "2 contacts match"
    with pytest.raises(SeveralFound), store.read() as db:
        find(db, "+61 491 570 156", None)


def test_what_nobody_has_is_not_found(store: Store) -> None:
    for key in ("nobody@example.com", "0491 570 999", "shop:customers:nobody", "shop:customers", "x"):
        with pytest.raises(NotFound, match="hub contacts search"):
            found(store, key)


def test_the_key_of_a_gone_record_leads_nowhere_but_its_id_does(store: Store) -> None:
    shown = contacts_of(store)["alice"]
    land_and_resolve(store, [gone(ALICE)])
    with pytest.raises(NotFound):
        found(store, "shop:customers:alice")
    assert found(store, shown).contact_id == contacts_of(store)["alice-2"]
    land_and_resolve(store, [gone(ALICE_AGAIN)])
    with pytest.raises(NotFound):
        found(store, shown)


def test_odd_text_finds_nobody_and_breaks_nothing(store: Store) -> None:
    for text in NASTY:
        with pytest.raises(NotFound):
            found(store, text)
        assert searched(store, text) == [], text
    assert len(searched(store, "example.com")) == 4


def test_search_begins_every_word(store: Store) -> None:
    assert {text: searched(store, text) for text in SEARCHES} == SEARCHES


def test_search_stops_at_its_limit(store: Store) -> None:
    with store.read() as db:
        assert len(search(db, "example.com", limit=2)) == 2


def test_public_ids_differ_by_installation() -> None:
    assert birth_id("hub", "a", "b", "c") != birth_id("other", "a", "b", "c")


def test_keys_do_not_run_into_each_other() -> None:
    parts: list[Any] = [("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""), ("", "ab", "c")]
    assert len({birth_id("hub", *one) for one in parts}) == len(parts)
