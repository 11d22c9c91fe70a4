"""The comparable form: what of a name goes in which slot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.names.form import NAMELESS, NameForm, form_of
from mapping.models import Name
from tests.dedupe.cast import unhurried
from tests.dedupe.names.said import form, parts


@pytest.mark.parametrize(
    ("full", "first", "middle", "last"),
    [
        ("Alice Reid", "alice", "", "reid"),
        ("ALICE REID", "alice", "", "reid"),
        ("Reid, Alice", "alice", "", "reid"),
        ("Alice", "alice", "", ""),
        ("J Reid", "j", "", "reid"),
        ("J.R. Reid", "j", "r", "reid"),
        ("J. R. Reid", "j", "r", "reid"),
        ("John Robert Ann Reid", "john", "robert ann", "reid"),
        ("Maria de la Cruz", "maria", "", "delacruz"),
        ("Jan van der Berg", "jan", "", "vanderberg"),
        ("Omar bin Ali", "omar", "", "binali"),
        ("Abdul Rahman Khan", "abdulrahman", "", "khan"),
        ("Alice O'Brien", "alice", "", "obrien"),
        ("Alice O’Brien", "alice", "", "obrien"),
        ("Alice Mc Donald", "alice", "", "mcdonald"),
        ("Alice McDonald", "alice", "", "mcdonald"),
        ("Mary-Jane Smith-Jones", "mary-jane", "", "smith-jones"),
        ("José Ortega y Gasset", "jose", "", "ortega-gasset"),
        ("José Sá", "jose", "", "sa"),
        ('Robert "Bob" Smith', "robert", "", "smith"),
        ("Robert (Bob) Smith", "robert", "", "smith"),
        ("Łukasz Strauß", "lukasz", "", "strauss"),
        ("Søren Müller", "soren", "", "muller"),
        ("Александр Щербаков", "aleksandr", "", "shcherbakov"),
        ("Ευαγγελία Παπαδόπουλου", "evaggelia", "", "papadopoulou"),
        ("王伟", "wei", "", "wang"),
        ("欧阳伟", "wei", "", "ouyang"),
        ("김민수", "minsu", "", "kim"),
        ("Alice 🌸 Reid", "alice", "", "reid"),
    ],
)
def test_a_whole_name_falls_into_its_parts(full: str, first: str, middle: str, last: str) -> None:
    assert form(full) == NameForm(first, middle, last)


@pytest.mark.parametrize(
    ("given_parts", "expected"),
    [
        (parts("Mary Jane", "Reid"), NameForm("mary", "jane", "reid")),
        (parts("Dr. Alice", "Reid"), NameForm("alice", "", "reid")),
        (parts("", "Herr Müller"), NameForm("", "", "muller")),
        (parts("Alice", "García López"), NameForm("alice", "", "garcia-lopez")),
        (parts("Alice", "Van Der Berg-Reid"), NameForm("alice", "", "vanderberg-reid")),
        (parts('Robert "Bob"', "Smith"), NameForm("robert", "", "smith")),
        (parts("Maria do Carmo", "Silva"), NameForm("maria", "docarmo", "silva")),
        (parts("Anh", "Le"), NameForm("anh", "", "le")),
        (parts("Ben", "Reid"), NameForm("ben", "", "reid")),
        (parts("", "Le"), NameForm("", "", "le")),
        (parts("민수", "박"), NameForm("minsu", "", "park")),
        (parts("さとう", "ゆうき"), NameForm("sato", "", "yuki")),
    ],
)
def test_parts_stay_in_their_slots(given_parts: NameForm, expected: NameForm) -> None:
    assert given_parts == expected


@pytest.mark.parametrize(
    ("found", "suffix"),
    [
        (form("Ian Reid Jr."), "jr"),
        (form("Ian Reid Junior"), "jr"),
        (form("Ian Reid Sr."), "sr"),
        (form("Ian Reid III"), "iii"),
        (form("Ian Reid 2nd"), "ii"),
        (parts("Ian", "Reid Jr"), "jr"),
        (parts("Ian", "Reid IV"), "iv"),
        (parts("Ian Jr", "Reid"), "jr"),
        (parts("Ian", "Reid", suffix="Senior"), "sr"),
        (parts("Ian", "Reid Jr PhD"), "jr"),
        (form("Ian Reid PhD"), ""),
    ],
)
def test_generations_have_a_slot_of_their_own_and_degrees_none(found: NameForm, suffix: str) -> None:
    assert found == NameForm("ian", "", "reid", suffix)


def test_junior_alone_is_a_name() -> None:
    assert parts("Junior", "Silva") == NameForm("junior", "", "silva")


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Mr. Juan Perez", "juan", "perez"),
        ("Sr. Juan Perez", "juan", "perez"),
        ("Frau Dr. Anna Schmidt", "anna", "schmidt"),
        ("Mme Dupont", "", "dupont"),
        ("M. Dupont", "", "dupont"),
        ("M. Jean Dupont", "jean", "dupont"),
        ("M Dupont", "m", "dupont"),
    ],
)
def test_titles_are_no_names(full: str, first: str, last: str) -> None:
    assert form(full) == NameForm(first, "", last)


def test_the_initial_m_before_another_initial_is_no_monsieur() -> None:
    assert form("M. J. Dupont") == NameForm("m", "j", "dupont")


@pytest.mark.parametrize(
    ("full", "first", "last", "partner"),
    [
        ("Ana & Bob Silva", "ana", "silva", "bob"),
        ("Ana and Bob Silva", "ana", "silva", "bob"),
        ("Ana y Bob Silva", "ana", "silva", "bob"),
        ("ANA E BOB SILVA", "ana", "silva", "bob"),
        ("Ana und Bob Silva", "ana", "silva", "bob"),
        ("Ana et Bob Silva", "ana", "silva", "bob"),
        ("Ana/Bob Silva", "ana", "silva", "bob"),
        ("Ana e Bob", "ana", "", "bob"),
        ("Ana Silva and Bob Silva", "ana", "silva", "bob"),
        ("Ana Silva & Bob Jones", "ana", "silva", "bob"),
        ("Ana Maria & Bob Silva", "ana", "silva", "bob"),
        ("Mr & Mrs Silva", "", "silva", "*"),
        ("Mr. and Mrs. Silva", "", "silva", "*"),
        ("Sr. and Sra. Silva", "", "silva", "*"),
        ("Mr & Mrs Bob Silva", "bob", "silva", "*"),
        ("Mr Bob and Mrs Ana Silva", "bob", "silva", "ana"),
        ("Mr Silva and Ms Jones", "", "silva", "*"),
        ("The Silva Family", "", "silva", "*"),
        ("Familie Silva", "", "silva", "*"),
    ],
)
def test_of_a_couple_in_one_field_the_first_is_the_person(full: str, first: str, last: str, partner: str) -> None:
    assert form(full) == NameForm(first, "", last, "", partner)


def test_a_couple_in_the_field_for_first_names_shares_the_surname() -> None:
    assert parts("Ana & Bob", "García López") == NameForm("ana", "", "garcia-lopez", "", "bob")
    assert parts("Ana og Bob", "Jensen") == NameForm("ana", "", "jensen", "", "bob")
    assert parts("Ana e Bob", "Silva e Souza") == NameForm("ana", "", "silva-souza", "", "bob")
    assert parts("Ana", "Silva e Souza") == NameForm("ana", "", "silva-souza")


def test_a_capital_e_is_an_initial() -> None:
    assert form("Ana E Reid") == NameForm("ana", "e", "reid")


@pytest.mark.parametrize(
    ("full", "organisation"),
    [
        ("Acme Pty Ltd", "acmeptyltd"),
        ("Müller GmbH", "mullergmbh"),
        ("Silva & Filhos Ltda", "silvafilhosltda"),
        ("Acme S.A.", "acmesa"),
        ("Rossi S.r.l.", "rossisrl"),
        ("Smith & Co.", "smithco"),
        ("The Corner Shop", "thecornershop"),
        ("Reception", "reception"),
        ("Front Desk", "frontdesk"),
        ("Accounts Payable", "accountspayable"),
        ("Sales Team", "salesteam"),
        ("Sales", "sales"),
        ("Info", "info"),
    ],
)
def test_companies_and_roles_are_nobody(full: str, organisation: str) -> None:
    assert form(full) == NameForm(organisation=organisation)


@pytest.mark.parametrize(
    "full", ["Maria Sales", "Alice Salesman", "S.A. Smith", "Incarnacion Reid", "Charlotte Church"]
)
def test_people_whose_names_look_like_a_company_stay_people(full: str) -> None:
    assert form(full).last
    assert not form(full).organisation


def test_no_name_has_the_empty_form() -> None:
    assert form_of(None) == NAMELESS == NameForm()


def test_a_name_that_has_no_parts_is_guessed_from_the_whole() -> None:
    assert form_of(Name(full="Alice Ann Reid")) == NameForm("alice", "ann", "reid")


traps = [
    "de",
    "la",
    "van",
    "der",
    "jr",
    "sr",
    "ii",
    "dr",
    "mr",
    "o",
    "mc",
    "abd",
    "al",
    "y",
    "e",
    "&",
    "and",
    "M.",
    "phd",
]
marked = ["Müller", "Łuk", "王", "김", "d'", "(x)", "-", "Ali", "2nd"]
words = st.lists(st.sampled_from(traps + marked) | st.text(max_size=8), max_size=3).map(" ".join)


@given(words, words, words, st.sampled_from(["", "Jr", "III", "PhD", "x"]))
@unhurried
def test_a_form_is_its_own_form(first: str, middle: str, last: str, suffix: str) -> None:
    full = " ".join(part for part in (first, middle, last, suffix) if part)
    once = form_of(Name(full=full, first=first, middle=middle, last=last, suffix=suffix))
    if once.partner or once.organisation:
        return
    again = " ".join(part for part in (once.first, once.middle, once.last, once.suffix) if part)
    found = form_of(Name(full=again, first=once.first, middle=once.middle, last=once.last, suffix=once.suffix))
    assert found == once


@given(words, words)
@unhurried
def test_a_form_has_nothing_but_letters_digits_and_the_marks_of_double_names(first: str, last: str) -> None:
    found = form_of(Name(full=f"{first} {last}", first=first, last=last))
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789")
    assert set(found.first + found.last) <= allowed | {"-"}
    assert set(found.middle) <= allowed | {"-", " "}
    assert set(found.organisation + found.suffix) <= allowed
    assert set(found.partner) <= allowed | {"-", "*"}
