"""survivorship.yaml: which of several values a contact keeps, field by field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, get_args

from dedupe.survivorship import LISTS, SINGLE, STANDARD, Policy, Rule, RuleKind
from hub.settings.document import Document, Loc
from hub.settings.validation import tell_unknown_key
from hub.settings.values import suggest

RULES: tuple[RuleKind, ...] = get_args(RuleKind)
FIELDS = tuple(sorted((*SINGLE, *LISTS, "custom")))
LIST_FIELDS = frozenset(LISTS)


def read_survivorship(document: Document | None, data: Any, connections: Collection[str]) -> Policy:
    """What is wrong is told to the document; without one, the built-in rules."""
    fields, default = dict(STANDARD.fields), STANDARD.default
    if document is not None and isinstance(data, dict):
        reader = _Reader(document, connections)
        for key in data.keys() - {"fields", "default"}:
            tell_unknown_key(document, (key,), ["fields", "default"])
        fields |= reader.fields(data.get("fields"))
        default = reader.rules(data.get("default", "most_recent"), ("default",))
    return Policy(fields, default)


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Document
    connections: Collection[str]

    def fields(self, data: Any) -> dict[str, tuple[Rule, ...]]:
        if data is None or self.document.is_broken(("fields",)):
            return {}
        if not isinstance(data, dict):
            self.document.add("HUB-C005", "'fields' must be a mapping of field: rule", ("fields",))
            return {}
        return {name: self.rules(value, ("fields", name)) for name, value in data.items() if self._known(name)}

    def _known(self, name: str) -> bool:
        if name in FIELDS:
            return True
        loc = ("fields", name)
        if name in ("consent", "consents"):
            message = "consent is not chosen by survivorship: the hub decides it from all evidence"
            self.document.add("HUB-C023", message, loc, key=True, fix="remove this line")
        else:
            tell_unknown_key(self.document, loc, list(FIELDS))
        return False

    def rules(self, data: Any, loc: Loc) -> tuple[Rule, ...]:
        if self.document.is_broken(loc):
            return ()
        items = list(enumerate(data)) if isinstance(data, list) else [(None, data)]
        if not items:
            self.document.add("HUB-C030", "a list of rules needs at least one rule", loc)
        found = [self._rule(item, loc if index is None else (*loc, index)) for index, item in items]
        rules = tuple(rule for rule in found if rule is not None)
        self._no_union_of_one(rules, loc)
        return rules

    def _rule(self, data: Any, loc: Loc) -> Rule | None:
        if isinstance(data, dict) and list(data) == ["trusted_source"]:
            return self._trusted(data["trusted_source"], (*loc, "trusted_source"))
        if data == "trusted_source":
            self.document.add("HUB-C030", "trusted_source needs its connections", loc, hint="trusted_source: [shop]")
            return None
        for kind in RULES:
            if data == kind:
                return Rule(kind)
        if not self.document.is_broken(loc):
            word = data if isinstance(data, str) else next(iter(data), "") if isinstance(data, dict) else ""
            hint = suggest(str(word), RULES) or f"rules: {', '.join(RULES)}"
            self.document.add("HUB-C030", "this is not a survivorship rule", loc, hint=hint)
        return None

    def _trusted(self, data: Any, loc: Loc) -> Rule | None:
        if not isinstance(data, list) or not data or not all(isinstance(name, str) for name in data):
            self.document.add("HUB-C030", "trusted_source needs a list of connections", loc, hint="write [shop]")
            return None
        for index, name in enumerate(data):
            if name not in self.connections:
                hint = suggest(name, self.connections)
                self.document.add("HUB-C031", f"there is no connection '{name}'", (*loc, index), hint=hint)
        return Rule("trusted_source", tuple(data))

    def _no_union_of_one(self, rules: tuple[Rule, ...], loc: Loc) -> None:
        single = loc[-1] not in LIST_FIELDS
        if single and any(rule.kind == "union" for rule in rules):
            message = f"'union' is for lists; '{loc[-1]}' has one value"
            self.document.add("HUB-C030", message, loc, hint=f"lists: {', '.join(sorted(LIST_FIELDS))}")
