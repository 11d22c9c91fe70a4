"""The demo's world, running: simulators and file drops that hold the estate, and a hub configured for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from hub.demo import drops
from hub.demo.estate import Estate, make_estate
from hub.demo.lastacts import Key, Word
from hub.demo.vendors import SECRETS, Vendors, serving

MARK = ".contact-hub-demo"
"""A file that says: this folder was made by the demo and may be made anew."""


class FolderInUse(Exception):
    """The folder holds something that the demo did not make."""


@dataclass(frozen=True)
class Turn:
    """A yes or no that was said while the vendors ran. `from_entry`: by connection, the first ledger entry after it."""

    key: Key
    word: Word
    from_entry: dict[str, int]


@dataclass
class World:
    """The estate at its vendors, and below `folder` a config/ for a hub. `turns`: what was said since, in order."""

    folder: Path
    estate: Estate
    vendors: Vendors
    turns: list[Turn] = field(default_factory=list)

    @property
    def last_acts(self) -> dict[Key, Word]:
        """What the holder of an address said last on a channel, up to now."""
        return {**self.estate.last_acts, **{turn.key: turn.word for turn in self.turns}}

    def last_act_at(self, key: Key, connection: str, entry: int) -> Word | None:
        """The same as of that entry of the connection's ledger."""
        said = [turn.word for turn in self.turns if turn.key == key and turn.from_entry[connection] <= entry]
        return said[-1] if said else self.estate.last_acts.get(key)

    def note(self, key: Key, word: Word) -> None:
        """The holder of the address has just said this."""
        places = {}
        for connection, simulator in self.vendors:
            with simulator.lock:
                places[connection] = len(simulator.ledger)
        self.turns.append(Turn(key, word, places))


@contextmanager
def world(folder: Path, people: int, seed: int = 20) -> Iterator[World]:
    """Make `folder` anew with config/, drop/ and secrets/, and run the simulators while the context is open.

    Raises FolderInUse, and ValueError for too few people.
    """
    estate = make_estate(people, seed)
    _clear(folder)
    vendors = Vendors()
    vendors.load(estate)
    _drop(folder, estate)
    with serving(vendors) as values:
        _configure(folder, values)
        yield World(folder, estate, vendors)


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
    for name, secret in SECRETS.items():
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
