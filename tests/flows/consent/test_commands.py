"""Consent and push at the command line: what is shown, what is sent, what is refused, and what a person may record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flows.consent.life import LAG, Time, ticking
from tests.flows.consent.town import Somebody, Town, configure, hub_of, open_town
from tests.flows.terminal import Hub, Said

PROOF = ("--method", "form", "--evidence", "form 17", "--by", "Olive")


@dataclass
class Desk:
    """An operator at the command line of a town's hub, with Alice who said yes and Charlie who said no."""

    town: Town
    hub: Hub
    time: Time
    alice: Somebody
    charlie: Somebody

    def sync(self, *words: str) -> Any:
        self.time.pass_by(LAG)
        return self.hub.here("sync", "--json", *words).document

    def says(self, *words: str, code: int = 0) -> Any:
        return self.hub.here(*words, "--json", code=code).document

    def record(self, *words: str, code: int = 0) -> Said:
        self.time.pass_by(timedelta(seconds=1))
        return self.hub.here("consent", "record", *words, code=code)

    def entry(self, address: str, channel: str) -> Any:
        found = self.says("consent", "show", address)["entries"]
        return next(one for one in found if one["channel"] == channel)

    def reason(self, address: str, channel: str = "email") -> str:
        return str(self.entry(address, channel)["reason"])


@contextmanager
def opened(root: Path, database: str) -> Iterator[Desk]:
    with ticking() as time, open_town(root) as town:
        town.neighbours(12)
        alice = town.welcome("Alice", 156)
        charlie = town.welcome("Charlie", 158, consent="UNSUBSCRIBED")
        yield Desk(town, hub_of(root, database), time, alice, charlie)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """On SQLite, before the first sync."""
    with opened(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}") as found:
        yield found


@pytest.fixture
def desk_anywhere(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    """Once on SQLite and once on PostgreSQL, before the first sync."""
    with opened(tmp_path, database_url) as found:
        yield found


def nothing_sent(town: Town) -> bool:
    return not any(town.writes().values())


def sketch(operations: list[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    return {(one["destination"], one["address"], one["field"], one["new"]) for one in operations}


def test_a_plan_shows_what_would_leave_and_sends_nothing(desk_anywhere: Desk) -> None:
    desk = desk_anywhere
    desk.sync("--no-push")
    shown = desk.says("plan")
    assert {
        ("newsletter", "charlie@example.com", "email", "out"),
        ("newsletter", "alice@example.com", "email", "in"),
        ("help", desk.alice.phone, "sms", "in"),
    } < sketch(shown["operations"])
    first = shown["operations"][0]
    assert (first["change"], first["reason"], first["old"]) == ("consent", "withdrawn", "never")
    assert first["contact_id"] == desk.says("contacts", "show", desk.charlie.email)["id"]
    assert {(one["destination"], one["reason"]) for one in shown["withheld"]} == {("texts", "unknown_there")}
    assert desk.says("plan")["plan_id"] == shown["plan_id"]
    assert nothing_sent(desk.town)


def test_a_plan_in_words_sums_up_each_destination_and_says_how_to_send_it(desk: Desk) -> None:
    desk.sync("--no-push")
    said = desk.hub.here("plan")
    lines = said.stdout.splitlines()
    assert "help  opt-out 1 · untag 0 · tag 0 · grant 3 · withheld 0 · guard: ok" in lines
    assert "texts  opt-out 0 · untag 0 · tag 0 · grant 0 · withheld 2 (unknown_there 2) · guard: ok" in lines
    assert "alice@example.com email: never -> in (granted)" in said.stdout
    number = lines[-1].removeprefix("plan ")
    assert f"hub push --plan {number} sends exactly this" in said.stderr


def test_an_approved_plan_is_sent_exactly(desk_anywhere: Desk) -> None:
    desk = desk_anywhere
    desk.sync("--no-push")
    shown = desk.says("plan")
    pushed = desk.says("push", "--plan", shown["plan_id"])
    assert pushed["operations"] == shown["operations"]
    (written,) = desk.says("audit", "list")["entries"]
    assert (written["action"], written["subject"]) == ("plan.approve", f"plan:{shown['plan_id']}")
    sent = {
        (name, one["address"], one["channel"], one["wanted"])
        for name, effects in desk.town.writes().items()
        for one in effects
    }
    assert sent == sketch(shown["operations"])
    assert pushed["pushed"] == {"withdrawals": 2, "grants": 4, "segments": 0}
    assert {end["destination"]: end["exit_code"] for end in pushed["destinations"]} == {"help": 0, "newsletter": 0}
    assert desk.says("plan")["operations"] == []


def test_an_approval_is_refused_when_the_data_has_moved_and_says_what_moved(desk: Desk) -> None:
    desk.sync("--no-push")
    number = desk.says("plan")["plan_id"]
    desk.town.shop.unsubscribe(desk.alice.customer, "email")
    desk.sync("--no-push")
    refused = desk.hub.here("push", "--plan", number, code=1)
    assert f"the data has moved since plan {number}" in refused.stderr
    assert "email: never -> out" in refused.stderr
    assert "no longer: newsletter" in refused.stderr
    assert nothing_sent(desk.town)


def test_a_plan_that_was_never_shown_cannot_be_sent(desk: Desk) -> None:
    desk.sync("--no-push")
    assert "there is no plan 0123456789ab" in desk.hub.here("push", "--plan", "0123456789ab", code=2).stderr
    assert nothing_sent(desk.town)


@pytest.mark.fault("W13")
def test_a_dry_run_writes_nothing_anywhere(desk: Desk) -> None:
    said = desk.sync("--dry-run")
    assert said["push"]["destinations"] == []
    assert nothing_sent(desk.town)
    assert desk.says("plan")["operations"] == []


def test_a_sync_pushes_what_may_go_and_counts_it(desk: Desk) -> None:
    pushed = desk.sync()["push"]
    assert (pushed["withdrawals"], pushed["grants"], pushed["segments"], pushed["withheld"]) == (2, 4, 0, 2)
    assert (pushed["waiting"], pushed["held_grants"]) == ([], {})
    assert desk.town.consents("newsletter")[0] == ("email", "charlie@example.com", "out")
    again = desk.sync()["push"]
    assert (again["withdrawals"], again["grants"], again["destinations"]) == (0, 0, [])


@pytest.mark.fault("W06")
def test_without_an_approval_only_opt_outs_leave_the_first_time(desk: Desk) -> None:
    newsletter = (desk.town.root / "config/connections/newsletter.yaml").read_text(encoding="utf-8")
    configure(
        desk.town.root, desk.town.urls, connections_newsletter=newsletter.replace("first: auto", "first: approve")
    )
    pushed = desk.sync()["push"]
    assert [(one["destination"], one["reason"]) for one in pushed["waiting"]] == [("newsletter", "first")]
    assert desk.town.consents("newsletter") == [("email", "charlie@example.com", "out")]
    assert "guard: the first 1 grants and segment changes wait for a person" in desk.hub.here("plan").stdout
    assert "hub push --plan" in desk.hub.here("push").stderr
    desk.says("push", "--plan", desk.says("plan")["plan_id"])
    assert desk.town.consents("newsletter")[-1] == ("email", "alice@example.com", "in")


def test_a_destination_that_fails_gives_its_exit_code_and_the_others_are_told(desk: Desk) -> None:
    desk.sync("--no-push")
    configure(desk.town.root, {**desk.town.urls, "help": "http://127.0.0.1:1"})
    ended = desk.says("push", code=69)
    codes = {end["destination"]: end["exit_code"] for end in ended["destinations"]}
    assert codes == {"help": 69, "newsletter": 0}
    assert ("email", "charlie@example.com", "out") in desk.town.consents("newsletter")
    assert [one["status"] for one in desk.entry(desk.charlie.email, "email")["deliveries"]].count("queued") == 1


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ((), "--at, when the person said yes"),
        (("--at", "2026-03-01", "--evidence", "form 17"), "--method, how they said it"),
        (("--at", "2026-03-01", "--method", "import", "--evidence", "a list"), "--method, how they said it"),
        (("--at", "2026-03-01", "--method", "form"), "--evidence or --wording"),
        (("--at", "2026-03-01", "--method", "checkbox", "--evidence", "form 17"), "--wording, what stood beside"),
        (("--at", "2026-03-01", "--method", "agent", "--wording", "Yes please"), "--evidence, what the agent's word"),
        (("--at", "2027-03-01", *PROOF), "lies in the future"),
        (("--at", "yesterday", *PROOF), "--at takes a date or an ISO time"),
    ],
)
def test_a_yes_without_its_proof_is_refused(desk: Desk, words: tuple[str, ...], missing: str) -> None:
    refused = desk.record("bob@example.com", "--action", "grant", *words, code=2)
    assert missing in refused.stderr
    assert desk.entry("bob@example.com", "email")["events"] == []


def test_a_proven_yes_after_a_no_arrives_where_it_may(desk: Desk) -> None:
    desk.sync()
    desk.record(desk.charlie.email, "--action", "grant", "--at", "2026-03-03T12:00:00Z", *PROOF)
    entry = desk.entry(desk.charlie.email, "email")
    assert (entry["state"], entry["may_send"], entry["at"]) == ("granted", True, "2026-03-03T12:00:00+00:00")
    newest = entry["events"][0]
    assert (newest["source"], newest["actor"], newest["basis"], newest["evidence"]) == (
        "hub",
        "Olive",
        "express",
        "form 17",
    )
    desk.sync()
    assert desk.town.consents("newsletter")[-1] == ("email", "charlie@example.com", "in")


def test_a_day_without_a_time_is_a_day_of_the_hubs_own_zone(desk: Desk) -> None:
    desk.record("bob@example.com", "--action", "withdraw", "--at", "2026-03-02", "--by", "Olive")
    entry = desk.entry("bob@example.com", "email")
    assert entry["at"] == "2026-03-02T13:00:00+00:00"  # the end of the second of March in Sydney
    assert entry["events"][0]["precision"] == "date"


def test_a_no_needs_nothing_but_the_address_and_arrives_everywhere(desk_anywhere: Desk) -> None:
    desk = desk_anywhere
    desk.sync()
    desk.town.forget()
    recorded = desk.record("Alice@Example.com", "--action", "withdraw", "--json").document
    assert (recorded["address"], recorded["entries"][0]["reason"]) == ("alice@example.com", "withdrawn")
    assert nothing_sent(desk.town)
    desk.says("push")
    for name in ("shop", "newsletter", "help"):
        assert desk.town.consents(name) == [("email", "alice@example.com", "out")]
    entry = desk.entry(desk.alice.email, "email")
    assert {one["destination"]: one["shown"] for one in entry["destinations"]} == {
        "help": "out",
        "newsletter": "out",
        "shop": "out",
    }
    latest = {one["destination"]: (one["wanted"], one["status"]) for one in reversed(entry["deliveries"])}
    assert latest == dict.fromkeys(("help", "newsletter", "shop"), ("out", "confirmed"))
    assert entry["due_at"] is None


def test_a_no_for_a_phone_without_a_channel_is_one_for_every_channel(desk: Desk) -> None:
    desk.sync()
    desk.record("0491 570 156", "--action", "withdraw")
    found = desk.says("consent", "show", desk.alice.phone)
    assert found["address"] == desk.alice.phone
    assert {one["channel"]: one["reason"] for one in found["entries"]} == dict.fromkeys(
        ("sms", "whatsapp", "voice"), "withdrawn"
    )
    assert "one channel of a phone" in desk.record(desk.alice.phone, "--action", "grant", *PROOF, code=2).stderr
    assert (
        "is no address for sms"
        in desk.record(desk.alice.email, "--action", "withdraw", "--channel", "sms", code=2).stderr
    )


def test_an_objection_reaches_all_addresses_of_the_person(desk_anywhere: Desk) -> None:
    desk = desk_anywhere
    desk.sync()
    desk.town.forget()
    desk.record("--object", desk.alice.email, "--by", "Olive")
    assert desk.reason(desk.alice.email) == desk.reason(desk.alice.phone, "sms") == "objection"
    event = desk.entry(desk.alice.phone, "sms")["events"][0]
    assert (event["channel"], event["action"], event["actor"]) == ("*", "object", "Olive")
    desk.sync()
    for name in ("shop", "help"):
        assert set(desk.town.consents(name)) == {
            ("email", desk.alice.email, "out"),
            ("sms", desk.alice.phone, "out"),
        }
    assert desk.town.consents("texts") == [("sms", desk.alice.phone, "out")]


def test_only_a_named_person_with_a_reason_ends_an_objection(desk: Desk) -> None:
    desk.sync()
    number = desk.record("--object", desk.alice.email, "--json").document["recorded"][0]
    lift = (desk.alice.phone, "--action", "lift", "--event", number)
    assert "a lift needs --reason" in desk.record(*lift, code=2).stderr
    assert "only a named person" in desk.record(*lift, "--reason", "wrong Alice", code=2).stderr
    desk.record(*lift, "--reason", "wrong Alice", "--by", "Olive")
    assert desk.reason(desk.alice.email) == desk.reason(desk.alice.phone, "sms") == "granted"


def test_a_suppression_stands_until_it_is_lifted_by_its_id(desk: Desk) -> None:
    desk.sync()
    suppress = (desk.alice.email, "--action", "suppress")
    assert "--reason of a suppression is one of complaint" in desk.record(*suppress, code=2).stderr
    number = desk.record(*suppress, "--reason", "complaint", "--json").document["recorded"][0]
    assert desk.reason(desk.alice.email) == "complaint"
    lift = (desk.alice.email, "--action", "lift", "--reason", "a slip of the finger", "--by", "Olive")
    assert "no stop of this address" in desk.record(*lift, "--event", "nothing", code=2).stderr
    desk.record(*lift, "--event", number)
    assert desk.reason(desk.alice.email) == "granted"


def test_what_cannot_be_recorded_is_refused(desk: Desk) -> None:
    assert "takes an address and an --action" in desk.record(code=2).stderr
    assert "takes an address and an --action" in desk.record(desk.alice.email, code=2).stderr
    assert "--object KEY stands instead" in desk.record(desk.alice.email, "--object", "x", code=2).stderr
    assert "is no e-mail and no phone" in desk.record("nobody", "--action", "withdraw", code=2).stderr
    assert (
        "--method of a withdrawal"
        in desk.record(desk.alice.email, "--action", "withdraw", "--method", "import", code=2).stderr
    )
    assert "no contact has the key" in desk.record("--object", "zoe@example.com", code=1).stderr
    assert "is no e-mail and no phone" in desk.hub.here("consent", "show", "nobody", code=2).stderr


def test_a_no_that_has_not_arrived_in_time_is_overdue_until_it_has(desk_anywhere: Desk) -> None:
    desk = desk_anywhere
    desk.sync()
    assert "has arrived" in desk.hub.here("consent", "overdue").stderr
    desk.record(desk.alice.email, "--action", "withdraw")
    due = desk.entry(desk.alice.email, "email")["due_at"]
    desk.time.pass_by(timedelta(days=1, hours=23))
    desk.record(desk.alice.email, "--action", "withdraw")  # she says it again, which gives nobody more time
    assert desk.says("consent", "overdue") == {"overdue": []}
    desk.time.pass_by(timedelta(hours=2))
    late = desk.says("consent", "overdue", code=1)["overdue"]
    assert [(one["destination"], one["status"], one["due_at"]) for one in late] == [
        ("help", "waiting", due),
        ("newsletter", "waiting", due),
        ("shop", "waiting", due),
    ]
    entry = desk.entry(desk.alice.email, "email")
    assert (entry["overdue"], entry["due_at"]) == (True, due)
    assert "alice@example.com (email) at help" in desk.hub.here("consent", "overdue", code=1).stdout
    desk.says("push")
    assert desk.says("consent", "overdue") == {"overdue": []}


def test_segments_tell_who_is_inside_and_who_may_be_sent_to(desk: Desk) -> None:
    for somebody in (desk.alice, desk.charlie):
        desk.town.shop.place_order(somebody.customer)
        desk.town.shop.place_order(somebody.customer)
    desk.sync()
    (vip,) = desk.says("segments", "list")["segments"]
    assert (vip["name"], vip["title"], vip["members"], vip["entered"], vip["left"]) == ("vip", "Regulars", 2, 2, 0)
    assert vip["targets"] == {"help": "VIP", "newsletter": "VIP", "shop": "VIP"}
    found = desk.says("segments", "preview", "vip")
    assert found["counts"] == {"members": 2, "may_send": 1}
    assert [(one["name"], one["may_send"]) for one in found["members"]] == [
        ("Alice Town", True),
        ("Charlie Town", False),
    ]
    assert len(desk.says("segments", "preview", "vip", "--limit", "1")["members"]) == 1
    said = desk.hub.here("segments", "preview", "vip").stdout
    assert "2 in vip, 1 of them may be sent to (email)" in said
    assert "+2 -0 in a week" in desk.hub.here("segments", "list").stdout
    assert "there is no segment 'vap'; there are: vip" in desk.hub.here("segments", "preview", "vap", code=2).stderr


def test_a_preview_follows_the_rules_as_they_are_written_now(desk: Desk) -> None:
    desk.town.shop.place_order(desk.alice.customer)
    desk.sync()
    assert desk.says("segments", "preview", "vip")["counts"]["members"] == 0
    segments = (desk.town.root / "config/segments.yaml").read_text(encoding="utf-8")
    configure(desk.town.root, desk.town.urls, segments=segments.replace("at_least: 2", "at_least: 1"))
    assert desk.says("segments", "preview", "vip")["counts"]["members"] == 1


def test_a_contact_is_shown_with_consent_per_address_segments_and_traits(desk: Desk) -> None:
    desk.town.shop.place_order(desk.alice.customer)
    desk.town.shop.place_order(desk.alice.customer)
    desk.sync()
    shown = desk.says("contacts", "show", desk.alice.email)
    assert {(one["address"], one["channel"], one["may_send"]) for one in shown["consent"]} == {
        (desk.alice.email, "email", True),
        (desk.alice.phone, "sms", True),
    }
    email = next(one for one in shown["consent"] if one["channel"] == "email")
    assert {(one["source"].split(":")[0], one["state"]) for one in email["observed"]} == {
        ("help", "unknown"),
        ("newsletter", "unknown"),
        ("shop", "granted"),
    }
    assert [one["name"] for one in shown["segments"]] == ["vip"]
    assert shown["segments"][0]["entered_at"]
    assert (shown["traits"]["orders"], shown["traits"]["may_send.email"]) == (2, True)
    assert None not in shown["traits"].values()
    said = desk.hub.here("contacts", "show", desk.alice.email).stdout
    assert "alice@example.com  email: may be sent to (granted)" in said
    assert "in segment vip (Regulars)" in said
    assert "message out Your parcel is on its way" in said
