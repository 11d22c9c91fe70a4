"""Ill-meant text in every field there is, on every page there is: each page has the shape that harmless text gives it.

A page that is not visited here fails the test, and so does a table whose free text nobody poisoned.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi import FastAPI
from sqlalchemy import Table, insert, select, update
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub import audit
from hub.access.roles import Role
from hub.admin.api.doors import ApiDoor
from hub.admin.app import create_app
from hub.admin.contact_tabs import TABS
from hub.decide import apart
from hub.queries.consent_questions import consent_questions
from hub.queries.field_questions import field_questions
from hub.queries.quarantine import hash_of
from hub.queries.review_queue import item_of
from hub.stages.increment import reviews
from hub.stages.map import people
from hub.store.tables import metadata
from hub.users.accounts import add_user
from tests.hub.admin import estate as estates
from tests.hub.admin.browsing import ORIGIN, Structure, sign_in
from tests.hub.admin.estate import Estate
from tests.hub.admin.payloads import BROKEN, EVERYTHING, PAYLOADS
from tests.hub.admin.test_access import method_of, routes
from tests.hub.admin.test_hostile import order, person
from tests.hub.admin.test_hostile_consent import delivery, event
from tests.hub.watch.scene import newsletter, put

HARMLESS = "harmless words"
CSP = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
NO_HTML = {
    *("live", "records_by_day", "optouts_by_day", "quarantine_reasons"),
    *("healthz", "readyz", "metrics", "hook_greeting"),
}
"""What answers with events, with a file, or to a machine."""

TEXT: Mapping[str, tuple[str, ...]] = {
    "sync_run": ("message", "worker", "cancelled_by", "connection", "stream"),
    "rejected_row": ("reason", "location", "raw"),
    "stream_field": ("field", "sample"),
    "stream_pause": ("paused_by",),
    "quarantine_ignore": ("reason", "ignored_by"),
    "review_item": ("news",),
    "review_note": ("author", "assignee", "text"),
    "decision": ("author", "reason", "revoked_by"),
    "alert_state": ("subject", "message", "fix"),
    "alert_message": ("subject", "message", "fix", "problem"),
    "notice": ("reason", "message"),
    "map_refusal": ("message", "location"),
    "map_remark": ("field", "message", "location"),
    "admin_user": ("name",),
    "api_token": ("name", "created_by", "scopes"),
    "consent_event": ("wording", "evidence", "actor"),
    "delivery": ("reason", "message"),
    "push_plan": ("denied_by",),
}
"""By table, what is written over in every row of it; every table has one at least then."""

OTHER_TABLES = {
    "the audit, whose rows nobody can write over: what was done is told in it with the same text": {"audit_entry"},
    "facts that a page shows only as mapped, which the files' rows poison": {
        *("landed_record", "landed_version", "contact", "contact_record", "related_record", "field_provenance"),
        *("contact_term", "decision_link", "decision_pin", "decision_value", "segment_member", "segment_stay"),
    },
    "consent, whose evidence and deliveries are poisoned with all their columns in test_hostile_consent": {
        *("consent_gap", "consent_holding", "consent_sight", "consent_state", "consent_told", "tag_gap"),
        *("delivery_attempt", "notice_attempt"),
    },
    "our own words, hashes and marks": {
        *("admin_session", "sign_in_link", "sign_in_failure", "lease", "note", "membership", "match_edge"),
        *("match_key", "popular_key", "golden_mark", "resolve_mark", "segment_mark", "consent_mark", "refetch_mark"),
        *("reconcile_pass", "reconcile_seen", "stream_state", "webhook_taken", "review_answer", "review_claim"),
        *("review_skip",),
    },
}


def test_there_are_more_than_forty_ways() -> None:
    assert len({*PAYLOADS, *BROKEN}) == len(PAYLOADS) + len(BROKEN) >= 70


def test_every_table_is_poisoned_or_said_to_hold_no_text_of_others() -> None:
    """Ours are in `metadata`; those of other tests' doubles are not."""
    known = TEXT.keys() | set().union(*OTHER_TABLES.values())
    assert {name for name in metadata.tables if not name.startswith("alembic")} == known


@dataclass
class Everywhere:
    """An estate in which everybody says `text`, and a browser of its owner."""

    estate: Estate
    app: FastAPI
    browser: TestClient

    def ids(self, column: Any) -> list[Any]:
        with self.estate.store.read() as db:
            return list(db.execute(select(column).order_by(column)).scalars())

    def addresses(self) -> Mapping[str, list[str]]:
        """By door, where to look at it. A page that is not here fails."""
        contacts = [f"/contacts/{one}" for one in self.ids(metadata.tables["contact"].c.id)]
        items = [item_of(*pair) for pair in self._pairs()]
        last = max(self.ids(metadata.tables["sync_run"].c.id))
        return {
            "sign_in": [f"/sign-in?token={quote(EVERYTHING)}"],
            "home": ["/"],
            "contacts": ["/contacts", "/contacts?q=harmless"],
            "contact": [f"{one}?tab={tab}" for one in contacts for tab in TABS],
            "print_contact": [f"{one}/print" for one in contacts],
            "values_of_contact": [f"{one}/pin?field=emails" for one in contacts],
            "choose_other": [f"{one}/merge" for one in contacts],
            "why_not": [f"{one}/why?with={contacts[0].rpartition('/')[2]}" for one in contacts],
            "runs": ["/runs"],
            "run": [f"/runs/{number}" for number in (1, last)],
            "quarantine": ["/quarantine"],
            "outgoing": ["/outgoing"],
            "review": ["/review"],
            "field_questions": ["/review/fields"],
            "field_question": [f"/review/fields/{one}?{field}" for one, field in self._conflicts()],
            "consent_questions": ["/review/consent"],
            "consent_question": [f"/review/consent/{self._doubt()}"],
            "review_history": ["/review/history"],
            "review_item": [f"/review/items/{one}" for one in items],
            "review_cluster": [f"/review/items/{one}/cluster" for one in items],
            "review_patterns": ["/review/patterns"],
            "review_pattern": [f"/review/items/{one}/pattern" for one in items],
            "settings": ["/settings"],
            "people": ["/settings/people"],
            "configuration": ["/settings/configuration"],
            "audit": ["/settings/audit"],
            "export": ["/settings/export"],
        }

    def _conflicts(self) -> list[tuple[str, str]]:
        with self.estate.store.read() as db:
            return [(asked.contact_id, urlencode({"field": asked.field})) for asked in field_questions(db, 100)]

    def _doubt(self) -> str:
        with self.estate.store.read() as db:
            (asked,) = consent_questions(db, 2)
        return asked.name

    def _pairs(self) -> list[tuple[int, int]]:
        with self.estate.store.read() as db:
            rows = db.execute(select(reviews.c.left_id, reviews.c.right_id).order_by(reviews.c.left_id)).all()
        return [(row.left_id, row.right_id) for row in rows]


def everywhere(estate: Estate, text: str) -> Everywhere:
    """Files, people, vendors and operators all say this."""
    broken = BROKEN if text == EVERYTHING else [text] * len(BROKEN)
    alice, bob = person(1, text), person(2, text)
    phone = {"phone": "0491 570 156"}
    alike = [
        alice | phone | {"id": "a", "name": f"Alice {text[:60]}"},
        bob | phone | {"id": "b", "name": f"Alise {text[:60]}"},
    ]
    others = [person(10 + at, one) | {"id": f"broken {at}"} for at, one in enumerate(broken)]
    estate.put(
        [*alike, *others], [person(3, text) | phone | {"id": "c", "name": f"Alicia {text[:60]}"}], [order(1, text)]
    )
    (estate.drop / "desk.jsonl").write_text('"no person"\n')
    estate.pull()
    with estate.store.read() as db:
        email = db.execute(select(metadata.tables["contact"].c.email)).scalars().first() or ""
    estate.store.write(lambda db: _speak(db, text, email))
    doubtful = {"channel": "email", "address": email, "purpose": "marketing", "brand": "*", "review": True}
    put(estate.store, metadata.tables["consent_state"], **doubtful, locks=[], stops=[])
    for name in ("alert_state", "alert_message", "notice", "map_refusal", "map_remark", "push_plan", "stream_pause"):
        _put_one(estate, name)
    for name in ("stream_field", "quarantine_ignore", "review_note", "api_token"):
        _put_one(estate, name)
    estate.store.write(lambda db: add_user(db, "somebody", Role.VIEWER, FakeClock().now()))
    estate.store.write(lambda db: _poison(db, text))
    estate.store.write(_bring_to_light)
    clock = FakeClock()
    destinations = {**estate.settings.connections, "newsletter": newsletter()}
    app = create_app(estate.store, replace(estate.settings, connections=destinations), clock.now)
    browser = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    sign_in(browser, estate.store, clock)
    return Everywhere(estate, app, browser)


def _put_one(estate: Estate, name: str) -> None:
    """A row, where there is none."""
    into = metadata.tables[name]
    with estate.store.read() as db:
        if db.execute(select(into).limit(1)).first() is not None:
            return
        record = db.execute(select(people.c.record_id).order_by(people.c.record_id)).scalars().first()
        pair = db.execute(select(reviews.c.left_id, reviews.c.right_id).order_by(reviews.c.left_id)).first()
    own: dict[str, Any] = {
        "push_plan": {"id": "0123456789ab", "operations": []},
        "notice": {"data": {}, "status": "dead", "target": "hook:crm"},
        "api_token": {"scopes": []},
    }
    common = {"connection": "desk", "stream": "people", "record_id": record, "item": item_of(*pair) if pair else ""}
    more = {key: value for key, value in common.items() if key in into.c}
    put(estate.store, into, **more, **own.get(name, {}))


def _speak(db: Any, text: str, email: str) -> None:
    first, second = db.execute(select(people.c.record_id).order_by(people.c.record_id).limit(2)).scalars()
    contacts = db.execute(select(metadata.tables["contact"].c.id).limit(2)).scalars().all()
    apart(db, *contacts, "olive", text)
    audit.note(db, FakeClock().now(), text, "user.add", text, {text: text})
    if db.execute(select(reviews).limit(1)).first() is None:
        row = {"left_id": first, "right_id": second, "kind": "likely", "weight": 1, "news": text}
        db.execute(insert(reviews), row)
    db.execute(insert(metadata.tables["consent_event"]), event(text, email))
    for status in ("dead", "vendor_locked"):
        row = delivery(text, email) | {"status": status, "record": f"{text} {status}"}
        db.execute(insert(metadata.tables["delivery"]), row)


def _poison(db: Any, text: str) -> None:
    for name, columns in TEXT.items():
        into = metadata.tables[name]
        for column in columns:
            _write_over(db, into, column, f"{name}.{column} {text}")


def _bring_to_light(db: Any) -> None:
    """So that pages tell of it: a field that is new, a reason that is ignored, decisions that are undone."""
    now = FakeClock().now()
    fields, ignored = metadata.tables["stream_field"], metadata.tables["quarantine_ignore"]
    db.execute(update(fields).values(late=True, first_seen_at=now))
    row = db.execute(select(metadata.tables["rejected_row"])).mappings().first()
    at = {name: row[name] for name in ("connection", "stream")}
    db.execute(update(ignored).values(reason_hash=hash_of(row["reason"]), **at))
    db.execute(update(metadata.tables["decision"]).values(revoked_at=now))


def _write_over(db: Any, into: Table, column: str, text: str) -> None:
    """Every row says it; where rows are told apart by it, each with its number behind."""
    key = list(into.primary_key.columns)
    for at, row in enumerate(db.execute(select(*key)).all()):
        is_name = column in into.primary_key.columns or name_of(into) in ("admin_user", "api_token")
        said: Any = f"{text} {at}" if is_name else text
        said = [text] if column == "scopes" else said
        own = [one == value for one, value in zip(key, row, strict=True)]
        db.execute(update(into).where(*own).values({column: said}))


def name_of(into: Table) -> str:
    return str(into.name)


@dataclass
class Seen:
    """What the pages of one door are made of."""

    shape: set[tuple[str, str]]
    links: set[str]
    html: str


def look(at: Everywhere) -> dict[str, Seen]:
    found: dict[str, Seen] = defaultdict(lambda: Seen(set(), set(), ""))
    for name, paths in at.addresses().items():
        for path in paths:
            reply = at.browser.get(path)
            assert reply.status_code == (401 if path.startswith("/sign-in") else 200), (path, reply.text[-600:])
            assert reply.headers["content-security-policy"] == CSP, path
            page = Structure(reply.text)
            found[name].shape |= page.shape
            found[name].links |= {*page.links}
            found[name].html += reply.text
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everywhere]:
    with estates.estate(tmp_path_factory.mktemp("hostile"), "sqlite:///hub.db") as made:
        yield everywhere(made, EVERYTHING)


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everywhere]:
    with estates.estate(tmp_path_factory.mktemp("harmless"), "sqlite:///hub.db") as made:
        yield everywhere(made, HARMLESS)


@pytest.mark.fault("A02")
def test_every_page_that_there_is_is_looked_at(hostile: Everywhere) -> None:
    looking = {
        route.name for route in routes(hostile.app) if method_of(route) == "GET" and not isinstance(route, ApiDoor)
    }
    assert looking == hostile.addresses().keys() | NO_HTML


@pytest.mark.fault("A02")
def test_ill_meant_text_gives_no_page_another_shape_than_harmless_text(
    hostile: Everywhere, harmless: Everywhere
) -> None:
    plain, found = look(harmless), look(hostile)
    assert plain.keys() == found.keys()
    ours = set().union(*(seen.shape for seen in plain.values()))
    marked = [one for one in (*PAYLOADS, *BROKEN) if re.search("[<\"']", one)]
    for name, seen in found.items():
        assert seen.shape - ours == set(), name
        assert [one for one in marked if one in seen.html] == [], name
        assert not [one for one in seen.links if not one.startswith(("/", "#")) or one.startswith(("//", "/\\"))], name
        assert not [attribute for _, attribute in seen.shape if attribute.startswith("on") or attribute == "style"], (
            name
        )
        assert not re.search(r"<script(?! src=\"/static/)", seen.html), name
    html = "".join(seen.html for seen in found.values())
    unseen = {f"{name}.{column}" for name, columns in TEXT.items() for column in columns}
    unseen = {one for one in unseen if f"{one} " not in html}
    assert unseen == NOT_SHOWN
    silent = {name for name, seen in found.items() if "alert(1)" not in seen.html}
    assert silent <= SAYS_NOTHING


SAYS_NOTHING = {
    "consent_questions",
    "export",
    "settings",
    "configuration",
    "review",
    "review_patterns",
    "review_pattern",
    "sign_in",
}
"""Pages that show nobody's text, or only counts."""

NOT_SHOWN = {
    *("alert_state.subject", "alert_state.message", "alert_state.fix"),
    *("alert_message.subject", "alert_message.message", "alert_message.fix", "alert_message.problem"),
    *("map_remark.field", "map_remark.message", "map_remark.location"),
    *("push_plan.denied_by", "delivery.reason", "notice.reason", "quarantine_ignore.reason"),
}
"""What these pages do not show, though it may hold anything: alerts by their rule alone, a plan that was not denied."""
