"""What comes as files: the loyalty scheme's members as CSV rows, the help desk's people as JSON objects."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from random import Random
from typing import Any

from hub.demo.people import Address, Sighting

LOYALTY_COLUMNS = ("member_no", "given", "surname", "E-mail", "mobile", "street", "suburb", "state", "postcode", "dob")
NOTHING = ("N/A", "n/a", "-", "unknown", "")
BAD_PHONES = ("0412 345", "see notes", "041234567890", "00000000")
BAD_DATES = ("01/01/1900", "31/02/1985", "N/A", "")
NOWHERE = Address("", "", "", "")


def loyalty_row(number: int, seen: Sighting, rng: Random) -> dict[str, str]:
    """Dates of birth are day/month/year. About one row in eight has something ugly, but no planted one."""
    row = {
        "member_no": f"L{100000 + number}",
        "given": seen.given,
        "surname": seen.family,
        "E-mail": seen.email,
        "mobile": seen.phone,
        **_place(seen.address or NOWHERE),
        "dob": f"{seen.born:%d/%m/%Y}" if seen.born else "",
    }
    return row if seen.trap else _spoilt(row, rng)


def _spoilt(row: dict[str, str], rng: Random) -> dict[str, str]:
    spoil = rng.random()
    if spoil < 0.4 and not row["E-mail"]:
        return {**row, "E-mail": rng.choice(NOTHING)}
    if spoil < 0.05:
        return {**row, "mobile": rng.choice(BAD_PHONES)}
    if spoil < 0.07:
        return {**row, "dob": rng.choice(BAD_DATES)}
    if spoil < 0.09:
        return {**row, "given": row["given"].upper(), "surname": f" {row['surname'].upper()} "}
    if spoil < 0.12 and row["street"]:
        return {**row, "street": f'"The Cottage"\n{row["street"]}'}
    return row


def desk_row(number: int, seen: Sighting, member_no: str | None) -> dict[str, Any]:
    """What the desk does not know is null."""
    return {
        "id": f"P-{50000 + number}",
        "name": f"{seen.given} {seen.family}",
        "email": seen.email or None,
        "phone": seen.phone or None,
        "member_no": member_no if seen.told_member_no else None,
    }


def as_csv(rows: Sequence[dict[str, str]]) -> str:
    """The loyalty drop's text."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, LOYALTY_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_jsonl(rows: Sequence[dict[str, Any]]) -> str:
    """The help-desk drop's text."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _place(address: Address) -> dict[str, str]:
    return {
        "street": address.street,
        "suburb": address.suburb,
        "state": address.state,
        "postcode": address.postcode,
    }
