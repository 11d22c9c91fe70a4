"""What goes wrong with one value when people type it: pure functions of the value and one random number."""

from __future__ import annotations

import unicodedata
from functools import cache

from benchmarks.people.given_names import short_forms

DRAWS = 2**40
"""The random number of a mistake is below this."""

_LETTERS = "etaonirshldcumfgpwybvkxjqz"
_SHORT = {
    "Street": "St", "Road": "Rd", "Avenue": "Ave", "Drive": "Dr", "Court": "Ct", "Place": "Pl", "Lane": "Ln",
    "Crescent": "Cres", "Parade": "Pde", "Terrace": "Tce", "Close": "Cl",
}  # fmt: skip
PLACEHOLDER_PHONES = ("+61400000000", "+61400000000", "+61411111111", "+12025550100")
PLACEHOLDER_EMAILS = ("test@example.com", "test@example.com", "na@na.test", "noemail@example.com")
PLACEHOLDER_BIRTH = "1900-01-01"
_ROLES = ("info", "info", "info", "office", "accounts", "sales")
_TAGS = ("shop", "news", "offers", "sale")


def typo(text: str, draw: int) -> str:
    """A letter put in, left out, taken for another, or two turned round; short words stay."""
    if len(text) < 3:
        return text
    draw, kind = divmod(draw, 4)
    draw, place = divmod(draw, len(text) - 1)
    letter = _LETTERS[draw % 26]
    if kind == 0:
        return text[: place + 1] + letter + text[place + 1 :]
    if kind == 1:
        return text[: place + 1] + text[place + 2 :]
    if kind == 2:
        return text[: place + 1] + letter + text[place + 2 :]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def nickname(first: str, draw: int) -> str:
    known = short_forms().get(first)
    return known[draw % len(known)] if known else first


def initial(name: str, draw: int) -> str:
    return name[0] + ("." if draw % 2 else "")


def without_accents(text: str, draw: int) -> str:
    """Müller becomes Muller or Mueller, ß is written ss."""
    return _bare(text, draw % 3 == 0)


@cache
def _bare(text: str, german: bool) -> str:
    text = text.replace("ß", "ss")
    if german:
        text = text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def other_case(text: str, draw: int) -> str:
    return text.upper() if draw % 2 else text.lower()


def company(name: str, draw: int) -> str:
    return name.rsplit(" ", draw % 2)[0]


def street_short(street: str, draw: int) -> str:
    head, _, kind = street.rpartition(" ")
    return f"{head} {_SHORT.get(kind, kind)}{'.' if draw % 4 == 0 else ''}"


def unit_format(street: str, draw: int) -> str:
    """Unit 4, 12 High Street is also 4/12 High Street, Flat 4, Apt 4, or loses its unit."""
    unit, comma, rest = street.partition(", ")
    if not comma or not unit.startswith("Unit "):
        return street
    number = unit[5:]
    return (f"{number}/{rest}", f"U{number}/{rest}", f"Apt {number}, {rest}", f"{rest} #{number}", rest)[draw % 5]


def email_typo(email: str, draw: int) -> str:
    local, _, domain = email.rpartition("@")
    return f"{typo(local, draw).lower()}@{domain}"


def email_domain_typo(email: str, draw: int) -> str:
    """gmail.test becomes gmial.test: two letters turned round or one left out, never beyond the first dot."""
    local, _, domain = email.rpartition("@")
    name, dot, ending = domain.partition(".")
    place = 1 + draw // 2 % (len(name) - 2)
    turned = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    wrong = turned if draw % 2 else name[:place] + name[place + 1 :]
    return f"{local}@{wrong}{dot}{'test' if ending != 'test' else ending}"


def email_tag(email: str, draw: int) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local}+{_TAGS[draw % len(_TAGS)]}@{domain}"


def role_mailbox(domain: str, draw: int) -> str:
    return f"{_ROLES[draw % len(_ROLES)]}@{domain}"


def phone_typo(phone: str, draw: int) -> str:
    """One of the last six digits is another one."""
    draw, place = divmod(draw, 6)
    place += len(phone) - 6
    digit = (int(phone[place]) + 1 + draw % 9) % 10
    return f"{phone[:place]}{digit}{phone[place + 1 :]}"


def birth_swapped(birth: str, _: int) -> str:
    """Day and month exchanged where that is a date."""
    year, month, day = birth.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else birth


def birth_typo(birth: str, draw: int) -> str:
    """A wrong year, or a wrong day; every month has 28."""
    year, month, day = birth.split("-")
    if draw % 2:
        return f"{int(year) + (-10, -1, 1, 10)[draw // 2 % 4]}-{month}-{day if int(day) <= 28 else '28'}"
    return f"{year}-{month}-{1 + (int(day) + draw // 2 % 27) % 28:02}"
