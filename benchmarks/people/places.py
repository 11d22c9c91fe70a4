"""Streets, towns and numbers of telephones in three countries, in ranges of no use to anybody who would dial them."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
from numpy.random import Generator

from benchmarks.people.draw import texts
from benchmarks.people.table import Texts, Whole

COUNTRIES = ("AU", "US", "GB")
SHARES = (0.64, 0.21, 0.15)

_TOWNS = (
    """Sydney NSW 2000|Newtown NSW 2042|Parramatta NSW 2150|Manly NSW 2095|Newcastle NSW 2300|Wollongong NSW 2500
    Penrith NSW 2750|Dubbo NSW 2830|Melbourne VIC 3000|Richmond VIC 3121|St Kilda VIC 3182|Geelong VIC 3220
    Ballarat VIC 3350|Bendigo VIC 3550|Footscray VIC 3011|Box Hill VIC 3128|Brisbane QLD 4000|Toowong QLD 4066
    Southport QLD 4215|Cairns QLD 4870|Townsville QLD 4810|Noosa Heads QLD 4567|Perth WA 6000|Fremantle WA 6160
    Subiaco WA 6008|Adelaide SA 5000|Glenelg SA 5045|Norwood SA 5067|Hobart TAS 7000|Launceston TAS 7250
    Canberra ACT 2600|Darwin NT 0800""",
    """New York NY 10001|Brooklyn NY 11201|Boston MA 02108|Chicago IL 60601|Seattle WA 98101|Portland OR 97201
    San Francisco CA 94102|Los Angeles CA 90001|San Diego CA 92101|Denver CO 80202|Austin TX 78701|Houston TX 77002
    Dallas TX 75201|Miami FL 33101|Atlanta GA 30303|Philadelphia PA 19103|Phoenix AZ 85001|Springfield IL 62701
    Nashville TN 37201|Columbus OH 43201""",
    """London - SW1A|London - E1|London - N4|London - SE15|Manchester - M1|Leeds - LS1|Bristol - BS1|Birmingham - B1
    Liverpool - L1|Newcastle upon Tyne - NE1|Norwich - NR1|York - YO1|Brighton - BN1|Cardiff - CF10|Edinburgh - EH1
    Glasgow - G1|Belfast - BT1|Oxford - OX1|Cambridge - CB1|Exeter - EX1""",
)
_STREETS = """
High Church Station Park Victoria Albert George King Queen Elizabeth William Mill Main Bridge School Railway Hill River
Lake Forest Ocean Beach Garden Spring Valley Summit Ridge Meadow Oak Elm Maple Cedar Pine Birch Walnut Chestnut Willow
Banksia Wattle Acacia Jacaranda Grevillea Melaleuca Boronia Waratah Kookaburra Rosella Magpie Wombat Swan Eagle Falcon
Washington Lincoln Jefferson Madison Franklin Jackson Adams Monroe Harrison Wellington Nelson Marlborough Clarence
Windsor York Lancaster Durham Kent Essex Surrey Sussex Dorset Devon Cornwall Norfolk Suffolk Chester Stirling Argyle
Murray Darling Flinders Macquarie Bourke Collins Swanston Lonsdale Hindmarsh Phillip Hunter Oxford Cambridge Regent
Union Market Chapel Abbey Priory Castle Tower Manor Grange Orchard Vineyard Quarry Foundry Harbour Wharf Anchor
"""
TYPES = ["Street", "Road", "Avenue", "Drive", "Court", "Place", "Lane", "Crescent", "Parade", "Terrace", "Close", "Way"]
_ENDS = ("", "wood", "field", "view")
AREA_CODES = [
    "202",
    "203",
    "205",
    "206",
    "207",
    "208",
    "209",
    "210",
    "212",
    "213",
    "214",
    "215",
    "216",
    "217",
    "218",
    "219",
    "224",
    "225",
    "228",
    "229",
    "231",
    "234",
    "239",
    "240",
    "248",
    "251",
    "252",
    "253",
    "254",
    "256",
    "260",
    "262",
    "267",
    "269",
    "270",
    "272",
    "276",
    "281",
    "301",
    "302",
    "303",
    "304",
    "305",
    "307",
    "308",
    "309",
    "310",
    "312",
    "313",
    "314",
    "315",
    "316",
    "317",
    "318",
    "319",
    "320",
    "321",
    "323",
]
MOBILES = ("441", "442", "443", "445", "446", "453", "471")
EXCHANGES = ("555", "211", "311", "411", "511", "611", "711", "811", "911")
"""No subscriber has these: so many are needed that a wrong digit seldom makes another person's number."""

_CAPACITY = (len(MOBILES) * 1_000_000, len(AREA_CODES) * len(EXCHANGES) * 10_000, 20_000_000)
_STRIDE = 7_368_787
"""A prime that divides no capacity: counting in its steps meets every number once, in no visible order."""


@cache
def streets() -> Texts:
    return texts([name + end for end, name in product(_ENDS, _STREETS.split())])


@cache
def towns() -> tuple[tuple[tuple[str, str, str], ...], ...]:
    """By country: town, state ("" in Britain), the postcode's beginning or lowest number."""
    return tuple(tuple(_town(line) for line in country.replace("\n", "|").split("|")) for country in _TOWNS)


def _town(line: str) -> tuple[str, str, str]:
    *name, state, code = line.split()
    return " ".join(name), "" if state == "-" else state, code


def postcode(country: int, code: str, district: int) -> str:
    """`district` (0 to 23) tells the quarters of one town apart."""
    if country == 2:
        return f"{code} {district % 9 + 1}{'ABDEFGHJ'[district % 8]}{'LNPQRSTU'[district // 3]}"
    return str(int(code) + district).zfill(len(code))


def phones(rng: Generator, country: Whole) -> Texts:
    """As many numbers as countries are given, no two equal. ValueError when a country has not so many."""
    made = np.empty(len(country), dtype=object)
    for number, capacity in enumerate(_CAPACITY):
        here = np.flatnonzero(country == number)
        if len(here) > capacity:
            raise ValueError(f"{COUNTRIES[number]} has {capacity} numbers only: ask for fewer records")
        places = (np.arange(len(here)) * _STRIDE + int(rng.integers(capacity))) % capacity
        made[here] = texts([_phone(number, place) for place in places.tolist()])
    return made


def _phone(country: int, place: int) -> str:
    if country == 0:
        return f"+61{MOBILES[place // 1_000_000]}{place % 1_000_000:06}"
    if country == 1:
        office, line = divmod(place, 10_000)
        return f"+1{AREA_CODES[office // len(EXCHANGES)]}{EXCHANGES[office % len(EXCHANGES)]}{line:04}"
    return f"+44{7_100_000_000 + place}"
