"""A person map made into a function from a raw record to a Person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import Any, get_args

from mapping.apply import Notes, Raw, Read, Source, Step, field, many, never, one, present, raw_text
from mapping.build import builder
from mapping.expressions import ABSENT
from mapping.models import Address, Company, ConsentObservation, ConsentState, Identifier, Name, Person
from mapping.normalise import NotNormal
from mapping.normalise.address import country
from mapping.normalise.email import email
from mapping.normalise.name import name, says_no_name
from mapping.normalise.phone import phone
from mapping.normalise.text import as_text
from mapping.sources import Sources
from mapping.spec import AddressMap, CompanyMap, ConsentMap, NameMap, PersonMap, TimeValue
from mapping.spec import ConsentState as NamedState

ReadPerson = Callable[[Raw, Notes], Person]

_build_person, _build_address, _build_company = builder(Person), builder(Address), builder(Company)
_build_identifier, _build_consent = builder(Identifier), builder(ConsentObservation)

_BARE_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PHONED = frozenset({"sms", "voice", "whatsapp"})
_OUR_STATES: dict[str, ConsentState] = {state: state for state in get_args(NamedState)}
_TOLD = ("level", "scope", "method", "wording", "evidence")


def person_reader(spec: PersonMap, sources: Sources) -> ReadPerson:
    steps = _single_steps(spec, sources) + _list_steps(spec, sources)
    consents = _consents(spec.consents, sources)

    def read(raw: Raw, notes: Notes) -> Person:
        out: dict[str, Any] = {}
        for step in steps:
            step(raw, notes, out)
        if consents and (found := consents(raw, notes)):
            out["consents"] = found
        return _person(out, notes)

    return read


def _person(out: dict[str, Any], notes: Notes) -> Person:
    """Every value is a normaliser's, so the model need not check them again; a test holds that it would agree."""
    custom = {key.removeprefix("custom."): out.pop(key) for key in [key for key in out if key.startswith("custom.")]}
    out["custom"] = custom
    if notes.nulls:
        out["nulls"] = tuple(notes.nulls)
    if notes.cleared:
        out["cleared"] = tuple(notes.cleared)
    return _build_person(out)


def _single_steps(spec: PersonMap, sources: Sources) -> list[Step]:
    steps = [
        field(key, sources.text(key, value))
        for key in ("gender", "job_title", "language", "timezone")
        if (value := getattr(spec, key)) is not None
    ]
    if spec.name:
        steps.append(field("name", _name(spec.name, sources.below("name"))))
    if spec.date_of_birth:
        steps.append(field("date_of_birth", sources.birth_date("date_of_birth", spec.date_of_birth)))
    if spec.company:
        steps.append(field("company", _company(spec.company, sources.below("company"))))
    if spec.created_at:
        steps.append(field("created_at", sources.instant("created_at", spec.created_at)))
    return steps + [
        field(f"custom.{key}", sources.below("custom").text(key, value)) for key, value in spec.custom.items()
    ]


def _list_steps(spec: PersonMap, sources: Sources) -> list[Step]:
    steps = []
    if spec.emails:
        found = [(sources.below("emails", i).source(v), email) for i, v in enumerate(spec.emails)]
        steps.append(field("emails", many(found, attrgetter("key"))))
    if spec.phones:
        phones = []
        for i, v in enumerate(spec.phones):
            there = sources.below("phones", i)
            phones.append((there.source(v), partial(phone, region=there.region_of(v))))
        steps.append(field("phones", many(phones, attrgetter("value"))))
    if spec.addresses:
        steps.append(field("addresses", _addresses(spec.addresses, sources)))
    if spec.identifiers:
        kinds = [
            (sources.below("identifiers", i).source(v), partial(_identifier, v.type))
            for i, v in enumerate(spec.identifiers)
        ]
        steps.append(field("identifiers", many(kinds, attrgetter("type", "value"))))
    if spec.tags:
        tags = [(sources.below("tags", i).source(v, never), as_text) for i, v in enumerate(spec.tags)]
        steps.append(field("tags", many(tags, str)))
    return steps


def _identifier(kind: str, text: str) -> Identifier | None:
    value = as_text(text)
    return _build_identifier({"type": kind, "value": value}) if value else None


def _name(spec: NameMap, sources: Sources) -> Read[Name | None]:
    parts = [
        (key, one(sources.below(key).source(value, says_no_name), raw_text))
        for key in NameMap.model_fields
        if (value := getattr(spec, key)) is not None
    ]
    whole = Source(lambda _: ABSENT, sources.prefix, sources.line())

    def read(raw: Raw, notes: Notes) -> Name | None:
        try:
            return name(**{key: part(raw, notes) or "" for key, part in parts})
        except NotNormal as error:
            notes.leave_out(whole, error)
            return None

    return read


def _addresses(specs: tuple[AddressMap, ...], sources: Sources) -> Read[tuple[Address, ...]]:
    reads = [_address(spec, sources.below("addresses", i)) for i, spec in enumerate(specs)]

    def read(raw: Raw, notes: Notes) -> tuple[Address, ...]:
        found = [address for one_of in reads if (address := one_of(raw, notes))]
        return tuple(dict.fromkeys(found))

    return read


def _address(spec: AddressMap, sources: Sources) -> Read[Address | None]:
    parts: list[tuple[str, Read[str | None]]] = []
    constants: set[str] = set()
    for key in AddressMap.model_fields:
        if (value := getattr(spec, key)) is not None:
            source = sources.below(key).source(value)
            parts.append((key, one(source, _country if key == "country" else as_text)))
            constants |= {key} if source.constant else set()

    def read(raw: Raw, notes: Notes) -> Address | None:
        found = {key: text for key, part in parts if (text := part(raw, notes))}
        # The mapping's own constant country says nothing of a record without an address.
        return _build_address(found) if found.keys() - constants else None

    return read


def _country(text: str) -> str:
    return country(as_text(text))


def _company(spec: CompanyMap, sources: Sources) -> Read[Company | None]:
    parts = [(key, sources.text(key, value)) for key in CompanyMap.model_fields if (value := getattr(spec, key))]

    def read(raw: Raw, notes: Notes) -> Company | None:
        found = {key: text for key, part in parts if (text := part(raw, notes))}
        return _build_company(found) if found else None

    return read


def _consents(specs: tuple[ConsentMap, ...], sources: Sources) -> Read[tuple[ConsentObservation, ...]] | None:
    reads = [_consent(spec, sources.below("consents", i)) for i, spec in enumerate(specs)]
    if not reads:
        return None

    def read(raw: Raw, notes: Notes) -> tuple[ConsentObservation, ...]:
        return tuple(found for one_of in reads if (found := one_of(raw, notes)))

    return read


def _consent(spec: ConsentMap, sources: Sources) -> Read[ConsentObservation | None]:
    there = sources.below("address")
    address = there.source(spec.address)
    region = there.region_of(spec.address)
    read_address = one(address, _address_of(spec.channel, region))
    read_state = _state(spec, sources.below("state"))
    read_at, read_day = sources.instant("at", spec.at), _day(spec.at, sources)
    zone = spec.at.zone if spec.at and spec.at.zone else ""
    # the vendor's own words, "UNKNOWN" among them, are values here
    told = [(key, sources.text(key, value, never)) for key in _TOLD if (value := getattr(spec, key)) is not None]

    def read(raw: Raw, notes: Notes) -> ConsentObservation | None:
        state = read_state(raw, notes)
        if state is None:
            return None
        before = len(notes.remarks)
        to = read_address(raw, notes)
        if not to:
            if state != "unknown" and len(notes.remarks) == before:
                notes.remark(address, "consent_without_address", "a consent state, but no address it is about")
            return None
        out: dict[str, Any] = {"channel": spec.channel, "address": to, "state": state}
        if (day := read_day(raw)) is not None:
            out |= {"at": day, "day": True, "zone": zone}
        else:
            out["at"] = read_at(raw, notes)
        out.update((key, text) for key, part in told if (text := part(raw, notes)))
        return _build_consent(out)

    return read


def _day(at: TimeValue | None, sources: Sources) -> Callable[[Raw], datetime | None]:
    """A bare date as its midnight in UTC; None for any other text. Which moment of the day it was, nobody knows."""
    source = sources.below("at").source(at) if at else None

    def read(raw: Raw) -> datetime | None:
        try:
            text = source.get(raw) if source else None
        except NotNormal:
            return None
        if not isinstance(text, str) or not _BARE_DATE.match(text.strip()):
            return None
        try:
            return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
        except ValueError:
            return None

    return read


def _address_of(channel: str, region: str | None) -> Callable[[str], str]:
    """Addresses of consent are keys: the same form by which people's own addresses are compared."""
    if channel == "email":
        return lambda text: email(text).key
    if channel in _PHONED:
        return lambda text: phone(text, region).value
    return as_text


def _state(spec: ConsentMap, sources: Sources) -> Read[ConsentState | None]:
    """None where the source says nothing. What it says and nobody can read may be a no, so it is not lost."""
    states: dict[str, ConsentState] = {word.lower(): state for word, state in spec.states.items()} or _OUR_STATES
    words = sources.source(spec.state, never)

    def read(raw: Raw, notes: Notes) -> ConsentState | None:
        try:
            value = words.get(raw)
            if value == [] or value == {}:
                return None
            text = value.strip() if isinstance(value, str) else present(value, words, notes)
        except NotNormal as error:
            notes.leave_out(words, error)
            return "unreadable"
        if not text:
            return None
        state = states.get(text.lower())
        if state is None:
            notes.remark(words, "consent_unknown", "a consent state the mapping does not know; it counts as unreadable")
        return state or "unreadable"

    return read
