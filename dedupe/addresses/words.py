"""Words of streets by language: which country writes how, what abbreviations stand for, which words say nothing.

A line of a table is a word and then its other spellings.
"""

from __future__ import annotations

_COUNTRIES = """
de AT CH DE LI LU
fr BE FR MC
pt BR PT
es AR CL CO ES MX PE UY
it IT SM
nl NL
"""

_OTHER_COUNTRIES = "BG CZ DK EE FI GR HR HU IS LT LV NO PL RO RS RU SE SI SK TR UA"
HOUSE_LAST_TOO = frozenset(_OTHER_COUNTRIES.split())
"""Countries of other languages that write the house after the street."""

_EN = """
street st str streets
road rd
avenue ave av aven avn
crescent cres cr crs cresc crsnt
parade pde par
highway hwy hiway hgwy hway
boulevard blvd bvd boul bd bvde
terrace tce ter terr trce
place pl plc
court ct crt
lane ln la
drive dr drv dve
circuit cct cir circt crct
circle circ crcl
close cl cls clo
grove gr gve grv gro
way wy
parkway pkwy pwy pky pkway
square sq sqr
esplanade esp espl
gardens gdns gdn gds
garden gard
trail trl tr
turnpike tpke tnpk
freeway fwy
expressway expy expwy
motorway mwy
mews mws
rise rse
ridge rdg
route rte
quay qy
quays qys
promenade prom
alley aly ally
arcade arc
walk wlk
view vw vue
hill hl
heights hts
point pt pnt
track trk
loop lp
junction jct jnct
crossing xing crsg
plaza plz plza
retreat rtt
green grn
vale
row
end
park pk
common cmn
chase ch
croft crft
approach app
bend
cove cv
glade gld
outlook otlk
pass
path
run
strand
vista vsta
wharf whrf
wynd
yard yd
"""

_FR = """
rue r
avenue av ave
boulevard bd bld blvd boul bvd
chemin ch che chem
impasse imp
place pl
allee all
allees
route rte
square sq
cours crs
quai q
faubourg fg fbg
passage pass psg
villa
residence res
lotissement lotiss
hameau ham
esplanade esp
promenade prom
rond
cite
sentier sen
venelle ven
montee mte
"""

_PT = """
rua r
avenida av aven ave
travessa tv trav tva
alameda al alam
rodovia rod
praca pc pca
estrada est estr
largo lgo lg
beco bc
viela vl
ladeira lad
via
quadra qd
"""

_ES = """
calle c cl cll
avenida av avda avd ave
plaza pl pza plza
carretera ctra crta carr
paseo pso ps
camino cno cmno
ronda rda
travesia trv trva
carrera cra kra
diagonal diag dg
transversal tv
pasaje pje psje
"""

_IT = """
via v
viale vle
piazza pza pzza
piazzale ple pzle
corso cso
vicolo vlo
strada str
largo lgo
contrada cda
"""

_ELSEWHERE = {
    "en": "saint st\nmount mt\nfort ft\ndoctor dr\nsaints sts",
    "fr": "saint st\nsainte ste\ngeneral gal gen\nmarechal mal\ndocteur dr\npresident pdt pres\ncommandant cdt"
    "\ncapitaine cap cpt\ncolonel col\nprofesseur pr prof\nlieutenant lt\nnotre n\ndame d",
    "pt": "doutor dr\ndoutora dra\nprofessor prof\nprofessora profa\npresidente pres\ngeneral gen gal\ncoronel cel"
    "\ncapitao cap\nsanto sto\nsanta sta\nsao s\nengenheiro eng\nmarechal mal\ngovernador gov\nbrigadeiro brig"
    "\ndeputado dep\nsenador sen\nalmirante alm\npadre pe\ndom d\ndona dna\nmajor maj\ntenente ten\nvisconde visc",
    "es": "santo sto\nsanta sta\nsan s\ndoctor dr\ngeneral gral\nnuestra ntra\nsenora sra\nvirgen vgen",
    "it": "san s\nsanta sta\nsanto sto\ndottor dott dr\ngenerale gen",
    "de": "strasse str\nplatz pl\nsankt st\ndoktor dr\nprofessor prof\ngrosse gr\nkleine kl",
    "nl": "straat str\nlaan ln\nplein pln\nsint st\nburgemeester burg\ndoctor dr",
}

_IDLE = {
    "fr": "de la le les du des d l",
    "pt": "de da do das dos d e a o",
    "es": "de la el los las del y",
    "it": "di del della dei delle dell d",
}

_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_DIRECTIONS = """
north n nth
south s sth
east e
west w
northeast ne
northwest nw
southeast se
southwest sw
"""


def _table(text: str) -> dict[str, str]:
    """Every spelling to the word; the first line that has a spelling wins."""
    known: dict[str, str] = {}
    for line in text.split("\n"):
        for spelling in line.split():
            known.setdefault(spelling, line.split()[0])
    return known


TYPES = {language: _table(text) for language, text in (("en", _EN), ("fr", _FR), ("pt", _PT), ("es", _ES), ("it", _IT))}
"""What kind of way it is, by language: the last word in English, the first in the others."""

OTHERS = {language: _table(text) for language, text in _ELSEWHERE.items()}
"""Abbreviations anywhere else in the name of a street."""

IDLE = {language: frozenset(text.split()) for language, text in _IDLE.items()}
"""Articles and prepositions: people leave them out."""

DIRECTIONS = _table(_DIRECTIONS)
ORDINALS = {
    word: f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"
    for number, word in enumerate(_ORDINALS.split(), 1)
}
NUMBERED = frozenset({"highway", "route", "road", "freeway", "motorway", "interstate", "track"})
"""Ways that have a number behind them as their name."""

SUFFIXES = {"de": ("str", "strasse"), "nl": ("str", "straat")}
"""An ending inside a word, and what it stands for."""

_LANGUAGE = {code: line.split()[0] for line in _COUNTRIES.strip().split("\n") for code in line.split()[1:]}
_OPEN = frozenset({"", "CA", "BE", "CH", "LU"})
"""Where the country does not tell the language, or there is none: the words must."""

_TELLING = {
    "rue": "fr", "chemin": "fr", "impasse": "fr", "quai": "fr", "rua": "pt", "travessa": "pt",
    "rodovia": "pt", "alameda": "pt", "calle": "es", "avda": "es", "piazza": "it", "viale": "it", "strasse": "de",
    "platz": "de",
}  # fmt: skip
_TELLING_ENDS = (("strasse", "de"), ("str", "de"), ("straat", "nl"), ("laan", "nl"), ("platz", "de"), ("gasse", "de"))


def language_of(country: str, words: list[str]) -> str:
    """How this address is written: "en" unless the country or, where that leaves it open, a word tells otherwise."""
    known = _LANGUAGE.get(country, "en")
    if country not in _OPEN:
        return known
    for word in words:
        told = _TELLING.get(word) or _ending(word)
        if told:
            return told
    return known


def _ending(word: str) -> str:
    if len(word) < 6:
        return ""
    return next((language for end, language in _TELLING_ENDS if word.endswith(end)), "")
