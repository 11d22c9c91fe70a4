"""The commands of consent: show what is known of an address, record what a person said, list what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Connection

from hub.cli.app import wants_json
from hub.cli.consent_text import minute, print_consent
from hub.cli.finding import find_or_stop
from hub.cli.hub import Hub, open_hub
from hub.cli.output import EXIT_HELD, EXIT_USAGE, JsonOption, emit, stop, table, talk
from hub.cli.who import me
from hub.consent.events import EVERYTHING, Precision
from hub.queries.consent import consent_of, consent_of_contact, lines_of, overdue
from hub.record import CannotRecord, Statement, grant, lift, object_, suppress, withdraw
from hub.stages.ledger import Line
from hub.stages.order import derive
from mapping.normalise import NotNormal


class Action(StrEnum):
    WITHDRAW = "withdraw"
    GRANT = "grant"
    SUPPRESS = "suppress"
    LIFT = "lift"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    VOICE = "voice"


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    consent = typer.Typer(help="Who may be written to, and why.", no_args_is_help=True)
    consent.command("show")(show_command)
    consent.command("record")(record_command)
    consent.command("overdue")(overdue_command)
    app.add_typer(consent, name="consent")


AddressArgument = Annotated[str, typer.Argument(help="An e-mail or a phone.")]


def show_command(context: typer.Context, address: AddressArgument, json: JsonOption = False) -> None:
    """What is known of an address: may it be sent to, why, and who has been told."""
    with open_hub(context) as hub, hub.store.read() as db:
        document = _consent_or_stop(hub, db, address)
    if wants_json(context, json):
        emit(document)
    else:
        print_consent(document["address"], document["entries"], with_events=True)


def _consent_or_stop(hub: Hub, db: Connection, address: str) -> dict[str, Any]:
    try:
        return consent_of(db, hub.settings, address)
    except NotNormal as error:
        stop(f"{address!r} is no e-mail and no phone: {error}", EXIT_USAGE)


def record_command(
    context: typer.Context,
    address: Annotated[str | None, typer.Argument(help="An e-mail or a phone.")] = None,
    action: Annotated[Action | None, typer.Option("--action", help="What the person said.")] = None,
    objector: Annotated[
        str | None, typer.Option("--object", help="Instead of an address: the contact (any KEY) who objects to all.")
    ] = None,
    channel: Annotated[Channel | None, typer.Option("--channel", help="Of a phone; all unless told.")] = None,
    at: Annotated[str, typer.Option("--at", help="When it was said: an ISO time, or a date.")] = "",
    method: Annotated[str, typer.Option("--method", help="How: form, agent, link, checkbox, legal, …")] = "",
    wording: Annotated[str, typer.Option("--wording", help="What the person agreed to, word for word.")] = "",
    evidence: Annotated[str, typer.Option("--evidence", help="Where the proof is.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Of a suppression or a lift.")] = "",
    event: Annotated[str, typer.Option("--event", help="The id of the stop that a lift ends.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who records it; your user name unless told.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What it is about; * for everything.")] = "marketing",
    brand: Annotated[str, typer.Option("--brand", help="Which brand; * for all.")] = EVERYTHING,
    json: JsonOption = False,
) -> None:
    """Record a person's own statement. A no needs nothing but the address; a yes needs its proof."""
    with open_hub(context) as hub:
        moment, precision, zone = _moment(at, hub.settings.hub.timezone)
        said = Statement(by or me(), moment, precision, zone, method, wording, evidence, reason, purpose, brand)
        if objector is not None:
            if address is not None or action is not None:
                stop("--object KEY stands instead of an address and an --action", EXIT_USAGE)
            document = _object(hub, objector, said, wants_json(context, json))
        else:
            if address is None or action is None:
                stop("record takes an address and an --action, or --object KEY", EXIT_USAGE)
            document = _record(hub, address, action, _Target(channel, event, bool(by)), said)
    if wants_json(context, json):
        emit(document)
        return
    for one in document.get("consent", [document]):
        print_consent(one["address"], one["entries"])
    talk.print("Recorded. hub push tells it to the destinations at once; the next sync does so too.")


@dataclass(frozen=True, slots=True)
class _Target:
    """What else a statement is aimed at: one channel of a phone, one stop to lift; `named`: --by was said."""

    channel: Channel | None
    event: str
    named: bool


def _moment(text: str, zone: str) -> tuple[datetime | None, Precision, str]:
    """A bare date is a day of the hub's time zone, and so is a time without one."""
    if not text:
        return None, "second", ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return datetime(day.year, day.month, day.day, tzinfo=UTC), "date", zone
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        stop(f"--at takes a date or an ISO time such as 2026-11-01 or 2026-11-01T09:30:00Z, not {text!r}", EXIT_USAGE)
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC), "second", ""


def _record(hub: Hub, address: str, action: Action, target: _Target, said: Statement) -> dict[str, Any]:
    try:
        lines = _lines(hub, address, target.channel)
        ids = hub.store.write(lambda db: _keep(db, lines, action, target, said))
    except CannotRecord as error:
        stop(str(error), EXIT_USAGE)
    derive(hub.store, hub.settings)
    with hub.store.read() as db:
        return {"recorded": ids, **_consent_or_stop(hub, db, address)}


def _lines(hub: Hub, address: str, channel: Channel | None) -> list[Line]:
    try:
        _, lines = lines_of(address, hub.settings.hub.region)
    except NotNormal as error:
        raise CannotRecord(f"{address!r} is no e-mail and no phone: {error}") from None
    if channel is None:
        return lines
    if not (chosen := [line for line in lines if line[0] == channel]):
        raise CannotRecord(f"{address} is no address for {channel.value}")
    return chosen


def _keep(db: Connection, lines: Sequence[Line], action: Action, target: _Target, said: Statement) -> list[str]:
    match action:
        case Action.WITHDRAW:
            return withdraw(db, lines, said)
        case Action.SUPPRESS:
            return suppress(db, lines, said)
        case Action.GRANT if len(lines) == 1:
            return grant(db, lines[0], said)
        case Action.GRANT:
            raise CannotRecord("a yes is for one channel of a phone: --channel sms, whatsapp or voice")
        case Action.LIFT:
            return lift(db, lines, target.event, said, target.named)


def _object(hub: Hub, key: str, said: Statement, as_json: bool) -> dict[str, Any]:
    with hub.store.read() as db:
        contact_id = find_or_stop(hub, db, key, as_json).contact_id
    try:
        ids = hub.store.write(lambda db: object_(db, contact_id, said))
    except CannotRecord as error:
        stop(str(error), EXIT_USAGE)
    derive(hub.store, hub.settings)
    with hub.store.read() as db:
        return {"recorded": ids, "contact_id": contact_id, "consent": consent_of_contact(db, hub.settings, contact_id)}


def overdue_command(context: typer.Context, json: JsonOption = False) -> None:
    """Opt-outs that have not arrived somewhere although their time is over."""
    with open_hub(context) as hub, hub.store.read() as db:
        found = overdue(db, hub.settings, datetime.now(UTC))
    if wants_json(context, json):
        emit({"overdue": found})
    else:
        _print_overdue(found)
    if found:
        stop(f"{len(found)} opt-outs are overdue", EXIT_HELD)
    talk.print("Every opt-out that is due has arrived.")


def _print_overdue(found: list[dict[str, Any]]) -> None:
    for one in found:
        told = f"{one['address']} ({one['channel']}) at {one['destination']} {one['record']}: {one['status']}"
        table.print(f"{minute(one['due_at'])}  {told}, known since {minute(one['since'])}", markup=False)
