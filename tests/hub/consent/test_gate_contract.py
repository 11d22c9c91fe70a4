"""The gate: whatever a connector can do, nothing passes that the evidence does not ask for; and there is one gate."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kit.destination import Capabilities, ConsentChange, Permitted, Resubscribe
from hub.consent.desired import OUT_STOPS, Observed, Shown, Told, desired, gap, is_locked
from hub.consent.gate import Circumstances, Withheld, permit
from hub.consent.resolution import State
from tests.architecture.tree import ROOT, python_files
from tests.hub.consent.evidence import ALICE, END_OF_TIME, LIST, arbitrary_events, at, event, judged, no, places, yes

gates = settings(max_examples=400, deadline=None)
RESUBSCRIBE = st.sampled_from(get_args(Resubscribe))
STOPS = ("objection", "complaint", "legal", "hold", "hard_bounce", "invalid", "erased")


def capabilities() -> st.SearchStrategy[Capabilities]:
    return st.builds(
        Capabilities,
        consent=st.sampled_from(((), ("email",), ("email", "sms"))),
        directions=st.sampled_from((("out", "in"), ("out",), ())),
        scope=st.sampled_from(("", "a1")),
        resubscribe=RESUBSCRIBE,
        timestamps=st.booleans(),
        change_time_covers_consent=st.booleans(),
        sees_second_no=st.sampled_from(("time", "log", "webhook", "none")),
        readable=st.booleans(),
    )


def states() -> st.SearchStrategy[State]:
    """What resolution says of arbitrary evidence, and any other state that the type allows."""
    free = st.builds(
        State,
        recorded=st.sampled_from(("unknown", "pending", "granted", "inferred", "withdrawn")),
        may_send=st.booleans(),
        reason=st.just("any"),
        decided_by=st.sampled_from(((), ("e1",))),
        scopes=st.frozensets(st.just(LIST)),
        locks=st.frozensets(st.just(LIST)),
        stops=st.lists(st.sampled_from(STOPS), max_size=2, unique=True).map(tuple),
    )
    return st.one_of(arbitrary_events().map(lambda found: judged(*found)), free)


def circumstances() -> st.SearchStrategy[Circumstances]:
    observed = st.builds(
        Observed,
        shown=st.sampled_from(get_args(Shown)),
        told=st.sampled_from(get_args(Told)),
        is_ours=st.booleans(),
        is_still=st.booleans(),
        asked=st.sampled_from(("", "e1", "e2")),
    )
    return st.builds(
        Circumstances,
        scope=places(),
        observed=observed,
        can=capabilities(),
        resubscribe=RESUBSCRIBE,
        push_grants=st.booleans(),
        optouts_waiting=st.booleans(),
        stale=st.sampled_from(((), ("shop",))),
    )


def changes() -> st.SearchStrategy[ConsentChange]:
    wanted: st.SearchStrategy[Any] = st.sampled_from(("in", "in", "out"))
    return st.builds(
        lambda direction, asks: ConsentChange("1", "email", ALICE, direction, at(0), "0" * 32, asks),
        wanted,
        st.booleans(),
    )


@gates
@given(changes(), states(), circumstances())
def test_every_connector_passes_gate_contract(change: ConsentChange, state: State, around: Circumstances) -> None:
    answer = permit(change, state, around)
    wish = desired(state, around.scope).direction
    if change.wanted == "out":
        may_close = wish == "out" or is_locked(state, around.scope)
        passes = may_close and "email" in around.can.consent and not change.by_confirmation
        assert isinstance(answer, Permitted) is passes
    elif isinstance(answer, Permitted):
        assert wish == "in"
        assert_may_be_subscribed(change, state, around)
    if isinstance(answer, Permitted):
        assert answer.change == change
    else:
        assert answer.reason


def assert_may_be_subscribed(change: ConsentChange, state: State, around: Circumstances) -> None:
    assert not state.stops
    assert around.scope in state.scopes or (state.recorded == "granted" and state.may_send)
    assert not around.optouts_waiting
    assert not around.stale
    assert around.push_grants
    assert "in" in around.can.directions
    assert change.channel in around.can.consent
    assert around.observed.shown in ("never", "out")
    if change.by_confirmation:
        assert around.can.resubscribe == around.resubscribe == "pending"
        assert around.observed.asked not in state.decided_by
        assert around.observed.is_still
    else:
        assert around.scope not in state.locks
        assert around.observed.shown == "never" or around.observed.is_ours


@gates
@given(states(), places())
def test_no_state_asks_for_both(state: State, scope: str) -> None:
    """Stopped or unproven is never `in`; a no that the destinations must know of is always `out`."""
    direction = desired(state, scope).direction
    if state.stops:
        assert direction != "in"
    if OUT_STOPS.intersection(state.stops):
        assert direction == "out"
    if state.recorded == "withdrawn" and scope not in state.scopes:
        assert direction == "out"
    if direction == "out":
        assert state.recorded == "withdrawn" or OUT_STOPS.intersection(state.stops)


@gates
@given(states(), circumstances(), st.sampled_from(("in", "out")))
def test_what_the_plan_asks_for_the_gate_lets_pass(state: State, around: Circumstances, wanted: Any) -> None:
    """Plan and gate are of one mind, or the outbox would fill with what never leaves."""
    heard = replace(around, optouts_waiting=False, stale=(), can=replace(around.can, consent=("email",)))
    found = gap(state, around.scope, around.observed, heard.can, around.resubscribe, around.push_grants)
    change = ConsentChange("1", "email", ALICE, wanted, at(0), "0" * 32, found.by_confirmation)
    if found.wanted == wanted:
        assert isinstance(permit(change, state, heard), Permitted)


def test_each_reason_to_wait_has_its_name() -> None:
    granted = judged(yes("yes", at(0)))
    change = ConsentChange("1", "email", ALICE, "in", at(0), "0" * 32)
    around = Circumstances(
        "", Observed("never", "read", at(0)), Capabilities(consent=("email",), resubscribe="plain"), "plain"
    )
    assert permit(change, granted, around) == Permitted(change, "granted")
    assert permit(change, granted, replace(around, optouts_waiting=True)) == Withheld("optouts_first")
    assert permit(change, granted, replace(around, stale=("shop",))) == Withheld("sources_stale")
    assert permit(change, granted, replace(around, push_grants=False)) == Withheld("grants_off")
    reasons = {"blocked": "blocked_there", "asked": "asked_there", "unknown": "unknown_there", "out": "no_of_their_own"}
    for shown, reason in reasons.items():
        seen: Any = Observed(shown)
        assert permit(change, granted, replace(around, observed=seen)) == Withheld(reason)
    refused = judged(yes("yes", at(0)), no("no", at(60)))
    assert permit(change, refused, around) == Withheld("evidence_changed")
    assert permit(replace(change, wanted="out"), refused, around) == Permitted(
        replace(change, wanted="out"), "withdrawn"
    )


def test_who_objected_is_told_to_the_vendors_and_who_bounced_is_not() -> None:
    objected = judged(yes("yes", at(0)), event("objection", "object", at(1)), as_of=END_OF_TIME)
    assert desired(objected, "").direction == "out"
    bounced = judged(yes("yes", at(0)), event("bounce", "suppress", at(1), value="hard_bounce", source="mailer"))
    assert desired(bounced, "").direction == "leave"


def test_only_the_gate_makes_a_permitted_change() -> None:
    made = re.compile(r"\bPermitted(?:\[[^\]]*\])?\(")
    packages = ("connectors", "mapping", "dedupe", "hub")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in python_files()
        if path.relative_to(ROOT).parts[0] in packages
        for line in path.read_text(encoding="utf-8").splitlines()
        if made.search(line) and not line.startswith("class Permitted(")
    }
    assert found == {"hub/consent/gate.py"}
    definition = "class Permitted(Generic[C]):"
    assert definition in (ROOT / "connectors" / "kit" / "destination.py").read_text(encoding="utf-8")
