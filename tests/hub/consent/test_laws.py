"""The laws of resolution over arbitrary sets of evidence, one test for each name in the list of properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.consent.desired import desired
from hub.consent.events import PERSON_NOES, Event, Key
from hub.consent.resolution import State
from tests.hub.consent.evidence import (
    ALICE,
    DISTRUSTING,
    EMAIL,
    END_OF_TIME,
    GENEROUS,
    LIST,
    OTHER_LIST,
    POLICY,
    SHARED_PHONE,
    arbitrary_event,
    arbitrary_events,
    at,
    event,
    judged,
    many,
    no,
    places,
    plain_yeses,
    seen_unsubscribed,
    some,
    yes,
)

POLICIES = st.sampled_from((POLICY, DISTRUSTING, GENEROUS, replace(POLICY, one_purpose_stops_all=True)))
TEXTS = {"source": "texts", "record": "numbers:1", "channel": "sms", "address": SHARED_PHONE, "method": "keyword"}
PHONE = Key("sms", SHARED_PHONE)


def opens_nothing(before: State, after: State) -> bool:
    """Whatever was not sendable is not sendable afterwards, as a whole and at every list."""
    return all(before.may_send_at(place) or not after.may_send_at(place) for place in ("", LIST, OTHER_LIST))


@many
@given(arbitrary_events(), POLICIES, st.randoms(use_true_random=False))
def test_order_free(events: list[Event], policy: object, random: Random) -> None:
    shuffled = random.sample(events, len(events))
    assert judged(*shuffled, policy=policy) == judged(*events, policy=policy)


@some
@given(arbitrary_events(), st.integers(0, 3))
def test_idempotent_replay(events: list[Event], times: int) -> None:
    assert judged(*events, *(events[::-1] * times)) == judged(*events)


def stopping() -> st.SearchStrategy[Event]:
    """A person's no, a hold, a suppression, an objection; STOP is left out, it gives a later START its sense."""
    found = arbitrary_event(actions=("withdraw", "hold", "suppress", "object"))
    return found.filter(lambda one: one.action != "withdraw" or one.method in PERSON_NOES - {"keyword"})


@many
@given(arbitrary_events(), stopping(), POLICIES)
def test_monotone_withdraw(events: list[Event], another: Event, policy: object) -> None:
    assert opens_nothing(judged(*events, policy=policy), judged(*events, another, policy=policy))


@many
@given(arbitrary_events(), arbitrary_event(actions=("withdraw",)))
def test_monotone_withdraw_for_the_newest_sighting(events: list[Event], another: Event) -> None:
    sighting = replace(
        another, method="sync_state", occurred_at=None, latest_at=None, explained_by="", observed_at=at(50)
    )
    assert opens_nothing(judged(*events), judged(*events, sighting))


@some
@given(st.integers(0, 20), st.integers(0, 40))
def test_monotone_withdraw_but_stop_gives_start_its_sense(stopped: int, started: int) -> None:
    start = yes("start", at(started), **{**TEXTS, "scope": "texts/1"})
    stop = no("stop", at(stopped), **{**TEXTS, "scope": "texts/1"})
    assert not judged(start, key=PHONE).may_send_at("texts/1")
    both = judged(start, stop, key=PHONE)
    assert both.may_send_at("texts/1") is (started > stopped)
    assert not both.may_send


@many
@given(arbitrary_events(5), st.integers(0, 40), plain_yeses())
def test_undated_is_latest(events: list[Event], observed: int, yeses: list[Event]) -> None:
    """A no without a time may have been said at the last moment: no yes from before it was known beats it."""
    undated = no("undated", None, at(observed))
    earlier = [one for one in (*events, *yeses) if (one.earliest() or at()) <= at(observed)]
    assert not judged(*earlier, undated).may_send


@some
@given(st.integers(0, 40), st.integers(0, 5), places())
def test_tie_is_withdrawn(minute: int, within: int, scope: str) -> None:
    tied = judged(yes("yes", at(minute + within), scope=scope), no("no", at(minute)))
    assert not tied.may_send_at(scope)
    assert tied.recorded == "withdrawn"


@some
@given(st.integers(0, 40))
def test_tie_is_withdrawn_of_two_rows_in_one_file(minute: int) -> None:
    row = {"source": "file", "record": "rows:1"}
    assert judged(yes("yes", at(minute), **row), no("no", at(minute), **row)).recorded == "withdrawn"
    assert judged(yes("yes", at(minute + 1), **row), no("no", at(minute), **row)).recorded == "granted"


FAULTS: dict[str, dict[str, Any]] = {
    "no time": {"occurred_at": None},
    "inferred": {"basis": "inferred"},
    "imported": {"method": "import"},
    "a state": {"method": "sync_state"},
    "a box without its words": {"method": "checkbox"},
    "an agent's word alone": {"method": "agent"},
    "nobody knows how": {"method": ""},
    "of a stranger": {"source": "stranger"},
    "our own write": {"echo_of": "delivery"},
    "expired": {"expires_at": at(80)},
    "of another address": {"known_since": at(70)},
    "for something else": {"purpose": "service"},
    "at one list": {"scope": LIST},
}


@some
@given(st.sets(st.sampled_from(sorted(FAULTS)), max_size=4), arbitrary_events(4, ("withdraw", "state_observed")))
def test_grant_needs_evidence(faults: set[str], noes: list[Event]) -> None:
    """What beats a no has every proof; a single fault is enough to fail."""
    damage: dict[str, Any] = {}
    for fault in sorted(faults):
        damage |= FAULTS[fault]
    grant = replace(yes("yes", at(60)), **damage)
    assert judged(grant, *noes, no("no", at(0))).may_send is (not faults)


def test_grant_needs_evidence_box_by_box() -> None:
    refused = no("no", at(0))
    box = yes("box", at(60), method="checkbox")
    word = yes("word", at(60), method="agent")
    assert judged(refused, box).recorded == "withdrawn"
    assert judged(refused, replace(box, wording="Yes, write to me")).recorded == "granted"
    assert judged(refused, word).recorded == "withdrawn"
    assert judged(refused, replace(word, evidence="call 7")).recorded == "granted"
    assert judged(refused, yes("copy", at(60)), policy=replace(POLICY, foreign_writers={"shop"})).review


@many
@given(arbitrary_events(actions=("grant", "withdraw", "state_observed")), places())
def test_grants_never_widen(events: list[Event], scope: str) -> None:
    """Yeses for one purpose, brand or list open nothing else."""
    narrow = [one for one in events if one.action != "grant" or one.purpose == "service" or one.brand == "acme"]
    assert not judged(*narrow, policy=GENEROUS).may_send_at(scope)
    scoped = [replace(one, scope=LIST) if one.action == "grant" else one for one in events]
    state = judged(*scoped, policy=GENEROUS)
    assert not state.may_send
    assert not state.may_send_at(OTHER_LIST)


@many
@given(
    st.sampled_from(("marketing", "service", "*")),
    st.sampled_from(("acme", "*")),
    st.sampled_from(("marketing", "service")),
    st.sampled_from(("acme", "zen")),
)
def test_scope_star_covers(purpose: str, brand: str, asked: str, asked_brand: str) -> None:
    key = Key("email", ALICE, asked, asked_brand)
    wide = yes("yes", at(0), purpose="*", brand="*")
    refused = no("no", at(60), purpose=purpose, brand=brand)
    reaches = purpose in ("*", asked) and brand in ("*", asked_brand)
    assert judged(wide, refused, key=key).may_send is not reaches
    assert judged(wide, refused, key=replace(key, brand="*")).may_send is not (reaches and brand == "*")
    all_stops = replace(POLICY, one_purpose_stops_all=True)
    assert judged(wide, refused, key=key, policy=all_stops).may_send is (brand not in ("*", asked_brand))


@some
@given(st.integers(-30, 60), st.sampled_from(("texts/1", "texts/2")))
def test_stop_needs_start_same_number(minute: int, sender: str) -> None:
    """Other yeses may win elsewhere; the sender stays shut until START comes to it."""
    stop = no("stop", at(0), **{**TEXTS, "scope": "texts/1"})
    form = yes("form", at(90), channel="sms", address=SHARED_PHONE)
    start = yes("start", at(minute), **{**TEXTS, "scope": sender})
    state = judged(stop, form, start, key=PHONE)
    assert state.may_send
    assert state.may_send_at("texts/2")
    assert state.may_send_at("texts/1") is (sender == "texts/1" and minute > 0)
    assert state.locks == (frozenset() if state.may_send_at("texts/1") else {"texts/1"})


@some
@given(st.sets(st.sampled_from(("texts/1", "texts/2", "texts/3")), min_size=1), st.integers(1, 30))
def test_start_lifts_same_sender_only(stopped: set[str], minute: int) -> None:
    stops = [no(f"stop {one}", at(0), **{**TEXTS, "scope": one}) for one in sorted(stopped)]
    start = yes("start", at(minute), **{**TEXTS, "scope": "texts/1"})
    state = judged(*stops, start, key=PHONE)
    assert state.may_send_at("texts/1") is ("texts/1" in stopped)
    assert not state.may_send
    assert not state.may_send_at("texts/2")
    assert not state.may_send_at("texts/3")


@some
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(0, 60))
def test_refusal_run_counts_once(refused: list[int], consented: int) -> None:
    """The gateway refuses again and again; only the first refusal tells when the no can have been said."""
    line = {"source": "texts", "record": "numbers:1", "scope": "texts/1", "channel": "sms", "address": SHARED_PHONE}
    run = [seen_unsubscribed(f"r{place}", at(minute), **line) for place, minute in enumerate(refused)]
    form = yes("form", at(consented), channel="sms", address=SHARED_PHONE)
    first = at(min(refused))
    assert judged(*run, form, key=PHONE).may_send is (at(consented) > first + POLICY.tolerance)
    readable = event("back", "state_observed", at(50), value="unknown", **line)
    again = seen_unsubscribed("again", at(61), **line)
    assert not judged(*run, readable, again, form, key=PHONE).may_send


@some
@given(st.integers(0, 48), st.integers(0, 9), st.sampled_from(("Australia/Sydney", "America/Chicago", "")))
def test_date_only_no_is_end_of_day(hours: int, late: int, zone: str) -> None:
    """Charlie's no has a bare date: a yes counts from the next day on, as the source's zone has it."""
    day = datetime(2026, 3, 10, tzinfo=UTC)
    seen = day + timedelta(days=late + 3)
    dated = no("no", day, seen, precision="date", zone=zone)
    over = {"Australia/Sydney": 24 - 11, "America/Chicago": 24 + 5, "": 24 + 12}[zone]
    form = yes("form", day + timedelta(hours=hours, minutes=6), seen)
    assert judged(dated, form).may_send is (hours >= over)


@some
@given(st.integers(0, 48))
def test_date_only_yes_is_start_of_day(hours: int) -> None:
    day = datetime(2026, 3, 10, tzinfo=UTC)
    form = yes("form", day, day + timedelta(days=3), precision="date", zone="Australia/Sydney")
    refused = no("no", day + timedelta(hours=hours - 24), day + timedelta(days=3))
    assert judged(refused, form).may_send is (hours < 24 - 11)


def test_date_only_yes_of_an_australian_morning_is_not_in_the_future() -> None:
    """It is Tuesday in Sydney while UTC still has Monday."""
    morning = datetime(2026, 3, 9, 22, 0, tzinfo=UTC)
    form = yes("form", datetime(2026, 3, 10, tzinfo=UTC), morning, precision="date", zone="Australia/Sydney")
    assert judged(form).may_send


@some
@given(st.integers(-10, 60), arbitrary_events(3, ("withdraw", "state_observed")))
def test_future_yes_never_counts(ahead: int, others: list[Event]) -> None:
    future = yes("future", at(45 + ahead), at(45))
    assert judged(future).may_send is (ahead <= 5)
    if ahead > 5:
        assert not judged(*others, future).may_send
        locked = no("no", at(46), source="newsletter", scope=LIST)
        wide = yes("wide", at(55))
        assert judged(locked, wide, replace(future, scope=LIST, source="newsletter")).locks == {LIST}


@some
@given(st.integers(0, 60), st.integers(-10, 60))
def test_future_no_clamped(ahead: int, later: int) -> None:
    """A no from the future was said when it was seen at the latest, and a yes after that wins."""
    refused = no("no", at(ahead), at(0))
    assert judged(refused, yes("yes", at(later))).may_send is (later > 5)


def test_future_no_clamped_is_a_time_of_the_hub() -> None:
    """The clock of the newsletter is 4 minutes fast: the yes there was a minute before the no, not two after it."""
    line = {"source": "newsletter", "record": "members:1"}
    before = yes("yes", at(3), at(2), **line)
    refused = no("no", at(4), at(1), **line)
    assert judged(before, refused).recorded == "withdrawn"


@many
@given(arbitrary_events(), st.integers(1, 60))
def test_expiry_only_hurts_grants(events: list[Event], days: int) -> None:
    now, later = judged(*events, policy=GENEROUS), judged(*events, policy=GENEROUS, as_of=at(days=30 + days * 30))
    assert opens_nothing(now, later)
    if now.recorded == "withdrawn":
        assert later.recorded == "withdrawn"
    assert now.stops == later.stops


@some
@given(arbitrary_events(5), st.sampled_from(("hard_bounce", "invalid", "manual")), places())
def test_bounce_not_pushed(events: list[Event], reason: str, scope: str) -> None:
    """Alice's mailbox is full: nothing is sent to her, and nobody is told that she said no."""
    kept = [one for one in events if one.action in ("grant", "pending", "state_observed")]
    bounced = event("bounce", "suppress", at(60), value=reason, source="mailer", method="bounce")
    state = judged(*kept, bounced)
    assert desired(state, scope).direction == "leave"
    assert not state.may_send_at(scope)


@some
@given(st.integers(0, 40), st.integers(0, 40), st.booleans())
def test_no_carry_over_on_address_change(said: int, moved: int, dated: bool) -> None:
    """A record gets a new address: the yes of the old one is not the new one's, be a no known there or not."""
    form = yes("form", at(said) if dated else None, at(45), known_since=at(moved))
    is_new = dated and said >= moved
    assert judged(form).may_send is is_new
    assert judged(form, no("old no", at(-60))).may_send is is_new


@many
@given(arbitrary_events(4), st.integers(0, 40))
def test_legit_reconsent_works(events: list[Event], wait: int) -> None:
    """After whatever noes, a dated express yes of a trusted source counts, if nothing but a no stands against it."""
    told = [one for one in events if one.action in ("withdraw", "state_observed", "pending", "grant")]
    form = yes("form", at(days=3, minutes=wait))
    state = judged(*told, form)
    assert state.may_send
    assert state.recorded == "granted"
    assert desired(state, "").direction == "in"
    assert judged(*told, form, as_of=END_OF_TIME) == judged(form, *told, key=EMAIL)
