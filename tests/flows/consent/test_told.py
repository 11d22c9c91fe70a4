"""A no that a shop's webhook tells stays one, whatever the shop shows when it is asked a moment later."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode

import pytest
from starlette.testclient import TestClient

from hub.admin.app import create_app
from hub.stages.order import rebuild
from tests.flows.consent.backlog import HOOK_SECRET, SHOP
from tests.flows.consent.life import Life
from tests.flows.consent.test_by_the_queue import drain
from tests.flows.consent.town import Somebody
from tests.hub.admin.browsing import ORIGIN


def unsubscribed(life: Life, who: Somebody) -> int:
    """The shop tells that this person clicks unsubscribe; its answer's status."""
    said = {"state": "unsubscribed", "consent_updated_at": life.town.shop.now().isoformat()}
    number = int(who.customer.rpartition("/")[2])
    told = {"customer_id": number, "email_address": who.email, "email_marketing_consent": said}
    body = json.dumps(told).encode()
    headers = {
        "X-Shopify-Topic": "customers_email_marketing_consent/update",
        "X-Shopify-Hmac-SHA256": b64encode(hmac.digest(HOOK_SECRET.encode(), body, "sha256")).decode(),
    }
    client = TestClient(create_app(life.hub.store, life.hub.settings), base_url=ORIGIN)
    return int(client.post("/hooks/shop", content=body, headers=headers).status_code)


@pytest.mark.fault("A12")
def test_a_no_by_the_shops_webhook_stays_a_no_though_the_customer_is_read_again_as_subscribed(
    life_anywhere: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = life_anywhere
    monkeypatch.setenv("SHOP_HOOK", HOOK_SECRET)
    life.configure(connections_shop=SHOP)
    charlie = life.town.welcome("Charlie", 158)
    life.sync()
    life.sync()
    assert life.hub.state("email", charlie.email)["may_send"]
    life.later(days=1)
    assert unsubscribed(life, charlie) == 200
    life.later(minutes=1)
    life.town.shop.foreign_copy(charlie.customer, "email", "SUBSCRIBED", level="UNKNOWN")
    assert ("refetch", "ok") in [(end.stream, end.status) for end in drain(life)]
    life.sync(full=True)
    rebuild(life.hub.store, life.hub.settings)
    assert life.hub.state("email", charlie.email)["may_send"] is False
    life.sync()
    assert life.town.sending_to("email", charlie.email) == []
