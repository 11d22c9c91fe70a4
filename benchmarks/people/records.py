"""Which records there are, and what each would say if nobody made a mistake: the truth at the moment of writing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.people.draw import Yes, choose, happens, texts
from benchmarks.people.given_names import given_names
from benchmarks.people.lives import Lives
from benchmarks.people.population import Population
from benchmarks.people.profile import DESK, LOYALTY, NEWSLETTER, SHOP, SYSTEMS, Noise, Profile
from benchmarks.people.surnames import surnames
from benchmarks.people.table import Texts, Whole

MOST_RECORDS = 12
"""No person has more."""

_FIRST_BIRTH = int(np.datetime64("1925-01-01").astype(int))
_LAST_BIRTH = int(np.datetime64("2015-01-01").astype(int))


@dataclass(frozen=True, slots=True)
class Writing:
    """One entry a record: whose it is, in which system (a place in `SYSTEMS`), and when (0 to 1)."""

    who: Whole
    system: Whole
    when: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.who)


def write(rng: Generator, people: int, records: int, profile: Profile) -> Writing:
    """Everybody has a record; the others fall to people as they are more or less active."""
    counts = _counts(rng, people, records, profile.activity)
    who = np.repeat(np.arange(people), counts)
    system = choose(rng, tuple(one.share for one in SYSTEMS), records)
    again = _again(who, system)
    stays = np.array([one.again for one in SYSTEMS])[system]
    system = np.where(again & ~happens(rng, stays, records), SHOP, system)
    return Writing(who, system, rng.random(records))


def _counts(rng: Generator, people: int, records: int, activity: float) -> Whole:
    mean = records / people - 1
    counts = 1 + np.minimum(rng.poisson(rng.gamma(activity, mean / activity, people)), MOST_RECORDS - 1)
    while missing := records - int(counts.sum()):
        movable = np.flatnonzero(counts < MOST_RECORDS if missing > 0 else counts > 1)
        chosen = rng.permutation(movable)[: abs(missing)]
        counts[chosen] += 1 if missing > 0 else -1
    return counts


def _again(who: Whole, system: Whole) -> Yes:
    """Whether the person has an earlier record in the same system."""
    key = who * len(SYSTEMS) + system
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(who), bool)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    return again


def told(rng: Generator, writing: Writing, people: Population, lives: Lives, profile: Profile) -> dict[str, Texts]:
    """The columns of `People` without `system`, `external_id`, `full`; fields that a system does not ask for are ""."""
    columns = _names(rng, writing, people, lives)
    columns["email"] = _emails(rng, writing, lives, profile)
    columns["phone"] = _phones(rng, writing, lives)
    columns |= _addresses(rng, writing, lives, profile.noise)
    days = np.datetime_as_string(np.arange(_FIRST_BIRTH, _LAST_BIRTH).astype("datetime64[D]")).astype(object)
    births = texts(days.tolist())[people.birth - _FIRST_BIRTH]
    columns["birth"] = np.where(_filled(rng, writing, "birth"), births[writing.who], "")
    employer = lives.employer[writing.who]
    named = _filled(rng, writing, "company") & (employer >= 0)
    columns["company"] = np.where(named, lives.employers.name[employer], "")
    columns["member"] = _cards(rng, writing, lives)
    return columns


def _filled(rng: Generator, writing: Writing, field: str) -> Yes:
    chances = np.array([getattr(one, field) for one in SYSTEMS])
    return happens(rng, chances[writing.system], len(writing))


def _names(rng: Generator, writing: Writing, people: Population, lives: Lives) -> dict[str, Texts]:
    count, who = len(writing), writing.who
    given, family = given_names().values, surnames().values
    last = np.where(writing.when > lives.wed[who], lives.last[1][who], lives.last[0][who])
    second = given[people.second[who]]
    letters = texts([name[0] for name in second.tolist()])
    middle = np.where(happens(rng, 0.6, count), letters, second)
    suffix = np.where(people.junior, "Jr", np.where(people.senior, "Sr", ""))[who].astype(object)
    has_first = _filled(rng, writing, "first")
    return {
        "first": np.where(has_first, given[people.first[who]], ""),
        "middle": np.where(_filled(rng, writing, "middle") & has_first, middle, ""),
        "last": np.where(_filled(rng, writing, "last"), family[last], ""),
        "suffix": np.where(happens(rng, 0.4, count) & has_first & (writing.system != NEWSLETTER), suffix, ""),
    }


def _emails(rng: Generator, writing: Writing, lives: Lives, profile: Profile) -> Texts:
    """The one of the moment; or the second one, the employer's to the help desk, one given only to this newsletter."""
    count, who, mail = len(writing), writing.who, lives.mail
    email = np.where(writing.when > mail.changed[who], mail.later[who], mail.first[who])
    second = mail.second[who]
    email = np.where(happens(rng, 0.35, count) & (second != ""), second, email)
    work = mail.work[who]
    at_work = np.where(writing.system == DESK, 0.3, 0.06)
    email = np.where(happens(rng, at_work, count) & (work != ""), work, email)
    once = np.where(writing.system == NEWSLETTER, profile.life.email_fresh, profile.life.email_fresh / 5)
    email = np.where(happens(rng, once, count), mail.fresh[who], email)
    return np.where(_filled(rng, writing, "email"), email, "")


def _phones(rng: Generator, writing: Writing, lives: Lives) -> Texts:
    count, who = len(writing), writing.who
    phone = np.where(writing.when > lives.new_phone[who], lives.mobile[1][who], lives.mobile[0][who])
    landline = lives.landline[who]
    phone = np.where(happens(rng, 0.18, count) & (landline != ""), landline, phone)
    employer = lives.employer[who]
    at_work = happens(rng, np.where(writing.system == DESK, 0.25, 0.04), count) & (employer >= 0)
    phone = np.where(at_work, lives.employers.phone[employer], phone)
    return np.where(_filled(rng, writing, "phone"), phone, "")


def _addresses(rng: Generator, writing: Writing, lives: Lives, noise: Noise) -> dict[str, Texts]:
    """Where the person lives at the moment, or the other address: where they lived or will."""
    who = writing.who
    after = writing.when > lives.moved[who]
    other = happens(rng, noise.other_address, len(writing))
    home = np.where(after ^ other, lives.home[1][who], lives.home[0][who])
    given = _filled(rng, writing, "address")
    names = ("street", "city", "state", "postcode", "country")
    return {name: np.where(given, getattr(lives.addresses, name)[home], "") for name in names}


def _cards(rng: Generator, writing: Writing, lives: Lives) -> Texts:
    """Whoever registers again mostly gets a new number; a shop is told either."""
    who = writing.who
    later = _again(who, writing.system) & (writing.system == LOYALTY) & happens(rng, 0.7, len(writing))
    has_card = np.zeros(len(lives.wed), bool)
    has_card[who[writing.system == LOYALTY]] = True
    number = np.where(later, lives.member[1][who], lives.member[0][who])
    return np.where(_filled(rng, writing, "member") & has_card[who], number, "")
