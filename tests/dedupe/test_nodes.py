"""Records that say the same become one node."""

from __future__ import annotations

import pytest

from dedupe.links import Link
from dedupe.nodes import fold_nodes
from tests.dedupe.cast import HOME, NOBODY, decided, key_hashes, label_of, record, records, says

GUEST = says("Harriet Reid", email="harriet@x.example")


def folded(entries, *decisions, popular=NOBODY):
    nodes = fold_nodes(entries, popular, decided(entries, *decisions))
    return [" ".join(label_of(entry) for entry in node.entries) for node in nodes]


def test_equal_records_are_one_node_in_stable_order() -> None:
    entries = [record(label, GUEST) for label in ("order3", "order1", "order2")]
    assert folded(entries) == ["order1 order2 order3"]


def test_records_that_differ_in_anything_stay_apart() -> None:
    assert folded(records(a=GUEST, b=says("Harriet Reid", email="harriet@x.example", phone=HOME))) == ["a", "b"]


@pytest.mark.fault("D07")
def test_equal_names_are_no_reason_to_fold_when_there_is_no_usable_key() -> None:
    assert folded(records(a=says("Ian Reid"), b=says("Ian Reid"))) == ["a", "b"]
    assert folded(records(a=GUEST, b=GUEST), popular=key_hashes(GUEST)) == ["a", "b"]


def test_a_popular_value_is_gone_from_the_node() -> None:
    entries = records(a=says("Ian Reid", phone=HOME, email="ian@x.example"))
    (node,) = fold_nodes(entries, key_hashes(says(phone=HOME)), decided(entries))
    assert node.features == says("Ian Reid", email="ian@x.example")
    assert node.keys == key_hashes(says(email="ian@x.example"))


def test_records_that_differ_in_a_popular_value_only_are_one_node() -> None:
    entries = records(a=GUEST, b=says("Harriet Reid", email="harriet@x.example", phone=HOME))
    assert folded(entries, popular=key_hashes(says(phone=HOME))) == ["a b"]


def test_a_cannot_link_takes_a_record_out_of_its_node_and_a_must_link_does_not() -> None:
    entries = records(a=GUEST, b=GUEST, c=GUEST, ian=says("Ian Reid", phone=HOME))
    assert folded(entries, ("a", "ian", Link.CANNOT)) == ["a", "b c", "ian"]
    assert folded(entries, ("a", "ian", Link.MUST)) == ["a b c", "ian"]


def test_records_that_cannot_be_the_same_others_stay_folded() -> None:
    entries = records(a=GUEST, b=GUEST, ian=says("Ian Reid", phone=HOME))
    assert folded(entries, ("a", "ian", Link.CANNOT), ("b", "ian", Link.CANNOT)) == ["a b", "ian"]
