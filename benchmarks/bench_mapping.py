"""Times the mapping of contact records, in all and part by part, beside the plain use of the same libraries.

Prints one JSON document, and a table for people to stderr. Microseconds of CPU for a record; our caches start cold.
A record has 28 fields; of them 25 JMESPath expressions make one e-mail, two phones, a name, an address and the rest
of a person. `plain` is jmespath.search, email_validator, phonenumbers and pydantic's model_validate, with no remarks
and no nulls told. Either way is asked for the same values; the program ends with 1 where the answers differ.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import jmespath
import orjson
import phonenumbers
from email_validator import EmailNotValidError, validate_email
from nameparser import HumanName

from benchmarks.contact_records import Raw, generated
from dedupe.engine.record import features_of
from mapping.build import builder
from mapping.compile import Mapper, compile_mapping, parse_mapping
from mapping.expressions import ABSENT, compile_expression
from mapping.models import Address, Company, Email, Identifier, Name, Person, Phone
from mapping.normalise import NotNormal
from mapping.normalise import email as emails
from mapping.normalise import name as names
from mapping.normalise import phone as phones
from mapping.normalise.address import country
from mapping.normalise.date import birth_date, instant
from mapping.normalise.email import email
from mapping.normalise.name import name
from mapping.normalise.phone import phone
from mapping.normalise.text import as_text

TODAY = date(2026, 11, 22)

MAP: dict[str, Any] = {
    "name": {"first": "first_name", "last": "last_name"},
    "emails": ["contact.email || email"],
    "phones": ["phones.mobile", "phones.work"],
    "addresses": [
        {
            "street": "join(', ', [address.line1, address.line2][?@])",
            "city": "address.city",
            "state": "address.state",
            "postcode": "address.postcode",
            "country": "address.country",
        }
    ],
    "date_of_birth": "birthday",
    "gender": "gender",
    "company": {"name": "company.name", "domain": "company.domain"},
    "job_title": "job.title || title",
    "language": "locale || language",
    "timezone": "timezone",
    "identifiers": [{"type": "loyalty", "value": "loyalty.number"}],
    "tags": ["tags"],
    "created_at": "created_at",
    "custom": {
        "points": "to_number(loyalty.points)",
        "vip": "contains(tags, 'vip')",
        "spent": "total_spent",
        "source": "source.channel || source.kind || 'other'",
        "store": "stores[?home].name | [0]",
    },
}
EXPRESSIONS: tuple[str, ...] = (
    *MAP["name"].values(),
    *MAP["emails"],
    *MAP["phones"],
    *MAP["addresses"][0].values(),
    MAP["date_of_birth"],
    MAP["gender"],
    *MAP["company"].values(),
    *(MAP[key] for key in ("job_title", "language", "timezone")),
    MAP["identifiers"][0]["value"],
    *MAP["tags"],
    MAP["created_at"],
    *MAP["custom"].values(),
)


def main() -> int:
    wishes = _wishes()
    pages = list(generated(wishes.records, wishes.seed))
    document: dict[str, Any] = {
        "records": wishes.records,
        "seed": wishes.seed,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "bytes_a_record": round(sum(map(len, pages)) / max(wishes.records, 1)),
        "expressions": len(EXPRESSIONS),
        "microseconds": measured(pages),
    }
    document["records_per_second"] = {who: round(1e6 / us) for who, us in document["microseconds"]["whole"].items()}
    document["asked_the_library_percent"] = asked(pages)
    document["different"] = sum(differences(orjson.loads(page)) for page in pages[:4])
    print(json.dumps(document, indent=2))
    print(table(document), file=sys.stderr)
    return int(document["different"] > 0)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def table(document: dict[str, Any]) -> str:
    lines = [f"{'microseconds a record':24}{'ours':>9}{'plain':>9}"]
    for part, found in document["microseconds"].items():
        lines.append(f"{part:24}{found['ours']:9.2f}" + (f"{found['plain']:9.2f}" if "plain" in found else ""))
    rates = document["records_per_second"]
    return "\n".join([*lines, f"{'records a second':24}{rates['ours']:9,}{rates['plain']:9,}"])


# --------------------------------------------------------------------------------------------------- the two ways

Work = Callable[[list[Any]], None]


def measured(pages: list[bytes]) -> dict[str, dict[str, float]]:
    ours = mapper()
    people = [ours(raw).value for page in pages[:40] for raw in orjson.loads(page)]
    getters = [compile_expression(text) for text in EXPRESSIONS]
    whole = {"ours": timed(pages, _each(ours)), "plain": timed(pages, _each(plainly))}
    parts = {
        "expressions": {
            "ours": timed(pages, _each(lambda raw: [get(raw) for get in getters])),
            "plain": timed(pages, _each(lambda raw: [jmespath.search(text, raw) for text in EXPRESSIONS])),
        }
    }
    for part, (values, our_way, plain_way) in PARTS.items():
        parts[part] = {"ours": timed(pages, _each(our_way), values), "plain": timed(pages, _each(plain_way), values)}
    numbers = [orjson.dumps([number]) for number in range(len(people))]
    features = timed(numbers, _each(lambda number: features_of(people[number])))
    return {"whole": whole, **parts, "features for identity": {"ours": round(features, 2)}}


def asked(pages: list[bytes]) -> dict[str, float]:
    """How often a record's mapping asks a library about a domain, a phone or a name: percent of records."""
    for cached in CACHES:
        cached.cache_clear()
    ours, records = mapper(), 0
    for page in pages:
        for raw in orjson.loads(page):
            ours(raw)
            records += 1
    library = {"e-mail": emails._verified, "phones": phones._by_the_library, "names": names._by_the_library}
    return {what: round(100 * way.cache_info().misses / max(records, 1), 2) for what, way in library.items()}


def timed(pages: list[bytes], work: Work, values: Callable[[Raw], list[Any]] | None = None) -> float:
    for cached in CACHES:
        cached.cache_clear()
    gc.collect()
    gc.freeze()
    spent = 0.0
    for page in pages:
        given = orjson.loads(page)
        if values:
            given = [value for raw in given for value in values(raw) if value]
        before = time.process_time()
        work(given)
        spent += time.process_time() - before
    gc.unfreeze()
    records = sum(len(orjson.loads(page)) for page in pages)
    return round(1e6 * spent / max(records, 1), 2)


def _each(one: Callable[[Any], Any]) -> Work:
    def work(values: list[Any]) -> None:
        for value in values:
            one(value)

    return work


def mapper() -> Mapper:
    return compile_mapping(parse_mapping({"record": "person", "map": MAP}), region="AU", today=lambda: TODAY)


def plainly(raw: Raw) -> Person:
    """What one would write by hand with the same libraries; names are left as they came."""
    found = {text: jmespath.search(text, raw) for text in EXPRESSIONS}
    address, company = MAP["addresses"][0], MAP["company"]
    data: dict[str, Any] = {
        "name": _plain_name(found["first_name"], found["last_name"]),
        "emails": [one for one in [_plain_email(found[MAP["emails"][0]])] if one],
        "phones": _plain_phones([found[text] for text in MAP["phones"]]),
        "addresses": [{key: found[text] or "" for key, text in address.items()}],
        "date_of_birth": found["birthday"],
        "company": {key: found[text] or "" for key, text in company.items()},
        "identifiers": [{"type": "loyalty", "value": found["loyalty.number"]}],
        "tags": found["tags"] or [],
        "created_at": found["created_at"],
        "custom": {key: str(found[text]) for key, text in MAP["custom"].items() if found[text] is not None},
    }
    data["addresses"][0]["country"] = country(data["addresses"][0]["country"])
    data |= {key: found[MAP[key]] or None for key in ("gender", "job_title", "language", "timezone")}
    return Person.model_validate(data)


def _plain_name(first: str, last: str) -> Raw:
    return {"full": f"{first} {last}", "first": first, "last": last}


def _plain_email(text: str | None) -> Raw | None:
    try:
        found = validate_email(text or "", check_deliverability=False)
    except EmailNotValidError:
        return None
    return {"value": found.normalized, "key": f"{found.local_part}@{found.ascii_domain}".lower()}


def _plain_phones(texts: list[str | None]) -> list[Raw]:
    return [{"value": value} for value in dict.fromkeys(_plain_phone(text) for text in texts if text) if value]


def _plain_phone(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "AU")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def differences(raws: list[Raw]) -> int:
    """Records of which the two ways do not say the same; names and custom texts have no plain counterpart."""
    ours = mapper()
    apart = {"name", "custom", "nulls", "cleared"}
    pairs = ((ours(raw).value, plainly(raw)) for raw in raws)
    return sum(not one or one.model_dump(exclude=apart) != other.model_dump(exclude=apart) for one, other in pairs)


# ----------------------------------------------------------------------------------------------- one part at a time


def or_nothing(normalise: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def tried(value: Any) -> Any:
        try:
            return normalise(value)
        except NotNormal:
            return None

    return tried


def _address_parts(raw: Raw) -> list[Raw]:
    return [{key: compile_expression(text)(raw) for key, text in MAP["addresses"][0].items()}]


_address_of = builder(Address)


def _our_address(parts: Raw) -> Address:
    found = {key: text for key, value in parts.items() if value is not ABSENT and (text := as_text(value))}
    return _address_of({**found, "country": country(found["country"])})


_build_person = builder(Person)
_MODELS = {model: builder(model) for model in (Name, Email, Phone, Address, Company, Identifier)}


def _our_person(values: Raw) -> Person:
    made = dict(values)
    made["name"] = _MODELS[Name](values["name"])
    for key, model in (("emails", Email), ("phones", Phone), ("addresses", Address), ("identifiers", Identifier)):
        made[key] = tuple([_MODELS[model](one) for one in values[key]])
    made["company"] = _MODELS[Company](values["company"])
    return _build_person(made)


def _clean_values(raw: Raw) -> list[Raw]:
    return [plainly(raw).model_dump(exclude_unset=True)]


def _full_name(raw: Raw) -> list[str]:
    return [f"{raw['first_name']} {raw['last_name']}"]


def _human(text: str) -> tuple[str, ...]:
    human = HumanName(text)
    return human.first, human.middle, human.last, human.suffix


PARTS: dict[str, tuple[Callable[[Raw], list[Any]], Callable[[Any], Any], Callable[[Any], Any]]] = {
    "e-mail": (lambda raw: [raw["email"]], or_nothing(email), _plain_email),
    "two phones": (
        lambda raw: list(raw["phones"].values()),
        or_nothing(lambda text: phone(text, "AU")),
        _plain_phone,
    ),
    "name of parts": (
        lambda raw: [(raw["first_name"], raw["last_name"])],
        lambda parts: name(first=parts[0], last=parts[1]),
        lambda parts: Name(full=f"{parts[0]} {parts[1]}", first=parts[0], last=parts[1]),
    ),
    "name of one text": (_full_name, lambda text: name(full=text), _human),
    "date of birth": (
        lambda raw: [raw["birthday"]],
        or_nothing(lambda text: birth_date(text, None, TODAY)),
        date.fromisoformat,
    ),
    "time": (
        lambda raw: [raw["created_at"]],
        or_nothing(lambda text: instant(text, None)),
        datetime.fromisoformat,
    ),
    "address": (_address_parts, or_nothing(_our_address), Address.model_validate),
    "building the model": (_clean_values, _our_person, Person.model_validate),
}
CACHES = [one for module in (emails, names, phones) for one in vars(module).values() if hasattr(one, "cache_clear")]


if __name__ == "__main__":
    sys.exit(main())
