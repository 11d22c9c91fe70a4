"""What must be true after a soak, judged from the simulators' ledgers and what the hub exports, and from nothing else.

Each check gives its complaints, none where all is well. They are told in the words of the record that is wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tests.soak.diary import READ_IN, Act, Effect, Line
from tests.soak.exported import Exported
from tests.soak.held import Held

Complaints = list[str]

WORDS = {"in": "yes", "out": "no"}

ASKS_NOBODY = frozenset({"newsletter"})
"""Whose form subscribes without asking to confirm. By the law of consent a yes there is no person's act: it takes back
no no, wherever that was said.
"""

FOREVER_AGO = datetime.min.replace(tzinfo=UTC)

AT_ONCE = timedelta(seconds=1)
"""How long a request may be on its way: the gate let it pass before the no was read."""

LATEST = timedelta(minutes=2)
"""When a no counts as readable however the pulls went."""


def lost(held: Held, told: Exported) -> Complaints:
    """Each record that a vendor holds is exported, and nothing that no vendor holds."""
    known = {key for key, _ in told.assigned}
    missing = [f"lost: {key} is at its vendor and in no contact" for key in sorted(held.records.keys() - known)]
    return missing + [f"ghost: {key} is in a contact and at no vendor" for key in sorted(known - held.records.keys())]


def outdated(held: Held, told: Exported) -> Complaints:
    """A contact has the e-mail addresses that its records have at their vendors now, and no others."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for key, contact_id in told.assigned:
        if key in held.records:
            wanted[contact_id].update(held.records[key].emails)
    return [
        f"stale: {contact_id} has {sorted(told.golden.get(contact_id, ()))}, its records have {sorted(emails)}"
        for contact_id, emails in sorted(wanted.items())
        if set(told.golden.get(contact_id, ())) != emails
    ]


def stale(held: Held, told: Exported) -> Complaints:
    """Each record is known in its last version, and each order, ticket and message too, on its own person."""
    seen = {key: record for key, _, record in told.records}
    home = dict(told.assigned)
    found = [
        f"stale: {key} is {record} at its vendor and {seen.get(key)} in the hub"
        for key, record in sorted(held.records.items())
        if seen.get(key) != record
    ]
    events = {key: (contact, state) for key, contact, state in told.events}
    for key, event in sorted(held.events.items()):
        if event.owner not in held.records:
            continue  # whoever it belonged to was deleted
        if events.get(key) != (home.get(event.owner), event.state):
            found.append(
                f"stale: {key} of {event.owner} is {event.state!r} at its vendor, the hub has {events.get(key)}"
            )
    return found


def doubled_records(told: Exported) -> Complaints:
    """No record, order, ticket or message is told of twice, and no order counted twice."""
    counts = {
        "exported": Counter(key for key, _ in told.assigned),
        "in contacts": Counter(key for key, _, _ in told.records),
        "in timelines": Counter(key for key, _, _ in told.events),
    }
    found = [
        f"doubled: {key} is {where} {times} times"
        for where, counter in counts.items()
        for key, times in sorted(counter.items())
        if times > 1
    ]
    orders = Counter(contact for key, contact, _ in told.events if key.startswith("shop:orders:"))
    wrong = [(one, count) for one, count in sorted(told.orders.items()) if count != orders[one]]
    return found + [f"doubled: {one} is said to have {count} orders and shows {orders[one]}" for one, count in wrong]


def doubled_effects(effects: Iterable[Effect], acts: Sequence[Act]) -> Complaints:
    """A consent is changed at a vendor once for each thing that somebody said, and a task is made once.

    Every write that changed something needs a word of its own: a yes for a grant, a no for a withdrawal, said before it
    of that address, and later than the word that the write before it stood for. A repetition that changed nothing is
    no doubled one. Nor is a no that is written again because the vendor itself has undone it: somebody who was deleted
    there signs up by its form again, which subscribes them and takes back nothing. Each such yes stands for one write
    of the no, to that vendor alone.
    """
    spoken = _by_line(acts)
    stood_for: dict[tuple[str, Line], datetime] = {}
    tasks: Counter[tuple[str, str]] = Counter()
    found = []
    written: dict[Line, list[Effect]] = defaultdict(list)
    for effect in sorted(effects, key=lambda one: one.at):
        if effect.kind == "ticket":
            tasks[effect.connection, str(effect.told["external_id"])] += 1
        if effect.kind != "consents" or effect.told["before"] == effect.told["after"]:
            continue
        line = line_of(effect)
        written[line].append(effect)
        place, asked = (effect.connection, line), _asked_for(effect, spoken[line])
        if asked <= stood_for.get(place, FOREVER_AGO):
            change = f"from {effect.told['before']!r} to {effect.told['after']!r}"
            when = f"at {effect.at} without a new word ({_history(spoken[line], written[line])})"
            found.append(f"doubled: {effect.connection} was changed {change} of {line} {when}")
        else:
            stood_for[place] = asked
    return found + [f"doubled: task {key} was made {times} times" for key, times in tasks.items() if times > 1]


def _asked_for(effect: Effect, said: Sequence[Act]) -> datetime:
    """When somebody said last what asks for this write; FOREVER_AGO where nobody did."""
    word, before = WORDS[effect.told["wanted"]], [act for act in said if act.at <= effect.at]
    asking = [act for act in before if act.word == word]
    if word == "no":
        asking += [act for act in before if act.connection == effect.connection and act not in _counting(before)]
    return max((act.at for act in asking), default=FOREVER_AGO)


def sent(effects: Iterable[Effect], acts: Sequence[Act], runs: Iterable[Mapping[str, str]]) -> Complaints:
    """No grant, and no segment's tag, was written of an address whose latest word was a no that could be read."""
    spoken, reads = _by_line(acts), _reads(runs)
    found = []
    for effect in effects:
        if not _gives(effect):
            continue
        said = _counting([act for act in spoken[line_of(effect)] if act.at <= effect.at])
        if said and said[-1].word == "no" and readable(said[-1], reads) + AT_ONCE < effect.at:
            when = f"at {effect.at}, after a no at {said[-1].connection} at {said[-1].at}"
            found.append(f"sent: {effect.connection} was written a {effect.kind[:-1]} of {line_of(effect)} {when}")
    return found


def standing(acts: Sequence[Act], sending: Mapping[Line, Sequence[str]], tagged: Mapping[str, set[str]]) -> Complaints:
    """In the end no vendor sends to an address whose latest word was a no, or has it in a segment.

    `sending`: the connections whose vendor would send to the address.
    """
    found = []
    for line, said in sorted(_by_line(acts).items()):
        last = _counting(said)[-1]
        if last.word != "no":
            continue
        history = ", ".join(f"{act.word} at {act.connection}" for act in said)
        when = f"after a no at {last.connection} at {last.at} ({history})"
        found += [f"sent: {name} still sends to {line} {when}" for name in sending.get(line, ())]
        if line[0] == "email":
            found += [
                f"sent: {name} still has {line} tagged {when}" for name, them in tagged.items() if line[1] in them
            ]
    return found


def _history(said: Iterable[Act], written: Iterable[Effect]) -> str:
    """What people said of an address and what was written of it, in the order of time."""
    told = [(act.at, f"{act.word} at {act.connection}") for act in said]
    told += [(effect.at, f"{effect.told['wanted']} written to {effect.connection}") for effect in written]
    return ", ".join(f"{at:%H:%M:%S} {what}" for at, what in sorted(told))


def readable(act: Act, reads: Mapping[str, Sequence[tuple[datetime, datetime]]]) -> datetime:
    """When the hub had read it: the end of the first pull of its stream that began after it and went well."""
    ends = [end for began, end in reads.get(act.connection, ()) if began > act.at]
    return min([*ends, act.at + LATEST])


def line_of(effect: Effect) -> Line:
    """The channel and address that a consent or a tag was written of; a tag is for mails."""
    return effect.told.get("channel", "email"), str(effect.told["address"]).lower()


def _gives(effect: Effect) -> bool:
    if effect.kind == "tags":
        return bool(effect.told["wanted"] == "add")
    return effect.kind == "consents" and bool(effect.told["wanted"] == "in")


def _counting(said: Iterable[Act]) -> list[Act]:
    """What people said of one address, oldest first, without each yes that takes back nothing."""
    found: list[Act] = []
    for act in said:
        takes_back_nothing = act.word == "yes" and act.connection in ASKS_NOBODY
        if not (takes_back_nothing and found and found[-1].word == "no"):
            found.append(act)
    return found


def _by_line(acts: Iterable[Act]) -> dict[Line, list[Act]]:
    found: dict[Line, list[Act]] = defaultdict(list)
    for act in sorted(acts, key=lambda one: one.at):
        found[act.line].append(act)
    return found


def _reads(runs: Iterable[Mapping[str, str]]) -> dict[str, list[tuple[datetime, datetime]]]:
    """By connection, when the pulls that could see a person's word began and ended."""
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in runs:
        if row["kind"] == "pull" and row["status"] == "ok" and row["stream"] == READ_IN.get(row["connection"]):
            times = (datetime.fromisoformat(row["started_at"]), datetime.fromisoformat(row["finished_at"]))
            found[row["connection"]].append(times)
    return found
