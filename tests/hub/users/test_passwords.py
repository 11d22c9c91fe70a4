"""Passwords: everything long enough is taken but what everybody tries first, and only a slow hash is kept."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.users import passwords
from hub.users.passwords import TooBusy, hash_password, is_right, weakness
from tests.hub.users.quick import QUICK


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", QUICK)


@pytest.mark.parametrize("good", ["blue kettle nine", "xK9#mq2L", "ééééééé語", "        x", "a" * 3 + "bZ9" * 41])
def test_any_signs_are_good(good: str) -> None:
    assert weakness("alice", good) is None


@pytest.mark.fault("A06")
@pytest.mark.parametrize(
    "bad",
    [
        *("password", "Password1!", "P@ssw0rd", "12345678", "87654321", "11223344", "qwertyuiop", "1q2w3e4r"),
        *("aaaaaaaa", "abcabcabc", "letmein123", "Summer2026!", "contacthub1", "adminadmin", "ｐａｓｓｗｏｒｄ"),
    ],
)
def test_what_everybody_tries_first_is_refused(bad: str) -> None:
    assert "tries first" in (weakness("alice", bad) or "")


@pytest.mark.fault("A06")
@pytest.mark.parametrize("bad", ["alice.smith", "Alice.Smith@example.com", "alice.smith99", "1alice.smith!"])
def test_the_users_own_name_is_refused(bad: str) -> None:
    assert "your own name" in (weakness("alice.smith@example.com", bad) or "")


@pytest.mark.parametrize("length", [0, 7, 129, 500])
def test_too_short_or_too_long_is_refused(length: int) -> None:
    assert "8 to 128" in (weakness("alice", ("xK9#mq2L" * 70)[:length]) or "")


@given(st.text(min_size=8, max_size=40))
def test_every_password_gets_an_answer(text: str) -> None:
    assert (weakness("alice", text) or ".").endswith(".")


@pytest.mark.fault("A06")
def test_what_is_kept_is_argon2id_with_memory_and_a_salt_of_its_own() -> None:
    one, two = hash_password("blue kettle nine"), hash_password("blue kettle nine")
    assert one != two
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_right("blue kettle nine", one)
    assert not is_right("blue kettle ten", one)


def test_one_password_typed_on_two_keyboards_is_one(quick: None) -> None:
    assert is_right("cafe\u0301 kettle", hash_password("caf\u00e9 kettle"))


def test_without_a_kept_password_nothing_is_right_not_even_what_it_is_compared_with(quick: None) -> None:
    passwords._nobodys.cache_clear()
    assert not is_right("nobody's", None)


@pytest.mark.fault("A06")
def test_a_flood_computes_two_at_once_and_is_turned_away_beyond_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    going, most, turned_away = 0, 0, 0
    gate, lock = threading.Event(), threading.Lock()

    class Slow:
        def hash(self, _: str) -> str:
            nonlocal going, most
            with lock:
                going += 1
                most = max(most, going)
            gate.wait(10)
            with lock:
                going -= 1
            return ""

    def come() -> None:
        nonlocal turned_away
        try:
            hash_password("x")
        except TooBusy:
            with lock:
                turned_away += 1

    monkeypatch.setattr(passwords, "HASHER", Slow())
    crowd = [threading.Thread(target=come) for _ in range(30)]
    for one in crowd:
        one.start()
    for one in crowd[20:]:
        one.join(0.05)
    gate.set()
    for one in crowd:
        one.join(10)
    assert most == passwords.AT_ONCE
    assert turned_away == 30 - passwords.AT_ONCE - passwords.MOST_WAITING
