"""The commands that look at people: contacts show, contacts search, explain."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.app import wants_json
from hub.cli.consent_text import minute, print_consent
from hub.cli.consequences_text import plain
from hub.cli.decisions import pin_command
from hub.cli.finding import EXIT_NO_SINGLE_MATCH, KeyArgument, find_or_stop
from hub.cli.how_text import print_explanation, print_steps
from hub.cli.hub import open_hub
from hub.cli.output import JsonOption, emit, stop, table
from hub.queries.contact import show
from hub.queries.explain import explain
from hub.queries.search import search


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    contacts = typer.Typer(help="Look at contacts, and pin their fields.", no_args_is_help=True)
    contacts.command("show")(show_command)
    contacts.command("search")(search_command)
    contacts.command("pin")(pin_command)
    app.add_typer(contacts, name="contacts")
    app.command("explain")(explain_command)


def show_command(
    context: typer.Context,
    key: KeyArgument,
    how: Annotated[bool, typer.Option("--how", help="Add the steps that built the contact.")] = False,
    json: JsonOption = False,
) -> None:
    """Everything known of one contact, each field with its source."""
    as_json = wants_json(context, json)
    with open_hub(context) as hub, hub.store.read() as db:
        document = show(db, hub.settings, find_or_stop(hub, db, key, as_json).contact_id, how)
    if as_json:
        emit(document)
    else:
        _print_contact(document)


def _print_contact(document: dict[str, Any]) -> None:
    table.print(document["id"], style="bold")
    for name, field in document["golden"].items():
        for one in field.get("values", [field]):
            lost = f", {len(one['others'])} other" if one["others"] else ""
            table.print(f"  {name:<14} {plain(one['value'])}   ({one['source']}, {one['rule']}{lost})", markup=False)
    for entry in document["consent"]:
        print_consent(f"  {entry['address']}", [entry])
    for segment in document["segments"]:
        table.print(
            f"  in segment {segment['name']} ({segment['title']}) since {minute(segment['entered_at'])}", markup=False
        )
    for event in document["timeline"]:
        table.print(f"  {event['at']}  {_happened(event)}  ({event['source']})", markup=False)
    for question in document["review"]:
        table.print(f"  to review: {question['kind']} with {question['with']}: {question['reason']}", markup=False)
    print_steps(document.get("how", ()))


_TELLING = {
    "order": ("number", "total", "currency", "status"),
    "ticket": ("number", "status", "subject", "satisfaction"),
    "message": ("direction", "channel", "text"),
}
LONGEST_LINE = 80


def _happened(event: dict[str, Any]) -> str:
    """What a thing on the timeline was, in one line."""
    told = " ".join(str(event[name]) for name in _TELLING[event["kind"]] if event.get(name))
    line = " ".join(f"{event['kind']} {told}".split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def search_command(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(help="Words of a name, an e-mail, a phone, an id.")],
    json: JsonOption = False,
) -> None:
    """Contacts whose names, addresses or ids begin with what you type, or are one slip away from it."""
    with open_hub(context) as hub, hub.store.read() as db:
        found = search(db, " ".join(text))
    if wants_json(context, json):
        emit({"contacts": found})
    else:
        for row in found:
            table.print(f"{row['id']}  {row['name']}  {row['email']}  {row['phone']}", markup=False)
    if not found:
        stop("no match", EXIT_NO_SINGLE_MATCH)


def explain_command(context: typer.Context, left: KeyArgument, right: KeyArgument, json: JsonOption = False) -> None:
    """Why two records are, or are not, one person."""
    as_json = wants_json(context, json)
    with open_hub(context) as hub, hub.store.read() as db:
        found = [find_or_stop(hub, db, key, as_json) for key in (left, right)]
        document = explain(db, found[0], found[1], hub.settings.model)
    if as_json:
        emit(document)
    else:
        print_explanation(document)
