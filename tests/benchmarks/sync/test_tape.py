"""The vendor's memory: one answer for one question, however it is spelled, and pages no larger than it allows."""

from __future__ import annotations

from benchmarks.sync.tape import Answer, Tape, capped, framed

EXPORT = "/api/v2/incremental/users/cursor"


def test_the_same_question_in_other_words_is_the_same_question() -> None:
    asked = f"{EXPORT}?per_page=1000&start_time=1"

    assert capped(f"{EXPORT}.json?start_time=1&per_page=1000", 1_000) == asked
    assert capped(f"{EXPORT}?start_time=1", 1_000) == asked
    assert capped(f"{EXPORT}?start_time=2", 1_000) != asked


def test_the_vendor_gives_no_larger_page_than_it_wants_to_and_no_larger_one_than_it_is_asked_for() -> None:
    assert capped(f"{EXPORT}?start_time=1&per_page=1000", 100) == f"{EXPORT}?per_page=100&start_time=1"
    assert capped(f"{EXPORT}?start_time=1&per_page=1", 100) == f"{EXPORT}?per_page=1&start_time=1"


def test_beside_a_cursor_no_start_is_looked_at() -> None:
    with_both = capped(f"{EXPORT}?start_time=1&cursor=MTIzLjB8fDQ=", 100)

    assert with_both == capped(f"{EXPORT}?cursor=MTIzLjB8fDQ%3D", 100)


def test_only_what_nobody_has_asked_goes_to_the_simulator() -> None:
    asked: list[str] = []

    def ask(target: str) -> Answer:
        asked.append(target)
        return Answer(framed(200, "application/json", target.encode()), 1)

    tape = Tape(ask)
    first = tape.answer(f"{EXPORT}?start_time=1")
    again = tape.answer(f"{EXPORT}.json?per_page=5000&start_time=1")
    tape.page = 100
    smaller = tape.answer(f"{EXPORT}?start_time=1")

    assert first is again
    assert smaller.wire != first.wire
    assert len(asked) == 2


def test_a_reply_says_how_long_it_is() -> None:
    head, _, body = framed(200, "application/json", b'{"users": []}').partition(b"\r\n\r\n")

    assert head.split(b"\r\n")[0] == b"HTTP/1.1 200 OK"
    assert b"content-length: 13" in head
    assert body == b'{"users": []}'
