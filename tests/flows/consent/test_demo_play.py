"""The demo's play: its figures, its three acts, its rest afterwards, and what its count shows without the gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.destination import ConsentChange, Permitted
from hub.cli.hub import Hub
from hub.cli.play import play
from hub.cli.sync import exit_code, run_round
from hub.demo.witness import opted_out_sent
from hub.demo.world import World, world
from hub.settings.load import load
from hub.stages import courier, gaps
from hub.stages.pull import Wish
from hub.store.engine import open_store
from hub.store.migrate import prepare

PEOPLE = 200


@dataclass
class Stage:
    """A running demo world and the hub that is configured for it."""

    world: World
    hub: Hub


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with world(tmp_path / "demo", PEOPLE) as running:
        settings = load(running.folder / "config")
        store = open_store(settings.database_url)
        prepare(store)
        yield Stage(running, Hub(settings, store))
        store.close()


def played(stage: Stage, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    """The document of the demo, and what it told on the way."""
    assert play(stage.hub, stage.world, "", as_json=True) == 0
    said = capsys.readouterr()
    return json.loads(said.out[said.out.rindex("\n{\n") if "\n{\n" in said.out else 0 :]), said.err


def test_the_acts_travel_and_touch_nobody_else(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    figures, told = played(stage, capsys)
    assert figures["opted_out_sent"] == 0
    assert figures["pushed"]["withdrawals"] >= 20
    assert figures["pushed"]["segments"] >= 10
    assert figures["pushed"]["grants"] >= 5
    assert figures["withheld"] == sum(figures["withheld_by_reason"].values()) >= 5
    nora, otto, gwen = told.split("Act ")[1:]
    assert "shop: UNSUBSCRIBED (was SUBSCRIBED)" in nora
    assert "help: withdrawn (was " in nora
    assert "help: withdrawn (was " in otto
    assert "texts: blocked (was open)" in otto
    assert "help: granted (was withdrawn)" in gwen
    assert "withheld at newsletter, email in: vendor_locked" in gwen
    assert "CHANGED" not in told
    assert told.count("untouched") >= 6


def test_afterwards_there_is_nothing_left_to_send(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    played(stage, capsys)
    for _ in range(3):
        done = run_round(stage.hub, [], Wish())
        assert exit_code(done) == 0
        assert done.plan.operations == ()


def test_without_the_gate_the_count_of_those_who_said_no_shows_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everybody(_state: Any, _scope: str, observed: Any, *_rest: Any) -> gaps.Gap:
        return gaps.Gap("in", "granted") if observed.shown in ("out", "never") else gaps.Gap()

    def wide_open(change: ConsentChange, *_rest: Any) -> Permitted[ConsentChange]:
        return Permitted(change, "granted")

    monkeypatch.setattr(gaps, "gap", everybody)
    monkeypatch.setattr(courier, "permit", wide_open)
    run_round(stage.hub, [], Wish())
    assert opted_out_sent(stage.world) > 0
