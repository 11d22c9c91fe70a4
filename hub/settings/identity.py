"""identity.model of hub.yaml made into a model: one that is shipped, or a file in the configuration folder."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import Final

from dedupe.engine.weights import BadModel, Model, load, model_from, shipped
from hub.settings.document import Document, Loc
from hub.settings.files import SUFFIXES, Files
from hub.settings.values import suggest

_AT: Final[Loc] = ("identity", "model")


def read_model(files: Files, folder: Path, document: Document, name: str) -> Model | None:
    """None after telling what is wrong: to hub.yaml's document, or to that of the model's own file."""
    if name in shipped():
        return load(name)
    if problem := _no_file(folder, name):
        # what is written there may have come by reference, so the message does not repeat it
        fix = f"write {' or '.join(shipped())}, or the name of a file that `hub train` wrote into {folder.name}/"
        document.add("HUB-C046", problem, _AT, hint=suggest(name, shipped()), fix=fix)
        return None
    found = files.read(folder / name)
    return None if found.has_errors() else _model_in(found)


def _no_file(folder: Path, name: str) -> str:
    """Why this can be no file of a model, or nothing."""
    path = PurePath(name)
    if path.suffix not in SUFFIXES:
        return "there is no such model"
    if path.is_absolute() or ".." in path.parts:
        return f"the file of a model lies in {folder.name}/"
    return "" if os.path.isfile(folder / path) else f"there is no such file in {folder.name}/"


def _model_in(document: Document) -> Model | None:
    try:
        return model_from(document.data)
    except BadModel as error:
        for fault in error.faults:
            document.add("HUB-C047", fault.message, fault.at, key=bool(fault.at), fix=fault.fix)
        return None
