"""What becomes of the rows of a CSV file, the ugly ones too."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.csvrows import CsvFile, sniff
from connectors.files.rows import BadRow, Row
from connectors.kit.errors import BadPayload


def test_every_row_is_a_record_with_its_cells_as_they_were(drop, rows):
    drop.put("a.csv", "id,name,E-mail\n1, Alice ,alice@example.com\n2,Bob,\n")
    assert rows(drop.pull()) == [
        ("1", {"id": "1", "name": " Alice ", "E-mail": "alice@example.com"}),
        ("2", {"id": "2", "name": "Bob", "E-mail": ""}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_header(drop, rows, delimiter):
    drop.put("a.csv", delimiter.join(["id", '"name, (full); of"', "phone"]) + "\n" + delimiter.join("1ab"))
    assert rows(drop.pull()) == [("1", {"id": "1", "name, (full); of": "a", "phone": "b"})]


def test_a_declared_delimiter_is_not_guessed_at(drop, rows):
    drop.put("a.csv", "id;a,b,c\n1;x\n")
    assert rows(drop.pull(delimiter=";")) == [("1", {"id": "1", "a,b,c": "x"})]


def test_a_header_without_any_delimiter_is_one_column():
    assert sniff("email\n") == ","


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding_and_is_no_part_of_the_first_title(drop, rows, encoding):
    drop.put("a.csv", "id,name\n1,Zoë\n".encode(encoding))
    assert rows(drop.pull()) == [("1", {"id": "1", "name": "Zoë"})]


def test_the_mark_is_dropped_also_when_utf8_is_declared(drop, rows):
    drop.put("a.csv", "id\n1\n".encode("utf-8-sig"))
    assert rows(drop.pull(encoding="UTF8")) == [("1", {"id": "1"})]


@pytest.mark.fault("H27")
def test_a_row_in_a_wrong_charset_is_rejected_and_the_others_land(drop, ids, rejects):
    drop.put("a.csv", "id,name\n1,Alice\n2,Zoë\n3,Bob\n".encode("cp1252"))
    pages = drop.pull()
    assert ids(pages) == ["1", "3"]
    ((where, reason),) = rejects(pages)
    assert where == "a.csv:3"
    assert "no utf-8" in reason
    assert "�" in pages[0].rejects[0].raw


def test_with_the_right_encoding_declared_it_lands(drop, rows):
    drop.put("a.csv", "id,name\n2,Zoë\n".encode("cp1252"))
    assert rows(drop.pull(encoding="cp1252")) == [("2", {"id": "2", "name": "Zoë"})]


@pytest.mark.fault("H27")
def test_a_header_in_a_wrong_charset_spoils_the_file(drop):
    drop.put("a.csv", "id,prénom\n1,Zoe\n".encode("cp1252"))
    with pytest.raises(BadPayload, match="encoding"):
        drop.pull()


def test_a_quoted_line_break_stays_in_its_cell_and_lines_are_counted_through_it(drop, rows, rejects):
    drop.put("a.csv", 'id,street\r\n1,"Unit 4\r\n12 High St"\r\n,nowhere\r\n')
    pages = drop.pull()
    assert rows(pages) == [("1", {"id": "1", "street": "Unit 4\r\n12 High St"})]
    assert [where for where, _ in rejects(pages)] == ["a.csv:4"]


@pytest.mark.fault("D03")
def test_a_nul_byte_harms_neither_its_row_nor_the_next(drop, rows):
    drop.put("a.csv", "id,name\n1,Al\0ice\n2,Bob\n")
    assert [row["name"] for _, row in rows(drop.pull())] == ["Al\0ice", "Bob"]


@pytest.mark.fault("D03")
def test_an_id_with_a_nul_byte_is_no_id(drop, rejects):
    drop.put("a.csv", "id,name\n1\x002,Alice\n")
    assert [where for where, _ in rejects(drop.pull())] == ["a.csv:2"]


@pytest.mark.parametrize("line", ["3,c,extra", "3"])
def test_a_ragged_row_is_rejected_alone(drop, ids, rejects, line):
    drop.put("a.csv", f"id,name\n1,a\n{line}\n2,b\n")
    pages = drop.pull()
    assert ids(pages) == ["1", "2"]
    ((where, reason),) = rejects(pages)
    assert where == "a.csv:3"
    assert "the header has 2" in reason


@pytest.mark.parametrize("blank", ["", "   ", ",", " , "])
def test_blank_lines_are_no_rows(drop, ids, rejects, blank):
    drop.put("a.csv", f"{blank if not blank.strip() else ''}\nid,name\n{blank}\n1,a\n{blank}\n")
    pages = drop.pull()
    assert ids(pages) == ["1"]
    assert not rejects(pages)


def test_two_columns_of_one_name_spoil_the_file_and_are_named(drop):
    drop.put("a.csv", "id,phone,name,phone \n1,0,Alice,0\n")
    with pytest.raises(BadPayload, match=r"a\.csv.*'phone'"):
        drop.pull()


def test_a_column_without_a_title_is_left_out(drop, rows):
    drop.put("a.csv", "id,name,,\n1,Alice,,x\n")
    assert rows(drop.pull()) == [("1", {"id": "1", "name": "Alice"})]


def test_a_missing_id_column_spoils_the_file_without_telling_what_stands_there(drop):
    drop.put("a.csv", "1,alice@example.com\n2,bob@example.com\n")
    with pytest.raises(BadPayload, match="no column 'id'") as caught:
        drop.pull()
    assert "alice" not in str(caught.value)


def test_an_empty_file_and_a_bare_header_have_no_rows(drop, rows, rejects):
    drop.put("empty.csv", "")
    drop.put("blank.csv", "\n\n")
    drop.put("header.csv", "id,name\n")
    pages = drop.pull()
    assert rows(pages) == []
    assert rejects(pages) == []


@pytest.mark.fault("D02")
def test_a_name_of_two_megabytes_is_rejected_and_kept_short(drop, ids, rejects):
    drop.put("a.csv", "id,name\n1," + "A" * (2 << 20) + "\n2,Bob\n")
    pages = drop.pull()
    assert ids(pages) == ["2"]
    assert [where for where, _ in rejects(pages)] == ["a.csv:2"]
    assert len(pages[0].rejects[0].raw) < 100_000


@pytest.mark.fault("D02")
def test_a_line_without_end_is_rejected_and_reading_goes_on(drop, ids, rejects):
    drop.put("a.csv", "id,name\n1," + "A" * (9 << 20) + "\n2,Bob\n")
    pages = drop.pull()
    assert ids(pages) == ["2"]
    assert [where for where, _ in rejects(pages)] == ["a.csv:2"]


@pytest.mark.fault("D02")
def test_a_row_of_many_long_cells_is_bounded_too(drop, ids, rejects):
    cells = ",".join('"' + ("A" * 500_000 + "\n") + '"' for _ in range(20))
    header = "id," + ",".join(f"c{n}" for n in range(20))
    drop.put("a.csv", f"{header}\n1,{cells}\n2{',' * 19},Bob\n")
    pages = drop.pull()
    assert ids(pages) == ["2"]
    assert rejects(pages)[0][0] == "a.csv:2"


def test_a_quote_that_is_never_closed_costs_its_line_only(drop, ids, rejects):
    drop.put("a.csv", 'id,name\n1,Alice\n2,"Bob\n3,Carol\n4,Dave\n')
    pages = drop.pull()
    assert ids(pages) == ["1", "3", "4"]
    assert [where for where, _ in rejects(pages)] == ["a.csv:3"]


def test_a_quote_closed_by_a_later_row_costs_its_line_only(drop, ids, rejects):
    drop.put("a.csv", 'id,name\n1,"Alice\n2,Bob\n3,"Carol"\n')
    pages = drop.pull()
    assert ids(pages) == ["2", "3"]
    assert [where for where, _ in rejects(pages)] == ["a.csv:2"]


def test_a_header_with_an_open_quote_spoils_the_file(drop):
    drop.put("a.csv", 'id,"name\n' + "1,Alice\n" * 200_000)
    with pytest.raises(BadPayload, match="header"):
        drop.pull()


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="�\0\r"), max_size=8)


@given(st.lists(st.tuples(st.integers(0, 99).map(str), cell, cell), max_size=12), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_wrote_is_read_back(people, delimiter):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("id", "name", "street"), *people])
    text.seek(0)
    read = list(CsvFile(text, "a.csv", "utf-8").rows())
    assert [tuple(row.data.values()) for row in read if isinstance(row, Row)] == people


@given(st.text(st.sampled_from('a",\n\r;'), max_size=60))
def test_no_line_is_lost_whatever_the_quotes_do(body):
    rows = CsvFile(io.StringIO("id,name\n" + body, newline=""), "a.csv", "utf-8").rows()
    told = "".join(row.raw for row in rows if isinstance(row, Row | BadRow))
    assert sorted(told.replace("\r", "").replace("\n", "").replace(",", "").replace('"', "").replace(";", "")) == [
        letter for letter in sorted(body) if letter == "a"
    ]
