"""A no, or a yes, that might leave twice: what is read while we write, and a form that asks nobody to confirm."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete

from connectors.kit.webhook import News, No
from connectors.mailchimp.audience import subscriber_hash
from hub.jobs.rounds import push_what_may_go
from hub.stages import pull
from hub.stages.heard import take_news
from hub.stages.land import landed
from hub.stages.pull import Wish
from hub.store.leases import leases
from tests.flows.consent.life import Life
from tests.flows.consent.test_lost_answers import CONFIRMED_LIST, NOES, interfere
from tests.flows.consent.town import LIST, Somebody

PATIENCE = 30

RENAMES: dict[str, Callable[[Life, Somebody], object]] = {
    "newsletter": lambda life, who: life.town.newsletter.add_without_consent(
        LIST, who.email, merge_fields={"FNAME": "Charles", "LNAME": "Town"}
    ),
    "help": lambda life, who: life.town.help.edit(who.user, name="Charles Town"),
}
"""How Charlie's record is changed at a vendor otherwise than in its consent."""

CLICKS: dict[str, Callable[[Life, Somebody], object]] = {
    "newsletter": lambda life, who: life.town.newsletter.click_unsubscribe(LIST, who.email),
    "help": lambda life, who: life.town.help.agent_sets(who.user, "email", "withdrawn"),
}


@dataclass
class SlowRead:
    """A pull of one vendor, which has its page and lands it only when it is let go."""

    life: Life
    vendor: str
    thread: threading.Thread = field(init=False)
    has_page: threading.Event = field(default_factory=threading.Event)
    may_land: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._pull)

    def _pull(self) -> None:
        connection = self.life.hub.settings.connections[self.vendor]
        self.life.hub.round(connections=[connection], wish=Wish(full=True), push=False)

    def waits(self, point: str) -> None:
        """In the place of a crash point."""
        if point == "pull.fetched" and threading.current_thread() is self.thread:
            self.has_page.set()
            assert self.may_land.wait(PATIENCE)

    def begin(self) -> None:
        self.thread.start()
        assert self.has_page.wait(PATIENCE)

    def end(self) -> None:
        self.may_land.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def slow_read(life_anywhere: Life, vendor: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowRead]:
    read = SlowRead(life_anywhere, vendor)
    monkeypatch.setattr(pull, "crashpoint", read.waits)
    yield read
    read.may_land.set()


def known(life: Life, **changed: str) -> Somebody:
    """Charlie said yes to everything, and all vendors know it."""
    life.configure(**changed)
    charlie = life.town.welcome("Charlie", 158)
    life.sync()
    life.sync()
    life.town.forget()
    life.later(days=1)
    return charlie


def back_again(life: Life) -> Somebody:
    """Charlie said no at the shop, which all vendors know, and yes a day later, which is not pushed yet."""
    charlie = known(life)
    life.town.shop.unsubscribe(charlie.customer, "email")
    life.sync()
    life.sync()
    life.later(days=1)
    life.town.forget()
    life.town.shop.fill_form(charlie.customer, "email")
    life.later(minutes=10)
    life.hub.round(push=False)
    return charlie


def push(life: Life) -> None:
    push_what_may_go(life.hub.store, life.hub.settings)


@pytest.mark.fault("W04")
@pytest.mark.parametrize("vendor", ["shop", "newsletter", "help"])
def test_a_page_from_before_our_no_that_lands_after_it_makes_no_second_no(
    life_anywhere: Life, slow_read: SlowRead, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    life, charlie = life_anywhere, known(life_anywhere)
    NOES[vendor][1](life, charlie)
    life.later(minutes=10)
    life.hub.round(push=False)
    interfere(monkeypatch, vendor, slow_read.begin)
    push(life)
    slow_read.end()
    life.sync()
    assert [change[:2] for change in life.town.changed(vendor)] == [(charlie.email, "out")]
    assert [row["wanted"] for row in life.hub.deliveries(vendor)].count("out") == 1


@pytest.mark.fault("W03")
@pytest.mark.parametrize("lands", ["before the answer", "after the answer"])
@pytest.mark.parametrize("vendor", ["newsletter", "help"])
def test_a_page_from_before_our_yes_is_no_new_no_though_the_record_was_changed_since_we_read_it(
    life_anywhere: Life, slow_read: SlowRead, vendor: str, lands: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    life, charlie = life_anywhere, back_again(life_anywhere)

    def meanwhile() -> None:
        life.later(seconds=3)
        RENAMES[vendor](life, charlie)
        slow_read.begin()
        if lands == "before the answer":
            slow_read.end()

    interfere(monkeypatch, vendor, meanwhile)
    push(life)
    slow_read.end()
    life.sync()
    life.sync()
    assert life.hub.reason("email", charlie.email) == "granted"
    assert [change[:2] for change in life.town.changed(vendor)] == [(charlie.email, "in")]
    assert any("Charles" in row["body"] for row in life.hub.rows(landed) if row["connection"] == vendor)


@pytest.mark.fault("W03")
@pytest.mark.parametrize("vendor", ["newsletter", "help"])
def test_a_no_right_after_our_yes_is_heard_though_its_page_was_asked_for_before_our_answer(
    life_anywhere: Life, slow_read: SlowRead, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    life, charlie = life_anywhere, back_again(life_anywhere)

    def clicks() -> None:
        CLICKS[vendor](life, charlie)
        slow_read.begin()

    interfere(monkeypatch, vendor, clicks, after=True)
    push(life)
    slow_read.end()
    life.sync()
    life.sync()
    assert life.hub.reason("email", charlie.email) == "withdrawn"
    assert life.town.sending_to("email", charlie.email) == []


@pytest.mark.fault("W04")
@pytest.mark.parametrize("polled", ["before the webhook", "after the webhook"])
def test_the_echo_of_our_no_is_none_by_webhook_or_by_poll(life_anywhere: Life, polled: str) -> None:
    life, charlie = life_anywhere, known(life_anywhere)
    life.town.shop.unsubscribe(charlie.customer, "email")
    life.sync()
    at = life.hub.deliveries("newsletter")[-1]["answered_at"]
    if polled == "before the webhook":
        life.sync()
    hear_of(life, charlie, at)
    life.sync()
    life.later(days=1)
    life.town.shop.fill_form(charlie.customer, "email")
    for _ in range(3):
        life.sync()
    assert [change[1] for change in life.town.changed("newsletter")] == ["out", "in"]
    assert life.town.newsletter.sendable(charlie.email, "email")


def hear_of(life: Life, who: Somebody, at: datetime | None) -> None:
    """The newsletter's webhook tells of an unsubscribe without a campaign."""
    connection = life.hub.settings.connections["newsletter"]
    no = No("members", subscriber_hash(who.email), "email", who.email, at, LIST)
    life.hub.store.write(
        lambda db: take_news(db, life.hub.settings, connection, "told", News(noes=(no,)), datetime.now(UTC))
    )


@pytest.mark.fault("W02")
@pytest.mark.parametrize("vendor", ["shop", "newsletter", "help"])
def test_two_pushes_of_one_no_after_a_lost_lease_have_one_effect(
    life_anywhere: Life, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one stands still right before its call, until the second one has done everything."""
    life, charlie = life_anywhere, known(life_anywhere)
    NOES[vendor][1](life, charlie)
    life.later(minutes=10)
    life.hub.round(push=False)

    def another_pushes() -> None:
        life.hub.store.write(lambda db: db.execute(delete(leases)))
        push(life)

    interfere(monkeypatch, vendor, another_pushes)
    push(life)
    life.sync()
    life.sync()
    assert [change[:2] for change in life.town.changed(vendor)] == [(charlie.email, "out")]
    assert {row["status"] for row in life.hub.deliveries(vendor) if row["wanted"] == "out"} == {"confirmed"}


def test_a_no_is_said_again_once_where_a_form_that_asks_nobody_has_undone_it(life_anywhere: Life) -> None:
    """Charlie was deleted from the list, and signs up there: by the law that is no person's act, and beats no no."""
    life, charlie = life_anywhere, known(life_anywhere)
    _signs_up_after_a_no(life, charlie)
    told = (charlie.email, "out", "subscribed", "unsubscribed")
    assert life.town.changed("newsletter") == [told, told]
    assert life.hub.state("email", charlie.email)["review"] is True
    assert [len(life.town.changed(name)) for name in ("shop", "help")] == [0, 1]


def test_a_confirmed_sign_up_after_a_no_elsewhere_stays(life_anywhere: Life) -> None:
    life = life_anywhere
    life.town.newsletter.audiences[LIST].double_optin = True
    charlie = known(life, connections_newsletter=CONFIRMED_LIST)
    _signs_up_after_a_no(life, charlie)
    assert life.town.changed("newsletter") == [(charlie.email, "out", "subscribed", "unsubscribed")]
    assert life.town.newsletter.sendable(charlie.email, "email")


def _signs_up_after_a_no(life: Life, who: Somebody) -> None:
    newsletter = life.town.newsletter
    life.town.shop.unsubscribe(who.customer, "email")
    life.sync()
    life.later(days=1)
    members = newsletter.audiences[LIST].members
    newsletter.delete(LIST, next(key for key, one in members.items() if one["email_address"] == who.email))
    life.later(days=1)
    newsletter.fill_form(LIST, who.email)
    newsletter.confirm(LIST, who.email)
    for _ in range(3):
        life.sync()
