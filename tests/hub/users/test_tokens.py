"""Tokens: shown once, kept as a hash, in force until they expire or are revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from hub.access.roles import Permission
from hub.store.engine import Store
from hub.users.tokens import (
    CannotMakeToken,
    all_tokens,
    make_token,
    revoke_token,
    shown_scopes,
    tokens,
    viewer_of_token,
    who_calls,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def made(store: Store, name: str = "desk", expires: datetime | None = None) -> str:
    return store.write(lambda db: make_token(db, name, [Permission.LOOK], "alice", NOW, expires))


def used(store: Store) -> datetime | None:
    with store.read() as db:
        at: datetime | None = all_tokens(db)[0]["last_used_at"]
        return at


@pytest.mark.fault("A05")
def test_a_token_is_long_and_of_it_only_a_hash_is_kept(store: Store) -> None:
    token = made(store)
    assert token.startswith("hub_")
    assert len(token.removeprefix("hub_")) * 6 >= 256
    with store.read() as db:
        rows = db.exec_driver_sql("SELECT * FROM api_token").all()
    assert token not in str(rows)


@pytest.mark.fault("A05")
def test_what_is_no_token_in_force_opens_nothing(store: Store) -> None:
    token = made(store, expires=NOW + DAY)
    with store.read() as db:
        for guess in ("", "hub_", token[:-1], token.swapcase(), "\x00", "é", "\ud800"):
            assert viewer_of_token(db, guess, NOW) is None
        assert viewer_of_token(db, token, NOW) is not None
        assert viewer_of_token(db, token, NOW + DAY) is None
    store.write(lambda db: revoke_token(db, "desk", NOW))
    assert who_calls(store, token, NOW) is None
    with pytest.raises(CannotMakeToken, match="in force"):
        store.write(lambda db: revoke_token(db, "desk", NOW))


def test_a_scope_that_this_hub_does_not_know_opens_nothing_and_closes_nothing_else(store: Store) -> None:
    token = made(store)
    written = ["look", "teleport", "LOOK", 7, ["look"]]
    store.write(lambda db: db.execute(update(tokens).values(scopes=written)))
    with store.read() as db:
        viewer = viewer_of_token(db, token, NOW)
        (row,) = all_tokens(db)
    assert viewer is not None
    assert viewer.permissions == {Permission.LOOK}
    assert shown_scopes(row)[:3] == ["look", "teleport (unknown)", "LOOK (unknown)"]


def test_the_last_use_is_noted_once_a_minute(store: Store) -> None:
    token = made(store)
    seen = []
    for seconds in (0, 59, 60, 61):
        assert who_calls(store, token, NOW + timedelta(seconds=seconds)) is not None
        seen.append(used(store))
    assert seen == [NOW, NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=1)]


def test_a_name_is_never_given_twice_not_even_after_its_end(store: Store) -> None:
    made(store)
    store.write(lambda db: revoke_token(db, "desk", NOW))
    with pytest.raises(CannotMakeToken, match="there is, or was"):
        made(store)


def test_a_token_may_do_something(store: Store) -> None:
    with pytest.raises(CannotMakeToken, match="say what the token may do"):
        store.write(lambda db: make_token(db, "desk", [], "alice", NOW))
