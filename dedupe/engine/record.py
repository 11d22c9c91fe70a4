"""What of a contact record counts for identity, normalised once: a text for each thing that is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dedupe import addresses, companies, phones
from dedupe.engine.coding import BETWEEN, WITHIN
from dedupe.engine.table import Columns
from dedupe.names.form import NAMELESS, NameForm
from dedupe.names.form import form_of as name_form
from dedupe.names.nobody import is_nobody
from mapping.models import Name, Person


class Features(NamedTuple):
    """Sets are texts too: their values in byte order, joined by BETWEEN; "" says nothing."""

    name: str = ""
    birth: str = ""
    emails: str = ""
    phones: str = ""
    identifiers: str = ""
    addresses: str = ""
    companies: str = ""


FEATURES = "1"
"""Which way of making features this is: another one asks for every record's anew."""

_NO_SEPARATORS = str.maketrans(BETWEEN + WITHIN, "  ")


def features_of(person: Person) -> Features:
    """The comparable side of a mapped person. Left out: what is nobody's name or number, and unusable addresses."""
    name = parts_of_name(_form(person.name))
    places = [parts_of_address(form) for one in person.addresses if (form := addresses.form_of(one))]
    return Features(
        WITHIN.join(name) if any(name) else "",
        person.date_of_birth.isoformat() if person.date_of_birth else "",
        _set(email.key for email in person.emails),
        _set(phone.value for phone in person.phones if not phones.is_placeholder(phone.value)),
        _set(without_separators(f"{one.type}={one.value}") for one in person.identifiers),
        _set(WITHIN.join(place) for place in places),
        companies.company_form(person.company) if person.company else "",
    )


def _form(name: Name | None) -> NameForm:
    return NAMELESS if name and is_nobody(name.full) else name_form(name)


def without_separators(text: str) -> str:
    """With blanks for the signs that separate values and parts."""
    return text.translate(_NO_SEPARATORS)


def parts_of_name(form: NameForm) -> tuple[str, ...]:
    return form.first, form.middle, form.last, form.suffix, form.partner, form.organisation


def parts_of_address(form: addresses.AddressForm) -> tuple[str, ...]:
    return form.house, form.street, form.unit, form.box, form.postcode, form.city, form.country


def _set(values: Iterable[str]) -> str:
    found = set(values)
    return BETWEEN.join(sorted(found)) if len(found) > 1 else "".join(found)


def columns_of(features: Sequence[Features]) -> Columns:
    if not features:
        return Columns(*([] for _ in Features._fields))
    return Columns(*(list(column) for column in zip(*features, strict=True)))
