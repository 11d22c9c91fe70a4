"""The laws of writing catch wrong destinations; that they let right ones pass, the vendors' own tests show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from connectors.kit.base import Record
from connectors.kit.destination import ConsentChange, Destination, Outcome, Permitted, SegmentChange
from connectors.kit.errors import AuthError, VendorDown
from connectors.kit.testing_destination import DestinationConformance
from connectors.kit.testing_writes import Kind
from connectors.shopify.config import ShopifyConfig
from connectors.shopify.destination import ShopifyDestination
from connectors.shopify.simulator import TOKEN
from tests.connectors.shopify import test_shopify_laws as shopify

Consents = Sequence[Permitted[ConsentChange]]
OUT, ADD = Kind("email", "out"), Kind("", "add")
CONFIRMED = Outcome("confirmed")


class ConfirmsBlindly(ShopifyDestination):
    def write_consent(self, changes: Consents) -> list[Outcome]:
        return [CONFIRMED] * len(changes)


class TurnsTheOrder(ShopifyDestination):
    def write_consent(self, changes: Consents) -> list[Outcome]:
        return super().write_consent(changes)[::-1]


class ForgetsTheLast(ShopifyDestination):
    def write_consent(self, changes: Consents) -> list[Outcome]:
        return super().write_consent(changes)[:-1]


class ConfirmsWhatIsLost(ShopifyDestination):
    def write_consent(self, changes: Consents) -> list[Outcome]:
        try:
            return super().write_consent(changes)
        except VendorDown:
            return [CONFIRMED] * len(changes)


class TakesALossForARefusal(ShopifyDestination):
    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        try:
            return super().write_tags(changes)
        except VendorDown:
            return [Outcome("rejected")] * len(changes)


class SwallowsItsRefusal(ShopifyDestination):
    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        try:
            return super().write_tags(changes)
        except AuthError:
            return [Outcome("rejected")] * len(changes)


class TellsTheAddress(ShopifyDestination):
    def write_consent(self, changes: Consents) -> list[Outcome]:
        told = super().write_consent(changes)
        return [replace(one, message=f"{c.change.address} is done") for one, c in zip(told, changes, strict=True)]


class TellsItsToken(ShopifyDestination):
    def write_consent(self, changes: Consents) -> list[Outcome]:
        try:
            return super().write_consent(changes)
        except VendorDown as error:
            raise VendorDown(f"{error} with {TOKEN}") from None


class TagsWhomItAsks(ShopifyDestination):
    def write_consent(self, changes: Consents) -> list[Outcome]:
        self.write_tags([SegmentChange(c.change.record, c.change.address, "asked", "add", "0" * 32) for c in changes])
        return super().write_consent(changes)


class RemovesForeignTags(ShopifyDestination):
    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        super().write_tags([replace(change, tag="vip", wanted="remove") for change in changes])
        return super().write_tags(changes)


class FetchesAnotherShape(ShopifyDestination):
    def fetch(self, ids: Sequence[str]) -> list[Record]:
        return [replace(record, data={**record.data, "fetched": True}) for record in super().fetch(ids)]


class WritesEveryChannel(ShopifyDestination):
    def write_consent(self, changes: Consents) -> list[Outcome]:
        return super().write_consent([replace(c, change=replace(c.change, channel="email")) for c in changes])


class Laws(shopify.TestShopifyDestination):
    """Shopify's, for a destination to be chosen."""

    kind: type[ShopifyDestination] = ShopifyDestination

    def make_destination(self, base_url: str) -> Destination:
        return self.open(base_url, TOKEN)

    def make_stranger(self, base_url: str) -> Destination:
        return self.open(base_url, shopify.STRANGER)

    def open(self, base_url: str, token: str) -> Destination:
        settings = {"store": "acme", "token": token, "base_url": base_url}
        return self.kind(ShopifyConfig.model_validate(settings), clock=self.clock)


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        (ConfirmsBlindly, lambda laws: laws.test_a_confirmed_write_stands_and_the_same_again_changes_nothing(OUT)),
        (ConfirmsBlindly, lambda laws: laws.test_a_no_a_yes_and_a_no_again_each_stand("email")),
        (ConfirmsBlindly, lambda laws: laws.test_somebody_gone_is_not_held_and_nobody_is_made(OUT)),
        (TurnsTheOrder, lambda laws: laws.test_each_change_of_a_mixed_batch_has_its_outcome_in_its_place([OUT], 1)),
        (ForgetsTheLast, lambda laws: laws.test_a_full_batch_passes(OUT)),
        (ConfirmsWhatIsLost, lambda laws: laws.test_a_lost_answer_is_never_a_confirmation(OUT)),
        (ConfirmsWhatIsLost, lambda laws: laws.test_a_write_that_was_not_done_is_never_a_confirmation(OUT)),
        (TakesALossForARefusal, lambda laws: laws.test_a_lost_answer_is_never_a_confirmation(ADD)),
        (SwallowsItsRefusal, lambda laws: laws.test_refused_credentials_are_an_auth_error_and_write_nothing(ADD)),
        (TellsTheAddress, lambda laws: laws.test_a_confirmed_write_stands_and_the_same_again_changes_nothing(OUT)),
        (TellsItsToken, lambda laws: laws.test_a_lost_answer_is_never_a_confirmation(OUT)),
        (TagsWhomItAsks, lambda laws: laws.test_a_consent_write_leaves_everything_else_alone("email")),
        (RemovesForeignTags, lambda laws: laws.test_a_tag_write_leaves_consent_and_foreign_tags_alone()),
        (FetchesAnotherShape, lambda laws: laws.test_a_fetched_record_is_the_pulled_one_and_nothing_is_written()),
        (WritesEveryChannel, lambda laws: laws.test_what_the_capabilities_leave_out_is_told_and_not_sent()),
    ],
)
def test_the_laws_catch(wrong: type[ShopifyDestination], law: Callable[[DestinationConformance], None]) -> None:
    laws = Laws()
    laws.kind = wrong
    with laws.vendor(), pytest.raises((AssertionError, pytest.fail.Exception)):
        law(laws)


def test_the_laws_see_a_person_who_was_made_by_a_write() -> None:
    laws = Laws()

    class MakesWhoIsMissing(ShopifyDestination):
        def write_consent(self, changes: Consents) -> list[Outcome]:
            laws.simulator.create_customer(email="made@example.com")
            return super().write_consent(changes)

    laws.kind = MakesWhoIsMissing
    with laws.vendor(), pytest.raises(AssertionError, match="made or removed"):
        laws.test_somebody_gone_is_not_held_and_nobody_is_made(OUT)
