"""The way of a generated file to what the engine compares: each distinct value mapped and made comparable once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from benchmarks.people.table import Whole
from dedupe import addresses, companies, phones
from dedupe.engine.coding import WITHIN
from dedupe.engine.record import parts_of_address, parts_of_name
from dedupe.engine.table import Columns
from dedupe.names.form import form_of as name_form
from mapping.build import builder
from mapping.models import Address, Company, Email, Identifier, Name, Person, Phone
from mapping.normalise import NotNormal
from mapping.normalise.date import birth_date
from mapping.normalise.name import name

T = TypeVar("T")
U = TypeVar("U")

NAME = ("first", "middle", "last", "suffix")
ADDRESS = ("street", "city", "state", "postcode", "country")
CARD = "loyalty"

_build_address = builder(Address)


@dataclass(frozen=True, slots=True)
class Distinct(Generic[T]):
    """A column: `values[ids[i]]` is row i's."""

    ids: Whole
    values: list[T]

    def made(self, make: Callable[[T], U]) -> Distinct[U]:
        return Distinct(self.ids, [make(value) for value in self.values])

    def whole(self) -> list[T]:
        values = self.values
        return [values[one] for one in self.ids.tolist()]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a mapping leaves of the records, column by column; "" and None say nothing."""

    names: Distinct[Name | None]
    births: Distinct[str]
    emails: Distinct[str]
    phones: Distinct[str]
    members: Distinct[str]
    addresses: Distinct[Address | None]
    companies: Distinct[str]


Raw = Mapping[str, Distinct[tuple[str, ...]]]
"""The columns that are mapped together, each distinct combination once."""


def read(path: Path) -> tuple[Raw, Whole]:
    """The file in stable order (system and external id, by bytes), and the person of each row."""
    import pyarrow.parquet as pq

    table = pq.read_table(path).sort_by([("system", "ascending"), ("external_id", "ascending")])
    alone = {one: _distinct(table, (one,)) for one in ("birth", "email", "phone", "member", "company")}
    raw = {"name": _distinct(table, NAME), "address": _distinct(table, ADDRESS), **alone}
    return raw, table["truth"].to_numpy()


def _distinct(table: Any, columns: tuple[str, ...]) -> Distinct[tuple[str, ...]]:
    ids = np.zeros(table.num_rows, np.int64)
    texts = []
    for column in columns:
        coded = table[column].combine_chunks().dictionary_encode()
        own, values = coded.indices.to_numpy(), coded.dictionary.to_pylist()
        ids = np.unique(ids * len(values) + own, return_inverse=True)[1]
        texts.append((own, values))
    _, firsts = np.unique(ids, return_index=True)
    parts = [[values[one] for one in own[firsts].tolist()] for own, values in texts]
    return Distinct(ids, list(zip(*parts, strict=True)))


def mapped(raw: Raw) -> Mapped:
    """As a mapping would: names and dates of birth through its normalisers, the rest is normal as generated."""
    return Mapped(
        raw["name"].made(_name),
        raw["birth"].made(_birth),
        raw["email"].made(_only),
        raw["phone"].made(_only),
        raw["member"].made(_only),
        raw["address"].made(_address),
        raw["company"].made(_only),
    )


def _only(parts: tuple[str, ...]) -> str:
    return parts[0]


def _name(parts: tuple[str, ...]) -> Name | None:
    return name(**dict(zip(NAME, parts, strict=True))) if any(parts) else None


def _birth(parts: tuple[str, ...]) -> str:
    """ISO; the placeholder of 1900 is refused like in a mapping."""
    try:
        return birth_date(parts[0], None, _today()).isoformat() if parts[0] else ""
    except NotNormal:
        return ""


def _today() -> date:
    return datetime.now(UTC).date()


def _address(parts: tuple[str, ...]) -> Address | None:
    return _build_address(dict(zip(ADDRESS, parts, strict=True))) if any(parts) else None


def columns_of(people: Mapped) -> Columns:
    """What `features_of` gives record by record, with every distinct value looked at once."""
    return Columns(
        people.names.made(_name_text).whole(),
        people.births.whole(),
        people.emails.whole(),
        people.phones.made(lambda value: "" if not value or phones.is_placeholder(value) else value).whole(),
        people.members.made(lambda value: f"{CARD}={value}" if value else "").whole(),
        people.addresses.made(_address_text).whole(),
        people.companies.made(lambda value: companies.company_form(Company(name=value)) if value else "").whole(),
    )


def _name_text(one: Name | None) -> str:
    parts = parts_of_name(name_form(one))
    return WITHIN.join(parts) if any(parts) else ""


def _address_text(one: Address | None) -> str:
    form = addresses.form_of(one) if one else None
    return WITHIN.join(parts_of_address(form)) if form else ""


def person_of(row: Mapping[str, str]) -> Person:
    """One generated record as a mapping leaves it."""
    born = _birth((row["birth"],))
    place = _address(tuple(row[part] for part in ADDRESS))
    return Person(
        name=_name(tuple(row[part] for part in NAME)),
        emails=(Email(value=row["email"], key=row["email"]),) if row["email"] else (),
        phones=(Phone(value=row["phone"]),) if row["phone"] else (),
        addresses=(place,) if place else (),
        date_of_birth=date.fromisoformat(born) if born else None,
        company=Company(name=row["company"]) if row["company"] else None,
        identifiers=(Identifier(type=CARD, value=row["member"]),) if row["member"] else (),
    )
