"""The log: lines that machines and people can read, with nothing secret, personal or harmful to a terminal in them."""

from __future__ import annotations

import io
import json
import logging

import pytest

from hub.jobs.ends import RunEnd
from hub.stages.runs import Buckets
from hub.watch.clean import LONGEST, Cleaner
from hub.watch.log import begin, fields
from hub.watch.reporter import Logged

SECRET = "shpat_canary_secret_0123456789"
log = logging.getLogger("hub.test")


def lines(stderr: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stderr.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_its_fixed_fields_first(stderr: io.StringIO) -> None:
    begin("json", "info", [])
    log.info("run.ended", extra=fields(status="ok", seconds=1.5, stream="customers", connection="shop", run=12))
    (line,) = lines(stderr)
    assert list(line) == ["time", "level", "event", "run", "connection", "stream", "seconds", "status"]
    assert (line["level"], line["event"], line["run"], line["seconds"]) == ("info", "run.ended", 12, 1.5)
    assert str(line["time"]).endswith("+00:00")


def test_a_person_reads_a_short_line(stderr: io.StringIO) -> None:
    begin("text", "info", [])
    log.warning("lease.lost", extra=fields(connection="shop", stream="customers"))
    assert stderr.getvalue().split(" ", 1)[1] == "warning lease.lost connection=shop stream=customers\n"


def test_without_a_format_a_pipe_gets_json_and_a_terminal_text(
    stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(None, "info", [])
    log.info("one", extra=fields())
    monkeypatch.setattr(stderr, "isatty", lambda: True)
    begin(None, "info", [])
    log.info("two", extra=fields())
    first, second = stderr.getvalue().splitlines()
    assert json.loads(first)["event"] == "one"
    assert second.endswith("info    two")


def test_what_is_below_the_level_is_not_logged_and_libraries_speak_only_of_trouble(stderr: io.StringIO) -> None:
    begin("json", "warning", [])
    log.info("quiet", extra=fields())
    begin("json", "debug", [])
    log.debug("loud", extra=fields())
    logging.getLogger("alembic.runtime").info("chatter")
    logging.getLogger("uvicorn.error").warning("trouble")
    assert [(line["event"], line.get("message")) for line in lines(stderr)] == [
        ("loud", None),
        ("uvicorn.error", "trouble"),
    ]


@pytest.mark.fault("A11")
def test_no_secret_and_no_address_gets_into_the_log_whoever_logs_it(stderr: io.StringIO) -> None:
    begin("json", "info", [SECRET[:12], SECRET])
    log.info("event", extra=fields(subject=SECRET, where="alice@example.com", phone="+61 491 570 156"))
    logging.getLogger("hub.admin").error("%s wrote to %s from 0491 570 156", "charlie@example.org", SECRET)
    try:
        raise ValueError(f"bob@example.com is no {SECRET}")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    written = stderr.getvalue()
    for canary in (SECRET, SECRET[:12], SECRET[12:], "alice", "charlie", "bob@", "491 570"):
        assert canary not in written
    assert "ValueError in test_no_secret" in written


@pytest.mark.fault("A17")
@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize(
    "nasty", ["\r\nhub: all is well", "\x1b[2J\x1b[1;31m", "\x9b31m", "\u202egnirts", "\u2028x", "\ud800"]
)
def test_nothing_in_a_line_breaks_it_or_steers_a_terminal(stderr: io.StringIO, form: str, nasty: str) -> None:
    begin(form, "info", [])
    log.info("event", extra=fields(name=f"before{nasty}after"))
    written = stderr.getvalue()
    assert len(written.splitlines()) == 1
    assert all(one.isprintable() for one in written.rstrip("\n"))
    assert "before\\" in written
    assert written.rstrip().rstrip('"}').endswith("after")


@pytest.mark.fault("P09")
def test_a_log_that_cannot_be_written_stops_nothing(stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    begin("json", "info", [])
    with monkeypatch.context() as full:
        full.setattr("hub.watch.log.sys.stderr", Full())
        log.info("event", extra=fields())
    log.info("after", extra=fields())
    assert [line["event"] for line in lines(stderr)] == ["after"]


def test_a_long_text_is_cut_and_not_in_the_middle_of_an_address() -> None:
    text = "x" * (LONGEST - 8) + " alice@example.com " + "y" * LONGEST
    clean = Cleaner()(text)
    assert len(clean) <= LONGEST
    assert "alice" not in clean


@pytest.mark.parametrize("plain", ["run 1234567", "2026-11-22 11:37:04 UTC", "a1b2c3d4e5f6", "10.0.0.1:5432", "0.25 s"])
def test_what_is_nobodys_stays(plain: str) -> None:
    assert Cleaner()(f"at {plain} it ended") == f"at {plain} it ended"


@pytest.mark.parametrize("personal", ["a.b+c@example.com", "O'Brien@example.org", "a%40example.com", "0491 570 156",
                                      "(02) 5550 1234", "+44 20 7946 0000", "61491570156"])  # fmt: skip
def test_what_leads_to_a_person_goes(personal: str) -> None:
    clean = Cleaner()(f"for {personal} nothing")
    assert personal not in clean
    assert clean.startswith("for ")
    assert clean.endswith(" nothing")


def test_runs_are_logged_from_begin_to_end_without_what_a_vendor_said(stderr: io.StringIO) -> None:
    begin("json", "debug", [])
    reporter = Logged()
    reporter.started("shop", "customers")
    reporter.moved("shop", "customers", Buckets(fetched=10), 20)
    said = "422: alice@example.com looks fake"
    reporter.ended(RunEnd("shop", "customers", "failed", 65, said, 7, buckets=Buckets(fetched=10, applied=10)))
    reporter.ended(RunEnd("shop", "orders", "lost", 73, run_id=8))
    found = lines(stderr)
    assert [line["event"] for line in found] == ["run.started", "run.page", "run.ended", "lease.lost"]
    assert (found[2]["run"], found[2]["status"], found[2]["exit_code"], found[2]["level"]) == (
        7,
        "failed",
        65,
        "warning",
    )
    assert isinstance(found[2]["seconds"], float)
    assert "fake" not in stderr.getvalue()
