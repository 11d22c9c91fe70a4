"""The Settings page of what is in force: each value with its file and line, and what the doctor says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from threading import Lock
from typing import Any

import orjson
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.site import Site
from hub.settings.load import read
from hub.settings.problems import render_one
from hub.settings.show import Entry, effective
from hub.watch.doctor import examine
from hub.watch.finding import Finding


def doors(site: Site) -> list[BaseRoute]:
    configuration = Configuration(site)
    return [
        site.doors.look("/settings/configuration", configuration.show, "configuration", Permission.RUN),
        site.doors.act("/settings/configuration", configuration.check, "check_now", Permission.RUN),
    ]


@dataclass(slots=True)
class _Checked:
    """What the doctor said last in this process, and when; one looks at a time."""

    at: datetime | None = None
    findings: list[Finding] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The files as they are now; a running hub works with what it read when it started."""

    site: Site
    checked: _Checked = field(default_factory=_Checked)

    def show(self, request: Request) -> Response:
        reading = read(self.site.settings.folder)
        entries = effective(reading, reading.settings) if reading.settings else []
        return self.site.page(
            request,
            "settings_configuration",
            groups=_grouped(entries),
            problems=[render_one(problem) for problem in reading.problems],
            checked=self.checked,
        )

    def check(self, request: Request, _form: FormData) -> Response:
        with self.checked.lock:
            self.checked.findings = list(examine(self.site.settings.folder))
            self.checked.at = self.site.now()
        return self.site.to(request, "configuration", "#doctor")


def _grouped(entries: list[Entry]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Values below the file or connection that they belong to."""
    return [(name, [_shown(one, name) for one in group]) for name, group in groupby(entries, _group)]


def _group(entry: Entry) -> str:
    parts = entry.key.split(".")
    return ".".join(parts[:2]) if parts[0] == "connections" else parts[0]


def _shown(entry: Entry, group: str) -> dict[str, Any]:
    value = entry.value if isinstance(entry.value, str) else orjson.dumps(entry.value, default=str).decode()
    return {"key": entry.key.removeprefix(f"{group}."), "value": value, "origin": entry.origin}
