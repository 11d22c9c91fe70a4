"""The order of the queue, page by page, and how much of a database a page of it reads."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text

from hub.queries.review_queue import KINDS, POPULAR_VALUE, Asked, Narrowed, Place, count, some_questions
from hub.stages.increment import reviews
from hub.store.engine import Store

PAIRS = [kind for kind in KINDS if kind != POPULAR_VALUE]


@pytest.fixture
def many(store: Store) -> Store:
    """Three hundred questions; every sixth is of one kind, and five weigh the same."""
    rows = [
        {"left_id": at, "right_id": at + 1000, "kind": PAIRS[at % len(PAIRS)], "weight": at // 5 * 10, "news": ""}
        for at in range(1, 301)
    ]
    store.write(lambda db: db.execute(insert(reviews), rows))
    return store


def everything(store: Store, size: int, of: Narrowed) -> list[Asked]:
    found: list[Asked] = []
    after: Place | None = None
    with store.read() as db:
        while page := some_questions(db, size, of, after):
            found += page
            after = page[-1].place
    return found


@pytest.mark.parametrize("of", [Narrowed(), Narrowed("ambiguous"), Narrowed(least=300), Narrowed(below=300)])
def test_pages_of_any_size_make_the_whole_queue_each_question_once(many: Store, of: Narrowed) -> None:
    whole = everything(many, 1_000, of)
    assert whole
    for size in (1, 7, 50, 51):
        assert everything(many, size, of) == whole
    with many.read() as db:
        assert count(db, of) == len(whole) == len({one.item for one in whole})


def test_what_is_wrong_already_comes_first_and_then_the_heavier(many: Store) -> None:
    found = everything(many, 100, Narrowed())
    assert len(found) == 300
    places = [one.place for one in found]
    assert places == sorted(places, key=lambda one: (one.stage, -one.weight, -one.left, -one.right))
    assert [one.kind for one in found[:60]] == ["conflict"] * 60


def test_a_page_is_found_in_the_order_of_an_index(many: Store) -> None:
    """SQLite; what PostgreSQL makes of it is asked in the flows, over many rows."""
    if not many.is_sqlite:
        return
    plan = "EXPLAIN QUERY PLAN SELECT * FROM review_item WHERE kind = 'conflict' AND (weight, left_id, right_id) "
    plan += "< (5, 5, 5) ORDER BY weight DESC, left_id DESC, right_id DESC LIMIT 50"
    with many.read() as db:
        told = " ".join(str(row) for row in db.execute(text(plan)))
    assert "ix_review_item_queue (kind=? AND (weight,left_id,right_id)<(?,?,?))" in told
    assert "TEMP B-TREE" not in told
