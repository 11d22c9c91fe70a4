"""When two folded words are the same word: one slip of the finger, or another way to write the same sound."""

from __future__ import annotations

import re
from functools import lru_cache

_UMLAUT = re.compile(r"([aou])e(?=[bcdfghjklmnpqrstvwxz])")
_SLAVIC = re.compile(
    r"(?:ov|ev|off|eff|ow|ew|ova|eva|ina|[scz]k(?:i|y|iy|ij|ii|yi|yj|yy|aya|aja|aia)|enko|chuk|[vn]ich)\Z"
)
_GREEK = re.compile(r"(?:poulos|pulos|poylos|[iae]d[ieh]s|akis|oglou|oglu|poulou)\Z")
_SLAVIC_SOUNDS = (
    (re.compile(r"(?:off|ow)\Z"), "ov"),
    (re.compile(r"(?:eff|ew)\Z"), "ev"),
    (re.compile(r"([scz]k)(?:iy|ij|ii|yi|yj|yy|y)\Z"), r"\1i"),
    (re.compile(r"(?:aja|aia)\Z"), "aya"),
    (re.compile(r"shch|schtsch|stch"), "sch"),
    (re.compile(r"tsch|tch"), "ch"),
    (re.compile(r"\Aye(?=[^aeiouy])|(?<=[aeiou])ye(?=v)"), "e"),
    (re.compile(r"i([au])(?!\Z)|j([au])|y([au])"), r"y\1\2\3"),
    (re.compile(r"kh"), "h"),
    (re.compile(r"x"), "ks"),
)
_GREEK_SOUNDS = (
    (re.compile(r"ou|oy"), "u"),
    (re.compile(r"(?<=[iae])des\Z"), "dis"),
    (re.compile(r"ch"), "h"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"y"), "i"),
)
_ARTICLE = re.compile(r"\A(?:al|el)(?=[bcdfghjkmnqrstwz].{4})")


@lru_cache(maxsize=131_072)
def sound_key(word: str) -> str:
    """Equal for spellings of one name: mueller and muller, dostoyevsky and dostoevskiy, papadopulos and -poulos.

    Double-barrelled or not makes no difference: mary-jane and maryjane.
    """
    key = word.replace("-", "") if "-" in word else word
    if len(key) < 5:
        return key
    if _SLAVIC.search(key):
        key = _replaced(key, _SLAVIC_SOUNDS)
    elif _GREEK.search(key):
        key = _replaced(key, _GREEK_SOUNDS)
    return _UMLAUT.sub(r"\1", _ARTICLE.sub("al", key))


def _replaced(word: str, sounds: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, replacement in sounds:
        word = pattern.sub(replacement, word)
    return word


def one_typo(left: str, right: str, *, swap_from: int = 5) -> bool:
    """One letter more, less or other in words of at least five; two neighbours swapped from `swap_from` letters on."""
    shorter = min(len(left), len(right))
    if shorter < min(4, swap_from) or abs(len(left) - len(right)) > 1:
        return False
    if left[0] != right[0] and left[-1] != right[-1]:
        return False
    start = shared_start(left, right)
    a, b = left[start:], right[start:]
    if shorter >= swap_from and a[:2] == b[1::-1] and a[2:] == b[2:]:
        return True
    return shorter >= 5 and (a[1:] == b[1:] or a == b[1:] or a[1:] == b)


def shared_start(left: str, right: str) -> int:
    """How many letters the two have in common from the start."""
    return next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
