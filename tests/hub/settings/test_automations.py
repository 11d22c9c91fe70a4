"""What `subscribers:` and `tasks:` become, and what is told of slips in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.settings.load import load, read
from hub.settings.show import effective
from tests.architecture import tree
from tests.hub.settings.fakes import GOOD, write

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CRM = """
subscribers:
  crm:
    url: "${env:CRM_URL}"
    secret: "${env:CRM_SECRET}"
    events: [segment.entered]
    segments: [vip]
tasks:
  call:
    when: {segment: vip}
    subscriber: crm
    title: Call
"""


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_URL", "https://crm.example.com/hooks/canary-in-the-path")
    monkeypatch.setenv("CRM_SECRET", SECRET)


def folder(tmp_path: Path, text: str) -> Path:
    return write(tmp_path, GOOD | {"hub.yaml": f"{GOOD['hub.yaml']}{text}"})


def told(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    found = read(folder(tmp_path, text))
    assert found.settings is None
    return [(problem.code, f"{problem.message} {problem.hint}") for problem in found.problems]


def test_a_subscriber_and_a_task(tmp_path: Path) -> None:
    hub = load(folder(tmp_path, CRM)).hub
    assert (hub.subscribers["crm"].events, hub.subscribers["crm"].segments) == (("segment.entered",), ("vip",))
    assert (hub.tasks["call"].when.segment, hub.tasks["call"].per_day, hub.tasks["call"].priority) == (
        "vip",
        100,
        "normal",
    )


@pytest.mark.fault("A11")
def test_the_effective_configuration_shows_neither_the_secret_nor_an_address_by_reference(tmp_path: Path) -> None:
    reading = read(folder(tmp_path, CRM))
    assert reading.settings is not None
    shown = {entry.key: entry.value for entry in effective(reading, reading.settings)}
    assert shown["hub.subscribers.crm.secret"] == f"•••• (env CRM_SECRET, {len(SECRET)} chars)"
    assert shown["hub.subscribers.crm.events"] == ("segment.entered",)
    assert "canary" not in str(shown)
    assert SECRET not in str(shown)


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ('"${env:CRM_SECRET}"', SECRET, "HUB-C012", "a secret is written in the file"),
        ('"${env:CRM_URL}"', "http://crm.example.com/", "HUB-C005", "must begin with https://"),
        ('"${env:CRM_URL}"', "https://me:pw@crm.example.com/", "HUB-C005", "can be posted to"),
        ("  crm:\n", "  CRM:\n", "HUB-C017", "small letters"),
        ("[segment.entered]", "[segment.entred]", "HUB-C005", "segment.entered"),
        ("[vip]", "[vpi]", "HUB-C041", "did you mean 'vip'?"),
        ("{segment: vip}", "{segment: vpi}", "HUB-C041", "there is no segment 'vpi'"),
        ("{segment: vip}", "{segment: vip, ticket_closed: shop}", "HUB-C005", "one occasion"),
        ("{segment: vip}", "{}", "HUB-C005", "one occasion"),
        ("{segment: vip}", "{ticket_closed: shpo}", "HUB-C031", "did you mean 'shop'?"),
        ("{segment: vip}", "{date: birthday}", "HUB-C005", "last_order_at"),
        ("{segment: vip}", "{date: last_order_at, after: soon}", "HUB-C026", "not a duration"),
        ("subscriber: crm", "subscriber: cmr", "HUB-C005", "did you mean 'crm'?"),
        ("subscriber: crm", "desk: shop", "HUB-C005", "no help desk"),
        ("subscriber: crm", "desk: nobody", "HUB-C031", "there is no connection 'nobody'"),
        ("    subscriber: crm\n", "", "HUB-C005", "one place"),
    ],
)
def test_a_slip_is_told_where_it_is(tmp_path: Path, old: str, new: str, code: str, message: str) -> None:
    problems = told(tmp_path, CRM.replace(old, new))
    assert any(found == code and message in text for found, text in problems), problems


def test_what_the_documents_tell_to_write_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("CRM_HOOK", "https://crm.example.com/x"), ("CRM_HOOK_SECRET", SECRET)):
        monkeypatch.setenv(name, value)
    page = (tree.ROOT / "docs" / "automations.md").read_text()
    text = "\n".join(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    desk = text.replace("desk: help", "subscriber: crm").replace("ticket_closed: help", "ticket_closed: shop")
    hub = load(folder(tmp_path, f"\n{desk}")).hub
    assert (list(hub.subscribers), list(hub.tasks)) == (["crm"], ["call", "win_back", "thanks"])


def test_a_weak_secret_is_refused_without_being_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SECRET", "whsec_c2hvcnQ=")
    ((code, text),) = told(tmp_path, CRM)
    assert (code, "openssl" in text, "c2hvcnQ" in text) == ("HUB-C005", True, False)
