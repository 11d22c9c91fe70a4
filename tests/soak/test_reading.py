"""The oracle reads real vendors and a real hub aright: it agrees after a sync, and sees what is done after it."""

from __future__ import annotations

import random
from base64 import b64encode

import requests

from connectors.mailchimp.audience import subscriber_hash
from connectors.mailchimp.simulator import API_KEY
from tests.flows.consent.town import LIST
from tests.soak import oracle
from tests.soak.conftest import Place
from tests.soak.diary import acts_of, effects_of, said
from tests.soak.held import held_by
from tests.soak.people import People


def complaints(place: Place) -> list[str]:
    held, told = held_by(place.world.town), place.exported()
    of_records = oracle.lost(held, told) + oracle.outdated(held, told) + oracle.stale(held, told)
    return of_records + oracle.doubled_records(told)


def of_consent(place: Place) -> list[str]:
    town, runs = place.world.town, place.asking.runs() or []
    acts = [act for simulator in town.simulators.values() for act in acts_of(simulator.ledger)]
    effects = [one for name, simulator in town.simulators.items() for one in effects_of(name, simulator.ledger)]
    sending = {act.line: town.sending_to(*act.line) for act in acts}
    found = oracle.doubled_effects(effects, acts) + oracle.sent(effects, acts, runs)
    return found + oracle.standing(acts, sending, held_by(town).tagged)


def test_after_a_sync_it_finds_nothing_and_before_the_next_what_people_did(place: Place) -> None:
    place.hub.here("sync")
    place.hub.here("sync")
    assert complaints(place) == of_consent(place) == []
    assert len(held_by(place.world.town).records) > 10
    people = People(place.world, random.Random(5))
    for verb in people.verbs:
        verb()
    assert complaints(place) != []
    assert of_consent(place) != []
    place.hub.here("sync", "--reconcile")
    place.hub.here("sync")
    assert complaints(place) == of_consent(place) == []


def test_a_tool_that_subscribes_charlie_who_left_is_found_in_the_vendors_ledger(place: Place) -> None:
    newsletter = place.world.town.newsletter
    with newsletter.lock:
        newsletter.fill_form(LIST, "charlie@example.com")
        said(newsletter, "newsletter", "yes", "email", "charlie@example.com")
    place.hub.here("sync")
    with newsletter.lock:
        newsletter.upsert(LIST, {"email_address": "charlie@example.com", "status": "unsubscribed"})
        said(newsletter, "newsletter", "no", "email", "charlie@example.com")
    place.hub.here("sync")
    assert of_consent(place) == []
    url = f"{place.world.town.urls['newsletter']}/3.0/lists/{LIST}/members/{subscriber_hash('charlie@example.com')}"
    login = b64encode(f"hub:{API_KEY}".encode()).decode()
    with place.world.town.at(oracle.LATEST):
        reply = requests.patch(
            url, json={"status": "subscribed"}, headers={"Authorization": f"Basic {login}"}, timeout=9
        )
        assert reply.status_code == 200
        found = of_consent(place)
    assert [one.split(":")[0] for one in found] == ["sent", "sent"]
