"""The resolver: a set of records becomes clusters, judged pairs and questions for people.

Law: the result is a pure function of the set of records, the links and the model. Neither the order of arrival nor
the split into batches can be seen in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace

from dedupe.features import Entry, anchor_of
from dedupe.judgement import Judgement, Verdict, judge
from dedupe.linkage import Pairing, link_averages
from dedupe.links import Links
from dedupe.model import Model
from dedupe.musts import join_musts
from dedupe.nodes import Node, fold_nodes

Pair = tuple[int, int]
"""Two indexes into the list of nodes, the smaller first."""


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


def resolve(entries: Iterable[Entry], popular: Set[int], links: Links, model: Model) -> Partition:
    """Resolve records that form whole components. `popular` holds the key hashes that join nobody."""
    nodes = fold_nodes(entries, popular, links)
    return _Resolving(nodes, links, model).run()


class _Resolving:
    """One run over one set of nodes; the steps in the order in which they are called."""

    def __init__(self, nodes: list[Node], links: Links, model: Model) -> None:
        self.nodes = nodes
        self.model = model
        self.home = {entry.birth_id: index for index, node in enumerate(nodes) for entry in node.entries}
        self.must = self._indexes(links.must)
        self.cannot = frozenset(self._indexes(sorted(links.cannot)))
        self.verdicts: dict[Pair, Verdict] = {}
        self.ambiguous: dict[int, Pair] = {}
        self.partition = Partition()

    def run(self) -> Partition:
        self._judge_candidates()
        components = _connected(range(len(self.nodes)), [*self._automatic(), *self.must])
        self._set_ambiguous_aside()
        for component in components:
            self._cluster(component)
        self._keep_edges()
        self._ask()
        return self.partition

    def _indexes(self, pairs: Iterable[tuple[str, str]]) -> list[Pair]:
        """Links between these nodes, without repeats, in the order given."""
        here = (
            (self.home[left], self.home[right]) for left, right in pairs if left in self.home and right in self.home
        )
        return list(dict.fromkeys((min(a, b), max(a, b)) for a, b in here if a != b))

    def _judge_candidates(self) -> None:
        holders: dict[int, list[int]] = defaultdict(list)
        for index, node in enumerate(self.nodes):
            for key in node.keys:
                holders[key].append(index)
        for indexes in holders.values():
            for position, a in enumerate(indexes):
                for b in indexes[position + 1 :]:
                    if (a, b) not in self.verdicts:
                        self.verdicts[a, b] = self._judge(a, b, candidate=True)
        for pair in (*self.cannot, *self.must):
            if pair not in self.verdicts:
                self.verdicts[pair] = self._judge(*pair, candidate=False)

    def _judge(self, a: int, b: int, candidate: bool) -> Verdict:
        verdict = judge(self.nodes[a].features, self.nodes[b].features, self.model, candidate)
        if (a, b) in self.cannot:
            return replace(verdict, judgement=Judgement.APART, conflict=True)
        if (a, b) in self.must:
            return replace(verdict, judgement=Judgement.MERGED, conflict=False)
        return verdict

    def _automatic(self) -> list[Pair]:
        return sorted(pair for pair, verdict in self.verdicts.items() if verdict.judgement is Judgement.AUTOMATIC)

    def _set_ambiguous_aside(self) -> None:
        """A record that matches two people equally well, who exclude each other, belongs to neither until told."""
        near: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for a, b in self._automatic():
            near[a].append((self.verdicts[a, b].weight, b))
            near[b].append((self.verdicts[a, b].weight, a))
        held = {index for pair in self.must for index in pair}
        for index, matches in sorted(near.items()):
            if index not in held and (rivals := self._rivals(matches)):
                self.ambiguous[index] = rivals
        for index in self.ambiguous:
            for _, other in near[index]:
                pair = (min(index, other), max(index, other))
                self.verdicts[pair] = replace(self.verdicts[pair], judgement=Judgement.LIKELY)

    def _rivals(self, matches: list[tuple[int, int]]) -> Pair | None:
        """Two of the best matches that exclude each other, or None."""
        best = max(weight for weight, _ in matches)
        close = sorted(other for weight, other in matches if weight > best - self.model.margin)
        for position, a in enumerate(close):
            for b in close[position + 1 :]:
                if self._known(a, b).conflict:
                    return a, b
        return None

    def _known(self, a: int, b: int) -> Verdict:
        pair = (min(a, b), max(a, b))
        return self.verdicts.get(pair) or self._judge(*pair, candidate=False)

    def _cluster(self, component: Sequence[int]) -> None:
        label = min(self.nodes[index].first.birth_id for index in component)
        groups: list[list[int]] = []
        for part, oversized in self._parts(component, self.model.automatic):
            groups += self._linked(part)
            if oversized:
                self._say(part[0], part[-1], "oversized", f"a component of {len(component)} distinct records was cut")
        inside = set(component)
        must = [pair for pair in self.must if pair[0] in inside]
        joined, refused = join_musts(groups, must, self.cannot)
        for group in joined:
            self._add_cluster(group, label)
        for a, b in refused:
            self._say(a, b, "conflict", "a merge was decided, but a later or stronger 'not the same' stands against it")

    def _parts(self, component: Sequence[int], threshold: int) -> list[tuple[list[int], bool]]:
        """The component, or, above the limit, what is left of it under ever stricter thresholds; never all of it."""
        if len(component) <= self.model.component_limit:
            return [(sorted(component), threshold > self.model.automatic)]
        inside = set(component)
        stricter = threshold + self.model.margin
        strong = [
            pair
            for pair in self._automatic()
            if pair[0] in inside and pair[1] in inside and self.verdicts[pair].weight >= stricter
        ]
        if not strong:
            return [([index], True) for index in sorted(component)]
        return [found for part in _connected(component, strong) for found in self._parts(part, stricter)]

    def _linked(self, part: list[int]) -> list[list[int]]:
        linkage = link_averages(len(part), lambda a, b: self._pairing(part[a], part[b]), self.model.likely)
        for a, b in linkage.refused:
            self._say(part[a], part[b], "conflict", "their match would join records that exclude each other")
        return [[part[position] for position in group] for group in linkage.groups]

    def _pairing(self, a: int, b: int) -> Pairing:
        verdict = self._known(a, b)
        return Pairing(verdict.weight, verdict.judgement is Judgement.AUTOMATIC, verdict.conflict)

    def _add_cluster(self, group: Sequence[int], label: str) -> None:
        members = sorted((entry for index in group for entry in self.nodes[index].entries), key=lambda one: one.key)
        self.partition.clusters.append(Cluster(anchor_of(members).birth_id, label, tuple(members)))

    def _keep_edges(self) -> None:
        for (a, b), verdict in sorted(self.verdicts.items()):
            if verdict.judgement is not Judgement.NONE:
                self.partition.edges.append(Edge(self.nodes[a].first, self.nodes[b].first, verdict))
        for node in self.nodes:
            if len(node.entries) > 1:
                same = judge(node.features, node.features, self.model)
                self.partition.edges.extend(Edge(node.first, other, same) for other in node.entries[1:])

    def _ask(self) -> None:
        """Open a question for every likely pair that ended in two contacts."""
        contact = {entry.birth_id: one.contact_id for one in self.partition.clusters for entry in one.members}
        for (a, b), verdict in sorted(self.verdicts.items()):
            apart = contact[self.nodes[a].first.birth_id] != contact[self.nodes[b].first.birth_id]
            if apart and verdict.judgement is Judgement.LIKELY:
                both = self.ambiguous.keys() & {a, b}
                kind = "ambiguous" if both else "possible_match"
                reason = "matches two people who exclude each other" if both else _reason(verdict)
                self._say(a, b, kind, reason)

    def _say(self, a: int, b: int, kind: str, reason: str) -> None:
        verdict = self._known(a, b)
        left, right = self.nodes[a].first, self.nodes[b].first
        self.partition.reviews.append(Review(left, right, kind, verdict.weight, reason))


def _reason(verdict: Verdict) -> str:
    return ", ".join(f"{one.field}: {one.level}" for one in verdict.comparisons)


def _connected(indexes: Iterable[int], pairs: Iterable[Pair]) -> list[list[int]]:
    """Connected components in stable order (union-find with path halving)."""
    parent = {index: index for index in indexes}

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for a, b in pairs:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for index in parent:
        groups[root(index)].append(index)
    return [sorted(groups[low]) for low in sorted(groups)]
