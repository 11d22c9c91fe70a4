"""Compares the stored contacts, and the judged pairs behind them, with labels that say who is who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, select

from dedupe.engine.weights import Model
from dedupe.evaluate import Bin, Edges, Figures, Point, curve, evaluate, histogram
from hub.queries.bands import Band, assigned
from hub.stages.reading import edges

RecordKey = tuple[str, str, str]
"""Connection, stream, external id."""


class NothingFound(Exception):
    """None of the labelled records is in this hub."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one band over the labelled records that are here, and what the weights of their pairs say."""

    figures: Figures
    missing: list[RecordKey]
    curve: list[Point]
    histogram: list[Bin]


def evaluate_against(db: Connection, labels: Mapping[RecordKey, str], band: Band, model: Model) -> Evaluation:
    """`labels`: the person of each record. Only these records count. Raises NothingFound."""
    found = {one[1:4]: one for one in assigned(db, band, model) if one[1:4] in labels}
    if not found:
        raise NothingFound
    truth = [labels[key] for key in found]
    judged = _judged(db, {one.record_id: place for place, one in enumerate(found.values())})
    return Evaluation(
        evaluate([one.contact_id for one in found.values()], truth),
        [key for key in labels if key not in found],
        curve(judged, truth),
        histogram(judged, truth),
    )


def _judged(db: Connection, places: Mapping[int, int]) -> Edges:
    """The stored pairs of which both records are labelled."""
    rows = [
        (places[left], places[right], weight)
        for left, right, weight in db.execute(select(edges.c.left_id, edges.c.right_id, edges.c.weight))
        if left in places and right in places
    ]
    return np.array(rows, np.int64).reshape(-1, 3)
