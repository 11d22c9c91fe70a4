"""Times the way of a record, stage by stage, beside a bare loop that only fetches, parses and upserts.

Prints one JSON document. `ratio` is the bare loop's rate over ours for the same customers of the same simulator in
the same run; the bare loop keeps no versions, maps nothing and knows nobody.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import requests

from connectors.shopify.queries import CUSTOMERS
from connectors.shopify.simulator import TOKEN
from hub.demo.world import world
from hub.jobs.inline import RunEnd, Runner
from hub.settings.load import Settings, load
from hub.stages.golden import golden_all
from hub.stages.pull import Wish
from hub.stages.resolve import resolve_all
from hub.stages.runs import Buckets
from hub.store.engine import open_store
from hub.store.migrate import prepare

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "5000"))


class Silent:
    def started(self, connection: str, stream: str) -> None: ...

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None: ...

    def ended(self, end: RunEnd) -> None:
        if end.status != "ok":
            sys.exit(f"{end.connection}.{end.stream} ended {end.status}: {end.message}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, world(Path(folder) / "demo", PEOPLE):
        settings = load(Path(folder) / "demo" / "config")
        bare = bare_loop(settings, Path(folder) / "bare.db")
        stages = our_stages(settings)
    document = {"people": PEOPLE, "python": platform.python_version(), "cores": os.cpu_count(), "bare": bare, **stages}
    document["ratio"] = round(bare["records_per_second"] / stages["customers"]["records_per_second"], 2)
    print(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


def timed(work: Callable[[], int]) -> dict[str, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    records = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "records": records,
        "seconds": round(wall, 3),
        "cpu_seconds": round(cpu, 3),
        "records_per_second": round(records / wall),
    }


def bare_loop(settings: Settings, file: Path) -> dict[str, Any]:
    """The least that could be called a pull: every page parsed and upserted with its cursor in one transaction."""
    config: Any = settings.connections["shop"].config
    url = f"{config.base_url}/admin/api/{config.version}/graphql.json"

    def work() -> int:
        session = requests.Session()
        session.headers["X-Shopify-Access-Token"] = TOKEN
        db = sqlite3.connect(file)
        db.execute("CREATE TABLE customer (id TEXT PRIMARY KEY, updated_at TEXT, body TEXT)")
        db.execute("CREATE TABLE cursor (value TEXT)")
        after, count = None, 0
        while True:
            body = {"query": CUSTOMERS, "variables": {"n": 250, "after": after, "q": None}}
            page = orjson.loads(session.post(url, json=body, timeout=60).content)["data"]["customers"]
            rows = [(node["id"], node["updatedAt"], orjson.dumps(node)) for node in page["nodes"]]
            with db:
                db.executemany("INSERT OR REPLACE INTO customer VALUES (?, ?, ?)", rows)
                db.execute("INSERT INTO cursor VALUES (?)", (page["pageInfo"]["endCursor"],))
            count += len(rows)
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                db.close()
                session.close()
                return count

    return timed(work)


def our_stages(settings: Settings) -> dict[str, Any]:
    store = open_store(settings.database_url)
    prepare(store)
    runner = Runner(store, settings, Silent())
    shop = settings.connections["shop"]
    others = [connection for name, connection in settings.connections.items() if name != "shop"]

    def customers() -> int:
        return runner.run(shop, shop.streams[0], Wish()).buckets.fetched

    def rest() -> int:
        ends = [runner.run(shop, stream, Wish()) for stream in shop.streams[1:]]
        return sum(end.buckets.fetched for end in ends + runner.run_all(others, Wish()))

    model = settings.model
    figures = {
        "customers": timed(customers),
        "other_streams": timed(rest),
        "resolve": timed(lambda: resolve_all(store, model).records),
        "golden": timed(lambda: golden_all(store, settings.survivorship)),
    }
    store.close()
    return figures


if __name__ == "__main__":
    main()
