"""What a run found gone from its source, and a person's answer to it: exactly what was shown is deleted, or nothing."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request

from hub.access.masking import mask_key
from hub.access.roles import Permission
from hub.admin.doors import viewer_in
from hub.admin.site import Site
from hub.jobs.gone import GoneMoved, NothingWaits, approve, deny, waiting_gone

APPROVE, DENY = "approve", "deny"


class NotAnswered(Exception):
    """Nothing was deleted; the text says why, as a sentence without its end."""


def gone_of(site: Site, request: Request, number: int) -> dict[str, Any] | None:
    """What waits for an answer, as `waiting_gone` tells it, its ids masked by role; None where nothing does."""
    found = waiting_gone(site.store, site.settings, number)
    if found is None or viewer_in(request).may(Permission.PERSONAL):
        return found
    return found | {"first": [mask_key(one) for one in found["first"]]}


def answer_gone(site: Site, request: Request, run: dict[str, Any], form: FormData) -> str:
    """`do` approve, exactly what `plan` names, or deny. What became of it, in a word.

    Raises NotAnswered, and AlreadyRunning while the stream is read.
    """
    do, plan, who = str(form.get("do", "")), str(form.get("plan", "")), viewer_in(request).name
    try:
        if do == APPROVE:
            approve(site.whole, site.settings, run["id"], plan, who)
        else:
            deny(site.whole, site.settings, run["id"], who)
    except NothingWaits:
        raise NotAnswered(f"nothing of this run waits for an answer{_before(run)}") from None
    except GoneMoved:
        raise NotAnswered("other records are gone now than those that were shown. Look again below") from None
    return "deleted" if do == APPROVE else "kept"


def _before(run: dict[str, Any]) -> str:
    """How it was answered, which the run's message says."""
    return f": {run['message']}" if run["message"] else ""
