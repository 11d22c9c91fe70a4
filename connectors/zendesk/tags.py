"""Single tags of users: added and removed, never the whole list, so that the account's other tags stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from connectors.kit.destination import Outcome, SegmentChange
from connectors.kit.errors import BadPayload, ConnectorError, Refused, VendorDown
from connectors.kit.http import Reply
from connectors.zendesk.api import Gone, ZendeskApi
from connectors.zendesk.rows import listed

Group = list[SegmentChange]


def write_tags(api: ZendeskApi, changes: Sequence[SegmentChange]) -> list[Outcome]:
    """One request per user and direction. Raises a ConnectorError only before anything was sent."""
    groups: dict[tuple[str, str], list[int]] = {}
    outcomes: dict[int, Outcome] = {}
    for place, change in enumerate(changes):
        if refusal := _unsendable(change):
            outcomes[place] = refusal
        else:
            groups.setdefault((change.record, change.wanted), []).append(place)
    for number, places in enumerate(groups.values()):
        try:
            told = _send(api, [changes[place] for place in places])
        except ConnectorError:
            if number == 0:
                raise
            break  # what stopped this request would stop the next one too, and none of them was applied
        outcomes.update(zip(places, told, strict=True))
        if told[0].status == "unknown":
            break
    waiting = Outcome("retry", "not sent: Zendesk had stopped answering before")
    return [outcomes.get(place, waiting) for place in range(len(changes))]


def _unsendable(change: SegmentChange) -> Outcome | None:
    if not (change.record.isascii() and change.record.isdigit()):
        return Outcome("not_held", "this is no id of a Zendesk user")
    if not change.tag or change.tag.split() != [change.tag]:
        return Outcome("rejected", "a Zendesk tag is one word: name the segment's tag without blanks")
    return None


def _send(api: ZendeskApi, group: Group) -> list[Outcome]:
    """Raises what says that nothing was applied: RateLimited, AuthError, ConfigError."""
    path = f"users/{group[0].record}/tags"
    body = {"tags": [change.tag for change in group]}
    call: Callable[[str, Any], Reply] = api.put if group[0].wanted == "add" else api.delete
    try:
        reply = call(path, body)
    except Gone:
        return [Outcome("not_held", "Zendesk has no such user")] * len(group)
    except Refused:
        return [Outcome("rejected", "Zendesk refuses the tag")] * len(group)
    except (VendorDown, BadPayload):
        return [Outcome("unknown", "Zendesk's answer was lost")] * len(group)
    held = _held(api, path, reply)
    return [_outcome(change, held) for change in group]


def _held(api: ZendeskApi, path: str, reply: Reply) -> set[str] | None:
    """The user's tags after the write, in lower case, as Zendesk keeps them; None where that cannot be learnt."""
    try:
        document = reply.json() if reply.content else api.get(path).json()
        return {str(tag).lower() for tag in listed(document, "tags")}
    except ConnectorError:
        return None


def _outcome(change: SegmentChange, held: set[str] | None) -> Outcome:
    if held is None:
        return Outcome("unknown", "Zendesk did not tell the user's tags after the write")
    if (change.tag.lower() in held) is (change.wanted == "add"):
        return Outcome("confirmed")
    return Outcome("rejected", "Zendesk's list of tags is not as asked: is the tagging of users switched on?")
