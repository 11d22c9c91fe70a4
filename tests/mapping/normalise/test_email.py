"""E-mail addresses: the library's verdict, one key for one address, and no look-alike ever taken for another."""

from __future__ import annotations

import random

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from mapping.models import Email
from mapping.normalise import NotNormal
from mapping.normalise.email import email

ALICE = "alice@example.com"

mailboxes = st.builds(
    "{}@{}.com".format, st.text("aZé.+'", min_size=1, max_size=9), st.text("aZü-1", min_size=1, max_size=9)
)
addresses = st.one_of(
    st.emails(),
    mailboxes,
    st.builds("{}@{}.com".format, st.text(max_size=8), st.text(min_size=1, max_size=8)),
)


def key(text: str) -> str:
    return email(text).key


def test_case_and_blanks_around_do_not_make_another_address() -> None:
    assert key("  Alice@Example.COM\n") == key("\ufeffalice@example.com\u200b") == ALICE


def test_what_is_shown_keeps_the_case_of_the_mailbox() -> None:
    assert email("Alice@Example.COM") == Email(value="Alice@example.com", key=ALICE)


def test_an_idn_domain_and_its_punycode_are_one_address() -> None:
    assert key("alice@münchen.de") == key("alice@MÜNCHEN.de") == key("alice@xn--mnchen-3ya.de")
    assert key("alice@münchen.de") == "alice@xn--mnchen-3ya.de"


@pytest.mark.parametrize(
    "text",
    [
        "a..b@example.com",
        "alice@localhost",
        "alice",
        "@example.com",
        "a@b@example.com",
        "Alice <alice@example.com>",
        "alice@example.com, bob@example.com",
        "a" * 300 + "@x.com",
        "alice@example",
        '"al ice"@example.com',
        "al\x00ice@example.com",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(NotNormal) as refused:
        email(text)
    assert refused.value.code == "email_invalid"


@pytest.mark.fault("M21")
@pytest.mark.fault("D05")
@pytest.mark.parametrize(
    "text",
    [
        "\u212aate@example.com",
        "kate@example.\u212aiwi.com",
        "ſam@example.com",
        "ａlice@example.com",
        "alice@ｅxample.com",
        "alice@example。com",
        "alice@example．com",
        "al\u200bice@example.com",
        "alice@exam\u00adple.com",
        "alice＠example.com",
        "ﬁona@example.com",
        "alice@ﬁrst.com",
        "alice@\ud800.com",
    ],
)
def test_letters_that_only_look_plain_are_refused_not_folded(text: str) -> None:
    with pytest.raises(NotNormal):
        email(text)


@pytest.mark.fault("D05")
def test_homoglyphs_stay_other_addresses() -> None:
    cyrillic, dotless = "аlice@example.com", "alıce@example.com"
    assert len({ALICE, key(cyrillic), key(dotless)}) == 3


@pytest.mark.fault("D06")
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(addresses)
@example("İ@example.com")
@example("RENÉ@Straße.de")
@example("INFO@example.com")
def test_a_key_is_its_own_key(text: str) -> None:
    try:
        found = key(text)
    except NotNormal:
        assume(False)
    assert key(found) == found
    assert key(email(text).value) == found


@given(addresses)
@example("Info@Example.com")
@example("a@xn--mnchen-3ya.de")
@example("a@xn--a.de")
@example("a" * 250 + "@x.com")
@example("a@example.com.")
def test_ascii_answers_are_the_librarys(text: str) -> None:
    assume(text.isascii() and text.isprintable() and text == text.strip())
    try:
        expected = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        with pytest.raises(NotNormal):
            email(text)
    else:
        assert email(text) == Email(
            value=expected.normalized, key=f"{expected.local_part}@{expected.ascii_domain}".lower()
        )


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(addresses)
def test_only_an_ascii_mailbox_has_an_ascii_mailbox_in_its_key(text: str) -> None:
    try:
        found = key(text)
    except NotNormal:
        assume(False)
    assert found.rpartition("@")[0].isascii() == text.strip(" \t\r\n\u00a0\u200b\ufeff").rpartition("@")[0].isascii()


LOCALS = (
    "alice",
    "Alice.Smith",
    "a+shop",
    "info",
    "Postmaster",
    "o'brien",
    "a..b",
    ".a",
    "a.",
    "é",
    '"al ice"',
    '"a"',
    "a b",
)
DOMAINS = (
    "example.com",
    "EXAMPLE.org",
    "mail.example.net",
    "münchen.example.com",
    "xn--mnchen-3ya.example.com",
    "例え.example.org",
    "a_b.example.com",
)
TAILS = ("", "", "", "", ".", " ", "..", ">", "\u200b", ",")


def generated(chance: random.Random) -> str:
    """An address as people write them, or nearly."""
    local = (
        chance.choice(LOCALS)
        if chance.random() < 0.5
        else "".join(chance.choices("aZ9.-_+'\"é @", k=chance.randint(1, 8)))
    )
    if chance.random() < 0.7:
        domain = chance.choice(DOMAINS)
    else:
        domain = "".join(chance.choices("aZ9.-_ü", k=chance.randint(1, 8))) + chance.choice(
            (".example.com", ".example.org", ".test", "", ".1")
        )
    return f"{local}@{domain}{chance.choice(TAILS)}"


def compare(seed: int, count: int) -> int:
    """How many addresses the library takes. What we refuse beyond it has letters that only look like others."""
    chance, taken = random.Random(seed), 0
    for _ in range(count):
        text = generated(chance).strip(" \u200b")
        try:
            found = email(text)
        except NotNormal as error:
            if error.code == "email_invalid":
                with pytest.raises(EmailNotValidError):
                    validate_email(text, check_deliverability=False)
            else:
                assert not text.isascii()
            continue
        expected = validate_email(text, check_deliverability=False)
        taken += 1
        assert found.value == expected.normalized
        assert found.key.rpartition("@")[2] == expected.ascii_domain.lower()
        assert found.key.rpartition("@")[0].lower() == expected.local_part.lower()
    return taken


def test_generated_addresses_are_what_the_library_says() -> None:
    assert compare(1, 3_000) > 300


@pytest.mark.slow
def test_a_hundred_thousand_addresses_are_what_the_library_says() -> None:
    assert compare(2, 100_000) > 10_000
