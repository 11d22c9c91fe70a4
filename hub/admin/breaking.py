"""Breaking something, in the demo alone: a button on Home, and what one then watches recover."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.access.roles import Permission
from hub.admin.doors import viewer_in
from hub.admin.site import Site
from hub.audit import note


def doors(site: Site) -> list[BaseRoute]:
    return [site.doors.act("/break", Breaking(site).act, "break", Permission.RUN)]


@dataclass(frozen=True, slots=True)
class Breaking:
    site: Site

    def act(self, request: Request, form: FormData) -> Response:
        name = str(form.get("what", ""))
        found = next((one for one in self.site.breaks or () if one.name == name), None)
        if found is None:
            return self.site.error(request, 404, "There is nothing of that name to break.")
        who = viewer_in(request).name
        self.site.store.write(lambda db: note(db, self.site.now(), who, "demo.break", name))
        found.act()
        return self.site.to(request, "home", f"?broke={found.name}")
