"""What Mailchimp's error replies mean, where the status alone does not say it."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.kit.errors import AuthError, BadPayload, ConfigError, Refused
from connectors.kit.http import Reply

SEGMENT = re.compile(r"/segments/[0-9]+/members$")

WRONG_DATA_CENTRE = (
    "the API key belongs to another Mailchimp data centre: correct api_key, whose end names it, or base_url"
)
BLOCKED = "Mailchimp has blocked this account for compliance: its owner must talk to Mailchimp"


class SegmentGone(Refused):
    """The segment was deleted after it was listed."""


def judge_for(audience: str) -> Callable[[Reply], None]:
    """A judge of replies for one audience. Raises ConfigError, AuthError or SegmentGone, else leaves it to the status.

    The vendor's own `detail` is never repeated: it may hold an address.
    """

    def judge(reply: Reply) -> None:
        if reply.ok:
            return
        if reply.status == 404 and SEGMENT.search(reply.url):
            raise SegmentGone("the tag was deleted at Mailchimp while it was read")
        if reply.status == 404:
            raise ConfigError(
                f"Mailchimp has no audience {audience} in this account: correct `audience`, the 10-character id in the "
                "audience's settings"
            )
        title = _title(reply)
        if title == "WrongDatacenter":
            raise ConfigError(WRONG_DATA_CENTRE)
        if title == "ComplianceRelated":
            raise AuthError(BLOCKED)

    return judge


def _title(reply: Reply) -> str:
    """The title of a problem document; "" for any other body."""
    try:
        document = reply.json()
    except BadPayload:
        return ""
    return str(document.get("title", "")) if isinstance(document, dict) else ""
