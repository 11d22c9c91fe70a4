"""Scripts and accents to plain ASCII, with corrections only where several romanisations are in everyday use."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

_GREEK = re.compile("[\u0370-\u03ff]")
_KANA = re.compile("[\u3040-\u30ff]")
_IDEOGRAMS = re.compile("[\u3400-\u9fff]{2,4}\\Z")
_HANGUL = re.compile("[\uac00-\ud7a3]{2,4}\\Z")
_KOREAN_FAMILIES = {
    "이": "lee",
    "박": "park",
    "김": "kim",
    "최": "choi",
    "정": "jung",
    "강": "kang",
    "조": "cho",
    "윤": "yoon",
    "노": "noh",
    "유": "yoo",
}
_LONG_FAMILIES = frozenset({"欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "东方", "夏侯"})
_KEPT_MARKS = frozenset(" -'.,&/()\"")


def to_ascii(text: str) -> str:
    """Lower-case ASCII. What is neither a letter, a digit nor a mark that means something in a name is left out."""
    if text.isascii():
        return text.lower()
    if text in _KOREAN_FAMILIES:
        return _KOREAN_FAMILIES[text]
    plain = unicodedata.normalize("NFKC", text)
    plain = plain.replace("’", "'").replace("“", '"').replace("”", '"').replace("‐", "-").replace("‑", "-")
    kept = "".join(char if _is_of_a_name(char) else " " for char in plain)
    if _GREEK.search(kept):
        kept = _with_greek_diphthongs(kept)
    found = anyascii(kept).replace("`", "").lower()
    return _without_long_vowels(found) if _KANA.search(kept) else found


def split_without_blank(text: str) -> tuple[str, str] | None:
    """Family and given name of a whole name in Han or Hangul, ASCII; None where there is nothing to tell by.

    Two or three characters are a family name of one, four are two and two.
    """
    ideograms = _IDEOGRAMS.match(text)
    if not ideograms and not _HANGUL.match(text):
        return None
    length = 2 if text[:2] in _LONG_FAMILIES or (ideograms and len(text) == 4) else 1
    if length == len(text):
        return None
    family, given = text[:length], text[length:]
    return to_ascii(family), to_ascii(given)


def _is_of_a_name(char: str) -> bool:
    return char.isalnum() or char in _KEPT_MARKS or unicodedata.category(char)[0] == "M"


def _with_greek_diphthongs(text: str) -> str:
    """ου sounds as ou; ευ and αυ sound as ev and av, however they are accented."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
    for greek, latin in (("ου", "ou"), ("ευ", "ev"), ("αυ", "av")):
        bare = re.sub(greek, latin, bare, flags=re.IGNORECASE)
    return bare


def _without_long_vowels(text: str) -> str:
    """As passports write them: satou is sato, yuuki is yuki."""
    return text.replace("ou", "o").replace("uu", "u")
