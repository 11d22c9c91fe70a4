"""The consequences of a decision in plain words, clause by clause, without any personal value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from hub.queries.consequences.changes import ConsentChange, SegmentChange, Sums
from hub.stages.plan import Operation

CHANNELS = {
    "email": "e-mail",
    "sms": "text messages",
    "whatsapp": "WhatsApp",
    "voice": "calls",
    "push": "push messages",
    "post": "letters",
}


def of_sums(verb: str, some: Sums) -> Iterator[str]:
    """ "joins 2 records, 7 orders"; nothing of what there is none."""
    if some.records:
        counted = ((some.records, "record"), (some.orders, "order"), (some.tickets, "ticket"))
        yield f"{verb} {', '.join(_many(number, what) for number, what in counted if number)}"


def of_operations(verb: str, operations: Iterable[Operation]) -> Iterator[str]:
    """ "pushes 1 update to mailer, 2 updates to shop"."""
    found = Counter(one.destination for one in operations)
    if found:
        yield f"{verb} {', '.join(_many(found[name], 'update') + f' to {name}' for name in sorted(found))}"


def of_consents(consents: Iterable[ConsentChange]) -> Iterator[str]:
    """ "opts out of e-mail"."""
    changed = list(consents)
    if closed := _channels(one for one in changed if one.closes):
        yield f"opts out of {closed}"
    if opened := _channels(one for one in changed if one.opens):
        yield f"may be sent {opened} again"


def _channels(consents: Iterable[ConsentChange]) -> str:
    return _listed(CHANNELS.get(channel, channel) for channel in sorted({one.line[0] for one in consents}))


def of_segments(
    segments: Iterable[SegmentChange], flows: Collection[tuple[str, str]], titles: Mapping[str, str]
) -> Iterator[str]:
    """ "enters Regulars", where nobody of whom the contact would be made was inside; "leaves" the other way round.

    `flows`: contact now and contact after, of all records.
    """
    found = list(segments)
    before = {(one.segment, one.contact_id) for one in found if one.before}
    after = {(one.segment, one.contact_id) for one in found if one.after}
    entered = {name for name, home in after if not any((name, was) in before for was, to in flows if to == home)}
    left = {name for name, home in before if not any((name, to) in after for was, to in flows if was == home)}
    if entered:
        yield f"enters {_listed(sorted(titles[name] for name in entered))}"
    if left:
        yield f"leaves {_listed(sorted(titles[name] for name in left))}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _listed(words: Iterable[str]) -> str:
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last
