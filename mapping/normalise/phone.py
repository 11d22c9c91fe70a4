"""Telephone numbers to E.164."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from mapping.build import whole_builder
from mapping.models import Phone
from mapping.normalise import NotNormal
from mapping.normalise.numbering import common_e164

MAX_PHONE = 60
REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)
_build = whole_builder(Phone)
phonenumbers.enable_pattern_cache()  # its patterns for more than a few countries would push each other out
_SPREADSHEET = re.compile(r"[0-9.,]+[eE]\+?[0-9]+\Z")


@lru_cache(maxsize=1_024)
def phone(text: str, region: str | None) -> Phone:
    """`region` (AU) is for numbers written without a country code. Raises NotNormal unless the number is a valid one.

    An extension is dropped: it is not part of E.164.
    """
    if len(text) > MAX_PHONE:
        raise _invalid()
    value = common_e164(text, region) or _by_the_library(text, region)
    if not value:
        raise _without_country() if value is None else _invalid()
    return _build({"value": value})


@lru_cache(maxsize=16_384)
def _by_the_library(text: str, region: str | None) -> str | None:
    """E.164; "" where the number is not valid, None where no country can be told."""
    if _SPREADSHEET.match(text):
        return ""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        lost = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and region is None
        return None if lost else ""
    if not phonenumbers.is_valid_number(number):
        return ""
    number.extension = None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _without_country() -> NotNormal:
    return NotNormal("phone_without_country", "no country code, and the mapping declares no region")


def _invalid() -> NotNormal:
    return NotNormal("phone_invalid", "not a valid telephone number")
