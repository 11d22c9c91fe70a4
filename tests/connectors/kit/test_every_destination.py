"""No connector that writes forgets the laws of writing."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator

import pytest

import tests.connectors
from connectors.kit import registry
from connectors.kit.connector import Connector
from connectors.kit.testing_destination import DestinationConformance


def writing() -> list[Connector]:
    """Our connectors that have a destination; those of other packages are tested where they are made."""
    found = [registry.get(kind) for kind in registry.kinds()]
    return [one for one in found if one.destination and one.destination.__module__.startswith("connectors.")]


def keepers() -> list[type[DestinationConformance]]:
    """The classes of tests/connectors that inherit the laws and that pytest collects."""
    for module in pkgutil.walk_packages(tests.connectors.__path__, "tests.connectors."):
        if module.name.rpartition(".")[2].startswith("test_"):
            importlib.import_module(module.name)
    ours = [one for one in below(DestinationConformance) if one.__module__.startswith("tests.connectors.")]
    return [one for one in ours if one.__name__.startswith("Test")]


def below(laws: type[DestinationConformance]) -> Iterator[type[DestinationConformance]]:
    for one in laws.__subclasses__():
        yield one
        yield from below(one)


def forgotten(writers: Iterable[Connector], classes: Iterable[type[DestinationConformance]]) -> set[str]:
    return {one.kind for one in writers} - {laws.connector.kind for laws in classes}


def test_every_connector_with_a_destination_keeps_the_laws_of_writing() -> None:
    assert len(writing()) >= 4
    assert forgotten(writing(), keepers()) == set()


@pytest.mark.parametrize("one", writing(), ids=lambda one: one.kind)
def test_a_destination_without_its_laws_is_named(one: Connector) -> None:
    others = [laws for laws in keepers() if laws.connector.kind != one.kind]
    assert forgotten(writing(), others) == {one.kind}
