"""Short words for evidence in tests: a policy, moments, events by hand, and sets of arbitrary events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from hub.consent.events import Event, Key
from hub.consent.policy import Inferred, Policy
from hub.consent.resolution import State, resolve

many = settings(max_examples=250, deadline=None)
some = settings(max_examples=100, deadline=None)

ALICE, BOB, CHARLIE = "alice@example.com", "bob@example.com", "charlie@example.com"
SHARED_PHONE = "+61491570156"
EMAIL = Key("email", ALICE)

START_OF_TIME = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIST, OTHER_LIST = "newsletter/a1", "newsletter/b2"
TRUSTED = ("shop", "newsletter", "texts")

POLICY = Policy(
    grant_sources={
        channel: frozenset({(source, "") for source in TRUSTED} | {("file", "")}) for channel in ("email", "sms")
    }
)
"""The file is trusted on purpose: an import must not bring anybody back even then."""

DISTRUSTING = Policy(grant_sources={"email": frozenset({("shop", ""), ("newsletter", "")})})
GENEROUS = Policy(
    grant_sources=POLICY.grant_sources,
    inferred=Inferred(frozenset({"email", "sms"}), frozenset({"shop"}), timedelta(days=365)),
)


def at(minutes: float = 0, *, days: float = 0) -> datetime:
    return START_OF_TIME + timedelta(minutes=minutes, days=days)


END_OF_TIME = at(days=30)


def event(event_id: str, action: Any, observed: datetime, **rest: Any) -> Event:
    words: dict[str, Any] = {"channel": "email", "address": ALICE, "source": "shop", "record": "customers:1", **rest}
    return Event(event_id, action=action, observed_at=observed, **words)


def yes(event_id: str, occurred: datetime | None, observed: datetime | None = None, **rest: Any) -> Event:
    """A form that was filled in at the shop."""
    words = {"basis": "express", "method": "form", **rest}
    return event(event_id, "grant", observed or occurred or at(), occurred_at=occurred, **words)


def no(event_id: str, occurred: datetime | None, observed: datetime | None = None, **rest: Any) -> Event:
    """A click on the link in a newsletter."""
    words = {"source": "newsletter", "record": "members:1", "method": "link", **rest}
    return event(event_id, "withdraw", observed or occurred or at(), occurred_at=occurred, **words)


def seen_unsubscribed(event_id: str, observed: datetime, changed: datetime | None = None, **rest: Any) -> Event:
    """A state that was read at the newsletter."""
    latest = min(observed, changed or observed)
    return no(event_id, None, observed, **{"method": "sync_state", "latest_at": latest, **rest})


def judged(*events: Event, key: Key = EMAIL, policy: Policy = POLICY, as_of: datetime = END_OF_TIME) -> State:
    return resolve(events, key, policy, as_of)


_ticks = st.integers(0, 40).map(at)
_maybe = st.one_of(st.none(), _ticks)
_VALUES = {
    "suppress": ("hard_bounce", "invalid", "manual", "complaint", "legal", "dncr"),
    "lift": ("hard_bounce", "manual"),
    "hold": ("unreadable_state",),
    "state_observed": ("unknown",),
}
ACTIONS = ("grant", "withdraw", "grant", "withdraw", "pending", "suppress", "lift", "state_observed", "hold", "object")
METHODS = ("form", "link", "keyword", "checkbox", "agent", "import", "sync_state", "double_opt_in", "complaint")


@st.composite
def arbitrary_event(draw: st.DrawFn, event_id: str = "x", actions: tuple[str, ...] = ACTIONS) -> Event:
    """Whatever the shape allows, likely or not: no source says all of this."""
    action: Any = draw(st.sampled_from(actions))
    observed = draw(_ticks)
    return event(
        event_id,
        action,
        observed,
        source=draw(st.sampled_from(("shop", "newsletter", "file", "stranger"))),
        record=draw(st.sampled_from(("a", "a", "b"))),
        purpose=draw(st.sampled_from(("marketing", "marketing", "*", "service"))),
        brand=draw(st.sampled_from(("*", "*", "acme"))),
        scope=draw(st.sampled_from(("", "", LIST, OTHER_LIST))),
        value=draw(st.sampled_from(_VALUES.get(action, ("",)))),
        basis=draw(st.sampled_from(("express", "express", "inferred"))) if action == "grant" else "",
        method=draw(st.sampled_from(METHODS)),
        occurred_at=draw(_maybe),
        precision=draw(st.sampled_from(("second", "second", "second", "date"))),
        latest_at=draw(st.one_of(st.none(), _ticks.map(lambda tick: min(tick, observed)))),
        known_since=draw(st.one_of(st.none(), st.none(), _ticks)),
        lifts=draw(st.sampled_from(("e0", "e1", "e2", ""))) if action == "lift" else "",
        actor=draw(st.sampled_from(("", "operator"))),
        echo_of=draw(st.sampled_from(("", "", "", "delivery"))),
        explained_by=draw(st.sampled_from(("", "", "", "e0"))),
        expires_at=draw(st.one_of(st.none(), st.none(), _ticks)),
        wording=draw(st.sampled_from(("", "Send me news"))),
        evidence=draw(st.sampled_from(("", "ticket 7"))),
    )


def arbitrary_events(largest: int = 7, actions: tuple[str, ...] = ACTIONS) -> st.SearchStrategy[list[Event]]:
    return st.integers(0, largest).flatmap(
        lambda count: st.tuples(*(arbitrary_event(f"e{number}", actions) for number in range(count))).map(list)
    )


def plain_yeses(largest: int = 5) -> st.SearchStrategy[list[Event]]:
    """Grants that could win: express, dated, trusted, seen when they happened."""
    ticks = st.lists(st.integers(0, 40), max_size=largest)
    return ticks.map(lambda found: [yes(f"yes{place}", at(tick)) for place, tick in enumerate(found)])


def places() -> st.SearchStrategy[str]:
    return st.sampled_from(("", LIST, OTHER_LIST))
