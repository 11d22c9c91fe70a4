"""What lies inside or beside the house and is no part of the street: units, levels, blocks, post boxes, care-of."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VALUE = r"(?:no?\.? ?)?(\d{1,5}/\d{1,4}(?=\s*(?:,|$))|\d{1,5} ?[a-h]?|[a-z]\d{0,4})\b"

_UNIT_WORDS = (
    "unit|flat|flt|apt|apart|apartment|appartement|appart|appt|apto|apartamento|app|ap|suite|ste|shop|office|room|rm"
    "|villa|townhouse|studio|cabin|sala|conjunto|conj|loja|lj|casa|wohnung|whg|wohn|tur|top|porte|depto|dpto|dept"
    "|puerta|pta|interno|int|u"
)
_LEVEL_WORDS = "level|lvl|lv|floor|flr|fl|etage|andar|piso"
_STOREY_WORDS = f"{_LEVEL_WORDS}|og|obergeschoss|stock"
_BLOCK_WORDS = (
    "block|blk|bloco|bl|building|bldg|batiment|bat|tower|torre|tour|edificio|edif|entree|escalier|esc"
    "|staircase|stair|stiege|quadra|qd"
)
_REAR_WORDS = "hinterhaus|vorderhaus|seitenfluegel|seitenflugel|hh|vh|fundos|rear"
_END = r"(?=\s*(?:,|$))"

_BOX = re.compile(
    r"\b(?:(?P<gpo>g\.? ?p\.? ?o\.? ?(?:box)?|general post office box)"
    r"|(?P<bag>(?:locked|private|mail) ?bag|p\.?m\.?b\.?)"
    r"|(?P<po>(?:p\.? ?o\.? ?|post office |postal |mail )box|pobox|postfach|postf\.?|caixa postal|cx\.? postal"
    r"|boite postale|b\.?p\.?|case postale|casella postale|c\.p\.|apartado(?: de correos)?|apdo\.?|postbus"
    r"|skrytka pocztowa|postboks|box(?=\s*(?:no\.? ?)?\d+\s*$)))"
    r"\s*(?:no?\.?|nr\.?|:)?\s*(?P<number>[a-z]?\d[\d.]*(?: \d{2,3}\b(?! [a-z]))*[a-z]?)\b"
)
_UNIT = re.compile(rf"(?:\b(?:{_UNIT_WORDS})(?![a-z])\.?:? ?#?\s*{_VALUE}|#\s*(\w{{1,6}}))(?:\s*[/-])?")
_LEVEL = re.compile(
    rf"\b(?:{_LEVEL_WORDS})\.? ?(\d{{1,3}}|g)\b"
    r"|(?:^|(?<=, ))l ?(\d{1,3})\b(?=\s*,|\s*/|\s+\d|\s*$)|,\s*l(\d{1,3})\s*$"
    rf"|\b(\d{{1,3}})(?:st|nd|rd|th|er|eme|e|o|a)?\.? (?:{_STOREY_WORDS})\b{_END}"
)
_GROUND = re.compile(
    r"\b(?:ground (?:floor|level|flr)(?: flat| unit| apartment)?"
    rf"|erdgeschoss|eg|rez de chaussee|rdc|terreo)\b{_END}"
)
_BLOCK = re.compile(rf"\b(?:{_BLOCK_WORDS})(?![a-z])\.? ?(\d{{1,4}}[a-z]?|[a-z]\d{{0,3}})\b")
_LOT = re.compile(r"\b(?:lot|lote|lt)\.? ?(\d{1,5}[a-z]?)\b")
_BESIDE = re.compile(r"(?:^|(?<=,))\s*(?:c/o\b|c/-|care of\b|attn?\b|attention\b|z\.? ?hd\b|a/c\b)[^,]*(?:,|$)")
_REAR = re.compile(rf",?\s*\b(?:{_REAR_WORDS})\b(?: of\b)?{_END}")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split("|"))


_BOX_HINTS = _set(
    "box|pobox|bag|pmb|p|b|c|g|gpo|bp|postfach|postf|postal|postale|apartado|apdo|postbus|pocztowa|postboks"
)
_UNIT_HINTS = _set(_UNIT_WORDS)
_LEVEL_HINTS = _set(f"{_STOREY_WORDS}|l")
_GROUND_HINTS = _set("ground|erdgeschoss|eg|rez|rdc|terreo")
_BLOCK_HINTS = _set(_BLOCK_WORDS)
_LOT_HINTS = _set("lot|lote|lt")
_BESIDE_HINTS = _set("c|care|att|attn|attention|z|a")
_REAR_HINTS = _set(_REAR_WORDS)

DOOR_WORDS = (
    _BOX_HINTS - {"c", "g"}
    | _UNIT_HINTS
    | _LEVEL_HINTS - {"l"}
    | _GROUND_HINTS
    | _BLOCK_HINTS
    | _LOT_HINTS
    | _BESIDE_HINTS - {"c", "a"}
    | _REAR_HINTS
    | {"km"}
)
"""Words that may have to do with more than a street and its house. A plain line without them has nothing inside."""

_WORD = re.compile(r"[a-z]+")


@dataclass(slots=True)
class Inside:
    """What was taken out of a line, and the `rest` of it."""

    rest: str
    box: str = ""
    unit: str = ""
    level: str = ""
    block: str = ""
    lot: str = ""

    @property
    def door(self) -> str:
        """ "4b level 2 block c", each part only where it is known."""
        parts = (self.unit, self.level and f"level {self.level}", self.block and f"block {self.block}")
        return " ".join(filter(None, parts))


def taken_apart(text: str) -> Inside:
    """`text` is folded lower-case ASCII with commas between the parts of the address."""
    inside, words = Inside(text), frozenset(_WORD.findall(text))
    if words & _BOX_HINTS:
        _take_box(inside)
    if words & _BESIDE_HINTS:
        inside.rest = _BESIDE.sub("", inside.rest)
    if words & _REAR_HINTS:
        inside.rest = _REAR.sub("", inside.rest)
    if words & _UNIT_HINTS or "#" in text:
        inside.unit = _take(inside, _UNIT)
    if words & _LEVEL_HINTS:
        inside.level = _take(inside, _LEVEL)
    if words & _GROUND_HINTS:
        inside.level = inside.level or ("g" if _GROUND.search(inside.rest) else "")
        inside.rest = _GROUND.sub(" ", inside.rest)
    if words & _BLOCK_HINTS:
        inside.block = _take(inside, _BLOCK)
    if words & _LOT_HINTS:
        inside.lot = _take(inside, _LOT)
    return inside


def _take_box(inside: Inside) -> None:
    found = _BOX.search(inside.rest)
    if found is None:
        return
    kind = "gpo" if found["gpo"] else "bag" if found["bag"] else "po"
    inside.box = f"{kind} {re.sub('[ .]', '', found['number'])}"
    inside.rest = f"{inside.rest[: found.start()]}, {inside.rest[found.end() :]}"


def _take(inside: Inside, pattern: re.Pattern[str]) -> str:
    """Take the first find out of the rest, a comma in its place: its value without blanks and leading zeros."""
    found = pattern.search(inside.rest)
    if found is None:
        return ""
    inside.rest = f"{inside.rest[: found.start()]}, {inside.rest[found.end() :]}"
    value = next(filter(None, found.groups()), "")
    return value.replace(" ", "").lstrip("0")
