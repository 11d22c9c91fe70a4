"""What Mailchimp's error replies mean, where the status alone does not say it."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.kit.errors import AuthError, BadPayload, ConfigError, Refused
from connectors.kit.http import Reply

SEGMENT = re.compile(r"/segments/[0-9]+/members$")
MEMBER = re.compile(r"/members/[^/]+(?:/tags)?$")

WRONG_DATA_CENTRE = (
    "the API key belongs to another Mailchimp data centre: correct api_key, whose end names it, or base_url"
)
BLOCKED = "Mailchimp has blocked this account for compliance: its owner must talk to Mailchimp"
LOCKED = {
    "Member In Compliance State": "the person unsubscribed, complained or bounced there: Mailchimp lets only the "
    "person subscribe again, by a form or a confirmation mail",
    "Forgotten Email Not Subscribed": "the member was deleted there for good: only the person can come back, by a form",
}
"""By the title of a 400: what only the person can change."""


class SegmentGone(Refused):
    """The segment was deleted after it was listed."""


class MemberGone(Refused):
    """The audience has no such member; nor perhaps is there such an audience."""


class MemberLocked(Refused):
    """Only the person can change this status."""


def judge_for(audience: str) -> Callable[[Reply], None]:
    """A judge of replies for one audience: raises ConfigError, AuthError or a Refused, else leaves it to the status.

    The vendor's own `detail` is never repeated: it may hold an address.
    """

    def judge(reply: Reply) -> None:
        if reply.ok:
            return
        if reply.status == 404:
            _judge_404(reply, audience)
        title = _title(reply)
        if title == "WrongDatacenter":
            raise ConfigError(WRONG_DATA_CENTRE)
        if title == "ComplianceRelated":
            raise AuthError(BLOCKED)
        if reply.status == 400 and MEMBER.search(reply.url):
            _judge_refused_member(title)

    return judge


def _judge_404(reply: Reply, audience: str) -> None:
    if SEGMENT.search(reply.url):
        raise SegmentGone("the tag was deleted at Mailchimp while it was read")
    if MEMBER.search(reply.url):
        raise MemberGone("the audience has no such member")
    raise ConfigError(
        f"Mailchimp has no audience {audience} in this account: correct `audience`, the 10-character id in the "
        "audience's settings"
    )


def _judge_refused_member(title: str) -> None:
    if title in LOCKED:
        raise MemberLocked(f"{LOCKED[title]} ({title})")
    raise Refused(f"Mailchimp refuses this for the member: {title or 'it does not say why'}")


def _title(reply: Reply) -> str:
    """The title of a problem document; "" for any other body."""
    try:
        document = reply.json()
    except BadPayload:
        return ""
    return str(document.get("title", "")) if isinstance(document, dict) else ""
