"""Reviewing in the terminal: the page's queue and keys, and nothing kept back when the reviewer leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from hub.admin.review.claims import claims
from hub.cli.commands import app
from hub.stages.increment import reviews
from hub.stages.reading import decision_pins, decisions
from tests.hub.admin import estate as estates
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.crowd import crowd, pairs


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Estate]:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        desk, loyalty = pairs(4)
        made.put([*desk, *crowd()], loyalty)
        yield made


def review(hub: Estate, keys: str, *more: str) -> tuple[int, str]:
    config = str(hub.drop.parent / "config")
    found = CliRunner().invoke(app, ["-c", config, "review", "--next", "--by", "olive", *more], input=keys)
    return found.exit_code, found.output


def decided(hub: Estate) -> list[tuple[str, str, bool]]:
    with hub.store.read() as db:
        rows = db.execute(select(decisions).order_by(decisions.c.id))
        return [(row.kind, row.author, row.revoked_at is None) for row in rows]


def test_keys_decide_put_off_and_undo(hub: Estate) -> None:
    code, said = review(hub, "xmsuuxm?mq")
    assert code == 0
    assert "phone +61491570156" in said
    assert "the same phone number" in said
    assert "If it is one person: joins 2 records" in said
    assert decided(hub) == [
        ("shared", "olive", True),
        ("merge", "olive", False),
        ("apart", "olive", True),
        ("merge", "olive", True),
        ("merge", "olive", True),
    ]
    with hub.store.read() as db:
        assert db.execute(select(claims.c.item)).first() is None
        assert len(db.execute(select(reviews)).all()) == 1


def test_a_number_says_whose_value_wins_and_the_merge_pins_it(hub: Estate) -> None:
    code, said = review(hub, "x111m2mq")
    assert code == 0
    assert "1 Name" in said
    assert said.count("(pinned with the merge)") == 3
    with hub.store.read() as db:
        assert [row.field for row in db.execute(select(decision_pins))] == ["emails"]


def test_the_end_of_the_queue_and_of_the_input_end_it(hub: Estate) -> None:
    assert review(hub, "")[0] == 0
    assert decided(hub) == []
    code, said = review(hub, "xxxxx")
    assert code == 0
    assert "Queue clear." in said


def test_it_asks_a_person_and_no_program(hub: Estate) -> None:
    code, said = review(hub, "", "--json")
    assert code == 2
    assert "leave --json away" in said
