"""The account as the simulator keeps it: its audiences, and what owners, people and other tools do to them.

None of this goes through our API calls, so none of it is in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.kit.base import utc_now
from connectors.kit.simulator import Simulator
from connectors.mailchimp import rules
from connectors.mailchimp.audience import Audience, Mail, stamp, subscriber_hash
from connectors.mailchimp.wire import Problem

BY_PERSON = "N/A (Unsubscribed by the subscriber)"
BY_COMPLAINT = "N/A (Reported as abuse)"


class Account(Simulator):
    """Audiences by list id. The verbs may be called from any thread."""

    def __init__(self, *, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now=now)
        self.audiences: dict[str, Audience] = {}

    @property
    def mails(self) -> list[Mail]:
        """Every mail that asked somebody to confirm, list by list."""
        return [mail for audience in self.audiences.values() for mail in audience.mails]

    def load(
        self,
        list_id: str,
        members: Iterable[Mapping[str, Any]] = (),
        segments: Iterable[Mapping[str, Any]] = (),
        name: str = "Newsletter",
        double_optin: bool | None = None,
    ) -> Audience:
        """Add to a list, which is made if new.

        A member needs its `email_address`; the rest is completed. `status` is the real one, and `archived: true`
        hides it; `tags` are names; `last_changed` is now unless given. A segment is {id, name, members: [member id]}.
        """
        with self.lock:
            audience = self.audiences.setdefault(list_id, Audience(list_id, name, self.now))
            if double_optin is not None:
                audience.double_optin = double_optin
            for member in members:
                audience.upsert(member)
            for segment in segments:
                audience.add_segment(segment["name"], segment["members"], segment["id"])
            return audience

    def upsert(self, list_id: str, member: Mapping[str, Any]) -> str:
        """Add or change by address; returns the member's id."""
        with self.lock:
            return self.audiences[list_id].upsert(member)

    def edit(self, list_id: str, member_id: str, **changes: Any) -> str:
        """Change fields (the clock's time becomes `last_changed`); returns the id, new with a new address."""
        with self.lock:
            return self.audiences[list_id].edit(member_id, changes)

    def archive(self, list_id: str, member_id: str) -> None:
        with self.lock:
            self.audiences[list_id].archive(member_id)

    def delete(self, list_id: str, member_id: str) -> None:
        """Permanently."""
        with self.lock:
            self.audiences[list_id].delete(member_id)

    def tag(self, list_id: str, member_id: str, name: str) -> None:
        with self.lock:
            self.audiences[list_id].tag(member_id, name)

    def untag(self, list_id: str, member_id: str, name: str) -> None:
        with self.lock:
            self.audiences[list_id].untag(member_id, name)

    # What people do. Each returns whether the vendor let it happen.

    def click_unsubscribe(self, list_id: str, email: str) -> bool:
        """The link in a mail; also of somebody whom a tool unsubscribed before, or who is archived."""
        return self._leave(list_id, email, status="unsubscribed", unsubscribe_reason=BY_PERSON)

    def complain(self, list_id: str, email: str) -> bool:
        """Report a mail as spam."""
        with self.lock:
            if not self._leave(list_id, email, status="unsubscribed", unsubscribe_reason=BY_COMPLAINT):
                return False
            self.audiences[list_id].report_abuse(subscriber_hash(email))
            return True

    def bounce(self, list_id: str, email: str) -> bool:
        """The mailbox refuses for good."""
        return self._leave(list_id, email, status="cleaned")

    def fill_form(self, list_id: str, email: str) -> bool:
        """The signup form. Whoever had left, and everybody on a double opt-in list, is asked to confirm."""
        with self.lock:
            audience, member_id = self.audiences[list_id], subscriber_hash(email)
            held, archived = audience.members.get(member_id), member_id in audience.archived
            if held and held["status"] == "subscribed" and not archived:
                return False
            asks = audience.double_optin or member_id in audience.locked
            now = stamp(self.now())
            form = {"email_address": email, "source": "Hosted Signup Form", "timestamp_signup": now}
            if asks:
                audience.upsert({**form, "status": "pending"})
                audience.ask(member_id)
            else:
                audience.upsert({**form, "status": "subscribed", "timestamp_opt": now})
            return True

    def confirm(self, list_id: str, email: str) -> bool:
        """The click in the confirmation mail."""
        with self.lock:
            audience, member_id = self.audiences[list_id], subscriber_hash(email)
            held = audience.members.get(member_id)
            if not held or held["status"] != "pending" or member_id in audience.archived:
                return False
            audience.edit(member_id, {"status": "subscribed"})
            return True

    def change_email(self, list_id: str, old: str, new: str) -> bool:
        """In the profile form: the status comes along."""
        with self.lock:
            audience, old_id, new_id = self.audiences[list_id], subscriber_hash(old), subscriber_hash(new)
            if old_id not in audience.members or (new_id in audience.members and new_id != old_id):
                return False
            audience.edit(old_id, {"email_address": new})
            audience.forgotten.discard(new_id)
            return True

    def add_without_consent(self, list_id: str, email: str, **fields: Any) -> bool:
        """A customer who was never asked; of somebody who is there already only the fields change."""
        with self.lock:
            audience = self.audiences[list_id]
            if subscriber_hash(email) in audience.forgotten:
                return False
            if subscriber_hash(email) in audience.members:
                audience.edit(subscriber_hash(email), fields)
            else:
                audience.upsert({**fields, "email_address": email, "status": "transactional"})
            return True

    # What others with access do.

    def foreign_copy(self, list_id: str, email: str, status: str) -> bool:
        """Another tool sets a status through the API, under the API's rules."""
        body = {"email_address": email, "status_if_new": status, "status": status}
        with self.lock:
            try:
                rules.put(self.audiences[list_id], subscriber_hash(email), body, [])
            except Problem:
                return False
            return True

    def import_list(self, list_id: str, emails: Iterable[str]) -> list[str]:
        """The owner imports a file as subscribed; returns who became it. Whoever left by themselves does not."""
        with self.lock:
            audience = self.audiences[list_id]
            return [email for email in emails if self._import(audience, email)]

    def sendable(self, address: str, channel: str) -> bool | None:
        """Whether any list would get a campaign to the address now; None where no list has it, or it is no e-mail."""
        if channel != "email":
            return None
        member_id = subscriber_hash(address)
        with self.lock:
            holders = [audience for audience in self.audiences.values() if member_id in audience.members]
            if not holders:
                return None
            return any(a.shown(a.members[member_id])["status"] == "subscribed" for a in holders)

    def _leave(self, list_id: str, email: str, **changes: Any) -> bool:
        with self.lock:
            audience, member_id = self.audiences[list_id], subscriber_hash(email)
            if member_id not in audience.members:
                return False
            audience.edit(member_id, changes)
            return True

    @staticmethod
    def _import(audience: Audience, email: str) -> bool:
        member_id = subscriber_hash(email)
        held = audience.members.get(member_id)
        if member_id in audience.locked or member_id in audience.forgotten:
            return False
        if held and held["status"] == "subscribed" and member_id not in audience.archived:
            return False
        audience.upsert({"email_address": email, "status": "subscribed", "source": "Import"})
        return True
