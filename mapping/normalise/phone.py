"""Telephone numbers to E.164."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from mapping.models import Phone
from mapping.normalise import NotNormal

MAX_PHONE = 60
REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)
_SPREADSHEET = re.compile(r"[0-9.,]+[eE]\+?[0-9]+\Z")


@lru_cache(maxsize=65_536)
def phone(text: str, region: str | None) -> Phone:
    """`region` (AU) is for numbers written without a country code. Raises NotNormal unless the number is a valid one.

    An extension is dropped: it is not part of E.164.
    """
    if len(text) > MAX_PHONE or _SPREADSHEET.match(text):
        raise _invalid()
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and region is None:
            raise NotNormal("phone_without_country", "no country code, and the mapping declares no region") from None
        raise _invalid() from None
    if not phonenumbers.is_valid_number(number):
        raise _invalid()
    number.extension = None
    return Phone(value=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _invalid() -> NotNormal:
    return NotNormal("phone_invalid", "not a valid telephone number")
