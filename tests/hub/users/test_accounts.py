"""Users: their names, their roles, and that what is disabled may do nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import update

from hub.access.roles import OWNER, ROLES, Permission, Role
from hub.store.engine import Store
from hub.users.accounts import (
    CannotChangeUser,
    add_user,
    change_role,
    disable,
    enable,
    password_of,
    set_password,
    users,
    viewer_of,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_user_may_do_what_their_role_may_and_nothing_once_disabled(store: Store) -> None:
    store.write(lambda db: add_user(db, "alice", Role.REVIEWER, NOW))
    with store.read() as db:
        alice = viewer_of(db, "alice")
    assert alice is not None
    assert (alice.name, alice.permissions) == ("alice", ROLES[Role.REVIEWER])
    store.write(lambda db: change_role(db, "alice", Role.VIEWER))
    with store.read() as db:
        changed = viewer_of(db, "alice")
    assert changed is not None
    assert not changed.may(Permission.REVIEW)
    store.write(lambda db: disable(db, "alice", NOW))
    with store.read() as db:
        assert viewer_of(db, "alice") is None


def test_a_role_that_this_hub_does_not_have_opens_nothing(store: Store) -> None:
    store.write(lambda db: add_user(db, "alice", Role.REVIEWER, NOW))
    store.write(lambda db: db.execute(update(users).values(role="emperor")))
    with store.read() as db:
        assert viewer_of(db, "alice") is None


def test_whoever_reads_the_hubs_own_terminal_may_do_everything(store: Store) -> None:
    with store.read() as db:
        owner = viewer_of(db, None)
    assert owner is not None
    assert (owner.name, owner.permissions) == (OWNER, frozenset(Permission))


@pytest.mark.parametrize("name", ["", "a", "Alice", "a b", "alice\n", "-alice", "x" * 65, OWNER])
def test_what_is_no_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(CannotChangeUser, match="no user name"):
        store.write(lambda db: add_user(db, name, Role.VIEWER, NOW))


def test_a_name_is_given_once_and_only_a_user_who_is_there_is_changed(store: Store) -> None:
    store.write(lambda db: add_user(db, "alice", Role.VIEWER, NOW))
    with pytest.raises(CannotChangeUser, match="already"):
        store.write(lambda db: add_user(db, "alice", Role.ADMIN, NOW))
    with pytest.raises(CannotChangeUser, match="no user 'bob'"):
        store.write(lambda db: change_role(db, "bob", Role.ADMIN))


def test_each_role_may_do_all_that_the_one_before_it_may() -> None:
    roles = [ROLES[role] for role in Role]
    assert all(less < more for less, more in pairwise(roles))
    assert roles[-1] == frozenset(Permission)


@pytest.mark.fault("A07")
def test_the_last_admin_stays_one(store: Store) -> None:
    store.write(lambda db: add_user(db, "alice", Role.ADMIN, NOW))
    store.write(lambda db: add_user(db, "bob", Role.ADMIN, NOW))
    store.write(lambda db: disable(db, "bob", NOW))
    with pytest.raises(CannotChangeUser, match="last admin"):
        store.write(lambda db: change_role(db, "alice", Role.OPERATOR))
    with pytest.raises(CannotChangeUser, match="last admin"):
        store.write(lambda db: disable(db, "alice", NOW))
    store.write(lambda db: enable(db, "bob"))
    store.write(lambda db: change_role(db, "alice", Role.OPERATOR))
    with store.read() as db:
        alice = viewer_of(db, "alice")
    assert alice is not None
    assert alice.role is Role.OPERATOR


def test_a_disabled_user_has_no_password_until_they_are_enabled_again(store: Store) -> None:
    store.write(lambda db: add_user(db, "alice", Role.VIEWER, NOW))
    store.write(lambda db: set_password(db, "alice", "a hash"))
    for act, kept in ((lambda db: disable(db, "alice", NOW), None), (lambda db: enable(db, "alice"), "a hash")):
        store.write(act)
        with store.read() as db:
            assert password_of(db, "alice") == kept
