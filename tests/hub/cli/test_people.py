"""The commands about users, tokens and the audit: each is written down, and none says more than it must."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update

from hub.access.roles import Permission, Role
from hub.admin.sessions import is_open_link, start_session, user_of_link, who_is
from hub.cli.who import me
from hub.store.engine import Store
from hub.users.accounts import viewer_of
from hub.users.tokens import tokens, viewer_of_token
from tests.flows.terminal import Hub
from tests.hub.admin.browsing import token_of


def test_users_are_added_by_a_link_changed_signed_out_and_disabled(hub: Hub, kept: Store) -> None:
    assert "No users yet" in hub.here("user", "list").stderr
    added = hub.here("user", "add", "alice", "--role", "admin", "--url", "https://hub.example.com/", "--json").document
    assert added["sign_in_url"].startswith("https://hub.example.com/sign-in?token=")
    now = datetime.now(UTC)
    with kept.read() as db:
        assert user_of_link(db, token_of(added["sign_in_url"]), now) == "alice"
    hub.here("user", "add", "bob", "--role", "viewer")
    session = kept.write(lambda db: start_session(db, "bob", "", now))
    assert hub.here("user", "list", "--json").document["users"][1]["sessions"] == 1
    hub.here("user", "role", "bob", "operator")
    assert who_is(kept, session, now) is None
    session = kept.write(lambda db: start_session(db, "bob", "", now))
    assert "1 sessions of bob ended" in hub.here("user", "sign-out", "bob").stdout
    assert who_is(kept, session, now) is None
    link = hub.here("user", "link", "bob", "--json").document["sign_in_url"]
    with kept.read() as db:
        assert is_open_link(db, token_of(link), now)
    hub.here("user", "disable", "bob")
    assert "disabled" in hub.here("user", "list").stdout
    assert "is disabled" in hub.here("user", "link", "bob", code=2).stderr
    hub.here("user", "enable", "bob")
    with kept.read() as db:
        bob = viewer_of(db, "bob")
    assert bob is not None
    assert bob.role is Role.OPERATOR

    done = hub.here("audit", "list", "--subject", "bob", "--json").document["entries"]
    assert [row["action"] for row in reversed(done)] == [
        *("user.add", "user.link", "user.role", "user.sign-out", "user.link", "user.disable", "user.enable")
    ]
    assert {row["actor"] for row in done} == {me()}
    assert all(row.keys().isdisjoint({"password_hash", "token_hash"}) for row in done)


def test_what_cannot_be_is_refused_with_what_to_do_and_not_written_down(hub: Hub) -> None:
    hub.here("user", "add", "alice", "--role", "admin")
    before = hub.here("audit", "verify", "--json").document["rows"]
    for words, told in (
        (("user", "add", "alice", "--role", "viewer"), "already"),
        (("user", "add", "Alice Smith", "--role", "viewer"), "no user name"),
        (("user", "role", "alice", "viewer"), "last admin"),
        (("user", "disable", "alice"), "last admin"),
        (("user", "role", "bob", "viewer"), "no user 'bob'"),
        (("user", "enable", "bob"), "no user 'bob'"),
        (("user", "link", "bob"), "no user 'bob'"),
        (("user", "sign-out", "bob"), "no user 'bob'"),
        (("token", "revoke", "desk"), "no token 'desk'"),
        (("token", "add", "De sk", "--scope", "look"), "no name of a token"),
        (("token", "add", "desk", "--scope", "look", "--expires", "0d"), "over before it begins"),
        (("token", "add", "desk", "--scope", "look", "--expires", "soon"), "90d"),
        (("user", "add", "bob", "--role", "king"), "king"),
    ):
        assert told in hub.here(*words, code=2).stderr
    assert hub.here("audit", "verify", "--json").document["rows"] == before


def test_a_token_is_printed_once_does_what_its_scopes_say_and_ends(hub: Hub, kept: Store) -> None:
    said = hub.here("token", "add", "desk", "--scope", "look", "--scope", "record", "--expires", "90d", "--json")
    token, now = said.document["token"], datetime.now(UTC)
    with kept.read() as db:
        viewer = viewer_of_token(db, token, now)
        late = viewer_of_token(db, token, now + timedelta(days=90, minutes=1))
    assert viewer is not None
    assert (viewer.name, viewer.permissions) == ("token:desk", frozenset({Permission.LOOK, Permission.RECORD}))
    assert late is None
    listed = hub.here("token", "list")
    assert "look, record" in listed.stdout
    assert token not in listed.stdout + hub.here("token", "list", "--json").stdout
    assert token not in hub.here("audit", "list").stdout
    kept.write(lambda db: db.execute(update(tokens).values(scopes=["look", "teleport"])))
    assert "look, teleport (unknown)" in hub.here("token", "list").stdout
    hub.here("token", "revoke", "desk")
    with kept.read() as db:
        assert viewer_of_token(db, token, now) is None
    assert "revoked" in hub.here("token", "list").stdout
    assert hub.here("token", "add", "sync", "--scope", "look").stdout.startswith("hub_")
    actions = [row["action"] for row in hub.here("audit", "list", "--action", "token.", "--json").document["entries"]]
    assert actions == ["token.make", "token.revoke", "token.make"]


@pytest.mark.fault("A18")
def test_verify_prints_the_anchor_and_ends_with_the_row_that_was_changed(hub: Hub, kept: Store) -> None:
    for name in ("alice", "bob"):
        hub.here("user", "add", name, "--role", "viewer")
    well = hub.here("audit", "verify", "--json").document
    assert (well["ok"], well["rows"], well["broken"]) == (True, 4, None)
    assert f"4 {well['head']}" in hub.here("audit", "verify").stdout
    guard = "_no_update" if kept.is_sqlite else "_kept ON audit_entry"
    kept.write(lambda db: db.execute(text(f"DROP TRIGGER audit_entry{guard}")))
    kept.write(lambda db: db.execute(text("UPDATE audit_entry SET actor = 'bob' WHERE id = 3")))
    broken = hub.here("audit", "verify", "--json", code=1)
    assert broken.document["broken"] == {"row": 3, "reason": "is not what was written"}
    assert "row 3" in broken.stderr


def test_the_audit_is_listed_newest_first_and_no_further_than_asked(hub: Hub) -> None:
    for name in ("alice", "bob"):
        hub.here("user", "add", name, "--role", "viewer")
    rows = hub.here("audit", "list", "--limit", "3", "--json").document["entries"]
    assert [(row["action"], row["subject"]) for row in rows] == [
        *(("user.link", "bob"), ("user.add", "bob"), ("user.link", "alice"))
    ]
    assert hub.here("audit", "list", "--actor", "nobody", "--json").document["entries"] == []
    assert "Nothing of that kind" in hub.here("audit", "list", "--action", "user").stderr
