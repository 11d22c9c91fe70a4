"""A person map made into a function from a raw record to a Person."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import Any, get_args

from mapping.apply import Notes, Raw, Read, Source, field, many, never, one, present, raw_text
from mapping.build import builder, whole_builder
from mapping.expressions import ABSENT
from mapping.lanes import Lane, Write, joined, made_lane, many_lane, parts_lane, text_lane
from mapping.models import Address, Company, ConsentObservation, ConsentState, Identifier, Name, Person
from mapping.normalise import NotNormal
from mapping.normalise.address import country
from mapping.normalise.email import email
from mapping.normalise.name import name, plain_name, says_no_name
from mapping.normalise.phone import phone
from mapping.normalise.text import as_text
from mapping.sources import Sources
from mapping.spec import AddressMap, CompanyMap, ConsentMap, NameMap, PersonMap, TimeValue
from mapping.spec import ConsentState as NamedState

ReadPerson = Callable[[Raw, Notes], Person]

_build_person, _build_address, _build_company = builder(Person), builder(Address), builder(Company)
_build_identifier, _build_consent = whole_builder(Identifier), builder(ConsentObservation)

_BARE_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PHONED = frozenset({"sms", "voice", "whatsapp"})
_OUR_STATES: dict[str, ConsentState] = {state: state for state in get_args(NamedState)}
_TOLD = ("level", "scope", "method", "wording", "evidence")


def person_reader(spec: PersonMap, sources: Sources) -> ReadPerson:
    lanes = _single_lanes(spec, sources) + _list_lanes(spec, sources)
    consents = _consents(spec.consents, sources)
    read_plain = joined(lanes)

    def read(raw: Raw, notes: Notes) -> Person:
        out: dict[str, Any] = {}
        custom: dict[str, Any] = {}
        if not read_plain(raw, notes, out, custom):
            for lane in lanes:
                lane.step(raw, notes, out)
            custom = {key.removeprefix("custom."): out.pop(key) for key in list(out) if key.startswith("custom.")}
        if consents and (found := consents(raw, notes)):
            out["consents"] = found
        out["custom"] = custom
        return _person(out, notes)

    return read


def _person(out: dict[str, Any], notes: Notes) -> Person:
    """Every value is a normaliser's, so the model need not check them again; a test holds that it would agree."""
    if notes.nulls:
        out["nulls"] = tuple(notes.nulls)
    if notes.cleared:
        out["cleared"] = tuple(notes.cleared)
    return _build_person(out)


def _single_lanes(spec: PersonMap, sources: Sources) -> list[Lane]:
    lanes = [
        _text(key, sources.below(key).source(value))
        for key in ("gender", "job_title", "language", "timezone")
        if (value := getattr(spec, key)) is not None
    ]
    if spec.name:
        lanes.append(_name(spec.name, sources.below("name")))
    if spec.date_of_birth:
        source, birth = sources.birth_date("date_of_birth", spec.date_of_birth)
        lanes.append(Lane("date_of_birth", field("date_of_birth", one(source, birth)), made_lane(source, birth)))
    if spec.company:
        lanes.append(_company(spec.company, sources.below("company")))
    if spec.created_at:
        source, moment = sources.moment("created_at", spec.created_at)
        lanes.append(Lane("created_at", field("created_at", one(source, moment)), made_lane(source, moment)))
    below = sources.below("custom")
    return lanes + [_text(f"custom.{key}", below.below(key).source(value)) for key, value in spec.custom.items()]


def _text(name: str, source: Source) -> Lane:
    return Lane(name, field(name, one(source, as_text)), text_lane(source))


def _list_lanes(spec: PersonMap, sources: Sources) -> list[Lane]:
    lanes = []
    if spec.emails:
        found = [(sources.below("emails", i).source(v), email) for i, v in enumerate(spec.emails)]
        lanes.append(_many("emails", found, attrgetter("key")))
    if spec.phones:
        phones = []
        for i, v in enumerate(spec.phones):
            there = sources.below("phones", i)
            phones.append((there.source(v), partial(phone, region=there.region_of(v))))
        lanes.append(_many("phones", phones, attrgetter("value")))
    if spec.addresses:
        lanes.append(_addresses(spec.addresses, sources))
    if spec.identifiers:
        kinds = [
            (sources.below("identifiers", i).source(v), partial(_identifier, v.type))
            for i, v in enumerate(spec.identifiers)
        ]
        lanes.append(_many("identifiers", kinds, attrgetter("type", "value")))
    if spec.tags:
        tags = [(sources.below("tags", i).source(v, never), as_text) for i, v in enumerate(spec.tags)]
        lanes.append(_many("tags", tags, str))
    return lanes


def _many(name: str, reads: Sequence[tuple[Source, Callable[[str], Any]]], key: Callable[[Any], Any]) -> Lane:
    return Lane(name, field(name, many(reads, key)), many_lane(reads, key))


def _identifier(kind: str, text: str) -> Identifier | None:
    value = as_text(text)
    return _build_identifier({"type": kind, "value": value}) if value else None


def _name(spec: NameMap, sources: Sources) -> Lane:
    given = [
        (key, sources.below(key).source(value, says_no_name))
        for key in NameMap.model_fields
        if (value := getattr(spec, key)) is not None
    ]
    parts = [(key, one(source, raw_text)) for key, source in given]
    whole = Source(lambda _: ABSENT, sources.prefix, sources.line())

    def read(raw: Raw, notes: Notes) -> Name | None:
        try:
            return name(**{key: part(raw, notes) or "" for key, part in parts})
        except NotNormal as error:
            notes.leave_out(whole, error)
            return None

    write = parts_lane([(key, source, None) for key, source in given], plain_name)
    return Lane("name", field("name", read), write)


def _addresses(specs: tuple[AddressMap, ...], sources: Sources) -> Lane:
    found = [_address(spec, sources.below("addresses", i)) for i, spec in enumerate(specs)]

    def read(raw: Raw, notes: Notes) -> tuple[Address, ...]:
        return tuple(dict.fromkeys(address for one_of, _ in found if (address := one_of(raw, notes))))

    return Lane("addresses", field("addresses", read), found[0][1] if len(found) == 1 else None)


def _address(spec: AddressMap, sources: Sources) -> tuple[Read[Address | None], Write | None]:
    given = [
        (key, sources.below(key).source(value))
        for key in AddressMap.model_fields
        if (value := getattr(spec, key)) is not None
    ]
    parts = [(key, one(source, _country if key == "country" else as_text)) for key, source in given]
    # The mapping's own constant country says nothing of a record without an address.
    constants = frozenset(key for key, source in given if source.constant)

    def read(raw: Raw, notes: Notes) -> Address | None:
        found = {key: text for key, part in parts if (text := part(raw, notes))}
        return _build_address(found) if found.keys() - constants else None

    written = [(key, source, country if key == "country" else None) for key, source in given]
    return read, parts_lane(written, _build_address, constants=constants, in_tuple=True)


def _country(text: str) -> str:
    return country(as_text(text))


def _company(spec: CompanyMap, sources: Sources) -> Lane:
    given = [(key, sources.below(key).source(v)) for key in CompanyMap.model_fields if (v := getattr(spec, key))]
    parts = [(key, one(source, as_text)) for key, source in given]

    def read(raw: Raw, notes: Notes) -> Company | None:
        found = {key: text for key, part in parts if (text := part(raw, notes))}
        return _build_company(found) if found else None

    write = parts_lane([(key, source, None) for key, source in given], _build_company)
    return Lane("company", field("company", read), write)


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
