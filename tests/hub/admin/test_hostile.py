"""What people and vendors may write: markup, queries and odd letters in every field, on every page."""

from __future__ import annotations

import json
from html import escape
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from hub.admin.contact_tabs import TABS
from hub.decide import merge
from hub.stages.golden import contacts, provenance
from hub.stages.increment import reviews
from hub.stages.land import landed
from hub.stages.order import derive
from hub.stages.quarantine import rejected
from hub.stages.runs import runs
from tests.hub.admin.browsing import Structure, post, signed_in
from tests.hub.admin.estate import Estate

MARKUP = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<script src=data:text/javascript,alert(1)></script>",
    "<img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><use href=//evil.example/x.svg#a></svg>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    '" autofocus onfocus=alert(1) x="',
    "` onclick=alert(1) `",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '<a href="javascript:alert(1)">Alice</a>',
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=//evil.example/x.swf></object>",
    "<embed src=//evil.example/x.swf>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<meta name=htmx-config content='{\"selfRequestsOnly\":false}'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<div style=background:url(//evil.example)>",
    '<form action="//evil.example"><input name=q></form>',
    "<div hx-get=/sign-out hx-trigger=load>",
    "<div hx-on:load=alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "{{ 7 * 7 }}{% raw %}{{ ''.__class__ }}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def person(number: int, payload: str) -> dict[str, Any]:
    """A person whose every free field is the payload; the names differ so that they stay different people."""
    own = {"id": f"{payload} {number}", "email": f"person{number}@example.com", "phone": f"04{number:08d}"}
    text = dict.fromkeys(
        ("name", "street", "city", "state", "postcode", "country", "gender", "job", "language", "zone", "company"),
        payload,
    )
    return {**own, **text, "member_no": f"{payload}{number}", "tags": [payload], "note": payload, "level": payload}


def order(number: int, payload: str) -> dict[str, Any]:
    text = dict.fromkeys(("number", "status", "currency", "name"), payload)
    item = {"title": payload, "sku": payload, "quantity": 2}
    return {
        "id": f"{payload} order {number}",
        **text,
        "placed_at": "2026-05-02T08:00:00Z",
        "email": f"person{number}@example.com",
        "items": [item],
    }


@pytest.fixture
def hostile(empty: Estate) -> Estate:
    """Everybody is called markup, in every system, and so is what runs, decisions and quarantine say."""
    crowd = [person(number, payload) | {"consent": "granted"} for number, payload in enumerate(MARKUP)]
    twins = [one | {"name": f"{one['name']} X", "id": f"twin {one['id']}"} for one in crowd]
    orders = [order(number, payload) for number, payload in enumerate(MARKUP)]
    empty.put(crowd, twins, orders)
    (empty.drop / "desk.jsonl").write_text("".join(json.dumps({"note": payload}) + "\n" for payload in MARKUP))
    empty.pull()
    everything = "".join(MARKUP)
    empty.store.write(lambda db: _speak(db, everything, kind=everything))
    derive(empty.store, empty.settings)
    return empty


def _speak(db: Any, everything: str, kind: str) -> None:
    """Let runs, quarantine, a decision and an open question say this."""
    db.execute(update(runs).values(message=everything, worker=everything, status="failed"))
    db.execute(update(rejected).values(reason=everything, location=everything))
    first, second = db.execute(select(contacts.c.id).order_by(contacts.c.id).limit(2)).scalars()
    merge(db, first, second, everything, everything)
    left, right = db.execute(select(landed.c.id).order_by(landed.c.id).limit(2)).scalars()
    db.execute(reviews.insert(), {"left_id": left, "right_id": right, "kind": kind, "weight": 1, "news": everything})


def shape_of_the_pages(estate: Estate) -> tuple[set[tuple[str, str]], str, set[str]]:
    """Every element and attribute, all the HTML, and all the links, of every page there is."""
    browser = signed_in(estate)
    with estate.store.read() as db:
        ids = db.execute(select(contacts.c.id)).scalars().all()
        last_run = db.execute(select(runs.c.id).order_by(runs.c.id.desc())).scalars().first()
    tabs = [f"/contacts/{one}?tab={tab}" for one in ids for tab in TABS]
    sheets = [f"/contacts/{one}/{sheet}" for one in ids for sheet in ("print", "merge", f"why?with={ids[0]}")]
    pins = [f"/contacts/{one}/pin?field=emails" for one in _with_emails(estate)]
    paths = ["/", "/contacts", "/runs", f"/runs/{last_run}", "/quarantine", *tabs, *sheets, *pins]
    html = []
    for path in paths:
        page = browser.get(path)
        assert page.status_code == 200, path
        html.append(page.text)
    seen = [Structure(text) for text in html]
    return set().union(*(one.shape for one in seen)), "".join(html), {link for one in seen for link in one.links}


def _with_emails(estate: Estate) -> list[str]:
    with estate.store.read() as db:
        query = select(provenance.c.contact_id).where(provenance.c.field == "emails", provenance.c.position == 0)
        return list(db.execute(query).scalars())


ELEMENTS_OF_OURS = """
    html head meta title link script body a header div img nav form button main h1 h2 p ul li b span code table thead
    tbody tfoot tr th td time svg rect section details summary dl dt dd em bdi label input h3 h4 article
    select option fieldset legend
    select option figure figcaption line kbd small pre
"""
ATTRIBUTES_OF_OURS = """
    lang charset name content rel href type src defer class id alt width height aria-label aria-current action method
    scope rowspan colspan datetime title open viewbox role x y rx for value maxlength autocomplete spellcheck autofocus
    hx-get hx-trigger hx-sync hx-target hx-select hx-swap hx-replace-url aria-live aria-labelledby required rel
    autocapitalize minlength placeholder selected checked download x1 x2 y1 y2
    data-live data-url data-turn data-was data-row data-key data-single-keys
"""


@pytest.mark.fault("A02")
def test_markup_in_every_field_stays_text_on_every_page(hostile: Estate) -> None:
    shape, html, links = shape_of_the_pages(hostile)
    assert {tag for tag, _ in shape} <= set(ELEMENTS_OF_OURS.split())
    assert {attribute for _, attribute in shape if attribute} <= set(ATTRIBUTES_OF_OURS.split())
    assert not [link for link in links if not link.startswith(("/", "#"))]
    assert not [link for link in links if link.startswith("//")]
    for payload in MARKUP:
        as_text = escape(payload).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
        assert html.count(as_text) > 20, payload


@pytest.mark.fault("A02")
def test_the_attributes_that_load_something_are_only_where_we_wrote_them(hostile: Estate) -> None:
    shape, _, _ = shape_of_the_pages(hostile)
    assert {tag for tag, attribute in shape if attribute == "src"} == {"script", "img"}
    assert {tag for tag, attribute in shape if attribute.startswith("hx-")} == {"input"}
    assert {attribute for tag, attribute in shape if tag == "script"} == {"", "src", "defer"}


@pytest.mark.fault("A02")
@pytest.mark.parametrize("payload", MARKUP)
def test_markup_in_what_is_asked_for_stays_text(browser: TestClient, payload: str) -> None:
    replies = [
        browser.get("/contacts", params={"q": payload}),
        browser.get("/sign-in", params={"token": payload}),
        post(browser, "/sign-in", token=payload),
        browser.get("/settings/audit", params=dict.fromkeys(("actor", "action", "subject", "from", "to"), payload)),
        post(browser, "/settings/people", name=payload, role="viewer"),
        post(browser, "/settings/tokens", name=payload, scope="look"),
        post(browser, "/settings/export", segment=payload, reason=payload),
    ]
    for reply in replies:
        seen = Structure(reply.text)
        assert {tag for tag, _ in seen.shape} <= set(ELEMENTS_OF_OURS.split())
        assert {attribute for _, attribute in seen.shape if attribute} <= set(ATTRIBUTES_OF_OURS.split())
        assert not [link for link in seen.links if not link.startswith(("/", "#")) or link.startswith("//")]


@pytest.mark.fault("A02")
def test_text_of_people_cannot_turn_the_words_around_it_about(empty: Estate) -> None:
    everywhere = {key: ARABIC for key, value in person(1, ARABIC).items() if isinstance(value, str)}
    somebody = {**everywhere, "email": "alice@example.com", "consent": "granted", "tags": [ARABIC]}
    other = {"id": "D2", "name": f"{ARABIC} {ARABIC}", "email": "bob@example.com"}
    empty.put([somebody, other], (), [order(1, ARABIC)])
    (empty.drop / "desk.jsonl").write_text("nonsense\n")
    empty.pull()
    empty.store.write(lambda db: _speak(db, ARABIC, kind="conflict"))
    _, html, _ = shape_of_the_pages(empty)
    assert html.count(ARABIC) > 20
    assert ARABIC not in Outside(html).text


class Outside(Structure):
    """The text that stands in no <bdi>; nor in the page's title, where no element can stand."""

    def __init__(self, html: str) -> None:
        self.inside: list[str] = []
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag in ("bdi", "title"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("bdi", "title"):
            self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.text += data


ARABIC = "\N{ARABIC LETTER SAD}\N{ARABIC LETTER BEH}\N{ARABIC LETTER REH}"

QUERIES = [
    "'",
    '"',
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE contact; --",
    "') UNION SELECT token_hash FROM admin_session --",
    "1; SELECT pg_sleep(10)",
    "%",
    "_",
    "%' AND 1=0 UNION ALL SELECT 1 --",
    "\\",
    "\\'",
    "a\x00b",
    "\x00",
    ":name",
    "$1",
    "?",
    "{}",
    "NULL",
    "\U0010ffff",
    "\N{GRINNING FACE}",
    "é" * 5000,
    "+" * 300,
    "((((((((((",
    "0" * 500,
    "--",
    "/*",
    "*",
    "@",
    "::",
    "a:b:c",
]


@pytest.mark.fault("A03")
def test_a_query_in_any_place_is_only_text(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    before = _everything(either_hub)
    for payload in QUERIES:
        page = browser.get("/contacts", params={"q": payload})
        assert page.status_code == 200
        if payload.strip("\x00"):
            assert "No match." in page.text, payload
    for payload in QUERIES[:21]:
        for path in ("/contacts/", "/runs/"):
            assert browser.request("GET", path + _quoted(payload)).status_code == 404, payload
        assert post(browser, "/sign-in", token=payload).status_code == 401
        browser.get("/", headers={"Cookie": f"hub_session={_quoted(payload)}"})
    assert _everything(either_hub) == before


def _quoted(payload: str) -> str:
    return quote(payload, safe="")


def _everything(estate: Estate) -> list[Any]:
    with estate.store.read() as db:
        return list(db.execute(select(contacts).order_by(contacts.c.id)))


@pytest.mark.fault("A03")
def test_a_runs_number_is_only_a_number(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    assert browser.get("/runs/1").status_code == 200
    odd = ["-1", "1.0", "1e0", "+1", "\N{ARABIC-INDIC DIGIT ONE}", "\N{SUPERSCRIPT ONE}", "1 ", "0x1"]
    huge = ["9" * digits for digits in (18, 19, 20, 40, 5000)]
    assert {browser.get(f"/runs/{_quoted(number)}").status_code for number in odd + huge} == {404}
