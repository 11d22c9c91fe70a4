"""How the pages say what is known of consent: states, reasons, evidence and deliveries in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CHANNELS = {
    "email": "E-mail",
    "sms": "Text messages",
    "whatsapp": "WhatsApp",
    "voice": "Calls",
    "push": "Push messages",
    "post": "Letters",
}

STATES = {
    "granted": "said yes",
    "inferred": "no word, but a customer",
    "pending": "asked to confirm, no answer yet",
    "withdrawn": "said no",
    "unknown": "never said anything",
}

REASONS = {
    "granted": "the person said yes and has not taken it back",
    "inferred": "the person bought lately, which the policy takes for a yes",
    "pending": "the person was asked to confirm and has not done so",
    "withdrawn": "the person said no, and no later yes is proven",
    "unknown": "nobody knows of a yes",
    "expired": "the yes is too old",
    "mixed": "the person complained at another address of theirs",
    "hold": "something that may be a no waits for a person to read it",
    "objection": "the person objected to being contacted at all",
    "complaint": "the person complained of spam",
    "hard_bounce": "messages to the address come back for good",
    "invalid": "the address is not valid",
    "manual": "somebody blocked the address at the vendor",
    "legal": "there is a legal reason",
    "dncr": "the number is on the do-not-call register",
    "erased": "the person had their data erased",
    "never_contact": "the policy forbids to write to this domain",
}

WITHHELD = {
    "grants_off": "a yes is never written there",
    "blocked_there": "the destination itself blocks the address",
    "unknown_there": "nobody knows what the destination says",
    "asked_there": "the person was asked to confirm there and has not answered yet",
    "no_of_their_own": "the destination shows a no that is not ours",
    "vendor_locked": "only the person can lift the no there",
    "under_way": "it is under way",
    "rejected": "the destination refused it for good",
    "unsupported": "the destination cannot be told this",
    "dead": "given up after many tries",
    "evidence_changed": "the evidence says something else by now",
    "optouts_first": "opt-outs have to arrive there first",
    "sources_stale": "a source that may know of a no was not read lately",
    "no_address": "the record has no address on this channel",
}
"""Why a difference is not sent. What keeps somebody out of a segment is told by a state's reason instead."""

WAITING = {
    "mode": "sends nothing without a person",
    "first": "the first yeses and tags need a person",
    "guard": "more changes than the guard lets through",
}

STATUSES = {
    "queued": "waits to be sent",
    "sent": "sent, not answered yet",
    "accepted": "accepted, not applied yet",
    "confirmed": "arrived",
    "rejected": "refused for good",
    "vendor_locked": "locked there",
    "not_held": "not known there",
    "unsupported": "cannot be told there",
    "unknown": "nobody knows whether it arrived",
    "dead": "given up",
    "superseded": "no longer needed",
}

WANTED = {"in": "opt in", "out": "opt out", "add": "add the tag", "remove": "remove the tag"}

SHOWN = {
    "in": "yes",
    "out": "no",
    "blocked": "blocked",
    "asked": "asked, no answer yet",
    "never": "nothing was ever said",
    "unknown": "not known",
    "absent": "not shown",
    "": "nothing",
    "tagged": "tagged",
}

METHODS = {
    "form": "a form",
    "double_opt_in": "a form, confirmed by e-mail",
    "checkbox": "a ticked box",
    "keyword": "a keyword by text",
    "link": "a link in a message",
    "one_click": "one click in the mail program",
    "list_unsub": "the mail program's unsubscribe",
    "complaint": "a spam complaint",
    "bounce": "a bounce",
    "agent": "told to an agent",
    "import": "an import or a copied state",
    "sync_state": "a state that was read",
    "legal": "a legal request",
}

_SUPPRESSED = {
    "hard_bounce": "messages come back for good",
    "complaint": "complained of spam",
    "invalid": "the address is not valid",
    "manual": "blocked by somebody there",
    "legal": "blocked for a legal reason",
    "dncr": "on the do-not-call register",
    "erased": "erased",
}
_HELD = {
    "perhaps_a_no": "wrote something that may be a no: held until a person has read it",
    "unreadable_state": "shows a state that nobody can read: held",
}


def why_not_sent(code: str) -> str:
    """Of a withheld difference, whether the gate or the person's own state speaks against it."""
    return WITHHELD.get(code) or REASONS.get(code, code)


def happened(event: Mapping[str, Any]) -> str:
    """What one piece of evidence says, in words."""
    value: str = event["value"]
    match event["action"]:
        case "grant":
            return "bought, which may be taken for a yes" if event["basis"] == "inferred" else "said yes"
        case "pending":
            return "was asked to confirm"
        case "withdraw":
            return _no(event)
        case "object":
            return "objected to being contacted at all"
        case "suppress":
            return _SUPPRESSED.get(value, value)
        case "hold":
            return _HELD.get(value, "something that may be a no: held")
        case "lift":
            return f"ended: {_SUPPRESSED.get(value, value)}"
        case "state_observed":
            return "shows nothing" if value == "unknown" else f"shows {STATES.get(value, value)}"
        case other:
            return str(other)


def _no(event: Mapping[str, Any]) -> str:
    if event["value"] == "refused":
        return "the gateway refused a message: it holds a no"
    return "shows a no" if event["method"] in ("sync_state", "import", "") else "said no"


def lock(scope: str, channel: str) -> str:
    """ "locked at newsletter until the person subscribes there again": `scope` is "connection/list or sender"."""
    again = "writes START to it" if channel in ("sms", "whatsapp") else "subscribes there again"
    return f"locked at {scope.partition('/')[0]} until the person {again}"
