"""The demo's world, running: simulators and file drops that hold the estate, and a hub configured for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from connectors.kit.simulator import serve
from connectors.mailchimp.simulator import API_KEY, MailchimpSimulator
from connectors.shopify.simulator import TOKEN, ShopifySimulator
from hub.demo import drops, newsletter
from hub.demo.estate import Estate, make_estate

MARK = ".contact-hub-demo"
"""A file that says: this folder was made by the demo and may be made anew."""


class FolderInUse(Exception):
    """The folder holds something that the demo did not make."""


@contextmanager
def world(folder: Path, people: int) -> Iterator[Estate]:
    """Make `folder` anew with config/, drop/ and secrets/, and run the simulators while the context is open.

    Raises FolderInUse, and ValueError for too few people.
    """
    estate = make_estate(people)
    _clear(folder)
    shop, list_simulator = ShopifySimulator(), MailchimpSimulator()
    shop.load(estate.shop_customers, estate.shop_orders)
    members = [{name: value for name, value in member.items() if name != "tags"} for member in estate.members]
    list_simulator.load(newsletter.LIST_ID, members, estate.segments)
    _drop(folder, estate)
    with serve(shop) as shop_server, serve(list_simulator) as newsletter_server:
        _configure(
            folder,
            {
                "@SHOP_URL@": shop_server.base_url,
                "@NEWSLETTER_URL@": newsletter_server.base_url,
                "@AUDIENCE@": newsletter.LIST_ID,
            },
        )
        yield estate


def _clear(folder: Path) -> None:
    if folder.exists() and not (folder / MARK).exists() and any(folder.iterdir()):
        raise FolderInUse(f"{folder} holds files that the demo did not make: move them, or run it elsewhere")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _drop(folder: Path, estate: Estate) -> None:
    drop = folder / "drop"
    drop.mkdir()
    (drop / "loyalty.csv").write_text(drops.as_csv(estate.loyalty_rows), encoding="utf-8-sig", newline="")
    (drop / "desk.jsonl").write_text(drops.as_jsonl(estate.desk_rows), encoding="utf-8")


def _configure(folder: Path, values: dict[str, str]) -> None:
    _copy(files("hub") / "defaults" / "demo", folder / "config", values)
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name, secret in (("shop", TOKEN), ("newsletter", API_KEY)):
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(secret)


def _copy(source: Traversable, target: Path, values: dict[str, str]) -> None:
    if source.is_dir():
        target.mkdir(exist_ok=True)
        for member in source.iterdir():
            _copy(member, target / member.name, values)
        return
    text = source.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(name, value)
    target.write_text(text, encoding="utf-8")
