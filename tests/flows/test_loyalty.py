"""The loyalty example of the architecture page, word for word, on a thousand rows as people really keep them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.flows.terminal import Hub

HUB = 'version: 1\ndatabase: "${env:HUB_DATABASE}"\nregion: AU\n'
LOYALTY = """\
# config/connections/loyalty.yaml: a file drop, mapped in place
kind: files
config: {path: "drop/*.csv", format: csv}
streams:
  people:
    id: member_no
    record: person
    map:
      name: {first: given, last: surname}
      emails: [email]
      phones: [{value: mobile, region: AU}]
      addresses: [{street: street, city: suburb, state: state, postcode: postcode, country: "'AU'"}]
      date_of_birth: dob
      identifiers: [{type: loyalty, value: member_no}]
"""
COLUMNS = ("member_no", "given", "surname", "email", "mobile", "street", "suburb", "state", "postcode", "dob")
ROWS = 1_000

UGLY: tuple[tuple[dict[str, str], int], ...] = (
    ({}, 0),
    (dict.fromkeys(COLUMNS[1:], ""), 0),
    ({"email": "N/A", "mobile": "n/a"}, 2),
    ({"mobile": "0412 345"}, 1),
    ({"mobile": "call after six"}, 1),
    ({"email": "nobody@@example..com"}, 1),
    ({"street": 'Unit 4\r\n"The Cottage"\r\n12 High St'}, 0),
    ({"given": 'Mary "Mim"', "surname": "O’Brien, née Łukasz"}, 0),
    ({"dob": "03/04/2020"}, 1),
    ({"dob": "1900-01-01"}, 1),
)
"""What is wrong with every tenth row, and how many remarks it is worth."""


def row(number: int) -> dict[str, str]:
    """A member, spoiled in one of ten ways."""
    person = {
        "member_no": f"{number:04}",
        "given": "Alice",
        "surname": f"Member{number:04}",
        "email": f"alice{number:04}@example.com",
        "mobile": f"0491 57{number // 100:01} {number % 1000:03}",
        "street": f"{number} Wattle Street",
        "suburb": "Newtown",
        "state": "NSW",
        "postcode": "2042",
        "dob": "1980-04-03",
    }
    return person | UGLY[number % len(UGLY)][0]


def configured(root: Path, column: str, database: str) -> Hub:
    """The printed example, with `email` called `column` in the file and in the mapping."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(column if name == "email" else name for name in COLUMNS)
    writer.writerows(row(number).values() for number in range(ROWS))
    files = {
        "drop/members.csv": "\ufeff" + text.getvalue(),
        "config/hub.yaml": HUB,
        "config/connections/loyalty.yaml": LOYALTY.replace("[email]", f"[{column}]"),
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
    return Hub(root / "config", database)


@pytest.mark.parametrize("column", ["email", "E-mail"])
def test_every_row_of_the_printed_example_becomes_a_record_of_a_contact(
    column: str, tmp_path: Path, database_url: str
) -> None:
    hub = configured(tmp_path, column, database_url)
    hub.here("check")
    told = hub.here("sync", "--json").document
    run = told["runs"][0]
    assert (run["status"], run["fetched"], run["applied"], run["quarantined"]) == ("ok", ROWS, ROWS, 0)
    assert run["remarks"] == ROWS // len(UGLY) * sum(remarks for _, remarks in UGLY)
    assert hub.here("quarantine", "--json").document == {"groups": [], "total": 0, "drift": []}

    listed = list(csv.DictReader(io.StringIO(hub.here("export", "assignments").stdout)))
    assert [(one["connection"], one["stream"]) for one in listed] == [("loyalty", "people")] * ROWS
    assert [one["external_id"] for one in listed] == [f"{number:04}" for number in range(ROWS)]
    assert len({one["contact_id"] for one in listed}) == told["contacts"]["total"] == ROWS


def test_the_printed_example_runs_as_a_process(tmp_path: Path) -> None:
    hub = configured(tmp_path, "email", f"sqlite:///{tmp_path / 'hub.db'}")
    assert hub.run("sync", "--json").document["contacts"]["total"] == ROWS
    printed = hub.here("export", "assignments", "--format", "jsonl")
    assert (len(printed.stdout.splitlines()), printed.stderr) == (ROWS, f"{ROWS} rows\n")


def test_a_quoted_line_break_and_a_comma_stay_in_their_cells(tmp_path: Path) -> None:
    hub = configured(tmp_path, "email", f"sqlite:///{tmp_path / 'hub.db'}")
    hub.here("sync")
    cottage = hub.here("contacts", "show", "loyalty:people:0006", "--json").document["golden"]
    assert cottage["addresses"]["value"][0]["street"] == 'Unit 4 "The Cottage" 12 High St'
    mim = hub.here("contacts", "show", "alice0007@example.com", "--json").document["golden"]
    assert mim["name"]["value"]["last"] == "O’Brien, née Łukasz"
