"""People planted to mislead: one function a trap, each saying what a naive merge makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from hub.demo.crowd import misspelt, shortened, written
from hub.demo.people import END, START, Draft
from hub.demo.planted import PLANTED

ROLE_MAILBOX = "info@harbourworks.example.org"
PLACEHOLDER_EMAIL = "noemail@example.com"
PLACEHOLDER_PHONE = "0400 000 000"
MAILBOX_USERS = 30
PLACEHOLDER_USERS = 40

Trap = Callable[[Draft, str], None]


def shared_family_phone(draft: Draft, trap: str) -> None:
    # Four people answer one phone. "Equal phone, same person" makes one contact of the family,
    # and the daughter's unsubscribe silences her father.
    home = draft.household()
    mother, father, daughter, son = (draft.person(home, given=g, family="Vo") for g in ("Linh", "Duc", "Thuy", "Minh"))
    phone = mother.phone
    draft.saw("shop", mother, email=mother.email, phone=phone, address=home[1], trap=trap)
    draft.saw("newsletter", father, email=father.email, phone=phone, consent="yes", trap=trap)
    draft.saw("loyalty", daughter, email=daughter.email, phone=phone, address=home[1], born=daughter.born, trap=trap)
    draft.saw("desk", son, email=son.email, phone=phone, trap=trap)


def role_mailbox(draft: Draft, trap: str, users: int = MAILBOX_USERS) -> None:
    # A whole company writes from one address. "Equal e-mail, same person" makes one employee of all of them.
    for n in range(users):
        person = draft.person()
        draft.saw("desk", person, email=ROLE_MAILBOX, phone=written(draft.rng, person.phone), trap=trap)
        if n % 2:
            draft.saw("loyalty", person, email=person.email, phone=person.phone, address=person.address, trap=trap)


def placeholder_values(draft: Draft, trap: str, users: int = PLACEHOLDER_USERS) -> None:
    # What the till assistant types when the customer will not say. A union over equal values
    # chains all of these strangers together, and every later one who gets the same values.
    for _ in range(users):
        person = draft.person()
        draft.saw(
            "loyalty",
            person,
            email=PLACEHOLDER_EMAIL,
            phone=PLACEHOLDER_PHONE,
            address=person.address,
            born=person.born,
            trap=trap,
        )


def father_and_son(draft: Draft, trap: str) -> None:
    # One name, one address, two dates of birth. "Equal name and address" merges two generations.
    home = draft.household()
    father = draft.person(home, given="Stavros", family="Nikolaidis", born=date(1958, 4, 2))
    son = draft.person(home, given="Stavros", family="Nikolaidis", born=date(1989, 9, 17))
    for each in (father, son):
        draft.saw("loyalty", each, email=each.email, address=home[1], born=each.born, trap=trap)
    draft.saw("shop", son, email=son.email, phone=son.phone, address=home[1], trap=trap)
    draft.saw("newsletter", father, email=father.email, consent="no", consent_at=END - timedelta(days=90), trap=trap)


def twins(draft: Draft, trap: str) -> None:
    # Same surname, birthday and address, and nearly the same given name. Independent weights for each of
    # these add up to certainty.
    home = draft.household()
    for given in ("Anjali", "Anjana"):
        twin = draft.person(home, given=given, family="Fernando", born=date(1996, 2, 11))
        draft.saw("loyalty", twin, email=twin.email, address=home[1], born=twin.born, trap=trap)
        draft.saw("shop", twin, email=twin.email, address=shortened(home[1]), trap=trap)


def changed_email(draft: Draft, trap: str) -> None:
    # The old address at the help desk, the new one everywhere else; phone and loyalty number stayed.
    # Matching by e-mail alone makes a second person of her.
    new = "chiara.rossi@post.example.net"
    person = draft.person(given="Chiara", family="Rossi", email=new, other_email="chiara.esposito@mail.example.com")
    draft.saw(
        "desk",
        person,
        family="Esposito",
        email=person.other_email,
        phone=written(draft.rng, person.phone),
        told_member_no=True,
        since=START + timedelta(days=30),
        trap=trap,
    )
    draft.saw("loyalty", person, email=new, phone=person.phone, address=person.address, trap=trap)
    draft.saw("newsletter", person, email=new, phone=person.phone, consent="yes", trap=trap)


def guest_orders(draft: Draft, trap: str) -> None:
    # Twelve orders without an account. Each as its own contact gives a dozen strangers of one loyal shopper;
    # a limit that counts records calls her address popular and does the same.
    person = draft.person(given="Harriet", family="Thistlewood")
    for n in range(12):
        draft.saw(
            "guest",
            person,
            given=("Harriet", "Harriet", "H")[n % 3],
            email=person.email if n % 4 else person.email.upper(),
            phone=written(draft.rng, person.phone),
            address=person.address if n % 2 else shortened(person.address),
            trap=trap,
        )


def recycled_phone(draft: Draft, trap: str) -> None:
    # The number lapsed and was sold again: two strangers, nearly two years apart. "Equal phone" gives the
    # new holder the old one's orders.
    before = draft.person(given="Bruce", family="Pemberton")
    after = draft.person(given="Amara", family="Okafor")
    phone = before.phone
    draft.saw(
        "shop",
        before,
        email=before.email,
        phone=phone,
        address=before.address,
        since=START,
        consent="",
        orders=0,
        trap=trap,
    )
    draft.saw("newsletter", after, email=after.email, phone=phone, since=END - timedelta(days=20), trap=trap)


def one_typo_names(draft: Draft, trap: str) -> None:
    # One slip of the finger and no e-mail in common. Exact names miss these.
    for given, family in (("Michael", "Bracegirdle"), ("Charlotte", "Hollingworth"), ("Zoran", "Petrović")):
        person = draft.person(given=given, family=family)
        draft.saw("loyalty", person, address=person.address, phone=person.phone, born=person.born, trap=trap)
        wrong = misspelt(draft.rng, family)
        draft.saw("shop", person, family=wrong, email=person.email, address=shortened(person.address), trap=trap)


def unsubscribed(draft: Draft, trap: str) -> None:
    # Charlie said yes in the shop, and later no in the newsletter. "Any yes counts", or a push of the shop's
    # old state, mails him again.
    charlie = draft.person(given="Charlie", family="Ashdown")
    yes, no = START + timedelta(days=100), END - timedelta(days=60)
    draft.saw(
        "shop", charlie, email=charlie.email, phone=charlie.phone, since=yes, consent="yes", consent_at=yes, trap=trap
    )
    draft.saw("newsletter", charlie, email=charlie.email, since=yes, consent="no", consent_at=no, trap=trap)


def nickname_pairs(draft: Draft, trap: str) -> None:
    # Katherine at the till, Kate online, another e-mail in each. Comparing letters finds little in common.
    pairs = (("Katherine", "Kate", "Merriweather"), ("William", "Bill", "Wetherby"), ("Elizabeth", "Liz", "Whitlock"))
    for formal, short, family in pairs:
        person = draft.person(given=formal, family=family)
        draft.saw("loyalty", person, address=person.address, born=person.born, phone=person.phone, trap=trap)
        draft.saw("shop", person, given=short, email=person.email, address=person.address, trap=trap)
        draft.saw("newsletter", person, given=short, email=person.email, consent="yes", trap=trap)


FIXED: tuple[Trap, ...] = (
    shared_family_phone,
    father_and_son,
    twins,
    changed_email,
    guest_orders,
    recycled_phone,
    one_typo_names,
    unsubscribed,
    nickname_pairs,
    *PLANTED,
)


def plant(draft: Draft, people: int) -> None:
    """All traps; the two crowds are smaller than their full size in an estate of less than 200 people."""
    for trap in FIXED:
        trap(draft, trap.__name__)
    role_mailbox(draft, role_mailbox.__name__, min(MAILBOX_USERS, people // 5))
    placeholder_values(draft, placeholder_values.__name__, min(PLACEHOLDER_USERS, people // 5))
