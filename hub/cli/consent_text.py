"""Consent as text: the entries of an address, for consent show and contacts show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hub.cli.output import table
from hub.consent.events import EVERYTHING


def print_consent(address: str, entries: list[dict[str, Any]], with_events: bool = False) -> None:
    """The entries of one address, with where it is held; `with_events` adds what happened."""
    for one in entries:
        table.print(f"{address}  {_state(one)}", markup=False)
        for place in one["destinations"]:
            then = place["wanted"] and f"; to be told {place['wanted']}"
            held = place["withheld"] and f"; withheld: {place['withheld']}"
            where = " ".join(part for part in (place["destination"], place["record"]) if part)
            table.print(f"    {where}: {place['words']}{then}{held}", markup=False)
        if with_events:
            _print_history(one)


def _state(one: dict[str, Any]) -> str:
    reach = [part for part in (one["purpose"], one["brand"]) if part not in ("marketing", EVERYTHING)]
    may = "may be sent to" if one["may_send"] else "may not be sent to"
    due = f", must be everywhere by {minute(one['due_at'])}" if one["due_at"] else ""
    late = ", OVERDUE" if one["overdue"] else ""
    since = f" since {minute(one['at'])}" if one["at"] else ""
    return f"{' '.join([one['channel'], *reach])}: {may} ({one['reason']}), {one['state']}{since}{due}{late}"


def _print_history(one: dict[str, Any]) -> None:
    for event in one["events"]:
        said = " ".join(part for part in (event["action"], event["value"], event["method"]) if part)
        who = " ".join(part for part in (event["source"], event["record"], event["scope"], event["actor"]) if part)
        echo = ", our own write" if event["echo_of"] else ""
        table.print(
            f"    {minute(event['occurred_at'] or event['observed_at'])}  {said} ({who}{echo})  {event['id']}",
            markup=False,
        )
    for sent in one["deliveries"]:
        late = ", OVERDUE" if sent["overdue"] else ""
        where = " ".join(part for part in (sent["destination"], sent["record"]) if part)
        told = f"{where} told {sent['wanted']}: {sent['status']}{late}  {sent['message']}".rstrip()
        table.print(f"    {minute(sent['at'])}  {told}", markup=False)


def minute(moment: datetime | None) -> str:
    return "not yet" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
