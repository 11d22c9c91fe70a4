"""Nobody whose last word was a no comes back: not by merging, rebuilding, reading again, importing or our own echo."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from datetime import datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.consent.events import EVERYTHING, Event
from hub.consent.policy import Reach
from hub.consent.resolution import State, resolve
from hub.consent.sightings import Reading, Seen, Sight, note
from tests.hub.consent.evidence import (
    ALICE,
    EMAIL,
    LIST,
    POLICY,
    arbitrary_event,
    arbitrary_events,
    at,
    event,
    judged,
    many,
    no,
    plain_yeses,
    some,
    yes,
)
from tests.hub.consent.histories import KEYS, PLACES, SENDERS, World, histories

REACH = Reach()
REFUSED = histories().filter(lambda world: (last := world.last_word("email")) is not None and last[2] == "no")


def sendable(world: World) -> dict[tuple[str, str], bool]:
    """Every question that can be asked at the end of a history."""
    scopes = {"email": ("", LIST), "sms": ("", *SENDERS)}
    return {
        (channel, scope): world.judged(channel).may_send_at(scope) for channel, some in scopes.items() for scope in some
    }


def brought_back(before: dict[tuple[str, str], bool], after: dict[tuple[str, str], bool]) -> set[tuple[str, str]]:
    return {question for question in before if after[question] and not before[question]}


@many
@given(histories())
def test_nobody_whose_last_word_was_a_no_is_sendable(world: World) -> None:
    for channel in KEYS:
        last = world.last_word(channel)
        if last is not None and last[2] == "no":
            state = world.judged(channel)
            assert state.recorded == "withdrawn"
            assert not state.may_send
            assert not state.may_send_at(last[3])


@many
@given(histories())
def test_somebody_who_signs_up_again_is_sendable(world: World) -> None:
    """The guard against blocking too much, over whole histories: every vendor was read since the last no."""
    assume(not any(own.state == "granted" for own in world.ours.get("shop", ())))  # else it might be our lost yes
    world.wait(60)
    world.say("shop", "yes")
    world.wait(60)
    world.poll_all()
    assert world.judged("email").recorded == "granted"
    assert world.judged("email").may_send


@some
@given(arbitrary_events(5), plain_yeses(), st.integers(0, 40), st.sampled_from(("link", "agent", "complaint")))
def test_no_resurrection_merge(hers: list[Event], theirs: list[Event], minute: int, method: str) -> None:
    """Two records of one address: the yes of one is never worth more than the no of the other."""
    refused = no("refused", at(minute), source="help", method=method)
    older = [one for one in theirs if one.occurred_at <= at(minute) + POLICY.tolerance]
    known = [one for one in hers if one.action != "grant"]
    assert not judged(*known, refused, *older).may_send
    assert judged(*older, refused, *known) == judged(*known, refused, *older)


@some
@given(arbitrary_events(5), st.lists(st.integers(0, 40).map(at), max_size=3))
def test_no_resurrection_merge_with_a_person_who_complained(events: list[Event], severe: list[datetime]) -> None:
    """Merging with somebody who complained at another address only ever stops."""
    alone = judged(*events)
    merged = resolve(events, EMAIL, POLICY, at(days=30), severe)
    for scope in ("", LIST):
        assert alone.may_send_at(scope) or not merged.may_send_at(scope)


@some
@given(arbitrary_events(4), st.sampled_from(("", LIST)), st.integers(0, 40), st.integers(0, 40))
def test_no_resurrection_merge_at_one_list(events: list[Event], scope: str, said: int, complained: int) -> None:
    """A yes at a list, or anywhere, from before a complaint at the person's other address is held back."""
    known = [one for one in events if one.action in ("state_observed", "pending")]
    state = resolve([*known, yes("yes", at(said), scope=scope)], EMAIL, POLICY, at(days=30), [at(complained)])
    assert state.may_send_at(scope) is (said > complained + 5)


@some
@given(arbitrary_events(4), arbitrary_events(4), arbitrary_event("objection", ("object",)))
def test_no_resurrection_unmerge(hers: list[Event], his: list[Event], objection: Event) -> None:
    """Each address is as it was before the merge, and an objection that nobody can attribute stays on both."""
    his = [replace(one, id=f"his {one.id}", lifts="") for one in his]
    hers = [replace(one, lifts="") for one in hers]
    before: State = judged(*hers)
    judged(*hers, *his, objection)
    assert judged(*hers) == before
    assert not judged(*hers, objection).may_send
    assert not judged(*his, objection).may_send


@some
@given(histories(), st.randoms(use_true_random=False))
def test_no_resurrection_rebuild(world: World, random: object) -> None:
    """The states are made anew from the rows of the evidence, in whatever order the store gives them."""
    for channel, key in KEYS.items():
        kept = [asdict(one) for one in world.of(channel)]
        random.shuffle(kept)  # type: ignore[attr-defined]
        assert resolve((Event(**row) for row in kept), key, POLICY, world.now) == world.judged(channel)


@some
@given(histories(), st.integers(1, 3))
def test_no_resurrection_resync(world: World, times: int) -> None:
    """Everything is read again from the beginning, and nobody did anything: nothing new is known."""
    before, known = sendable(world), len(world.events)
    for _ in range(times):
        world.wait(30)
        world.poll_all()
    assert sendable(world) == before
    assert len(world.events) == known


@some
@given(histories(), st.lists(st.sampled_from(PLACES), min_size=1, max_size=4))
def test_no_resurrection_resync_after_edits(world: World, edited: list[str]) -> None:
    """Names and tags move the change time of the records; consent it does not move."""
    before = sendable(world)
    for where in edited:
        world.wait(30)
        world.edit(where)
        world.poll(where)
    assert sendable(world) == before


@some
@given(histories())
def test_pruned_ledger_same_state(world: World) -> None:
    """What was an echo stays one when the deliveries are pruned: resolution reads no ledger, nor does a new read."""
    pruned = deepcopy(world)
    pruned.ours.clear()
    for one in (world, pruned):
        one.wait(60)
        one.poll_all()
    assert pruned.events == world.events
    assert sendable(pruned) == sendable(world)


@some
@given(REFUSED, st.integers(1, 3))
def test_no_resurrection_import(world: World, files: int) -> None:
    """A file says "subscribed", twice and with a date of today: a file is nobody's act."""
    before = sendable(world)
    for _ in range(files):
        world.wait(60)
        world.file("yes")
        world.read_new_record("file", Seen("email", ALICE, "granted", at=world.now, method="import"))
    assert not brought_back(before, sendable(world))
    assert world.judged("email").recorded == "withdrawn"


@some
@given(REFUSED, st.sampled_from(("", LIST, "newsletter/new")))
def test_no_resurrection_newmember(world: World, scope: str) -> None:
    """A vendor's new member is subscribed by default."""
    before = sendable(world)
    world.wait(60)
    world.read_new_record("newsletter", Seen("email", ALICE, "granted", scope=scope))
    assert not brought_back(before, sendable(world))


@some
@given(REFUSED, st.sampled_from(("shop", "newsletter", "help")), st.booleans())
def test_no_resurrection_echo(world: World, where: str, answered: bool) -> None:
    """Even a yes that should never have been written proves nothing when it is read back."""
    before = sendable(world)
    world.wait(60)
    world.write(where, "granted", world.now, answered)
    for _ in range(3):
        world.wait(30)
        world.poll_all()
    assert not brought_back(before, sendable(world))
    assert world.judged("email").recorded == "withdrawn"


@some
@given(REFUSED, st.integers(0, 600))
def test_no_resurrection_echo_of_an_earlier_write(world: World, minutes: int) -> None:
    """In, then out, and only then the first of the two is read: still ours."""
    world.wait(60)
    world.write("shop", "granted", world.now, answered=False)
    first = world.places["shop"].at
    world.wait(minutes)
    world.write("shop", "withdrawn", world.now, answered=False)
    world.places["shop"].set("granted", world.now, first, by_us=True)
    world.wait(30)
    world.poll("shop")
    assert world.judged("email").recorded == "withdrawn"


@some
@given(REFUSED, st.booleans())
def test_no_resurrection_address_change(world: World, dated: bool) -> None:
    """A record of somebody else is moved to Alice's address, and carries a yes of the time before."""
    before = sendable(world)
    said = world.now
    world.wait(60)
    seen = Seen("email", ALICE, "granted", at=said if dated else None)
    world.read_new_record("shop", seen, born_with=False)
    assert not brought_back(before, sendable(world))


@some
@given(REFUSED, st.sampled_from((None, "before")))
def test_no_resurrection_recreate(world: World, when: str | None) -> None:
    """The record is deleted and made anew: the key keeps its state, whatever the new record shows."""
    last = world.last_word("email")
    assert last is not None
    world.wait(60)
    world.read_new_record("shop", Seen("email", ALICE, "granted", at=last[0] if when else None))
    assert world.judged("email").recorded == "withdrawn"


@pytest.mark.parametrize("value", ["complaint", "legal", "dncr", "erased"])
def test_what_only_a_named_person_ends_outlives_every_yes(value: str) -> None:
    stopped = event("stopped", "suppress", at(0), value=value, source="newsletter", record="members:1")
    shown = yes("shown", at(60), source="newsletter", record="members:1", method="double_opt_in")
    lift = event("lift", "lift", at(70), lifts="stopped", value=value)
    assert judged(stopped, shown).stops == (value,)
    assert judged(stopped, shown, lift).stops == (value,)
    assert judged(stopped, shown, replace(lift, actor="Dana")).may_send


@some
@given(st.lists(st.sampled_from(("granted", "withdrawn", "unknown", "unreadable")), min_size=1, max_size=8))
def test_a_state_that_nobody_can_read_holds_until_it_can(states: Sequence[str]) -> None:
    """Each blip writes one hold, however often it is read, and the next readable state releases it."""
    last: Sight | None = None
    events: list[Event] = [yes("first", at(-600), purpose=EVERYTHING)]
    for place, state in enumerate(states):
        reading = Reading("help", "people", "1", at(place * 60), None, True, {})
        for repeat in range(2):
            noted = note(
                Seen("email", ALICE, state, at(place, days=repeat)), reading, last, (), POLICY.tolerance, REACH
            )
            events += noted.events
            last = noted.sight or last
        assert ("hold" in judged(*events).stops) is (state == "unreadable")
