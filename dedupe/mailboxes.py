"""E-mail addresses as identity sees them: the mailbox behind a key, role names, look-alikes, slips of the pen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import combining, normalize

from rapidfuzz.distance import OSA

from dedupe.mailbox_words import CONFUSABLE, DESKS, PLAIN_CONFUSABLE, ROLES, domain_of_people, rule_of

__all__ = ["MailForm", "domain_of_people", "form_of", "mail_level"]

LONGEST_KEY = 320
SHORTEST_LOCAL = 4
FEWEST_DIGITS = 6
LONG_ENOUGH = 5
"""Letters of a local part that two people would hardly share by chance, or of which one may be a slip."""

_DROP_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}
_FIRST_WORD = re.compile(r"[a-z]+(?=[-._])")
_DIGITS = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class MailForm:
    """`box` is the mailbox a key surely delivers to, `domain` as in the key.

    `local` is the local part without tag, letters and digits only; "" for roles and where it is too short to tell
    people apart. `role` marks desks (info@) and placeholders (noemail@). Keys with an equal `skeleton` look alike.
    """

    box: str
    local: str
    domain: str
    role: bool
    skeleton: str


def form_of(key: str) -> MailForm:
    """`key` is `mapping.models.Email.key`. What is longer than any address may be is only ever equal to itself."""
    local, _, domain = key.rpartition("@")
    if len(key) > LONGEST_KEY:
        return MailForm(key, "", domain, False, key)
    tag, google, people = rule_of(domain)
    box, named = key, local
    if tag:
        named = local.partition(tag)[0] or local
        box = f"{named.replace('.', '') or named}@gmail.com" if google else f"{named}@{domain}"
    elif "+" in local:
        named = local.partition("+")[0] or local
    if key.isascii() and "xn--" not in domain:
        letters = named.translate(_DROP_SIGNS)
        skeleton = look_of(key)
    else:
        letters = "".join(char for char in normalize("NFKC", named) if char.isalnum())
        skeleton = _skeleton(local, domain)
    role = _is_role(letters, named, people)
    telling = not role and len(letters) >= (FEWEST_DIGITS if letters.isdigit() else SHORTEST_LOCAL)
    return MailForm(box, letters if telling else "", domain, role, skeleton)


def look_of(key: str) -> str:
    """The skeleton of an address in ASCII without punycode, or of many, each in a line."""
    return key.translate(PLAIN_CONFUSABLE).replace("rn", "m").replace("vv", "w")


def mail_level(left: MailForm, right: MailForm) -> str:
    """One of "same", "same box", "look-alike", "same local", "typo", "different". Symmetric.

    "look-alike" is for review, never automatic: letters of another script, where somebody may have meant to deceive.
    "typo" is one slip in letters: another digit is another person's mailbox (anna1, anna2).
    """
    if left.box == right.box:
        return "same" if left == right else "same box"
    if left.skeleton == right.skeleton and not (_is_plain(left) and _is_plain(right)):
        return "look-alike"
    if left.role or right.role or max(len(left.box), len(right.box)) > LONGEST_KEY:
        return "different"
    if _is_typo(left, right):
        return "typo"
    same_local = left.local == right.local and len(left.local) >= LONG_ENOUGH and left.domain != right.domain
    return "same local" if same_local else "different"


def _is_role(letters: str, named: str, people: bool) -> bool:
    if letters in ROLES or not letters:
        return True
    if letters == named and letters.isalpha():
        return False
    bare = letters.rstrip("0123456789")
    if len(bare) >= SHORTEST_LOCAL and bare in ROLES:
        return True
    first = None if people else _FIRST_WORD.match(named)
    return first is not None and first[0] in DESKS


def _skeleton(local: str, domain: str) -> str:
    """What the eye sees: punycode read, look-alike letters as the plain ones, no accents."""
    shown = normalize("NFKC", f"{local}@{'.'.join(map(_shown, domain.split('.')))}").casefold().translate(CONFUSABLE)
    bare = "".join(char for char in normalize("NFD", shown) if not combining(char)).translate(CONFUSABLE)
    return look_of(bare)


def _shown(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


def _is_plain(form: MailForm) -> bool:
    return form.box.isascii() and "xn--" not in form.domain


def _is_typo(left: MailForm, right: MailForm) -> bool:
    one, at_one = _parted(left)
    two, at_two = _parted(right)
    same_letters = left.local != "" and left.local == right.local
    alike = left.skeleton == right.skeleton
    if at_one == at_two:
        return same_letters or (min(len(one), len(two)) >= LONG_ENOUGH and _one_slip(one, two, alike))
    providers = domain_of_people(at_one) + domain_of_people(at_two)
    if providers == 2 or not (same_letters or (one == two and len(one) >= (1 if providers else SHORTEST_LOCAL))):
        return False
    return min(len(at_one), len(at_two)) >= LONG_ENOUGH and _one_slip(at_one, at_two, alike)


def _parted(form: MailForm) -> tuple[str, str]:
    local, _, domain = form.box.rpartition("@")
    return local, domain


def _one_slip(left: str, right: str, alike: bool) -> bool:
    """One edit or two neighbours swapped, all digits in their order. `alike`: 0 for o and 1 for l are slips, too."""
    if alike:
        return True
    if OSA.distance(left, right, score_cutoff=1) > 1:
        return False
    return _DIGITS.findall(left) == _DIGITS.findall(right)
