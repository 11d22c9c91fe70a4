"""The line of a preview: what is counted, what is left out, and whom a segment is said to gain or lose."""

from __future__ import annotations

import pytest

from hub.queries.consequences.changes import SegmentChange, Sums
from hub.queries.consequences.words import of_operations, of_segments, of_sums
from hub.stages.plan import Operation

TITLES = {"vip": "Regulars", "reachable": "Reachable"}
MERGED = {("alice", "alice"), ("ali", "alice")}


def operation(destination: str, field: str = "email") -> Operation:
    return Operation(0, destination, "consent", "", "1", "email", "a@example.com", field, "out", "in", "withdrawn")


@pytest.mark.parametrize(
    ("some", "said"),
    [
        (Sums(), []),
        (Sums(2, 7), ["joins 2 records, 7 orders"]),
        (Sums(1, 1, 1), ["joins 1 record, 1 order, 1 ticket"]),
        (Sums(3, 0, 2), ["joins 3 records, 2 tickets"]),
    ],
)
def test_only_what_there_is_is_counted(some: Sums, said: list[str]) -> None:
    assert list(of_sums("joins", some)) == said


def test_operations_are_counted_for_each_destination() -> None:
    assert list(of_operations("pushes", [])) == []
    found = [operation("shop"), operation("mailer"), operation("shop", "tag:VIP")]
    assert list(of_operations("pushes", found)) == ["pushes 1 update to mailer, 2 updates to shop"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        # one side was inside, and the contact is: nobody enters, nobody leaves
        ([SegmentChange("ali", "vip", True, False), SegmentChange("alice", "vip", False, True)], []),
        ([SegmentChange("alice", "vip", False, True)], ["enters Regulars"]),
        ([SegmentChange("ali", "vip", True, False)], ["leaves Regulars"]),
        (
            [SegmentChange("alice", "vip", False, True), SegmentChange("alice", "reachable", False, True)],
            ["enters Reachable and Regulars"],
        ),
    ],
)
def test_a_person_enters_or_leaves_a_segment_and_not_each_of_their_contacts(
    changes: list[SegmentChange], said: list[str]
) -> None:
    assert list(of_segments(changes, MERGED, TITLES)) == said
