"""The labelled records as columns, and their way into and out of a parquet file. Nothing about how they are made."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow

Texts = NDArray[np.object_]
"""An array of Python strings; equal ones are shared where that is cheap."""

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class People:
    """Records of persons in the shape that a mapping leaves: one row each, "" where missing, all equally long.

    `email` is lower-case, `phone` E.164, `birth` ISO; names are as people write them, case and accents included.
    `truth` is the number of the person that the record is of; `(system, external_id)` is unique.
    """

    system: Texts
    external_id: Texts
    first: Texts
    middle: Texts
    last: Texts
    suffix: Texts
    full: Texts
    email: Texts
    phone: Texts
    street: Texts
    city: Texts
    state: Texts
    postcode: Texts
    country: Texts
    birth: Texts
    company: Texts
    member: Texts
    truth: Whole

    def __len__(self) -> int:
        return len(self.truth)

    def to_arrow(self) -> pyarrow.Table:
        import pyarrow as pa

        columns: dict[str, Any] = {name: pa.array(getattr(self, name), pa.string()) for name in TEXTS}
        return pa.table({**columns, "truth": pa.array(self.truth, pa.int64())})

    def write_parquet(self, path: Path | str) -> None:
        import pyarrow.parquet as pq

        pq.write_table(self.to_arrow(), path)

    @classmethod
    def read_parquet(cls, path: Path | str) -> People:
        """Raises KeyError when a column is missing."""
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        columns: dict[str, Any] = {name: table[name].to_numpy() for name in TEXTS}
        return cls(**columns, truth=table["truth"].to_numpy())


TEXTS = tuple(field.name for field in fields(People) if field.name != "truth")
"""The columns of text, in order."""
