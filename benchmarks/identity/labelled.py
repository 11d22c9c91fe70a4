"""The way of the labelled files, if they are there, to what the engine compares: through a mapping of the product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.people.table import Whole
from dedupe.engine.record import columns_of, features_of
from dedupe.engine.table import Columns
from mapping.compile import Mapper, compile_mapping, parse_mapping
from mapping.models import Person

FILES = ("fake_1000", "febrl3")

FAKE_1000 = {
    "name": {"first": "first_name", "last": "surname"},
    "date_of_birth": "dob",
    "emails": ["email"],
    "addresses": [{"city": "city"}],
}
FEBRL3 = {
    "name": {"first": "given_name", "last": "surname"},
    "date_of_birth": {"value": "date_of_birth", "format": "%Y%m%d"},
    "addresses": [{"street": "street", "city": "suburb", "state": "state", "postcode": "postcode", "country": "'AU'"}],
    "identifiers": [{"type": "social", "value": "soc_sec_id"}],
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Raw records in stable order, with the mapping that fits them."""

    rows: Sequence[dict[str, Any]]
    mapper: Mapper


def read(path: Path) -> tuple[Rows, Whole]:
    """The rows by the bytes of their ids, and the number of each one's person. KeyError for a file of another shape."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    is_febrl = "rec_id" in table.column_names
    rows = table.sort_by("rec_id" if is_febrl else "unique_id").to_pylist()
    for row in rows if is_febrl else ():
        row["street"] = " ".join(part for part in (row["street_number"], row["address_1"]) if part)
    truth = np.unique([row["truth"] for row in rows], return_inverse=True)[1]
    spec = parse_mapping({"record": "person", "map": FEBRL3 if is_febrl else FAKE_1000})
    return Rows(rows, compile_mapping(spec, region="AU", where={})), truth.astype(np.int64)


def mapped(found: Rows) -> list[Person]:
    """A person for each row; one that says nothing for a row that the mapping refuses."""
    values = [found.mapper(row).value for row in found.rows]
    return [value if isinstance(value, Person) else Person() for value in values]


def people_columns(people: Sequence[Person]) -> Columns:
    return columns_of([features_of(person) for person in people])
