"""The resolver: columns of records become clusters, judged pairs and what is left to ask.

Law: the result is a pure function of the set of records, the links and the model. Neither the order of arrival nor
the split into batches can be seen in it. Rows stand in stable order: by connection, stream and external id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from dedupe.engine.clusters import Band, Clusters, cluster, components_of
from dedupe.engine.coding import Hashes, Ids, Mask, Sets, hashes_of, mixed, where_true
from dedupe.engine.judging import Judged, judge
from dedupe.engine.keys import Keys, ValueKeys, is_in, keys_of, popular_of, value_keys, without
from dedupe.engine.pairs import NONE, Pairs, pairs_of, sharing
from dedupe.engine.runs import Runs, runs_of
from dedupe.engine.table import Columns, Rows, Table, table_of
from dedupe.engine.weights import Model

NO_ROWS: Rows = np.zeros(0, np.int64)


@dataclass
class Prepared:
    """Records whose keys are known, before anything is left out. `sums`: by record, of all that it says."""

    table: Table
    values: ValueKeys
    keys: Keys
    sums: Hashes

    @cached_property
    def runs(self) -> Runs:
        """The key rows of the keys that several hold."""
        return runs_of(self.keys.hashes)

    @property
    def told(self) -> Hashes:
        """By key row: what a key is counted by, see `popular_of`."""
        return self.told_at(np.arange(len(self.keys.rows), dtype=np.int32))

    def told_at(self, places: Ids) -> Hashes:
        """Odd for holders with a whole name, by it and their date of birth; even for others, by all that they say."""
        rows = self.keys.rows[places]
        named = self.keys.strong[places] & self.table.names.is_whole[rows]
        return np.where(named, self.table.signatures[rows] | np.uint64(1), mixed(self.sums)[rows] & ~np.uint64(1))


@dataclass(frozen=True, slots=True)
class Decided:
    """What people have decided, as pairs of rows."""

    must: Pairs = field(default_factory=lambda: NONE)
    cannot: Pairs = field(default_factory=lambda: NONE)


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


@dataclass(slots=True)
class _Usable:
    """What is left without what is popular. `digests`: by record, equal for those that say the same; `reached` and
    `identified`: the records that have a key at all, and one of their own."""

    table: Table
    digests: Hashes
    runs: Runs
    reached: Mask
    identified: Mask


def prepare(columns: Columns) -> Prepared:
    table = table_of(columns)
    values = value_keys(table)
    return Prepared(table, values, keys_of(table, values), _sums(table, values))


def _sums(table: Table, values: ValueKeys) -> Hashes:
    total = table.signatures.copy()
    for sets, hashes in (
        *_identifying(table, values),
        (table.places.sets, hashes_of(table.places.sets.values)),
        (table.companies, hashes_of(table.companies.values)),
    ):
        _add(total, sets.rows, mixed(hashes)[sets.items])
    return total


def _identifying(table: Table, values: ValueKeys) -> Iterator[tuple[Sets, Hashes]]:
    yield table.mails.sets, values.emails
    yield table.phones, values.phones
    yield table.identifiers, values.identifiers


def _add(total: Hashes, rows: Ids, hashes: Hashes) -> None:
    """Add to the total of each row, which come in order."""
    if (rows[1:] != rows[:-1]).all():
        total[rows] += hashes
    else:
        np.add.at(total, rows, hashes)


def popular_in(ready: Prepared, model: Model) -> Hashes:
    """The popular keys of a whole set of records, sorted."""
    return popular_of(ready.runs, ready.told_at, model.strong_cap, model.weak_cap)


def resolve(
    ready: Prepared, popular: Hashes, model: Model, decided: Decided = NOTHING_DECIDED, likely: bool = False
) -> Resolved:
    """Resolve records that form whole components. `popular`: sorted; `likely`: as if the review band were merged."""
    table, nodes, pairs, sure = _candidates(ready, popular, model, decided, likely)
    size = len(nodes.firsts)
    cannot = np.sort(_between(nodes, decided.cannot).codes(size))
    judged = judge(nodes.table, pairs, model, model.prior, cannot)
    _assure(judged, size, sure, model)
    band = Band(model.likely, model.likely, False) if likely else Band(model.automatic, model.floor, True)

    def rejudge(others: Pairs) -> Judged:
        return judge(nodes.table, others, model, model.prior_inside, cannot)

    found = cluster(size, judged, band, model.limit, model.margin, rejudge)
    return Resolved(table, nodes, judged, found)


def _candidates(
    ready: Prepared, popular: Hashes, model: Model, decided: Decided, likely: bool
) -> tuple[Table, Nodes, Pairs, Pairs]:
    """What is usable of the records, their nodes, the pairs of nodes worth judging, and those of them that would be
    one node but for a decision."""
    left = _left(ready, popular)
    floor = model.likely if likely else model.automatic
    nothing = np.zeros(left.table.size, np.bool_)
    folds = _folds(left, ready.keys, nothing, floor, model)
    barred = _barred(left, folds, decided.cannot)
    if barred.any():
        folds = _folds(left, ready.keys, barred, floor, model)
    kept_apart = barred[folds.left] | barred[folds.right]
    nodes, sure = _nodes(left.table, folds.some(~kept_apart)), folds.some(kept_apart)
    told = [_between(nodes, one) for one in (decided.must, decided.cannot, sure) if len(one)]
    twins = _twins(nodes, left.digests, barred)
    table, begins, rows = left.table, left.runs.begins, _nodes_of(nodes, ready.keys.rows[left.runs.places])
    del left
    pairs = sharing(begins, rows, twins, len(nodes.firsts))
    return table, nodes, _with(pairs, told, len(nodes.firsts)), _between(nodes, sure)


def _nodes_of(nodes: Nodes, rows: Rows | Ids) -> Ids:
    return nodes.of.astype(np.int32)[rows]


def usable(ready: Prepared, popular: Hashes) -> tuple[Table, Keys]:
    """Without what is popular: such a key finds nobody, such a value says nothing."""
    if not len(popular):
        return ready.table, ready.keys
    return _table_without(ready, popular), ready.keys.some(~is_in(ready.keys.hashes, popular))


def _table_without(ready: Prepared, popular: Hashes) -> Table:
    table, values = ready.table, ready.values
    return replace(
        table,
        mails=replace(table.mails, sets=without(table.mails.sets, values.emails, popular)),
        phones=without(table.phones, values.phones, popular),
        identifiers=without(table.identifiers, values.identifiers, popular),
    )


def _left(ready: Prepared, popular: Hashes) -> _Usable:
    """The same without copies of the key rows, of which there are many."""
    keys, size = ready.keys, ready.table.size
    reached, identified = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    if not len(popular):
        reached[keys.rows] = True
        identified[keys.rows[keys.own]] = True
        return _Usable(ready.table, mixed(ready.sums), ready.runs, reached, identified)
    inside = ~is_in(keys.hashes, popular)
    reached[keys.rows[inside]] = True
    identified[keys.rows[inside & keys.own]] = True
    sums = ready.sums.copy()
    for sets, hashes in _identifying(ready.table, ready.values):
        gone = is_in(hashes, popular)[sets.items]
        if gone.any():
            # Sums of numbers of 64 bits can be undone: what is left is what was without what is gone.
            _add(sums, sets.rows[gone], np.uint64(0) - mixed(hashes)[sets.items[gone]])
    runs = ready.runs.some(~is_in(ready.runs.hashes, popular))
    return _Usable(_table_without(ready, popular), mixed(sums), runs, reached, identified)


def _barred(left: _Usable, folds: Pairs, cannot: Pairs) -> Mask:
    """The records that stay nodes of their own: a person has said that they are not one with somebody who would be in
    their node, or says just the same. What is said of others is between two nodes and changes neither.
    """
    barred = np.zeros(left.table.size, np.bool_)
    if len(cannot):
        labels, one, other = components_of(left.table.size, folds), cannot.left, cannot.right
        close = (labels[one] == labels[other]) | (left.digests[one] == left.digests[other])
        barred[one[close]] = barred[other[close]] = True
    return barred


def _folds(left: _Usable, keys: Keys, barred: Mask, floor: int, model: Model) -> Pairs:
    """Pairs that make one node of records with one whole name and date of birth that share an identifier; and of those
    that say exactly the same, if that is an identifier or enough to be one person.
    """
    table, is_whole = left.table, left.table.names.is_whole
    chosen = where_true(keys.own[left.runs.places])
    rows = keys.rows[left.runs.places[chosen]]
    named = is_whole[rows]
    chosen, rows = chosen[named], rows[named]
    alike = mixed(left.runs.hashes[left.runs.of_places(chosen)], table.signatures[rows])
    links = [_chain(alike, rows, barred)]
    reached = where_true(left.reached).astype(np.int32)
    same = _chain(left.digests[reached], reached, barred)
    if len(same):
        sure_of = left.identified[same.left]
        others = where_true(~sure_of)
        if len(others):
            alone = judge(table, Pairs(same.left[others], same.left[others]), model, model.prior, NO_ROWS)
            sure_of[others] = (alone.weights >= floor) & ~alone.conflict
        links.append(same.some(sure_of))
    return pairs_of(np.concatenate([one.codes(table.size) for one in links]), table.size)


def _nodes(table: Table, sure: Pairs) -> Nodes:
    labels = components_of(table.size, sure)
    is_first = labels == np.arange(table.size)
    firsts = where_true(is_first)
    if len(firsts) == table.size:
        return Nodes(labels, firsts, table)
    of = (np.cumsum(is_first) - 1)[labels]
    return Nodes(of, firsts, table.taken(firsts, of))


def _chain(hashes: Hashes, rows: Rows | Ids, barred: Mask) -> Pairs:
    """Rows with equal hashes: each linked to the next, a barred one to the first of them."""
    runs = runs_of(hashes)
    if not len(runs.hashes):
        return NONE
    ordered, of = rows[runs.places].astype(np.int64), runs.of
    is_barred = barred[ordered]
    before = _shifted(ordered)
    if is_barred.any():
        ordered = ordered[np.lexsort((ordered, is_barred, of))]
        before = np.where(barred[ordered], ordered[runs.begins[:-1]][of], _shifted(ordered))
    linked = before != ordered
    linked[runs.begins[:-1]] = False
    left, right = before[linked], ordered[linked]
    return Pairs(np.minimum(left, right), np.maximum(left, right))


def _shifted(rows: Rows) -> Rows:
    """Before each row the one before it; what is before the first does not count."""
    return np.concatenate((rows[:1], rows[:-1]))


def _between(nodes: Nodes, pairs: Pairs) -> Pairs:
    """Pairs of records as pairs of their nodes; of none inside one."""
    left, right = nodes.of[pairs.left], nodes.of[pairs.right]
    differ = left != right
    return Pairs(np.minimum(left, right)[differ], np.maximum(left, right)[differ])


def _twins(nodes: Nodes, digests: Hashes, barred: Mask) -> Hashes:
    """By node: equal for nodes that say the same, but for barred ones."""
    found = digests[nodes.firsts]
    if not barred.any():
        return found
    return np.where(barred[nodes.firsts], mixed(found, nodes.firsts.astype(np.uint64)), found)


def _with(found: Pairs, told: list[Pairs], size: int) -> Pairs:
    if not told:
        return found
    return pairs_of(np.concatenate([one.codes(size) for one in (found, *told)]), size)


def _assure(judged: Judged, size: int, sure: Pairs, model: Model) -> None:
    """What would be one node but for a decision about others matches in any case."""
    if not len(sure):
        return
    places = where_true(np.isin(judged.pairs.codes(size), sure.codes(size)) & ~judged.hard)
    judged.weights[places] = np.maximum(judged.weights[places], model.automatic)
    judged.conflict[places] = False
