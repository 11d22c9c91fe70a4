"""Zendesk as a place for tasks: a ticket with an internal note, found again by its external_id."""

from __future__ import annotations

from typing import Any

from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.desk import Desk, Task
from connectors.kit.destination import Outcome
from connectors.kit.errors import BadPayload, Refused
from connectors.zendesk.api import DESK_SCOPE, ZendeskApi
from connectors.zendesk.config import ZendeskConfig
from connectors.zendesk.rows import listed

TAG = "contact_hub"


class ZendeskDesk(Desk):
    """The ticket has no customer as requester: Zendesk's own triggers would write to a requester."""

    def __init__(self, config: ZendeskConfig, *, clock: Clock = SYSTEM) -> None:
        self._api = ZendeskApi(config, clock, DESK_SCOPE)

    def find(self, key: str) -> str:
        """The plain list leaves archived tickets out; none of ours is that old while its answer is looked for."""
        found = listed(self._api.get("tickets", {"external_id": key}).json(), "tickets")
        return next((str(row["id"]) for row in found if row.get("external_id") == key), "")

    def open(self, task: Task) -> Outcome:
        ticket = {
            "subject": task.title,
            "comment": {"body": task.text, "public": False},
            "external_id": task.key,
            "type": "task",
            "priority": task.priority,
            "tags": [TAG],
        }
        try:
            made = self._api.post("tickets", {"ticket": ticket}).json()
        except BadPayload:
            return Outcome("unknown", "Zendesk's answer could not be read")
        except Refused as refused:
            return Outcome("rejected", str(refused))
        return Outcome("confirmed") if _id_of(made) else Outcome("unknown", "Zendesk answered without a ticket")

    def close(self) -> None:
        self._api.close()


def _id_of(document: Any) -> Any:
    ticket = document.get("ticket") if isinstance(document, dict) else None
    return ticket.get("id") if isinstance(ticket, dict) else None
