"""The traps, told as stories: Alice who comes back, Bob who shares her phone, Charlie who unsubscribed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit.destination import Capabilities
from hub.consent.desired import Observed, desired, gap
from hub.consent.events import Key
from hub.consent.policy import Inferred
from hub.consent.resolution import resolve
from hub.consent.sightings import Seen
from tests.hub.consent.evidence import (
    ALICE,
    BOB,
    CHARLIE,
    LIST,
    OTHER_LIST,
    POLICY,
    SHARED_PHONE,
    at,
    event,
    judged,
    no,
    seen_unsubscribed,
    yes,
)
from tests.hub.consent.histories import SENDERS, World

CHARLIES = Key("email", CHARLIE)
PHONE = Key("sms", SHARED_PHONE)


def refused_at_the_newsletter() -> World:
    """Signed up at the newsletter, then unsubscribed there; the hub has read it."""
    world = World()
    world.say("newsletter", "yes")
    world.wait(60)
    world.say("newsletter", "no")
    world.wait(60)
    world.poll_all()
    assert world.judged("email").recorded == "withdrawn"
    return world


class TestComingBack:
    def test_polls_between_the_no_and_the_new_yes_are_no_new_noes(self) -> None:
        """Naively every poll that shows "unsubscribed" is a withdrawal, and Alice could never come back."""
        world = refused_at_the_newsletter()
        for _ in range(20):
            world.wait(60)
            world.poll("newsletter")
        world.say("shop", "yes")
        for _ in range(20):
            world.wait(60)
            world.poll_all()
        assert world.judged("email").recorded == "granted"
        assert world.judged("email").may_send

    def test_a_later_change_time_in_the_same_run_is_no_new_no(self) -> None:
        run = [seen_unsubscribed(f"read {hour}", at(hour * 60), at(hour * 60 - 5)) for hour in range(1, 9)]
        assert judged(*run, yes("form", at(90))).recorded == "granted"

    def test_unsubscribed_again_after_our_acknowledged_push_is_a_new_no(self) -> None:
        world = refused_at_the_newsletter()
        world.say("shop", "yes")
        world.wait(60)
        world.poll("shop")
        assert world.judged("email").may_send
        world.write("newsletter", "granted", world.now)
        world.wait(60)
        world.poll("newsletter")
        assert world.judged("email").may_send
        world.wait(60)
        world.say("newsletter", "no")
        world.wait(60)
        world.poll("newsletter")
        assert world.judged("email").recorded == "withdrawn"

    def test_an_echo_alone_brings_nobody_back(self) -> None:
        world = refused_at_the_newsletter()
        world.write("newsletter", "granted", world.now)
        world.wait(60)
        world.poll("newsletter")
        assert world.events[-1].echo_of
        assert world.judged("email").recorded == "withdrawn"

    def test_a_yes_with_a_bare_date_on_the_day_of_the_no_is_not_later(self) -> None:
        day = datetime(2026, 3, 10, tzinfo=UTC)
        refused = no("no", day + timedelta(hours=9))
        same_day = yes("same day", day, day + timedelta(hours=20), precision="date", zone="Australia/Sydney")
        assert judged(refused, same_day).recorded == "withdrawn"
        third_day = replace(same_day, occurred_at=day + timedelta(days=2), observed_at=day + timedelta(days=3))
        assert judged(refused, third_day).recorded == "granted"

    def test_a_plausible_yes_without_proof_is_shown_to_a_person(self) -> None:
        refused = no("no", at(0))
        assert judged(refused, yes("undated", None, at(60))).review
        assert judged(refused, yes("import", at(60), method="import")).review
        assert not judged(refused, yes("older", at(-60))).review
        assert not judged(refused, yes("good", at(60))).review


class TestNoesThatAreNone:
    def test_a_bounce_is_not_a_persons_no(self) -> None:
        """Alice's mailbox came back to life: the old yes counts again, nobody has to ask her."""
        form = yes("form", at(0))
        bounced = event("bounce", "suppress", at(60), value="hard_bounce", source="newsletter", record="members:1")
        state = judged(form, bounced)
        assert (state.recorded, state.may_send, state.reason) == ("granted", False, "hard_bounce")
        assert desired(state, "").direction == "leave"
        delivered = event("delivered", "lift", at(90), value="hard_bounce", source="mailer")
        assert judged(form, bounced, delivered).may_send
        too_early = replace(delivered, occurred_at=at(30))
        assert not judged(form, bounced, too_early).may_send

    def test_never_asked_is_not_unsubscribed(self) -> None:
        state = judged(event("asked", "state_observed", at(0), value="unknown"))
        assert (state.recorded, state.may_send) == ("unknown", False)
        assert desired(state, LIST).direction == "leave"

    def test_an_order_confirmation_is_outside_of_marketing(self) -> None:
        """Charlie wants no marketing; the receipt he asked for is another purpose, which a dead mailbox still stops."""
        receipts = Key("email", ALICE, "transactional")
        asked = yes("receipt", at(0), purpose="transactional")
        refused = no("no", at(60))
        assert not judged(asked, refused).may_send
        assert judged(asked, refused, key=receipts).may_send
        bounced = event("bounce", "suppress", at(90), value="hard_bounce", source="mailer")
        assert not judged(asked, refused, bounced, key=receipts).may_send

    def test_buying_is_a_weak_yes_that_ends_and_that_any_no_beats(self) -> None:
        policy = replace(POLICY, inferred=Inferred(frozenset({"email"}), frozenset({"shop"}), timedelta(days=20)))
        bought = yes("bought", at(0), basis="inferred", method="")
        assert judged(bought, policy=policy, as_of=at(days=19)).reason == "inferred"
        assert not judged(bought, policy=policy, as_of=at(days=20)).may_send
        assert desired(judged(bought, policy=policy, as_of=at(days=19)), "").direction == "leave"
        assert not judged(bought, no("no", at(-60)), policy=policy, as_of=at(days=1)).may_send
        assert not judged(bought).may_send

    def test_asked_by_mail_and_not_answered(self) -> None:
        asked = event("asked", "pending", at(0))
        assert judged(asked, as_of=at(days=29)).recorded == "pending"
        assert judged(asked, as_of=at(days=31)).recorded == "unknown"


class TestClocks:
    def test_a_few_minutes_between_two_systems_prove_nothing(self) -> None:
        assert judged(no("no", at(0)), yes("yes", at(5))).recorded == "withdrawn"
        assert judged(no("no", at(0)), yes("yes", at(5.1))).recorded == "granted"

    def test_one_clock_tells_before_from_after(self) -> None:
        assert judged(no("no", at(0), source="shop"), yes("yes", at(0.1))).recorded == "granted"

    def test_a_local_time_read_as_utc_lies_in_the_future(self) -> None:
        """Ten hours ahead: an Australian wall clock without its zone."""
        assert not judged(yes("yes", at(600), at(0))).may_send


class TestSharedPhone:
    def test_bobs_stop_stops_alice(self) -> None:
        """They hold one phone. Whoever of them texts STOP, the number gets no more texts; their e-mails do."""
        world = World()
        world.say("shop_sms", "yes")
        world.say("shop", "yes")
        world.poll_all()
        world.wait(60)
        world.text(SENDERS[0], "no")
        assert not world.judged("sms").may_send
        assert world.judged("email").may_send

    def test_start_reaches_the_sender_it_was_sent_to(self) -> None:
        world = World()
        world.text(SENDERS[0], "no")
        world.wait(1)
        world.text(SENDERS[1], "yes")
        world.wait(1)
        assert not any(world.judged("sms").may_send_at(sender) for sender in SENDERS)
        world.text(SENDERS[0], "yes")
        world.wait(1)
        assert [world.judged("sms").may_send_at(sender) for sender in SENDERS] == [True, False]
        assert not world.judged("sms").may_send

    def test_a_form_lifts_the_no_and_not_the_lock(self) -> None:
        stop = no("stop", at(0), channel="sms", address=SHARED_PHONE, method="keyword", scope=SENDERS[0])
        form = yes("form", at(60), channel="sms", address=SHARED_PHONE)
        state = judged(stop, form, key=PHONE)
        assert [state.may_send_at(sender) for sender in ("", *SENDERS)] == [True, False, True]


class TestCharlieSaidNo:
    def test_a_no_at_one_list_stops_all_and_locks_the_list(self) -> None:
        refused = no("no", at(0), scope=LIST)
        assert not judged(refused).may_send_at(OTHER_LIST)
        back = judged(refused, yes("form", at(60)))
        assert back.may_send
        assert back.locks == {LIST}
        assert not back.may_send_at(LIST)
        there = yes("there", at(90), source="newsletter", method="double_opt_in", scope=LIST)
        assert judged(refused, yes("form", at(60)), there).may_send_at(LIST)

    def test_a_yes_of_another_address_opens_no_list_and_what_it_opened_is_closed_again(self) -> None:
        """The record came back with a yes given at another address: no_carry_over_on_address_change."""
        refused = no("no", at(0), source="newsletter", scope=LIST)
        form = yes("form", at(60))
        carried = yes("carried", at(90), source="newsletter", method="double_opt_in", scope=LIST, known_since=at(120))
        state = judged(refused, form, carried)
        assert state.locks == {LIST}
        assert not state.may_send_at(LIST)
        shows_in = Observed("in", "read", at(130))
        assert gap(state, LIST, shows_in, Capabilities(consent=("email",)), "never", True).wanted == "out"
        assert gap(state, OTHER_LIST, shows_in, Capabilities(consent=("email",)), "never", True).wanted == ""

    def test_a_ticket_that_may_be_a_no_holds_until_somebody_read_it(self) -> None:
        form = yes("form", at(0))
        ticket = event("ticket", "hold", at(60), value="perhaps_a_no", source="help", record="people:7")
        held = judged(form, ticket)
        assert (held.recorded, held.may_send, held.reason) == ("granted", False, "hold")
        assert desired(held, "").direction == "leave"
        released = event("released", "lift", at(90), lifts="ticket", source="hub", actor="Dana")
        assert judged(form, ticket, released).may_send

    def test_a_complaint_outlives_every_form(self) -> None:
        complained = event("complaint", "suppress", at(0), value="complaint", source="newsletter")
        state = judged(complained, yes("form", at(60)))
        assert not state.may_send
        assert desired(state, "").direction == "out"

    def test_a_complaint_elsewhere_waits_for_a_yes_here(self) -> None:
        known: dict[str, Any] = {"key": Key("email", BOB), "as_of": at(days=2), "severe": [at(60)]}
        earlier, later = yes("earlier", at(0)), yes("later", at(90))
        assert resolve([earlier], policy=POLICY, **known).reason == "mixed"
        assert resolve([earlier, later], policy=POLICY, **known).may_send
        each = replace(POLICY, mixed_addresses="address")
        assert resolve([earlier], policy=each, **known).may_send

    def test_an_agents_upward_edit_of_a_mirror_changes_nothing(self) -> None:
        """The help desk keeps no time: its tick is an import, whoever set it."""
        world = refused_at_the_newsletter()
        world.read_new_record("help", Seen("email", ALICE, "granted"), method="import")
        assert world.judged("email").recorded == "withdrawn"

    @pytest.mark.parametrize("domain", ["example.test"])
    def test_a_domain_nobody_writes_to(self, domain: str) -> None:
        policy = replace(POLICY, never_contact_domains=frozenset({domain}))
        address = f"charlie@{domain}"
        state = judged(yes("yes", at(0), address=address), key=replace(CHARLIES, address=address), policy=policy)
        assert (state.may_send, state.reason) == (False, "never_contact")


class TestAtTheDestination:
    ALL = Capabilities(resubscribe="pending")

    def test_an_opt_out_goes_where_the_address_is_and_nowhere_else(self) -> None:
        refused = judged(no("no", at(0)))
        assert gap(refused, "", Observed("in"), self.ALL, "never", True).wanted == "out"
        assert gap(refused, "", Observed("unknown"), self.ALL, "never", False).wanted == "out"
        assert gap(refused, "", Observed("absent"), self.ALL, "never", True).wanted == ""
        assert gap(refused, "", Observed("out"), self.ALL, "never", True).wanted == ""

    def test_a_confirmation_is_asked_for_once_per_yes(self) -> None:
        back = judged(no("no", at(0), scope=LIST), yes("form", at(60)))
        asked = gap(back, LIST, Observed("out", is_still=True), self.ALL, "pending", True)
        assert (asked.wanted, asked.by_confirmation) == ("in", True)
        again = gap(back, LIST, Observed("out", is_still=True, asked="form"), self.ALL, "pending", True)
        assert (again.wanted, again.withheld) == ("", "vendor_locked")
        assert gap(back, LIST, Observed("out", is_still=True), self.ALL, "never", True).withheld == "vendor_locked"

    def test_our_own_no_is_taken_back_and_a_persons_is_not(self) -> None:
        back = judged(no("no", at(0)), yes("form", at(60)))
        plain = Capabilities(resubscribe="plain")
        assert gap(back, "", Observed("out", is_ours=True), plain, "plain", True).wanted == "in"
        assert gap(back, "", Observed("out"), plain, "plain", True).withheld == "no_of_their_own"
