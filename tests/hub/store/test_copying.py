"""COPY: new rows come in at once, known ones stay as they are, and a server that goes away costs a second try."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from hub.stages.runs import states
from hub.store.copying import COPY_FROM, copy_meeting
from hub.store.engine import Store
from hub.store.sql import upsert
from tests.hub.world import opened, rows

NAMES = ("connection", "stream", "mapping", "last_ok_at")
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


def copied(db: Connection, *streams: str, mapping: str = "m") -> None:
    copy_meeting(db, states, NAMES, [("shop", stream, mapping, NOW) for stream in streams], "ON CONFLICT DO NOTHING")


def kept(store: Store) -> dict[str, Any]:
    return {row["stream"]: (row["mapping"], row["last_ok_at"]) for row in rows(store, states)}


def test_rows_come_in_whatever_is_in_them_and_known_ones_are_left_alone(postgres_url: str) -> None:
    odd = "Zoë\t\\N\n'quoted\""
    with opened(postgres_url) as store:
        store.write(lambda db: copied(db, "b", "a", odd))
        store.write(lambda db: copied(db, "a", "c", mapping="other"))
        assert kept(store) == {"a": ("m", NOW), "b": ("m", NOW), odd: ("m", NOW), "c": ("other", NOW)}


def test_one_transaction_may_copy_several_times(postgres_url: str) -> None:
    with opened(postgres_url) as store:
        store.write(lambda db: [copied(db, "a"), copied(db, "a", "b", mapping="later")])
        assert {stream: told[0] for stream, told in kept(store).items()} == {"a": "m", "b": "later"}


@pytest.mark.fault("P11")
def test_a_server_that_goes_away_in_the_middle_costs_a_second_try(postgres_url: str) -> None:
    tries: list[int] = []

    def work(db: Connection) -> None:
        tries.append(1)
        if len(tries) == 1:
            mine = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with store.reader.connect() as other:
                other.execute(text(f"SELECT pg_terminate_backend({mine})"))
        copied(db, "a")

    with opened(postgres_url) as store:
        store.write(work)
        assert (len(tries), list(kept(store))) == (2, ["a"])


def test_what_the_database_refuses_is_told_as_of_any_other_statement(postgres_url: str) -> None:
    with opened(postgres_url) as store, pytest.raises(DBAPIError):
        store.write(lambda db: copy_meeting(db, states, ("connection", "stream"), [("shop", None)], ""))


def test_many_rows_are_put_in_the_place_of_those_that_are_there_and_the_last_of_a_key_stays(postgres_url: str) -> None:
    def put(db: Connection, mapping: str, *numbers: int) -> None:
        upsert(db, states, [{"connection": "shop", "stream": f"s{n}", "mapping": mapping} for n in numbers])

    with opened(postgres_url) as store:
        store.write(lambda db: [put(db, "old", *range(COPY_FROM)), put(db, "new", *range(1, COPY_FROM + 1), 7)])
        store.write(lambda db: put(db, "last", *range(COPY_FROM), 7))
        told = {stream: mapping for stream, (mapping, _) in kept(store).items()}
        assert told == {f"s{n}": "last" for n in range(COPY_FROM)} | {f"s{COPY_FROM}": "new"}


def test_the_next_rows_of_a_session_may_name_other_columns(postgres_url: str) -> None:
    def put(db: Connection, **also: Any) -> None:
        upsert(db, states, [{"connection": "shop", "stream": f"s{n}", "mapping": "m"} | also for n in range(COPY_FROM)])

    with opened(postgres_url) as store:
        store.write(put)
        store.write(lambda db: put(db, last_ok_at=NOW))
        assert set(kept(store).values()) == {("m", NOW)}
