"""What a viewer sees of a person on the pages of contacts: hints, and everything once for a reason that is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select
from starlette.routing import Route
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub import audit
from hub.access.roles import Role
from hub.admin.app import create_app
from hub.admin.contact_tabs import TABS
from hub.admin.doors import Door
from hub.decide import merge, pin
from hub.queries.find import find
from hub.stages.map import people
from hub.stages.order import derive
from hub.stages.sights import deliveries
from tests.hub.admin import estate as estates
from tests.hub.admin.browsing import acts_of, post, signed_in_as
from tests.hub.admin.estate import Estate
from tests.hub.admin.test_hostile_consent import delivery

CANARY = {
    "id": "zanthippe-quill@example.com",
    "name": "Zanthippe Quill-Harrow",
    "email": "zanthippe-quill@example.com",
    "phone": "0491 579 760",
    "street": "77 Ululate Row",
    "city": "Perth",
    "postcode": "6999",
    "country": "AU",
    "job": "Vexillologist",
    "company": "Harrow Vexilla",
    "member_no": "ZQH8812",
    "note": "collects pennants",
    "tags": ["pennants"],
    "gender": "zq-gender",
    "consent": "granted",
    "consent_at": "2026-03-01T10:00:00Z",
    "level": "Told Zanthippe at the fair",
}
KEY = "desk:people:zanthippe-quill@example.com"
TWIN = CANARY | {"id": "Z2", "name": "Zanthy Quill-Harrow", "job": "Bannermaker", "note": "sews guidons"}
ORDER = {
    "id": "zanthippe-order",
    "number": "ZQ-9001",
    "placed_at": "2026-05-02T08:00:00Z",
    "status": "Zanthippe paid",
    "currency": "AUD",
    "total": "12.50",
    "name": "Zanthippe Quill-Harrow",
    "email": "zanthippe-quill@example.com",
    "items": [{"title": "Pennant for Quill-Harrow", "sku": "QUILL-1", "quantity": 2, "price": "6.25"}],
}
SECRETS = [
    *("zanthippe", "zanthy", "quill", "harrow", "491579760", "491 579", "ululate", "vexill", "zqh8812"),
    *("pennant", "guidon", "banner", "zq-gender", "zq-9001", "6779751"),
]
"""No part of any of these may be in a page, in whatever case: long enough not to be in a token by chance."""

POSTCODE = re.compile(r"(?<![\w-])6999(?![\w-])")
"""As a word of its own: four digits are in many a token."""

CALLED = "she is on the phone"


@pytest.fixture
def canary(tmp_path: Path, database_url: str) -> Iterator[Estate]:
    """A hub with one person of whom everything is known, also what people decided and what was sent."""
    with estates.estate(tmp_path, database_url) as made:
        made.put([CANARY, TWIN, *estates.DESK], [CANARY | {"id": "Zanthippe"}], [ORDER])
        canary, twin, other = (id_of(made, key) for key in (KEY, "desk:people:Z2", "bob@example.com"))

        def decided(db: Any) -> None:
            merge(db, canary, other, "steward", "Zanthippe Quill told us")
            if twin != canary:
                merge(db, canary, twin, "steward", "Zanthippe Quill told us")
            record = db.execute(select(people.c.record_id).where(people.c.external_id == "Z2")).scalar_one()
            pin(db, record, "job_title", "Bannermaker", "steward", "Quill said so")
            told = delivery("desk", CANARY["email"]) | {"record": "Zanthippe", "message": "to Zanthippe: no"}
            db.execute(insert(deliveries), [told])

        made.store.write(decided)
        derive(made.store, made.settings)
        yield made


def id_of(hub: Estate, key: Any) -> str:
    with hub.store.read() as db:
        return find(db, key, "AU").contact_id


def browser_of(hub: Estate, role: Role) -> TestClient:
    clock = FakeClock()
    return signed_in_as(create_app(hub.store, hub.settings, clock.now), hub.store, clock, role)


def leaks(page: str) -> list[str]:
    said = page.casefold()
    return [secret for secret in SECRETS if secret in said] + POSTCODE.findall(said)


def pages_of(hub: Estate, contact: str) -> list[str]:
    own = f"/contacts/{contact}"
    bob = id_of(hub, "charlie@example.org")
    return [
        *(f"{own}?tab={tab}" for tab in TABS),
        *(f"{own}/print", f"{own}/why", f"{own}/why?with={bob}", f"{own}/merge?with={bob}", f"{own}/merge"),
        *(f"{own}/pin?field={field}" for field in ("name", "job_title", "custom.note", "emails")),
        *(f"/contacts?q={quote(text)}" for text in ("perth", "z", "")),
        *("/", "/runs", "/runs/1", "/quarantine", "/outgoing"),
    ]


@pytest.mark.fault("A07")
@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER])
def test_no_page_shows_a_value_of_the_canary_to_who_may_not_see_it(canary: Estate, role: Role) -> None:
    browser, contact = browser_of(canary, role), id_of(canary, KEY)
    for path in pages_of(canary, contact):
        page = browser.get(path)
        assert page.status_code in ((200, 403) if role is Role.VIEWER else (200,)), path
        assert leaks(page.text) == [], path


def test_an_operator_sees_that_the_canary_is_there(canary: Estate) -> None:
    browser, contact = browser_of(canary, Role.OPERATOR), id_of(canary, KEY)
    seen = "".join(browser.get(path).text for path in pages_of(canary, contact))
    assert {*SECRETS, "6999"} - set(leaks(seen)) <= {"491 579", "6779751"}


def test_a_viewer_finds_by_a_whole_address_and_learns_nothing_by_its_parts(canary: Estate) -> None:
    browser, contact = browser_of(canary, Role.VIEWER), id_of(canary, KEY)

    def finds(text: str) -> bool:
        return f"/contacts/{contact}" in browser.get("/contacts", params={"q": text}).text

    assert all(finds(text) for text in (CANARY["email"], "0491 579 760", "zqh8812", "Zanthippe", "zanth"))
    assert not any(finds(text) for text in ("zanthippe-quill@", "zanthippe-qui", "0491 579", "9760", "zqh88"))


def test_the_page_that_lets_choose_between_contacts_is_masked_too(canary: Estate) -> None:
    page = browser_of(canary, Role.VIEWER).get("/contacts/0412345678")
    assert page.status_code == 409
    assert "Nguyen" not in page.text


def test_who_may_reveals_one_contact_once_and_it_is_written_down(canary: Estate) -> None:
    browser, contact = browser_of(canary, Role.REVIEWER), id_of(canary, KEY)
    for tab in TABS:
        page = post(browser, f"/contacts/{contact}/reveal", reason=f"  {CALLED} ", tab=tab)
        assert page.status_code == 200
        assert "Zanthippe" in page.text
        assert CALLED in page.text
        assert page.headers["cache-control"] == "no-store"
        assert leaks(browser.get(f"/contacts/{contact}?tab={tab}").text) == []
    with canary.store.read() as db:
        found = db.execute(select(audit.entries).where(audit.entries.c.subject == contact)).mappings().all()
        assert audit.verify(db) is None
    assert len(found) == len(TABS)
    assert {(one["actor"], one["action"], one["details"]["reason"]) for one in found} == {
        ("reviewer", "contact.revealed", CALLED)
    }


@pytest.mark.fault("A01")
def test_without_a_reason_or_a_contact_nothing_is_revealed(canary: Estate) -> None:
    browser, contact = browser_of(canary, Role.REVIEWER), id_of(canary, KEY)
    for reason in ("", "    ", "why", " abcd "):
        page = post(browser, f"/contacts/{contact}/reveal", reason=reason)
        assert (page.status_code, leaks(page.text)) == (422, [])
    assert post(browser, "/contacts/c_nobody/reveal", reason=CALLED).status_code == 404
    assert leaks(browser.get(f"/contacts/{contact}/reveal", params={"reason": CALLED}).text) == []
    assert "contact.revealed" not in {action for _, action, _ in acts_of(canary.store)}


@pytest.mark.fault("A07")
def test_a_viewer_may_not_reveal(canary: Estate) -> None:
    browser, contact = browser_of(canary, Role.VIEWER), id_of(canary, KEY)
    page = post(browser, f"/contacts/{contact}/reveal", reason=CALLED)
    assert page.status_code == 403
    assert "Show once" not in browser.get(f"/contacts/{contact}").text


def test_every_page_of_contacts_is_among_those_that_are_looked_at(app: FastAPI, hub: Estate) -> None:
    looked = {path.partition("?")[0].rstrip("/").rpartition("/")[2] for path in pages_of(hub, "c_x")}
    doors = [one for one in app.routes if isinstance(one, Door) and one.path.startswith("/contacts/{key}/")]
    assert doors
    assert {one.path.rpartition("/")[2] for one in doors if "GET" in (one.methods or ())} <= looked
    assert all(isinstance(one, Route) for one in doors)
