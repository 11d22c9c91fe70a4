"""How commands find the contact that a key names, and end when there is none or more than one."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import Connection

from hub.cli.hub import Hub
from hub.cli.output import EXIT_HELD, emit, stop
from hub.queries.find import Found, NotFound, SeveralFound, find

EXIT_NO_SINGLE_MATCH = EXIT_HELD

KeyArgument = Annotated[str, typer.Argument(help="A contact id, an e-mail, a phone, or connection:stream:external_id.")]


def find_or_stop(hub: Hub, db: Connection, key: str, as_json: bool) -> Found:
    """The contact with this key; ends the command with exit 1 when there is none, or more than one."""
    try:
        return find(db, key, hub.settings.hub.region)
    except NotFound as error:
        message, matches = str(error), []
    except SeveralFound as error:
        message, matches = f"{key} leads to several contacts: {', '.join(error.matches)}", error.matches
    if as_json:
        emit({"matches": matches})
    return stop(message, EXIT_NO_SINGLE_MATCH)
