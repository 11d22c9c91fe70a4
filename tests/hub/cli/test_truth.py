"""Labels are read as they were exported, and whatever is wrong with them is told by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cli.export import Format, write_rows
from hub.cli.truth import BadTruth, read_truth
from hub.queries.cells import FORMULA_STARTS, cell, plain

HEADER = "connection,stream,external_id,person\n"
ALICE = "shop,customers,a1,Alice\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "truth.csv"


def refusal(file: Path, content: bytes | str) -> str:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadTruth) as caught:
        read_truth(file)
    return str(caught.value).replace(str(file), "FILE")


@given(st.text(st.sampled_from(["'", "a", *FORMULA_STARTS])))
def test_every_text_comes_back_from_a_cell_and_none_is_a_formula(text: str) -> None:
    assert plain(cell(text)) == text
    assert not cell(text).startswith(FORMULA_STARTS)


@pytest.mark.parametrize("external_id", ["=1+1", "'=1+1", "-5", "'quoted'", "a,b", 'say "a"', "two\nlines", "naïve ☎"])
def test_an_exported_record_is_read_back_as_it_was(external_id: str, file: Path) -> None:
    row = {"connection": "shop", "stream": "customers", "external_id": external_id, "person": "Alice"}
    write_rows([row], Format.CSV, file)
    assert read_truth(file).persons == {("shop", "customers", external_id): "Alice"}


def test_a_file_made_by_hand_may_have_a_byte_order_mark_more_columns_and_blank_lines(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfperson , note,external_id,stream,connection\r\n\r\n Alice ,,=1,customers,shop\r\n")
    labels = read_truth(file)
    assert labels.persons == {("shop", "customers", "=1"): "Alice"}
    assert labels.lines == {("shop", "customers", "=1"): 3}


def test_every_bad_line_is_told_and_the_first_line_of_a_long_row_counts(file: Path) -> None:
    bad = HEADER + 'shop,customers,"a\n1",Alice\n' + "shop,customers,,\nshop,b1,Bob\n" + 'shop,customers,"a\n1",Bob\n'
    assert refusal(file, bad).splitlines() == [
        "FILE: ",
        "  line 4: external_id, person is empty",
        "  line 5: 3 values, but the header names 4 columns",
        "  line 6: shop:customers:a",
        "1 was labelled on line 2 already",
    ]


def test_of_many_bad_lines_ten_are_told_and_the_others_counted(file: Path) -> None:
    told = refusal(file, HEADER + ALICE * 14).splitlines()
    assert told[1] == "  line 3: shop:customers:a1 was labelled on line 2 already"
    assert (len(told), told[-1]) == (12, "  and 3 more")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "FILE is empty; its first line must name the columns connection, stream, external_id, person"),
        (HEADER, "FILE has no labelled record below its header"),
        ("connection;stream;external_id;person\n", "FILE has no column connection, stream, external_id, person;"),
        ("connection,stream,external_id,contact_id\n", "FILE has no column person;"),
        ("person," + HEADER, "FILE has the column person more than once"),
        (HEADER + 'shop,customers,"a1,Alice\n', "FILE: line 2 is not CSV: "),
        (HEADER.encode("utf-16"), "FILE is not UTF-8 (byte 1)"),
        (HEADER.encode() + b"shop,customers,Zo\xeb,Zoe\n", "FILE is not UTF-8 (byte 55)"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes | str, told: str, file: Path) -> None:
    assert refusal(file, content).startswith(told)
