"""The records: repeatable, as many as asked for, with the trouble in them that they were made for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from benchmarks.people import PROFILES, People, ceiling, generate, guarded, unguarded
from benchmarks.people.generate import FEWEST, MOST
from dedupe.evaluate import evaluate
from tests.benchmarks.people.made import same_rows, some


def persons_by(people: People, *names: str) -> dict[tuple[str, ...], set[int]]:
    """Who has records with these values; records that miss one of them are left out."""
    found: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for values, person in zip(
        zip(*(getattr(people, name).tolist() for name in names), strict=True), people.truth.tolist(), strict=True
    ):
        if all(values):
            found[values].add(person)
    return found


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    people = generate(2_000, PROFILES["base"], 7)
    assert same_rows(people, generate(2_000, PROFILES["base"], 7))
    assert not same_rows(people, generate(2_000, PROFILES["base"], 8))


@pytest.mark.parametrize("seed", range(5))
def test_the_smallest_file_is_as_long_as_asked_for(seed: int) -> None:
    assert len(generate(FEWEST, PROFILES["hard"], seed)) == FEWEST


@pytest.mark.parametrize("records", [0, FEWEST - 1, MOST + 1])
def test_what_cannot_be_made_is_refused(records: int) -> None:
    with pytest.raises(ValueError, match=str(records)):
        generate(records, PROFILES["base"], 1)


def test_most_people_have_few_records_and_some_have_many() -> None:
    counts = np.bincount(some().truth)
    assert len(counts) == 8_770
    assert counts.sum() == 20_000
    assert counts.min() == 1
    assert 10 <= counts.max() <= 12
    shares = {size: float(np.mean(counts == size)) for size in (1, 2)}
    assert 0.36 < shares[1] < 0.48
    assert 0.22 < shares[2] < 0.32
    assert 0.04 < float(np.mean(counts > 5)) < 0.08


def test_the_rows_are_in_no_order() -> None:
    people = some()
    assert float(np.mean(people.truth[1:] == people.truth[:-1])) < 0.002
    assert abs(float(np.corrcoef(people.truth, np.arange(len(people)))[0, 1])) < 0.03


def test_a_record_is_found_by_its_system_and_its_id() -> None:
    people = some()
    assert len(persons_by(people, "system", "external_id")) == len(people)


def test_each_system_asks_for_its_own_fields() -> None:
    people = some()
    filled = {
        system: {
            name: float(np.mean(getattr(people, name)[people.system == system] != ""))
            for name in ("last", "email", "phone", "birth", "street", "member", "company")
        }
        for system in ("shop", "newsletter", "desk", "loyalty")
    }
    assert filled["newsletter"]["email"] == 1.0
    assert filled["newsletter"]["phone"] == 0.0
    assert filled["newsletter"]["last"] < 0.3
    assert filled["shop"]["birth"] < 0.05
    assert filled["shop"]["street"] > 0.9
    assert 0.05 < filled["desk"]["company"] < 0.3
    assert filled["loyalty"]["member"] == 1.0
    assert filled["loyalty"]["birth"] > 0.9
    assert 0.55 < filled["loyalty"]["email"] < 0.65


def test_people_have_several_records_in_one_system() -> None:
    people = some()
    systems = Counter(zip(people.truth.tolist(), people.system.tolist(), strict=True))
    assert {system for (_, system), count in systems.items() if count > 1} == {"shop", "newsletter", "desk", "loyalty"}


def test_values_are_in_the_shape_that_a_mapping_leaves() -> None:
    people = some("hard")
    assert all(email == email.lower() and email.count("@") == 1 for email in people.email.tolist() if email)
    assert all(re.fullmatch(r"\+\d{11,12}", phone) for phone in people.phone.tolist() if phone)
    born = people.birth[people.birth != ""]
    assert int(born.astype("datetime64[D]").astype(int).max()) < int(np.datetime64("2030-01-01").astype(int))


@pytest.mark.parametrize("profile", ["base", "hard", "clean"])
def test_no_mail_could_ever_reach_anybody(profile: str) -> None:
    domains = {email.rpartition("@")[2] for email in some(profile).email.tolist() if email}
    assert [one for one in sorted(domains) if not re.fullmatch(r".+\.test|example\.(com|net|org)", one)] == []


def test_twins_share_last_name_birthday_and_address() -> None:
    people = some("clean")
    together = persons_by(people, "last", "birth", "street", "postcode")
    assert sum(len(persons) > 1 for persons in together.values()) > 5


def test_a_father_and_his_son_share_their_name_and_address() -> None:
    people = some("clean")
    namesakes = persons_by(people, "first", "last", "street", "postcode")
    assert sum(len(persons) > 1 for persons in namesakes.values()) > 10
    assert {"Jr", "Sr"} == set(people.suffix.tolist()) - {""}


def test_phones_and_mailboxes_are_shared_by_few_and_placeholders_by_many() -> None:
    people = some()
    phones = sorted((len(persons) for persons in persons_by(people, "phone").values()), reverse=True)
    assert sum(1 < held <= 10 for held in phones) > 200
    assert phones[0] > 50
    emails = persons_by(people, "email")
    assert sum(1 < len(persons) <= 5 for persons in emails.values()) > 100
    assert len(emails[("test@example.com",)]) > 50
    assert len(persons_by(people, "birth")[("1900-01-01",)]) > 40


def test_people_marry_move_and_change_their_telephones() -> None:
    people = some("clean")
    for name, fewest in (("last", 0.015), ("postcode", 0.04), ("phone", 0.1), ("email", 0.15)):
        values = defaultdict(set)
        for (value,), persons in persons_by(people, name).items():
            for person in persons:
                values[person].add(value)
        assert np.mean([len(held) > 1 for held in values.values()]) > fewest, name


def test_rare_last_names_are_as_common_as_common_ones() -> None:
    counts = Counter(some("clean").last.tolist())
    del counts[""]
    held = sum(counts.values())
    assert 0.1 < sum(count for _, count in counts.most_common(50)) / held < 0.4
    assert sum(count for count in counts.values() if count <= 5) / held > 0.2


def test_the_clean_profile_has_nothing_typed_wrongly() -> None:
    people = some("clean")
    values = {*people.email.tolist(), *people.phone.tolist(), *people.birth.tolist()}
    assert values.isdisjoint({"test@example.com", "+61400000000", "1900-01-01"})
    assert [email for email in people.email.tolist() if "+" in email or email.startswith("info@")] == []
    assert [name for name in people.last.tolist() if name.islower() or name.isupper()] == []


def test_the_data_is_fair_to_simple_rules_and_impossible_to_get_all_right() -> None:
    people = some()
    assert 0.78 < evaluate(guarded(people), people.truth).pairs.f1 < 0.86
    assert evaluate(unguarded(people), people.truth).pairs.f1 < 0.3
    best = evaluate(ceiling(people), people.truth).pairs
    assert best.precision == 1.0
    assert 0.75 < best.recall < 0.93


def test_hard_is_harder_than_base_and_base_than_clean() -> None:
    found = [evaluate(guarded(some(name)), some(name).truth).pairs.f1 for name in ("hard", "base", "clean")]
    assert found[0] + 0.03 < found[1]
    assert found[1] + 0.03 < found[2]


def test_a_file_holds_the_same_rows(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    people = generate(500, PROFILES["hard"], 3)
    people.write_parquet(tmp_path / "people.parquet")
    assert same_rows(people, People.read_parquet(tmp_path / "people.parquet"))
