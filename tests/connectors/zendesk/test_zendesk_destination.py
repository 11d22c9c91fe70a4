"""How consent is written: one job row a change, believed only after a read-back; and how single users are read."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

from connectors.kit.destination import ConsentChange, Outcome, Permitted
from connectors.kit.errors import AuthError, RateLimited, Refused, VendorDown
from connectors.kit.simulator import Fault
from connectors.kit.testing import FakeClock
from connectors.zendesk.destination import ZendeskDestination
from connectors.zendesk.simulator import ZendeskSimulator
from connectors.zendesk.simulator.jobs import JobStyle
from connectors.zendesk.source import USERS, ZendeskSource
from tests.connectors.zendesk.estate import ALICE, BOB, CHARLIE, ERIN, by_client, consent, destination_at

GONE = 999
ALL_STYLES = ["rows", "actions", "success"]
JSON = {"Content-Type": "application/json"}


def statuses(outcomes: list[Outcome] | None) -> list[str]:
    assert outcomes is not None
    return [outcome.status for outcome in outcomes]


def state(simulator: ZendeskSimulator, user_id: int, key: str = "consent_email") -> Any:
    return simulator.account.users[user_id]["user_fields"].get(key)


def sent(simulator: ZendeskSimulator) -> list[dict[str, Any]]:
    """What the writes did, as the ledger tells it."""
    return [told for entry in simulator.ledger if entry.effect for told in entry.effect.get("consents", ())]


def test_a_user_is_read_exactly_as_the_export_brings_it(source: ZendeskSource, destination: ZendeskDestination) -> None:
    pulled = {record.id: record for page in source.pull(USERS, None) for record in page.records}
    fetched = destination.fetch([str(ALICE), str(BOB), str(CHARLIE)])
    assert {record.id: record for record in fetched} == pulled


def test_deleted_users_agents_and_strangers_are_left_out_of_a_read(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.deactivate(BOB)
    found = destination.fetch([str(ALICE), str(BOB), str(ERIN), str(GONE), "no id"])
    assert [record.id for record in found] == [str(ALICE)]
    assert destination.fetch(["no id"]) == []


@pytest.mark.parametrize("style", ALL_STYLES)
def test_a_yes_and_a_no_are_confirmed_whatever_shape_the_job_has(
    destination: ZendeskDestination, simulator: ZendeskSimulator, style: JobStyle
) -> None:
    simulator.set_jobs(style=style)
    outcomes = destination.write_consent([consent(ALICE, "out"), consent(CHARLIE, "in", "sms")])
    assert statuses(outcomes) == ["confirmed", "confirmed"]
    assert state(simulator, ALICE) == "withdrawn"
    assert (state(simulator, CHARLIE), state(simulator, CHARLIE, "consent_sms")) == ("withdrawn", "granted")


def test_a_push_of_a_field_leaves_tags_and_everything_else(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    before = dict(simulator.account.users[ALICE])
    destination.write_consent([consent(ALICE, "out", "sms")])
    after = simulator.account.users[ALICE]
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"user_fields", "updated_at"}
    assert after["user_fields"] == {"consent_email": "granted", "consent_sms": "withdrawn"}
    assert after["tags"] == ["vip"]


def test_two_channels_of_one_user_go_in_one_job(destination: ZendeskDestination, simulator: ZendeskSimulator) -> None:
    outcomes = destination.write_consent([consent(ALICE, "out"), consent(ALICE, "in", "sms")])
    assert statuses(outcomes) == ["confirmed", "confirmed"]
    assert [entry.path for entry in simulator.ledger if entry.method == "PUT"] == ["/api/v2/users/update_many"]
    assert [(told["channel"], told["wanted"], told["before"], told["after"]) for told in sent(simulator)] == [
        ("email", "out", "granted", "withdrawn"),
        ("sms", "in", "", "granted"),
    ]


@pytest.mark.fault("W01")
@pytest.mark.parametrize("style", ["rows", "actions"])
@pytest.mark.parametrize(
    ("error", "details", "status"),
    [
        ("UserUpdateError", "Email: lockhart@example.com is not properly formatted", "rejected"),
        ("UserUpdateError", "Lock wait timeout exceeded", "retry"),
        ("DatabaseConflict", "Record is invalid at present", "retry"),
        ("SomethingNew", "", "retry"),
        ("RecordNotFound", "", "not_held"),
        ("UserUpdateError", "User not found", "not_held"),
    ],
)
def test_one_failed_row_of_a_completed_job_is_that_rows_alone(
    destination: ZendeskDestination,
    simulator: ZendeskSimulator,
    style: JobStyle,
    error: str,
    details: str,
    status: str,
) -> None:
    simulator.set_jobs(style=style)
    simulator.fail_next(BOB, details, error)
    outcomes = destination.write_consent([consent(ALICE, "out"), consent(BOB, "out"), consent(CHARLIE, "in")])
    assert statuses(outcomes) == ["confirmed", status, "confirmed"]
    assert "example.com" not in outcomes[1].message
    assert state(simulator, BOB) is None


@pytest.mark.fault("W01")
def test_a_row_that_failed_for_a_moment_is_confirmed_when_it_is_sent_again_alone(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.fail_next(BOB, "Lock wait timeout exceeded")
    destination.write_consent([consent(ALICE, "out"), consent(BOB, "out")])
    assert statuses(destination.write_consent([consent(BOB, "out")])) == ["confirmed"]
    assert [told["record"] for told in sent(simulator)] == [str(ALICE), str(BOB), str(BOB)]


def test_success_that_tells_no_rows_is_not_believed_for_a_row_that_did_not_change(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.set_jobs(style="success")
    simulator.fail_next(BOB, "Email is invalid")
    outcomes = destination.write_consent([consent(ALICE, "out"), consent(BOB, "out")])
    assert statuses(outcomes) == ["confirmed", "unknown"]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([{"id": 1, "status": "Failed", "error": "DatabaseConflict"}], ["confirmed", "retry", "confirmed"]),
        ([{"index": 2, "id": 7, "success": False}], ["confirmed", "confirmed", "retry"]),
        ([], ["confirmed", "confirmed", "confirmed"]),
        (None, ["confirmed", "confirmed", "confirmed"]),
    ],
    ids=["only the failed row, the index as id", "only the failed row, with an index", "no rows", "nothing"],
)
def test_a_shortened_list_of_results_is_read_by_the_index(
    destination: ZendeskDestination, simulator: ZendeskSimulator, results: Any, expected: list[str]
) -> None:
    told = {"job_status": {"id": "j", "status": "completed", "results": results}}
    simulator.script(Fault(match="/job_statuses/", status=200, headers=JSON, body=json.dumps(told).encode()))
    changes = [consent(ALICE, "out"), consent(BOB, "out"), consent(CHARLIE, "out")]
    assert statuses(destination.write_consent(changes)) == expected


def test_a_field_that_zendesk_ignores_without_a_word_is_rejected(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.remove_field("consent_sms")
    email, sms = destination.write_consent([consent(ALICE, "out"), consent(ALICE, "out", "sms")])
    assert email.status == "confirmed"
    assert sms.status == "rejected"
    assert "the user field consent_sms does not exist" in sms.message


def test_what_somebody_changed_before_the_read_back_is_not_confirmed(
    destination: ZendeskDestination, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    simulator.set_jobs(polls=1)
    sleep = clock.sleep

    def meanwhile(seconds: float) -> None:
        simulator.foreign_copy(ALICE, "email", "granted")
        sleep(seconds)

    clock.sleep = meanwhile  # type: ignore[method-assign]
    assert statuses(destination.write_consent([consent(ALICE, "out")])) == ["unknown"]


def test_users_that_are_gone_are_not_held(destination: ZendeskDestination, simulator: ZendeskSimulator) -> None:
    simulator.deactivate(BOB)
    outcomes = destination.write_consent([consent(GONE, "out"), consent(BOB, "out"), consent(ALICE, "out")])
    assert statuses(outcomes) == ["not_held", "not_held", "confirmed"]


def test_what_cannot_be_written_is_not_sent_and_the_rest_keeps_its_place(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    changes: list[Permitted[ConsentChange]] = [
        consent(ALICE, "out", "voice"),
        consent("gid://x/1", "out"),
        consent(BOB, "in"),
        consent(CHARLIE, "in", by_confirmation=True),
    ]
    assert statuses(destination.write_consent(changes)) == ["unsupported", "not_held", "confirmed", "unsupported"]
    assert [told["record"] for told in sent(simulator)] == [str(BOB)]
    assert destination.write_consent([]) == []


def test_a_job_is_waited_for_some_seconds(
    destination: ZendeskDestination, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    simulator.set_jobs(polls=3)
    assert statuses(destination.write_consent([consent(ALICE, "out")])) == ["confirmed"]
    assert clock.slept == [0.5, 1, 2, 4]


def accepted(destination: ZendeskDestination, simulator: ZendeskSimulator) -> list[Outcome]:
    simulator.set_jobs(style=simulator.jobs.style, polls=20)
    outcomes = destination.write_consent([consent(ALICE, "out"), consent(BOB, "out"), consent(CHARLIE, "in")])
    assert statuses(outcomes) == ["accepted"] * 3
    assert [outcome.row for outcome in outcomes] == [0, 1, 2]
    assert len({outcome.job for outcome in outcomes}) == 1
    return outcomes


def finish(simulator: ZendeskSimulator) -> None:
    for job in simulator.jobs.jobs.values():
        job.polls_left = 0


def test_a_job_that_runs_on_is_accepted_and_settled_later(
    destination: ZendeskDestination, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    simulator.fail_next(BOB, "Email is invalid")
    started = clock.monotonic()
    job = accepted(destination, simulator)[0].job
    assert clock.monotonic() - started <= 20
    assert destination.settle(job) is None
    finish(simulator)
    assert statuses(destination.settle(job)) == ["confirmed", "rejected", "confirmed"]


def test_a_settled_job_confirms_nothing_while_a_field_is_missing(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    job = accepted(destination, simulator)[0].job
    finish(simulator)
    simulator.remove_field("consent_sms")
    assert statuses(destination.settle(job)) == ["unknown"] * 3


def test_a_settled_job_that_tells_no_rows_confirms_nothing(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.set_jobs(style="success")
    job = accepted(destination, simulator)[0].job
    finish(simulator)
    assert statuses(destination.settle(job)) == ["unknown"] * 3


def test_a_job_that_zendesk_has_forgotten_is_unknown(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    job = accepted(destination, simulator)[0].job
    simulator.jobs.jobs.clear()
    assert statuses(destination.settle(job)) == ["unknown"] * 3


@pytest.mark.parametrize("end", ["failed", "killed"])
def test_of_a_job_that_broke_off_what_was_applied_is_confirmed_and_the_rest_tried_again(
    destination: ZendeskDestination, simulator: ZendeskSimulator, end: str
) -> None:
    simulator.cut_next_job(after_rows=1, end=end)
    outcomes = destination.write_consent([consent(ALICE, "out"), consent(BOB, "out")])
    assert statuses(outcomes) == ["confirmed", "retry"]
    assert end in outcomes[1].message


def test_a_job_that_broke_off_while_nobody_looked_is_unknown(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.cut_next_job(after_rows=1)
    job = accepted(destination, simulator)[0].job
    finish(simulator)
    assert statuses(destination.settle(job)) == ["unknown"] * 3


@pytest.mark.fault("W02")
def test_a_lost_answer_to_the_write_is_no_answer_and_the_write_is_sent_once(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.script(Fault(match="/update_many", lose_reply=True))
    with pytest.raises(VendorDown):
        destination.write_consent([consent(ALICE, "out")])
    assert [(told["before"], told["after"]) for told in sent(simulator)] == [("granted", "withdrawn")]


@pytest.mark.fault("W02")
@pytest.mark.parametrize("body", [b"<p>Back soon", b'{"ok": true}', b"[]"])
def test_an_answer_that_is_no_job_may_have_been_a_write(
    destination: ZendeskDestination, simulator: ZendeskSimulator, body: bytes
) -> None:
    simulator.script(Fault(match="/update_many", status=200, headers=JSON, body=body))
    with pytest.raises(VendorDown):
        destination.write_consent([consent(ALICE, "out")])


@pytest.mark.parametrize("match", ["/job_statuses/", "/show_many"])
def test_a_lost_answer_after_the_write_leaves_the_job_to_be_settled(
    destination: ZendeskDestination, simulator: ZendeskSimulator, match: str
) -> None:
    simulator.script(Fault(match=match, status=503, times=99))
    outcomes = destination.write_consent([consent(ALICE, "out")])
    assert statuses(outcomes) == ["accepted"]
    simulator.clear_faults()
    assert statuses(destination.settle(outcomes[0].job)) == ["confirmed"]


def test_too_many_jobs_pause_the_run_and_write_nothing(
    destination: ZendeskDestination, simulator: ZendeskSimulator
) -> None:
    simulator.script(Fault(match="/update_many", status=429, headers={"Retry-After": "300"}, body=b"TooManyJobs"))
    with pytest.raises(RateLimited):
        destination.write_consent([consent(ALICE, "out")])
    assert sent(simulator) == []


def test_with_too_many_jobs_nothing_is_sent_until_some_of_them_are_over(
    destination: ZendeskDestination, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    simulator.set_jobs(polls=99)
    for _ in range(30):
        simulator.jobs.start([{"id": BOB, "user_fields": {}}], clock.now())
    simulator.set_jobs(polls=0)
    with pytest.raises(RateLimited) as limited:
        destination.write_consent([consent(ALICE, "out")])
    assert limited.value.retry_at is not None
    clock.sleep((limited.value.retry_at - clock.now()).total_seconds())
    assert statuses(destination.write_consent([consent(ALICE, "out")])) == ["confirmed"]
    assert [entry.status for entry in simulator.ledger if entry.method == "PUT"] == [429, 200]


@pytest.mark.parametrize(("status", "error"), [(401, AuthError), (403, AuthError), (422, Refused)])
def test_a_refusal_of_the_whole_write_is_raised(
    destination: ZendeskDestination, simulator: ZendeskSimulator, status: int, error: type[Exception]
) -> None:
    simulator.script(Fault(match="/update_many", status=status, body=b"{}"))
    with pytest.raises(error):
        destination.write_consent([consent(ALICE, "out")])


def test_an_expired_token_does_not_cost_a_write(base_url: str, simulator: ZendeskSimulator, clock: FakeClock) -> None:
    with closing(ZendeskDestination(by_client(base_url), clock=clock)) as destination:
        destination.fetch([str(ALICE)])
        simulator.expire_tokens()
        assert statuses(destination.write_consent([consent(ALICE, "out")])) == ["confirmed"]
    assert len(sent(simulator)) == 1


def test_other_fields_may_hold_the_consent(base_url: str, clock: FakeClock, simulator: ZendeskSimulator) -> None:
    with closing(destination_at(base_url, clock, consent_fields={"voice": "consent_sms"})) as destination:
        assert statuses(destination.write_consent([consent(BOB, "out", "voice")])) == ["confirmed"]
        assert statuses(destination.write_consent([consent(BOB, "out")])) == ["unsupported"]
    assert state(simulator, BOB, "consent_sms") == "withdrawn"
