"""Who enters, and where their programs are told to work."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.rivals import raw
from benchmarks.sync import contenders
from benchmarks.sync.contenders import CONTENDERS, Stand, entered, missing
from connectors.zendesk.simulator import TOKEN


def names(kind: str, *, rivals: bool) -> set[str]:
    return {one.name for one in entered(kind, rivals=rivals)}


def test_whose_interpreter_is_missing_is_named_and_does_not_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    bare, dlt = replace(CONTENDERS[0], python=sys.executable), replace(CONTENDERS[5], python="")
    monkeypatch.setattr(contenders, "CONTENDERS", (bare, dlt))

    assert names("sqlite", rivals=True) == {bare.name}
    assert missing()[0].startswith(f"{dlt.name}: not installed")


def test_without_rivals_only_ours_and_the_bare_loops_enter() -> None:
    assert {name.partition(":")[0] for name in names("sqlite", rivals=False)} == {"ours", "bare"}


def test_every_contender_says_what_it_guarantees_and_where_its_rows_are() -> None:
    assert len({one.name for one in CONTENDERS}) == len(CONTENDERS)
    assert all(one.guarantee for one in CONTENDERS)
    assert all(set(one.table) <= set(one.kinds) for one in CONTENDERS)


def test_that_nobody_writes_singer_into_sqlite_is_said() -> None:
    assert missing()[-1].startswith("Singer into SQLite: there is no target")


def test_singer_goes_on_from_the_state_that_its_target_gave_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contenders, "MOVERS", "/movers/bin/python")
    singer = next(one for one in CONTENDERS if one.name.endswith("target-postgres"))
    stand = Stand("http://127.0.0.1:1", "postgres", "postgresql://ann:word@127.0.0.1:5433/raw", tmp_path)

    assert "--state" not in " ".join(singer.command(stand))
    (tmp_path / "state.json").write_text("{}")
    assert f"--state {tmp_path}/state.json" in " ".join(singer.command(stand))
    assert '"database": "raw"' in (tmp_path / "target.json").read_text()
    assert '"port": 5433' in (tmp_path / "target.json").read_text()


def test_the_rivals_enter_with_the_word_that_opens_the_simulator() -> None:
    assert raw.TOKEN == TOKEN
