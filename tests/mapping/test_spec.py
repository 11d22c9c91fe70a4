"""Reading a mapping: short forms, and every mistake told at once at its place."""

from __future__ import annotations

from typing import Any

import pytest

from mapping.compile import MappingErrors, compile_mapping, parse_mapping


def mistakes(data: dict[str, Any], **options: Any) -> set[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(MappingErrors) as raised:
        compile_mapping(parse_mapping(data), **({"region": None} | options))
    return {(error.loc, error.code) for error in raised.value.errors}


def test_short_and_long_forms_are_one_mapping() -> None:
    short = {"record": "person", "map": {"name": "name", "emails": ["email"], "tags": "tags", "company": "company"}}
    long = {
        "record": "person",
        "map": {
            "name": {"full": {"value": "name"}},
            "emails": [{"value": "email"}],
            "tags": [{"value": "tags"}],
            "company": {"name": "company"},
        },
    }
    assert parse_mapping(short) == parse_mapping(long)


def test_every_unknown_field_is_told_at_once() -> None:
    data = {"record": "person", "map": {"emials": ["email"], "phones": [{"value": "p", "regoin": "AU"}, 5]}}
    assert mistakes(data) == {
        (("map", "emials"), "field_unknown"),
        (("map", "phones", 0, "regoin"), "field_unknown"),
        (("map", "phones", 1), "shape_wrong"),
    }


def test_an_unknown_field_is_told_with_the_nearest_one() -> None:
    with pytest.raises(MappingErrors, match="unknown field 'emials'; did you mean 'emails'"):
        parse_mapping({"record": "person", "map": {"emials": ["email"]}})


@pytest.mark.parametrize("record", ["persn", None, ["person"]])
def test_an_unknown_kind_of_record_is_told(record: Any) -> None:
    assert mistakes({"record": record, "map": {}}) == {(("record",), "record_unknown")}


def test_every_expression_and_setting_that_cannot_work_is_told_at_once() -> None:
    data = {
        "record": "person",
        "id": "a..b",
        "map": {
            "name": {"first": "uper(given)"},
            "phones": [{"value": "mobile", "region": "Oz"}],
            "emails": ["a["],
            "date_of_birth": {"value": "dob", "format": "%d/%m"},
            "created_at": {"value": "at", "zone": "Sydney"},
            "custom": {"size": "x.."},
            "consents": [{"channel": "sms", "address": {"value": "p", "region": "ZZ"}, "state": "s..t"}],
        },
    }
    assert mistakes(data, region="Australia") == {
        (("region",), "region_unknown"),
        (("id",), "expression_invalid"),
        (("map", "name", "first", "value"), "function_unknown"),
        (("map", "phones", 0, "region"), "region_unknown"),
        (("map", "emails", 0, "value"), "expression_invalid"),
        (("map", "date_of_birth", "format"), "format_invalid"),
        (("map", "created_at", "zone"), "zone_unknown"),
        (("map", "custom", "size", "value"), "expression_invalid"),
        (("map", "consents", 0, "address", "region"), "region_unknown"),
        (("map", "consents", 0, "state", "value"), "expression_invalid"),
    }


@pytest.mark.parametrize("state", ["unreadable", "no"])
def test_a_vendors_word_can_only_be_called_a_state_that_may_be_named(state: str) -> None:
    consent = {"channel": "email", "address": "email", "state": "state", "states": {"NEVER": state}}
    data = {"record": "person", "map": {"consents": [consent]}}
    assert mistakes(data) == {(("map", "consents", 0, "states", "NEVER"), "shape_wrong")}


def test_the_fingerprint_follows_the_mapping_and_the_region() -> None:
    def fingerprint(expression: str, region: str | None) -> str:
        return compile_mapping(
            parse_mapping({"record": "person", "map": {"phones": [expression]}}), region=region
        ).fingerprint

    assert fingerprint("mobile", "AU") == fingerprint("mobile", "AU")
    assert (
        len(
            {
                fingerprint("mobile", "AU"),
                fingerprint("phone", "AU"),
                fingerprint("mobile", "NZ"),
                fingerprint("mobile", None),
            }
        )
        == 4
    )
