"""The drill of a restore: yesterday's database comes back, and nobody who has said no since then hears from us."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, make_url

from hub.stages.sights import deliveries
from hub.store.engine import open_store
from tests import services
from tests.architecture.tree import ROOT
from tests.flows.consent.town import Somebody, Town, hub_of, open_town
from tests.flows.terminal import Hub

VACUUM = "VACUUM INTO '/backup/hub.db'"
DUMP = 'pg_dump --format=custom --file=/backup/hub.dump "$HUB_DATABASE"'
PUT_BACK = 'pg_restore --no-owner --exit-on-error --single-transaction --dbname="$HUB_DATABASE" /backup/hub.dump'
"""As docs/deploying.md tells it."""


@dataclass
class Drill:
    """A hub that was backed up when Charlie's yes had not been sent yet; he said no afterwards."""

    town: Town
    hub: Hub
    charlie: Somebody
    alice: Somebody
    folder: Path

    @property
    def file(self) -> Path:
        """Of a hub on SQLite."""
        return Path(str(make_url(self.hub.database).database))

    def back_up(self) -> None:
        """While the hub has the database open."""
        store = open_store(self.hub.database)
        if store.is_sqlite:
            with closing(sqlite3.connect(self.file)) as db:
                db.execute(self._here(VACUUM))
        else:
            self._run(DUMP)
        store.close()

    def restore(self) -> None:
        if self.hub.database.startswith("sqlite"):
            for end in ("", "-wal", "-shm"):
                self.file.with_name(f"{self.file.name}{end}").unlink(missing_ok=True)
            shutil.copy(self.folder / "hub.db", self.file)
            self.file.chmod(0o600)
            return
        with psycopg.connect(self._plain_url, autocommit=True) as db:
            db.execute("DROP SCHEMA public CASCADE")
            db.execute("CREATE SCHEMA public")
        self._run(PUT_BACK)

    @property
    def _plain_url(self) -> str:
        return make_url(self.hub.database).set(drivername="postgresql").render_as_string(hide_password=False)

    def _here(self, command: str) -> str:
        return command.replace("/backup", str(self.folder)).replace("$HUB_DATABASE", self._plain_url)

    def _run(self, command: str) -> None:
        name, *words = shlex.split(self._here(command))
        subprocess.run([services.program_of_postgres(name), *words], check=True, capture_output=True)

    def sent_to(self, somebody: Somebody) -> list[tuple[str, str, str]]:
        """(connection, channel, wanted) of every consent write for one person since the restore."""
        own = (somebody.email, somebody.phone)
        return [
            (name, channel, wanted)
            for name in self.town.simulators
            for channel, address, wanted in self.town.consents(name)
            if address in own
        ]

    def writes(self) -> int:
        return sum(len(found) for found in self.town.writes().values())


@pytest.fixture
def drill(tmp_path: Path, database_url: str) -> Iterator[Drill]:
    """On SQLite and on PostgreSQL, after the restore."""
    with open_town(tmp_path) as town:
        town.neighbours(12)
        charlie, alice = town.welcome("Charlie", 158), town.welcome("Alice", 156)
        made = Drill(town, hub_of(tmp_path, database_url), charlie, alice, tmp_path / "backup")
        made.folder.mkdir()
        made.hub.here("sync", "--no-push")
        made.back_up()
        town.shop.unsubscribe(charlie.customer, "email")
        town.shop.unsubscribe(charlie.customer, "sms")
        made.hub.here("sync")
        made.restore()
        town.forget()
        yield made


def planned_for(drill: Drill, somebody: Somebody) -> list[tuple[str, str]]:
    operations = drill.hub.here("plan", "--json").document["operations"]
    return [(one["field"], one["new"]) for one in operations if one["address"] in (somebody.email, somebody.phone)]


@pytest.mark.fault("P18")
def test_after_a_restore_nothing_is_sent_until_everything_was_read_and_the_difference_approved(drill: Drill) -> None:
    hub = drill.hub
    assert ("email", "in") in planned_for(drill, drill.charlie)  # the backup knows nothing of his no

    first = hub.here("doctor", "--after-restore", "--json", code=1).document
    assert first["restore"]["plan_id"] is None
    assert len(first["restore"]["unread"]) == 8
    assert {one["subject"]: one["ok"] for one in first["checks"]}["integrity"]

    plan = hub.here("plan", "--json").document
    assert {one["reason"] for one in plan["waiting"]} == {"frozen"}
    hub.here("push", code=0)
    hub.here("push", "--plan", plan["plan_id"], code=1)
    hub.here("sync", "shop", code=0)
    refused = hub.here("doctor", "--approve-restore", plan["plan_id"], code=1)
    assert "not read whole" in refused.stderr
    assert drill.writes() == 0

    hub.here("sync", "--full", "--no-push")
    ready = hub.here("doctor", "--after-restore", "--json", code=1).document["restore"]
    assert ready["unread"] == []
    assert ready["frozen_since"] == first["restore"]["frozen_since"]
    wanted = {(one["address"], one["new"]) for one in ready["operations"]}
    assert (drill.charlie.phone, "out") in wanted
    assert [address for address, new in wanted if new == "in"] == []  # Alice's yes is there already, as was read
    assert drill.writes() == 0

    hub.here("doctor", "--approve-restore", "0123456789ab", code=2)
    hub.here("doctor", "--approve-restore", ready["plan_id"])
    assert hub.here("audit", "list", "--json").document["entries"][0]["action"] == "push.thaw"
    hub.here("push", "--plan", ready["plan_id"])
    assert {wanted for _, _, wanted in drill.sent_to(drill.charlie)} == {"out"}
    assert drill.sent_to(drill.alice) == []
    is_tests_own = not hub.database.startswith("sqlite")  # a server that may lose what it wrote, as the doctor finds
    after = hub.here("doctor", "--json", code=int(is_tests_own)).document
    assert after["checks"][-1]["subject"] != "pushes"


def put_into_the_outbox(drill: Drill) -> None:
    """Charlie's yes, for the help desk."""
    texts = [column.name for column in deliveries.columns if not column.nullable and column.type.python_type is str]
    told = {"destination": "help", "kind": "consent", "stream": "users", "record": str(drill.charlie.user)}
    change = {"channel": "email", "address": drill.charlie.email, "field": "email", "wanted": "in", "lane": 3}
    row = {
        **dict.fromkeys(texts, ""),
        **told,
        **change,
        "status": "queued",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    store = open_store(drill.hub.database)
    store.write(lambda db: db.execute(insert(deliveries), row))
    store.close()


@pytest.mark.fault("P18")
def test_what_lay_in_the_restored_outbox_is_not_sent_either(drill: Drill) -> None:
    put_into_the_outbox(drill)
    told = drill.hub.here("doctor", "--after-restore", "--json", code=1).document["restore"]
    assert told["left_over"] == [{"destination": "help", "lane": "grant", "status": "queued", "count": 1}]
    drill.hub.here("push", code=1)
    assert drill.writes() == 0


@pytest.mark.fault("P18")
def test_an_approval_is_refused_when_the_data_has_moved_since_it_was_shown(drill: Drill) -> None:
    hub = drill.hub
    hub.here("doctor", "--after-restore", code=1)
    hub.here("sync", "--full", "--no-push")
    shown = hub.here("doctor", "--after-restore", "--json", code=1).document["restore"]["plan_id"]
    hub.here("consent", "record", drill.alice.email, "--action", "withdraw")
    refused = hub.here("doctor", "--approve-restore", shown, code=1)
    assert "the data has moved" in refused.stderr
    hub.here("push", code=0)
    assert drill.writes() == 0


def test_nothing_can_be_approved_where_nothing_was_restored(drill: Drill) -> None:
    plan = drill.hub.here("plan", "--json").document["plan_id"]
    assert "nothing is frozen" in drill.hub.here("doctor", "--approve-restore", plan, code=1).stderr


@pytest.mark.parametrize("command", [VACUUM, DUMP, PUT_BACK])
def test_the_drill_is_the_one_that_the_documents_tell(command: str) -> None:
    assert command in (ROOT / "docs" / "deploying.md").read_text()
