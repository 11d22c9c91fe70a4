"""Changes go through the product's resolver, each of them in some round, and steps are told apart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks.identity.changes import Arrivals, save, saved
from benchmarks.identity.databases import NoDatabase, fresh
from benchmarks.identity.increment_steps import arriving, changing, landing, percentile, resolving, rounds_of
from benchmarks.identity.increments import main
from hub.stages.land import landed
from hub.stages.map import marks
from hub.store.engine import Store, open_store
from hub.store.migrate import prepare
from tests import services

ROOT = Path(__file__).parents[3]
ROUNDS = (4, 1, 0)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    prepare(opened)
    yield opened
    opened.close()


def test_every_change_of_every_round_is_resolved(store: Store, tmp_path: Path) -> None:
    changes = tmp_path / "changes.jsonl"
    loaded = landing(store, Arrivals(200, arriving(ROUNDS), "base", 1), changes)
    assert (loaded["records"], counted(store)) == (200, (200, 200))
    assert resolving(store)["records"] == 200
    found = changing(store, changes, ROUNDS)

    assert counted(store) == (200 + (4 + 100) // 2, 0)
    assert {size: taken["rounds"] for size, taken in found["rounds"].items()} == {"1": 4, "100": 1}
    assert 0 < found["rounds"]["1"]["p50_ms"] <= found["rounds"]["1"]["p99_ms"]


def counted(store: Store) -> tuple[int, int]:
    """How many records have landed, and how many wait for the resolver."""
    with store.read() as db:
        records, waiting = (db.execute(select(func.count()).select_from(rows)).scalar_one() for rows in (landed, marks))
    return records, waiting


def test_every_other_change_is_a_new_record_and_the_rest_have_moved(tmp_path: Path) -> None:
    found = Arrivals(100, 20, "base", 3)
    loaded = {(row["system"], row["external_id"]): row for row in found.loaded()}
    save(found.changes(), tmp_path / "changes.jsonl")
    changes = list(saved(tmp_path / "changes.jsonl"))

    assert (len(loaded), len(changes)) == (100, 40)
    before = [loaded.get((row["system"], row["external_id"])) for row in changes]
    assert before[::2] == [None] * 20
    for old, new in zip(before[1::2], changes[1::2], strict=True):
        assert old is not None
        assert old != new
        assert old["last"] == new["last"]


def test_more_moves_than_records_are_refused() -> None:
    with pytest.raises(ValueError, match="50 of 49"):
        Arrivals(49, arriving((0, 1, 0)), "base", 1)


@pytest.mark.parametrize("text", ["1,2", "1,2,-3", "one,2,3"])
def test_rounds_are_three_numbers(text: str) -> None:
    assert rounds_of("7,0,2") == [7, 0, 2]
    with pytest.raises(ValueError):
        rounds_of(text)


def test_a_percentile_is_a_time_that_was_taken() -> None:
    assert [percentile([3.0, 1.0, 2.0, 9.0], percent) for percent in (50, 99)] == [2.0, 9.0]


def test_the_program_runs_each_step_in_a_process_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = [sys.executable, "-m", "benchmarks.identity.increments", "60", str(out), "--rounds", "2,0,0"]
    subprocess.run(command, cwd=ROOT, check=True)
    found = json.loads(out.read_text())

    assert (found["database"], found["records"]) == ("sqlite", 60)
    assert found["land"]["records"] == found["resolve"]["records"] == 60
    assert list(found["change"]["rounds"]) == ["1"]
    assert min(found[step]["peak_mib"] for step in ("land", "resolve", "change")) > 20


def test_where_there_is_no_server_the_figures_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def programs() -> Path:
        raise services.UnavailableError("no server is installed")

    monkeypatch.delenv("BENCH_POSTGRES", raising=False)
    monkeypatch.setattr(services, "_programs", programs)
    main(["60", str(tmp_path / "out.json"), "--database", "postgres"])
    found = json.loads((tmp_path / "out.json").read_text())
    assert found == {"database": "postgres", "records": 60, "missing": "no server is installed"}
    with pytest.raises(NoDatabase), fresh("postgres", tmp_path):
        pytest.fail("there is one")


def test_a_named_server_lends_a_database_for_a_block(
    tmp_path: Path, postgres_server: services.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_POSTGRES", postgres_server.url.render_as_string(hide_password=False))
    with fresh("postgres", tmp_path) as url:
        lent = open_store(url)
        prepare(lent)
        assert counted(lent) == (0, 0)
        lent.close()
    gone = open_store(url)
    with pytest.raises(Exception, match="does not exist"):
        prepare(gone)
    gone.close()
