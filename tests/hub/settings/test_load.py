"""What a good configuration becomes."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from dedupe.survivorship import Rule
from hub.settings.load import load, read
from tests.hub.settings.fakes import GOOD, TOKEN, write

Files = dict[str, object]


def test_a_missing_folder_says_what_to_run(tmp_path: Path) -> None:
    (problem,) = read(tmp_path / "config").problems
    assert (problem.code, problem.fix) == ("HUB-C001", "run `hub init`")


def test_streams_come_in_the_connectors_order_with_the_lookback_in_force(config: Path) -> None:
    customers, orders = load(config).connections["shop"].streams
    assert (customers.name, customers.every, customers.timezone) == (
        "customers",
        timedelta(minutes=15),
        "Australia/Sydney",
    )
    assert customers.stream.lookback == timedelta(minutes=10)
    assert (orders.name, orders.cron, orders.timezone) == ("orders", "0 2 * * *", "Australia/Perth")
    assert orders.stream.record == "order"


def test_a_stream_that_is_not_named_is_not_pulled(tmp_path: Path) -> None:
    text = 'kind: shopify\nconfig: {store: acme, token: "${env:SHOP_TOKEN}"}\nstreams: {orders: }\n'
    folder = write(tmp_path, GOOD | {"connections/shop.yaml": text})
    assert [stream.name for stream in load(folder).connections["shop"].streams] == ["orders"]


def test_without_streams_all_declared_ones_are_pulled_with_their_own_lookback(tmp_path: Path) -> None:
    text = 'kind: shopify\nconfig: {store: acme, token: "${env:SHOP_TOKEN}"}\n'
    folder = write(tmp_path, GOOD | {"connections/shop.yaml": text})
    customers, orders = load(folder).connections["shop"].streams
    assert (customers.stream.lookback, orders.stream.lookback) == (timedelta(minutes=5), timedelta(0))
    assert customers.every is None


def test_the_operators_map_replaces_single_fields_of_the_vendors(tmp_path: Path) -> None:
    text = GOOD["connections/shop.yaml"].replace(
        "{every: 15m, lookback: 10m}", "{map: {name: {last: surname}, emails: [mail]}}"
    )
    folder = write(tmp_path, GOOD | {"connections/shop.yaml": text})
    mapper = load(folder).connections["shop"].streams[0].mapper
    person = mapper({"firstName": "Alice", "lastName": "Old", "surname": "Nguyen", "mail": "alice@example.com"}).value
    assert person is not None
    assert (person.name.first, person.name.last) == ("Alice", "Nguyen")  # type: ignore[union-attr]
    assert [email.key for email in person.emails] == ["alice@example.com"]  # type: ignore[union-attr]


def test_a_remark_names_the_line_that_asked_for_the_value(config: Path) -> None:
    settings = load(config)
    people = settings.connections["loyalty"].streams[0].mapper
    customers = settings.connections["shop"].streams[0].mapper
    assert people({"email": "not an address"}).remarks[0].where == "config/connections/loyalty.yaml:9"
    assert customers({"email": "not an address"}).remarks[0].where == "connectors/shopify/vendor.yaml:6"


def test_a_connector_without_ids_gets_the_streams_id_and_an_absolute_path(config: Path) -> None:
    loyalty = load(config).connections["loyalty"].config.model_dump()
    assert loyalty["ids"] == {"people": "member_no"}
    assert loyalty["path"] == str(config.parent / "drop/*.csv")


def test_ids_are_not_written_by_an_operator(tmp_path: Path) -> None:
    text = GOOD["connections/loyalty.yaml"].replace('"drop/*.csv"', '"x.csv", ids: {people: x}')
    (problem,) = read(write(tmp_path, GOOD | {"connections/loyalty.yaml": text})).problems
    assert (problem.code, problem.message) == ("HUB-C004", "unknown key 'ids' in 'config'")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("sqlite:///hub.db", "sqlite:///{root}/hub.db"),
        ("sqlite:////var/hub.db", "sqlite:////var/hub.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://hub:${env:SHOP_TOKEN}@db/hub", "postgresql://hub:" + TOKEN + "@db/hub"),
    ],
)
def test_the_database_lies_beside_the_folder(written: str, url: str, tmp_path: Path) -> None:
    settings = load(write(tmp_path, {"hub.yaml": f'database: "{written}"\n'}))
    assert settings.database_url == url.replace("{root}", str(tmp_path))


def test_every_resolved_secret_is_known_for_redaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB", "postgresql://hub:p%40ss-word@db/hub")
    settings = load(write(tmp_path, GOOD | {"hub.yaml": 'region: AU\ndatabase: "${env:DB}"\n'}))
    assert set(settings.secrets) == {TOKEN, "p%40ss-word", "p@ss-word"}


def test_a_file_of_comments_is_an_example_and_no_connection(tmp_path: Path) -> None:
    spare = {"connections/shop.yml": "# kind: shopify\n", "connections/news.yaml": "---\n"}
    assert list(load(write(tmp_path, GOOD | spare)).connections) == ["loyalty", "shop"]


def test_survivorship_keeps_lists_together_unless_told_otherwise(config: Path, tmp_path: Path) -> None:
    rules = load(config).survivorship
    assert rules.of("name") == (Rule("trusted_source", ("shop",)), Rule("most_recent"))
    assert rules.of("emails")[0] == Rule("union")
    assert rules.of("gender") == (Rule("most_recent"),)
    other = load(write(tmp_path, {"survivorship.yaml": "default: most_complete\n"})).survivorship
    assert other.fingerprint != rules.fingerprint


def test_five_connections_load_quickly(tmp_path: Path) -> None:
    shops = {f"connections/shop{number}.yaml": GOOD["connections/shop.yaml"] for number in range(4)}
    folder = write(tmp_path, GOOD | shops)
    load(folder)
    started = time.process_time()
    load(folder)
    assert time.process_time() - started < 0.15
