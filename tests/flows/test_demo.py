"""The demo as a stranger starts it: one command in an empty folder."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest
import requests

from tests.flows.terminal import Hub, attended, finished, start

KEYS = {"people", "records", "contacts", "review_open", "pushed", "withheld", "opted_out_sent", "url"}


def test_once_it_gives_its_figures_and_leaves_a_folder_to_look_into(tmp_path: Path) -> None:
    said = finished(start("demo", "--once", "--json", "--people", "200", cwd=tmp_path))
    assert said.code == 0, said.stderr
    figures = said.document
    assert figures.keys() >= KEYS
    assert figures["pushed"].keys() >= {"withdrawals", "grants", "segments"}
    assert figures["people"] == 200
    assert figures["records"] > 500
    assert 150 < figures["contacts"] < 300

    left = Hub(tmp_path / "build" / "demo" / "config", "")
    told = left.here("runs", "--json").document["runs"]
    assert {run["status"] for run in told} == {"ok"}
    contacts = left.here("export", "contacts", "--format", "jsonl").stdout.splitlines()
    assert len(contacts) == figures["contacts"]
    assert left.here("contacts", "show", json.loads(contacts[0])["contact_id"], "--json").document["golden"]


def test_otherwise_it_serves_a_page_until_ctrl_c(tmp_path: Path) -> None:
    with (tmp_path / "talk").open("w") as talk:
        demo = start("demo", "--people", "50", cwd=tmp_path, stderr=talk)
    with attended(demo) as process:
        assert process.stdout is not None
        link = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        page = requests.get(link, timeout=10)
        assert (page.status_code, "<form" in page.text) == (200, True)
        next(line for line in process.stdout if "Ctrl-C" in line)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_it_touches_no_folder_that_it_did_not_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "build" / "demo" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    monkeypatch.chdir(tmp_path)
    said = Hub(tmp_path / "config", "").here("demo", "--once", code=2)
    assert (said.stdout, mine.read_text()) == ("", "mine")
    assert "holds files that the demo did not make" in said.stderr
