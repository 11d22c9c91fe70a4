"""Postal addresses: cleaned, not corrected; the country as its ISO 3166 alpha-2 code where that can be told."""

from __future__ import annotations

from unicodedata import combining, normalize

from mapping.normalise import NotNormal

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
_ALPHA_2 = frozenset(_CODES.split())

_OTHERWISE = """
AE: are, united arab emirates; AR: arg, argentina; AT: aut, austria, osterreich; AU: aus, australia;
BD: bgd, bangladesh; BE: bel, belgium, belgique, belgie; BG: bgr, bulgaria; BR: bra, brazil, brasil; CA: can, canada;
CH: che, switzerland, schweiz, suisse, svizzera; CL: chl, chile; CN: chn, china, people's republic of china;
CO: col, colombia; CY: cyp, cyprus; CZ: cze, czechia, czech republic; DE: deu, germany, deutschland;
DK: dnk, denmark, danmark; EE: est, estonia; EG: egy, egypt; ES: esp, spain, espana; FI: fin, finland, suomi;
FJ: fji, fiji; FR: fra, france;
GB: gbr, united kingdom, uk, great britain, england, scotland, wales, northern ireland; GR: grc, greece;
HK: hkg, hong kong; HR: hrv, croatia; HU: hun, hungary; ID: idn, indonesia; IE: irl, ireland, republic of ireland;
IL: isr, israel; IN: ind, india; IS: isl, iceland; IT: ita, italy, italia; JP: jpn, japan; KE: ken, kenya;
KR: kor, south korea, korea, republic of korea; LK: lka, sri lanka; LT: ltu, lithuania; LU: lux, luxembourg;
LV: lva, latvia; MA: mar, morocco; MT: mlt, malta; MX: mex, mexico; MY: mys, malaysia; NG: nga, nigeria;
NL: nld, netherlands, the netherlands, nederland, holland; NO: nor, norway, norge; NP: npl, nepal;
NZ: nzl, new zealand; PE: per, peru; PG: png, papua new guinea; PH: phl, philippines; PK: pak, pakistan;
PL: pol, poland, polska; PT: prt, portugal; RO: rou, romania; RS: srb, serbia; RU: rus, russia, russian federation;
SA: sau, saudi arabia; SE: swe, sweden, sverige; SG: sgp, singapore; SI: svn, slovenia; SK: svk, slovakia;
TH: tha, thailand; TR: tur, turkey, turkiye; TW: twn, taiwan; UA: ukr, ukraine;
US: usa, united states, united states of america, u.s., u.s.a.; VN: vnm, vietnam, viet nam; ZA: zaf, south africa
"""


def _names() -> dict[str, str]:
    """Every other way to write a country, plain lower case, to its code."""
    known: dict[str, str] = {}
    for entry in " ".join(_OTHERWISE.split()).split("; "):
        code, _, others = entry.partition(": ")
        known.update(dict.fromkeys(others.split(", "), code))
    return known


_NAMES = _names()


def country(text: str) -> str:
    """Alpha-2 of a code or a common name ("AUS", "Deutschland"). Raises NotNormal when it cannot be told."""
    if len(text) == 2 and text.upper() in _ALPHA_2:
        return text.upper()
    found = _NAMES.get(_plain(text))
    if found is None:
        raise NotNormal("country_unknown", "not a country code or a common country name")
    return found


def _plain(text: str) -> str:
    """Lower case without accents, so that Türkiye and España are found."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in normalize("NFD", text.lower()) if not combining(c))
