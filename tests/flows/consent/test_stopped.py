"""A push under way is stopped by a person: between two calls, with nothing half done, and no opt-out is lost by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from connectors.mailchimp.destination import MailchimpDestination
from hub.admin.app import create_app
from hub.admin.sessions import make_link
from hub.jobs import cancelling
from hub.jobs.doorbell import Inline
from hub.jobs.ends import RunEnd
from hub.jobs.perform import Performer
from hub.jobs.queue import PUSH, push_place, queue_soon
from hub.jobs.sweeper import Sweeper
from hub.stages.outbox import attempts
from hub.stages.runs import runs
from hub.stages.sights import deliveries
from tests.flows.consent.life import Life
from tests.flows.consent.town import LIST
from tests.hub.admin.browsing import ORIGIN, post, token_of

BATCH = 4
"""What the newsletter takes in a call."""


@pytest.fixture
def push(life_anywhere: Life, monkeypatch: pytest.MonkeyPatch) -> int:
    """A run that has ten opt-outs to take to the newsletter; its number."""
    monkeypatch.setattr(cancelling, "LOOK_SECONDS", 0.0)
    life = life_anywhere
    for number in range(10):
        email = f"reader-{number}@example.org"
        life.town.newsletter.add_without_consent(LIST, email)
        life.town.shop.unsubscribe(life.town.shop.create_customer(email=email, firstName=f"R{number}"), "email")
    life.later(minutes=10)
    life.hub.round(push=False)
    life.town.forget()
    place = push_place(life.hub.settings.hub.installation, "newsletter")
    run_id = life.hub.store.write(lambda db: queue_soon(db, place, PUSH, "a test"))
    assert run_id is not None
    return run_id


def perform(life: Life, run_id: int) -> RunEnd:
    end = Performer(life.hub.store, life.hub.settings).perform(run_id)
    assert end is not None
    return end


def at_the_first_call(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do this while the newsletter takes its first changes."""
    write = MailchimpDestination.write_consent
    waiting = [act]

    def told(self: MailchimpDestination, changes: Sequence[Any]) -> Any:
        if waiting:
            waiting.pop()()
        return write(self, changes)

    monkeypatch.setattr(MailchimpDestination, "write_consent", told)


def statuses(life: Life) -> Counter[str]:
    return Counter(row["status"] for row in life.hub.rows(deliveries) if row["destination"] == "newsletter")


@pytest.mark.fault("W02")
def test_stopped_from_its_page_it_ends_before_the_next_call_and_the_rest_goes_later_once(
    life_anywhere: Life, push: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = life_anywhere
    browser = TestClient(create_app(life.hub.store, life.hub.settings), base_url=ORIGIN, follow_redirects=False)
    assert post(browser, "/sign-in", token=token_of(make_link(life.hub.store, ORIGIN))).status_code == 303

    def stop() -> None:
        assert "Cancel it" in browser.get(f"/runs/{push}").text
        assert post(browser, f"/runs/{push}", do="cancel").headers["location"] == f"/runs/{push}?done=asked"

    at_the_first_call(monkeypatch, stop)
    end = perform(life, push)
    assert (end.status, end.exit_code) == ("cancelled", 0)
    assert end.message == "cancelled by owner; what has not left stays queued for the next push"
    assert len(life.town.consents("newsletter")) == BATCH
    assert statuses(life) == {"confirmed": BATCH, "queued": 10 - BATCH}
    assert all(row["outcome"] for row in life.hub.rows(attempts))
    page = browser.get(f"/runs/{push}").text
    assert "Cancel it" not in page
    assert "Run it again" not in page

    sweeper = Sweeper(life.hub.store, life.hub.settings, Inline())
    assert sweeper.sweep().pushes == []
    life.later(minutes=1)
    (again,) = sweeper.sweep().pushes
    assert perform(life, again).status == "ok"
    told = Counter(life.town.consents("newsletter"))
    assert (len(told), set(told.values())) == (10, {1})
    assert statuses(life) == {"confirmed": 10}


def test_one_that_waits_is_cancelled_at_once_and_another_may_follow(life_anywhere: Life, push: int) -> None:
    life = life_anywhere
    now, installation = datetime.now(UTC), life.hub.settings.hub.installation
    assert life.hub.store.write(lambda db: cancelling.cancel(db, installation, push, "alice", now))
    assert Performer(life.hub.store, life.hub.settings).perform(push) is None
    assert [row["message"] for row in life.hub.rows(runs) if row["id"] == push] == ["cancelled by alice"]
    assert life.town.consents("newsletter") == []
    place = push_place(installation, "newsletter")
    after = life.hub.store.write(lambda db: queue_soon(db, place, PUSH, "a test"))
    assert after is not None
    perform(life, after)
    assert len(life.town.consents("newsletter")) == 10


def test_wanted_while_others_had_their_turn_it_ends_when_it_is_taken_up_again(
    life_anywhere: Life, push: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wish that nobody has heard in one slice is heard before the first call of the next."""
    life = life_anywhere
    stopping: list[bool] = []
    at_the_first_call(monkeypatch, lambda: stopping.append(True))
    performer = Performer(life.hub.store, life.hub.settings, asked_to_stop=lambda: bool(stopping))
    end = performer.perform(push)
    assert end is not None
    assert end.status == "queued"
    life.hub.store.write(
        lambda db: db.execute(runs.update().where(runs.c.id == push).values(cancelled_by="alice", status="queued"))
    )
    assert perform(life, push).status == "cancelled"
    assert len(life.town.consents("newsletter")) == BATCH
