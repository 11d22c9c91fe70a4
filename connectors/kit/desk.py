"""A help desk as a place for tasks: a ticket for a person, made once, and found again by its key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from connectors.kit.destination import Outcome

Priority = Literal["low", "normal", "high", "urgent"]


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody is to do. `key` is the same on every attempt, and no other task has it."""

    key: str
    title: str
    text: str
    priority: Priority = "normal"


class Desk(ABC):
    """The side of a help desk that takes tasks. One instance serves one round and is not shared between threads."""

    @abstractmethod
    def find(self, key: str) -> str:
        """The id of the task with this key; "" if there is none. How a lost answer is found out about."""

    @abstractmethod
    def open(self, task: Task) -> Outcome:
        """Make the task, for agents alone: nobody but them hears of it. confirmed, rejected or unknown.

        Raises a ConnectorError only when nothing can have been made; with VendorDown that is not known.
        """

    @abstractmethod
    def close(self) -> None:
        """Give back what is held open; called once, also after an error."""
