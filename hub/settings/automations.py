"""What hub.yaml may say under `subscribers:` and `tasks:`: whom to tell of changes, and what makes a task."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hub.settings.document import Document, Loc
from hub.settings.signing import SigningSecret
from hub.settings.strict import Flag, Model
from hub.settings.values import Duration, failure, suggest
from hub.settings.watch_models import read_url

EventName = Literal["segment.entered", "segment.left", "consent.changed"]
MomentName = Literal["first_order_at", "last_order_at", "last_ticket_at"]
"""The facts of a contact that are moments, in the words of segments."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def read_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise failure("HUB-C017", "a name is small letters, digits, - and _, and begins with a letter")
    return value


Name = Annotated[str, AfterValidator(read_name)]
Title = Annotated[str, Field(min_length=1, max_length=100)]


class Subscriber(Model):
    """Who is told of changes by signed HTTP. `segments`: of these alone; of all without.

    `previous_secret` signs too while the receiver changes to the new one. `allow_private`: the address may be inside
    the operator's own network, and http; link-local addresses, where clouds keep their secrets, never are.
    """

    url: Annotated[str, AfterValidator(read_url)]
    secret: SigningSecret
    previous_secret: SigningSecret | None = None
    events: tuple[EventName, ...] = ()
    segments: tuple[str, ...] = ()
    allow_private: Flag = False

    @model_validator(mode="after")
    def _is_not_in_the_clear(self) -> Self:
        if self.url.startswith("http://") and not self.allow_private:
            hint = "write https://…, or allow_private: true for a receiver inside your own network"
            raise failure("HUB-C005", "a subscriber's address must begin with https://", {"hint": hint})
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        found = (self.secret, self.previous_secret)
        return tuple(secret.get_secret_value() for secret in found if secret is not None)


class When(Model):
    """What makes a task: one of the three. `after`: so long after the date; `ticket_closed` names a connection."""

    segment: str | None = None
    date: MomentName | None = None
    after: Duration = timedelta(0)
    ticket_closed: str | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if [self.segment, self.date, self.ticket_closed].count(None) != 2:
            hint = "write {segment: vip}, {date: last_order_at, after: 60d} or {ticket_closed: help}"
            raise failure("HUB-C005", "a task has one occasion", {"hint": hint})
        return self


class TaskRule(Model):
    """A rule that makes a task for a person: at a help desk (the name of a connection), or as a subscriber's event.

    `per_day`: more than so many in a day wait for the next, so that a slip in a rule floods nobody.
    """

    when: When
    desk: str | None = None
    subscriber: str | None = None
    title: Title
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    per_day: Annotated[int, Field(strict=True, ge=1)] = 100

    @model_validator(mode="after")
    def _goes_to_one(self) -> Self:
        if (self.desk is None) is (self.subscriber is None):
            raise failure("HUB-C005", "a task goes to one place", {"hint": "write either desk: or subscriber:"})
        return self


def check_automations(
    document: Document,
    subscribers: Mapping[str, Subscriber],
    tasks: Mapping[str, TaskRule],
    segments: Collection[str] | None,
    connections: Mapping[str, bool | None],
) -> None:
    """Tell the document which names lead nowhere. `connections`: whether each has a help desk; None: not understood."""

    def known(code: str, kind: str, name: str | None, names: Collection[str] | None, at: Loc) -> None:
        if name is not None and names is not None and name not in names:
            document.add(code, f"there is no {kind} '{name}'", at, hint=suggest(name, names))

    for name, subscriber in subscribers.items():
        for place, segment in enumerate(subscriber.segments):
            known("HUB-C041", "segment", segment, segments, ("subscribers", name, "segments", place))
    for name, task in tasks.items():
        at: Loc = ("tasks", name)
        known("HUB-C041", "segment", task.when.segment, segments, (*at, "when", "segment"))
        known("HUB-C031", "connection", task.when.ticket_closed, connections, (*at, "when", "ticket_closed"))
        known("HUB-C031", "connection", task.desk, connections, (*at, "desk"))
        known("HUB-C005", "subscriber", task.subscriber, subscribers, (*at, "subscriber"))
        if task.desk is not None and connections.get(task.desk) is False:
            document.add("HUB-C005", f"'{task.desk}' takes no tasks: it is no help desk", (*at, "desk"))
