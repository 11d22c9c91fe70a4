"""The account as the simulator keeps it: users, tickets, user fields, and where a change puts a row in the export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.kit.destination import effect_of_consent, effect_of_tag
from connectors.zendesk.simulator.export import ExportLog
from connectors.zendesk.simulator.wire import blank_field, blank_ticket, blank_user, phone_key, stamp

WANTED = {"granted": "in", "withdrawn": "out"}
WRITABLE = ("name", "phone", "shared_phone_number", "external_id", "alias", "details", "notes", "locale")
"""What a user update may change beside tags and user fields. An `email` there only adds a second address."""

Row = dict[str, Any]
Effect = dict[str, Any]


class Account:
    """Every edit moves `updated_at` and the generated timestamp to the present; see `touch` for the rest."""

    def __init__(self, now: Callable[[], datetime], consent_fields: Mapping[str, str]) -> None:
        self._now = now
        self.consent_fields = dict(consent_fields)
        self.users: dict[int, Row] = {}
        self.tickets: dict[int, Row] = {}
        keys = enumerate(self.consent_fields.values(), 7001)
        self.fields = {key: blank_field(field_id, key, stamp(now())) for field_id, key in keys}
        self.logs = {"users": ExportLog(), "tickets": ExportLog()}
        self._holders: dict[str, set[int]] = {}
        self._next_id = {"users": 35436, "tickets": 35}

    def add_user(self, given: Mapping[str, Any]) -> int:
        """Raises ValueError for what is no field of a user. `generated_timestamp` is `updated_at` unless given."""
        user_id = self._id_of("users", given)
        self.users[user_id] = self._completed(blank_user(user_id, stamp(self._now())), given)
        self._index(user_id, None, self.users[user_id])
        self._place("users", self.users[user_id], given.get("generated_timestamp"))
        return user_id

    def add_ticket(self, given: Mapping[str, Any]) -> int:
        """As `add_user`."""
        ticket_id = self._id_of("tickets", given)
        self.tickets[ticket_id] = self._completed(blank_ticket(ticket_id, stamp(self._now())), given)
        self._place("tickets", self.tickets[ticket_id], given.get("generated_timestamp"))
        return ticket_id

    def edit_user(self, user_id: int, changes: Mapping[str, Any]) -> None:
        before = self.users[user_id]
        after = {**before, **changes, "updated_at": stamp(self._now())}
        self.users[user_id] = after
        self._index(user_id, before, after)
        self.touch("users", user_id)

    def edit_ticket(self, ticket_id: int, changes: Mapping[str, Any]) -> None:
        self.tickets[ticket_id] = {**self.tickets[ticket_id], **changes, "updated_at": stamp(self._now())}
        self.touch("tickets", ticket_id)

    def touch(self, stream: str, record_id: int) -> None:
        """A change in the background: the row comes with the next export and its `updated_at` stays."""
        self.logs[stream].touch(record_id, int(self._now().timestamp()))

    def shown_user(self, user_id: int) -> Row:
        """As every endpoint tells it: all user fields that there are, empty ones as null."""
        user = self.users[user_id]
        return {**user, "user_fields": {key: user["user_fields"].get(key) for key in self.fields}}

    def shown_ticket(self, ticket_id: int, generated: int) -> Row:
        return {**self.tickets[ticket_id], "generated_timestamp": generated}

    def set_fields(self, user_id: int, given: Mapping[str, Any]) -> None:
        self.edit_user(user_id, {"user_fields": {**self.users[user_id]["user_fields"], **given}})

    def refused_field(self, given: Mapping[str, Any]) -> str:
        """The first drop-down that is given what is none of its options; "" if there is none."""
        for key, value in given.items():
            options = [option["value"] for option in self.fields.get(key, {}).get("custom_field_options", ())]
            if options and value not in (None, "", *options):
                return key
        return ""

    def update(self, user_id: int, given: Mapping[str, Any]) -> None:
        """A user update of the API. Unknown user fields are ignored without a word; `tags` replaces all tags."""
        fields = {key: value for key, value in (given.get("user_fields") or {}).items() if key in self.fields}
        changes: Row = {key: given[key] for key in WRITABLE if key in given}
        changes["user_fields"] = {**self.users[user_id]["user_fields"], **fields}
        if "tags" in given:
            changes["tags"] = tag_list(given["tags"])
        self.edit_user(user_id, changes)

    def effect(self, record_id: Any, given: Mapping[str, Any], before: Row | None) -> Effect:
        """What an update did, for the ledger; `before` is the user as it was, None for one that is not there."""
        user = self.users.get(record_id) if before is not None else None
        fields = given.get("user_fields") or {}
        consents = [
            effect_of_consent(
                str(record_id),
                channel,
                address_of(user, channel),
                WANTED.get(fields[key], ""),
                _state(before, key),
                _state(user, key),
            )
            for channel, key in self.consent_fields.items()
            if key in fields
        ]
        tags = self.tag_effects(before, tag_list(given["tags"])) if before is not None and "tags" in given else []
        return {name: told for name, told in (("consents", consents), ("tags", tags)) if told}

    def tag_effects(self, before: Row, asked: Iterable[str]) -> list[Effect]:
        """A whole list of tags as single adds and removals."""
        user, wanted = self.users[before["id"]], set(asked)
        told = [(tag, "add") for tag in sorted(wanted)]
        told += [(tag, "remove") for tag in before["tags"] if tag not in wanted]
        return [
            effect_of_tag(str(user["id"]), address_of(user, "email"), tag, way, (tag in user["tags"]) is (way == "add"))
            for tag, way in told
        ]

    def sendable(self, address: str, channel: str) -> bool | None:
        key = address.lower() if channel == "email" else phone_key(address)
        users = [self.users[user_id] for user_id in self._holders.get(key, ())]
        states = {_state(user, self.consent_fields.get(channel, "")) for user in users if user["active"]}
        if not states:
            return None
        return "granted" in states and "withdrawn" not in states

    def _id_of(self, stream: str, given: Mapping[str, Any]) -> int:
        found = int(given.get("id") or self._next_id[stream])
        self._next_id[stream] = max(self._next_id[stream], found + 1)
        return found

    @staticmethod
    def _completed(blank: Row, given: Mapping[str, Any]) -> Row:
        unknown = set(given) - set(blank) - {"generated_timestamp"}
        if unknown:
            raise ValueError(f"Zendesk's row has no {sorted(unknown)}")
        return {**blank, **{key: value for key, value in given.items() if key != "generated_timestamp"}}

    def _place(self, stream: str, row: Row, generated: int | None) -> None:
        changed = int(datetime.fromisoformat(row["updated_at"]).timestamp())
        self.logs[stream].touch(row["id"], changed if generated is None else generated)

    def _index(self, user_id: int, before: Row | None, after: Row) -> None:
        for user, add in ((before, False), (after, True)):
            for address in (address_of(user, "email"), address_of(user, "sms")):
                if address:
                    holders = self._holders.setdefault(address, set())
                    (holders.add if add else holders.discard)(user_id)


def tag_list(given: Any) -> list[str]:
    """Tags are one word each, in lower case, without doubles."""
    words = given.split() if isinstance(given, str) else given
    return list(dict.fromkeys(str(word).lower() for word in words))


def address_of(user: Row | None, channel: str) -> str:
    if user is None:
        return ""
    return (user["email"] or "").lower() if channel == "email" else phone_key(user["phone"] or "")


def _state(user: Row | None, key: str) -> str:
    return str(user["user_fields"].get(key) or "") if user is not None else ""
