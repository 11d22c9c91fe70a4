"""How `--dry-run` tells people what a decision would lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.cli.output import table

NOTHING = "nothing"


def print_consequences(document: Mapping[str, Any]) -> None:
    """Print the document of a preview; of what stays as it is only the golden values."""
    table.print(document["sentence"], style="bold", markup=False)
    for line in _lines(document):
        table.print(f"  {line}", markup=False)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    contacts = document["contacts"]
    yield f"contacts: {', '.join(contacts['before'])} -> {', '.join(contacts['after'])}"
    for one in document["fields"]:
        yield _field(one)
    for one in document["consent"]:
        if one["changed"]:
            reach = f"{one['channel']} {one['address']} {one['purpose']} {one['brand']}"
            yield f"consent {reach}: {_state(one['before'])} -> {_state(one['after'])}"
    for one in document["segments"]:
        if one["change"]:
            yield f"{one['contact_id']} {one['change']} {one['segment']} ({one['title']})"
    yield from _operations(document["operations"])
    if document["contacts_left_out"]:
        yield f"{document['contacts_left_out']} more contacts share an address whose consent changes: not looked at"
    if not document["settled"]:
        yield "something waits to be derived: more may change than this (`hub sync` works it off)"


def _operations(operations: Mapping[str, Any]) -> Iterator[str]:
    for name, said in (("new", "would be sent"), ("no_longer", "would not be sent any more")):
        for one in operations[name]:
            yield f"{said}: {_operation(one)} ({one['reason']})"
    for one in operations["withheld"]:
        yield f"would differ and be withheld: {_operation(one)} ({one['reason']})"
    if operations["anyway"]:
        yield f"would be sent anyway: {operations['anyway']}"


def _operation(one: Mapping[str, Any]) -> str:
    who = one["external_id"] or one["address"]
    return f"{one['destination']} {who} {one['field']}: {one['old'] or NOTHING} -> {one['new']}"


def _field(one: Mapping[str, Any]) -> str:
    sides = " | ".join(_listed(side["values"]) for side in one["before"])
    after = _listed([kept["value"] for kept in one["after"]])
    way = f"{sides} -> {after}" if one["changed"] else after
    why = f"   ({one['after'][0]['source']}, {one['after'][0]['rule']})" if one["after"] else ""
    return f"{one['field']:<14} {way}{why}"


def _listed(values: list[Any]) -> str:
    return ", ".join(plain(value) for value in values) or NOTHING


def plain(value: Any) -> str:
    """A golden value in one line."""
    if isinstance(value, dict):
        return str(value.get("full") or value.get("value") or ", ".join(str(part) for part in value.values() if part))
    return str(value)


def _state(state: Mapping[str, Any]) -> str:
    may = "may be sent" if state["may_send"] else "may not be sent"
    return f"{state['state']}, {may} ({state['reason']})"
