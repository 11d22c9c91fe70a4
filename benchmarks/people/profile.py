"""The knobs: how lives change, how people write, and what each of the four systems asks for. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

MOST = 0.9
"""No chance of noise is scaled above this: a file of nothing but noise measures nothing."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Chances per value of a record, before the system's own carelessness is multiplied in."""

    name_typo: float = 0.022
    nickname: float = 0.10
    initial: float = 0.03
    swapped: float = 0.012
    last_missing: float = 0.03
    accents_dropped: float = 0.30
    case: float = 0.07
    couple: float = 0.004
    organisation: float = 0.004
    street_typo: float = 0.04
    street_short: float = 0.35
    unit_format: float = 0.40
    postcode_missing: float = 0.05
    other_address: float = 0.05
    email_typo: float = 0.012
    email_domain_typo: float = 0.012
    email_tag: float = 0.02
    phone_typo: float = 0.015
    birth_swapped: float = 0.02
    birth_typo: float = 0.015
    placeholder: float = 0.012
    role_mailbox: float = 0.02

    def scaled(self, factor: float) -> Noise:
        return replace(self, **{one.name: min(MOST, getattr(self, one.name) * factor) for one in fields(self)})


@dataclass(frozen=True, slots=True)
class Life:
    """Chances per person (per household where said) of what changes or is shared without anybody's mistake."""

    married: float = 0.16
    moved: float = 0.15
    household_moved: float = 0.12
    email_changed: float = 0.12
    email_second: float = 0.15
    phone_changed: float = 0.12
    phone_recycled: float = 0.35
    employed: float = 0.35
    landline: float = 0.40
    household_email: float = 0.10
    email_fresh: float = 0.13


@dataclass(frozen=True, slots=True)
class Profile:
    """`activity`: the shape of the gamma distribution of records a person; smaller is more skewed."""

    name: str
    noise: Noise = Noise()
    life: Life = Life()
    activity: float = 1.2


PROFILES = {
    "base": Profile("base"),
    "hard": Profile("hard", noise=Noise().scaled(2)),
    "clean": Profile("clean", noise=Noise().scaled(0)),
}


@dataclass(frozen=True, slots=True)
class System:
    """A source. `share` of all records, `careless` multiplies the noise, the rest is how often a field is filled."""

    name: str
    share: float
    careless: float
    again: float
    first: float = 0.0
    last: float = 0.0
    middle: float = 0.0
    email: float = 0.0
    phone: float = 0.0
    address: float = 0.0
    birth: float = 0.0
    company: float = 0.0
    member: float = 0.0


SYSTEMS = (
    System(
        "shop", 0.42, 1.0, 1.0, first=0.97, last=0.97, email=0.97, phone=0.76, address=0.94, birth=0.03, company=0.04,
        member=0.10,
    ),
    System("newsletter", 0.20, 0.8, 0.4, first=0.55, last=0.22, email=1.0, birth=0.02),
    System(
        "desk", 0.17, 1.4, 0.5, first=0.95, last=0.90, middle=0.15, email=0.87, phone=0.5, address=0.04, company=0.35,
    ),
    System(
        "loyalty", 0.21, 0.8, 0.3, first=0.99, last=0.99, middle=0.2, email=0.6, phone=0.88, address=0.95, birth=0.94,
        member=1.0,
    ),
)  # fmt: skip
"""`again`: how likely a further record of a person in the same system is kept there instead of being an order."""
SHOP, NEWSLETTER, DESK, LOYALTY = range(4)
