"""Stories of the resolver: who becomes one contact, who does not, and whom a person is asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dedupe.engine.population import hashes_from, population_of
from dedupe.engine.record import Features
from dedupe.engine.verdicts import Comparison, Judgement
from dedupe.links import Link, Links
from tests.dedupe.cast import (
    HOME,
    MAIL,
    STANDARD,
    all_keys,
    contacts,
    edges,
    label_of,
    questions,
    record,
    records,
    resolved,
    says,
    shared_keys,
)
from tests.dedupe.told import told

MUST, CANNOT = Link.MUST, Link.CANNOT
OFFICE = "+61480555012"
HOUSE = "12 High Street, Perth, 6000"

ALICE = says("Alice Reid", email="alice@example.com", phone=HOME)
BOB = says("Bob Reid", email="bob@example.com", phone=HOME)
FATHER = says("Ian Reid", email=MAIL, born="1958-04-02")
SON = says("Ian Reid", email=MAIL, born="1989-09-17")
IAN = says("Ian Reid", email=MAIL)


class TestHousehold:
    def test_bob_shares_alices_phone_and_stays_bob(self) -> None:
        home = records(alice=ALICE, bob=BOB, alice2=says("Alice Reid", email="alice@example.com"))
        assert contacts(resolved(home)) == {"alice alice2", "bob"}

    def test_a_couple_with_one_phone_and_one_address_is_asked_about(self) -> None:
        couple = records(alice=says("Alice Reid", email=MAIL, phone=HOME), bob=says("Bob Reid", email=MAIL, phone=HOME))
        found = resolved(couple)
        assert contacts(found) == {"alice", "bob"}
        assert questions(found) == {("conflict", "alice", "bob")}

    @pytest.mark.parametrize(
        ("husband", "wife"),
        [
            ("Robert", "Roberta"),
            ("Paul", "Paula"),
            ("Andrew", "Andrea"),
            ("Mario", "Maria"),
            ("Daniel", "Danielle"),
            ("Joseph", "Josephine"),
            ("Henri", "Henrietta"),
            ("Alexander", "Alexandra"),
            ("Christopher", "Christine"),
            ("Patrick", "Patricia"),
        ],
    )
    def test_a_couple_whose_names_only_end_differently_is_two_people(self, husband: str, wife: str) -> None:
        one, other = (says(f"{name} Reid", email=MAIL, phone=HOME, lives=HOUSE) for name in (husband, wife))
        assert contacts(resolved(records(he=one, she=other))) == {"he", "she"}

    def test_twins_stay_two_whatever_they_share(self) -> None:
        twins = records(
            anjali=says("Anjali Reid", email=MAIL, phone=HOME, born="1996-02-11", lives=HOUSE),
            anjana=says("Anjana Reid", email=MAIL, phone=HOME, born="1996-02-11", lives=HOUSE),
        )
        assert contacts(resolved(twins)) == {"anjali", "anjana"}

    def test_a_nickname_and_a_new_house_part_nobody(self) -> None:
        moved = records(
            kate=says("Kate Bracegirdle", email="kate@example.com", phone=HOME, lives=HOUSE),
            katherine=says("Katherine Bracegirdle", email="kate@example.com", lives="77 Low Road, Hobart, 7000"),
            slip=says("Katherine Bracegridle", phone=HOME, born="1980-01-02"),
        )
        assert contacts(resolved(moved)) == {"kate katherine slip"}

    def test_a_recycled_phone_joins_no_strangers(self) -> None:
        found = resolved(records(amara=says("Amara Okafor", phone=HOME), bruce=says("Bruce Pemberton", phone=HOME)))
        assert contacts(found) == {"amara", "bruce"}
        assert questions(found) == set()

    def test_the_desk_of_a_company_joins_no_namesakes(self) -> None:
        desk = records(
            perth=says("John Smith", email="info@example.com", phone=HOME, lives=HOUSE),
            hobart=says("John Smith", email="info@example.com", phone=OFFICE, lives="77 Low Road, Hobart, 7000"),
        )
        assert contacts(resolved(desk)) == {"perth", "hobart"}

    def test_a_newsletter_that_knows_but_the_address_finds_its_reader(self) -> None:
        found = resolved(records(shop=says("Alice Reid", email=MAIL, phone=HOME), news=says(email=MAIL)))
        assert contacts(found) == {"news shop"}


class TestFatherAndSon:
    family = records(father=FATHER, son=SON, ian=IAN)

    def test_of_one_name_and_one_address_they_are_two(self) -> None:
        found = resolved(records(father=FATHER, son=SON))
        assert contacts(found) == {"father", "son"}
        assert questions(found) == {("conflict", "father", "son")}

    @pytest.mark.fault("D09")
    def test_who_could_be_either_is_neither_until_told(self) -> None:
        found = resolved(self.family)
        assert contacts(found) == {"father", "son", "ian"}
        assert {("ambiguous", "father", "ian"), ("ambiguous", "ian", "son")} <= questions(found)

    def test_told_that_he_is_the_father_he_does_not_bring_the_son_along(self) -> None:
        found = resolved(self.family, ("ian", "father", MUST))
        assert contacts(found) == {"father ian", "son"}
        assert "ambiguous" not in {kind for kind, *_ in questions(found)}

    def test_told_that_he_is_not_the_son_he_is_the_father(self) -> None:
        assert contacts(resolved(self.family, ("ian", "son", CANNOT))) == {"father ian", "son"}

    def test_they_are_held_apart_through_any_bridge(self) -> None:
        family = records(
            father=says("Ian Reid", email=["father@example.com", MAIL], born="1958-04-02"),
            son=says("Ian Reid", email=["sonny@example.com", MAIL], born="1989-09-17"),
            desk=says("I Reid", email="father@example.com", phone=HOME),
            shop=says("Ian Reid", email="sonny@example.com", phone=HOME),
        )
        found = resolved(family)
        assert contacts(found) == {"desk father", "shop son"}
        assert ("conflict", "desk", "shop") in questions(found)

    @pytest.mark.parametrize("son", ["Ian Reid jr", "Ian Reid"])
    def test_junior_and_perhaps_his_father_are_asked_about(self, son: str) -> None:
        home = records(
            father=says("Ian Reid", email=MAIL, phone=HOME, born="1958-04-02"),
            son=says(son, email=MAIL, phone=HOME, born="" if son.endswith("jr") else "1989-09-17"),
        )
        assert contacts(resolved(home)) == {"father", "son"}
        assert questions(resolved(home)) == {("conflict", "father", "son")}


class TestBridges:
    @pytest.mark.fault("D09")
    def test_a_weak_bridge_chains_no_strangers_and_is_named(self) -> None:
        found = resolved(
            records(
                bruce=says("Bruce Pemberton", email="bruce@example.com"),
                bridge=says(email=["bruce@example.com", "amara@example.com"], phone=HOME),
                amara=says("Amara Okafor", email="amara@example.com", phone=HOME),
            )
        )
        assert contacts(found) == {"bruce", "amara bridge"}
        assert questions(found) == {("conflict", "bridge", "bruce")}

    def test_a_match_refused_for_the_company_it_keeps_is_asked_about(self) -> None:
        found = resolved(
            records(
                father=says("Ian Reid", email="father@example.com", phone=OFFICE, born="1958-04-02"),
                son=says("Ian Reid", email="sonny@example.com", born="1989-09-17"),
                order=says("Ian Reid", email=["father@example.com", "sonny@example.com"], phone=OFFICE),
            )
        )
        assert contacts(found) == {"father order", "son"}
        assert ("conflict", "order", "son") in questions(found)

    def test_when_two_rivals_turn_out_to_be_one_those_in_between_come_along(self) -> None:
        wed = records(
            maiden=says("Chiara Rossi", email=MAIL),
            wife=says("Kiki Esposito", email=MAIL),
            guest=says(email=MAIL),
            guest2=says(email=MAIL, card="L1"),
        )
        assert contacts(resolved(wed)) == {"maiden", "wife", "guest", "guest2"}
        assert {kind for kind, *_ in questions(resolved(wed))} == {"ambiguous"}
        merged = resolved(wed, ("maiden", "wife", MUST))
        assert contacts(merged) == {"guest guest2 maiden wife"}
        assert questions(merged) == set()


class TestDecisions:
    strangers = records(a=says("Alice Reid"), b=says("Bruce Pemberton"), c=says("Amara Okafor"))

    def test_a_merge_joins_both_whole_contacts_and_keeps_the_older_id(self) -> None:
        entries = records(alice=ALICE, bob=BOB, alice2=ALICE, bob2=says("Bob Reid", email="bob@example.com"))
        found = resolved(entries, ("alice2", "bob2", MUST))
        assert contacts(found) == {"alice alice2 bob bob2"}
        assert found.clusters[0].contact_id == entries[0].birth_id

    def test_a_merge_is_an_edge_that_says_so(self) -> None:
        assert edges(resolved(records(alice=ALICE, bob=BOB), ("alice", "bob", MUST))) == {("alice", "bob"): "merged"}

    def test_a_split_takes_equal_records_apart_and_each_keeps_its_own_birth_id(self) -> None:
        orders = records(a=says(email=MAIL), b=says(email=MAIL))
        assert contacts(resolved(orders)) == {"a b"}
        found = resolved(orders, ("a", "b", CANNOT))
        assert contacts(found) == {"a", "b"}
        assert {one.contact_id for one in found.clusters} == {one.birth_id for one in orders}
        assert edges(found) == {("a", "b"): "apart"}

    @pytest.mark.fault("D13")
    @pytest.mark.parametrize("name", ["", "Ian Reid"])
    def test_a_later_record_does_not_undo_a_split(self, name: str) -> None:
        orders = records(a=says(name, email=MAIL), b=says(name, email=MAIL), later=says(name, email=MAIL))
        found = resolved(orders, ("a", "b", CANNOT))
        assert contacts(found) == {"a", "b", "later"}
        assert questions(found) == {("ambiguous", "a", "later"), ("ambiguous", "b", "later")}

    @pytest.mark.fault("D09")
    def test_a_cannot_beats_a_chain_of_merges_and_the_older_merge_is_asked_about(self) -> None:
        found = resolved(self.strangers, ("a", "b", MUST), ("b", "c", MUST), ("a", "c", CANNOT))
        assert contacts(found) == {"a", "b c"}
        assert questions(found) == {("conflict", "a", "b")}

    @pytest.mark.fault("D10")
    def test_merges_in_a_circle_are_one_contact_of_the_oldest_id(self) -> None:
        found = resolved(self.strangers, ("a", "b", MUST), ("b", "c", MUST), ("c", "a", MUST))
        assert [one.contact_id for one in found.clusters] == [self.strangers[0].birth_id]

    def test_the_newest_decision_on_two_wins(self) -> None:
        orders = records(a=says(email=MAIL), b=says(email=MAIL))
        assert contacts(resolved(orders, ("a", "b", CANNOT), ("b", "a", MUST))) == {"a b"}
        assert contacts(resolved(orders, ("a", "b", MUST), ("b", "a", CANNOT))) == {"a", "b"}

    def test_a_link_to_a_record_that_is_gone_does_nothing(self) -> None:
        alice, bob = records(alice=ALICE, bob=BOB)
        links = Links((("gone", alice.birth_id),), frozenset({(bob.birth_id, "lost")}))
        found = told([alice, bob], hashes_from([]), links, STANDARD)
        assert contacts(found) == {"alice", "bob"}

    def test_a_cannot_holds_in_the_review_band_too(self) -> None:
        home = records(a=says("Ian Reid", phone=HOME), b=says("Ian Reid", phone=HOME, email=MAIL), c=says(phone=HOME))
        assert contacts(resolved(home, likely=True)) == {"a b c"}
        parted = resolved(home, ("a", "b", CANNOT), likely=True)
        assert "a b" not in {" ".join(one.split()[:2]) for one in contacts(parted)}


class TestReviewBand:
    guests = records(
        guest=says(email="new@example.com", phone=OFFICE),
        guest2=says(email="old@example.com", phone=OFFICE),
        alice=ALICE,
    )

    def test_what_is_only_likely_is_asked_about_and_merged_on_demand(self) -> None:
        found = resolved(self.guests)
        assert contacts(found) == {"guest", "guest2", "alice"}
        assert questions(found) == {("possible_match", "guest", "guest2")}
        assert contacts(resolved(self.guests, likely=True)) == {"guest guest2", "alice"}

    def test_nothing_is_left_to_ask_of_what_is_merged(self) -> None:
        assert questions(resolved(self.guests, likely=True)) == set()


class TestEdges:
    entries = records(
        alice=ALICE,
        bob=BOB,
        alice2=says("Alice Reid", email="alice@example.com"),
        guest=says(email="new@example.com", phone=OFFICE),
        guest2=says(email="old@example.com", phone=OFFICE),
    )

    def test_one_is_kept_for_every_match_and_likely_pair_and_for_no_other(self) -> None:
        found = resolved(self.entries)
        assert edges(found) == {("alice", "alice2"): Judgement.AUTOMATIC, ("guest", "guest2"): Judgement.LIKELY}

    def test_its_lines_sum_up_to_its_weight(self) -> None:
        named = [one for one in resolved(self.entries).edges if one.left.features.name and one.right.features.name]
        assert named
        for edge in named:
            assert edge.verdict.weight == STANDARD.prior + sum(line.weight for line in edge.verdict.comparisons)

    def test_it_tells_of_two_records_what_is_true_of_those_two(self) -> None:
        moved = records(
            a=says("Alice Reid", email="alice@example.com", phone=HOME, lives=HOUSE),
            b=says("Alice Reid", email="alice@example.com", phone=OFFICE, lives="77 Low Road, Hobart, 7000"),
        )
        (edge,) = resolved(moved).edges
        assert [(line.field, line.level) for line in edge.verdict.comparisons] == [
            ("name", "same, common"),
            ("email", "same"),
            ("phone", "different"),
            ("address", "different"),
        ]

    def test_it_shows_both_sides_of_everything_that_was_compared(self) -> None:
        couple = records(
            a=says(
                "Kate Reid jr", email=["a@example.com", MAIL], phone=HOME, card="L1", born="1980-01-02", lives=HOUSE
            ),
            b=says("Katherine Reid", email=MAIL, phone=HOME, card="vip=L1", company="Acme Ltd"),
        )
        (edge,) = resolved(couple).edges
        assert edge.verdict.comparisons == (
            Comparison("name", "suffix", "kate reid jr", "katherine reid", STANDARD.weights["name"]["suffix"]),
            Comparison("email", "same", f"a@example.com, {MAIL}", MAIL, STANDARD.weights["email"]["same"]),
            Comparison("phone", "same", HOME, HOME, STANDARD.weights["phone"]["same"]),
        )

    def test_a_mailbox_that_spells_a_name_is_told_like_everything_else(self) -> None:
        found = resolved(records(alice=says("Alice Reid", lives=HOUSE), news=says(email="alice.reid@example.com")))
        assert edges(found) == {("alice", "news"): "likely"}
        assert [line.field for line in found.edges[0].verdict.comparisons] == ["name", "spelling"]


class TestComponents:
    def test_one_holds_those_who_must_be_looked_at_together_and_nobody_else(self) -> None:
        entries = records(
            father=FATHER, son=SON, ian=IAN, alice=ALICE, alice2=ALICE, friend=says("Bruce Lee", phone=OFFICE)
        )
        found = resolved(entries, ("alice2", "friend", MUST))
        components: dict[str, set[str]] = {}
        for one in found.clusters:
            components.setdefault(one.component, set()).update(label_of(entry) for entry in one.members)
        assert sorted(map(sorted, components.values())) == [["alice", "alice2", "friend"], ["father", "ian", "son"]]
        assert components.keys() <= {entry.birth_id for entry in entries}

    def test_the_oldest_is_the_record_that_landed_first_and_among_equals_the_first_key(self) -> None:
        nothing = Features()
        late, early, twin = record("a", nothing, born=5), record("c", nothing, born=1), record("b", nothing, born=1)
        people = population_of([late, early, twin])
        oldest_first, _ = people.ages
        births = [people.birth_ids[row] for row in oldest_first]
        assert births == [twin.birth_id, early.birth_id, late.birth_id]


class TestLimit:
    """A component of more distinct nodes than the limit keeps only its strongest matches."""

    limited = replace(STANDARD, limit=5)

    @staticmethod
    def regulars(count: int) -> dict[str, Features]:
        """One loyalty card for many nameless orders, each of another phone."""
        return {f"o{number}": says(card="L1", phone=f"+1202555{1000 + 1111 * number}") for number in range(count)}

    def test_a_component_within_the_limit_is_clustered_as_it_is(self) -> None:
        assert len(resolved(records(**self.regulars(5)), model=self.limited).clusters) == 1

    @pytest.mark.fault("D08")
    def test_above_the_limit_only_the_strong_matches_are_left_and_a_person_is_told(self) -> None:
        crowd = self.regulars(6)
        again = says(card="L1", phone="+12025551000", email=MAIL)
        found = resolved(records(**crowd, again=again), model=self.limited)
        assert contacts(found) == {"again o0", "o1", "o2", "o3", "o4", "o5"}
        assert questions(found) == {("oversized", "again", "o5")}

    def test_a_human_merge_of_two_contacts_below_the_limit_shatters_neither(self) -> None:
        others = {f"r{at}": says("Ian Reid", email=f"{'abcd'[at] * 8}@example.net", card="L2") for at in range(4)}
        found = resolved(records(**self.regulars(4), **others), ("o0", "r0", MUST), model=self.limited)
        assert len(found.clusters) == 1
        assert questions(found) == set()

    def test_a_human_merge_still_holds_in_a_component_that_was_cut(self) -> None:
        found = resolved(records(**self.regulars(6)), ("o1", "o4", MUST), model=self.limited)
        assert contacts(found) == {"o0", "o1 o4", "o2", "o3", "o5"}


@pytest.mark.fault("D07")
def test_when_everything_is_popular_nobody_is_joined() -> None:
    entries = records(alice=ALICE, alice2=ALICE, father=FATHER, son=SON)
    found = resolved(entries, popular=all_keys(entries))
    assert len(found.clusters) == 4
    assert found.edges == found.reviews == []


@pytest.mark.fault("D07")
def test_a_popular_phone_neither_joins_nor_speaks_for_those_who_meet_otherwise() -> None:
    home = records(alice=says(phone=HOME, email=MAIL), bob=says("Bob Reid", phone=HOME, email=MAIL))
    told = [line.field for line in resolved(home).edges[0].verdict.comparisons]
    silent = resolved(home, popular=shared_keys(says(phone=HOME)))
    assert told == ["name", "email", "phone"]
    assert [line.field for line in silent.edges[0].verdict.comparisons] == ["name", "email"]


def test_nobody_at_all_is_an_empty_partition() -> None:
    found = resolved([])
    assert (found.clusters, found.edges, found.reviews) == ([], [], [])
