"""Several at once: records sorted into persons, pairs of one pattern, known pairs, and what one undo takes back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin.app import create_app
from hub.admin.review import known
from hub.decide import apart
from hub.stages.order import derive
from hub.stages.reading import decisions, members
from tests.hub.admin import estate as estates
from tests.hub.admin.browsing import post, signed_in_as, text_of
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.crowd import pairs
from tests.hub.admin.review.desk import HIDDEN, Desk


def homes(desk: Desk) -> dict[int, str]:
    with desk.store.read() as db:
        return {row.record_id: row.contact_id for row in db.execute(select(members))}


def sort(desk: Desk, item: str, *records: int) -> Any:
    page = desk.client.get(f"/review/items/{item}/cluster")
    assert page.status_code == 200
    carried = dict(HIDDEN.findall(page.text))
    return post(desk.client, f"/review/items/{item}/cluster", record=[str(one) for one in records], **carried)


def test_all_records_of_two_contacts_are_sorted_at_once_and_one_undo_takes_it_back(olive: Desk) -> None:
    first = olive.take()
    left, right = map(int, first.split("-"))
    before = homes(olive)
    assert sort(olive, first, left, right).status_code == 303
    after = homes(olive)
    assert before[left] != before[right]
    assert after[left] == after[right]
    assert olive.decided() == [("merge", True)]
    assert sort(olive, first, right).status_code == 303
    assert homes(olive)[left] != homes(olive)[right]
    assert olive.arrived(olive.undo()) == first
    assert homes(olive)[left] == homes(olive)[right]
    assert olive.arrived(olive.undo()) == first
    assert homes(olive) == before


def test_sorting_decides_nothing_where_nothing_is_said_or_everything_is_so_already(olive: Desk) -> None:
    item = olive.take()
    assert sort(olive, item).status_code == 409
    assert sort(olive, item, int(item.split("-")[0])).status_code == 303
    assert olive.decided() == [("apart", True)]


def test_a_contact_on_a_bridge_shows_where_to_split_it(tmp_path: Path, clock: FakeClock) -> None:
    """Alice and Alise share a phone and an address, Alise and A. Nguyen an e-mail address."""
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        made.put(estates.DESK, estates.LOYALTY)
        desk = at_work(made, clock, Role.OPERATOR)
        together = homes(desk)
        contact = next(one for one in together.values() if list(together.values()).count(one) > 1)
        left, right = sorted(record for record, home in together.items() if home == contact)[:2]
        page = desk.client.get(f"/review/items/{left}-{right}/cluster").text
        assert 'class="bridge"' in page
        assert "a bridge: on it alone hangs 1 record" in text_of(page)
        split = page.rpartition("<form")[2]
        records = re.findall(r'name="record" value="(\d+)"', split)
        assert records == [str(right)]
        assert sort(desk, f"{left}-{right}", *map(int, records)).status_code == 303
        assert homes(desk)[left] != homes(desk)[right]
        assert desk.decided() == [("split", True)]


def at_work(hub: Estate, clock: FakeClock, role: Role = Role.REVIEWER) -> Desk:
    return Desk(signed_in_as(create_app(hub.store, hub.settings, clock.now), hub.store, clock, role), hub.store)


def shown(page: str) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page)
    return found[1] if found else ""


def test_a_pattern_is_answered_at_once_after_ten_by_hand_that_agree(tmp_path: Path, clock: FakeClock) -> None:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        made.put(*pairs(40))
        olive = at_work(made, clock)
        by_pattern: dict[str, list[str]] = {}
        for item in sorted(olive.open_pairs()):
            page = olive.client.get(f"/review/items/{item}/pattern").text
            by_pattern.setdefault(text_of(page).partition("Queue")[2].partition("Answered")[0], []).append(item)
        items = max(by_pattern.values(), key=len)
        assert len(items) > 15
        for at, item in enumerate(items[:10]):
            path = f"/review/items/{items[-1]}/pattern"
            assert "by hand, all alike" in olive.client.get(path).text
            assert post(olive.client, path, shown="").status_code == 409
            olive.answer(item, "apart")
            assert len(olive.decided()) == at + 1
        page = olive.client.get(path).text
        assert f"Keep apart all {len(items) - 10}" in text_of(page)
        assert post(olive.client, path, shown="0" * 32).status_code == 409
        assert post(olive.client, path, shown=shown(page)).status_code == 303
        assert len(olive.decided()) == len(items)
        assert olive.open_pairs().isdisjoint(items)
        olive.undo()
        assert [stands for _, stands in olive.decided()] == [True] * 10 + [False] * (len(items) - 10)
        assert set(items[10:]) <= olive.open_pairs()
        olive.answer(items[10], "merge")
        assert "by hand, all alike" in olive.client.get(path).text
        assert "pairs like" in olive.client.get("/review/patterns").text


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second question is a known one."""
    monkeypatch.setattr(known, "EVERY", 2)


def test_a_known_pair_looks_like_any_other_changes_nothing_and_tells_the_reviewer_how_well_they_do(
    olive: Desk, pairs_hub: Estate, soon: None
) -> None:
    told = sorted(olive.open_pairs())[0]
    left, right = map(int, told.split("-"))
    home = homes(olive)

    def long_ago(db: Any) -> None:
        number = apart(db, home[left], home[right], "quentin", "")
        at = datetime.now(UTC) - timedelta(days=40)
        db.execute(update(decisions).where(decisions.c.id == number).values(decided_at=at))

    pairs_hub.store.write(long_ago)
    derive(pairs_hub.store, pairs_hub.settings)
    first = olive.take()
    second = olive.arrived(olive.answer(first, "merge"))
    assert second == told
    page = olive.read(second)
    assert "They may be one person." in page
    assert "Joins 2 records." in page
    assert "known" not in page
    third = olive.arrived(olive.answer(second, "merge"))
    assert "known pairs: 0 of 1 as they are known" in olive.read(third)
    assert olive.decided() == [("apart", True), ("merge", True)]
    assert olive.arrived(olive.undo()) == second
    olive.answer(second, "apart")
    assert "known pairs: 1 of 1 as they are known" in text_of(olive.client.get("/review").text)
    assert olive.decided() == [("apart", True), ("merge", True)]
