"""The pages in the bar on top, in their order, and who is shown which."""

from __future__ import annotations

from hub.access.roles import Permission, Viewer

PAGES = (
    ("/", "Home", Permission.LOOK),
    ("/review", "Review", Permission.REVIEW),
    ("/contacts", "Contacts", Permission.LOOK),
    ("/runs", "Runs", Permission.LOOK),
    ("/quarantine", "Quarantine", Permission.LOOK),
    ("/outgoing", "Outgoing", Permission.LOOK),
    ("/settings", "Settings", Permission.LOOK),
)

SETTINGS = (
    ("/settings", "Yourself", Permission.LOOK),
    ("/settings/configuration", "Configuration", Permission.RUN),
    ("/settings/people", "People", Permission.PEOPLE),
    ("/settings/audit", "Audit", Permission.AUDIT),
    ("/settings/export", "Export", Permission.EXPORT),
)


def pages_for(viewer: Viewer, pages: tuple[tuple[str, str, Permission], ...] = PAGES) -> list[tuple[str, str]]:
    """Path and word of each page that this viewer may open."""
    return [(path, word) for path, word, permission in pages if viewer.may(permission)]


def settings_for(viewer: Viewer) -> list[tuple[str, str]]:
    """The pages within Settings."""
    return pages_for(viewer, SETTINGS)
