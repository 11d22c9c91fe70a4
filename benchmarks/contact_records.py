"""Generated contact records of 28 fields as an API tells them, the same for the same seed. Nobody in them lives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import orjson

PAGE = 250
Raw = dict[str, Any]

_SYLLABLES = """
al be cor dan el fa gri ho ir jo ka lu mar ne or pe qui ro sa ti ul va wen ya zo
"""
SYLLABLES = tuple(_SYLLABLES.split())
CITIES = (
    "Sydney",
    "Newtown",
    "Perth",
    "Wellington",
    "Fresno",
    "Leeds",
    "Port Macquarie",
    "Mt Isa",
    "Geelong West",
    "Québec",
)
COUNTRIES = ("AU", "AU", "AU", "NZ", "US", "GB", "Australia")


def generated(records: int, seed: int) -> Iterator[bytes]:
    """Pages of JSON, so that every measurement parses its own and no record is warm from another."""
    chance = random.Random(seed)
    for start in range(0, records, PAGE):
        yield orjson.dumps([_record(chance, start + n) for n in range(min(PAGE, records - start))])


def _word(chance: random.Random, most: int = 3) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, most))).capitalize()


def _phone(chance: random.Random) -> str | None:
    kind = chance.random()
    digits = f"{chance.randrange(10**6):06}"
    if kind < 0.15:
        return None
    if kind < 0.45:
        return f"+614{chance.randrange(40):02}{digits}"
    if kind < 0.65:
        return f"04{chance.randrange(40):02} {digits[:3]} {digits[3:]}"
    if kind < 0.80:
        return f"(0{chance.choice('238')}) 9{digits[:3]} {digits[2:]}"
    if kind < 0.88:
        return f"+64 21 {digits[:3]} {digits[2:]}"
    if kind < 0.95:
        return f"+1 (202) 555-{digits[:4]}"
    return chance.choice((f"+61 4{digits}", "call me", f"04{digits}12 ext. 7", f"+44 20 7946 {digits[:4]}"))


def _record(chance: random.Random, number: int) -> Raw:
    first, last = _word(chance), _word(chance)
    if chance.random() < 0.05:
        last = chance.choice((last.upper(), f"van der {last}", f"O'{last}", f"{last}é"))
    mailbox = f"{first}.{last}{chance.randrange(100)}".replace(" ", ".").encode("ascii", "ignore").decode()
    host = chance.choice(("example.com", "example.org", "mail.example.net", f"{_word(chance, 2).lower()}.example.com"))
    day = f"{chance.randint(1930, 2008)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    maybe = chance.random
    return {
        "id": f"ct_{number:08}",
        "created_at": f"202{chance.randint(0, 5)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
        f"T10:{chance.randint(10, 59)}:00Z",
        "updated_at": f"2026-01-0{chance.randint(1, 9)}T10:00:00Z",
        "first_name": first,
        "last_name": last,
        "title": chance.choice(("Baker", "Chief Engineer", None, "Nurse")),
        "email": f"{mailbox}@{host}" if maybe() < 0.95 else None,
        "contact": {"email": None, "preferred": "email"},
        "phones": {"mobile": _phone(chance), "work": _phone(chance), "fax": None},
        "birthday": day if maybe() < 0.6 else None,
        "gender": chance.choice(("f", "m", "", None)),
        "language": chance.choice(("en", "en-AU", "de")),
        "timezone": "Australia/Sydney",
        "company": {"name": f"{_word(chance)} Pty Ltd", "domain": f"{_word(chance).lower()}.example", "size": 12},
        "job": {"title": _word(chance) if maybe() < 0.3 else None, "level": 3},
        "address": {
            "line1": f"{chance.randint(1, 400)} {_word(chance)} St",
            "line2": f"Unit {chance.randint(1, 40)}" if maybe() < 0.2 else "",
            "city": chance.choice(CITIES),
            "state": chance.choice(("NSW", "VIC", "WA", "")),
            "postcode": f"{chance.randint(1000, 9999)}",
            "country": chance.choice(COUNTRIES),
        },
        "loyalty": {"number": f"L{number:07}", "points": str(chance.randint(0, 5000)), "tier": "gold"},
        "tags": chance.sample(("vip", "newsletter", "sale", "trade", "2024"), k=chance.randint(0, 3)),
        "total_spent": f"{chance.randint(0, 900)}.{chance.randint(10, 99)}",
        "orders_count": chance.randint(0, 30),
        "source": {"channel": chance.choice((None, "", "web")), "kind": chance.choice(("import", None))},
        "stores": [{"name": _word(chance), "home": n == 1, "id": n} for n in range(chance.randint(0, 3))],
        "owner": {"id": chance.randint(1, 50), "name": _word(chance)},
        "verified": maybe() < 0.5,
        "marketing": {"email": "subscribed", "sms": None},
        "note": "rang about the late parcel; will call again",
        "archived": False,
        "revision": chance.randint(1, 90),
    }
