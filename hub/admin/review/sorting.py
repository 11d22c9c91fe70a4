"""Several records sorted at once: those ticked are one person, the others are not that person; undone as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from hub.admin.review import claims
from hub.admin.review.answers import GONE, REFUSED, SORTED, STALE, TAKEN, Given, Outcome, keep_answer, sent_before
from hub.admin.review.claims import Reviewer
from hub.decide import CannotDecide, apart, confirm, merge, split
from hub.queries.review_cluster import Cluster, cluster_of
from hub.queries.review_pair import NoSuchPair


def sort_records(db: Connection, who: Reviewer, given: Given, ticked: Collection[int]) -> Outcome:
    """Write the decisions that a sorting is, all or none."""
    if before := sent_before(db, f"{given.ticket}0"):
        return Outcome(SORTED, before.told)
    if claims.holder_of(db, given.item) not in (None, who.session):
        return Outcome(TAKEN, "Somebody else has this question before them now. Nothing was decided.")
    left, _, right = given.item.partition("-")
    try:
        found = cluster_of(db, int(left), int(right), masked=True)
    except NoSuchPair as gone:
        return Outcome(GONE, f"Nothing was decided: {gone}.")
    if found.shown != given.shown:
        return Outcome(STALE, "The records have changed since you opened them. Nothing was decided: look again.")
    if not found.is_whole:
        return Outcome(REFUSED, "There are more records than the page shows: `hub split` takes them apart.")
    try:
        numbers = _decide(db, who.name, given.reason, found, {*ticked})
    except CannotDecide as error:
        return Outcome(REFUSED, f"Nothing was decided: {error}.")
    if not numbers:
        return Outcome(REFUSED, "That is how it is already. Nothing was decided.")
    for at, number in enumerate(numbers):
        keep_answer(db, who, given, {"ticket": f"{given.ticket}{at}", "batch": given.ticket, "decision_id": number})
    claims.let_go(db, given.item)
    return Outcome(SORTED, f"Sorted: decision {', '.join(map(str, numbers))}.")


def _decide(db: Connection, author: str, reason: str, found: Cluster, ticked: set[int]) -> list[int]:
    inside: dict[str, list[int]] = defaultdict(list)
    outside: dict[str, list[int]] = defaultdict(list)
    for one in found.members:
        (inside if one.record_id in ticked else outside)[one.contact_id].append(one.record_id)
    if not inside:
        raise CannotDecide("tick the records that are one person")
    numbers = [split(db, inside[home], author, reason) for home in found.contacts if inside[home] and outside[home]]
    return numbers + _across(db, author, reason, found, {home: bool(inside[home]) for home in found.contacts}, inside)


def _across(
    db: Connection, author: str, reason: str, found: Cluster, has_ticked: dict[str, bool], inside: dict[str, list[int]]
) -> list[int]:
    """What follows between the two contacts, where the records are of two."""
    if len(found.contacts) != 2:
        return []
    one, other = found.contacts
    sizes: dict[str, int] = defaultdict(int)
    for member in found.members:
        sizes[member.contact_id] += 1
    is_whole = all(len(inside[home]) in (0, sizes[home]) for home in found.contacts)
    if all(has_ticked.values()):
        if is_whole:
            return [merge(db, one, other, author, reason)]
        return [confirm(db, inside[one][0], inside[other][0], author, reason)]
    return [apart(db, one, other, author, reason)] if is_whole else []


def ticked_in(form: Any) -> set[int]:
    """The records that a form names."""
    return {int(one) for one in form.getlist("record") if str(one).isdecimal() and len(str(one)) < 18}
