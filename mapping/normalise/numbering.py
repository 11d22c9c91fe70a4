"""The common shapes of telephone numbers, by phonenumbers' own patterns made once for each country.

It follows `phonenumbers.parse` and `is_valid_number` step by step, and only where every step is the plain one. It
never says no: where a number is invalid or a step is not plain, the answer is None and the library must be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

SHORTEST, LONGEST = 6, 17
"""Digits of what is tried here, a country code among them."""

_NOT_DIALLED = str.maketrans("", "", " .()-/")
_KINDS = """
premium_rate toll_free shared_cost voip personal_number pager uan voicemail fixed_line mobile
"""
_MAIN_REGION = {str(code): regions[0] for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}


def _code_of(start: str) -> str | None:
    return next((start[:n] for n in (1, 2, 3) if start[:n] in _MAIN_REGION), None)


_CODE = {start: code for n in range(1000) if (code := _code_of(start := f"{n:03}"))}
"""The country code of numbers by their first three digits."""


def common_e164(text: str, region: str | None) -> str | None:
    """E.164 of digits with spaces, dots, slashes, hyphens and brackets, perhaps after a plus; None: ask the library."""
    international = text[:1] == "+"
    digits = text[1:] if international else text
    if not digits.isdigit():
        digits = text.translate(_NOT_DIALLED)
        international = digits[:1] == "+"
        if international:
            digits = digits[1:]
    if not SHORTEST <= len(digits) <= LONGEST or not digits.isdigit() or not digits.isascii():
        return None
    if not international:
        return _PLANS[region].from_home(digits) if region else None
    code = _CODE.get(digits[:3])
    return _PLANS[_MAIN_REGION[code]].e164(digits[len(code) :]) if code else None


class _Plan:
    """What one region's numbers look like."""

    __slots__ = ("_abroad", "_code", "_general", "_lengths", "_local", "_prefix", "_valid")

    def __init__(self, metadata: Any) -> None:
        self._code = str(metadata.country_code)
        self._abroad = re.compile(metadata.international_prefix or "(?!)")
        self._prefix = re.compile(metadata.national_prefix_for_parsing or "(?!)")
        self._general = re.compile(rf"(?:{_general(metadata)})\Z")
        self._lengths = frozenset(metadata.general_desc.possible_length)
        self._local = frozenset(metadata.general_desc.possible_length_local_only)
        self._valid = {length: _valid(metadata.country_code, length) for length in self._lengths - self._local}

    def from_home(self, digits: str) -> str | None:
        """Of digits dialled in this region, without a plus."""
        if self._abroad.match(digits):
            return None
        if not digits.startswith(self._code):
            return self.e164(digits)
        inner = self._without_prefix(digits[len(self._code) :])
        if inner is None:
            return None
        if self._too_long(digits) or (not self._general.match(digits) and self._general.match(inner)):
            return _PLANS[_MAIN_REGION[self._code]].e164(inner)
        return self.e164(digits)

    def _too_long(self, digits: str) -> bool:
        return len(digits) > max(self._lengths) and len(digits) not in self._local

    def e164(self, digits: str) -> str | None:
        """Of digits that stand after the country code, or are dialled inside the country."""
        number = self._without_prefix(digits) if self._prefix.match(digits) else digits
        if number is None:
            return None
        valid = self._valid.get(len(number))
        return f"+{self._code}{number}" if valid is not None and valid.match(number) else None

    def _without_prefix(self, digits: str) -> str | None:
        found = self._prefix.match(digits)
        if found is None:
            return digits
        if found.lastindex is not None:  # a carrier's code, or digits that the country rewrites
            return None
        rest = digits[found.end() :]
        return digits if self._general.match(digits) and not self._general.match(rest) else rest


class _NoPlan:
    """Of calling codes without a region, as 800: all of it is the library's."""

    def from_home(self, digits: str) -> None:  # noqa: ARG002 - as a plan's
        return None

    def e164(self, digits: str) -> None:  # noqa: ARG002 - as a plan's
        return None


class _Plans(dict[str, "_Plan | _NoPlan"]):
    """The regions' plans, each made when it is first asked for; no more than the library has regions."""

    def __missing__(self, region: str) -> _Plan | _NoPlan:
        metadata = PhoneMetadata.metadata_for_region(region, None)
        if metadata is None:
            return _NO_PLAN
        self[region] = _Plan(metadata)
        return self[region]


_NO_PLAN = _NoPlan()
_PLANS = _Plans()


def _valid(code: int, length: int) -> re.Pattern[str]:
    """Of the numbers of a calling code that the library would call valid. Its first region that knows one decides."""
    alternatives = []
    not_before = ""
    for region in COUNTRY_CODE_TO_REGION_CODE[code]:
        metadata = PhoneMetadata.metadata_for_region(region, None)
        if metadata is None:
            continue
        lead = metadata.leading_digits
        if kinds := "|".join(_patterns(metadata, length)):
            general = _general(metadata)
            alternatives.append(rf"{not_before}{f'(?={lead})' if lead else ''}(?=(?:{general})\Z)(?:{kinds})\Z")
        if lead:
            not_before += f"(?!{lead})"
    return re.compile("|".join(f"(?:{one})" for one in alternatives) or "(?!)")


def _general(metadata: Any) -> str:
    return metadata.general_desc.national_number_pattern or "(?!)"


def _patterns(metadata: Any, length: int) -> Iterator[str]:
    if not _may_have(metadata.general_desc, length):
        return
    for name in _KINDS.split():
        if name == "mobile" and metadata.same_mobile_and_fixed_line_pattern:
            continue
        if _may_have(found := getattr(metadata, name), length):
            yield f"(?:{found.national_number_pattern})"


def _may_have(description: Any, length: int) -> bool:
    if description is None or not description.national_number_pattern:
        return False
    lengths: Iterable[int] = description.possible_length
    return not lengths or length in lengths
