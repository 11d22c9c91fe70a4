"""Planted pairs: what two records say, the judgements of them that are right, and the golden file of each.

Write the golden files anew with `python -m tests.dedupe.engine.planted`, and read what has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dedupe.engine.population import Entry, hashes_from
from dedupe.engine.record import features_of
from dedupe.engine.telling import Step, best_pair
from dedupe.engine.verdicts import Judgement
from dedupe.engine.weights import load
from dedupe.engine.words import reason
from dedupe.folding import stable_key
from mapping.models import Address, Company, Identifier, Person
from mapping.normalise.email import email as read_email
from mapping.normalise.name import name as read_name
from mapping.normalise.phone import phone as read_phone

GOLDEN = Path(__file__).parent / "golden"

ONE = frozenset({Judgement.AUTOMATIC})
TWO = frozenset({Judgement.NONE})
PERHAPS_ONE = frozenset({Judgement.AUTOMATIC, Judgement.LIKELY})
"""Surely or probably one person: to be merged or asked about, not to be missed."""
PERHAPS_TWO = frozenset({Judgement.LIKELY, Judgement.NONE})
"""Two people, or nobody could tell from this: never merged without asking."""


@dataclass(frozen=True, slots=True)
class Says:
    """A record as one would tell it. `home` is "street, city, state, postcode"; `card` a loyalty number."""

    name: str = ""
    email: str = ""
    phone: str = ""
    home: str = ""
    born: str = ""
    card: str = ""
    company: str = ""

    def person(self) -> Person:
        return Person(
            name=read_name(full=self.name),
            emails=(read_email(self.email),) if self.email else (),
            phones=(read_phone(self.phone, "AU"),) if self.phone else (),
            addresses=(_address(self.home),) if self.home else (),
            date_of_birth=date.fromisoformat(self.born) if self.born else None,
            identifiers=(Identifier(type="loyalty", value=self.card),) if self.card else (),
            company=Company(name=self.company) if self.company else None,
        )

    def __str__(self) -> str:
        parts = (self.name, self.email, self.phone, self.home, self.born, self.card, self.company)
        return " | ".join(part for part in parts if part)


def _address(home: str) -> Address:
    street, city, state, postcode = home.split(", ")
    return Address(street=street, city=city, state=state, postcode=postcode, country="AU")


@dataclass(frozen=True, slots=True)
class Planted:
    left: Says
    right: Says
    right_judgements: frozenset[Judgement]


HIGH_STREET = "12 High Street, Thornbury, VIC, 3071"
FLAT_3 = "3/12 High Street, Thornbury, VIC, 3071"
FLAT_5 = "5/12 High Street, Thornbury, VIC, 3071"
MILL_LANE = "7 Mill Lane, Paddington, NSW, 2021"
QUEEN_STREET = "140 Queen Street, Paddington, NSW, 2021"
PHONE, PHONE_2 = "+61491570156", "+61480555031"

PLANTED: Mapping[str, Planted] = {
    # Two people whom much makes look like one.
    "twins": Planted(
        Says("Laura Bracegirdle", "laura@example.com", PHONE, HIGH_STREET, "1991-05-17"),
        Says("Paula Bracegirdle", "paula@example.com", PHONE, HIGH_STREET, "1991-05-17"),
        PERHAPS_TWO,
    ),
    "father and son with dates of birth": Planted(
        Says("John Wetherby", "", PHONE, HIGH_STREET, "1951-02-03"),
        Says("John Wetherby", "", PHONE, HIGH_STREET, "1979-11-28"),
        PERHAPS_TWO,
    ),
    "father and son by a suffix": Planted(
        Says("John Wetherby Sr", "", PHONE, HIGH_STREET),
        Says("John Wetherby Jr", "", PHONE, HIGH_STREET),
        PERHAPS_TWO,
    ),
    "father and son by the suffix of one": Planted(
        Says("John Wetherby", "", "", HIGH_STREET),
        Says("John Wetherby Jr", "", "", HIGH_STREET),
        PERHAPS_TWO,
    ),
    "a couple shares an e-mail address": Planted(
        Says("Karen Lindqvist", "lindqvists@example.com", "", HIGH_STREET),
        Says("Peter Lindqvist", "lindqvists@example.com", "", HIGH_STREET),
        PERHAPS_TWO,
    ),
    "a couple in one field and the second of them": Planted(
        Says("Karen & Peter Lindqvist", "lindqvists@example.com", "", HIGH_STREET),
        Says("Peter Lindqvist", "lindqvists@example.com", "", HIGH_STREET),
        PERHAPS_TWO,
    ),
    "siblings at one address": Planted(
        Says("Emma Okonjo", "emma.o@example.com", PHONE, HIGH_STREET, "2001-03-09"),
        Says("Lucas Okonjo", "lucas.o@example.com", PHONE_2, HIGH_STREET, "2004-10-21"),
        TWO,
    ),
    "two flats of one house": Planted(
        Says("Maria Santos", "", "", FLAT_3),
        Says("Marcus Sandhu", "", "", FLAT_5),
        TWO,
    ),
    # Two people who hold one value.
    "a recycled phone number": Planted(
        Says("Ingrid Falkenberg", "ingrid@example.com", PHONE),
        Says("Tomasz Wilczek", "tomasz@example.net", PHONE),
        TWO,
    ),
    "a role mailbox": Planted(
        Says("Ingrid Falkenberg", "info@example.com"),
        Says("Tomasz Wilczek", "info@example.com"),
        TWO,
    ),
    "a role mailbox and a record without a name": Planted(
        Says("Ingrid Falkenberg", "info@example.com"),
        Says("", "info@example.com"),
        PERHAPS_TWO,
    ),
    "a placeholder phone": Planted(
        Says("Ingrid Falkenberg", "ingrid@example.com", "+61400000000"),
        Says("Tomasz Wilczek", "tomasz@example.net", "+61400000000"),
        TWO,
    ),
    "two organisations with one phone": Planted(
        Says("Falkenberg Holdings Pty Ltd", "", PHONE),
        Says("Wilczek Consulting Pty Ltd", "", PHONE),
        PERHAPS_TWO,
    ),
    # Namesakes, or not: nobody could tell.
    "namesakes with a common name in one city": Planted(
        Says("John Smith", "jsmith71@example.com", PHONE, MILL_LANE),
        Says("John Smith", "smithy.john@example.net", PHONE_2, QUEEN_STREET),
        TWO,
    ),
    "namesakes with a common name and one postcode": Planted(
        Says("John Smith", "", "", MILL_LANE),
        Says("John Smith", "", "", QUEEN_STREET),
        PERHAPS_TWO,
    ),
    "namesakes with a common name in one company": Planted(
        Says("John Smith", "j1@example.com", company="Acme Pty Ltd"),
        Says("John Smith", "jsmith7@example.com", company="Acme"),
        PERHAPS_TWO,
    ),
    "a record without a name in one house": Planted(
        Says("Ingrid Falkenberg", "ifb88@example.com", "", HIGH_STREET),
        Says("", "lodger@example.net", "", HIGH_STREET),
        PERHAPS_TWO,
    ),
    "a rare full name and nothing else": Planted(
        Says("Thessaly Bracegirdle"),
        Says("Thessaly Bracegirdle"),
        PERHAPS_TWO,
    ),
    "a look-alike e-mail address": Planted(
        Says("Anna Bracegirdle", "bracegirdle.a@example.com"),
        Says("Anna Bracegirdle", "br\u0430cegirdle.a@example.com"),
        PERHAPS_TWO,
    ),
    "different loyalty numbers of a common name": Planted(
        Says("John Smith", "", "", HIGH_STREET, card="4711"),
        Says("John Smith", "", "", MILL_LANE, card="90236"),
        TWO,
    ),
    # One person, told otherwise.
    "different loyalty numbers of one e-mail address": Planted(
        Says("Ingrid Falkenberg", "ingrid@example.com", card="4711"),
        Says("Ingrid Falkenberg", "ingrid@example.com", card="90236"),
        PERHAPS_ONE,
    ),
    "a couple in one field and the first of them": Planted(
        Says("Karen & Peter Lindqvist", "lindqvists@example.com", "", HIGH_STREET),
        Says("Karen Lindqvist", "lindqvists@example.com", "", HIGH_STREET),
        PERHAPS_ONE,
    ),
    "a married name": Planted(
        Says("Anna Novak", "anna.n@example.com", born="1988-04-12"),
        Says("Anna Bergström", "anna.n@example.com", born="1988-04-12"),
        PERHAPS_ONE,
    ),
    "a first name that is an initial, with one e-mail address": Planted(
        Says("J. Wetherby", "wetherby@example.com"),
        Says("John Wetherby", "wetherby@example.com"),
        PERHAPS_ONE,
    ),
    "swapped names": Planted(
        Says("John Wetherby", "", PHONE),
        Says("Wetherby John", "", PHONE),
        ONE,
    ),
    "a nickname": Planted(
        Says("Bob Wetherby", "wetherby@example.com"),
        Says("Robert Wetherby", "wetherby@example.com"),
        ONE,
    ),
    "another script": Planted(
        Says("Александр Иванов", "", PHONE),
        Says("Aleksandr Ivanov", "", PHONE),
        ONE,
    ),
    "an umlaut written out": Planted(
        Says("Jörg Müller", "jm77@example.com"),
        Says("Joerg Mueller", "jm77@example.com"),
        ONE,
    ),
    "a common name and one date of birth": Planted(
        Says("John Smith", born="1980-02-03"),
        Says("John Smith", born="1980-02-03"),
        ONE,
    ),
    "a slip in the surname": Planted(
        Says("Alice Bracegirdle", "", PHONE),
        Says("Alice Bracegridle", "", PHONE),
        ONE,
    ),
    "moved house": Planted(
        Says("Ingrid Falkenberg", "ingrid@example.com", "", HIGH_STREET),
        Says("Ingrid Falkenberg", "ingrid@example.com", "", MILL_LANE),
        ONE,
    ),
    "moved to another flat": Planted(
        Says("Ingrid Falkenberg", "", PHONE, FLAT_3),
        Says("Ingrid Falkenberg", "", PHONE, FLAT_5),
        ONE,
    ),
    "a guest order": Planted(
        Says("Ingrid Falkenberg", "ifb88@example.com", PHONE, HIGH_STREET),
        Says("", "ifb88@example.com", PHONE),
        ONE,
    ),
    "a newsletter record": Planted(
        Says("Ingrid Falkenberg", "ifb88@example.com", PHONE, HIGH_STREET),
        Says("", "ifb88@example.com"),
        PERHAPS_ONE,
    ),
    "dots in a gmail address": Planted(
        Says("Ingrid Falkenberg", "i.falken.berg@gmail.com"),
        Says("Ingrid Falkenberg", "ifalkenberg@gmail.com"),
        ONE,
    ),
    "a plus tag": Planted(
        Says("Ingrid Falkenberg", "ifb88+shop@gmail.com"),
        Says("Ingrid Falkenberg", "ifb88@gmail.com"),
        ONE,
    ),
    "a slip in the e-mail address": Planted(
        Says("Ingrid Falkenberg", "falkenberg.i@example.com", "", HIGH_STREET),
        Says("Ingrid Falkenberg", "falkenbreg.i@example.com", "", HIGH_STREET),
        ONE,
    ),
    "twins with like names": Planted(
        Says("Maria Bracegirdle", "", "", HIGH_STREET, "1991-05-17"),
        Says("Marta Bracegirdle", "", "", HIGH_STREET, "1991-05-17"),
        PERHAPS_TWO,
    ),
    "an organisation and a person": Planted(
        Says("Falkenberg Holdings Pty Ltd", "", PHONE, HIGH_STREET),
        Says("Ingrid Falkenberg", "", PHONE, HIGH_STREET),
        PERHAPS_TWO,
    ),
    "a look-alike of an e-mail address that spells the name": Planted(
        Says("Anna Bracegirdle", "anna.bracegirdle@example.com"),
        Says("Anna Bracegirdle", "anna.br\u0430cegirdle@example.com"),
        PERHAPS_TWO,
    ),
    "a first name that is an initial, at one address": Planted(
        Says("J. Wetherby", "", "", HIGH_STREET),
        Says("John Wetherby", "", "", HIGH_STREET),
        PERHAPS_TWO,
    ),
    "a newsletter record with a telling e-mail address": Planted(
        Says("Ingrid Falkenberg", "ingrid.falkenberg@example.com", PHONE, HIGH_STREET),
        Says("", "ingrid.falkenberg@example.com"),
        ONE,
    ),
    "a look-alike e-mail address at one address": Planted(
        Says("Anna Bracegirdle", "bracegirdle.a@example.com", "", HIGH_STREET),
        Says("Anna Bracegirdle", "br\u0430cegirdle.a@example.com", "", HIGH_STREET),
        PERHAPS_TWO,
    ),
    "an organisation and a person with one phone": Planted(
        Says("Falkenberg Holdings Pty Ltd", "", PHONE),
        Says("Ingrid Falkenberg", "", PHONE),
        PERHAPS_TWO,
    ),
    "a family name alone and one phone": Planted(
        Says("Falkenberg", "", PHONE),
        Says("Ingrid Falkenberg", "", PHONE),
        PERHAPS_TWO,
    ),
    "twin sisters with rhyming names": Planted(
        Says("Anna Reid", "", PHONE, HIGH_STREET),
        Says("Hannah Reid", "", PHONE, HIGH_STREET),
        PERHAPS_TWO,
    ),
    "a common name in two flats of one house": Planted(
        Says("John Smith", "", "", FLAT_3),
        Says("John Smith", "", "", FLAT_5),
        PERHAPS_TWO,
    ),
    "an e-mail address that spells a common name": Planted(
        Says("John Smith", "", "", HIGH_STREET),
        Says("", "john.smith@example.net"),
        PERHAPS_TWO,
    ),
}


def best_of(pair: Planted) -> Step:
    left, right = (_entry(number, one) for number, one in enumerate((pair.left, pair.right), 1))
    return best_pair([left], [right], hashes_from(()), load())


def _entry(number: int, says: Says) -> Entry:
    key = stable_key("shop", "customers", str(number))
    return Entry(number, f"birth-{number}", number, key, features_of(says.person()))


def text_of(pair: Planted) -> str:
    """What the golden file holds."""
    verdict = best_of(pair).verdict
    lines = [str(pair.left), str(pair.right), f"{verdict.judgement} {verdict.weight / 1000:+.1f}"]
    lines += [f"{one.weight / 1000:+.1f} {one.field}: {one.level}" for one in verdict.comparisons]
    return "\n".join([*lines, reason(verdict, load()), ""])


def golden(name: str) -> Path:
    return GOLDEN / f"{name.replace(' ', '-')}.txt"


def write_golden_files() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name, pair in PLANTED.items():
        golden(name).write_text(text_of(pair), "utf-8")


if __name__ == "__main__":
    write_golden_files()
