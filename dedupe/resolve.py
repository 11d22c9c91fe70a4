"""The resolver: a set of records becomes clusters, judged pairs and questions for people.

Law: the result is a pure function of the set of records, the links and the model. Neither the order of arrival nor
the split into batches can be seen in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, product

from dedupe.features import Entry, Form, anchor_of
from dedupe.judgement import Judgement, Verdict, exclude_each_other, judge
from dedupe.linkage import Linkage, Pairing, link_averages
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
        self.barred = links.barred()
        self.must = self._indexes(links.must)
        self.cannot = frozenset(self._indexes(sorted(links.cannot)))
        self.verdicts: dict[Pair, Verdict] = {}
        self.told = {index for pair in self.must for index in pair}
        self.ambiguous: dict[int, list[int]] = {}
        self.parted: list[Pair] = []
        self.partition = Partition()

    def run(self) -> Partition:
        self._judge_candidates()
        everyone, automatic = range(len(self.nodes)), self._automatic()
        crowds, components = _connected(everyone, automatic), _connected(everyone, [*automatic, *self.must])
        self._set_ambiguous_aside()
        # By the records first: a merge then joins the whole contacts that a person saw.
        groups, refused = join_musts(self._clusters(crowds), self.must, self.cannot)
        groups, _ = join_musts(groups, self._no_longer_ambiguous(groups), self.cannot)
        self._add_clusters(components, groups)
        self._keep_edges()
        self._ask(groups, refused)
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
        found = chain.from_iterable(self._worth_comparing(indexes) for indexes in holders.values())
        for pair in chain(found, self.cannot, self.must):
            if pair not in self.verdicts:
                self.verdicts[pair] = self._judge(*pair)

    def _worth_comparing(self, indexes: list[int]) -> Iterator[Pair]:
        """The pairs of one key's holders. Namesakes on one key match whatever else they say: each is compared with
        the first of them alone, or a crowd of them would cost its square.
        """
        namesakes: dict[object, list[int]] = defaultdict(list)
        for index in indexes:
            namesakes[self._namesake_label(index)].append(index)
        for same in namesakes.values():
            yield from ((same[0], other) for other in same[1:])
        for some, others in combinations(namesakes.values(), 2):
            yield from ((min(pair), max(pair)) for pair in product(some, others))

    def _namesake_label(self, index: int) -> object:
        """The form, where it has a whole name and no person has said who else this is not; else the node itself."""
        node = self.nodes[index]
        told = any(entry.birth_id in self.barred for entry in node.entries)
        return node.features.form if node.features.first and node.features.last and not told else index

    def _judge(self, a: int, b: int) -> Verdict:
        left, right = self.nodes[a], self.nodes[b]
        verdict = judge(left.features, right.features, self.model, candidate=not left.keys.isdisjoint(right.keys))
        if (a, b) in self.cannot:
            return replace(verdict, judgement=Judgement.APART, conflict=True)
        return verdict

    def _automatic(self) -> list[Pair]:
        return sorted(pair for pair, verdict in self.verdicts.items() if verdict.judgement is Judgement.AUTOMATIC)

    def _set_ambiguous_aside(self) -> None:
        """A record that matches two people equally well, who exclude each other, belongs to neither until told."""
        near: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for a, b in self._automatic():
            near[a].append((self.verdicts[a, b].weight, b))
            near[b].append((self.verdicts[a, b].weight, a))
        barred: dict[int, set[int]] = defaultdict(set)
        for a, b in self.cannot:
            barred[a].add(b)
            barred[b].add(a)
        for index, matches in near.items():
            best = max(weight for weight, _ in matches)
            close = [other for weight, other in matches if weight > best - self.model.margin]
            if rivals := self._rivals(close, barred):
                self.ambiguous[index] = rivals
        for index in self.ambiguous:
            for _, other in near[index]:
                pair = (min(index, other), max(index, other))
                self.verdicts[pair] = replace(self.verdicts[pair], judgement=Judgement.LIKELY)

    def _rivals(self, close: list[int], barred: Mapping[int, Set[int]]) -> list[int]:
        """Those who exclude another one of them. Many records have few forms, so forms are compared, not records."""
        forms = {self.nodes[index].features.form: self.nodes[index].features for index in close}
        rival_forms: set[Form] = set()
        for one, other in combinations(forms.values(), 2):
            if exclude_each_other(one, other):
                rival_forms |= {one.form, other.form}
        inside = set(close)
        return [
            index
            for index in close
            if self.nodes[index].features.form in rival_forms or not inside.isdisjoint(barred.get(index, ()))
        ]

    def _clusters(self, crowds: list[list[int]]) -> list[list[int]]:
        """What the records alone say, crowd by crowd; notes the matches that did not come about."""
        pairs = _by_part(crowds, self._automatic())
        groups: list[list[int]] = []
        for crowd, inside in zip(crowds, pairs, strict=True):
            if len(crowd) > self.model.component_limit:
                self._say(crowd[0], crowd[-1], "oversized", f"a component of {len(crowd)} distinct records was cut")
            for part in self._parts(crowd, inside, self.model.automatic):
                linkage = self._link(part)
                groups += [[part[position] for position in group] for group in linkage.groups]
                self.parted += [(part[a], part[b]) for a, b in linkage.apart]
        return groups

    def _parts(self, crowd: list[int], pairs: Sequence[Pair], threshold: int) -> list[list[int]]:
        """The crowd, or, above the limit, what is left of it under ever stricter thresholds; never all of it."""
        if len(crowd) <= self.model.component_limit:
            return [crowd]
        stricter = threshold + self.model.margin
        strong = [pair for pair in pairs if self.verdicts[pair].weight >= stricter]
        if not strong:
            return [[index] for index in crowd]
        parts = _connected(crowd, strong)
        inside = _by_part(parts, strong)
        return [found for part, some in zip(parts, inside, strict=True) for found in self._parts(part, some, stricter)]

    def _link(self, part: Sequence[int]) -> Linkage:
        def pairing(a: int, b: int) -> Pairing:
            verdict = self._known(part[a], part[b])
            return Pairing(verdict.weight, verdict.judgement is Judgement.AUTOMATIC, verdict.conflict)

        return link_averages(len(part), pairing, self.model.likely)

    def _known(self, a: int, b: int) -> Verdict:
        return self.verdicts.get((a, b)) or self._judge(a, b)

    def _no_longer_ambiguous(self, groups: Sequence[Sequence[int]]) -> list[Pair]:
        """Links for the records set aside whose rivals have since been made one by a person."""
        home = _places(groups)
        rivals = sorted(self.ambiguous.items())
        return [(index, min(those)) for index, those in rivals if len({home[one] for one in those}) == 1]

    def _add_clusters(self, components: Iterable[Sequence[int]], groups: Iterable[Sequence[int]]) -> None:
        label: dict[int, str] = {}
        for component in components:
            label |= dict.fromkeys(component, min(self.nodes[index].first.birth_id for index in component))
        for group in groups:
            members = sorted((entry for index in group for entry in self.nodes[index].entries), key=lambda one: one.key)
            self.partition.clusters.append(Cluster(anchor_of(members).birth_id, label[group[0]], tuple(members)))

    def _keep_edges(self) -> None:
        merged = set(self.must)
        for pair, verdict in sorted(self.verdicts.items()):
            if pair in merged:
                verdict = replace(verdict, judgement=Judgement.MERGED, conflict=False)
            if verdict.judgement is not Judgement.NONE:
                self.partition.edges.append(Edge(self.nodes[pair[0]].first, self.nodes[pair[1]].first, verdict))
        for node in self.nodes:
            if len(node.entries) > 1:
                same = judge(node.features, node.features, self.model)
                self.partition.edges.extend(Edge(node.first, other, same) for other in node.entries[1:])

    def _ask(self, groups: Sequence[Sequence[int]], refused: Iterable[Pair]) -> None:
        """Open a question for every match, likely pair and merge that ended in two contacts."""
        home = _places(groups)
        for pair in self.parted:
            if home[pair[0]] != home[pair[1]]:
                self._say(*pair, "conflict", "they match, but the records that each of them belongs with do not")
        for pair in refused:
            if home[pair[0]] != home[pair[1]]:
                self._say(*pair, "conflict", "a merge was decided, but a later or stronger 'not the same' forbids it")
        likely = (pair for pair, verdict in self.verdicts.items() if verdict.judgement is Judgement.LIKELY)
        for pair in sorted(likely):
            if home[pair[0]] != home[pair[1]]:
                self._ask_about_likely(pair)

    def _ask_about_likely(self, pair: Pair) -> None:
        set_aside = self.ambiguous.keys() & set(pair)
        verdict = self.verdicts[pair]
        if not set_aside:
            self._say(*pair, "conflict" if verdict.conflict else "possible_match", _reason(verdict))
        elif not set_aside & self.told:
            self._say(*pair, "ambiguous", "matches two people who exclude each other")

    def _say(self, a: int, b: int, kind: str, reason: str) -> None:
        left, right = self.nodes[a].first, self.nodes[b].first
        self.partition.reviews.append(Review(left, right, kind, self._known(a, b).weight, reason))


def _reason(verdict: Verdict) -> str:
    return ", ".join(f"{field}: {level}" for field, level, _ in verdict.levels)


def _places(parts: Iterable[Iterable[int]]) -> dict[int, int]:
    """The number of the part that each index is in."""
    return {index: number for number, part in enumerate(parts) for index in part}


def _by_part(parts: Sequence[Sequence[int]], pairs: Iterable[Pair]) -> list[list[Pair]]:
    """The pairs, each of which lies in one part, part by part."""
    found: list[list[Pair]] = [[] for _ in parts]
    place = _places(parts)
    for pair in pairs:
        found[place[pair[0]]].append(pair)
    return found


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
