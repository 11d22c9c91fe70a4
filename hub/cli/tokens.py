"""The commands about tokens, the keys of programs: token add, list, revoke."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from pydantic_core import PydanticCustomError
from rich.table import Table

from hub.access.roles import Permission
from hub.admin import acts
from hub.cli.app import wants_json
from hub.cli.hub import open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, show_table, stop, table, talk
from hub.cli.who import me
from hub.settings.values import read_duration
from hub.users.tokens import CannotMakeToken, all_tokens, shown_scopes

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What the token is called, like the program.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    token = typer.Typer(help="Keys of programs that use the API.", no_args_is_help=True)
    token.command("add")(add_command)
    token.command("list")(list_command)
    token.command("revoke")(revoke_command)
    app.add_typer(token, name="token")


def _duration(text: str) -> timedelta:
    try:
        return read_duration(text)
    except PydanticCustomError as error:
        raise typer.BadParameter(f"{error.message()}: write 90d") from None


def add_command(
    context: typer.Context,
    name: NameArgument,
    scope: Annotated[list[Permission], typer.Option("--scope", help="What it may do; may be said several times.")],
    expires: Annotated[
        timedelta | None, typer.Option("--expires", parser=_duration, metavar="DURATION", help="After how long: 90d.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make a token and print it, this once: only its hash is kept."""
    now = datetime.now(UTC)
    until = None if expires is None else now + expires
    with open_hub(context) as hub:
        try:
            made = hub.store.write(lambda db: acts.make_token(db, me(), name, scope, now, until))
        except CannotMakeToken as error:
            stop(str(error), EXIT_USAGE)
    if wants_json(context, json):
        emit({"name": name, "token": made, "scopes": sorted(scope), "expires_at": until})
    else:
        table.print(made, markup=False, soft_wrap=True)
        talk.print("Keep it where the program finds it: it is not shown again.")


def list_command(context: typer.Context, json: JsonOption = False) -> None:
    """Every token there is or was, with what it may do and when it was used last."""
    now = datetime.now(UTC)
    with open_hub(context) as hub, hub.store.read() as db:
        rows = all_tokens(db)
    if wants_json(context, json):
        emit({"tokens": rows})
    elif not rows:
        talk.print("No tokens yet: hub token add NAME --scope look")
    else:
        show_table(_tokens(rows, now))


def _tokens(rows: list[dict[str, Any]], now: datetime) -> Table:
    shown = Table("name", "may", "state", "made by", "last used", box=None, pad_edge=False)
    for row in rows:
        used = f"{row['last_used_at']:%Y-%m-%d %H:%M} UTC" if row["last_used_at"] else "-"
        shown.add_row(row["name"], ", ".join(shown_scopes(row)), state_of(row, now), row["created_by"], used)
    return shown


def state_of(row: dict[str, Any], now: datetime) -> str:
    """Whether a token is in force, in a word or two."""
    if row["revoked_at"]:
        return "revoked"
    if row["expires_at"] is None:
        return "ok"
    return f"until {row['expires_at']:%Y-%m-%d}" if row["expires_at"] > now else "over"


def revoke_command(context: typer.Context, name: NameArgument, json: JsonOption = False) -> None:
    """End a token now and for ever."""
    with open_hub(context) as hub:
        try:
            hub.store.write(lambda db: acts.revoke_token(db, me(), name, datetime.now(UTC)))
        except CannotMakeToken as error:
            stop(str(error), EXIT_USAGE)
    if wants_json(context, json):
        emit({"name": name, "revoked": True})
    else:
        table.print(f"{name} opens nothing any more.", markup=False)
