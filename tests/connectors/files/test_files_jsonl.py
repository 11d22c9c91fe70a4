"""What becomes of the lines of a JSONL file."""

from __future__ import annotations

import pytest


def pull(drop, **config):
    return drop.pull(pattern="*.jsonl", format="jsonl", **config)


def test_every_object_is_a_record_as_it_came(drop, rows):
    drop.put("a.jsonl", '{"id": 7, "name": {"first": "Alice"}, "tags": ["vip"]}\n\n{"id": "8"}\n')
    assert rows(pull(drop)) == [
        ("7", {"id": 7, "name": {"first": "Alice"}, "tags": ["vip"]}),
        ("8", {"id": "8"}),
    ]


@pytest.mark.fault("H08")
@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1,}',
        '{"id": 1',
        "<html>Log in</html>",
        '{"id": NaN}',
        '{"id": 1e999}',
        "[1]",
        '"1"',
        '{"id": 1} {"id": 2}',
        '{"id": ' + "9" * 5000 + "}",
    ],
)
def test_a_bad_line_is_rejected_with_its_number_and_the_others_land(drop, ids, rejects, line):
    drop.put("a.jsonl", f'{{"id": "a"}}\n{line}\n{{"id": "b"}}\n')
    pages = pull(drop)
    assert ids(pages) == ["a", "b"]
    assert [where for where, _ in rejects(pages)] == ["a.jsonl:2"]


@pytest.mark.fault("D02")
@pytest.mark.parametrize("depth", [70, 900, 200_000])
def test_a_nesting_bomb_is_rejected(drop, ids, rejects, depth):
    drop.put("a.jsonl", '{"id": "a", "x": ' + "[" * depth + "]" * depth + '}\n{"id": "b"}\n')
    pages = pull(drop)
    assert ids(pages) == ["b"]
    assert [reason for _, reason in rejects(pages)] == ["is nested too deeply"]


@pytest.mark.fault("D02")
def test_a_line_without_end_is_rejected(drop, ids, rejects):
    drop.put("a.jsonl", '{"id": "a", "name": "' + "A" * (9 << 20) + '"}\n{"id": "b"}\n')
    pages = pull(drop)
    assert ids(pages) == ["b"]
    assert [where for where, _ in rejects(pages)] == ["a.jsonl:1"]


@pytest.mark.fault("H27")
def test_a_line_in_a_wrong_charset_is_rejected(drop, ids, rejects):
    drop.put("a.jsonl", b'{"id": "a", "name": "Zo\xeb"}\n{"id": "b"}\n')
    pages = pull(drop)
    assert ids(pages) == ["b"]
    assert [where for where, _ in rejects(pages)] == ["a.jsonl:1"]


@pytest.mark.fault("H08")
def test_a_byte_order_mark_is_no_part_of_the_first_line(drop, rows):
    drop.put("a.jsonl", b'\xef\xbb\xbf{"id": "a"}\n')
    assert rows(pull(drop)) == [("a", {"id": "a"})]


def test_the_id_may_be_an_expression(drop, ids):
    drop.put("a.jsonl", '{"person": {"id": 7}}\n')
    assert ids(pull(drop, id="person.id")) == ["7"]


@pytest.mark.parametrize("value", ["null", '""', '"  "', "true", "1.5", "[]", "{}", '"' + "x" * 600 + '"', '"\\ud800"'])
def test_what_is_no_id_is_rejected(drop, rejects, value):
    drop.put("a.jsonl", f'{{"id": {value}}}\n')
    assert [where for where, _ in rejects(pull(drop))] == ["a.jsonl:1"]


def test_an_expression_that_fails_on_a_row_rejects_that_row(drop, ids, rejects):
    drop.put("a.jsonl", '{"names": ["a", "b"]}\n{"names": 5}\n')
    pages = pull(drop, id="join('-', names)")
    assert ids(pages) == ["a-b"]
    assert [where for where, _ in rejects(pages)] == ["a.jsonl:2"]


@pytest.mark.fault("D15")
def test_null_empty_and_absent_stay_three_things(drop, rows):
    drop.put("a.jsonl", '{"id": 1, "phone": null}\n{"id": 2, "phone": ""}\n{"id": 3}\n')
    assert [row for _, row in rows(pull(drop))] == [{"id": 1, "phone": None}, {"id": 2, "phone": ""}, {"id": 3}]


def test_without_an_id_setting_equal_content_has_an_equal_id(drop, ids):
    drop.put("a.jsonl", '{"name": "Alice", "n": 1}\n{"n": 1, "name": "Alice"}\n{"name": "Alice", "n": "1"}\n')
    first, again, other = ids(pull(drop, id=None))
    assert first == again
    assert first != other
