"""Two rules that need no scores: e-mail or telephone equal, with guards and without. Labels of clusters come out."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.people.draw import Yes, texts
from benchmarks.people.mailboxes import plain
from benchmarks.people.table import People, Texts, Whole

POPULAR = 10
"""A value held by more distinct (first, last) than this says nothing."""


def unguarded(people: People) -> Whole:
    """Who shares an e-mail address or a telephone number is one, and so is who shares one with any of them."""
    record, key = _holders(people)
    return components(len(people), record, len(people) + key)


def guarded(people: People) -> Whole:
    """Pairs that share a value which is not popular, have no different last names and no different first initials.

    Missing agrees with all; names are compared without case and accents. Pairs are joined transitively.
    """
    firsts = plain_names(people.first)
    last, first = codes(plain_names(people.last)), codes(firsts)
    letter = codes(texts([name[:1] for name in firsts.tolist()]))
    record, key = _holders(people)
    signature = last * (int(first.max()) + 1) + first
    order = np.lexsort((signature[record], key))
    record, key = record[order], key[order]
    held = signature[record]
    begins = np.ones(len(key), bool)
    begins[1:] = (key[1:] != key[:-1]) | (held[1:] != held[:-1])
    node = np.cumsum(begins) - 1
    node_key, node_record = key[begins], record[begins]
    good = np.bincount(node_key)[node_key] <= POPULAR
    kept = good[node]
    ones, others = _agreeing(node_key, last[node_record], letter[node_record], good)
    size = len(people)
    return components(
        size, np.concatenate([record[kept], size + ones]), np.concatenate([size + node[kept], size + others])
    )


def _agreeing(key: Whole, last: Whole, letter: Whole, good: Yes) -> tuple[Whole, Whole]:
    """Pairs of nodes of one key whose names do not disagree; nodes of a key stand side by side."""
    ones, others = [], []
    for step in range(1, POPULAR):
        a = np.flatnonzero(good[:-step] & (key[:-step] == key[step:]))
        b = a + step
        agree = _same_or_missing(last[a], last[b]) & _same_or_missing(letter[a], letter[b])
        ones.append(a[agree])
        others.append(b[agree])
    return np.concatenate(ones), np.concatenate(others)


def _same_or_missing(one: Whole, other: Whole) -> Yes:
    agrees: Yes = (one == other) | (one == 0) | (other == 0)
    return agrees


def _holders(people: People) -> tuple[Whole, Whole]:
    """Each value that a record holds: the record, and a number for the value; an e-mail is never a telephone."""
    emails, phones = codes(people.email), codes(people.phone)
    with_email, with_phone = np.flatnonzero(emails), np.flatnonzero(phones)
    keys = np.concatenate([emails[with_email], phones[with_phone] + int(emails.max())])
    return np.concatenate([with_email, with_phone]), keys


def codes(column: Texts) -> Whole:
    """A number for each distinct text; 0 for the missing."""
    known = {"": 0}
    return np.array([known.setdefault(text, len(known)) for text in column.tolist()], np.int64)


def plain_names(column: Texts) -> Texts:
    """Without case, accents and whatever is no letter or digit."""
    return texts([plain(text) for text in column.tolist()])


def components(size: int, ones: Whole, others: Whole) -> Whole:
    """For the first `size` nodes of the graph, the number of the component; edges may name nodes beyond them."""
    nodes = max(size, 1 + int(max(ones.max(initial=0), others.max(initial=0))))
    graph = coo_array((np.ones(len(ones), bool), (ones, others)), shape=(nodes, nodes))
    labels: Whole = connected_components(graph, directed=False)[1][:size].astype(np.int64)
    return labels
