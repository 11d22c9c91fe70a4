"""First names that are forms of one another: short forms, spellings, and the few that cross a language."""

from __future__ import annotations

from dedupe.names.data_files import lines_of

_NONE: frozenset[str] = frozenset()


def _forms() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in lines_of("nicknames.txt"):
        whole = frozenset(line)
        for name in line:
            found[name] = found.get(name, _NONE) | whole
    return found


_FORMS = _forms()


def forms_of(name: str) -> frozenset[str]:
    """All forms of a folded first name, itself included: of kate, katherine and kathy; of pat, patricia's and
    patrick's. Empty for a name that is in no class."""
    return _FORMS.get(name, _NONE)
