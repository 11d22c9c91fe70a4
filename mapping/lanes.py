"""A person map written out as one Python function for plain records; a field that is not plain is read by its step.

A lane writes the source that reads one field the way its step would: the same value, nulls and remarks. Where it is
not sure of that it calls the step. So a record is read once, paths that fields share are looked up once, and what is
odd costs what it always did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mapping.apply import MAX_ITEMS, Notes, Raw, Source, Step, never
from mapping.normalise import NotNormal
from mapping.normalise.text import MAX_TEXT, PLACEHOLDERS
from mapping.program import Odd, Writer

Write = Callable[["Page"], None]
Take = Callable[[str, Notes], Any]

LARGEST = 10**40


@dataclass(frozen=True, slots=True)
class Lane:
    """One field: its step, which is always right, and the writer of its source, where it has one."""

    name: str
    step: Step
    write: Write | None = None


def joined(lanes: Sequence[Lane]) -> Callable[[Raw, Notes, dict[str, Any], dict[str, Any]], bool]:
    """A function that reads all fields, those called "custom.…" into its last argument.

    False, and nothing read, where the record is not for it: an odd mapping, or one with a column that is called as an
    expression is.
    """
    page = Page()
    texts = page.writer.constant(page.texts)
    page.writer.line(f"if type(raw) is not dict or not {texts}.isdisjoint(raw): return False")
    page.writer.line("nulls, cleared = notes.nulls, notes.cleared")
    for lane in lanes:
        page.begin(lane)
        if lane.write is None:
            page.writer.line(page.step)
        else:
            lane.write(page)
    page.writer.line("return True")
    return page.writer.function("raw, notes, out, custom")


def _into_custom(name: str, step: Step) -> Step:
    def careful(raw: Raw, notes: Notes, custom: dict[str, Any]) -> None:
        out: dict[str, Any] = {}
        step(raw, notes, out)
        custom.update((key.removeprefix("custom."), value) for key, value in out.items())

    return careful if name.startswith("custom.") else step


class Page:
    """The source so far, and the field that is being written: `step` is the call of its step."""

    def __init__(self) -> None:
        self.writer = Writer(WORDS=PLACEHOLDERS)
        self.texts: set[str] = set()
        self.step = ""
        self.out = ""
        self.field = ""
        self.key = ""

    def begin(self, lane: Lane) -> None:
        is_custom = lane.name.startswith("custom.")
        self.out = "custom" if is_custom else "out"
        self.field = self.writer.constant(lane.name)
        self.key = self.writer.constant(lane.name.removeprefix("custom."))
        self.step = f"{self.writer.constant(_into_custom(lane.name, lane.step))}(raw, notes, {self.out})"

    def careful(self, write: Callable[[], None], sources: Iterable[Source] = ()) -> None:
        """Source that may raise before anything is noted; then the step reads the field.

        The paths of `sources` are looked up outside, so that later fields know them too.
        """
        for source in sources:
            if source.plan and source.plan.keys:
                self.value(source)
        with self.writer.block("try:"):
            write()
        with self.writer.block("except Exception:"):
            self.writer.line(self.step)

    def value(self, source: Source) -> str:
        """The name of the source's value; the source of a computed one may raise."""
        plan, writer = source.plan, self.writer
        if plan is None:
            raise Odd
        if not plan.is_column:
            self.texts.add(plan.text)
        if plan.is_constant:
            return writer.constant(plan.tree["value"])
        if plan.keys:
            return writer.path(plan.keys)
        if plan.size is None:
            raise Odd
        value = writer.let(writer.value(plan.tree, plan.size))
        reads = writer.constant(plan.reads)
        if plan.reads:
            nothing = f'({value} is None or {value} == "" or {value} == [])'
            writer.line(f"if not {value} and {nothing} and {reads}.isdisjoint(raw): {value} = ABSENT")
        return value

    def nothing(self, sources: Sequence[Source], values: Sequence[str], unless: str = "True") -> None:
        """Source for when no value was found and none was unusable: the field is null where any was there at all."""
        if any(source.clears for source in sources):
            self.writer.line(f"elif {unless}: raise Odd")
            return
        read = [value for source, value in zip(sources, values, strict=True) if not source.constant]
        there = " or ".join(f"{value} is not ABSENT" for value in read) or "False"
        self.writer.line(f"elif {unless} and ({there}): nulls.append({self.field})")

    def plain(self, value: str, text: str, says_nothing: Callable[[str], bool]) -> str:
        """A condition on a text: it needs no cleaning but blanks around, and is a word for something."""
        word = f"len({text}) <= {MAX_TEXT}"
        if says_nothing is not never:
            word = f"({text}.lower() not in WORDS if len({text}) < 16 else {word})"
        return (
            f'{value}.isascii() and {value}.isprintable() and "  " not in {value} '
            f"and ({text} := {value}.strip()) and {word}"
        )


def _may_raise(source: Source) -> bool:
    return source.plan is None or not (source.plan.keys or source.plan.is_constant)


def _writable(sources: Iterable[Source]) -> bool:
    plans = [source.plan for source in sources]
    return all(plan and (plan.keys or plan.is_constant or plan.size) for plan in plans)


def text_lane(source: Source) -> Write | None:
    """A text, a whole number or a truth."""
    if not _writable([source]):
        return None

    def write(page: Page) -> None:
        if _may_raise(source):
            page.careful(lambda: _text(page, source))
        else:
            _text(page, source)

    return write


def _text(page: Page, source: Source) -> None:
    w = page.writer
    value, text = page.value(source), w.name()
    target = f"{page.out}[{page.key}]"
    with w.block(f"if type({value}) is str:"):
        w.line(f"if {page.plain(value, text, source.says_nothing)}: {target} = {text}")
        w.line(f'elif {value} == "": {"cleared" if source.clears else "nulls"}.append({page.field})')
        w.line(f"else: {page.step}")
    w.line(f"elif {value} is None: nulls.append({page.field})")
    w.line(f"elif {value} is ABSENT: pass")
    w.line(f'elif {value} is True: {target} = "true"')
    w.line(f'elif {value} is False: {target} = "false"')
    w.line(f"elif type({value}) is int and {-LARGEST} < {value} < {LARGEST}: {target} = str({value})")
    w.line(f"else: {page.step}")


def made_lane(source: Source, made: Callable[[str], Any]) -> Write | None:
    """A text that a normaliser reads, such as a date; it must refuse every word that stands for no value."""
    if not _writable([source]):
        return None

    def write(page: Page) -> None:
        w = page.writer
        if _may_raise(source):
            page.careful(lambda: body(page))
            return
        value = page.value(source)
        with w.block(f"if {value} is None:"):
            w.line(f"nulls.append({page.field})")
        with w.block(f"elif {value} is not ABSENT:"):
            page.careful(lambda: read(page, value))

    def body(page: Page) -> None:
        value = page.value(source)
        page.writer.line(f"if {value} is None or {value} is ABSENT: raise Odd")
        read(page, value)

    def read(page: Page, value: str) -> None:
        page.writer.line(f"if type({value}) is not str: raise Odd")
        page.writer.line(f"{page.out}[{page.key}] = {page.writer.constant(made)}({value}.strip())")

    return write


def parts_lane(
    parts: Sequence[tuple[str, Source, Callable[[str], str] | None]],
    build: Callable[[dict[str, Any]], Any],
    *,
    constants: frozenset[str] = frozenset(),
    in_tuple: bool = False,
) -> Write | None:
    """Something of named texts, as an address, at least one of them none of the `constants`.

    A part has a name, a source, and what makes its text another. Where `build` says None, the step decides.
    """
    sources = [source for _, source, _ in parts]
    if not _writable(sources):
        return None

    def write(page: Page) -> None:
        page.careful(lambda: _parts(page, parts, build, constants, in_tuple=in_tuple), sources)

    return write


def _parts(
    page: Page,
    parts: Sequence[tuple[str, Source, Callable[[str], str] | None]],
    build: Callable[[dict[str, Any]], Any],
    constants: frozenset[str],
    *,
    in_tuple: bool,
) -> None:
    w = page.writer
    found, names = w.let("{}"), []
    for key, source, normalise in parts:
        value, text = page.value(source), w.name()
        names.append(value)
        made = f"{w.constant(normalise)}({text})" if normalise else text
        with w.block(f"if type({value}) is str:"):
            w.line(f"if {page.plain(value, text, source.says_nothing)}: {found}[{w.constant(key)}] = {made}")
            w.line(f'elif {value} != "": raise Odd')
        w.line(f"elif {value} is not None and {value} is not ABSENT: raise Odd")
    with w.block(f"if {found}.keys() - {w.constant(constants)}:" if constants else f"if {found}:"):
        built = w.let(f"{w.constant(build)}({found})")
        w.line(f"if {built} is None: raise Odd")
        w.line(f"{page.out}[{page.key}] = {f'({built},)' if in_tuple else built}")
    page.nothing([source for _, source, _ in parts], names)


def many_lane(reads: Sequence[tuple[Source, Callable[[str], Any]]], key: Callable[[Any], Any]) -> Write | None:
    """Several values, each once by `key`; of a list, all its texts."""
    sources = [source for source, _ in reads]
    if not _writable(sources):
        return None
    takes = [_taker(source, normalise) for source, normalise in reads]

    def write(page: Page) -> None:
        page.writer.line("mark = len(notes.remarks)")
        page.step = f"del notes.remarks[mark:]; {page.step}"
        page.careful(lambda: body(page), sources)

    def body(page: Page) -> None:
        values = [page.value(source) for source in sources]
        found = (
            _only(page.writer, values[0], takes[0], key) if len(takes) == 1 else _all(page.writer, values, takes, key)
        )
        page.writer.line(f"if {found}: {page.out}[{page.key}] = {found}")
        page.nothing(sources, values, "len(notes.remarks) == mark")

    return write


def _only(w: Writer, value: str, take: Take, key: Callable[[Any], Any]) -> str:
    found = w.let("()")
    with w.block(f"if type({value}) is str:"):
        item = w.let(f"{w.constant(take)}({value}, notes)")
        w.line(f"if {item} is not None: {found} = ({item},)")
    with w.block(f"elif {value} is not None and {value} is not ABSENT:"):
        items = w.let("{}")
        w.line(f"{w.constant(partial(_take_list, take, key))}({value}, notes, {items})")
        w.line(f"{found} = tuple({items}.values())")
    return found


def _all(w: Writer, values: Sequence[str], takes: Sequence[Take], key: Callable[[Any], Any]) -> str:
    found = w.let("{}")
    for value, take in zip(values, takes, strict=True):
        with w.block(f"if type({value}) is str:"):
            item = w.let(f"{w.constant(take)}({value}, notes)")
            w.line(f"if {item} is not None: {found}.setdefault({w.constant(key)}({item}), {item})")
        take_list = w.constant(partial(_take_list, take, key))
        w.line(f"elif {value} is not None and {value} is not ABSENT: {take_list}({value}, notes, {found})")
    return w.let(f"tuple({found}.values())")


def _take_list(take: Take, key: Callable[[Any], Any], values: Any, notes: Notes, found: dict[Any, Any]) -> None:
    if type(values) is not list or len(values) > MAX_ITEMS:
        raise Odd
    for value in values:
        if type(value) is not str:
            raise Odd
        item = take(value, notes)
        if item is not None:
            found.setdefault(key(item), item)


def _taker(source: Source, normalise: Callable[[str], Any]) -> Take:
    says_nothing = source.says_nothing

    def take(value: str, notes: Notes) -> Any:
        """What the normaliser makes of it; None where that is blank or, with a remark, unusable."""
        text = value.strip()
        if len(text) < 16:
            if not text:
                return None
            if text.lower() in PLACEHOLDERS and says_nothing(text):
                raise Odd
        try:
            item = normalise(text)
        except NotNormal as error:
            notes.leave_out(source, error)
            return None
        if not item:
            raise Odd
        return item

    return take
