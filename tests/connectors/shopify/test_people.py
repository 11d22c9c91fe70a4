"""The persons' own deeds in the simulated store, and what the store's API makes of a consent write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.shopify.mutations import Call, document, variables
from connectors.shopify.simulator import TOKEN
from tests.connectors.shopify.store import at
from tests.connectors.shopify.till import NOBODY, Till


def post(till: Till, query: str, values: dict[str, Any]) -> Any:
    return requests.post(
        f"{till.base_url}/admin/api/2026-07/graphql.json",
        json={"query": query, "variables": values},
        headers={"X-Shopify-Access-Token": TOKEN},
        timeout=10,
    ).json()


def consent(till: Till, record: str, state: str, when: str | None = None) -> tuple[str | None, list[Any]]:
    """Write an e-mail consent as any app would; the state in the payload, and the userErrors as (field, code)."""
    block = {"marketingState": state, **({"consentUpdatedAt": when} if when else {})}
    call = Call("email", {"input": {"customerId": record, "emailMarketingConsent": block}})
    payload = post(till, document(("email",)), variables([call]))["data"]["m0"]
    errors = [(error["field"][-1], error["code"]) for error in payload["userErrors"]]
    shown = payload["customer"] and payload["customer"]["defaultEmailAddress"]["marketingState"]
    return shown, errors


def moved(till: Till, record: str) -> str:
    node = till.simulator.store.customer(record)
    assert node is not None
    return str(node["updatedAt"])


def test_the_newest_time_wins_and_an_older_write_is_taken_and_ignored(till: Till) -> None:
    now, before = till.clock.now(), till.clock.now() - timedelta(minutes=30)
    assert consent(till, till.alice, "SUBSCRIBED", at(before)) == ("SUBSCRIBED", [])
    assert consent(till, till.alice, "UNSUBSCRIBED", at(before - timedelta(seconds=1))) == ("SUBSCRIBED", [])
    assert consent(till, till.alice, "UNSUBSCRIBED", at(before)) == ("SUBSCRIBED", [])
    assert consent(till, till.alice, "UNSUBSCRIBED", at(before + timedelta(seconds=1))) == ("UNSUBSCRIBED", [])
    assert consent(till, till.alice, "PENDING") == ("PENDING", [])
    assert till.held(till.alice)[2] == at(now)
    assert [effect["before"] == effect["after"] for effect in till.effects()] == [False, True, True, False, False]


def test_an_equal_state_keeps_its_time_and_moves_nothing(till: Till) -> None:
    before, change_time = till.held(till.charlie), moved(till, till.charlie)
    assert consent(till, till.charlie, "UNSUBSCRIBED") == ("UNSUBSCRIBED", [])
    assert (till.held(till.charlie), moved(till, till.charlie)) == (before, change_time)


def test_a_consent_or_tag_that_changes_moves_the_change_time(till: Till) -> None:
    consent(till, till.charlie, "SUBSCRIBED", at(till.clock.now() - timedelta(minutes=30)))
    assert moved(till, till.charlie) == at(till.clock.now())
    till.clock.advance(timedelta(hours=1))
    tagged = Call("add", {"id": till.charlie, "tags": ["one, two"]})
    payload = post(till, document(("add",)), variables([tagged]))["data"]["m0"]
    assert payload == {"node": {"id": till.charlie, "tags": ["one", "two"]}, "userErrors": []}
    assert moved(till, till.charlie) == at(till.clock.now())


@pytest.mark.parametrize("state", ["NOT_SUBSCRIBED", "REDACTED", "INVALID"])
def test_a_state_that_nobody_may_write_is_refused(till: Till, state: str) -> None:
    assert consent(till, till.charlie, state) == (None, [("marketingState", "INVALID")])
    [effect] = till.effects()
    assert (effect["wanted"], effect["before"], effect["after"]) == ("", "UNSUBSCRIBED", "UNSUBSCRIBED")


def test_what_cannot_be_is_refused_inside_a_200(till: Till) -> None:
    future = at(till.clock.now() + timedelta(seconds=1))
    by_phone = till.simulator.create_customer(phone="+61491570157")
    assert consent(till, NOBODY, "SUBSCRIBED") == (None, [("customerId", "INVALID")])
    assert consent(till, till.alice, "SUBSCRIBED", future) == (None, [("consentUpdatedAt", "INVALID")])
    assert consent(till, by_phone, "SUBSCRIBED") == (None, [("emailMarketingConsent", "INVALID")])
    assert [effect["address"] for effect in till.effects()] == ["", "alice@example.com", ""]


def test_a_time_that_is_none_is_an_error_before_anything_is_written(till: Till) -> None:
    block = {"marketingState": "SUBSCRIBED", "consentUpdatedAt": "yesterday"}
    call = Call("email", {"input": {"customerId": till.alice, "emailMarketingConsent": block}})
    body = post(till, document(("email",)), variables([call]))
    assert "data" not in body
    assert body["errors"]
    assert till.effects() == []


def test_a_time_may_be_written_in_any_zone_and_into_the_text_itself(till: Till) -> None:
    text = """mutation { customerSmsMarketingConsentUpdate(input: {customerId: "%s", smsMarketingConsent: {
        marketingState: SUBSCRIBED, consentUpdatedAt: "2026-05-31T10:00:00.5+10:00"}}) { userErrors { field } } }"""
    assert "errors" not in post(till, text % till.alice, {})
    assert till.held(till.alice, "sms") == ("SUBSCRIBED", "UNKNOWN", "2026-05-31T00:00:00Z")


def test_a_mutation_costs_ten_points_and_an_empty_bucket_runs_none(till: Till) -> None:
    call = Call("email", {"input": {"customerId": till.alice, "emailMarketingConsent": {"marketingState": "PENDING"}}})
    text, values = document(("email", "email")), variables([call, call])
    assert post(till, text, values)["extensions"]["cost"]["actualQueryCost"] == 20
    till.simulator.bucket.drain()
    body = post(till, text, values)
    assert (body["errors"][0]["extensions"]["code"], "data" in body) == ("THROTTLED", False)
    assert till.simulator.ledger[-1].effect is None


def test_mutations_run_in_the_order_of_the_document(till: Till) -> None:
    calls = [Call("add", {"id": till.alice, "tags": ["a"]}), Call("remove", {"id": till.alice, "tags": ["A", "VIP"]})]
    data = post(till, document(("add", "remove")), variables(calls))["data"]
    assert [data[key]["node"]["tags"] for key in ("m0", "m1")] == [["a", "vip"], []]


def test_a_node_is_found_by_its_id_whatever_it_is(till: Till) -> None:
    bought = till.simulator.place_order(till.alice)
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Customer { tags } ... on Order { name } } }"
    nodes = post(till, query, {"ids": [bought, NOBODY, till.alice, "nonsense"]})["data"]["nodes"]
    assert nodes == [
        {"__typename": "Order", "id": bought, "name": "#1"},
        None,
        {"__typename": "Customer", "id": till.alice, "tags": ["vip"]},
        None,
    ]
    assert till.simulator.ledger[-1].records == {"orders": 1, "customers": 1}
    too_many = post(till, query, {"ids": [NOBODY] * 251})
    assert too_many["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    single = post(till, "query($id: ID!) { node(id: $id) { id } }", {"id": till.bob})["data"]
    assert single == {"node": {"id": till.bob}}


def test_a_form_filled_again_has_a_new_time_and_a_second_unsubscribe_moves_only_the_change_time(till: Till) -> None:
    for _ in range(2):
        till.clock.advance(timedelta(minutes=1))
        till.simulator.fill_form(till.alice, "email", "CONFIRMED_OPT_IN")
        assert till.held(till.alice) == ("SUBSCRIBED", "CONFIRMED_OPT_IN", at(till.clock.now()))
    till.clock.advance(timedelta(minutes=1))
    till.simulator.unsubscribe(till.alice, "email")
    said = till.held(till.alice)
    assert said[0::2] == ("UNSUBSCRIBED", at(till.clock.now()))
    till.clock.advance(timedelta(minutes=1))
    till.simulator.unsubscribe(till.alice, "email")
    assert till.held(till.alice) == said
    assert moved(till, till.alice) == at(till.clock.now())
    assert till.simulator.ledger == []


def test_a_new_address_inherits_the_old_ones_yes(till: Till) -> None:
    till.simulator.fill_form(till.alice, "email")
    till.simulator.fill_form(till.alice, "sms")
    email, sms = till.held(till.alice), till.held(till.alice, "sms")
    till.clock.advance(timedelta(hours=1))
    till.simulator.change_email(till.alice, "alice.adams@example.org")
    till.simulator.change_phone(till.alice, "+61491570158")
    assert (till.held(till.alice), till.held(till.alice, "sms")) == (email, sms)
    assert till.simulator.sendable("alice@example.com", "email") is None
    assert till.simulator.sendable("Alice.Adams@example.org", "email") is True
    assert till.simulator.sendable("+61491570158", "sms") is True
    assert till.simulator.customer_of("alice.adams@example.org") == till.alice


def test_a_first_address_comes_without_consent(till: Till) -> None:
    till.simulator.change_phone(till.charlie, "+61491570159")
    assert till.held(till.charlie, "sms") == ("NOT_SUBSCRIBED", None, None)


def test_a_shared_phone_is_sent_to_while_one_of_its_holders_says_yes(till: Till) -> None:
    assert till.simulator.sendable("+61491570156", "sms") is False
    till.simulator.fill_form(till.bob, "sms")
    assert till.simulator.sendable("+61491570156", "sms") is True
    assert till.simulator.sendable("+61491570156", "email") is None
    till.simulator.delete("customers", till.bob)
    assert till.simulator.sendable("+61491570156", "sms") is False


def test_an_order_moves_the_change_time_and_no_consent(till: Till) -> None:
    before = till.held(till.charlie)
    first, second = till.simulator.place_order(till.charlie), till.simulator.place_order(till.charlie)
    node = till.simulator.store.collections["customers"].nodes[till.charlie]
    assert first != second
    assert (till.held(till.charlie), node["numberOfOrders"]) == (before, "2")
    assert node["updatedAt"] == at(till.clock.now())


def test_another_apps_copy_looks_like_an_act_and_is_not_in_our_ledger(till: Till) -> None:
    till.simulator.foreign_copy(till.charlie, "email", "SUBSCRIBED")
    assert till.held(till.charlie) == ("SUBSCRIBED", "SINGLE_OPT_IN", at(till.clock.now()))
    assert till.simulator.ledger == []


def test_a_channel_without_an_address_has_no_form(till: Till) -> None:
    with pytest.raises(LookupError):
        till.simulator.fill_form(till.charlie, "sms")
