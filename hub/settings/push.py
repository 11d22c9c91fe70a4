"""Whether a connection's `push:` asks only for what its connector can do and what segments.yaml knows."""

from __future__ import annotations

from collections.abc import Collection

from connectors.kit.connector import Connector
from connectors.kit.destination import Capabilities
from hub.settings.document import Document, Loc
from hub.settings.models import PushSettings
from hub.settings.values import suggest

LONGEST_TAG = 100
PREFIX = "tag:"


def check_push(
    document: Document,
    connector: Connector,
    capabilities: Capabilities,
    push: PushSettings,
    segments: Collection[str] | None,
) -> None:
    """Tell the document what is wrong. `segments` are the names there are; None when they cannot be told."""
    if connector.destination is None:
        if push.mode != "off":
            message = f"nothing can be pushed: {connector.kind} is only read"
            document.add("HUB-C038", message, ("push", "mode"), fix="remove `push:`, or write mode: off")
        return
    _check_channels(document, connector, capabilities, push)
    _check_tags(document, connector, capabilities, push)
    for name in push.segments:
        if segments is not None and name not in segments:
            hint = suggest(name, segments)
            message = f"there is no segment '{name}' in segments.yaml"
            document.add("HUB-C041", message, ("push", "segments", name), key=True, hint=hint)


def _check_channels(document: Document, connector: Connector, able: Capabilities, push: PushSettings) -> None:
    for place, channel in enumerate(push.consent):
        if channel not in able.consent:
            hint = f"it can be told: {', '.join(able.consent)}" if able.consent else "it takes no consent"
            message = f"{connector.kind} cannot be told consent on the channel '{channel}'"
            document.add("HUB-C039", message, ("push", "consent", place), hint=hint)


def _check_tags(document: Document, connector: Connector, able: Capabilities, push: PushSettings) -> None:
    if push.segments and not able.tags:
        message = f"{connector.kind} has no tags, so it takes no segments"
        document.add("HUB-C040", message, ("push", "segments"), key=True, fix="remove this line")
        return
    taken: dict[str, str] = {}
    for name, target in push.segments.items():
        loc: Loc = ("push", "segments", name)
        tag = target.removeprefix(PREFIX)
        if not target.startswith(PREFIX) or tag != tag.strip() or not 0 < len(tag) <= LONGEST_TAG:
            hint = f'write "tag:VIP", a name of 1 to {LONGEST_TAG} characters'
            document.add("HUB-C040", "a segment is pushed as a tag", loc, hint=hint)
        elif (other := taken.setdefault(tag.casefold(), name)) != name:
            message = f"segment '{other}' has this tag already: each would take away what the other adds"
            document.add("HUB-C040", message, loc, hint="choose another tag")
