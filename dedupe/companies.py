"""Companies as identity sees them: the name without its legal form, so that equality is the comparison."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from mapping.models import Company

LONGEST_NAME = 200

_LEGAL = """
pty ltd limited pl proprietary inc incorporated llc llp lp lllp pllc pc corp corporation co company plc cic
gmbh mbh ggmbh ag kg kgaa ohg gbr ug ev eg se haftungsbeschrankt
sa sas sasu sarl eurl snc sci scop scs
ltda limitada mei epp eireli ss cia companhia
srl sl slu sau sc cv sadecv srldecv sderl ca spa sapa srls ss sas
bv nv vof cvba bvba
oy oyj ab aktiebolag as asa aps ks ans hf ehf
spzoo kft bt zrt nyrt sro doo dd ood eood ad ooo zao oao pjsc jsc
pte bhd sdn kk gk
"""
_FORMS = frozenset(_LEGAL.split())
_LEADING = frozenset({"the", "pt", "cv", "ooo", "zao", "oao", "firma", "fa", "sarl", "sas", "ets"})
_DANGLING = frozenset({"and", "et", "e", "y", "und", "i"})
_SPLIT_FORMS = re.compile(r"\b(?:sp z ?oo|sa rl|s de rl|sa de cv|srl de cv)\b")
_INITIALS = re.compile(r"\b(?:[a-z] ){1,5}[a-z]\b")


def company_form(company: Company) -> str:
    """Letters and digits only, lower-case ASCII: "The Acme Co. Pty. Ltd." is "acme". "" without a name.

    A name of nothing but legal forms stays whole. Text beyond 200 characters is not read.
    """
    return _form(company.name[:LONGEST_NAME]) if company.name else ""


@lru_cache(maxsize=65_536)
def _form(name: str) -> str:
    words = _words(name)
    kept = _without_forms(words)
    return "".join(kept or words)


def _words(name: str) -> list[str]:
    folded = anyascii(name).lower().replace("&", " and ").replace("+", " and ")
    spaced = " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"[.'`]", "", re.sub(r"\.(?=[a-z]{2})", " ", folded))).split())
    joined = _INITIALS.sub(lambda found: found[0].replace(" ", ""), spaced)
    return _SPLIT_FORMS.sub(lambda found: found[0].replace(" ", ""), joined).split()


def _without_forms(words: list[str]) -> list[str]:
    """Forms fall at the end, also several of them, with the "and" of "and Co"; few of them stand in front."""
    kept = words
    while len(kept) > 1 and kept[-1] in _FORMS:
        kept = kept[:-1]
        if len(kept) > 1 and kept[-1] in _DANGLING:
            kept = kept[:-1]
    if len(kept) > 1 and kept[0] in _LEADING:
        kept = kept[1:]
    return [] if len(kept) == 1 and kept[0] in _FORMS | _LEADING else kept
