"""The addresses of a contact that may be written to at this moment: all that an automation elsewhere is given."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from hub.settings.settings import Settings
from hub.stages.bearing import borne_by
from hub.stages.consent import resolved
from hub.stages.homes import STORED

MARKETING = ("marketing", "*")


def sendable_addresses(db: Connection, settings: Settings, contact_id: str, now: datetime) -> dict[str, list[str]]:
    """By channel; every address with a no is left out, and so is one with a yes to a list or sender alone.

    Asked of the evidence itself: a no that has just come in counts, though no stage has looked at it yet.
    """
    borne = borne_by(db, STORED.of_contacts(db, [contact_id]))
    lines = sorted({line for own in borne.values() for line in own})
    states = resolved(db, settings, lines, now) if lines else {}
    found: dict[str, list[str]] = {}
    for channel, address in lines:
        state = states[channel, address].get(MARKETING)
        if state is not None and state.may_send:
            found.setdefault(channel, []).append(address)
    return found
