"""The way of a generated file to what the engine compares: each distinct value mapped and made comparable once.

Column by column, so that no more than one of them is there in more than its last shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.people.table import Whole
from dedupe import addresses, companies, phones
from dedupe.engine.coding import WITHIN, Coded, Ids
from dedupe.engine.table import Columns
from dedupe.names import form as names
from mapping.build import builder
from mapping.models import Address, Company, Email, Identifier, Name, Person, Phone
from mapping.normalise import NotNormal
from mapping.normalise.date import birth_date
from mapping.normalise.name import name

NAME = ("first", "middle", "last", "suffix")
ADDRESS = ("street", "city", "state", "postcode", "country")
CARD = "loyalty"

Timed = Callable[[str, Callable[[], Any]], Any]
"""Does a piece of work of a stage: "read", "map" or "features"."""

AT_ONCE = 20_000
"""Values mapped before they are made comparable and forgotten."""

_build_address = builder(Address)


@dataclass(frozen=True, slots=True)
class Distinct:
    """A column: `values[ids[i]]` is row i's."""

    ids: Ids
    values: list[Any]


class Field(NamedTuple):
    """Columns of the file that are mapped together, each distinct combination once: how, and to what text."""

    columns: tuple[str, ...]
    map: Callable[[tuple[str, ...]], Any]
    text: Callable[[Any], str]


def columns_of(path: Path, timed: Timed) -> tuple[Columns, Whole]:
    """What `features_of` gives record by record, in stable order (system and external id, by bytes), and the person of
    each row."""
    truth, order = timed("read", lambda: _order(path))
    return Columns(**{name: _column(path, order, field, timed) for name, field in FIELDS.items()}), truth


def _order(path: Path) -> tuple[Whole, Ids]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["system", "external_id", "truth"])
    order = pc.sort_indices(table, [("system", "ascending"), ("external_id", "ascending")]).to_numpy().astype(np.int32)
    truth = table["truth"].to_numpy()[order]
    del table
    pa.default_memory_pool().release_unused()
    return truth, order


def _column(path: Path, order: Ids, field: Field, timed: Timed) -> Coded:
    raw = timed("read", lambda: _distinct(path, order, field.columns))
    texts: list[str] = []
    for at in range(0, len(raw.values), AT_ONCE):
        values = timed("map", partial(_each, raw.values[at : at + AT_ONCE], field.map))
        texts += timed("features", partial(_each, values, field.text))
    return Coded(raw.ids, texts)


def _each(values: Sequence[Any], make: Callable[[Any], Any]) -> list[Any]:
    return [make(value) for value in values]


def _distinct(path: Path, order: Ids, columns: tuple[str, ...]) -> Distinct:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=list(columns))
    ids = np.zeros(table.num_rows, np.int64)
    texts = []
    for column in columns:
        coded = table[column].combine_chunks().dictionary_encode()
        own, values = coded.indices.to_numpy()[order], coded.dictionary.to_pylist()
        ids = np.unique(ids * len(values) + own, return_inverse=True)[1]
        texts.append((own, values))
    del table, coded
    pa.default_memory_pool().release_unused()
    _, firsts = np.unique(ids, return_index=True)
    parts = [[values[one] for one in own[firsts].tolist()] for own, values in texts]
    return Distinct(ids.astype(np.int32), list(zip(*parts, strict=True)))


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


def _name_text(one: Name | None) -> str:
    parts = names.parts_of(one) if one else ()
    return WITHIN.join(parts) if any(parts) else ""


def _address_text(one: Address | None) -> str:
    parts = addresses.parts_of(one) if one else None
    return WITHIN.join(parts) if parts else ""


def _phone_text(value: str) -> str:
    return "" if not value or phones.is_placeholder(value) else value


def _card_text(value: str) -> str:
    return f"{CARD}={value}" if value else ""


def _company_text(value: str) -> str:
    return companies.company_form(Company(name=value)) if value else ""


FIELDS: Mapping[str, Field] = {
    "names": Field(NAME, _name, _name_text),
    "births": Field(("birth",), _birth, str),
    "emails": Field(("email",), _only, str),
    "phones": Field(("phone",), _only, _phone_text),
    "identifiers": Field(("member",), _only, _card_text),
    "addresses": Field(ADDRESS, _address, _address_text),
    "companies": Field(("company",), _only, _company_text),
}
"""By the name of the column that it becomes."""


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
