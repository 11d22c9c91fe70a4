"""The commands about users of the pages: user add, list, role, disable, enable, link, sign-out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table
from sqlalchemy import Connection

from hub.access.roles import Role
from hub.admin import acts
from hub.admin.sessions import make_link
from hub.cli.app import wants_json
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_USAGE, JsonOption, emit, show_table, stop, table, talk
from hub.cli.who import me
from hub.users.accounts import CannotChangeUser

T = TypeVar("T")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]
RoleOption = Annotated[Role, typer.Option("--role", help="viewer, reviewer, operator or admin.")]
UrlOption = Annotated[str, typer.Option("--url", help="Where their browser finds the pages.")]

AT = "http://127.0.0.1:8448"
"""Where `hub up` serves the pages unless told otherwise."""


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    user = typer.Typer(help="Who may use the pages, and what for.", no_args_is_help=True)
    user.command("add")(add_command)
    user.command("list")(list_command)
    user.command("role")(role_command)
    user.command("disable")(disable_command)
    user.command("enable")(enable_command)
    user.command("link")(link_command)
    user.command("sign-out")(sign_out_command)
    app.add_typer(user, name="user")


def add_command(
    context: typer.Context, name: NameArgument, role: RoleOption, url: UrlOption = AT, json: JsonOption = False
) -> None:
    """Add a user, and print a link behind which they choose their password."""

    def work(db: Connection, by: str, now: datetime) -> None:
        acts.add_user(db, by, name, role, now)
        acts.note_link(db, by, name, now)

    with open_hub(context) as hub:
        _done(hub, work)
        _tell_link(context, hub, name, url, json)


def link_command(context: typer.Context, name: NameArgument, url: UrlOption = AT, json: JsonOption = False) -> None:
    """Print a link that signs a user in once, for who forgot the password: they may choose another behind it."""
    with open_hub(context) as hub:
        _done(hub, lambda db, by, now: acts.note_link(db, by, name, now))
        _tell_link(context, hub, name, url, json)


def _tell_link(context: typer.Context, hub: Hub, name: str, url: str, json: bool) -> None:
    link = make_link(hub.store, url, user_name=name)
    if wants_json(context, json):
        emit({"user": name, "sign_in_url": link})
    else:
        table.print(f"For {name} alone: {link}   (works once, for 15 minutes)", markup=False, soft_wrap=True)


def list_command(context: typer.Context, json: JsonOption = False) -> None:
    """Every user, with role and open sessions."""
    with open_hub(context) as hub, hub.store.read() as db:
        rows = acts.everybody(db, datetime.now(UTC))
    if wants_json(context, json):
        emit({"users": rows})
    elif not rows:
        talk.print("No users yet: hub user add NAME --role admin")
    else:
        show_table(_users(rows))


def _users(rows: list[dict[str, Any]]) -> Table:
    shown = Table("name", "role", "state", "sessions", "last seen", box=None, pad_edge=False)
    for row in rows:
        state = "disabled" if row["disabled_at"] else "ok" if row["has_password"] else "no password yet"
        seen = f"{row['last_seen_at']:%Y-%m-%d %H:%M} UTC" if row["last_seen_at"] else "-"
        shown.add_row(row["name"], row["role"], state, str(row["sessions"]), seen)
    return shown


def role_command(
    context: typer.Context,
    name: NameArgument,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="viewer, reviewer, operator or admin.")],
    json: JsonOption = False,
) -> None:
    """Change what a user may do; their sessions end, and they sign in anew."""
    with open_hub(context) as hub:
        _done(hub, lambda db, by, now: acts.change_role(db, by, name, role, now))
    _tell(context, json, {"user": name, "role": role.value}, f"{name} is {role.value} now.")


def disable_command(context: typer.Context, name: NameArgument, json: JsonOption = False) -> None:
    """Let a user in no more; what they did stays written down."""
    with open_hub(context) as hub:
        _done(hub, lambda db, by, now: acts.disable(db, by, name, now))
    _tell(context, json, {"user": name, "disabled": True}, f"{name} is disabled, and signed out everywhere.")


def enable_command(context: typer.Context, name: NameArgument, json: JsonOption = False) -> None:
    """Let a disabled user in again."""
    with open_hub(context) as hub:
        _done(hub, lambda db, by, now: acts.enable(db, by, name, now))
    _tell(context, json, {"user": name, "disabled": False}, f"{name} may sign in again.")


def sign_out_command(context: typer.Context, name: NameArgument, json: JsonOption = False) -> None:
    """End every session of a user."""
    with open_hub(context) as hub:
        ended = _done(hub, lambda db, by, now: acts.sign_out(db, by, name, now))
    _tell(context, json, {"user": name, "sessions": ended}, f"{ended} sessions of {name} ended.")


def _done(hub: Hub, work: Callable[[Connection, str, datetime], T]) -> T:
    """Do it in one transaction as whoever is at this terminal; ends the command when it cannot be."""
    try:
        return hub.store.write(lambda db: work(db, me(), datetime.now(UTC)))
    except CannotChangeUser as error:
        stop(str(error), EXIT_USAGE)


def _tell(context: typer.Context, json: bool, document: dict[str, Any], told: str) -> None:
    if wants_json(context, json):
        emit(document)
    else:
        table.print(told, markup=False)
