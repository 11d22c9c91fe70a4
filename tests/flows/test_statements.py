"""No statement of everyday work reads a big table from one end to the other, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from connectors.kit.base import utc_now
from hub.access.roles import Permission
from hub.admin.app import create_app
from hub.admin.contact_tabs import TABS
from hub.admin.sessions import make_link
from hub.jobs.doorbell import Inline
from hub.jobs.queue import queue_run
from hub.jobs.scheduler import Scheduler
from hub.stages.order import place_of
from hub.store.engine import Store
from hub.store.generation import BESIDE
from hub.users.tokens import make_token
from hub.watch.alerts import watch_once
from tests.flows.consent.life import Life, alive
from tests.flows.consent.town import hub_of
from tests.flows.databases import postgres_at
from tests.flows.statements import Heard, fill, listening, scans
from tests.flows.terminal import Hub
from tests.hub.admin.browsing import ORIGIN, post, token_of
from tests.hub.jobs.play import drain, sweep
from tests.hub.world import opened

ALLOWED = {
    "what waits for a stage is counted, or taken whole": (
        "SELECT count(*) AS count_1 FROM consent_mark",
        "SELECT count(*) AS count_1 FROM resolve_mark",
    ),
    "the plan is all that differs": (
        "consent_gap.by_confirmation, consent_gap.decided_by, consent_gap.at FROM consent_gap",
        "tag_gap.wanted, tag_gap.withheld FROM tag_gap",
        "SELECT consent_gap.record FROM consent_gap WHERE consent_gap.destination = … AND consent_gap.wanted = … AND",
    ),
    "another policy may change every answer": (
        "INSERT INTO consent_mark (channel, address, mark) SELECT",
        "INSERT INTO golden_mark (contact_id, mark) SELECT",
        "INSERT INTO segment_mark (contact_id, mark) SELECT",
    ),
    "totals are counted, and a segment is shown: for people, and for the share that a guard allows": (
        "SELECT count(*) AS count_1 FROM contact",
        "SELECT count(*) AS count_1 FROM review_item",
        "FROM segment_member WHERE segment_member.inside",
        "contact.records FROM contact JOIN segment_member ON segment_member.contact_id = contact.id",
        "FROM segment_stay WHERE segment_stay.entered_at >=",
        "FROM segment_stay WHERE segment_stay.left_at >=",
    ),
    "metrics and alerts count everything in one snapshot (decision 0016)": (
        "FROM delivery_attempt JOIN delivery ON delivery.id = delivery_attempt.delivery_id GROUP BY",
        "consent_gap.at, consent_event.observed_at, landed_record.born FROM consent_gap",
        "min(sync_run.started_at) AS first_at",
        "sync_run.exit_code FROM sync_run WHERE sync_run.id IN (SELECT max(sync_run.id)",
        "SELECT sum((sync_run.attempt - …)",
    ),
    "words of consent that no mapping knows are counted where a person looks at quarantine": (
        "FROM map_remark JOIN landed_record ON landed_record.id = map_remark.record_id WHERE map_remark.code IN",
    ),
    "what was told to subscribers is counted where a person looks at Outgoing, and forgotten after a while": (
        "count(*) AS count FROM notice GROUP BY",
    ),
    "what is over is forgotten, and here all of it is": (
        "DELETE FROM sign_in_failure WHERE",
        "SELECT sign_in_failure.who FROM sign_in_failure WHERE",
        "SELECT review_skip.reviewer, review_skip.item FROM review_skip WHERE",
    ),
    "questions that weigh the same are counted": ("min(review_item.left_id) AS",),
}
"""Statements that may read a big table whole, by the reason: parts of their text."""

PAGES = (
    *("/", "/contacts?q=alice", "/contacts?q=alcie", "/contacts?q=al%20ex", "/contacts/alice@example.com"),
    *("/runs", "/runs?connection=shop", "/runs?failed=1&before=9", "/runs/1", "/runs/days.csv"),
    *("/quarantine", "/quarantine/reasons.csv", "/outgoing", "/outgoing/days.csv"),
)
SHEETS = (
    *(f"?tab={tab}" for tab in TABS),
    *("/print", "/pin?field=name", "/merge?q=bob", "/why?with=charlie@example.com"),
)
"""Of one contact, behind its id."""
ASKED = (
    "contacts?limit=2",
    "consent/email/charlie@example.com",
    "decisions?limit=2",
    "decisions/1",
    "segments",
    "segments/vip/members?limit=2",
    "runs?limit=2",
    "runs/1",
)
SAID = {
    "contacts/search": {"text": "alice"},
    "identify": {"key": "alice@example.com"},
    "consent/email/bob@example.com": {"action": "withdraw"},
    "decisions": {"kind": "apart", "contacts": ["alice@example.com", "charlie@example.com"]},
}
SETTINGS = ("/settings", "/settings/people", "/settings/configuration", "/settings/audit?actor=owner&from=2026-01-01")
REVIEW = (*("", "?kind=conflict", "?source=shop", "?band=weak"), "/history", "/patterns")
VITALS = ("/healthz", "/readyz")
COMMANDS = (
    "contacts search alice",
    "contacts show alice@example.com --how",
    "explain alice@example.com bob@example.com",
    "merge alice@example.com bob@example.com --dry-run",
    "merge alice@example.com bob@example.com",
    "undo 1",
    "contacts pin alice@example.com emails alice@example.com",
    "apart alice@example.com charlie@example.com",
    "review",
    "consent show charlie@example.com",
    "consent record alice@example.com --action withdraw --method form --evidence paper --by Olive",
    "consent overdue",
    "plan",
    "push",
    "runs",
    "audit list --action decision. --actor alice",
    "audit list --subject decision:1",
    "quarantine",
    "segments list",
    "segments preview vip",
    "alerts list",
)


def everyday(life: Life, hub: Hub) -> None:
    """Some days of a hub: first pulls by the queue, changes at the vendors, pages, commands, a sweep and a watch."""
    town = life.town
    town.welcome("Alice", 156)
    bob, charlie = town.welcome("Bob", 157), town.welcome("Charlie", 158)
    for day in range(3):
        _a_day(life, str(day))
        town.shop.unsubscribe(charlie.customer, "email")
        town.texts.text(bob.phone, "STOP")
        town.neighbours(3)
    life.sync(full=True)
    _look(life)
    for command in COMMANDS:
        hub.here(*command.split())
    _a_day(life, "last")


def _a_day(life: Life, slot: str) -> None:
    life.later(hours=1)
    store, settings = life.hub.store, life.hub.settings
    for connection in settings.connections.values():
        for stream in connection.streams:
            place = place_of(settings, connection.name, stream.name)
            store.write(lambda db, place=place: queue_run(db, place, "pull", slot, "a day"))
    Scheduler(store, settings, Inline()).tick(datetime.now(UTC))
    drain(store, settings)
    sweep(store, settings)


def _look(life: Life) -> None:
    store, settings = life.hub.store, life.hub.settings
    watch_once(store, settings, datetime.now(UTC))
    client = TestClient(create_app(store, settings), base_url=ORIGIN)
    post(client, "/sign-in", token=token_of(make_link(store, ORIGIN)))
    assert post(client, "/sign-in", {"Origin": ORIGIN}, name="alice", password="a guess").status_code == 401
    for page in (*PAGES, *SETTINGS):
        assert client.get(page, follow_redirects=True).status_code == 200, page
    own = client.get("/contacts/alice@example.com", follow_redirects=True).url.path
    for sheet in SHEETS:
        assert client.get(own + sheet).status_code == 200, sheet
    token = store.write(lambda db: make_token(db, "desk", Permission, "owner", utc_now(), None))
    program = TestClient(create_app(store, settings), base_url=ORIGIN, headers={"Authorization": f"Bearer {token}"})
    for path, body in SAID.items():
        assert program.post(f"/api/v1/{path}", json=body, headers={"Idempotency-Key": "1"}).status_code < 300, path
    for path in (*ASKED, f"contacts/{program.get('/api/v1/contacts').json()['contacts'][0]['id']}"):
        assert program.get(f"/api/v1/{path}").status_code == 200, path
    for page in REVIEW:
        assert client.get(f"/review{page}").status_code == 200, page
    assert post(client, "/review/next").status_code == 200
    for page in VITALS:
        assert client.get(page).status_code in (200, 503), page


@pytest.fixture(params=["sqlite", "postgres"])
def two_databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """One to live in, and one to be asked, both empty."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hub.db'}", f"sqlite:///{tmp_path / 'big.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with postgres_at(server) as lived_in, postgres_at(server) as asked:
        yield lived_in, asked


def test_no_everyday_statement_reads_a_big_table_whole(two_databases: tuple[str, str], tmp_path: Path) -> None:
    lived_in, asked = two_databases
    with alive(tmp_path, lived_in) as life, listening() as heard:
        everyday(life, hub_of(tmp_path, lived_in))
    assert len(heard.found) > 150
    allowed = [part for parts in ALLOWED.values() for part in parts]
    with opened(asked) as store:
        fill(store)
        whole = dict(_read_whole(store, heard))
    assert {shape: tables for shape, tables in whole.items() if not any(part in shape for part in allowed)} == {}
    asked_for = "\n".join(heard.found)
    assert [part for part in allowed if part not in asked_for] == []  # or it would let another one through


def _read_whole(store: Store, heard: Heard) -> Iterator[tuple[str, set[str]]]:
    with store.writer.connect() as db:
        for shape, (statement, parameters) in sorted(heard.found.items()):
            if BESIDE not in statement and (found := scans(db, statement, parameters)):
                yield shape, found
            db.rollback()


@pytest.mark.parametrize("index", ["ix_delivery_status", "ix_consent_event_address", "ix_segment_member_contact"])
def test_a_statement_without_its_index_is_found(index: str, tmp_path: Path) -> None:
    statements = {
        "ix_delivery_status": "SELECT DISTINCT destination FROM delivery WHERE status IN ('queued', 'sent')",
        "ix_consent_event_address": "SELECT id FROM consent_event WHERE channel = 'email' AND address = 'a'",
        "ix_segment_member_contact": "DELETE FROM segment_member WHERE contact_id IN ('a', 'b')",
    }
    with opened(f"sqlite:///{tmp_path / 'big.db'}") as store:
        with store.read() as db:
            assert scans(db, statements[index], ()) == set()
        store.write(lambda db: db.exec_driver_sql(f"DROP INDEX {index}"))
        store.reader.dispose()  # it remembers what it was told
        with store.read() as db:
            assert len(scans(db, statements[index], ())) == 1
