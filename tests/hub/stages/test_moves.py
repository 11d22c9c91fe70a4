"""Who inherits the public id of a record that is gone."""

from __future__ import annotations

from hub.stages.moves import heirs


def test_the_oldest_that_is_left_of_the_contact_inherits() -> None:
    before = {1: "alice", 2: "alice", 3: "alice", 4: "bob"}
    assert heirs(before, [(3, "third"), (2, "second"), (4, "fourth")]) == {1: "third"}


def test_a_newcomer_inherits_nothing_and_who_left_nobody_has_no_heir() -> None:
    assert heirs({1: "alice"}, [(9, "new")]) == {}
