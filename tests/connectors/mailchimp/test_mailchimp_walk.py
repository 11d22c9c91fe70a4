"""The walk over a listing that changes meanwhile, against a model of the vendor; no HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kit.errors import BadPayload, Truncated
from connectors.mailchimp.walk import Listing, Place, Step, changed_at, walk

START = datetime(2026, 1, 1, tzinfo=UTC)


def item(name: str, second: int) -> dict[str, Any]:
    return {"id": name, "last_changed": (START + timedelta(seconds=second)).isoformat()}


class Model:
    """A vendor that sorts by whole seconds, keeps ties in the order of names, and may count `since` itself in."""

    def __init__(self, seconds: list[int], size: int, *, inclusive: bool = False) -> None:
        self.items = [item(f"m{i:03}", second) for i, second in enumerate(seconds)]
        self.size = size
        self.inclusive = inclusive
        self.schedule: list[Callable[[], object]] = []
        self.asked = 0

    def fetch(self, place: Place) -> Listing:
        self.asked += 1
        if self.schedule:
            self.schedule.pop(0)()
        rows = sorted(self.items, key=lambda i: (i["last_changed"], i["id"]))
        if place.since is not None:
            since = place.since.isoformat()
            rows = [r for r in rows if r["last_changed"] > since or (self.inclusive and r["last_changed"] == since)]
        return Listing(tuple(rows[place.offset : place.offset + self.size]), len(rows))

    def edit(self, name: str, second: int) -> None:
        self.items = [item(name, second) if i["id"] == name else i for i in self.items]

    def remove(self, name: str) -> None:
        self.items = [i for i in self.items if i["id"] != name]


def names(steps: list[Step]) -> list[str]:
    return sorted(i["id"] for step in steps for i in step.fresh)


@pytest.mark.fault("H20")
@given(
    seconds=st.lists(st.integers(0, 4), max_size=40),
    size=st.integers(2, 6),
    inclusive=st.booleans(),
)
def test_every_item_comes_however_many_share_a_second(seconds: list[int], size: int, inclusive: bool) -> None:
    model = Model(seconds, size, inclusive=inclusive)
    steps = list(walk(model.fetch))
    assert set(names(steps)) == {i["id"] for i in model.items}
    assert [step.complete for step in steps] == [False] * (len(steps) - 1) + [True]


@given(seconds=st.lists(st.integers(0, 4), max_size=40), size=st.integers(2, 6))
def test_a_listing_that_holds_still_brings_every_item_once(seconds: list[int], size: int) -> None:
    model = Model(seconds, size)
    assert names(list(walk(model.fetch))) == [i["id"] for i in model.items]


@pytest.mark.fault("H19")
@settings(max_examples=400)
@given(data=st.data(), seconds=st.lists(st.integers(0, 3), min_size=1, max_size=25), size=st.integers(2, 5))
def test_what_is_left_alone_is_never_skipped_while_others_are_edited_and_removed(
    data: st.DataObject, seconds: list[int], size: int
) -> None:
    model = Model(seconds, size)
    every = [i["id"] for i in model.items]
    disturbed = data.draw(st.lists(st.sampled_from(every), max_size=15))
    acts = [
        (lambda n=name, s=100 + number: model.edit(n, s))
        if data.draw(st.booleans())
        else (lambda n=name: model.remove(n))
        for number, name in enumerate(disturbed)
    ]
    at_once = data.draw(st.integers(1, 4))
    groups = [acts[i : i + at_once] for i in range(0, len(acts), at_once)]
    model.schedule = [lambda: None, *((lambda g=group: [act() for act in g]) for group in groups)]
    assert set(names(list(walk(model.fetch)))) >= set(every) - set(disturbed)


@pytest.mark.fault("H19")
def test_an_edited_item_that_lands_on_the_old_offset_does_not_pass_for_a_listing_at_rest() -> None:
    model = Model([1] * 6, 3)

    def disturb() -> None:
        for name in ("m000", "m001", "m003"):
            model.remove(name)
        model.edit("m002", 100)

    model.schedule = [lambda: None, disturb]
    assert set(names(list(walk(model.fetch)))) >= {"m004", "m005"}


@pytest.mark.fault("H14")
def test_a_page_size_the_vendor_makes_smaller_on_the_way_loses_nothing() -> None:
    model = Model([0] * 7 + [1] * 7, 6)
    model.schedule = [lambda: None, lambda: setattr(model, "size", 3)]
    assert set(names(list(walk(model.fetch)))) == {i["id"] for i in model.items}


def test_a_walk_asks_by_time_and_not_by_offset_where_times_differ() -> None:
    places: list[Place] = []
    model = Model(list(range(10)), 4)
    list(walk(lambda place: places.append(place) or model.fetch(place)))
    assert [place.offset for place in places] == [0, 0, 0]


@pytest.mark.fault("H07")
def test_a_listing_that_ends_before_its_total_is_truncated_and_never_taken_for_the_end() -> None:
    with pytest.raises(Truncated):
        list(walk(lambda place: Listing((), 3)))


@pytest.mark.fault("H16")
def test_a_vendor_that_never_holds_still_is_given_up_after_some_readings() -> None:
    counter = iter(range(10_000))
    with pytest.raises(Truncated):
        list(walk(lambda place: Listing((item(f"a{next(counter)}", 0), item(f"b{next(counter)}", 0)), 9)))
    assert next(counter) < 200


def test_pages_of_one_record_are_refused_since_they_cannot_show_drift() -> None:
    with pytest.raises(Truncated):
        list(walk(Model([0, 0, 0], 1).fetch))


@pytest.mark.parametrize("seconds", [[5, 3], [0, 9, 8]], ids=["first pair", "last pair"])
def test_a_listing_that_is_not_sorted_is_refused(seconds: list[int]) -> None:
    rows = tuple(item(f"m{i}", second) for i, second in enumerate(seconds))
    with pytest.raises(BadPayload):
        list(walk(lambda place: Listing(rows, len(rows))))


def test_a_vendor_that_ignores_the_since_is_refused() -> None:
    rows = (item("m0", 0), item("m1", 1))
    with pytest.raises(BadPayload):
        list(walk(lambda place: Listing(rows, 2), START + timedelta(seconds=60)))


@pytest.mark.fault("H24")
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-02-27T22:03:55+00:00", datetime(2026, 2, 27, 22, 3, 55, tzinfo=UTC)),
        ("2026-02-28T06:03:55+08:00", datetime(2026, 2, 27, 22, 3, 55, tzinfo=UTC)),
        ("2026-02-27T22:03:55Z", datetime(2026, 2, 27, 22, 3, 55, tzinfo=UTC)),
        ("2026-02-27T22:03:55", datetime(2026, 2, 27, 22, 3, 55, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
        (None, None),
        (1772229835, None),
        ("yesterday", None),
    ],
)
def test_last_changed_is_read_as_utc_or_not_at_all(text: object, meant: datetime | None) -> None:
    assert changed_at({"last_changed": text}) == meant


def test_members_without_a_change_time_are_walked_by_offset() -> None:
    rows = [{"id": f"m{i}", "last_changed": ""} for i in range(9)]
    steps = list(walk(lambda place: Listing(tuple(rows[place.offset : place.offset + 4]), 9)))
    assert names(steps) == [row["id"] for row in rows]
