"""What people leave at the pages is forgotten when it is over, and nothing that is in force goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.admin.review import claims as claiming
from hub.admin.review.answers import answers
from hub.admin.sessions import IDLE, LINK_LASTS, LONGEST, links, sessions
from hub.settings.models import Keep
from hub.stages import pruning
from hub.stages.lapsed import A_DAY
from hub.stages.pruning import prune
from hub.store.engine import Store
from hub.users import tries
from tests.hub.watch.scene import put
from tests.hub.world import opened

NOW = datetime.now(UTC)
KEEP = Keep.model_validate({"reviewing": "10d"})
HOUR = timedelta(hours=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with opened(database_url) as made:
        yield made


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def left(store: Store, column: Any) -> list[Any]:
    with store.read() as db:
        return sorted(db.execute(select(column)).scalars())


def test_all_that_lapses_is_over_long_before_it_is_forgotten() -> None:
    """What is chosen to go is chosen by a day; no time of the pages may ever be longer than that."""
    assert max(IDLE, LONGEST, LINK_LASTS, claiming.TERM, claiming.LATER) < A_DAY
    assert tries.FORGOTTEN <= A_DAY
    assert max(tries.NAME.longest, tries.ADDRESS.longest) < A_DAY


def test_sessions_links_and_failed_sign_ins_go_a_day_after_their_end(store: Store) -> None:
    for name, started, used in (("long", 30, 1), ("idle", 30, 25), ("young", 2, 1)):
        put(store, sessions, token_hash=name, started_at=ago(started), last_used_at=ago(used))
    for name, expired in (("old", 25), ("open", -0.2), ("just over", 1)):
        put(store, links, token_hash=name, expires_at=ago(expired))
    for name, next_try in (("old", 25), ("waits", -0.1), ("young", 2)):
        put(store, tries.failures, who=name, failures=7, next_try_at=ago(next_try))
    assert prune(store, NOW, KEEP) == 4
    assert left(store, sessions.c.token_hash) == ["young"]
    assert left(store, links.c.token_hash) == ["just over", "open"]
    assert left(store, tries.failures.c.who) == ["waits", "young"]
    assert prune(store, NOW, KEEP) == 0


def test_claims_drawn_pairs_and_what_was_put_off_go_and_what_somebody_holds_stays(store: Store) -> None:
    for item, until, expected in (("1-2", 25, ""), ("3-4", 25, "merge"), ("5-6", -0.05, ""), ("7-8", 1, "apart")):
        put(store, claiming.claims, item=item, session=item, since=ago(until), until=ago(until), expected=expected)
    for item, at in (("1-2", 25), ("5-6", 0.5)):
        put(store, claiming.skips, reviewer="olive", item=item, at=ago(at))
    assert prune(store, NOW, KEEP) == 3
    assert left(store, claiming.claims.c.item) == ["5-6", "7-8"]
    assert left(store, claiming.skips.c.item) == ["5-6"]


def answered(store: Store, ticket: str, days: float, **more: Any) -> None:
    row = {"session": "s", "reviewer": "olive", "item": "1-2", "answer": "skip", "at": ago(days * 24)}
    put(store, answers, ticket=ticket, **{**row, **more})


def test_of_the_answers_only_those_that_decided_nothing_go(store: Store) -> None:
    answered(store, "put off long ago", 11)
    answered(store, "put off lately", 9)
    answered(store, "a known pair", 400, answer="merge", expected="merge")
    answered(store, "a decision", 400, answer="merge", decision_id=7)
    assert prune(store, NOW, KEEP) == 1
    assert left(store, answers.c.ticket) == ["a decision", "a known pair", "put off lately"]


def test_a_chunk_goes_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "CHUNK", 2)
    for number in range(5):
        put(store, claiming.claims, item=f"{number}", session="s", since=ago(99), until=ago(99))
    assert [prune(store, NOW, KEEP) for _ in range(4)] == [2, 2, 1, 0]
