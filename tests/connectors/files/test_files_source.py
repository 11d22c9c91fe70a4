"""Which files are read, when again, and where a pull goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.files import CONNECTOR, source
from connectors.files.disk import find, snapshot, start_folder
from connectors.files.read import columns
from connectors.kit.base import Cursor, Stream
from connectors.kit.errors import AuthError, BadPayload, Refused, VendorDown

PEOPLE = Stream("people", "person")


def table(*ids: object) -> str:
    return "id,name\n" + "".join(f"{each},Person {each}\n" for each in ids)


def test_all_matching_files_are_read_the_oldest_first(drop, ids):
    drop.put("new.csv", table(2), age=60)
    drop.put("old.csv", table(1), age=600)
    drop.put("other.txt", table(3))
    assert ids(drop.pull()) == ["1", "2"]


def test_two_stars_go_into_subfolders_and_names_are_relative(drop):
    drop.put("2026/may/a.csv", table(1))
    pages = drop.pull(pattern="**/*.csv")
    assert list(pages[-1].cursor.seen) == ["2026/may/a.csv"]


def test_a_repeated_id_is_given_twice_the_later_row_last(drop, rows):
    drop.put("a.csv", "id,name\n1,Alise\n1,Alice\n")
    assert [row["name"] for _, row in rows(drop.pull())] == ["Alise", "Alice"]


def test_the_cursor_says_what_was_read(drop):
    drop.put("a.csv", table(1, 2))
    (page,) = drop.pull()
    entry = page.cursor.seen["a.csv"]
    assert {key: entry[key] for key in ("size", "rows", "done")} == {"size": 30, "rows": 2, "done": True}
    assert len(entry["sha256"]) == 64


def test_the_cursor_survives_json(drop):
    drop.put("a.csv", table(1))
    (page,) = drop.pull()
    assert drop.pull(Cursor.model_validate_json(page.cursor.model_dump_json())) == []


def test_an_unchanged_file_is_not_even_opened(drop, monkeypatch):
    drop.put("a.csv", table(1))
    cursor = drop.pull()[-1].cursor
    monkeypatch.setattr(source, "snapshot", lambda file: pytest.fail("it was opened"))
    assert drop.pull(cursor) == []


def test_a_touched_file_brings_no_row_again_and_is_then_known(drop):
    drop.put("a.csv", table(1))
    cursor = drop.pull()[-1].cursor
    drop.put("a.csv", table(1), age=30)
    (page,) = drop.pull(cursor)
    assert page.fetched == 0
    assert drop.pull(page.cursor) == []


def test_a_changed_file_is_read_whole_and_the_others_are_left_alone(drop, ids):
    drop.put("a.csv", table(1))
    drop.put("b.csv", table(2))
    cursor = drop.pull()[-1].cursor
    drop.put("a.csv", table(1, 3), age=30)
    pages = drop.pull(cursor)
    assert ids(pages) == ["1", "3"]
    assert set(pages[-1].cursor.seen) == {"a.csv", "b.csv"}


def test_a_file_still_being_written_is_looked_into_again_even_if_its_time_stands_still(drop, ids):
    drop.put("a.csv", table(1), age=1)
    cursor = drop.pull()[-1].cursor
    drop.put("a.csv", table(2), age=1)
    assert ids(drop.pull(cursor)) == ["2"]


@pytest.mark.fault("H07")
def test_a_half_copied_file_gives_its_whole_rows_and_the_rest_when_it_is_there(drop, ids, rejects):
    whole = table(1, 2, 3)
    drop.put("a.csv", whole[: whole.index("3,") + 1], age=1)
    pages = drop.pull()
    assert ids(pages) == ["1", "2"]
    assert [where for where, _ in rejects(pages)] == ["a.csv:4"]
    drop.put("a.csv", whole, age=0)
    assert ids(drop.pull(pages[-1].cursor)) == ["1", "2", "3"]


def test_a_pull_may_be_left_in_the_middle_of_a_file(drop):
    drop.put("a.csv", table(*range(1500)))
    pull = drop.source().pull(PEOPLE, None)
    assert next(pull).fetched == 1000
    pull.close()


def test_files_are_read_again_when_the_stream_takes_another_id(drop, ids):
    drop.put("a.csv", table(1))
    cursor = drop.pull()[-1].cursor
    assert ids(drop.pull(cursor, id="name")) == ["Person 1"]


def test_a_file_that_has_gone_leaves_the_cursor_with_the_next_page(drop):
    drop.put("a.csv", table(1)).unlink()
    drop.put("b.csv", table(2))
    gone = Cursor(seen={"a.csv": {"done": True}})
    assert set(drop.pull(gone)[-1].cursor.seen) == {"b.csv"}


def test_long_files_come_in_pages_and_only_the_last_says_done(drop):
    drop.put("a.csv", table(*range(2500)))
    pages = drop.pull()
    assert [page.fetched for page in pages] == [1000, 1000, 500]
    assert [page.cursor.seen["a.csv"]["done"] for page in pages] == [False, False, True]


@pytest.mark.fault("D02")
def test_long_rows_make_short_pages(drop):
    drop.put("a.csv", "id,name\n" + "".join(f"{n},{'A' * 1_000_000}\n" for n in range(20)))
    assert [page.fetched for page in drop.pull()] == [9, 9, 2]


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3, 4])
def test_killed_after_any_page_nothing_is_lost_and_nothing_comes_twice(drop, ids, rejects, killed_after):
    drop.put("a.csv", table(*range(1500)) + "ragged\n" + table(*range(1500, 2100)).split("\n", 1)[1])
    drop.put("b.csv", table("last"))
    before = drop.pull()[: killed_after + 1]
    after = drop.pull(before[-1].cursor)
    assert ids(before + after) == [str(n) for n in range(2100)] + ["last"]
    assert [where for where, _ in rejects(before + after)] == ["a.csv:1502"]


def test_killed_inside_a_file_that_then_changes_it_is_read_from_its_start(drop, rows):
    drop.put("a.csv", table(*range(1500)))
    cursor = drop.pull()[0].cursor
    drop.put("a.csv", table("new", *range(1500)))
    assert len(rows(drop.pull(cursor))) == 1501


def test_a_spoilt_file_does_not_hold_back_the_others_and_is_told_at_the_end(drop):
    drop.put("a.csv", "id,id\n1,1\n", age=900)
    drop.put("b.csv", table(2), age=60)
    pull = drop.source().pull(PEOPLE, None)
    page = next(pull)
    assert [record.id for record in page.records] == ["2"]
    assert "a.csv" not in page.cursor.seen
    with pytest.raises(BadPayload, match=r"a\.csv"):
        next(pull)


def test_no_folder_and_no_file_pull_nothing(drop):
    assert drop.pull() == []
    drop.folder.rmdir()
    assert drop.pull() == []


def test_check_says_that_the_folder_or_the_files_are_missing(drop):
    (finding,) = drop.source().check()
    assert (finding.subject, finding.ok) == ("reach", False)
    assert "no file matches" in finding.message
    drop.folder.rmdir()
    (finding,) = drop.source().check()
    assert not finding.ok
    assert "no folder" in finding.message


def test_check_samples_the_columns(drop):
    drop.put("a.csv", "id,E-mail\n1,alice@example.com\n")
    reach, sample = drop.source().check()
    assert reach.ok
    assert sample.ok
    assert "id, E-mail" in sample.message
    assert "alice" not in sample.message


def test_check_finds_a_missing_id_column_and_a_bad_header(drop):
    drop.put("a.csv", "nr,name\n1,Alice\n")
    _, sample = drop.source().check()
    assert not sample.ok
    assert "'id'" in sample.message
    drop.put("a.csv", "id,id\n1,1\n")
    _, sample = drop.source().check()
    assert not sample.ok


def test_check_of_a_bad_first_line_names_the_line(drop):
    drop.put("a.jsonl", "nonsense\n")
    _, sample = drop.source(pattern="*.jsonl", format="jsonl").check()
    assert not sample.ok
    assert "a.jsonl:1" in sample.message


def test_columns_are_those_of_all_csv_files(drop):
    drop.put("a.csv", "id,E-mail\n")
    drop.put("b.csv", "id;suburb\n")
    drop.put("c.csv", "x,x\n")
    config = drop.source()._config
    assert columns(config) == {"id", "E-mail", "suburb"}


def test_columns_are_unknown_without_files_and_for_jsonl(drop):
    assert columns(drop.source()._config) is None
    drop.put("a.jsonl", '{"id": 1}\n')
    assert columns(drop.source(pattern="*.jsonl", format="jsonl")._config) is None


def test_a_file_beyond_the_limit_is_refused(drop):
    drop.put("a.csv", table(*range(10)))
    (found,) = find(str(drop.folder / "*.csv"))
    with pytest.raises(Refused, match="split it"), snapshot(found, limit=20):
        pass


def test_a_file_that_went_between_the_look_and_the_reading_is_no_error(drop):
    path = drop.put("a.csv", table(1))
    (found,) = find(str(path))
    path.unlink()
    with snapshot(found) as copy:
        assert copy is None


@pytest.mark.parametrize(
    ("trouble", "error"), [(PermissionError(13, "Permission denied"), AuthError), (OSError(5, "I/O error"), VendorDown)]
)
def test_a_file_that_cannot_be_read_is_told_by_what_to_do_about_it(drop, monkeypatch, trouble, error):
    drop.put("a.csv", table(1))

    def fail(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(error, match=r"a\.csv"):
        drop.pull()
    _, sample = drop.source().check()
    assert not sample.ok


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_no_file_and_is_not_waited_for(drop):
    os.mkfifo(drop.folder / "a.csv")
    assert drop.pull() == []


def test_the_start_folder_is_what_comes_before_the_first_wildcard(tmp_path):
    assert start_folder(str(tmp_path / "*" / "a.csv")) == tmp_path
    assert start_folder(str(tmp_path / "a.csv")) == tmp_path


def test_an_unknown_encoding_is_refused_with_a_proposal():
    with pytest.raises(ValueError, match="cp1252"):
        CONNECTOR.config(path="x", format="csv", encoding="utf-9")


def test_operators_are_not_shown_the_ids_setting():
    assert "ids" not in CONNECTOR.config.model_json_schema()["properties"]
