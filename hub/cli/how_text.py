"""How the terminal tells why records are one contact or two: a line for each thing that counts, with its weight."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hub.admin.words import JUDGEMENTS
from hub.cli.consent_text import minute
from hub.cli.output import table

BEFORE = "before anything is compared"


def print_steps(steps: Iterable[dict[str, Any]]) -> None:
    """The steps that built a contact."""
    for step in steps:
        if step["step"] == "match":
            judged = JUDGEMENTS[step["judgement"]]
            _line("  ", step["weight"], f"{step['left']} and {step['right']}: {judged}")
            _print_weights("          ", step)
        else:
            table.print(f"  {_decision(step)}", markup=False)


def print_explanation(document: dict[str, Any]) -> None:
    """Why two records are, or are not, one person."""
    verb = "are one contact" if document["one_contact"] else "are two contacts"
    table.print(f"{document['left']} and {document['right']} {verb}.", markup=False)
    table.print(document["reason"], markup=False)
    _print_weights("  ", document)
    judged = document["judgement"]
    _line("  ", document["weight"], f"together; judgement: {judged} ({JUDGEMENTS[judged]})")
    if len(document["path"]) > 2:
        table.print(f"  joined through {' = '.join(document['path'])}", markup=False)


def _print_weights(margin: str, judged: dict[str, Any]) -> None:
    _line(margin, judged["weight"] - sum(one["weight"] for one in judged["comparisons"]), BEFORE)
    for one in sorted(judged["comparisons"], key=lambda one: -abs(one["weight"])):
        _line(margin, one["weight"], f"{one['words']}{_sides(one)}")
    for told in judged["not_used"]:
        table.print(f"{margin}        {told}", markup=False)


def _line(margin: str, weight: float, told: str) -> None:
    table.print(f"{margin}{weight:+6.1f}  {told}", markup=False)


def _sides(one: dict[str, Any]) -> str:
    """What was compared, where the words do not show it."""
    shown = one["words"].casefold()
    unseen = any(side.replace("=", " ", 1).casefold() not in shown for side in (one["left"], one["right"]))
    return f"   [{one['left'] or '-'} | {one['right'] or '-'}]" if unseen else ""


def _decision(step: dict[str, Any]) -> str:
    what = f"{step['step']} {step['about']}".strip()
    reason = f": {step['reason']}" if step["reason"] else ""
    undone = " (undone)" if step["undone"] else ""
    return f"decision {step['decision']}, {minute(step['at'])}: {what} by {step['author']}{undone}{reason}"
