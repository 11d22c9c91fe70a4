"""What a read state is worth: our own pushes, stale pages and profile edits move nothing, a click after us does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.consent.events import Event
from hub.consent.policy import Reach
from hub.consent.sightings import Noted, OwnWrite, Reading, Seen, Sight, note, note_late
from tests.hub.consent.evidence import ALICE, LIST, POLICY, at, event, judged, seen_unsubscribed, some, yes

SETTLE = timedelta(minutes=10)
UNSUBSCRIBED = Seen("email", ALICE, "withdrawn", scope=LIST)
SUBSCRIBED = replace(UNSUBSCRIBED, state="granted")
MINUTES = st.integers(1, 2000)


def reading(observed: datetime, changed: datetime | None = None, *, born_with: bool = True) -> Reading:
    return Reading("newsletter", "members", "1", observed, changed, born_with, {"": "double_opt_in"}, SETTLE)


def noted(seen: Seen, read: Reading, last: Sight | None, ours: Sequence[OwnWrite] = ()) -> Noted:
    return note(seen, read, last, ours, POLICY.tolerance, Reach())


def first_no() -> tuple[list[Event], Sight]:
    """Charlie's no of minute 0, first read at minute 30."""
    found = noted(UNSUBSCRIBED, reading(at(30), at(0)), None)
    assert found.sight is not None
    return list(found.events), found.sight


def pushed(state: str, sent: datetime, was: str, *, answered: bool = True) -> OwnWrite:
    return OwnWrite("delivery", state, sent, sent, sent if answered else None, was)


@some
@given(st.lists(MINUTES, max_size=5), MINUTES)
def test_read_before_grant_keeps_w(reads: list[int], consented: int) -> None:
    """The hub reads before each write; that Charlie is still unsubscribed there says nothing newer."""
    events, sight = first_no()
    for minute in sorted(reads):
        events += noted(UNSUBSCRIBED, reading(at(30 + minute), at(0)), sight).events
    assert judged(*events, yes("form", at(consented))).may_send is (consented > 5)


@some
@given(st.lists(MINUTES, max_size=5), MINUTES)
def test_own_profile_push_keeps_w(pushes: list[int], consented: int) -> None:
    """Our new name for Charlie moves the record's change time, and no read of it moves his no."""
    events, sight = first_no()
    for minute in sorted(pushes):
        events += noted(UNSUBSCRIBED, reading(at(31 + minute), at(30 + minute)), sight).events
    assert judged(*events, yes("form", at(consented))).may_send is (consented > 5)
    again = [seen_unsubscribed(f"again {m}", at(31 + m), at(30 + m), scope=LIST) for m in pushes]
    kept = [replace(one, record="members:1") for one in again]
    assert judged(*events, *kept, yes("form", at(consented))).may_send is (consented > 5)


@some
@given(st.integers(0, 10), MINUTES, st.booleans())
def test_stale_read_is_nothing(minute: int, sent: int, with_time: bool) -> None:
    """Inside the settle time the page from before our write is no news, and ends no run."""
    _, sight = first_no()
    own = pushed("granted", at(100 + sent), "withdrawn")
    stale = replace(UNSUBSCRIBED, at=at(90) if with_time else None)
    assert noted(stale, reading(own.sent_at + timedelta(minutes=minute)), sight, [own]) == Noted()


@some
@given(st.integers(0, 2000))
def test_stale_read_is_nothing_but_a_click_after_our_write_is(minute: int) -> None:
    _, sight = first_no()
    own = pushed("granted", at(100), "withdrawn")
    clicked = replace(UNSUBSCRIBED, at=at(101))
    assert noted(clicked, reading(at(101 + minute)), sight, [own]).events[-1].action == "withdraw"


@some
@given(st.integers(11, 2000), st.booleans(), st.integers(-30, 0))
def test_click_after_our_push_counts(minute: int, echo_read: bool, clock: int) -> None:
    """We subscribed Charlie again on his word, and he clicked: with or without a read of our write in between.

    The vendor's clock may be behind; the read of the click comes after the time in which reads lag.
    """
    events, sight = first_no()
    consented = yes("form", at(60))
    ours = [pushed("granted", at(100), "withdrawn")]
    if echo_read:
        echo = noted(SUBSCRIBED, reading(at(101), at(100)), sight, ours)
        assert echo.sight is not None
        assert echo.acknowledges == "delivery"
        events, sight, ours = [*events, *echo.events], echo.sight, []
    assert judged(*events, consented).may_send
    clicked = noted(UNSUBSCRIBED, reading(at(100 + minute), at(100 + clock + minute)), sight, ours)
    assert not judged(*events, *clicked.events, consented).may_send


@some
@given(st.sampled_from(("link", "one_click", "complaint")), st.integers(0, 5))
def test_click_after_our_push_counts_when_the_vendor_tells_how(method: str, minute: int) -> None:
    """We unsubscribed Charlie, and he clicked himself in the same minutes: his click is no echo."""
    own = pushed("withdrawn", at(100), "granted")
    clicked = replace(UNSUBSCRIBED, at=at(100 + minute), method=method)
    found = noted(clicked, reading(at(130)), None, [own])
    assert [one.echo_of for one in found.events] == [""]
    ours = noted(replace(clicked, method=""), reading(at(130)), None, [own])
    assert [one.echo_of for one in ours.events] == ["delivery"]


@some
@given(st.integers(20, 2000), st.booleans())
def test_click_after_a_push_whose_answer_was_lost_counts(minute: int, told: bool) -> None:
    """Whether our yes arrived nobody knows; the record was changed since, and says no."""
    events, sight = first_no()
    ours = [pushed("granted", at(100), "withdrawn", answered=False)]
    read = reading(at(100 + minute), at(100 + minute) if told else None)
    assert not judged(*events, *noted(UNSUBSCRIBED, read, sight, ours).events, yes("form", at(60))).may_send
    untouched = noted(UNSUBSCRIBED, reading(at(100 + minute), at(0)), sight, ours)
    assert untouched.events == ()


@some
@given(st.integers(20, 2000), st.booleans())
def test_an_opt_out_of_ours_that_was_lost_hides_no_later_click(minute: int, with_time: bool) -> None:
    own = pushed("withdrawn", at(100), "granted", answered=False)
    clicked = replace(UNSUBSCRIBED, at=at(100 + minute) if with_time else None)
    found = noted(clicked, reading(at(101 + minute)), None, [own])
    assert [one.echo_of for one in found.events] == [""]


@pytest.mark.parametrize("order", [("granted", "withdrawn"), ("withdrawn", "granted")])
def test_a_late_version_counts_and_says_nothing_of_today(order: tuple[str, str]) -> None:
    """Two overtaken versions turn up: both are kept, and today's no is still counted afterwards."""
    late = [note_late(replace(UNSUBSCRIBED, state=state), reading(at(60)), Reach()) for state in order]
    events = [one for found in late for one in found]
    assert len({one.id for one in events}) == 2
    subscribed = noted(SUBSCRIBED, reading(at(30)), None)
    today = noted(UNSUBSCRIBED, reading(at(200)), subscribed.sight)
    form = yes("form", at(100))
    assert judged(*subscribed.events, *events, form).may_send
    assert not judged(*subscribed.events, *events, *today.events, form).may_send


def test_a_late_yes_is_nobodys_act_unless_the_vendor_tells_how() -> None:
    seen = replace(SUBSCRIBED, at=at(100))
    refused = seen_unsubscribed("no", at(0), scope=LIST)
    assert not judged(refused, *note_late(seen, reading(at(200)), Reach())).may_send_at(LIST)
    told = replace(seen, method="form")
    assert judged(refused, *note_late(told, reading(at(200)), Reach())).may_send_at(LIST)


def test_a_late_bounce_is_not_ended_by_an_older_yes() -> None:
    bounced = noted(replace(SUBSCRIBED, state="bounced"), reading(at(100)), None)
    late = note_late(SUBSCRIBED, reading(at(120), at(50)), Reach())
    assert judged(*bounced.events, *late).stops == ("hard_bounce",)
    back = noted(SUBSCRIBED, reading(at(130)), bounced.sight)
    assert judged(*bounced.events, *back.events).stops == ()


def test_a_blip_ends_no_run() -> None:
    """The page could not be read once; Charlie's no of minute 0 is not said again by that."""
    events, sight = first_no()
    blip = noted(replace(UNSUBSCRIBED, state="unreadable"), reading(at(100)), sight)
    assert judged(*events, *blip.events).stops == ("hold",)
    readable = noted(UNSUBSCRIBED, reading(at(200)), blip.sight)
    state = judged(*events, *blip.events, *readable.events, yes("form", at(60)))
    assert state.may_send


def test_hidden_and_never_asked_are_no_words() -> None:
    assert noted(replace(UNSUBSCRIBED, state="hidden"), reading(at(0)), None) == Noted()
    never = noted(replace(UNSUBSCRIBED, state="unknown"), reading(at(0)), None)
    assert never.events == ()
    assert never.sight is not None


def test_an_act_that_became_known_late_hides_no_later_sighting() -> None:
    """Charlie's click of long ago is found in a log; that he is unsubscribed today is another no."""
    line = {"source": "newsletter", "record": "members:1", "scope": LIST}
    subscribed = yes("subscribed", at(0), **line)
    old_click = replace(seen_unsubscribed("click", at(60), **line), method="link", occurred_at=at(-60))
    today = seen_unsubscribed("today", at(200), **line)
    assert judged(subscribed, old_click, yes("form", at(100))).may_send
    assert not judged(subscribed, old_click, yes("form", at(100)), today).may_send


def test_a_click_on_an_old_link_ends_no_bounce() -> None:
    line = {"source": "newsletter", "record": "members:1"}
    bounced = event("bounce", "suppress", at(0), value="hard_bounce", **line)
    click = replace(seen_unsubscribed("click", at(60), **line), method="link")
    read = seen_unsubscribed("read", at(60), **line)
    form = yes("form", at(200))
    assert judged(bounced, click, form).stops == ("hard_bounce",)
    assert judged(bounced, read, form).stops == ()


def test_what_turned_back_releases_the_hold_of_a_blip() -> None:
    """The page could not be read, we wrote a yes in between, and the next read shows a no again."""
    events, sight = first_no()
    blip = noted(replace(UNSUBSCRIBED, state="unreadable"), reading(at(50)), sight)
    own = pushed("granted", at(100), "unreadable")
    back = noted(UNSUBSCRIBED, reading(at(200)), blip.sight, [own])
    assert judged(*events, *blip.events, *back.events).stops == ()
