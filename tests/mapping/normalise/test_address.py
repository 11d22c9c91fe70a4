"""Countries by code and by common name."""

from __future__ import annotations

import pytest

from mapping.normalise import NotNormal
from mapping.normalise.address import country


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("au", "AU"),
        ("AUS", "AU"),
        ("Australia", "AU"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("Deutschland", "DE"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("España", "ES"),
        ("Türkiye", "TR"),
        ("new zealand", "NZ"),
    ],
)
def test_a_country_is_its_code(text: str, expected: str) -> None:
    assert country(text) == expected


@pytest.mark.parametrize("text", ["XX", "Atlantis", "", "A"])
def test_what_cannot_be_told_is_refused(text: str) -> None:
    with pytest.raises(NotNormal):
        country(text)
