"""The simulator says what Zendesk says: shapes by the vendor's schema, and the traps of its API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
import requests

from connectors.kit.testing import FakeClock
from connectors.zendesk.simulator import CLIENT_ID, CLIENT_SECRET, TOKEN, ZendeskSimulator
from connectors.zendesk.simulator.__main__ import build
from tests.architecture import tree
from tests.connectors.zendesk.estate import ALICE, BOB, CHARLIE, SHARED_PHONE, USERS, crowd

SPEC = tree.ROOT.parent / "shared" / "vendors" / "specs" / "zendesk.openapi.json"
MINUTE = timedelta(minutes=1)


class Caller:
    """Somebody with the token."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def reply(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, f"{self.base_url}/api/v2/{path}", json=body, headers=headers, timeout=10)

    def ask(self, path: str) -> Any:
        reply = self.reply("GET", path)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def update_many(self, *rows: dict[str, Any]) -> Any:
        job = self.reply("PUT", "users/update_many", {"users": rows}).json()["job_status"]
        return self.ask(f"job_statuses/{job['id']}.json")["job_status"]


@pytest.fixture
def caller(base_url: str) -> Caller:
    return Caller(base_url)


def schema_of(name: str) -> dict[str, Any]:
    """Read loosely: the document calls fields plain that are null on the wire."""
    if not SPEC.exists():
        pytest.skip("the vendor's schema lies beside the repository and is not here")
    components = json.loads(SPEC.read_text())["components"]
    return {"$ref": f"#/components/schemas/{name}", "components": loose(components)}


def loose(schema: Any) -> Any:
    if isinstance(schema, list):
        return [loose(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: loose(part) for key, part in schema.items() if key not in ("format", "nullable", "oneOf", "anyOf")}
    if isinstance(kept.get("type"), str) and kept["type"] != "array":
        kept["type"] = [kept["type"], "null"]
    if isinstance(kept.get("enum"), list):
        kept["enum"] = [*kept["enum"], None]
    return kept


@pytest.mark.parametrize(
    ("path", "schema", "key", "row_schema"),
    [
        ("incremental/users/cursor?start_time=1", "CursorBasedExportIncrementalUsersResponse", "users", "UserForAdmin"),
        (
            "incremental/tickets/cursor?start_time=1",
            "CursorBasedExportIncrementalTicketsResponse",
            "tickets",
            "TicketObject",
        ),
        (f"users/show_many?ids={ALICE}", "UsersResponse", "users", "UserForAdmin"),
        ("user_fields", "UserFieldsResponse", "user_fields", "CustomFieldObject"),
    ],
)
def test_a_reply_has_the_shape_of_the_vendors_own_schema(
    caller: Caller,
    simulator: ZendeskSimulator,
    clock: FakeClock,
    path: str,
    schema: str,
    key: str,
    row_schema: str,
) -> None:
    simulator.rate(simulator.open_ticket(ALICE, "Parcel", "Where?"), "good", "Great")
    clock.advance(2 * MINUTE)
    document = caller.ask(path)
    jsonschema.validate(document, schema_of(schema))
    assert document[key]
    for row in document[key]:
        jsonschema.validate(row, schema_of(row_schema))


def test_a_job_and_a_list_of_tags_have_the_shape_of_the_vendors_own_schema(caller: Caller) -> None:
    job = caller.update_many({"id": ALICE, "user_fields": {"consent_email": "withdrawn"}})
    jsonschema.validate(job, schema_of("JobStatusObject"))
    jsonschema.validate(caller.ask(f"users/{ALICE}/tags"), schema_of("TagsByObjectIdResponse"))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "users/999", 404),
        ("PUT", "users/999/tags", 404),
        ("GET", "job_statuses/none", 404),
        ("GET", "incremental/users/cursor?cursor=!", 400),
        ("GET", "incremental/users/cursor", 400),
        ("GET", "incremental/users/cursor?start_time=99999999999", 422),
        ("GET", "users/show_many?ids=" + ",".join(map(str, range(101))), 400),
        ("PUT", "users/update_many", 400),
        ("DELETE", f"deleted_users/{ALICE}", 404),
    ],
)
def test_what_cannot_be_is_refused(caller: Caller, method: str, path: str, status: int) -> None:
    reply = caller.reply(method, path, {"tags": ["a"]})
    assert reply.status_code == status
    assert isinstance(reply.json()["error"], str)


def test_a_token_that_is_not_known_is_refused(caller: Caller) -> None:
    reply = caller.reply("GET", "user_fields", token="x")
    assert (reply.status_code, reply.json()) == (401, {"error": "Couldn't authenticate you"})


def test_who_is_no_admin_may_not_export_and_the_error_is_an_object(caller: Caller, simulator: ZendeskSimulator) -> None:
    simulator.admin = False
    reply = caller.reply("GET", "incremental/users/cursor?start_time=1")
    assert (reply.status_code, reply.json()["error"]["title"]) == (403, "Forbidden")


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, 200), ({"client_secret": "wrong"}, 401), ({"grant_type": "password"}, 400)],
)
def test_an_oauth_client_gets_a_token(base_url: str, caller: Caller, changes: dict[str, str], status: int) -> None:
    body = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **changes}
    reply = requests.post(f"{base_url}/oauth/tokens", json=body, timeout=10)
    assert reply.status_code == status
    if status == 200:
        assert caller.reply("GET", "user_fields", token=reply.json()["access_token"]).status_code == 200


def test_the_export_holds_a_minute_back_and_goes_by_a_time_that_it_does_not_show(
    caller: Caller, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    end = caller.ask("incremental/users/cursor?start_time=1")
    assert end["end_of_stream"] is True
    simulator.background_touch(ALICE)
    simulator.repeats = 0
    after = f"incremental/users/cursor?cursor={end['after_cursor']}"
    assert caller.ask(after) == {**caller.ask(after), "users": [], "after_cursor": end["after_cursor"]}
    clock.advance(MINUTE)
    (alice,) = caller.ask(after)["users"]
    assert (alice["id"], alice["updated_at"]) == (ALICE, "2026-05-01T00:00:00Z")


def test_rows_that_share_a_second_are_neither_lost_nor_stuck(caller: Caller, simulator: ZendeskSimulator) -> None:
    simulator.load([{"id": 2000 + i, "updated_at": "2026-05-02T00:00:00Z"} for i in range(9)])
    page = caller.ask("incremental/users/cursor?start_time=1&per_page=5")
    ids = [row["id"] for row in page["users"]]
    while not page["end_of_stream"]:
        page = caller.ask(f"incremental/users/cursor?per_page=5&cursor={page['after_cursor']}")
        assert page["users"][0]["id"] == ids[-1], "the last row of a page comes again"
        ids += [row["id"] for row in page["users"]]
    assert set(ids) == set(simulator.account.users)


def test_the_order_of_the_export_survives_many_changes(
    caller: Caller, simulator: ZendeskSimulator, clock: FakeClock
) -> None:
    for _ in range(600):
        for user in (ALICE, BOB):
            simulator.edit(user, notes="again")
    clock.advance(MINUTE)
    assert [row["id"] for row in caller.ask("incremental/users/cursor?start_time=1")["users"]][-2:] == [ALICE, BOB]


def test_the_eleventh_export_of_a_minute_is_refused_for_both_streams_together(caller: Caller, clock: FakeClock) -> None:
    for stream in ("users", "tickets") * 5:
        caller.ask(f"incremental/{stream}/cursor?start_time=1")
    reply = caller.reply("GET", "incremental/users/cursor?start_time=1")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "60")
    clock.advance(MINUTE)
    caller.ask("incremental/users/cursor?start_time=1")


def test_five_changes_of_a_user_a_minute_but_jobs_as_many_as_one_likes(caller: Caller) -> None:
    for _ in range(5):
        assert caller.reply("PUT", f"users/{ALICE}", {"user": {"notes": "x"}}).status_code == 200
    assert caller.reply("PUT", f"users/{ALICE}/tags", {"tags": ["a"]}).status_code == 429
    assert caller.reply("PUT", f"users/{BOB}/tags", {"tags": ["a"]}).status_code == 200
    assert caller.update_many({"id": ALICE, "notes": "y"})["status"] == "completed"


def test_thirty_jobs_may_run_at_once(caller: Caller, simulator: ZendeskSimulator, clock: FakeClock) -> None:
    simulator.set_jobs(polls=5)
    for _ in range(30):
        assert caller.reply("PUT", "users/update_many", {"users": [{"id": ALICE}]}).status_code == 200
    reply = caller.reply("PUT", "users/update_many", {"users": [{"id": ALICE}]})
    assert (reply.status_code, reply.json()["error"]) == (429, "TooManyJobs")


def test_a_job_can_be_read_for_an_hour(caller: Caller, clock: FakeClock) -> None:
    job = caller.update_many({"id": ALICE})
    clock.advance(timedelta(hours=2))
    assert caller.reply("GET", f"job_statuses/{job['id']}").status_code == 404


@pytest.mark.parametrize("style", ["rows", "actions"])
def test_a_completed_job_has_mixed_results_and_the_index_for_the_id_of_a_failed_row(
    caller: Caller, simulator: ZendeskSimulator, style: Any
) -> None:
    simulator.set_jobs(style=style)
    simulator.fail_next(BOB, "Email: x is not properly formatted")
    job = caller.update_many({"id": ALICE}, {"id": BOB}, {"id": 999})
    assert job["status"] == "completed"
    assert [(row["id"], row["status"]) for row in job["results"]] == [
        (ALICE, "Updated"), (1, "Failed"), (2, "Failed")
    ]  # fmt: skip
    assert [row.get("success") for row in job["results"]] == (
        [True, False, False] if style == "actions" else [None, None, None]
    )


def test_the_same_change_of_many_is_a_job_too(caller: Caller, simulator: ZendeskSimulator) -> None:
    reply = caller.reply("PUT", f"users/update_many.json?ids={ALICE},{BOB}", {"user": {"notes": "x"}})
    assert reply.json()["job_status"]["status"] == "queued"
    assert [simulator.account.users[user]["notes"] for user in (ALICE, BOB, CHARLIE)] == ["x", "x", ""]


def test_tags_are_added_by_put_replaced_by_post_and_removed_by_delete(caller: Caller) -> None:
    assert caller.reply("PUT", f"users/{ALICE}/tags", {"tags": ["New"]}).json() == {"tags": ["vip", "new"]}
    assert caller.reply("DELETE", f"users/{ALICE}/tags", {"tags": ["vip"]}).json() == {"tags": ["new"]}
    replaced = caller.reply("POST", f"users/{ALICE}/tags", {"tags": ["only"]})
    assert (replaced.status_code, replaced.json()) == (201, {"tags": ["only"]})


def test_tags_in_the_body_of_a_user_replace_them_all(caller: Caller, simulator: ZendeskSimulator) -> None:
    caller.reply("PUT", f"users/{ALICE}", {"user": {"tags": ["a"]}})
    assert caller.ask(f"users/{ALICE}")["user"]["tags"] == ["a"]
    told = [(one["tag"], one["wanted"], one["applied"]) for one in (simulator.ledger[0].effect or {})["tags"]]
    assert told == [("a", "add", True), ("vip", "remove", True)]


def test_an_unknown_field_is_ignored_a_wrong_option_is_refused_and_an_email_becomes_a_second_one(
    caller: Caller, simulator: ZendeskSimulator
) -> None:
    simulator.remove_field("consent_sms")
    given = {"email": "new@example.com", "user_fields": {"consent_sms": "granted", "nonsense": 1}}
    user = caller.reply("PUT", f"users/{ALICE}", {"user": given}).json()["user"]
    assert (user["email"], user["user_fields"]) == ("alice@example.com", {"consent_email": "granted"})
    refused = caller.reply("PUT", f"users/{ALICE}", {"user": {"user_fields": {"consent_email": "perhaps"}}})
    assert (refused.status_code, refused.json()["error"]) == (422, "RecordInvalid")
    told = [one for entry in simulator.ledger if entry.effect for one in entry.effect["consents"]]
    assert [(one["channel"], one["wanted"], one["before"], one["after"]) for one in told] == [
        ("sms", "in", "", ""),
        ("email", "", "granted", "granted"),
    ]


def test_every_edit_moves_updated_at(caller: Caller, simulator: ZendeskSimulator, clock: FakeClock) -> None:
    caller.reply("PUT", f"users/{ALICE}/tags", {"tags": ["a"]})
    simulator.agent_sets(BOB, "email", "granted")
    caller.update_many({"id": CHARLIE, "user_fields": {"consent_sms": "granted"}})
    assert {simulator.account.users[user]["updated_at"] for user in (ALICE, BOB, CHARLIE)} == {"2026-06-01T09:00:00Z"}


def test_a_deleted_user_is_shown_as_inactive_and_is_erased_only_after_that(
    caller: Caller, simulator: ZendeskSimulator
) -> None:
    assert caller.reply("DELETE", f"users/{ALICE}").json()["user"]["active"] is False
    assert caller.ask(f"users/show_many?ids={ALICE}")["users"][0]["active"] is False
    assert simulator.sendable("alice@example.com", "email") is None
    assert caller.reply("DELETE", f"deleted_users/{ALICE}").status_code == 200
    erased = simulator.account.users[ALICE]
    assert (erased["name"], erased["email"]) == ("Permanently Deleted User", None)


def test_an_address_is_sendable_when_a_field_says_yes_and_none_says_no(simulator: ZendeskSimulator) -> None:
    assert simulator.sendable("Alice@example.com", "email") is True
    assert simulator.sendable("bob@example.com", "email") is False
    assert simulator.sendable("nobody@example.com", "email") is None
    assert simulator.sendable(SHARED_PHONE, "sms") is False
    simulator.agent_sets(ALICE, "sms", "granted")
    assert simulator.sendable("0491 570 156", "sms") is True
    simulator.foreign_copy(BOB, "sms", "withdrawn")
    assert simulator.sendable(SHARED_PHONE, "sms") is False
    simulator.deactivate(BOB)
    assert simulator.sendable(SHARED_PHONE, "sms") is True


def test_a_new_address_takes_the_fields_along(simulator: ZendeskSimulator) -> None:
    simulator.change_email(ALICE, "alice@example.org")
    assert simulator.sendable("alice@example.com", "email") is None
    assert simulator.sendable("alice@example.org", "email") is True


def test_what_people_do_is_not_in_the_ledger(simulator: ZendeskSimulator) -> None:
    simulator.agent_sets(ALICE, "email", None)
    simulator.rate(simulator.open_ticket(ALICE, "Parcel", "Where?"), "bad")
    assert simulator.ledger == []


def test_what_is_no_field_of_a_row_cannot_be_loaded(simulator: ZendeskSimulator) -> None:
    with pytest.raises(ValueError, match="mail"):
        simulator.add_user(mail="x@example.com")


def test_a_seed_file_fills_it() -> None:
    assert build({"users": USERS, "tickets": [{"requester_id": ALICE}]}).account.tickets.keys() == {35}
    assert build(None).account.users == {}


def test_an_export_page_of_a_thousand_is_served_at_once(caller: Caller, simulator: ZendeskSimulator) -> None:
    simulator.load(crowd(1500))
    reply = caller.reply("GET", "incremental/users/cursor?start_time=1&per_page=5000")
    assert len(reply.json()["users"]) == 1000
    assert reply.elapsed < timedelta(seconds=1)
