"""What consent.yaml becomes: a policy, and how far each connection may go in giving a yes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.consent.policy import Due, Inferred, Policy, Reach
from hub.settings.load import Settings, load, read
from hub.settings.settings import Narrowing
from tests.hub.settings.fakes import GOOD, write

NEWS = {
    "connections/news.yaml": "kind: news\n",
    "connections/calm.yaml": "kind: news\nconfig: {quiet: true}\n",
}


def loaded(tmp_path: Path, consent: str | None, **more: Any) -> Settings:
    return load(write(tmp_path, GOOD | NEWS | {"consent.yaml": consent} | more))


def test_every_line_reaches_the_policy(tmp_path: Path) -> None:
    text = (
        "consent:\n"
        "  default_jurisdiction: AU\n"
        "  tolerance: 40m\n"
        "  one_purpose_stops_all: true\n"
        "  mixed_addresses: address\n"
        "  inferred: {allowed: [email], expires: 365d, sources: [shop]}\n"
        "  grant_sources: {email: [shop, news.double_opt_in], sms: [shop.keyword]}\n"
        "  foreign_writers: [shop]\n"
        "  max_age: 12h\n"
        '  lists: {news: {a1b2c3: {purpose: service, brand: garden}, "7": {}}}\n'
        "  withdraw_sources: any\n"
        "  due: {AU: 5bd, US: 10bd, default: 36h}\n"
        "  never_contact_domains: [Example.INVALID, müller.example.com]\n"
    )
    assert loaded(tmp_path, text).consent == Policy(
        grant_sources={
            "email": frozenset({("shop", ""), ("news", "double_opt_in")}),
            "sms": frozenset({("shop", "keyword")}),
        },
        foreign_writers=frozenset({"shop"}),
        tolerance=timedelta(minutes=40),
        one_purpose_stops_all=True,
        mixed_addresses="address",
        inferred=Inferred(frozenset({"email"}), frozenset({"shop"}), timedelta(days=365)),
        max_age=timedelta(hours=12),
        lists={"news/a1b2c3": Reach("service", "garden"), "news/7": Reach()},
        never_contact_domains=frozenset({"example.invalid", "xn--mller-kva.example.com"}),
        jurisdiction="AU",
        due={"AU": Due(business_days=5), "US": Due(business_days=10), "default": Due(time=timedelta(hours=36))},
    )


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n", "consent:\ndestinations:\n"])
def test_a_file_that_says_nothing_trusts_nobody(text: str | None, tmp_path: Path) -> None:
    assert loaded(tmp_path, text).consent == Policy()


def test_a_jurisdiction_without_a_line_of_its_own_has_two_days(tmp_path: Path) -> None:
    policy = loaded(tmp_path, "consent: {default_jurisdiction: NZ, due: {AU: 5bd}}\n").consent
    assert policy.due == {"AU": Due(business_days=5), "default": Due(time=timedelta(days=2))}


class TestNarrowing:
    def test_without_a_line_a_person_who_left_is_not_even_asked(self, tmp_path: Path) -> None:
        connections = loaded(tmp_path, None).connections
        assert connections["news"].narrowed == Narrowing("never", push_grants=True)
        assert connections["shop"].narrowed == Narrowing("plain", push_grants=True)
        assert connections["calm"].narrowed == Narrowing("never", push_grants=False)
        assert connections["loyalty"].narrowed == Narrowing("never", push_grants=False)

    def test_the_operator_allows_the_question_and_forbids_a_yes(self, tmp_path: Path) -> None:
        text = "destinations: {news: {resubscribe: pending}, shop: {resubscribe: never, push_grants: never}}\n"
        connections = loaded(tmp_path, text).connections
        assert connections["news"].narrowed == Narrowing("pending", push_grants=True)
        assert connections["shop"].narrowed == Narrowing("never", push_grants=False)

    def test_what_is_forbidden_anyway_may_be_said(self, tmp_path: Path) -> None:
        text = "destinations: {calm: {resubscribe: never, push_grants: never}}\n"
        assert loaded(tmp_path, text).connections["calm"].narrowed == Narrowing("never", push_grants=False)

    def test_a_connection_knows_what_its_config_lets_it_do(self, tmp_path: Path) -> None:
        connections = loaded(tmp_path, None).connections
        assert connections["news"].capabilities.directions == ("out", "in")
        assert connections["calm"].capabilities.directions == ("out",)
        assert connections["shop"].capabilities.consent == ("email", "sms")


class TestNobodyMayGrant:
    def codes(self, tmp_path: Path, **files: Any) -> list[tuple[str, str]]:
        found = read(write(tmp_path, GOOD | files))
        assert found.settings is not None
        return [(problem.where, problem.code) for problem in found.problems]

    def test_it_is_told_where_the_line_is_missing(self, tmp_path: Path) -> None:
        without = {"consent.yaml": "consent: {tolerance: 5m}\n"}
        assert self.codes(tmp_path, **without) == [("config/consent.yaml:1:1", "HUB-C045")]
        assert self.codes(tmp_path, **{"consent.yaml": None}) == [("config/consent.yaml:1:1", "HUB-C045")]
        empty = {"consent.yaml": "consent: {grant_sources: {email: []}}\n"}
        assert self.codes(tmp_path, **empty) == [("config/consent.yaml:1:11", "HUB-C045")]

    @pytest.mark.parametrize("push", ["", "push: {mode: off, consent: [email]}\n", "push: {mode: auto}\n"])
    def test_it_is_no_matter_where_no_consent_is_pushed(self, push: str, tmp_path: Path) -> None:
        shop = GOOD["connections/shop.yaml"].replace("push: {mode: plan, consent: [email]}\n", push)
        assert self.codes(tmp_path, **{"consent.yaml": None, "connections/shop.yaml": shop}) == []


def test_a_secret_written_here_by_reference_is_not_repeated(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD | {"consent.yaml": 'consent: {foreign_writers: ["${env:SHOP_TOKEN}"]}\n'})
    (problem,) = [problem for problem in read(folder).problems if problem.severity == "error"]
    assert problem.message == "there is no connection '••••'"
