"""The mailbox behind an e-mail address, and how well two addresses agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.mailboxes import domain_of_people, form_of, mail_level
from tests.dedupe.cast import unhurried

LEVELS = {"same", "same box", "look-alike", "same local", "typo", "different"}
PUNY = "alice@xn--xmple-4ve7a.com"
"""The domain reads "example.com" with its first e and its a in Cyrillic."""


def level(left: str, right: str) -> str:
    one, two = form_of(left), form_of(right)
    assert mail_level(one, two) == mail_level(two, one)
    return mail_level(one, two)


@pytest.mark.parametrize(
    ("key", "box"),
    [
        ("alice.smith+shop@gmail.com", "alicesmith@gmail.com"),
        ("alice.smith@googlemail.com", "alicesmith@gmail.com"),
        ("alice.smith+shop@outlook.com", "alice.smith@outlook.com"),
        ("alice+shop@hotmail.co.uk", "alice@hotmail.co.uk"),
        ("alice+shop@live.com.au", "alice@live.com.au"),
        ("alice+shop@fastmail.com", "alice@fastmail.com"),
        ("alice+shop@proton.me", "alice@proton.me"),
        ("alice+shop@icloud.com", "alice@icloud.com"),
        ("alice-shop@yahoo.com", "alice@yahoo.com"),
        ("alice-shop@yahoo.com.au", "alice@yahoo.com.au"),
        ("alice+shop@yahoo.com", "alice+shop@yahoo.com"),
        ("alice-shop@gmail.com", "alice-shop@gmail.com"),
        ("alice.smith+shop@example.com", "alice.smith+shop@example.com"),
        ("+shop@gmail.com", "+shop@gmail.com"),
        ("...@gmail.com", "...@gmail.com"),
    ],
)
def test_only_what_a_provider_surely_ignores_is_dropped(key: str, box: str) -> None:
    assert form_of(key).box == box


@pytest.mark.parametrize(
    ("key", "local"),
    [
        ("alice.o-smith_7@example.com", "aliceosmith7"),
        ("alice+shop@example.com", "alice"),
        ("alice-shop@yahoo.com", "alice"),
        ("bob@example.com", ""),
        ("12345@example.com", ""),
        ("123456@example.com", "123456"),
        ("info@example.com", ""),
        ("noemail@example.com", ""),
        ("josé@example.com", "josé"),
    ],
)
def test_the_local_part_is_kept_where_it_tells_people_apart(key: str, local: str) -> None:
    assert form_of(key).local == local


@pytest.mark.parametrize(
    "local",
    [
        "info", "sales", "no-reply", "noreply", "do-not-reply", "hello", "support", "accounts", "kontakt", "contato",
        "vendas", "bureau", "ventas", "buchhaltung", "info2", "sales-team", "info.kew", "support+42",
        "test", "none", "na", "noemail", "unknown", "customer", "guest", "donotemail", "x", "asdf", "test123",
        "n.a", "-",
    ],
)  # fmt: skip
def test_desks_and_placeholders_are_roles(local: str) -> None:
    assert form_of(f"{local}@example.com").role


@pytest.mark.parametrize("local", ["alice", "bob", "charlie.guest", "alice.sales", "infante", "x1990", "testa"])
def test_people_are_no_roles(local: str) -> None:
    assert not form_of(f"{local}@example.com").role


def test_a_first_word_makes_a_role_only_at_a_domain_of_ones_own() -> None:
    assert form_of("contact.alice@example.com").role
    assert not form_of("contact.alice@gmail.com").role


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("alice@example.com", "alice@example.com", "same"),
        ("alice.smith@gmail.com", "alicesmith+shop@googlemail.com", "same box"),
        ("alice-shop@yahoo.com", "alice@yahoo.com", "same box"),
        ("info@example.com", "info@example.com", "same"),
        ("alicesmith@example.com", "alicesmith@example.org", "same local"),
        ("alice.smith@example.com", "alice_smith@example.org", "same local"),
        ("bobb@example.com", "bobb@example.org", "different"),
        ("info@example.com", "info@example.org", "different"),
        ("alicesmith@example.com", "alicesmiht@example.com", "typo"),
        ("alicesmith@example.com", "alicsmith@example.com", "typo"),
        ("alice.smith@example.com", "alicesmith@example.com", "typo"),
        ("alice+shop@example.com", "alice@example.com", "typo"),
        ("alice@gmial.com", "alice@gmail.com", "typo"),
        ("alice.smith@gmial.com", "alicesmith@gmail.com", "typo"),
        ("bob@hotmial.com", "bob@hotmail.com", "typo"),
        ("bob@hotmail.con", "bob@hotmail.com", "typo"),
        ("bobby@exmaple.com", "bobby@example.com", "typo"),
        ("bemard@example.com", "bernard@example.com", "typo"),
        ("charlie0@example.com", "charlieo@example.com", "typo"),
        ("charlie@examp1e.com", "charlie@example.com", "typo"),
        ("anna1990@example.com", "anna1909@example.com", "different"),
        ("anna1990@example.com", "anna1991@example.com", "different"),
        ("anna1@example.com", "anna@example.com", "different"),
        ("bob@example.com", "rob@example.com", "different"),
        ("alice@hotmail.com", "alice@hotmail.co.uk", "same local"),
        ("bob@ymail.com", "bob@gmail.com", "different"),
        ("sales@example.com", "saless@example.com", "different"),
        ("alice@example.com", "charlie@example.com", "different"),
    ],
)
def test_two_addresses(left: str, right: str, expected: str) -> None:
    assert level(left, right) == expected


@pytest.mark.parametrize(
    "strange",
    [
        "аlice@example.com",
        "alісе@example.com",
        "αlice@example.com",
        "alıce@example.com",
        "ａlice@example.com",
        "álice@example.com",
        PUNY,
    ],
)
def test_letters_of_another_script_are_look_alikes_and_never_the_same(strange: str) -> None:
    assert level(strange, "alice@example.com") == "look-alike"


@pytest.mark.parametrize(
    ("strange", "plain"), [("\u212aate", "kate"), ("ſam", "sam"), ("οlga", "olga"), ("νera", "vera")]
)
def test_signs_that_fold_to_plain_letters_are_look_alikes(strange: str, plain: str) -> None:
    assert level(f"{strange}@example.com", f"{plain}@example.com") == "look-alike"


def test_a_broken_punycode_label_is_only_itself() -> None:
    broken = "alice@xn--\x7f-99999999999.com"
    assert level(broken, "alice@example.com") == "same local"
    assert level(broken, broken) == "same"


def test_a_key_longer_than_any_address_is_only_equal_to_itself() -> None:
    long = "a" * 100_000
    assert level(f"{long}+x@gmail.com", f"{long}+y@gmail.com") == "different"
    assert level(f"{long}@gmail.com", f"{long}@gmail.com") == "same"


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "yahoo.co.uk", "hotmail.fr", "outlook.com.au", "bigpond.com", "optusnet.com.au", "gmx.de", "web.de",
     "orange.fr", "uol.com.br", "icloud.com", "proton.me", "aol.com"],
)  # fmt: skip
def test_anybody_may_have_a_mailbox_at_a_provider(domain: str) -> None:
    assert domain_of_people(domain)


@pytest.mark.parametrize(
    "domain", ["example.com", "yahoo.example.com", "gmial.com", "hotmail.con", "live.example.org", ""]
)
def test_a_domain_of_its_own_is_a_companys(domain: str) -> None:
    assert not domain_of_people(domain)


locals_ = st.one_of(
    st.text(max_size=30), st.sampled_from(["alice", "alice.smith", "alice+x", "info", "аlice", "a1ice"])
)
domains = st.one_of(
    st.text(max_size=20), st.sampled_from(["example.com", "gmail.com", "gmial.com", "xn--80ak6aa92e.com"])
)
keys = st.builds("{}@{}".format, locals_, domains) | st.text(max_size=40)


@unhurried
@given(keys, keys)
def test_any_two_texts_have_a_level_whichever_is_left(left: str, right: str) -> None:
    assert level(left, right) in LEVELS
    assert level(left, left) == "same"
