"""Reviewing in the terminal: one question after the other, with the queue and the keys of the Review page."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import typer
from rich.table import Table
from rich.text import Text

from hub.admin import words
from hub.admin.consent_words import CHANNELS, STATES
from hub.admin.review import claims
from hub.admin.review.answers import (
    APART,
    DECIDED,
    MERGE,
    SKIP,
    STALE,
    Given,
    answer,
    read_item,
    undo_last,
)
from hub.admin.review.claims import Reviewer
from hub.admin.review.page import SYMBOLS
from hub.cli.hub import Hub
from hub.cli.output import show_table, table, talk
from hub.queries.review_choice import KEYS as CHOICE_KEYS
from hub.queries.review_choice import LEFT, RIGHT
from hub.queries.review_pair import NoSuchPair, Pair, Row
from hub.queries.review_value import NoSuchValue, ValueAsked
from hub.stages.crowds import GOOD, SHARED
from hub.stages.order import derive

KEYS = "[m]erge  [x] keep apart  [1-9] whose value wins  [s]kip  [u]ndo  [q]uit"
VALUE_KEYS = "[m] it tells who somebody is  [x] they share it  [s]kip  [u]ndo  [q]uit"
PAIR_ANSWERS = {"m": MERGE, "x": APART, "s": SKIP}
VALUE_ANSWERS = {"m": GOOD, "x": SHARED, "s": SKIP}


def review_in_terminal(hub: Hub, name: str) -> None:
    """Ask until the queue is clear or the reviewer has enough; what is before them is given back then."""
    who = Reviewer(name, f"terminal-{secrets.token_hex(8)}")
    try:
        again = ""
        while item := again or _next(hub, who):
            again = _ask(hub, who, item)
            if again == QUIT:
                return
        talk.print("Queue clear.")
    finally:
        hub.store.write(lambda db: claims.let_all_go(db, who))


QUIT = "quit"


def _next(hub: Hub, who: Reviewer) -> str:
    found = hub.store.write(lambda db: claims.hold(db, who, set(), 1))
    return found[0] if found else ""


def _ask(hub: Hub, who: Reviewer, item: str) -> str:
    """One question; the item that is to be asked next, "" for the next of the queue, or QUIT."""
    with hub.store.read() as db:
        try:
            asked = read_item(db, hub.settings, item, masked=False)
        except (NoSuchPair, NoSuchValue):
            asked = None
    if asked is None:
        hub.store.write(lambda db: claims.let_go(db, item))
        return ""
    answers = PAIR_ANSWERS if isinstance(asked, Pair) else VALUE_ANSWERS
    _print(asked)
    choices: dict[str, str] = {}
    fields = _choosable(asked) if isinstance(asked, Pair) else {}
    for key in _keys():
        if key in fields:
            _flip(fields[key], choices)
        if key == "u":
            return _undo(hub, who) or item
        if key in answers:
            return _answer(hub, who, Given(item, answers[key], secrets.token_hex(16), asked.shown, choices=choices))
    return QUIT


def _choosable(pair: Pair) -> dict[str, Row]:
    """The fields of which the reviewer may choose whose value wins, by their keys."""
    return dict(zip(CHOICE_KEYS, [row for row in pair.rows if row.outcomes], strict=False))


def _flip(row: Row, choices: dict[str, str]) -> None:
    """From what the rules say to the left record's value, to the right one's, and back."""
    side = {"": LEFT, LEFT: RIGHT, RIGHT: ""}[choices.pop(row.field, "")]
    if side:
        choices[row.field] = side
    said = ", ".join(words.lines(row.field, list(row.outcomes[side] if side else row.result)))
    table.print(f"  {words.field_name(row.field)}: {said}{' (pinned with the merge)' if side else ''}", markup=False)


def _keys() -> Iterator[str]:
    """What is pressed, until the reviewer has enough."""
    while True:
        try:
            key = typer.getchar()
        except EOFError:
            return
        if key in ("", "q", "Q", "\x04"):
            return
        yield key.lower()


def _answer(hub: Hub, who: Reviewer, given: Given) -> str:
    outcome = hub.store.write(lambda db: answer(db, hub.settings, who, given))
    talk.print(outcome.told, markup=False)
    if outcome.word == DECIDED:
        derive(hub.store, hub.settings)
    return given.item if outcome.word == STALE else ""


def _undo(hub: Hub, who: Reviewer) -> str:
    """The question whose answer was taken back; "" where none was left."""
    undone = hub.store.write(lambda db: undo_last(db, who))
    if not undone:
        talk.print("There is nothing of this session left to undo: `hub undo NUMBER` takes back the rest.")
        return ""
    talk.print("Undone.")
    derive(hub.store, hub.settings)
    return undone[0].item


def _print(asked: Pair | ValueAsked) -> None:
    if isinstance(asked, ValueAsked):
        table.print(f"\n{asked.kind} {asked.value}", style="bold", markup=False)
        table.print(f"{asked.people} different people have it, so that it joins nobody.", markup=False)
        for one in asked.holders:
            table.print(f"  {one['name'] or one['email'] or one['id']}", markup=False)
        talk.print(VALUE_KEYS, markup=False)
        return
    left, right = asked.sides
    table.print(f"\n{left.source} and {right.source}, weight {asked.weight:+.1f}", style="bold", markup=False)
    why = [f"  {'+' if one.weight > 0 else '-'} {one.words}" for one in asked.weighed if one.weight]
    for line in (asked.telling, asked.news, *why):
        if line:
            table.print(line, markup=False)
    show_table(_beside(asked))
    table.print(f"If it is one person: {asked.consequences}", markup=False)
    talk.print(KEYS, markup=False)


def _beside(pair: Pair) -> Table:
    found = Table("field", "", *(side.source.partition(":")[0] for side in pair.sides), "as one contact")
    keys = {row.field: f"{key} " for key, row in _choosable(pair).items()}
    for row in pair.rows:
        said = (", ".join(words.lines(row.field, list(some))) for some in (row.left, row.right, row.result))
        cells = (keys.get(row.field, "") + words.field_name(row.field), SYMBOLS[row.relation][0], *said)
        found.add_row(*(Text(cell) for cell in cells))
    for one in pair.consents:
        told = f"{one.address}: {'IN' if one.may_send else 'OUT'} ({STATES.get(one.state, one.state)})"
        cells = (CHANNELS.get(one.channel, one.channel), "!", told * one.left, told * one.right, told)
        found.add_row(*(Text(cell) for cell in cells))
    return found
