"""dlt as its expert would set it up for raw JSON rows, run in the rivals' own environment: a program.

    python -m benchmarks.rivals.dlt_sync rest_api|arrow|columns VENDOR DATABASE FOLDER

`rest_api` is dlt's own declarative source with a step that keeps a record as JSON text; `arrow` a resource of our own
that yields Arrow tables, which skips dlt's normalising of rows; `columns` the declarative source without that step: a
column a field, as dlt does by itself. VENDOR and DATABASE are URLs; FOLDER keeps the pipeline's state between runs.

Tuned: buffers of 20,000 rows, files of 25,000 without compression, two forked workers for normalising, no child
tables, a parallelised resource; upsert from CSV or Parquet on PostgreSQL; on SQLite delete-insert, for dlt has no
upsert there. `SETTINGS` and `LOADING` are printed by the bench.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.rivals.raw import COLUMNS, EXPORT, PAGE, TABLE, TOKEN, row, start_time

SETTINGS = {
    "DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
    "DATA_WRITER__FILE_MAX_ITEMS": "25000",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
    "NORMALIZE__WORKERS": "2",
    "NORMALIZE__START_METHOD": "fork",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
}
LOADING = {
    "sqlite": {"strategy": "delete-insert", "rows": "parquet", "tables": "parquet"},
    "postgres": {"strategy": "upsert", "rows": "csv", "tables": "parquet"},
}
"""By kind of database: how a row that is there is replaced, and the files that rows and Arrow tables travel in."""

EARLIEST = "1970-01-01T00:00:01Z"
TABLE_ROWS = 10_000
TEXTS = {name: {"name": name, "data_type": "bigint" if name == "id" else "text"} for name in COLUMNS}


def declared(vendor: str, strategy: str, *, whole: bool) -> Any:
    """The source for `rest_api`; `whole`: each record becomes one text."""
    from dlt.sources.rest_api import rest_api_source

    since = {"type": "incremental", "cursor_path": "updated_at", "initial_value": EARLIEST, "convert": start_time}
    users: dict[str, Any] = {
        "name": TABLE,
        "primary_key": "id",
        "write_disposition": {"disposition": "merge", "strategy": strategy},
        "max_table_nesting": 0,
        "parallelized": True,
        "endpoint": {
            "path": EXPORT,
            "data_selector": "users",
            "paginator": _paginator(),
            "params": {"start_time": since, "per_page": PAGE},
        },
    }
    if whole:
        users |= {"columns": TEXTS, "processing_steps": [{"map": row}]}
    client = {"base_url": vendor, "auth": {"type": "bearer", "token": TOKEN}}
    return rest_api_source({"client": client, "resources": [users]})  # type: ignore[typeddict-item]


def _paginator() -> Any:
    from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

    class Export(JSONResponseCursorPaginator):
        """The cursor is there on the last page too: `end_of_stream` says that it is the last."""

        def update_state(self, response: Any, data: Any = None) -> None:
            super().update_state(response, data)
            if response.json()["end_of_stream"]:
                self._has_next_page = False

    return Export(cursor_path="after_cursor", cursor_param="cursor")


def tables(vendor: str, strategy: str) -> Any:
    """The source for `arrow`."""
    import dlt

    newest = dlt.sources.incremental("updated_at", initial_value=EARLIEST)

    @dlt.resource(
        name=TABLE,
        primary_key="id",
        write_disposition={"disposition": "merge", "strategy": strategy},  # type: ignore[typeddict-item]
        columns=TEXTS,
        parallelized=True,
    )
    def users(since: Any = newest) -> Iterator[Any]:
        yield from _tables(vendor, start_time(since.last_value))

    return users


def _tables(vendor: str, since: int) -> Iterator[Any]:
    waiting: list[dict[str, Any]] = []
    for records in _pages(vendor, since):
        waiting += map(row, records)
        if len(waiting) >= TABLE_ROWS:
            yield _table(waiting)
            waiting = []
    if waiting:
        yield _table(waiting)


def _table(rows: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    types = {"id": pa.int64(), "updated_at": pa.string(), "data": pa.string()}
    return pa.table({name: pa.array([one[name] for one in rows], types[name]) for name in COLUMNS})


def _pages(vendor: str, since: int) -> Iterator[list[dict[str, Any]]]:
    import orjson
    import requests

    query: dict[str, Any] = {"start_time": since}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        while True:
            reply = session.get(f"{vendor}/{EXPORT}", params={**query, "per_page": PAGE}, timeout=60)
            page = orjson.loads(reply.content)
            yield page["users"]
            if page["end_of_stream"]:
                return
            query = {"cursor": page["after_cursor"]}


def destination(database: str) -> Any:
    from dlt.destinations import postgres, sqlalchemy

    return sqlalchemy(credentials=database) if database.startswith("sqlite") else postgres(credentials=database)


SOURCES: dict[str, Callable[[str, str], Any]] = {
    "rest_api": lambda vendor, strategy: declared(vendor, strategy, whole=True),
    "columns": lambda vendor, strategy: declared(vendor, strategy, whole=False),
    "arrow": tables,
}


def main(way: str, vendor: str, database: str, folder: Path) -> None:
    os.environ.update(SETTINGS)
    import dlt

    kind = "sqlite" if database.startswith("sqlite") else "postgres"
    how = LOADING[kind]
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder),
        destination=destination(database),
        dataset_name="main" if kind == "sqlite" else "raw",
    )
    files = how["tables" if way == "arrow" else "rows"]
    pipeline.run(SOURCES[way](vendor, how["strategy"]), loader_file_format=files)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
