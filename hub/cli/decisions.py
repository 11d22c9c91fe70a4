"""The commands by which people decide: merge, apart, split, value shared, value good, contacts pin, undo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated

import typer
from sqlalchemy import Connection, select

from hub.cli.app import wants_json
from hub.cli.consequences_text import plain, print_consequences
from hub.cli.finding import EXIT_NO_SINGLE_MATCH, KeyArgument, find_or_stop
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, stop, table
from hub.cli.who import me
from hub.decide import CannotDecide, apart, confirm, merge, named_in, pin, say_of_value, split, undo
from hub.queries.consequences.preview import preview_apart, preview_confirming, preview_merge, preview_split
from hub.queries.consequences.told import Consequences
from hub.queries.find import NotFound
from hub.queries.parts import sayings
from hub.queries.values import find_value
from hub.stages.crowds import GOOD, SHARED
from hub.stages.land import landed
from hub.stages.order import derive
from hub.stages.reading import members
from hub.store.sql import among

MOST_LISTED = 5
"""How many contacts are listed before and after a decision; more are counted."""

_HOMES = (
    select(landed.c.birth_id, members.c.contact_id)
    .join(members, members.c.record_id == landed.c.id)
    .where(among(landed.c.birth_id, "births"))
)

ByOption = Annotated[str, typer.Option("--by", help="Who decides; your user name unless told.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Tell what it would lead to, and decide nothing.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for those who ask later.")]
ValueArgument = Annotated[str, typer.Argument(help="An e-mail address, a phone number, or like loyalty=4711.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("merge")(merge_command)
    app.command("apart")(apart_command)
    app.command("split")(split_command)
    app.command("undo")(undo_command)
    value = typer.Typer(help="Say of a value that many hold whether it tells who they are.", no_args_is_help=True)
    value.command("shared")(shared_command)
    value.command("good")(good_command)
    app.add_typer(value, name="value")


def merge_command(
    context: typer.Context,
    left: KeyArgument,
    right: KeyArgument,
    reason: ReasonOption = "",
    by: ByOption = "",
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Decide that two contacts are one person. It can be undone for ever.

    Of two records of one contact: that they are one person, whatever they say.
    """
    as_json, author = wants_json(context, json), _author(by)
    with open_hub(context) as hub:
        with hub.store.read() as db:
            a, b = (find_or_stop(hub, db, key, as_json) for key in (left, right))
        if a.contact_id == b.contact_id and a.record_id and b.record_id:
            records = a.record_id, b.record_id
            if dry_run:
                return _foretell(hub, lambda db: preview_confirming(db, hub.settings, *records), as_json)
            return _decide(hub, lambda db: confirm(db, *records, author, reason), as_json)
        if dry_run:
            return _foretell(hub, lambda db: preview_merge(db, hub.settings, a.contact_id, b.contact_id), as_json)
        return _decide(hub, lambda db: merge(db, a.contact_id, b.contact_id, author, reason), as_json)


def apart_command(
    context: typer.Context,
    left: KeyArgument,
    right: KeyArgument,
    reason: ReasonOption = "",
    by: ByOption = "",
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Decide that two contacts are two people, now and later. It can be undone for ever."""
    as_json = wants_json(context, json)
    with open_hub(context) as hub:
        with hub.store.read() as db:
            a, b = (find_or_stop(hub, db, key, as_json).contact_id for key in (left, right))
        if dry_run:
            return _foretell(hub, lambda db: preview_apart(db, hub.settings, a, b), as_json)
        return _decide(hub, lambda db: apart(db, a, b, _author(by), reason), as_json)


def split_command(
    context: typer.Context,
    record: Annotated[list[str], typer.Argument(help="Records as connection:stream:external_id.")],
    reason: ReasonOption = "",
    by: ByOption = "",
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Decide that these records of a contact are somebody else. It can be undone for ever."""
    as_json = wants_json(context, json)
    with open_hub(context) as hub:
        with hub.store.read() as db:
            found = [find_or_stop(hub, db, key, as_json) for key in record]
        record_ids = [one.record_id for one in found if one.record_id is not None]
        if len(record_ids) < len(record):
            stop("split takes records as connection:stream:external_id, not contacts", EXIT_USAGE)
        if dry_run:
            return _foretell(hub, lambda db: preview_split(db, hub.settings, record_ids), as_json)
        return _decide(hub, lambda db: split(db, record_ids, _author(by), reason), as_json)


def shared_command(
    context: typer.Context, value: ValueArgument, reason: ReasonOption = "", by: ByOption = "", json: JsonOption = False
) -> None:
    """Say that several people share a value: it joins nobody. It can be undone for ever."""
    _say(context, value, SHARED, reason, _author(by), wants_json(context, json))


def good_command(
    context: typer.Context, value: ValueArgument, reason: ReasonOption = "", by: ByOption = "", json: JsonOption = False
) -> None:
    """Say that a value tells who somebody is, although many hold it. It can be undone for ever."""
    _say(context, value, GOOD, reason, _author(by), wants_json(context, json))


def _say(context: typer.Context, text: str, verdict: str, reason: str, author: str, as_json: bool) -> None:
    with open_hub(context) as hub:
        with hub.store.read() as db:
            try:
                kind, value = find_value(db, text, hub.settings.hub.region)
            except NotFound as error:
                stop(str(error), EXIT_NO_SINGLE_MATCH)
        said = {"kind": kind, "value": value, "verdict": verdict}
        _decide(hub, lambda db: say_of_value(db, kind, value, verdict, author, reason), as_json, said)


def pin_command(
    context: typer.Context,
    key: KeyArgument,
    field: Annotated[str, typer.Argument(help="A field as `hub contacts show` names it, like job_title.")],
    value: Annotated[str, typer.Argument(help="One of the values that the contact's records say.")],
    reason: ReasonOption = "",
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Pin a golden field to what a record says: it wins over every rule; in a list it comes first."""
    as_json = wants_json(context, json)
    with open_hub(context) as hub:
        with hub.store.read() as db:
            said = sayings(db, find_or_stop(hub, db, key, as_json).contact_id, field)
        found = [(record, one) for record, one in said if plain(one).casefold() == value.strip().casefold()]
        if not found:
            there = ", ".join(dict.fromkeys(plain(one) for _, one in said)) or "nothing"
            stop(f"no record of the contact says {value!r} of {field}; they say: {there}", EXIT_USAGE)
        record, chosen = found[0]
        told = {"kind": field, "value": plain(chosen), "verdict": "pinned"}
        _decide(hub, lambda db: pin(db, record, field, chosen, _author(by), reason), as_json, told)


def undo_command(
    context: typer.Context,
    decision: Annotated[int, typer.Argument(help="The decision's number.")],
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Revoke a decision: everything is as if it had never been made."""

    def work(db: Connection) -> int:
        undo(db, decision, _author(by))
        return decision

    with open_hub(context) as hub:
        _decide(hub, work, wants_json(context, json), is_undone=True)


def _author(by: str) -> str:
    return by or me()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The contacts of the records that a decision names, by birth id, before it and after."""

    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def changed(self) -> int:
        """How many contacts have other records than before, of those that the decision names."""
        one, other = _contents(self.before), _contents(self.after)
        return sum(one.get(contact) != other.get(contact) for contact in one.keys() | other.keys())


def _contents(homes: Mapping[str, str]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for birth_id, contact_id in homes.items():
        found[contact_id].add(birth_id)
    return found


def _foretell(hub: Hub, preview: Callable[[Connection], Consequences], as_json: bool) -> None:
    """Tell what a decision would lead to."""
    try:
        with hub.store.read() as db:
            document = preview(db).as_json()
    except CannotDecide as error:
        stop(str(error), EXIT_USAGE)
    if as_json:
        emit({"dry_run": True, **document})
    else:
        print_consequences(document)


def _decide(
    hub: Hub, work: Callable[[Connection], int], as_json: bool, said: Mapping[str, str] = {}, is_undone: bool = False
) -> None:
    """Write a decision down (`work` gives its number), resolve what it names, and tell what became of it."""

    def decided(db: Connection) -> tuple[int, dict[str, str]]:
        number = work(db)
        return number, _homes(db, number)

    try:
        number, before = hub.store.write(decided)
    except CannotDecide as error:
        stop(str(error), EXIT_USAGE)
    derive(hub.store, hub.settings)
    with hub.store.read() as db:
        outcome = _Outcome(before, _homes(db, number))
    if as_json:
        lists = {"before": sorted(set(outcome.before.values())), "after": sorted(set(outcome.after.values()))}
        emit({"decision": number, **said, **lists, "changed": outcome.changed})
    else:
        table.print(_told(number, outcome, said, is_undone), markup=False)


def _told(number: int, outcome: _Outcome, said: Mapping[str, str], is_undone: bool) -> str:
    of_value = " of {kind} {value}, {verdict}".format_map(said) if said else ""
    way = f"{_listed(outcome.before.values())} -> {_listed(outcome.after.values())}"
    changed = {0: "no contact changed", 1: "1 contact changed"}.get(
        outcome.changed, f"{outcome.changed} contacts changed"
    )
    end = " is undone" if is_undone else ""
    hint = "" if is_undone else f"   (hub undo {number})"
    return f"decision {number}{of_value}{end}: {way}, {changed}{hint}"


def _listed(contacts: Collection[str]) -> str:
    different = sorted(set(contacts))
    return ", ".join(different) if len(different) <= MOST_LISTED else f"{len(different)} contacts"


def _homes(db: Connection, number: int) -> dict[str, str]:
    """By birth id, the contact of each record that a decision names."""
    return {row.birth_id: row.contact_id for row in db.execute(_HOMES, {"births": named_in(db, number)})}
