"""A hub with destinations for the pages: the town's vendors, the cast in it, and a browser that is signed in.

Charlie unsubscribed at the shop, Alice said yes there, Bob is only ever written to by text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.admin.app import create_app
from hub.jobs.rounds import current_plan, sync_round
from hub.queries.find import find
from hub.settings.load import load
from hub.settings.settings import Settings
from hub.stages.order import check_installation
from hub.store.engine import Store
from tests.databases import open_hurried
from tests.flows.consent.town import SECRETS, Town, configure, open_town
from tests.hub.admin.browsing import ORIGIN, sign_in, text_of


@dataclass
class Place:
    """The hub and what is around it."""

    town: Town
    store: Store
    settings: Settings
    clock: FakeClock = field(default_factory=FakeClock)

    def browser(self) -> TestClient:
        app = create_app(self.store, self.settings, self.clock.now)
        client = TestClient(app, base_url=ORIGIN, follow_redirects=False)
        sign_in(client, self.store, self.clock)
        return client

    def pull(self) -> None:
        """Read everything and see what would be sent; send nothing, and begin the vendors' ledgers anew."""
        ends = sync_round(self.store, self.settings, push=False).ends
        assert {end.exit_code for end in ends} == {0}
        current_plan(self.store, self.settings)
        self.town.forget()

    def id_of(self, key: str) -> str:
        with self.store.read() as db:
            return find(db, key, "AU").contact_id

    def read_contact(self, key: str) -> str:
        """All that the pages say of a contact, as on its sheet to print."""
        page = self.browser().get(f"/contacts/{self.id_of(key)}/print")
        assert page.status_code == 200
        return text_of(page.text)

    def written(self) -> int:
        """How many consent and tag changes the vendors got since the last pull."""
        return sum(len(effects) for effects in self.town.writes().values())


@contextmanager
def open_place(root: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, **changed: str) -> Iterator[Place]:
    """`changed` replaces configuration files, as the town's `configure` takes them."""
    for name, value in {**SECRETS, "HUB_DATABASE": database_url}.items():
        monkeypatch.setenv(name, value)
    with open_town(root) as town:
        configure(root, town.urls, **changed)
        settings = load(root / "config")
        store = open_hurried(settings.database_url)
        try:
            check_installation(store, settings)
            yield Place(town, store, settings)
        finally:
            store.close()
