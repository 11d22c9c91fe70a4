"""The model: every level weighs something told, and a file that is wrong is refused."""

from __future__ import annotations

from dataclasses import fields
from importlib.resources import files

import numpy as np
import pytest

from dedupe.engine.levels import COMPARISONS
from dedupe.engine.model_form import CONTEXTS
from dedupe.engine.weights import BadModel, Model, load, model_of, shipped

TEXT = files("dedupe.models").joinpath("standard.yaml").read_text("utf-8")
STANDARD = load()


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_every_level_of_every_comparison_has_a_weight(comparison: str) -> None:
    told = set(STANDARD.weights[comparison])
    assert told | {"missing"} == set(COMPARISONS[comparison])


@pytest.mark.parametrize("context", CONTEXTS[1:])
def test_every_level_but_of_the_name_has_a_weight_in_each_company(context: str) -> None:
    told = STANDARD.contexts[context]
    assert {name: {*levels, "missing"} for name, levels in told.items()} == {
        name: set(levels) for name, levels in COMPARISONS.items() if name != "name"
    }


def test_what_one_side_does_not_say_weighs_nothing() -> None:
    columns = [column for column, name in enumerate(COMPARISONS) if name != "name"]
    assert not STANDARD.table[:, columns, 0].any()


def test_all_weights_and_thresholds_are_whole_thousandths_of_a_bit() -> None:
    weights = [weight for one in STANDARD.weights.values() for weight in one.values()]
    within = [weight for some in STANDARD.contexts.values() for one in some.values() for weight in one.values()]
    own = [getattr(STANDARD, one.name) for one in fields(Model) if one.type == "int"]
    assert len(own) == 9
    assert {type(number) for number in [*weights, *within, *own]} == {int}
    assert STANDARD.table.dtype == np.int32


def test_the_bands_do_not_overlap() -> None:
    assert STANDARD.prior < 0 < STANDARD.strong_cap
    assert STANDARD.likely < STANDARD.floor < STANDARD.automatic


@pytest.mark.parametrize("level", ["other first, same last", "other", "other suffix", "other middle"])
def test_two_names_exclude_that_two_records_are_one_person(level: str) -> None:
    assert STANDARD.excludes[COMPARISONS["name"].index(level)]


@pytest.mark.parametrize("level", ["missing", "same, common", "nickname", "initial", "first only", "last only"])
def test_what_may_be_one_name_excludes_nothing(level: str) -> None:
    assert not STANDARD.excludes[COMPARISONS["name"].index(level)]


def test_a_shared_phone_weighs_less_between_two_first_names() -> None:
    """A household: the phone says no more of Alice and Bob than that they live together."""
    names, phones = COMPARISONS["name"], COMPARISONS["phone"]
    rows = np.zeros((2, len(COMPARISONS)), np.uint8)
    rows[:, 0] = names.index("other first, same last"), names.index("same")
    alone = STANDARD.weigh(rows)
    rows[:, 2] = phones.index("same")
    couple, one_person = (STANDARD.weigh(rows) - alone).tolist()
    assert 0 < couple < one_person


def test_the_weight_of_levels_is_the_sum_of_theirs() -> None:
    row = np.zeros((1, len(COMPARISONS)), np.uint8)
    told = {"name": "nickname", "email": "same", "birth": "different"}
    for column, (name, levels) in enumerate(COMPARISONS.items()):
        row[0, column] = levels.index(told.get(name, "missing"))
    assert STANDARD.weigh(row).tolist() == [sum(STANDARD.weights[name][level] for name, level in told.items())]


def test_the_shipped_model_is_read_once_and_as_it_stands_in_its_file() -> None:
    assert load() is load()
    assert load() == load("standard") == model_of(TEXT)


def test_the_shipped_models_are_known_by_name() -> None:
    assert shipped() == ("standard",)


class TestRefused:
    @pytest.mark.parametrize(
        ("written", "slip", "at"),
        [
            ("    nickname: 6300", "    nickame: 6300", ("weights", "name", "nickame")),
            ("      look-alike: 500", "      lookalike: 500", ("contexts", "another", "email", "lookalike")),
            ("another: [other,", "another: [others,", ("another", 0)),
            ("unnamed: [missing,", "unnamed: [mising,", ("unnamed", 0)),
            ("  unnamed:\n", "  unamed:\n", ("contexts", "unamed")),
            ("  birth:\n    same: 8300", "  brith:\n    same: 8300", ("weights", "brith")),
            ("    extension: 4000\n", "    missing: 4000\n", ("weights", "phone", "missing")),
            ("    nickname: 6300", "    nickname: 6.3", ("weights", "name", "nickname")),
            ("    nickname: 6300", "    nickname: 6300000", ("weights", "name", "nickname")),
            ("    nickname: 6300\n", "", ("weights", "name", "nickname")),
            ("version: standard-3", "version: 3", ("version",)),
            ("strong_cap: 10", "strong_cap: 0", ("strong_cap",)),
            ("strong_cap: 10", "strong_cap: yes please", ("strong_cap",)),
            ("limit: 200", "limit: true", ("limit",)),
            ("likely: -1000", "likely: 4000", ("likely",)),
            ("floor: 2500", "floor: 4100", ("floor",)),
            ("excluding: [near,", "excluding: 7\nx: [near,", ("excluding",)),
        ],
    )
    def test_a_slip_is_told_with_its_place(self, written: str, slip: str, at: tuple[str | int, ...]) -> None:
        assert written in TEXT
        with pytest.raises(BadModel) as caught:
            model_of(TEXT.replace(written, slip, 1))
        assert at in [fault.at for fault in caught.value.faults]

    @pytest.mark.parametrize(("written", "slip"), [("\nfloor: 2500", ""), ("\nfloor: 2500", "\nfloor: 2500\nflor: 1")])
    def test_a_setting_that_is_missing_or_unknown(self, written: str, slip: str) -> None:
        assert written in TEXT
        with pytest.raises(BadModel, match="flo"):
            model_of(TEXT.replace(written, slip))

    @pytest.mark.parametrize("text", ["", "7", "[a]", "weights: 7", "weights: {name: 7}", "contexts: [7]"])
    def test_what_is_no_model_at_all(self, text: str) -> None:
        with pytest.raises(BadModel):
            model_of(text)

    def test_several_slips_are_told_together(self) -> None:
        text = TEXT.replace("margin: 3000", "margin: -1").replace("    nickname: 6300", "    nickame: 6300")
        with pytest.raises(BadModel) as caught:
            model_of(text)
        assert len(caught.value.faults) == 3
