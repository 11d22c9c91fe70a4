"""Telephone numbers: E.164, valid ones only, and stable."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from mapping.normalise import NotNormal
from mapping.normalise.phone import REGIONS, phone

FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.RFC3966,
)


@st.composite
def written_numbers(draw: st.DrawFn) -> tuple[str, str]:
    """A number near the region's example, written one of the usual ways, and its region."""
    region = draw(st.sampled_from(sorted(REGIONS)))
    number = phonenumbers.example_number_for_type(region, draw(st.sampled_from([0, 1, 3])))
    if number is None or number.national_number is None:
        reject()
    number.national_number += draw(st.integers(0, 9))
    return phonenumbers.format_number(number, draw(st.sampled_from(FORMATS))), region


@pytest.mark.parametrize(
    "text",
    [
        "0491 570 006",
        "+61 491 570 006",
        "(04) 9157-0006",
        "61491570006",
        "491570006",
        "+61 (0) 491 570 006",
        "0491 570 006 ext. 12",
    ],
)
def test_one_number_however_written(text: str) -> None:
    assert phone(text, "AU").value == "+61491570006"


@pytest.mark.parametrize(
    "text", ["12345", "call me", "0491 570", "+61 491 570 006 006", "4.91570E+08", "0" * 100, "()"]
)
def test_what_is_no_valid_number_is_refused(text: str) -> None:
    with pytest.raises(NotNormal) as refused:
        phone(text, "AU")
    assert refused.value.code == "phone_invalid"


def test_without_a_region_only_numbers_with_a_country_code_are_understood() -> None:
    assert phone("+64 21 123 4567", None).value == "+64211234567"
    with pytest.raises(NotNormal) as refused:
        phone("0491 570 006", None)
    assert refused.value.code == "phone_without_country"


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(written_numbers())
def test_e164_is_its_own_e164(written: tuple[str, str]) -> None:
    text, region = written
    try:
        found = phone(text, region).value
    except NotNormal:
        assume(False)
    assert phone(found, region).value == phone(found, None).value == found
