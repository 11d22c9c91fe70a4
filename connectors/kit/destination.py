"""The words of writing: consent and segment changes, what a vendor can do with them, and what became of each one.

A destination writes what it is given and decides nothing. Consent reaches it only inside a `Permitted`, which one
function of the hub makes after it has asked the evidence.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

from connectors.kit.base import Record

Channel = Literal["email", "sms", "voice", "whatsapp", "push", "post"]
Wanted = Literal["in", "out"]
Resubscribe = Literal["plain", "pending", "keyword", "never"]

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connection can do with consent and tags, as data; a configuration may only narrow it.

    `stream`: the person stream whose records hold consent; "" where it is keyed by address alone.
    `consent`: the channels that can be written. `directions`: what can be written there.
    `scope`: the one list, sender or service the connection writes to; "" where consent is the record's own.
    `resubscribe`: the legitimate way from a person's no back to a yes. `timestamps`: a write carries the consent time.
    `change_time_covers_consent`: whoever changes consent moves the record's change time.
    `sees_second_no`: how a no is noticed while the vendor says no already.
    `yes_methods`: by the vendor's opt-in level, how a yes that is read there came about; "" is any other level.
    `id_follows_address`: a record whose address is edited comes back as a new one, with the old one's consent.
    `refusals`: error codes of a message that say the recipient has opted out.
    `settle`: how long after its answer a write may still not be seen by a read.
    `consent_batch`, `tag_batch`, `fetch_batch`: how many changes or ids one call takes.
    """

    stream: str = ""
    consent: tuple[Channel, ...] = ()
    directions: tuple[Wanted, ...] = ("out", "in")
    scope: str = ""
    resubscribe: Resubscribe = "never"
    timestamps: bool = False
    change_time_covers_consent: bool = False
    sees_second_no: Literal["time", "log", "webhook", "none"] = "none"
    yes_methods: Mapping[str, str] = field(default_factory=dict)
    readable: bool = True
    id_follows_address: bool = False
    refusals: frozenset[str] = frozenset()
    settle: timedelta = timedelta(0)
    tags: bool = False
    consent_batch: int = 1
    tag_batch: int = 1
    fetch_batch: int = 100


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """One consent write: this address of this record, on this channel, in or out.

    `record` is the destination's id of the record ("" where consent is keyed by address). `address` is normalised:
    E.164, or the lower-case e-mail. `at` is the consent time to send (aware UTC), for vendors that keep one.
    `correlation`: 32 hexadecimal characters, the same on every attempt. `by_confirmation`: ask the person to
    confirm (Mailchimp's `pending`) instead of writing the yes.
    """

    record: str
    channel: Channel
    address: str
    wanted: Wanted
    at: datetime
    correlation: str
    by_confirmation: bool = False


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """One tag of one record, to be there or not. Never carries consent."""

    record: str
    address: str
    tag: str
    wanted: Literal["add", "remove"]
    correlation: str


@dataclass(frozen=True, slots=True)
class Permitted(Generic[C]):
    """A change that the gate let pass, with its reason. Only `hub.consent.gate` makes one; a test looks for others."""

    change: C
    reason: str


Status = Literal["confirmed", "accepted", "rejected", "vendor_locked", "not_held", "unsupported", "unknown", "retry"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    confirmed: the vendor's answer says that it stands. accepted: it will be applied later, ask `settle(job)`.
    rejected: refused for good. vendor_locked: only the person can change it there. not_held: no such record.
    unknown: the answer was lost, it may have been applied. retry: surely not applied, worth another attempt.
    `message` says why, without personal data. `row` is the change's place in the job.
    """

    status: Status
    message: str = ""
    job: str = ""
    row: int = 0


class Destination(ABC):
    """The side of a connector we write to. One instance serves one push and is not shared between threads.

    The write methods take at most the capability's batch and return one outcome per change, in order. They raise a
    ConnectorError only when nothing of the batch can have been applied (AuthError, ConfigError, RateLimited,
    Refused); with VendorDown the whole batch is unknown.
    """

    @abstractmethod
    def fetch(self, ids: Sequence[str]) -> list[Record]:
        """These records as the capability's stream would bring them now; those that are gone are left out."""

    @abstractmethod
    def write_consent(self, changes: Sequence[Permitted[ConsentChange]]) -> list[Outcome]:
        """Write consent. Never creates a person, never subscribes by the way."""

    @abstractmethod
    def write_tags(self, changes: Sequence[SegmentChange]) -> list[Outcome]:
        """Add and remove single tags; the vendor's other tags stay."""

    def settle(self, job: str) -> list[Outcome] | None:
        """The outcomes of an accepted job's rows, in its order; None while it runs."""
        raise NotImplementedError(f"{type(self).__name__} accepts no jobs")

    def close(self) -> None:  # noqa: B027 - most destinations hold nothing open
        """Give back what the destination holds open; called once, also after an error."""


def effect_of_consent(
    record: str, channel: str, address: str, wanted: str, before: str, after: str, at: str = ""
) -> dict[str, Any]:
    """How every simulator's ledger tells a consent write, one entry in `effect["consents"]`; states as the vendor's."""
    return {
        "record": record,
        "channel": channel,
        "address": address,
        "wanted": wanted,
        "before": before,
        "after": after,
        "at": at,
    }


def effect_of_tag(record: str, address: str, tag: str, wanted: str, applied: bool) -> dict[str, Any]:
    """How every simulator's ledger tells a tag write, one entry in `effect["tags"]`; `wanted` is add or remove."""
    return {"record": record, "address": address, "tag": tag, "wanted": wanted, "applied": applied}
