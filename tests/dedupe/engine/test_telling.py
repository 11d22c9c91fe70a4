"""Single pairs explained: how the records of two people compare, and which of their values others may share."""

from __future__ import annotations

from dedupe.engine.population import hashes_from
from dedupe.engine.telling import best_pair, shared_values
from dedupe.engine.verdicts import Judgement
from tests.dedupe.cast import HOME, MAIL, STANDARD, label_of, records, resolved, says, shared_keys

NONE_POPULAR = hashes_from([])
HOUSE = "12 High Street, Perth, 6000"


class TestBestPair:
    everyone = records(
        shop=says("Alice Reid", email=MAIL, phone=HOME),
        desk=says("A Reid", phone=HOME),
        till=says("Alice Reid", lives=HOUSE),
        kate=says("Kate Lee", email="kate@example.com"),
        home=says("Alice Reid", phone=HOME, lives=HOUSE),
    )
    alice, kate = everyone[:3], everyone[3:]

    def test_it_is_the_pair_that_speaks_loudest_for_one_person(self) -> None:
        found = best_pair(self.alice[:1], self.kate, NONE_POPULAR, STANDARD)
        assert {label_of(found.left), label_of(found.right)} == {"shop", "home"}
        assert found.verdict.judgement is Judgement.AUTOMATIC

    def test_it_does_not_matter_who_is_asked_about_first(self) -> None:
        one = best_pair(self.alice, self.kate, NONE_POPULAR, STANDARD)
        assert one == best_pair(self.kate, self.alice, NONE_POPULAR, STANDARD)

    def test_two_who_share_no_key_are_compared_all_the_same(self) -> None:
        found = best_pair(self.alice[1:2], self.kate[:1], NONE_POPULAR, STANDARD)
        assert found.verdict.judgement is Judgement.NONE
        assert [line.field for line in found.verdict.comparisons] == ["name"]
        assert found.verdict.weight == STANDARD.prior_inside + found.verdict.comparisons[0].weight

    def test_it_says_of_two_records_what_resolving_them_says(self) -> None:
        both = records(kate=says("Kate Lee", email=MAIL), katherine=says("Katherine Lee", email=MAIL, phone=HOME))
        (edge,) = resolved(both).edges
        assert best_pair(both[:1], both[1:], NONE_POPULAR, STANDARD).verdict == edge.verdict

    def test_a_popular_value_says_nothing(self) -> None:
        found = best_pair(self.alice[:1], self.kate[1:], shared_keys(says(phone=HOME)), STANDARD)
        assert [line.field for line in found.verdict.comparisons] == ["name"]

    def test_a_contact_is_compared_with_itself_record_by_record(self) -> None:
        found = best_pair(self.alice, self.alice, NONE_POPULAR, STANDARD)
        assert found.left != found.right
        alone = best_pair(self.alice[:1], self.alice[:1], NONE_POPULAR, STANDARD)
        assert alone.left == alone.right


def test_the_values_by_which_records_are_found_are_told_with_their_keys() -> None:
    said = says("Alice Reid", email=[MAIL, "alice@example.com"], phone=HOME, card="L1", born="1980-01-02", lives=HOUSE)
    found = list(shared_values(records(alice=said, home=says(phone=HOME))))
    assert sorted((one.kind, one.value) for one in found) == [
        ("email", "alice@example.com"),
        ("email", MAIL),
        ("identifier", "loyalty=L1"),
        ("phone", HOME),
    ]
    assert hashes_from(one.key for one in found).tolist() == shared_keys(said).tolist()
