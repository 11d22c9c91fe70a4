"""Takes queued changes to one destination: read, ask the gate, note the attempt, call, note the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from connectors.kit.destination import ConsentChange, Destination, Outcome, Permitted, SegmentChange
from connectors.kit.errors import BadPayload, ConnectorError, VendorDown
from connectors.kit.redact import redact
from hub.consent.desired import Observed
from hub.consent.gate import Circumstances, Withheld, permit
from hub.consent.resolution import State
from hub.crashpoints import crashpoint
from hub.settings.settings import Connection as Configured
from hub.settings.settings import Settings
from hub.stages import observe, outbox
from hub.stages.apart import send_apart
from hub.stages.consent import look_at
from hub.stages.gaps import Difference, differences, scope_of
from hub.stages.guards import stale_sources
from hub.stages.holdings import lines_held
from hub.stages.outbox import Row
from hub.stages.plan import GRANT, TAG, WITHDRAW
from hub.stages.tags import tag_of
from hub.store.engine import Store
from hub.store.leases import Held, renew

LOST = Outcome("unknown", "the answer was lost")
MAYBE_APPLIED = (VendorDown, BadPayload)
"""Errors of a write after which nobody knows whether the vendor took it."""

SECOND = timedelta(seconds=1)

Sent = list[tuple[Row, Permitted[ConsentChange]]]


@dataclass
class Courier:
    """One destination during one push. Raises the connector's errors: what was not sent stays queued."""

    store: Store
    settings: Settings
    connection: Configured
    destination: Destination
    held: Held
    asked_to_stop: Callable[[], bool] = lambda: False

    def recover(self) -> None:
        """Find out about what an earlier push left open. A yes whose answer was lost is never sent again blindly."""
        with self.store.read() as db:
            rows = outbox.left_over(db, self.connection.name)
        readable = observe.stream_of(self.connection) is not None
        grants = [row for row in rows if row["lane"] == GRANT and (row["status"] == "sent" or readable)]
        grants = [row for row in grants if row["status"] != "accepted"]
        for row in rows:
            if row["status"] == "accepted":
                self._settle(row)
            elif row["lane"] != GRANT:
                self.store.write(lambda db, row=row: outbox.requeue(db, row))  # type: ignore[misc]
        if grants:
            self._recover_grants(grants)

    def _settle(self, row: Row) -> None:
        outcomes = self.destination.settle(row["job"])
        if outcomes is not None and row["job_row"] < len(outcomes):
            self.store.write(lambda db: outbox.settle(db, row, outcomes[row["job_row"]]))
        elif row["sent_at"] + outbox.SETTLE_LIMIT < datetime.now(UTC):
            self.store.write(lambda db: outbox.settle(db, row, LOST))

    def _recover_grants(self, rows: Sequence[Row]) -> None:
        """What a read shows settles it; where nothing can be read it stays unknown, and is shown as that."""
        if observe.stream_of(self.connection) is None:
            self._close(rows, "unknown", LOST.message)
            return
        self._read(rows)
        with self.store.read() as db:
            now = {row["id"]: row for row in outbox.left_over(db, self.connection.name)}
        arrived = [row for row in rows if now.get(row["id"], row)["acknowledged_at"] is not None]
        self._close(arrived, "confirmed", "a read shows it")
        self._close([row for row in rows if row not in arrived], "superseded", "it did not arrive; planned anew")

    def _close(self, rows: Sequence[Row], status: str, message: str) -> None:
        def work(db: Connection) -> None:
            for row in rows:
                outbox.close(db, row, status, message)

        self.store.write(work)

    def _read(self, rows: Sequence[Row]) -> set[str]:
        ids = [row["record"] for row in rows if row["record"]]
        return observe.read_before(self.store, self.settings, self.connection, self.destination, ids)

    def empty(self, lane: int) -> None:
        """Send what the lane holds, until it is empty or somebody asks to stop."""
        can = self.connection.capabilities
        size = can.consent_batch if lane in (WITHDRAW, GRANT) else can.tag_batch
        while not self.asked_to_stop():
            with self.store.read() as db:
                rows = outbox.queued(db, self.connection.name, lane, size)
            if not rows:
                return
            send = self._send_consent if lane in (WITHDRAW, GRANT) else self._send_tags
            for row, error in send_apart(rows, lambda some, send=send: send(self._as_they_are(some))):  # type: ignore[misc]
                self._park(row, error)

    def _as_they_are(self, rows: Sequence[Row]) -> list[Row]:
        with self.store.read() as db:
            return outbox.still_queued(db, [row["id"] for row in rows])

    def _park(self, row: Row, error: ConnectorError) -> None:
        """It is tried again later and later, in the end it is dead; the others go on."""
        told = Outcome("retry", redact(str(error), self.settings.secrets))
        (row,) = self._as_they_are([row])

        def work(db: Connection) -> None:
            renew(db, self.held)
            outbox.begin_attempt(db, row, datetime.now(UTC))
            outbox.answer(db, row, told)

        self.store.write(work)

    def _send_consent(self, rows: Sequence[Row]) -> None:
        missing = self._read(rows)
        sent = self.store.write(lambda db: self._ask_the_gate(db, rows, missing))
        if not sent:
            return
        crashpoint("consent.attempted")
        try:
            outcomes = self.destination.write_consent([change for _, change in sent])
        except MAYBE_APPLIED:
            outcomes = [LOST] * len(sent)
        except ConnectorError:
            self.store.write(lambda db: outbox.unsend(db, [row for row, _ in sent], "the destination refused the call"))
            raise
        crashpoint("consent.answered")
        self.store.write(lambda db: self._keep([row for row, _ in sent], outcomes, db))
        crashpoint("consent.kept")

    def _keep(self, rows: Sequence[Row], outcomes: Sequence[Outcome], db: Connection) -> None:
        renew(db, self.held)
        for row, outcome in zip(rows, outcomes, strict=True):
            outbox.answer(db, row, outcome)
        lines = sorted({(row["channel"], row["address"]) for row in rows if row["kind"] == "consent"})
        if lines:
            look_at(db, self.settings, lines)

    def _ask_the_gate(self, db: Connection, rows: Sequence[Row], missing: set[str]) -> Sent:
        """Resolve again from what was just read, and let pass only what is still right."""
        renew(db, self.held)
        lines = sorted({(row["channel"], row["address"]) for row in rows})
        states = look_at(db, self.settings, lines)
        found = {(one.place.record, one.line): one for one in differences(db, self.settings, self.connection, states)}
        sent: Sent = []
        for row in rows:
            line = (row["channel"], row["address"])
            difference = None if row["record"] in missing else found.get((row["record"], line))
            if (change := self._judge(db, row, difference)) is not None:
                sent.append((row, change))
        return sent

    def _judge(self, db: Connection, row: Row, difference: Difference | None) -> Permitted[ConsentChange] | None:
        if difference is None or difference.observed.shown == "absent":
            outbox.close(db, row, "not_held", "the destination does not hold this address any more")
            return None
        if outbox.is_acknowledged(db, row) and _is_met(row["wanted"], difference.observed):
            outbox.close(db, row, "confirmed", "a read shows it")
            return None
        if _is_met(row["wanted"], difference.observed):
            outbox.close(db, row, "superseded", "the destination says so already")
            return None
        change = self._change(row, difference)
        passed = permit(change, difference.state, self._around(db, row, difference))
        if isinstance(passed, Withheld):
            outbox.close(db, row, "superseded", passed.reason)
            return None
        outbox.begin_attempt(
            db, row, datetime.now(UTC), consent_at=change.at, was=difference.place.state or difference.observed.shown
        )
        return passed

    def _change(self, row: Row, difference: Difference) -> ConsentChange:
        return ConsentChange(
            record=row["record"],
            channel=row["channel"],
            address=row["address"],
            wanted=row["wanted"],
            at=_consent_time(row["wanted"], difference.state, difference),
            correlation=row["correlation"],
            by_confirmation=row["by_confirmation"],
        )

    def _around(self, db: Connection, row: Row, difference: Difference) -> Circumstances:
        is_grant = row["wanted"] == "in"
        return Circumstances(
            scope=scope_of(self.connection),
            observed=difference.observed,
            can=self.connection.capabilities,
            resubscribe=self.connection.narrowed.resubscribe,
            push_grants=self.connection.narrowed.push_grants,
            optouts_waiting=is_grant and outbox.optouts_waiting(db, self.connection.name),
            stale=stale_sources(db, self.settings, [row["channel"]]) if is_grant else (),
        )

    def _send_tags(self, rows: Sequence[Row]) -> None:
        """A tag moves the change time by which our own opt-out there is known again: so that is read first."""
        with self.store.read() as db:
            ours = outbox.with_own_no(db, self.connection.name, (row["record"] for row in rows))
        if ours:
            self._read([row for row in rows if row["record"] in ours])
        sent = self.store.write(lambda db: self._still_right(db, rows))
        if not sent:
            return
        crashpoint("tags.attempted")
        changes = [
            SegmentChange(row["record"], row["address"], tag_of(row["field"]), row["wanted"], row["correlation"])
            for row in sent
        ]
        try:
            outcomes = self.destination.write_tags(changes)
        except MAYBE_APPLIED:
            outcomes = [LOST] * len(sent)
        except ConnectorError:
            self.store.write(lambda db: outbox.unsend(db, sent, "the destination refused the call"))
            raise
        crashpoint("tags.answered")
        self.store.write(lambda db: self._keep(sent, outcomes, db))
        crashpoint("tags.kept")

    def _still_right(self, db: Connection, rows: Sequence[Row]) -> list[Row]:
        """Nobody is put into a segment who may not be sent to at this moment."""
        renew(db, self.held)
        scope = scope_of(self.connection)
        reach = self.settings.consent.reach_of(scope)
        states = look_at(db, self.settings, sorted({(row["channel"], row["address"]) for row in rows}))
        held = lines_held(db, self.connection.name, {row["record"] for row in rows})
        sent = []
        for row in rows:
            if row["lane"] == TAG and (row["channel"], row["address"]) not in held.get(row["record"], ()):
                outbox.close(db, row, "superseded", "the record has another address now")
                continue
            state = states.get((row["channel"], row["address"]), {}).get((reach.purpose, reach.brand))
            if row["lane"] == TAG and (state is None or not state.may_send_at(scope)):
                outbox.close(db, row, "superseded", "may not be sent to")
                continue
            outbox.begin_attempt(db, row, datetime.now(UTC))
            sent.append(row)
        return sent


def _is_met(wanted: str, observed: Observed) -> bool:
    return observed.shown in ("out", "blocked") if wanted == "out" else observed.shown == "in"


def _consent_time(wanted: str, state: State, difference: Difference) -> datetime:
    """When the person decided. A vendor that keeps the newest time must not take an opt-out for an older one."""
    at = state.at or datetime.now(UTC)
    stored = difference.place.consent_at
    if wanted == "out" and stored is not None and stored >= at:
        return stored + SECOND
    return at
