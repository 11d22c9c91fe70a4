"""Words in names that are no names, folded: titles, particles, suffixes, conjunctions, companies, roles."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLES = _set(
    "mr mrs ms miss mx mister dr doctor prof professor rev reverend sir dame hon herr hr frau fr fraulein mme mlle mons"
    " monsieur madame mademoiselle sig sigra signor signora signorina dott dottssa sra srta senor senora senorita"
    " senhor senhora doutor doutora dhr mevr mw"
)
TITLES_BEFORE_A_NAME = _set("sr dra")
"""Titles that elsewhere are something else: Sr. Perez, but Perez Sr."""

PARTICLES = _set(
    "de da do dos das del dela della delle dello dei degli di du des la le los las lo van vander vanden von vom zu zur"
    " der den het ter ten te bin ibn bint binti ben al el ul abu abd abdul abdel st mc mac o d l dall dalla san santa"
    " af av ap fitz"
)
GIVEN_PARTICLES = _set("abd abdul abdel")
"""Those that begin a first name also where nothing stands before them."""

SUFFIXES = {
    **dict.fromkeys(("jr", "jnr", "junior"), "jr"),
    **dict.fromkeys(("sr", "snr", "senior"), "sr"),
    **dict.fromkeys(("ii", "2nd"), "ii"),
    **dict.fromkeys(("iii", "3rd"), "iii"),
    **dict.fromkeys(("iv", "4th"), "iv"),
    "filho": "jr",
}
DEGREES = _set("phd md mba esq cpa dds dvm obe mbe cbe msc bsc meng")

SURE_AND = _set("& and und et")
AND_BETWEEN_FIRST_NAMES = _set("e y i en og och")
"""Where surnames are concerned these join the names of one person: Ortega y Gasset, Silva e Souza."""

FAMILY = _set("family familie familia famille famiglia")

COMPANY_WORDS = _set(
    "pty ltd limited gmbh mbh ltda inc incorporated llc llp plc corp corporation eireli srl sarl eurl spa ohg kg bv"
    " shop store hotel motel restaurant cafe studio studios university school club group services solutions consulting"
    " enterprises holdings trading clinic pharmacy foundation association partners associates sons tienda loja negozio"
    " boutique verein praxis reception accounts info team frontdesk helpdesk enquiries inquiries bookings reservations"
    " noreply webmaster postmaster"
)
ROLE_WORDS = _set(
    "the front desk help customer service care office admin administration administrator sales billing support manager"
    " owner orders order marketing hr it payable receivable payroll purchasing finance secretary contact general"
    " department dept staff customer"
)
"""These make a role only where the whole name is made of them: Sales, but not Maria Sales."""
