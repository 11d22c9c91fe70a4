"""The resolver's answer about entries: clusters with their contact ids, judged pairs, and questions for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from dedupe.engine.clusters import components_of
from dedupe.engine.coding import WITHIN, Hashes
from dedupe.engine.judging import Judged, judge
from dedupe.engine.levels import COMPARISONS
from dedupe.engine.pairs import Pairs, pairs_of
from dedupe.engine.record import Features, columns_of
from dedupe.engine.resolving import NO_ROWS, Decided, Prepared, Resolved, prepare, resolve
from dedupe.engine.table import Table
from dedupe.engine.weights import Model
from dedupe.folding import StableKey
from dedupe.links import Links
from dedupe.musts import Pair, join_musts


class Judgement(StrEnum):
    """automatic: merged. likely: a person is asked. none: apart. merged / apart: a person has said so."""

    AUTOMATIC = "automatic"
    LIKELY = "likely"
    NONE = "none"
    MERGED = "merged"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Entry:
    """One live record on its way through the resolver."""

    id: int
    birth_id: str
    born: int
    key: StableKey
    features: Features


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of an explanation: what was compared, how well it agrees, what that weighs (thousandths of a bit)."""

    field: str
    level: str
    left: str
    right: str
    weight: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judged pair. `conflict` means that the two can hardly be one person."""

    judgement: Judgement
    weight: int
    comparisons: tuple[Comparison, ...]
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records that are one person; `contact_id` is the birth id of their anchor."""

    contact_id: str
    component: str
    members: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """A judged pair of records worth keeping."""

    left: Entry
    right: Entry
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Review:
    """A question for a person: kind is possible_match, ambiguous, conflict or oversized."""

    left: Entry
    right: Entry
    kind: str
    weight: int
    reason: str


@dataclass(slots=True)
class Partition:
    clusters: list[Cluster] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)


def anchor_of(entries: Iterable[Entry]) -> Entry:
    """The record whose birth id the contact wears: the one that arrived first, ties by stable key."""
    return min(entries, key=lambda entry: (entry.born, entry.key))


@dataclass(frozen=True, slots=True)
class Population:
    """Entries in stable order with their keys, as the engine works on them."""

    entries: list[Entry]
    ready: Prepared

    def keys_told(self) -> list[tuple[int, int, int]]:
        """(place of the entry, key, what tells its holders apart), each once; hashes as signed numbers."""
        keys = self.ready.keys
        found = zip(keys.rows.tolist(), signed(keys.hashes), signed(self.ready.told), strict=True)
        return list(dict.fromkeys(found))


def population_of(entries: Iterable[Entry]) -> Population:
    rows = sorted(entries, key=lambda one: one.key)
    return Population(rows, prepare(columns_of([one.features for one in rows])))


def signed(hashes: Hashes) -> list[int]:
    """Hashes as both databases can store them."""
    numbers: list[int] = hashes.view(np.int64).tolist()
    return numbers


def hashes_from(numbers: Iterable[int]) -> Hashes:
    """Stored hashes as the engine takes them: sorted."""
    return np.sort(np.fromiter(numbers, np.int64).view(np.uint64))


def partition(people: Population, popular: Hashes, links: Links, model: Model, likely: bool = False) -> Partition:
    """Resolve entries that form whole components. `popular`: the keys that join nobody, sorted.

    `likely`: as if the review band were merged.
    """
    rows = people.entries
    if not rows:
        return Partition()
    place = {entry.birth_id: row for row, entry in enumerate(rows)}
    must, cannot = _placed(links.must, place), _placed(sorted(links.cannot), place)
    barred = np.array(sorted(place[one] for one in links.barred() if one in place), np.int64)
    told = Decided(_pairs(must, len(rows)), _pairs(cannot, len(rows)), barred)
    found = resolve(people.ready, popular, model, told, likely)
    return _Telling(rows, found, must, cannot, model).run()


def _placed(pairs: Iterable[tuple[str, str]], place: dict[str, int]) -> list[Pair]:
    """Pairs of birth ids as pairs of rows, of those that are here, in the order given."""
    here = ((place[left], place[right]) for left, right in pairs if left in place and right in place)
    return list(dict.fromkeys((min(a, b), max(a, b)) for a, b in here if a != b))


def _pairs(pairs: Sequence[Pair], size: int) -> Pairs:
    return pairs_of(np.array([left * size + right for left, right in pairs], np.int64), size)


class _Telling:
    """Joins what people have decided, and turns rows of nodes into entries."""

    def __init__(
        self, rows: list[Entry], found: Resolved, must: Sequence[Pair], cannot: Sequence[Pair], model: Model
    ) -> None:
        self.rows, self.found, self.model = rows, found, model
        self.nodes, self.judged = found.nodes, found.judged
        self.members: dict[int, list[Entry]] = defaultdict(list)
        for row, node in enumerate(found.nodes.of.tolist()):
            self.members[node].append(rows[row])
        self.must, self.cannot = self._of_nodes(must), frozenset(self._of_nodes(cannot))
        self.joined = frozenset(self.must)
        self.places = {pair: at for at, pair in enumerate(self._pairs_judged())}
        self.partition = Partition()

    def run(self) -> Partition:
        groups, refused = join_musts(self._groups(), self.must, self.cannot)
        groups, _ = join_musts(groups, self._no_longer_ambiguous(groups), self.cannot)
        self._add_clusters(groups)
        self._keep_edges()
        self._keep_folds()
        self._ask(groups, refused)
        return self.partition

    def _of_nodes(self, pairs: Iterable[Pair]) -> list[Pair]:
        of = self.nodes.of.tolist()
        found = ((of[a], of[b]) for a, b in pairs if of[a] != of[b])
        return list(dict.fromkeys((min(a, b), max(a, b)) for a, b in found))

    def _pairs_judged(self) -> Iterable[Pair]:
        return zip(self.judged.pairs.left.tolist(), self.judged.pairs.right.tolist(), strict=True)

    def _groups(self) -> list[list[int]]:
        """What the records alone say."""
        groups: dict[int, list[int]] = defaultdict(list)
        for node, label in enumerate(self.found.clusters.labels.tolist()):
            groups[label].append(node)
        return list(groups.values())

    def _no_longer_ambiguous(self, groups: Sequence[Sequence[int]]) -> list[Pair]:
        """Links for the records set aside whose rivals have since been made one by a person."""
        home = _home(groups)
        aside = sorted(self.found.clusters.aside.items())
        return [(one, min(rivals)) for one, rivals in aside if len({home[rival] for rival in rivals}) == 1]

    def _add_clusters(self, groups: Iterable[Sequence[int]]) -> None:
        label = self._components()
        for group in groups:
            members = sorted((entry for node in group for entry in self.members[node]), key=lambda one: one.key)
            self.partition.clusters.append(Cluster(anchor_of(members).birth_id, label[group[0]], tuple(members)))

    def _components(self) -> list[str]:
        """By node, the least birth id of its component; human merges hold components together too."""
        size = len(self.nodes.firsts)
        codes = [node * size + root for node, root in enumerate(self.found.clusters.components.tolist())]
        codes += [a * size + b for a, b in self.must]
        roots = components_of(size, pairs_of(np.array(codes, np.int64), size)).tolist()
        least: dict[int, str] = {}
        for node, root in enumerate(roots):
            own = min(entry.birth_id for entry in self.members[node])
            least[root] = min(least.get(root, own), own)
        return [least[root] for root in roots]

    def _keep_edges(self) -> None:
        worth = (self.judged.weights >= self.model.likely).tolist()
        told = self.cannot | self.joined
        for pair, at in self.places.items():
            if worth[at] or pair in told:
                left, right = (self.members[node][0] for node in pair)
                self.partition.edges.append(Edge(left, right, self._verdict(pair, at)))

    def _verdict(self, pair: Pair, at: int) -> Verdict:
        return verdict(self.nodes.table, self.judged, at, self.model, self._judgement(pair, at))

    def _judgement(self, pair: Pair, at: int) -> Judgement:
        if pair in self.cannot:
            return Judgement.APART
        if pair in self.joined:
            return Judgement.MERGED
        found = judgement_of(self.judged, at, self.model)
        set_aside = self.found.clusters.aside.keys() & set(pair)
        return Judgement.LIKELY if found is Judgement.AUTOMATIC and set_aside else found

    def _keep_folds(self) -> None:
        """The records of a node, each beside the first."""
        of, firsts = self.nodes.of, self.nodes.firsts
        others = np.flatnonzero(firsts[of] != np.arange(len(of)))
        if not len(others):
            return
        beside = judge(self.found.table, Pairs(firsts[of[others]], others), self.model, self.model.prior, NO_ROWS)
        for at, row in enumerate(others.tolist()):
            told = verdict(self.found.table, beside, at, self.model, Judgement.AUTOMATIC)
            self.partition.edges.append(Edge(self.rows[int(firsts[of[row]])], self.rows[row], told))

    def _ask(self, groups: Sequence[Sequence[int]], refused: Iterable[Pair]) -> None:
        """Open a question for every match, likely pair and merge that ended in two contacts."""
        home, parted = _home(groups), self.found.clusters.parted
        for pair in zip(parted.left.tolist(), parted.right.tolist(), strict=True):
            if home[pair[0]] != home[pair[1]]:
                self._say(pair, "conflict", "they match, but the records that each of them belongs with do not")
        for pair in refused:
            if home[pair[0]] != home[pair[1]]:
                self._say(pair, "conflict", "a merge was decided, but a later or stronger 'not the same' forbids it")
        for pair, at in self.places.items():
            if home[pair[0]] != home[pair[1]] and self._judgement(pair, at) is Judgement.LIKELY:
                self._ask_about_likely(pair, at)
        for first in self.found.clusters.cut:
            self._tell_cut(first)

    def _ask_about_likely(self, pair: Pair, at: int) -> None:
        set_aside = self.found.clusters.aside.keys() & set(pair)
        if not set_aside:
            kind = "conflict" if self.judged.conflict[at] else "possible_match"
            told = verdict(self.nodes.table, self.judged, at, self.model, Judgement.LIKELY)
            self._say(pair, kind, ", ".join(f"{one.field}: {one.level}" for one in told.comparisons))
        elif not set_aside & {node for link in self.must for node in link}:
            self._say(pair, "ambiguous", "matches two people who exclude each other")

    def _tell_cut(self, first: int) -> None:
        crowd = np.flatnonzero(self.found.clusters.components == first).tolist()
        self._say((crowd[0], crowd[-1]), "oversized", f"a component of {len(crowd)} distinct records was cut")

    def _say(self, pair: Pair, kind: str, reason: str) -> None:
        left, right = (self.members[node][0] for node in pair)
        at = self.places.get(pair)
        weight = int(self.judged.weights[at]) if at is not None else 0
        self.partition.reviews.append(Review(left, right, kind, weight, reason))


def _home(groups: Iterable[Iterable[int]]) -> dict[int, int]:
    """The number of the group that each node is in."""
    return {node: number for number, group in enumerate(groups) for node in group}


def judgement_of(judged: Judged, at: int, model: Model) -> Judgement:
    weight = int(judged.weights[at])
    if weight < model.likely:
        return Judgement.NONE
    return Judgement.AUTOMATIC if weight >= model.automatic and not judged.conflict[at] else Judgement.LIKELY


def verdict(table: Table, judged: Judged, at: int, model: Model, judgement: Judgement) -> Verdict:
    """The explanation of one judged pair, made when it is asked for: most pairs are judged and forgotten."""
    left, right = int(judged.pairs.left[at]), int(judged.pairs.right[at])
    context = int(model.context_of[judged.levels[at, 0]])
    told = [
        Comparison(
            name,
            levels[level],
            shown(table, name, left),
            shown(table, name, right),
            int(model.table[context, column, level]),
        )
        for column, (name, levels) in enumerate(COMPARISONS.items())
        if (level := int(judged.levels[at, column])) or model.table[context, column, 0]
    ]
    return Verdict(judgement, int(judged.weights[at]), tuple(told), bool(judged.conflict[at]))


def shown(table: Table, field_name: str, row: int) -> str:
    """The side of a record that a comparison looked at, for people."""
    if field_name == "birth":
        return str(table.births.values[table.births.ids[row]])
    if field_name == "name":
        return _name(table.names.whole.values[table.names.whole.ids[row]])
    if field_name == "spelling":
        return _name(table.names.whole.values[table.names.whole.ids[row]]) or shown(table, "email", row)
    sets = {
        "email": table.mails.sets,
        "phone": table.phones,
        "identifier": table.identifiers,
        "address": table.places.sets,
        "company": table.companies,
    }[field_name]
    items = sets.items[sets.starts[row] : sets.starts[row + 1]].tolist()
    return ", ".join(sorted(" ".join(part for part in sets.values[item].split(WITHIN) if part) for item in items))


def _name(value: str) -> str:
    """The parts as people write them, the partner of a couple behind "&"."""
    if not value:
        return ""
    first, middle, last, suffix, partner, organisation = value.split(WITHIN)
    one = " ".join(part for part in (first, middle, last, suffix, organisation) if part)
    return f"{one} & {partner}" if partner else one
