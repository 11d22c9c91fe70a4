"""The commands that set a hub up: init, check, schema, config show."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from pydantic_core import PydanticCustomError

from hub.cli.app import folder, wants_json
from hub.cli.output import EXIT_CONFIG, EXIT_USAGE, JsonOption, emit, stop, table, talk, worst
from hub.settings import schema as schemas
from hub.settings.check import CheckedConnection, check
from hub.settings.files import SUFFIXES
from hub.settings.load import Reading, Settings, read
from hub.settings.problems import count, render, render_one
from hub.settings.show import effective
from hub.settings.values import read_region, read_timezone, suggest

ENVIRONMENT = ".env.example"
TEMPLATES = (
    "hub.yaml",
    "survivorship.yaml",
    "consent.yaml",
    "segments.yaml",
    "connections/shop.yaml",
    "connections/newsletter.yaml",
    "connections/loyalty.yaml",
    "connections/texts.yaml",
    "connections/help.yaml",
    ENVIRONMENT,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `hub`."""
    app.command()(init)
    app.command("check")(check_command)
    app.command("schema")(schema_command)
    config = typer.Typer(help="The configuration in force.", no_args_is_help=True)
    config.command("show")(show_command)
    app.add_typer(config, name="config")


def init(context: typer.Context, json: JsonOption = False) -> None:
    """Write a commented configuration; what is there already is left as it is."""
    target, quiet = folder(context), wants_json(context, json)
    answers = _ask() if at_a_terminal() and not quiet else {}
    written: list[str] = []
    kept: list[str] = []
    for path, text in [*_templates(target, answers), *schemas.files(target).items()]:
        into = kept if _is_there(path) else written
        into.append(path.as_posix())
        if into is written:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if quiet:
        emit({"written": written, "kept": kept})
        return
    for line in [*(f"wrote  {path}" for path in written), *(f"kept   {path}" for path in kept)]:
        talk.print(line, markup=False)
    hub = target / "hub.yaml"
    if hub.as_posix() in written and not answers:
        talk.print(f"Look at region and timezone in {hub}: they are AU and Australia/Sydney.", markup=False)
    talk.print("Next: remove the # in a file below connections/, set its secrets, then `hub check`.", markup=False)


def at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _ask() -> dict[str, str]:
    def checked(read_one: Any) -> Any:
        def convert(value: str) -> str:
            try:
                return str(read_one(value))
            except PydanticCustomError as error:
                hint = (error.context or {}).get("hint", "")
                raise typer.BadParameter(f"{error.message()} {hint}".strip()) from None

        return convert

    return {
        "region: AU ": typer.prompt("Country of phone numbers", default="AU", value_proc=checked(read_region)),
        "timezone: Australia/Sydney ": typer.prompt(
            "Time zone", default="Australia/Sydney", value_proc=checked(read_timezone)
        ),
    }


def _templates(target: Path, answers: dict[str, str]) -> list[tuple[Path, str]]:
    """Each file to write, with its text; the environment's example lies beside the folder, where it is loaded from."""
    found = []
    for name in TEMPLATES:
        text = (files("hub") / "defaults" / name).read_text(encoding="utf-8")
        for line, answer in answers.items():
            text = text.replace(line, f"{line.split(':')[0]}: {answer} ")
        base = target.parent if name == ENVIRONMENT else target
        found.append((base / name, text))
    return found


def _is_there(path: Path) -> bool:
    """Also true for NAME.yml: NAME.yaml beside it would be one name twice."""
    return path.exists() or (path.suffix in SUFFIXES and any(path.with_suffix(s).exists() for s in SUFFIXES))


def check_command(
    context: typer.Context,
    connection: Annotated[list[str] | None, typer.Argument(help="The connections to look at; all without.")] = None,
    json: JsonOption = False,
) -> None:
    """Look whether everything can work: the files, then each vendor. Writes nothing."""
    reading, quiet = read(folder(context)), wants_json(context, json)
    for name in connection or ():
        if name not in reading.names and reading.names:
            stop(f"There is no connection '{name}'. {suggest(name, reading.names)}".strip(), EXIT_USAGE)
    settings = reading.settings
    if settings is None:
        _tell_broken(reading, quiet)
        raise typer.Exit(EXIT_CONFIG)
    _tell_warnings(reading)
    checked = []
    for name in connection or settings.connections:
        checked.append(check(settings, name))
        if not quiet:
            _tell(checked[-1])
    if not checked:
        talk.print("The files are well. There is no connection yet: remove the # in a file below connections/.")
    if quiet:
        problems = [problem.as_json() for problem in reading.problems]
        emit({"connections": {one.name: one.as_json() for one in checked}, "problems": problems})
    raise typer.Exit(worst([line.exit_code for one in checked for line in one.lines]))


def _tell_broken(reading: Reading, quiet: bool) -> None:
    talk.print(render(reading.problems), markup=False)
    if not quiet:
        return
    problems = [problem.as_json() for problem in reading.problems]
    connections = {}
    for name in reading.names:
        own = [p for p in problems if Path(str(p["file"])).stem == name and "/connections/" in str(p["file"])]
        connections[name] = {"ok": not any(p["severity"] == "error" for p in own), "problems": own}
    emit({"connections": connections, "problems": problems})


def _tell_warnings(reading: Reading) -> None:
    for problem in reading.problems:
        talk.print(render_one(problem), markup=False)
    if reading.problems:
        talk.print(count(reading.problems), markup=False)


def _tell(checked: CheckedConnection) -> None:
    talk.print(f"{checked.name} ({checked.kind})", markup=False)
    for line in checked.lines:
        talk.print(f"  {'✔' if line.ok else '✖'} {line.subject:<7} {line.message}".rstrip(), markup=False)


def schema_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="hub, connection or survivorship.")] = "hub",
    write: Annotated[bool, typer.Option("--write", help="Write all of them beside hub.yaml.")] = False,
) -> None:
    """Print the JSON schema of a configuration file, for editors."""
    if file not in schemas.NAMES:
        stop(f"There is no file '{file}': {', '.join(schemas.NAMES)}.", EXIT_USAGE)
    if not write:
        emit(schemas.schema(file))
        return
    if not folder(context).is_dir():
        stop(f"There is no folder {folder(context)}: run `hub init`.", EXIT_CONFIG)
    for path, text in schemas.files(folder(context)).items():
        path.write_text(text, encoding="utf-8")
        talk.print(f"wrote  {path.as_posix()}", markup=False)


def show_command(context: typer.Context, json: JsonOption = False) -> None:
    """Show every value in force with its file and line; secrets are masked."""
    reading = read(folder(context))
    settings: Settings | None = reading.settings
    if settings is None:
        _tell_broken(reading, quiet=False)
        raise typer.Exit(EXIT_CONFIG)
    entries = effective(reading, settings)
    if wants_json(context, json):
        emit({"settings": {entry.key: {"value": entry.value, "origin": entry.origin} for entry in entries}})
        return
    for entry in entries:
        value = entry.value if isinstance(entry.value, str) else orjson.dumps(entry.value).decode()
        table.print(f"{entry.key} = {value}  # {entry.origin}", markup=False, soft_wrap=True)
