"""Addresses written as one would on an envelope."""

from __future__ import annotations

from dedupe.addresses import AddressForm, form_of
from mapping.models import Address


def at(street: str = "", city: str = "", postcode: str = "", country: str = "AU", state: str = "") -> AddressForm:
    form = form_of(Address(street=street, city=city, postcode=postcode, country=country, state=state))
    assert form is not None
    return form


def read(street: str, country: str) -> str:
    """House, street, unit and box in one line, "-" for each that is missing."""
    form = at(street, country=country)
    return " ".join(part.replace(" ", "_") or "-" for part in (form.house, form.street, form.unit, form.box))
