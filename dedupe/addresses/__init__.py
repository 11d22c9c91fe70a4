"""Postal addresses as identity sees them: one comparable form, how well two agree, and the key of a house."""

from __future__ import annotations

from dedupe.addresses.form import AddressForm, form_of, parts_of
from dedupe.addresses.level import address_keys, address_level

__all__ = ["AddressForm", "address_keys", "address_level", "form_of", "parts_of"]
