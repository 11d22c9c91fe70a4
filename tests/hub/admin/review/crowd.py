"""People who may be one: pairs of records of two systems with one phone number and names that are alike or not."""

from __future__ import annotations

from typing import Any

FIRST = ("Katherine", "Bob", "Carol", "Dmitri", "Edith", "Farid", "Greta", "Hugo", "Ines", "Jorge", "Luca", "Mona")
LAST = ("Abbott", "Bianchi", "Castro", "Dubois", "Eriksen", "Fischer", "Gruber", "Horvat", "Ivanov", "Jansen")

Rows = list[dict[str, Any]]


def pairs(count: int, first: int = 0) -> tuple[Rows, Rows]:
    """So many records at the desk, and for each one of the loyalty system that shares its phone and first name."""
    desk, loyalty = [], []
    for at in range(first, first + count):
        name, tail = FIRST[at % len(FIRST)], "abcdefghijklmnop"[at // len(LAST) % 16]
        one, other = (f"{LAST[which % len(LAST)]}{tail}" for which in (at, at + 3))
        phone = f"0491{at:06d}"
        desk.append({"id": f"D{at:05d}", "name": f"{name} {one}", "email": f"desk{at}@example.com", "phone": phone})
        loyalty.append({"id": f"L{at:05d}", "name": f"{name} {other}", "email": f"l{at}@example.org", "phone": phone})
    return desk, loyalty


def crowd(phone: str = "0491 570 156") -> Rows:
    """Twelve people with one phone number, which is so many that it joins nobody."""
    return [
        {"id": f"C{at}", "name": f"{name} {LAST[at % len(LAST)]}", "email": f"crowd{at}@example.net", "phone": phone}
        for at, name in enumerate(FIRST)
    ]
