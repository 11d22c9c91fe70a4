"""Helpers over SQL: rows of several texts are found the same way on both databases, and by index on both."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, delete, insert, literal, select

from hub.stages.holdings import segment_marks
from hub.stages.runs import states
from hub.store.engine import Store
from hub.store.sql import FEW, among, any_of, upsert_found, upsert_rows
from tests.hub.world import rows

PAIR = (states.c.connection, states.c.stream)
ODD = 'Zoë\'s "%s" [1]'
ODDS = [ODD, "", "NULL", "null", "a,b", "{a}", "back\\slash", "a\nb", " b ", "日本"]


def put(store: Store, *pairs: tuple[str, str]) -> None:
    made = [{"connection": one, "stream": other, "mapping": ""} for one, other in pairs]
    store.write(lambda db: db.execute(insert(states), made))


def found(store: Store, *pairs: tuple[str, str]) -> list[tuple[str, str]]:
    with store.read() as db:
        return sorted((row[0], row[1]) for row in db.execute(select(*PAIR).where(any_of(PAIR, pairs))))


def test_rows_are_found_by_both_texts_together(store: Store) -> None:
    put(store, ("shop", "customers"), ("shop", "orders"), ("help", "users"), ("help", ODD))
    assert found(store, ("shop", "orders"), ("help", ODD)) == [("help", ODD), ("shop", "orders")]
    assert found(store, ("shop", "users"), ("help", "orders")) == []
    assert found(store, ("help", "users")) == [("help", "users")]
    assert found(store) == []


def test_rows_are_deleted_by_it_and_combined_with_other_conditions(store: Store) -> None:
    put(store, ("shop", "customers"), ("shop", "orders"), ("help", "users"))
    own = any_of(PAIR, [("shop", "customers"), ("help", "users")])
    store.write(lambda db: db.execute(delete(states).where(own, states.c.connection != "help")))
    assert sorted(row["stream"] for row in rows(store, states)) == ["orders", "users"]


def test_rows_that_all_begin_otherwise_are_found_too(store: Store) -> None:
    many = [(f"shop{n}", "orders") for n in range(3 * FEW)]
    put(store, *many, ("help", "orders"))
    assert found(store, *many, ("help", "users")) == sorted(many)


@pytest.mark.parametrize("beginnings", [1, 2, 2 * FEW])
def test_sqlite_finds_them_by_index(sqlite_store: Store, beginnings: int) -> None:
    statement = select(*PAIR).where(any_of(PAIR, [(f"shop{n}", "orders") for n in range(beginnings)]))
    with sqlite_store.read() as db:
        told = str(statement.compile(db))
        plan = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {told}", ("[]",) * told.count("?")).all()
    assert any("(connection=? AND stream=?)" in step[3] for step in plan)
    assert not any(step[3].startswith("SCAN stream_state") for step in plan)


def test_what_a_query_finds_is_upserted(store: Store) -> None:
    put(store, ("shop", "orders"), ("help", "users"))
    store.write(lambda db: upsert_rows(db, segment_marks, [("shop", 1), ("else", 1)]))
    now = literal(2, BigInteger).label("mark")
    store.write(lambda db: upsert_found(db, segment_marks, select(states.c.connection.label("contact_id"), now)))
    kept = {row["contact_id"]: row["mark"] for row in rows(store, segment_marks)}
    assert kept == {"shop": 2, "help": 2, "else": 1}


def test_any_number_of_texts_are_asked_for_in_one_parameter(store: Store) -> None:
    put(store, *[("shop", stream) for stream in (*ODDS, "orders")])
    asked = select(states.c.stream).where(among(states.c.stream, "streams"))
    with store.read() as db:
        for some in ([], ODDS, [ODDS[0], "nobody's"], [f"s{n}" for n in range(2_000)] + ["orders"]):
            found = set(db.execute(asked, {"streams": some}).scalars())
            assert found == set(some) & {*ODDS, "orders"}
