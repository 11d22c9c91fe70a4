"""The least that could be called a pull, as a program: what no contender can beat on this machine.

    python -m benchmarks.sync.bare fetch|land VENDOR DATABASE

`fetch` asks for every page, parses it and throws it away. `land` keeps each record's JSON beside its id and its change
time, with the cursor in the same commit, one a page; an older version never replaces a newer one. No lease, no counts,
no history, no way on after a crash but the cursor's.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import requests

from benchmarks.rivals.raw import TOKEN

Page = dict[str, Any]

TABLE = "CREATE TABLE raw (id BIGINT PRIMARY KEY, updated_at TEXT, body TEXT)"
CURSOR = "CREATE TABLE bookmark (one INT PRIMARY KEY, value TEXT)"
NEWER = """
ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, body = excluded.body
WHERE excluded.updated_at >= raw.updated_at
"""


def pages(vendor: str) -> Iterator[Page]:
    query: dict[str, Any] = {"start_time": 1}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        while True:
            url = f"{vendor}/api/v2/incremental/users/cursor"
            page: Page = orjson.loads(session.get(url, params={**query, "per_page": 1_000}, timeout=60).content)
            yield page
            if page["end_of_stream"]:
                return
            query = {"cursor": page["after_cursor"]}


def fetch(vendor: str, _database: str) -> None:
    for _ in pages(vendor):
        pass


def to_sqlite(vendor: str, file: str) -> None:
    db = sqlite3.connect(file)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute(TABLE)
    db.execute(CURSOR)
    for page in pages(vendor):
        with db:
            db.executemany(f"INSERT INTO raw VALUES (?, ?, ?) {NEWER}", map(_row, page["users"]))
            db.execute("INSERT OR REPLACE INTO bookmark VALUES (1, ?)", (page["after_cursor"],))
    db.close()


def to_postgres(vendor: str, url: str) -> None:
    import psycopg

    with psycopg.connect(url) as db, db.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute(CURSOR)
        cursor.execute("CREATE TEMP TABLE arriving (LIKE raw) ON COMMIT DELETE ROWS")
        for page in pages(vendor):
            with cursor.copy("COPY arriving FROM STDIN") as copy:
                for row in page["users"]:
                    copy.write_row(_row(row))
            cursor.execute(f"INSERT INTO raw SELECT * FROM arriving {NEWER}")
            again = "ON CONFLICT (one) DO UPDATE SET value = excluded.value"
            cursor.execute(f"INSERT INTO bookmark VALUES (1, %s) {again}", (page["after_cursor"],))
            db.commit()


def _row(record: dict[str, Any]) -> tuple[int, str, str]:
    return record["id"], record["updated_at"], orjson.dumps(record).decode()


def land(vendor: str, database: str) -> None:
    way, place = (
        (to_sqlite, database.removeprefix("sqlite:///")) if database.startswith("sqlite") else (to_postgres, database)
    )
    way(vendor, place)


WAYS: dict[str, Callable[[str, str], None]] = {"fetch": fetch, "land": land}

if __name__ == "__main__":
    WAYS[sys.argv[1]](sys.argv[2], sys.argv[3])
