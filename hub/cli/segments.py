"""The commands that look at segments: list and preview."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.app import wants_json
from hub.cli.hub import open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, stop, table, talk
from hub.queries.segments import NoSuchSegment, segment_preview, segments_list
from hub.stages.consent import consent_all
from hub.stages.segment import segment_all


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    segments = typer.Typer(help="Who is in which segment.", no_args_is_help=True)
    segments.command("list")(list_command)
    segments.command("preview")(preview_command)
    app.add_typer(segments, name="segments")


def list_command(context: typer.Context, json: JsonOption = False) -> None:
    """The segments, how many are in each, who came and went within a week, and where they are pushed."""
    with open_hub(context) as hub:
        consent_all(hub.store, hub.settings)
        segment_all(hub.store, hub.settings)
        with hub.store.read() as db:
            found = segments_list(db, hub.settings)
    if wants_json(context, json):
        emit({"segments": found})
        return
    if not found:
        talk.print("No segments: write segments.yaml into the configuration folder.")
    for one in found:
        where = ", ".join(f"{name} as {tag}" for name, tag in one["targets"].items())
        moved = f"+{one['entered']} -{one['left']} in a week"
        told = f"{one['name']:<20} {one['members']:>7}  {moved}  {one['title']}"
        table.print(f"{told}  ({where or 'pushed nowhere'})", markup=False)


def preview_command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The segment's name.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many members to show.")] = 50,
    json: JsonOption = False,
) -> None:
    """Who is in a segment by the rules as they are written now, and who of them may be sent to."""
    with open_hub(context) as hub:
        consent_all(hub.store, hub.settings)
        segment_all(hub.store, hub.settings)
        with hub.store.read() as db:
            try:
                found = segment_preview(db, hub.settings, name, limit)
            except NoSuchSegment as error:
                stop(str(error), EXIT_USAGE)
    if wants_json(context, json):
        emit(found)
        return
    for one in found["members"]:
        may = "may be sent to" if one["may_send"] else "may not be sent to"
        table.print(f"{one['contact_id']}  {one['name']}  {one['email']}  {one['phone']}  {may}", markup=False)
    counts = found["counts"]
    table.print(f"{counts['members']} in {name}, {counts['may_send']} of them may be sent to ({found['channel']})")
