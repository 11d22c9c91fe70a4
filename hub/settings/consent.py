"""consent.yaml made into the consent policy, and into how far each connection may go in giving a yes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.consent.policy import Due, Inferred, Policy, Reach
from hub.settings import validation
from hub.settings.consent_models import METHODS, ConsentFile, ConsentSettings, DestinationSettings, InferredSettings
from hub.settings.document import Document, Loc
from hub.settings.settings import Connection, Narrowing
from hub.settings.values import suggest

_BUILT_IN_DUE: Mapping[str, Due] = Policy().due


def read_consent(
    document: Document | None, data: Any, connections: Mapping[str, Connection | None]
) -> tuple[Policy, dict[str, Narrowing]]:
    """What is wrong is told to the document. `connections`: None for one that is not understood itself."""
    known = {name: connection for name, connection in connections.items() if connection is not None}
    file = ConsentFile() if document is None else validation.read(document, ConsentFile, _without_empty(data))
    if file is None or document is None:
        return Policy(), {name: _narrowed(connection, None) for name, connection in known.items()}
    reader = _Reader(document, connections)
    narrowed = {name: _narrowed(connection, file.destinations.get(name)) for name, connection in known.items()}
    for name, settings in file.destinations.items():
        reader.no_wider(name, settings)
    return reader.policy(file.consent), narrowed


def _without_empty(data: Any) -> dict[str, Any]:
    """A key whose entries are all comments says nothing."""
    known = ConsentFile.model_fields
    return {key: value for key, value in (data or {}).items() if value is not None or key not in known}


def pushes_consent(connection: Connection | None) -> bool:
    return connection is not None and connection.push.mode != "off" and bool(connection.push.consent)


def _narrowed(connection: Connection, settings: DestinationSettings | None) -> Narrowing:
    """To ask a person to confirm once more is for the operator to allow; all else follows the connector."""
    own, told_yes = connection.capabilities.resubscribe, "in" in connection.capabilities.directions
    written = settings or DestinationSettings()
    return Narrowing(
        resubscribe=written.resubscribe or ("never" if own == "pending" else own),
        push_grants=connection.connector.destination is not None and told_yes and written.push_grants == "auto",
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Document
    connections: Mapping[str, Connection | None]

    def policy(self, settings: ConsentSettings) -> Policy:
        at: Loc = ("consent",)
        sources: dict[str, frozenset[tuple[str, str]]] = {
            channel: frozenset(
                self._source(one, (*at, "grant_sources", channel, place)) for place, one in enumerate(named)
            )
            for channel, named in settings.grant_sources.items()
        }
        for name in settings.lists:
            self._known(name, (*at, "lists", name), key=True)
        return Policy(
            grant_sources=sources,
            foreign_writers=self._names(settings.foreign_writers, (*at, "foreign_writers")),
            tolerance=settings.tolerance,
            one_purpose_stops_all=settings.one_purpose_stops_all,
            mixed_addresses=settings.mixed_addresses,
            inferred=self._inferred(settings.inferred, (*at, "inferred")),
            max_age=settings.max_age,
            lists={
                f"{name}/{key}": Reach(reach.purpose, reach.brand)
                for name, named in settings.lists.items()
                for key, reach in named.items()
            },
            never_contact_domains=frozenset(settings.never_contact_domains),
            jurisdiction=settings.default_jurisdiction,
            due={**_BUILT_IN_DUE, **settings.due},
        )

    def _source(self, written: str, loc: Loc) -> tuple[str, str]:
        """shop -> (shop, any method); newsletter.double_opt_in -> (newsletter, double_opt_in)."""
        name, dot, method = written.partition(".")
        if self._known(name, loc) and dot and method not in METHODS:
            hint = suggest(method, METHODS) or f"methods: {', '.join(METHODS)}"
            self.document.add("HUB-C035", f"a yes does not come about by '{method}'", loc, hint=hint)
        return name, method

    def _names(self, names: Iterable[str], loc: Loc) -> frozenset[str]:
        return frozenset(name for place, name in enumerate(names) if self._known(name, (*loc, place)))

    def _inferred(self, settings: InferredSettings | None, loc: Loc) -> Inferred | None:
        if settings is None:
            return None
        sources = self._names(settings.sources, (*loc, "sources"))
        return Inferred(frozenset(settings.allowed), sources, settings.expires)

    def no_wider(self, name: str, settings: DestinationSettings) -> None:
        """Tell what the connection's connector cannot do."""
        at: Loc = ("destinations", name)
        connection = self.connections.get(name)
        if not self._known(name, at, key=True) or connection is None:
            return
        if connection.connector.destination is None:
            message = f"'{name}' is only read: {connection.kind} takes nothing back"
            self.document.add("HUB-C037", message, at, key=True, fix="remove this line")
            return
        own, told_yes = connection.capabilities.resubscribe, "in" in connection.capabilities.directions
        if settings.resubscribe not in (None, "never", own):
            able = "never" if own == "never" else f"{own} or never"
            message = f"'{name}' cannot do this: an entry may only narrow what {connection.kind} can"
            self.document.add("HUB-C037", message, (*at, "resubscribe"), hint=f"write {able}")
        if not told_yes and "push_grants" in settings.model_fields_set and settings.push_grants == "auto":
            message = f"'{name}' cannot be told a yes: {connection.kind} takes only a no"
            self.document.add("HUB-C037", message, (*at, "push_grants"), hint="write never")

    def _known(self, name: str, loc: Loc, *, key: bool = False) -> bool:
        if name not in self.connections:
            message, hint = f"there is no connection '{name}'", suggest(name, self.connections)
            self.document.add("HUB-C031", message, loc, key=key, hint=hint)
        return name in self.connections
