"""The resolver: columns of records become clusters, judged pairs and what is left to ask.

Law: the result is a pure function of the set of records, the links and the model. Neither the order of arrival nor
the split into batches can be seen in it. Rows stand in stable order: by connection, stream and external id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from dedupe.engine.clusters import Band, Clusters, cluster, components_of
from dedupe.engine.coding import Hashes, Mask, hashes_of, mixed
from dedupe.engine.judging import Judged, judge
from dedupe.engine.keys import Keys, ValueKeys, is_in, keys_of, popular_of, value_keys, without
from dedupe.engine.pairs import NONE, Pairs, pairs_of, sharing
from dedupe.engine.table import Columns, Rows, Table, table_of
from dedupe.engine.weights import Model

NO_ROWS: Rows = np.zeros(0, np.int64)


@dataclass(slots=True)
class Prepared:
    """Records whose keys are known, before anything is left out."""

    table: Table
    values: ValueKeys
    keys: Keys
    told: Hashes
    """By key row: what a key is counted by, see `popular_of`."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What people have decided, as pairs of rows. `barred`: the rows of which somebody has said who else they are not,
    also where the other is not among the records at hand."""

    must: Pairs = field(default_factory=lambda: NONE)
    cannot: Pairs = field(default_factory=lambda: NONE)
    barred: Rows = field(default_factory=lambda: NO_ROWS)


NOTHING_DECIDED = Decided()


@dataclass(slots=True)
class Nodes:
    """Records of one person beyond doubt are a node. `of`: by record, its node; `firsts`: by node, its first record."""

    of: Rows
    firsts: Rows
    table: Table


@dataclass(slots=True)
class Resolved:
    """`table` is about records, without what is popular; `nodes`, `judged` and `clusters` are about nodes."""

    table: Table
    nodes: Nodes
    judged: Judged
    clusters: Clusters

    @property
    def labels(self) -> Rows:
        """By record, the first record of its cluster."""
        return self.nodes.firsts[self.clusters.labels[self.nodes.of]]


def prepare(columns: Columns) -> Prepared:
    table = table_of(columns)
    values = value_keys(table)
    keys = keys_of(table, values)
    return Prepared(table, values, keys, _told(table, values, keys))


def _told(table: Table, values: ValueKeys, keys: Keys) -> Hashes:
    """Odd for holders with a whole name, by it and their date of birth; even for others, by all that they say."""
    digests = _digests(table, values)[keys.rows]
    signatures = table.signatures[keys.rows]
    named = keys.strong & table.names.is_whole[keys.rows]
    return np.where(named, signatures | np.uint64(1), digests & ~np.uint64(1))


def _digests(table: Table, values: ValueKeys) -> Hashes:
    """By record: equal for records that say exactly the same."""
    total = table.signatures.copy()
    with np.errstate(over="ignore"):
        for sets, hashes in (
            (table.mails.sets, values.emails),
            (table.phones, values.phones),
            (table.identifiers, values.identifiers),
            (table.places.sets, hashes_of(table.places.sets.values)),
            (table.companies, hashes_of(table.companies.values)),
        ):
            np.add.at(total, sets.rows, mixed(hashes)[sets.items])
    return mixed(total)


def popular_in(ready: Prepared, model: Model) -> Hashes:
    """The popular keys of a whole set of records, sorted."""
    return popular_of(ready.keys, ready.told, model.strong_cap, model.weak_cap)


def resolve(
    ready: Prepared, popular: Hashes, model: Model, decided: Decided = NOTHING_DECIDED, likely: bool = False
) -> Resolved:
    """Resolve records that form whole components. `popular`: sorted; `likely`: as if the review band were merged."""
    table, keys = usable(ready, popular)
    must, cannot = decided.must, decided.cannot
    barred = np.zeros(table.size, np.bool_)
    barred[decided.barred] = True
    digests = _digests(table, ready.values)
    nodes, sure = _fold(table, keys, digests, barred, model.likely if likely else model.automatic, model)
    codes = np.unique(_between(nodes, cannot).codes(len(nodes.firsts)))
    pairs = _candidates(nodes, keys, _twins(nodes, digests, barred), (must, cannot, sure))
    judged = judge(nodes.table, pairs, model, model.prior, codes)
    _assure(judged, nodes.table.size, _between(nodes, sure), model)
    band = Band(model.likely, model.likely, False) if likely else Band(model.automatic, model.floor, True)

    def rejudge(others: Pairs) -> Judged:
        return judge(nodes.table, others, model, model.prior_inside, codes)

    found = cluster(nodes.table.size, judged, band, model.limit, model.margin, rejudge)
    return Resolved(table, nodes, judged, found)


def usable(ready: Prepared, popular: Hashes) -> tuple[Table, Keys]:
    """Without what is popular: such a key finds nobody, such a value says nothing."""
    table, values, keys = ready.table, ready.values, ready.keys
    if not len(popular):
        return table, keys
    left = replace(
        table,
        mails=replace(table.mails, sets=without(table.mails.sets, values.emails, popular)),
        phones=without(table.phones, values.phones, popular),
        identifiers=without(table.identifiers, values.identifiers, popular),
    )
    inside = ~is_in(keys.hashes, popular)
    return left, keys.some(inside)


def _fold(table: Table, keys: Keys, digests: Hashes, barred: Mask, floor: int, model: Model) -> tuple[Nodes, Pairs]:
    """One node of records with one whole name and date of birth that share an identifier; and of those that say
    exactly the same, if that is an identifier or enough to be one person.

    Records of whom a person has said who else they are not stay nodes of their own. Also returned: the pairs of
    records, one of them such a one, that would be one node but for that.
    """
    chosen = keys.own & table.names.is_whole[keys.rows]
    alike = mixed(keys.hashes[chosen], table.signatures[keys.rows[chosen]])
    links = [_chain(alike, keys.rows[chosen], barred)]
    reached, identified = np.zeros(table.size, np.bool_), np.zeros(table.size, np.bool_)
    reached[keys.rows] = True
    identified[keys.rows[keys.own]] = True
    rows = np.flatnonzero(reached)
    same = _chain(digests[rows], rows, barred)
    if len(same):
        alone = judge(table, Pairs(same.left, same.left), model, model.prior, NO_ROWS)
        links.append(same.some(identified[same.left] | ((alone.weights >= floor) & ~alone.conflict)))
    sure = pairs_of(np.concatenate([one.codes(table.size) for one in links]), table.size)
    kept_apart = barred[sure.left] | barred[sure.right]
    labels = components_of(table.size, sure.some(~kept_apart))
    firsts, of = np.unique(labels, return_inverse=True)
    nodes = table if len(firsts) == table.size else table.taken(firsts, of)
    return Nodes(of, firsts, nodes), sure.some(kept_apart)


def _chain(hashes: Hashes, rows: Rows, barred: Mask) -> Pairs:
    """Rows with equal hashes: each linked to the next, a barred one to the first of them."""
    order = np.lexsort((rows, barred[rows], hashes))
    hashes, rows = hashes[order], rows[order]
    if len(rows) < 2:
        return NONE
    equal = np.concatenate(([False], (hashes[1:] == hashes[:-1])))
    firsts = np.maximum.accumulate(np.where(equal, 0, np.arange(len(rows))))
    before = np.where(barred[rows], rows[firsts], np.roll(rows, 1))
    linked = equal & (before != rows)
    left, right = before[linked], rows[linked]
    return Pairs(np.minimum(left, right), np.maximum(left, right))


def _between(nodes: Nodes, pairs: Pairs) -> Pairs:
    """Pairs of records as pairs of their nodes; of none inside one."""
    left, right = nodes.of[pairs.left], nodes.of[pairs.right]
    differ = left != right
    return Pairs(np.minimum(left, right)[differ], np.maximum(left, right)[differ])


def _twins(nodes: Nodes, digests: Hashes, barred: Mask) -> Hashes:
    """By node: equal for nodes that say the same, but for those of whom a person has said who else they are not."""
    own = mixed(digests[nodes.firsts], nodes.firsts.astype(np.uint64))
    return np.where(barred[nodes.firsts], own, digests[nodes.firsts])


def _candidates(nodes: Nodes, keys: Keys, twins: Hashes, told: Iterable[Pairs]) -> Pairs:
    size = len(nodes.firsts)
    found = sharing(keys.hashes, nodes.of[keys.rows], twins, size)
    others = [_between(nodes, one).codes(size) for one in told]
    return pairs_of(np.concatenate([found.codes(size), *others]), size)


def _assure(judged: Judged, size: int, sure: Pairs, model: Model) -> None:
    """What would be one node but for a decision about others matches in any case."""
    places = np.flatnonzero(np.isin(judged.pairs.codes(size), sure.codes(size)) & ~judged.hard)
    judged.weights[places] = np.maximum(judged.weights[places], model.automatic)
    judged.conflict[places] = False
