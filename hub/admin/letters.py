"""What was given up on its way out, changes for destinations and notices: a person lets it go again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hub.admin.doors import viewer_in
from hub.admin.site import Site
from hub.audit import note
from hub.jobs.queue import PUSH, push_place, queue_soon
from hub.stages.notices import replay
from hub.stages.outbox import try_again
from hub.stages.sights import deliveries

MOST_AT_ONCE = 1_000

DONE = {
    "letters": "They wait again, and are tried once more within seconds.",
    "notices": "They wait again, and are told as the same events.",
    "nothing": "Nothing was done: it is not given up any more.",
    "deny": "Denied: nothing of this plan leaves by an approval. When the data moves, there is another plan.",
    "allow": "No longer denied.",
}


@dataclass(frozen=True, slots=True)
class Letters:
    """Law: what waits again is judged by the evidence of the moment at which it leaves, as everything is."""

    site: Site

    def act(self, request: Request, form: FormData) -> Response:
        """`do` letters: the change `id`, or all of `destination`; notices: the notice `id`, or all of `target`."""
        do, number = str(form.get("do", "")), _number(str(form.get("id", "")))
        all_of = str(form.get("all_of", "")).replace("\x00", "")
        if do not in ("letters", "notices") or not (number or all_of):
            return self.site.error(request, 404, "There is nothing like that to do here.")
        revive = self._letters if do == "letters" else self._notices
        who, now = viewer_in(request).name, self.site.now()

        def work(db: Connection) -> int:
            done = revive(db, number, all_of)
            note(db, now, who, f"{do}.again", all_of or str(number), {"number": done})
            return done

        return self.site.to(request, "outgoing", f"?done={do if self.site.store.write(work) else 'nothing'}")

    def _letters(self, db: Connection, number: int, all_of: str) -> int:
        which: ColumnElement[bool] = deliveries.c.destination == all_of if all_of else deliveries.c.id == number
        rows = try_again(db, which, MOST_AT_ONCE)
        for name in sorted({row["destination"] for row in rows}):
            queue_soon(db, push_place(self.site.settings.hub.installation, name), PUSH, "a person lets it try again")
        return len(rows)

    def _notices(self, db: Connection, number: int, all_of: str) -> int:
        return len(replay(db, self.site.now(), None if all_of else [number], all_of or None))


def _number(text: str) -> int:
    """A row's number, or 0."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
