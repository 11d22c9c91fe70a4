"""The model an expert gives Splink: what is compared, what is blocked on, and how each part is trained.

Nothing runs here. Splink's own libraries of comparisons come in as arguments, so that this can be read without Splink.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

Rule = tuple[str, ...]
"""Columns, or SQL on columns, that are all equal."""

COLUMNS = ("first", "last", "email", "phone", "street", "city", "postcode", "birth", "member")

# Values of `rare_` and `email_local` are capped in cleaning; of the others, blocks grow slowly with the file.
PREDICT: tuple[Rule, ...] = (
    ("email",),
    ("phone",),
    ("member",),
    ("email_local",),
    ("rare_name",),
    ("rare_first",),
    ("rare_last",),
    ("rare_birth",),
    ("first", "last", "city"),
    ("first", "last", "postcode"),
    ("birth", "last"),
    ("birth", "first"),
    ("birth", "postcode"),
    ("birth", "city"),
    ("substr(first, 1, 3)", "postcode"),
    ("substr(last, 1, 3)", "postcode"),
    ("street", "postcode"),
    ("street", "last"),
)

# A pass trains what its rule does not name.
TRAIN: tuple[Rule, ...] = (
    ("email",),
    ("phone",),
    ("first", "last"),
    ("birth",),
    ("last", "postcode"),
    ("street",),
)

# Rules that seldom err, and the share of the true pairs they are taken to find.
CERTAIN: tuple[Rule, ...] = (
    ("member",),
    ("email", "first"),
    ("phone", "first"),
    ("birth", "first", "last"),
    ("first", "last", "postcode"),
)
CERTAIN_RECALL = 0.7

IDENTIFIER, FAMILY = "same identifier", "same identifier, two first names"
TWO_PEOPLE = {IDENTIFIER: 1 / 1000, FAMILY: 1 / 15}
"""For each pair of records of one person, how many of two people are equal like this; tuned on generated files."""

UNSEEN_U = 1e-7
"""Of a level that no sampled pair is at."""


def usable(rules: Sequence[Rule], present: Collection[str]) -> list[Rule]:
    """Those of `rules` that name only columns the file fills."""
    return [rule for rule in rules if all(_source(part) in present for part in rule)]


def _source(part: str) -> str:
    column = re.sub(r"^substr\((\w+),.*$", r"\1", part)
    return {"email_local": "email", "rare_name": "first"}.get(column, column.removeprefix("rare_"))


def comparisons(comparison: Any, level: Any, present: Collection[str]) -> list[Any]:
    """The comparisons of the columns `present`, made with `comparison_library` and `comparison_level_library`."""
    makers: dict[str, Callable[[], list[Any]]] = {
        "first": lambda: _first(level),
        "last": lambda: _household(level, present) if "street" in present else _last(level),
        "email": lambda: _email(level),
        "phone": lambda: [*_shared(level, "phone"), level.LevenshteinLevel("phone", 1)],
        "birth": lambda: _birth(level),
        "member": lambda: [
            level.ExactMatchLevel("member").configure(label_for_charts=IDENTIFIER),
            level.DamerauLevenshteinLevel("member", 1),
        ],
    }
    if "street" not in present:
        makers["city"] = lambda: [
            level.ExactMatchLevel("city").configure(tf_adjustment_column="city"),
            level.JaroWinklerLevel("city", 0.88),
        ]
    return [
        comparison.CustomComparison(
            output_column_name=column, comparison_levels=[_null(level, column, present), *make(), level.ElseLevel()]
        )
        for column, make in makers.items()
        if column in present
    ]


def _null(level: Any, column: str, present: Collection[str]) -> Any:
    if column != "last" or "street" not in present:
        return level.NullLevel(column)
    return level.And(*[level.NullLevel(part) for part in ("last", *_places(present))])


def _places(present: Collection[str]) -> list[str]:
    return [part for part in ("street", "postcode", "city") if part in present]


def _first(level: Any) -> list[Any]:
    initial = "(length(first_l) = 1 OR length(first_r) = 1) AND substr(first_l, 1, 1) = substr(first_r, 1, 1)"
    return [
        level.ExactMatchLevel("first").configure(tf_adjustment_column="first"),
        level.ExactMatchLevel("formal"),
        level.JaroWinklerLevel("first", 0.92),
        level.CustomLevel(initial, "one is the initial of the other"),
        level.JaroWinklerLevel("first", 0.8),
    ]


def _last(level: Any) -> list[Any]:
    exact = level.ExactMatchLevel("last").configure(tf_adjustment_column="last")
    return [exact, *[level.JaroWinklerLevel("last", least) for least in (0.92, 0.88, 0.7)]]


def _household(level: Any, present: Collection[str]) -> list[Any]:
    """Last name and address as one: spouses and twins agree in both, and would count twice."""
    name = level.ExactMatchLevel("last").configure(tf_adjustment_column="last")
    near = level.JaroWinklerLevel("last", 0.9)
    unknown = level.NullLevel("last")
    area = [level.ExactMatchLevel(part) for part in _places(present) if part != "street"]
    levels = []
    street = level.JaroWinklerLevel("street", 0.9)
    if area:
        home = level.And(street, level.Or(*area))
        levels += [level.And(name, home), level.And(near, home), level.And(unknown, home), home]
    if area:
        levels += [level.And(name, level.Or(*area)), level.And(near, level.Or(*area))]
        levels += [level.And(name, *[level.NullLevel(part) for part in _places(present)])]
    levels += [level.And(name, street), name, near, street]
    if area:
        levels += [level.And(unknown, level.Or(*area)), level.Or(*area), unknown]
    return levels


def _shared(level: Any, column: str) -> list[Any]:
    """The same value twice: of two first names that have nothing in common, as in a family, and otherwise."""
    apart = "formal_l <> formal_r AND jaro_winkler_similarity(first_l, first_r) < 0.8"
    initials = "length(first_l) > 1 AND length(first_r) > 1"
    return [
        level.CustomLevel(f"{column}_l = {column}_r AND {initials} AND {apart}", FAMILY),
        level.ExactMatchLevel(column).configure(label_for_charts=IDENTIFIER),
    ]


def _email(level: Any) -> list[Any]:
    local = "regexp_extract(email_{}, '^[^@]+')"
    left, right = local.format("l"), local.format("r")
    return [
        *_shared(level, "email"),
        level.CustomLevel(f"{left} = {right}", "same local part"),
        level.JaroWinklerLevel("email", 0.92),
        level.CustomLevel(f"jaro_winkler_similarity({left}, {right}) >= 0.88", "like local part"),
    ]


def _birth(level: Any) -> list[Any]:
    return [
        level.ExactMatchLevel("dob"),
        level.DamerauLevenshteinLevel("dob", 1),
        level.CustomLevel("year(birth_l) = year(birth_r) AND month(birth_l) = day(birth_r)", "day and month exchanged"),
        level.DamerauLevenshteinLevel("dob", 2),
        level.AbsoluteDateDifferenceLevel("birth", input_is_string=False, threshold=1, metric="year"),
    ]


def corrected(model: dict[str, Any]) -> dict[str, Any]:
    """The sampled model with every u that no sample can tell.

    Two random records that share an e-mail are nearly always one person: a sampled u would measure the prior, and no
    sample of a large file holds such a pair. What an expert knows is which share of these pairs are two people.
    """
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            share = TWO_PEOPLE.get(level["label_for_charts"])
            if share:
                level["u_probability"] = share * model["probability_two_random_records_match"]
                level["fix_u_probability"] = True
            elif not level.get("is_null_level"):
                level.setdefault("u_probability", UNSEEN_U)
    return model
