"""The commands by which people decide: merge, split, undo."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, select

from hub.cli.app import wants_json
from hub.cli.contacts import KeyArgument, find_or_stop
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, stop, table
from hub.decide import CannotDecide, merge, named_in, split, undo
from hub.stages.land import landed
from hub.stages.order import derive
from hub.stages.reading import members

ByOption = Annotated[str, typer.Option("--by", help="Who decides; your user name unless told.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for those who ask later.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command("merge")(merge_command)
    app.command("split")(split_command)
    app.command("undo")(undo_command)


def merge_command(
    context: typer.Context,
    left: KeyArgument,
    right: KeyArgument,
    reason: ReasonOption = "",
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Decide that two contacts are one person. It can be undone for ever."""
    as_json = wants_json(context, json)
    with open_hub(context) as hub:
        with hub.store.read() as db:
            a, b = (find_or_stop(hub, db, key, as_json).contact_id for key in (left, right))
        number = _decide(lambda db: merge(db, a, b, _author(by), reason), hub)
        _tell(hub, number, [a, b], as_json)


def split_command(
    context: typer.Context,
    record: Annotated[list[str], typer.Argument(help="Records as connection:stream:external_id.")],
    reason: ReasonOption = "",
    by: ByOption = "",
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
        number = _decide(lambda db: split(db, record_ids, _author(by), reason), hub)
        _tell(hub, number, [found[0].contact_id], as_json)


def undo_command(
    context: typer.Context,
    decision: Annotated[int, typer.Argument(help="The decision's number.")],
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Revoke a decision: everything is as if it had never been made."""
    with open_hub(context) as hub:
        with hub.store.read() as db:
            before = _contacts_of(db, named_in(db, decision))
        _decide(lambda db: undo(db, decision, _author(by)), hub)
        _tell(hub, decision, before, wants_json(context, json))


def _author(by: str) -> str:
    return by or getpass.getuser()


def _decide(work: Any, hub: Hub) -> int:
    try:
        number: int = hub.store.write(work)
    except CannotDecide as error:
        stop(str(error), EXIT_USAGE)
    derive(hub.store, hub.settings)
    return number


def _tell(hub: Hub, number: int, before: Iterable[str], as_json: bool) -> None:
    with hub.store.read() as db:
        after = _contacts_of(db, named_in(db, number))
    before = sorted(set(before))
    if as_json:
        emit({"decision": number, "before": before, "after": after})
    else:
        table.print(f"decision {number}: {', '.join(before)} -> {', '.join(after)}   (hub undo {number})", markup=False)


def _contacts_of(db: Connection, birth_ids: Iterable[str]) -> list[str]:
    query = (
        select(members.c.contact_id)
        .join(landed, landed.c.id == members.c.record_id)
        .where(landed.c.birth_id.in_(sorted(birth_ids)))
        .distinct()
    )
    return sorted(db.execute(query).scalars())
