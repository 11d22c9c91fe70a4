"""The ordinary people of the estate: households, and how carelessly each system noted them down."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from hub.demo import chat, names
from hub.demo.people import Address, Answer, Draft, Person, System, moment, new_address

Weights = tuple[int, int, int]

SHARES: dict[System, float] = {"shop": 0.62, "newsletter": 0.66, "loyalty": 0.52, "desk": 0.25, "guest": 0.06}
"""Which part of the people each system knows."""

HAS_PHONE: dict[System, float] = {
    "shop": 0.7,
    "newsletter": 0.4,
    "loyalty": 0.85,
    "desk": 0.6,
    "guest": 0.6,
    "help": 0.5,
}
HAS_ADDRESS: dict[System, float] = {"shop": 0.85, "newsletter": 0.15, "loyalty": 0.9, "guest": 0.95}

IN_HELP, IN_TEXTS = 0.2, 0.1
"""Which part of the people asks the help desk something, and which part is told of parcels by text message."""

ASKED: dict[System, Weights] = {"shop": (62, 18, 20), "newsletter": (62, 18, 20), "help": (10, 8, 82)}
"""How many of a hundred said yes, said no and were never asked for mail; at the help desk an agent noted it."""

ASKED_FOR_TEXTS: dict[System, Weights] = {"shop": (40, 12, 48), "help": (10, 8, 82)}
NEVER: Weights = (0, 0, 100)


def add_households(draft: Draft, people: int) -> None:
    """Households of one to four until the estate has so many people, each known to one system at least."""
    while len(draft.people) < people:
        home = draft.household()
        family = draft.rng.choice(names.SURNAMES)
        size = draft.rng.choices((1, 2, 3, 4), (45, 30, 10, 15))[0]
        for _ in range(min(size, people - len(draft.people))):
            shares_name = draft.rng.random() < 0.75
            person = draft.person(home, family=family) if shares_name else draft.person(home)
            _let_systems_see(draft, person)


def _let_systems_see(draft: Draft, person: Person) -> None:
    rng = draft.rng
    systems: list[System] = [system for system, share in SHARES.items() if rng.random() < share]
    for system in systems or ["newsletter"]:
        draft.saw(system, person, **_noted(rng, person, system))
    if "shop" in systems and person.other_email and rng.random() < 0.15:
        draft.saw("shop", person, **_noted(rng, person, "shop") | {"email": person.other_email})
    if rng.random() < IN_HELP:
        draft.saw("help", person, **_noted(rng, person, "help"))
    if rng.random() < IN_TEXTS:
        draft.saw("texts", person, phone=person.phone, texts=chat.some_texts(rng))


def _noted(rng: Random, person: Person, system: System) -> dict[str, Any]:
    since = moment(rng)
    consent = _answer(rng, ASKED.get(system, NEVER))
    phone = written(rng, person.phone) if rng.random() < HAS_PHONE[system] else ""
    sms = _answer(rng, ASKED_FOR_TEXTS.get(system, NEVER)) if phone else ""
    return {
        "given": _given(rng, person.given),
        "email": _email(rng, person, system),
        "phone": phone,
        "address": _address(rng, person.address) if rng.random() < HAS_ADDRESS.get(system, 0) else None,
        "born": person.born if system == "loyalty" and rng.random() < 0.8 else None,
        "since": since,
        "consent": consent,
        "consent_at": moment(rng, after=since) if consent else None,
        "sms": sms,
        "sms_at": moment(rng, after=since) if sms else None,
        "told_member_no": rng.random() < 0.3,
    }


def _answer(rng: Random, weights: Weights) -> Answer:
    choices: tuple[Answer, ...] = ("yes", "no", "")
    return rng.choices(choices, weights)[0]


def _given(rng: Random, given: str) -> str:
    chance = rng.random()
    if chance < 0.3 and given in names.NICKNAMES:
        return names.NICKNAMES[given]
    return misspelt(rng, given) if chance > 0.97 else given


def _email(rng: Random, person: Person, system: System) -> str:
    if system in ("loyalty", "desk") and rng.random() < 0.15:
        return ""
    main = system in ("shop", "newsletter") or not person.other_email or rng.random() < 0.8
    email = person.email if main else person.other_email
    return email.title() if rng.random() < 0.03 else email


def _address(rng: Random, address: Address) -> Address:
    if rng.random() < 0.06:
        return new_address(rng)
    return shortened(address) if rng.random() < 0.4 else address


def shortened(address: Address) -> Address:
    """The same address with `St` for `Street` and the like."""
    start, kind = address.street.rsplit(" ", 1)
    return replace(address, street=f"{start} {names.STREET_KINDS[kind]}")


def written(rng: Random, phone: str) -> str:
    """The same number in one of the ways that people write it."""
    a, b, c = phone[:4], phone[4:7], phone[7:]
    return rng.choice(
        (
            phone,
            f"{a} {b} {c}",
            f"{a}-{b}-{c}",
            f"+61{phone[1:]}",
            f"+61 {a[1:]} {b} {c}",
            f"(04) {phone[2:6]} {phone[6:]}",
        )
    )


def misspelt(rng: Random, word: str) -> str:
    """Two neighbouring letters inside the word exchanged; a word of one kind of letter stays as it is."""
    places = [i for i in range(1, len(word) - 1) if word[i] != word[i + 1]]
    if not places:
        return word
    i = rng.choice(places)
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
