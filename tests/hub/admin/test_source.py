"""What the pages are made of: templates that let no markup through, and vendored files as their makers sent them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import hub.admin

ROOM = Path(hub.admin.__file__).parent
VENDOR = ROOM / "static" / "vendor"

FORBIDDEN_IN_TEMPLATES = {
    "an escape switched off": r"\|\s*(safe|forceescape)\b|autoescape|Markup",
    "a script or style written into the page": r"<style|<script(?![^>]*\ssrc=\"/static/)|\sstyle\s*=|javascript:",
    "a handler in an attribute": r"[\s\"']on[a-z]+\s*=|hx-on|hx-vals\s*=\s*[\"']js:|hx-headers\s*=\s*[\"']js:",
    "an attribute without quotes": r"\s[\w:-]+=\{\{",
    "another host": r"(?:href|src|action|hx-[a-z]+)=\"(?:https?:)?//",
    "an address made of what somebody wrote": r"(?:href|src|action|hx-get)=\"\{\{(?! path \}\})",
}
FORBIDDEN_IN_SCRIPTS = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|https?://"

LISTED = re.compile(r"^\| `(\S+)` \|.*\| (\S+) \|.*\(`(\S+)`\) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
"""Name, version, licence file and SHA-256 of a vendored file."""


@pytest.mark.fault("A02")
@pytest.mark.parametrize("template", sorted((ROOM / "templates").iterdir()), ids=lambda path: path.name)
@pytest.mark.parametrize("what", FORBIDDEN_IN_TEMPLATES)
def test_templates_leave_no_gap(template: Path, what: str) -> None:
    assert re.search(FORBIDDEN_IN_TEMPLATES[what], template.read_text()) is None


@pytest.mark.fault("A02")
def test_our_own_scripts_write_no_markup() -> None:
    ours = [path for path in (ROOM / "static").rglob("*.js") if VENDOR not in path.parents]
    assert {"keys.js", "live.js", "shortcuts.js"} <= {path.name for path in ours}
    assert [path.name for path in ours if re.search(FORBIDDEN_IN_SCRIPTS, path.read_text())] == []


@pytest.mark.fault("A02")
def test_no_python_of_the_pages_declares_text_to_be_markup() -> None:
    assert [path.name for path in ROOM.rglob("*.py") if re.search(r"\bMarkup\b|mark_safe", path.read_text())] == []


def test_vendored_files_are_those_that_are_listed_with_version_licence_and_sum() -> None:
    listed = LISTED.findall((VENDOR / "VENDORED.md").read_text())
    sums = {name: digest for name, _, _, digest in listed}
    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}
    assert all((VENDOR / licence).is_file() for _, _, licence, _ in listed)
    assert all(version in (VENDOR / name).read_text() for name, version, _, _ in listed)


PAIRS = [
    (text, ground) for text in ("text", "soft", "link", "ok", "warn", "bad", "busy") for ground in ("ground", "paper")
] + [("text", "warn-ground"), ("text", "bad-ground"), ("link", "warn-ground"), ("link", "bad-ground")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground_by_at_least_four_and_a_half_to_one(
    scheme: str, text: str, ground: str
) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", (ROOM / "static" / "hub.css").read_text(), re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark))
    assert contrast(colours[text], colours[ground]) >= 4.5
    assert contrast("#ffffff", colours["button"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
