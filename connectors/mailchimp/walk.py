"""How a Mailchimp listing is read to its end although it changes meanwhile. No HTTP here.

Mailchimp pages by offset only. An offset drifts: when a listed item leaves its place, those behind it move
up by one and the next page skips one. So pages are asked for by change time, and an offset is used only
inside one second, where each page begins with the last item of the page before, as proof that nothing moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.kit.errors import BadPayload, Truncated

Item = Mapping[str, Any]

SECOND = timedelta(seconds=1)
"""The resolution of `last_changed`. The vendor's "changed after" leaves the given second itself out."""

ATTEMPTS = 20
"""How often one run of ties is begun anew before the walk gives up."""


@dataclass(frozen=True, slots=True)
class Place:
    """What to ask for: items changed after `since` (all without it), from `offset` on.

    `attempt` counts the new beginnings, so that asking again for the same place is not taken for a loop.
    """

    since: datetime | None = None
    offset: int = 0
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """One reply. `total` counts all items that match the query, on this page or not."""

    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one reply added: `fresh` is without what the step before has brought, unchanged, already."""

    fresh: tuple[Item, ...]
    total: int
    complete: bool


Fetch = Callable[[Place], Listing]


def changed_at(item: Item) -> datetime | None:
    """The item's `last_changed` as aware UTC; None when it is missing, "" or no time."""
    text = item.get("last_changed")
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def walk(fetch: Fetch, start: datetime | None = None) -> Iterator[Step]:
    """Yield steps that together hold every item changed at `start` or later (without it, every item).

    An item may come twice when others have moved meanwhile.
    Raises Truncated when the listing does not hold still or ends before its total, BadPayload when it is
    not sorted by change time.
    """
    place = Place(_just_before(start))
    before: tuple[Item, ...] = ()
    while True:
        listing = fetch(place)
        if _has_moved(place, listing, before):
            place = _begin_again(place)
            continue
        _must_be_sorted(place, listing)
        complete = place.offset + len(listing.items) >= listing.total
        yield Step(_without(listing.items, before), listing.total, complete)
        if complete:
            return
        place, before = _next_place(place, listing), listing.items


def _has_moved(place: Place, listing: Listing, before: Sequence[Item]) -> bool:
    """With an offset, the page must begin with the last item of the page before."""
    if not listing.items:
        return place.offset > 0 or listing.total > 0
    first, last = listing.items[0], before[-1] if before else {}
    return place.offset > 0 and (first.get("id"), changed_at(first)) != (last.get("id"), changed_at(last))


def _without(items: Sequence[Item], before: Sequence[Item]) -> tuple[Item, ...]:
    known = {str(item.get("id")): item for item in before}
    return tuple(item for item in items if known.get(str(item.get("id"))) != item)


def _begin_again(place: Place) -> Place:
    if place.attempt == ATTEMPTS:
        raise Truncated(f"Mailchimp's listing did not hold still in {ATTEMPTS} readings: run the sync again later")
    return Place(place.since, 0, place.attempt + 1)


def _next_place(place: Place, listing: Listing) -> Place:
    before, until = _just_before(changed_at(listing.items[0])), _just_before(changed_at(listing.items[-1]))
    if until is not None and until != before and (place.since is None or until > place.since):
        return Place(until)
    following = Place(place.since, place.offset + len(listing.items) - 1, place.attempt)
    if following.offset == place.offset:
        raise Truncated("Mailchimp gives one record a page, too few to see whether the listing holds still")
    return following


def _just_before(moment: datetime | None) -> datetime | None:
    """The second before the moment's own: "changed after" it means in the moment's second or later."""
    return moment and moment.replace(microsecond=0) - SECOND


def _must_be_sorted(place: Place, listing: Listing) -> None:
    before = place.since
    for item in listing.items:
        moment = changed_at(item)
        if moment is None:
            continue
        if before is not None and moment < before:
            raise BadPayload("Mailchimp did not sort its listing by last_changed: reading on could skip members")
        before = moment
