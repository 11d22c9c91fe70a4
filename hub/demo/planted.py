"""People planted for what they said of consent: one function a trap, each saying what a naive copy makes of it.

`actors` are no trap: they wait for the demo's three acts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hub.demo import chat, names
from hub.demo.people import END, START, Draft, Person, Text

LONG_AGO, LATELY = START + timedelta(days=200), END - timedelta(days=15)


def stopped_by_text(draft: Draft, trap: str) -> None:
    # Yes at the shop's checkout, STOP to a parcel notice. Whoever leaves the STOP at the gateway, which blocks it
    # there, texts him again from the shop.
    person = draft.person(given="Cillian", family="Gallagher")
    texts = (
        Text(END - timedelta(days=41), names.NOTICE),
        Text(END - timedelta(days=40), chat.STOP, inbound=True),
    )
    draft.saw("texts", person, phone=person.phone, since=texts[0].at, texts=texts, trap=trap)
    known = {"email": person.email, "phone": person.phone, "since": LONG_AGO, "trap": trap}
    draft.saw("shop", person, **known, sms="yes", sms_at=LONG_AGO)
    draft.saw("help", person, **known, sms="yes", sms_at=LONG_AGO)


def hard_bounce(draft: Draft, trap: str) -> None:
    # The mailbox is gone. Writing the shop's later yes into the list mails it again, and spoils the sender's name.
    person = draft.person(given="Milena", family="Horvat")
    known = {"email": person.email, "since": LONG_AGO, "consent": "yes", "trap": trap}
    draft.saw("newsletter", person, **known, consent_at=LONG_AGO, mark="bounced")
    draft.saw("shop", person, **known, consent_at=LATELY)


def claimed_by_import(draft: Draft, trap: str) -> None:
    # No at the shop; later somebody imported an old file as subscribed. "The latest state wins" opens the shop again.
    person = draft.person(given="Tahlia", family="Mensah")
    known = {"email": person.email, "since": LONG_AGO, "trap": trap}
    draft.saw("shop", person, **known, consent="no", consent_at=LONG_AGO + timedelta(days=90))
    draft.saw("newsletter", person, **known, consent="yes", consent_at=LATELY, mark="imported")
    draft.saw("help", person, **known)


def resubscribed(draft: Draft, trap: str) -> None:
    # No at the newsletter, and a year later she filled the shop's form. "Any no counts for ever" loses her.
    person = draft.person(given="Despina", family="Georgiou")
    known = {"email": person.email, "since": LONG_AGO, "trap": trap}
    draft.saw("newsletter", person, **known, consent="no", consent_at=LONG_AGO + timedelta(days=30))
    draft.saw("shop", person, **known, consent="yes", consent_at=LATELY)
    draft.saw("help", person, **known)


def never_asked(draft: Draft, trap: str) -> None:
    # A new member of the list who bought something and was never asked. Whoever adds people as subscribed mails him.
    person = draft.person(given="Eitan", family="Katz")
    known = {"email": person.email, "since": END - timedelta(days=3), "trap": trap}
    for system in ("newsletter", "shop", "help"):
        draft.saw(system, person, **known)


def actors(draft: Draft, trap: str) -> None:
    """Nora and Otto of one household, and Gwen with two addresses. Each of them says something in the demo's acts."""
    home = draft.household()
    nora, otto = (draft.person(home, given=given, family="Hollis") for given in ("Nora", "Otto"))
    gwen = draft.person(given="Gwen", family="Marlow", other_email="gwen.marlow@uni.example.org")
    for person in (nora, otto):
        _said_yes_everywhere(draft, person, trap)
        draft.saw("newsletter", person, email=person.email, since=LONG_AGO, **_yes(), trap=trap)
    _said_yes_everywhere(draft, gwen, trap)
    left = {"consent": "no", "consent_at": END - timedelta(days=70)}
    draft.saw("newsletter", gwen, email=gwen.email, since=LONG_AGO, **left, trap=trap)
    draft.saw("shop", gwen, email=gwen.other_email, since=LONG_AGO, **_yes(), orders=1, trap=trap)


def _said_yes_everywhere(draft: Draft, person: Person, trap: str) -> None:
    known = {"email": person.email, "phone": person.phone, "since": LONG_AGO, "trap": trap}
    by_text = {"sms": "yes", "sms_at": LONG_AGO}
    draft.saw("shop", person, **known, **_yes(), **by_text, address=person.address, orders=1)
    draft.saw("help", person, **known, **_yes(), **by_text)
    notice = Text(END - timedelta(days=30), names.NOTICE)
    draft.saw("texts", person, phone=person.phone, since=notice.at, texts=(notice,), trap=trap)


def _yes() -> dict[str, object]:
    return {"consent": "yes", "consent_at": LONG_AGO}


PLANTED: tuple[Callable[[Draft, str], None], ...] = (
    stopped_by_text,
    hard_bounce,
    claimed_by_import,
    resubscribed,
    never_asked,
    actors,
)
