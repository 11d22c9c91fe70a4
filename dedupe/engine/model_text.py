"""A model as the text of its file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from dedupe.engine.weights import Model

_NUMBERS = ("prior", "prior_inside", "automatic", "likely", "floor", "strong_cap", "weak_cap", "margin", "limit")
_LISTS = ("excluding", "another", "unnamed")


def text_of(model: Model, said: Sequence[str]) -> str:
    """YAML that reads back as an equal model. `said`: lines of a comment at its top."""
    return "\n".join([*(f"# {_plain(line)}".rstrip() for line in said), *_lines(model), ""])


def _plain(line: str) -> str:
    """Without what would end the comment, or is no character of YAML."""
    return "".join(one if one.isprintable() else "?" for one in line)


def _lines(model: Model) -> Iterator[str]:
    yield f"version: {json.dumps(model.version)}"
    for name in _NUMBERS:
        yield f"{name}: {getattr(model, name)}"
    for name in _LISTS:
        yield f"{name}: {json.dumps(list(getattr(model, name)))}"
    yield "weights:"
    yield from _weights(model.weights, "  ")
    if model.contexts:
        yield "contexts:"
    for context, weights in model.contexts.items():
        yield f"  {context}:"
        yield from _weights(weights, "    ")


def _weights(weights: Mapping[str, Mapping[str, int]], indent: str) -> Iterator[str]:
    for name, levels in weights.items():
        yield f"{indent}{name}:"
        for level, weight in levels.items():
            yield f"{indent}  {json.dumps(level)}: {weight}"
