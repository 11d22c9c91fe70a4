"""What people write into the field of a name when nobody gave one: "Walk-in Customer", "Gast", "Consumidor final"."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[^\W\d_]+")

_PEOPLE = """
guest customer unknown anonymous anonymus test tester nobody noname visitor member subscriber shopper walkin
gast kunde unbekannt anonym laufkunde barverkauf niemand
client inconnu anonyme visiteur
cliente desconhecido anonimo convidado consumidor visitante desconocido invitado
sconosciuto ospite klant onbekend okand okänd kund
"""
_ATTRIBUTES = """
walk in cash sale counter over the web online shop store new valued dear our user account name no not given provided
first last one two
ohne kein keine neuer neukunde laufkundschaft theke
sans nom comptoir divers de passage
sem nome balcao balcão final avulso novo
sin nombre mostrador nuevo contado
"""

_ALONE = frozenset(_PEOPLE.split())
"""Words that are nobody's name when they are all there is."""

_BESIDE = frozenset(_ATTRIBUTES.split())
"""Words that say no more beside those."""

_WHOLE = frozenset(
    {
        "walk in", "walk up", "cash sale", "counter sale", "no name", "not given", "not provided", "first last",
        "ohne name", "kein name", "keine angabe", "sans nom", "sem nome", "sin nombre", "na na", "xx xx", "xxx xxx",
        "first name last name",
    }
)  # fmt: skip


def is_nobody(text: str) -> bool:
    """Whether a name as it was written names no person. "Guest", "Cash" or "Test" with any other word does."""
    words = [word.lower() for word in _WORDS.findall(text)]
    if not words:
        return False
    return " ".join(words) in _WHOLE or (
        any(word in _ALONE for word in words) and all(word in _ALONE or word in _BESIDE for word in words)
    )
