"""Names as one would write them, for these tests."""

from __future__ import annotations

from dedupe.names.form import NameForm, form_of
from mapping.normalise.name import name


def form(full: str) -> NameForm:
    """The form of a name that a source gives whole."""
    return form_of(name(full=full))


def parts(first: str = "", last: str = "", *, middle: str = "", suffix: str = "") -> NameForm:
    """The form of a name that a source gives in parts."""
    return form_of(name(first=first, middle=middle, last=last, suffix=suffix))
