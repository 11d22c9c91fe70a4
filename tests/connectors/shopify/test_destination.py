"""Writing to a store over real sockets: consent each way, single tags, and customers read as they are pulled."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.errors import AuthError, VendorDown
from connectors.kit.simulator import Fault
from connectors.shopify import CONNECTOR, mutations
from connectors.shopify.config import ShopifyConfig
from tests.connectors.shopify.store import CUSTOMERS, at, order, source_of
from tests.connectors.shopify.till import NOBODY, Till, destination_of, tag


def statuses(outcomes: list[Any]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def test_a_no_and_a_yes_are_confirmed_by_the_vendors_answer_with_the_time_that_was_sent(till: Till) -> None:
    said = till.clock.now() - timedelta(minutes=5)
    outcomes = till.consent(
        till.change(till.alice, "in", at=said),
        till.change(till.alice, "out", "sms", at=said),
        till.change(till.bob, "out", at=said),
    )
    assert statuses(outcomes) == ["confirmed"] * 3
    assert till.held(till.alice) == ("SUBSCRIBED", "SINGLE_OPT_IN", at(said))
    assert till.held(till.alice, "sms")[0] == "UNSUBSCRIBED"
    assert till.held(till.bob)[0] == "UNSUBSCRIBED"


def test_charlie_who_unsubscribed_can_come_back_by_a_plain_write(till: Till) -> None:
    assert statuses(till.consent(till.change(till.charlie, "in"))) == ["confirmed"]
    [effect] = till.effects()
    assert (effect["before"], effect["after"], effect["wanted"]) == ("UNSUBSCRIBED", "SUBSCRIBED", "in")
    assert effect["address"] == "charlie@example.com"


def test_a_yes_that_the_person_has_to_confirm_is_pending_there(till: Till) -> None:
    assert statuses(till.consent(till.change(till.alice, "in", ask=True))) == ["confirmed"]
    assert till.held(till.alice)[0] == "PENDING"


def test_a_time_keeps_its_second_and_never_lies_in_the_vendors_future(till: Till) -> None:
    now = till.clock.now() + timedelta(milliseconds=999)
    assert statuses(till.consent(till.change(till.alice, "out", at=now))) == ["confirmed"]
    assert till.held(till.alice)[2] == at(till.clock.now())


def test_a_no_older_than_the_stored_yes_is_never_taken_for_done(till: Till) -> None:
    till.simulator.fill_form(till.alice, "email")
    [older] = till.consent(till.change(till.alice, "out", at=till.clock.now() - timedelta(days=1)))
    assert (older.status, older.message) == ("rejected", "a newer consent is stored at Shopify, ours was ignored")
    assert till.held(till.alice)[0] == "SUBSCRIBED"
    till.clock.advance(timedelta(minutes=1))
    assert statuses(till.consent(till.change(till.alice, "out"))) == ["confirmed"]


def test_a_change_that_holds_already_is_confirmed_and_keeps_its_old_time(till: Till) -> None:
    before = till.held(till.charlie)
    assert statuses(till.consent(till.change(till.charlie, "out"))) == ["confirmed"]
    assert till.held(till.charlie) == before


@pytest.mark.fault("W01")
def test_one_bad_row_of_a_batch_is_told_by_itself_and_the_good_ones_are_applied_once(till: Till) -> None:
    future = till.clock.now() + timedelta(days=1)
    gone, early, phoneless, voice, good = till.consent(
        till.change(NOBODY, "out"),
        till.change(till.bob, "in", at=future),
        till.change(till.charlie, "out", "sms"),
        till.change(till.alice, "out", "voice"),
        till.change(till.alice, "out"),
    )
    assert statuses([gone, early, phoneless, voice, good]) == [
        "not_held",
        "rejected",
        "rejected",
        "unsupported",
        "confirmed",
    ]
    assert "INVALID at consentUpdatedAt" in early.message
    assert [effect["record"] for effect in till.effects() if effect["after"] == "UNSUBSCRIBED"] == [till.alice]
    assert len(till.simulator.ledger) == 1


@pytest.mark.fault("W02")
def test_a_lost_reply_leaves_the_batch_unknown_and_is_not_sent_again(till: Till) -> None:
    till.simulator.script(Fault(lose_reply=True))
    with pytest.raises(VendorDown):
        till.consent(till.change(till.alice, "out"))
    [entry] = till.simulator.ledger
    assert (entry.status, len(till.effects())) == (0, 1)
    assert till.held(till.alice)[0] == "UNSUBSCRIBED"


@pytest.mark.fault("W02")
def test_a_web_page_instead_of_an_answer_leaves_the_batch_unknown(till: Till) -> None:
    till.simulator.script(Fault(status=200, headers={"Content-Type": "text/html"}, body=b"<p>Back soon.", times=9))
    with pytest.raises(VendorDown, match="unknown"):
        till.consent(till.change(till.alice, "out"))
    assert len(till.simulator.ledger) == 1


def test_an_empty_bucket_is_waited_for_and_the_write_is_made_once(till: Till) -> None:
    till.simulator.bucket.restore_rate = 10
    till.simulator.bucket.drain()
    assert statuses(till.consent(till.change(till.alice, "out"), till.change(till.bob, "out"))) == ["confirmed"] * 2
    assert till.clock.slept == [2.0]
    assert len(till.effects()) == 2


def test_a_consent_that_flips_right_after_the_answer_is_found_by_the_next_read(till: Till) -> None:
    till.simulator.flip_after_payload(till.alice, "email", "UNSUBSCRIBED")
    assert statuses(till.consent(till.change(till.alice, "in", at=till.clock.now() - timedelta(hours=1)))) == [
        "confirmed"
    ]
    [alice] = till.use(lambda shop: shop.fetch([till.alice]))
    assert alice.data["defaultEmailAddress"]["marketingState"] == "UNSUBSCRIBED"


def test_an_app_that_may_not_write_learns_which_scope_it_lacks(till: Till) -> None:
    till.simulator.store.scopes = ("read_customers",)
    with pytest.raises(AuthError, match="write_customers"):
        till.consent(till.change(till.alice, "out"), till.change(till.bob, "out"))
    assert till.held(till.alice)[0] == "NOT_SUBSCRIBED"


def test_an_answer_that_hides_the_consent_confirms_nothing(till: Till) -> None:
    till.simulator.store.protected = "null"
    assert statuses(till.consent(till.change(till.alice, "out"))) == ["unknown"]
    till.simulator.store.protected = "denied"
    assert statuses(till.consent(till.change(till.bob, "out"))) == ["unknown"]


@pytest.mark.fault("W10")
def test_tags_are_added_and_removed_one_by_one_and_foreign_tags_stay(till: Till) -> None:
    outcomes = till.tags(tag(till.alice, "hub:gold"), tag(till.bob, "hub:gold"), tag(NOBODY, "hub:gold"))
    assert statuses(outcomes) == ["confirmed", "confirmed", "not_held"]
    assert till.simulator.store.collections["customers"].nodes[till.alice]["tags"] == ["hub:gold", "vip"]
    assert statuses(till.tags(tag(till.alice, "HUB:gold", "remove"))) == ["confirmed"]
    assert till.simulator.store.collections["customers"].nodes[till.alice]["tags"] == ["vip"]
    assert [effect["applied"] for effect in till.effects("tags")] == [True, True, False, True]
    assert till.effects() == []


def test_a_comma_in_a_tag_would_touch_other_tags_and_is_not_sent(till: Till) -> None:
    renamed, kept = till.tags(tag(till.alice, "hub,vip", "remove"), tag(till.alice, "hub"))
    assert (renamed.status, kept.status) == ("rejected", "confirmed")
    assert till.simulator.store.collections["customers"].nodes[till.alice]["tags"] == ["hub", "vip"]


def test_nothing_to_write_asks_nothing(till: Till) -> None:
    assert (till.consent(), till.tags()) == ([], [])
    assert till.simulator.ledger == []


def test_a_fetched_customer_is_byte_for_byte_the_pulled_one(till: Till) -> None:
    till.consent(till.change(till.alice, "in"))
    till.clock.advance(timedelta(hours=1))
    with closing(source_of(till.base_url, till.clock)) as source:
        pulled = {record.id: record for page in source.pull(CUSTOMERS, None) for record in page.records}
    fetched = till.use(lambda shop: shop.fetch([till.bob, till.alice]))
    assert [record.id for record in fetched] == [till.bob, till.alice]
    for record in fetched:
        assert record == pulled[record.id]
        assert json.dumps(record.data) == json.dumps(pulled[record.id].data)


def test_what_is_gone_or_no_customer_is_left_out_of_a_fetch(till: Till) -> None:
    till.simulator.load(orders=[order(7)])
    many = [f"gid://shopify/Customer/{n}" for n in range(1000, 1150)]
    fetched = till.use(lambda shop: shop.fetch([NOBODY, "gid://shopify/Order/7", *many, till.charlie]))
    assert [record.id for record in fetched] == [till.charlie]
    assert len(till.simulator.ledger) == 2


@pytest.mark.parametrize("protected", ["null", "denied"])
def test_a_fetch_of_hidden_people_is_an_error_and_not_an_emptied_record(till: Till, protected: Any) -> None:
    till.simulator.store.protected = protected
    with pytest.raises(AuthError, match="protected customer data"):
        till.use(lambda shop: shop.fetch([till.alice]))


def test_refused_credentials_write_nothing(till: Till) -> None:
    with closing(destination_of(till.base_url, till.clock, token="shpat_of_a_stranger")) as stranger:
        with pytest.raises(AuthError):
            stranger.write_tags([tag(till.alice, "hub")])
        with pytest.raises(AuthError):
            stranger.fetch([till.alice])
    assert till.effects("tags") == []


def test_a_full_batch_is_one_request(till: Till) -> None:
    config = ShopifyConfig.model_validate({"store": "acme", "token": "shpat_1"})
    can = CONNECTOR.capabilities(config)
    people = [till.simulator.create_customer(email=f"person{n}@example.com") for n in range(can.consent_batch)]
    assert statuses(till.consent(*[till.change(person, "out") for person in people])) == ["confirmed"] * len(people)
    assert statuses(till.tags(*[tag(person, "hub") for person in people[: can.tag_batch]])) == ["confirmed"] * 25
    assert len(till.simulator.ledger) == 2
    assert CONNECTOR.open_destination(config) is not None


def test_the_text_of_a_document_depends_on_its_kinds_alone(till: Till) -> None:
    one, two = mutations.document(("email", "sms")), mutations.document(("email", "sms"))
    assert one is two
    assert "alice" not in one.lower()
