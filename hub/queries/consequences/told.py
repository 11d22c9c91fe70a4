"""The consequences of a decision as one thing: its JSON document, and one line in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dedupe.survivorship import SINGLE, Survivor
from hub.access.masking import mask_key, mask_value
from hub.consent.resolution import State
from hub.queries.consequences import words
from hub.queries.consequences.changes import ConsentChange, FieldChange, Move, SegmentChange, Sums
from hub.stages.plan import Operation, Withheld


@dataclass(frozen=True, slots=True)
class Consequences:
    """Everything that would be otherwise. `contacts`: those that there are now, and that would be.

    `names` and `titles`: of records by id, of segments by name. `operations`: what would be sent because of the
    decision; `no_longer`: what would be sent now and not then; `anyway`: how many would be sent with it and without.
    `left_out`: how many contacts share an address whose consent changes and were not looked at. `is_settled`: nothing
    waits to be derived, so that this is all that would happen.
    """

    contacts: tuple[Sequence[str], Sequence[str]]
    names: Mapping[int, str]
    titles: Mapping[str, str]
    joined: Sums
    parted: Sums
    moves: Sequence[Move]
    fields: Sequence[FieldChange]
    consents: Sequence[ConsentChange]
    segments: Sequence[SegmentChange]
    operations: Sequence[Operation]
    no_longer: Sequence[Operation]
    withheld: Sequence[Withheld]
    anyway: int
    left_out: int
    is_settled: bool

    @property
    def sentence(self) -> str:
        """One line for the person who decides; there is no personal value in it."""
        said = [
            *words.of_sums("joins", self.joined),
            *words.of_sums("parts", self.parted),
            *words.of_operations("pushes", self.operations),
            *words.of_operations("no longer pushes", self.no_longer),
            *words.of_consents(self.consents),
            *words.of_segments(self.segments, self._flows, self.titles),
        ]
        return "; ".join(said) or "changes nothing"

    @property
    def _flows(self) -> set[tuple[str, str]]:
        """Contact now and contact after, of all records; a contact that stays keeps some."""
        gone = set(self.contacts[0]).difference(self.contacts[1])
        staying = {one.contact_id for one in self.segments} - gone
        return {(one.before, one.after) for one in self.moves} | {(one, one) for one in staying}

    def as_json(self, masked: bool = False) -> dict[str, Any]:
        """The contract's document. `masked`: personal values with all but a hint taken out."""
        told = _Telling(self.names, masked)
        return {
            "sentence": self.sentence,
            "settled": self.is_settled,
            "contacts": {"before": list(self.contacts[0]), "after": list(self.contacts[1])},
            "joined": asdict(self.joined),
            "parted": asdict(self.parted),
            "moves": [told.move(one) for one in self.moves],
            "fields": [told.field(one) for one in self.fields],
            "consent": [told.consent(one) for one in self.consents],
            "segments": [self._segment(one) for one in self.segments],
            "operations": {
                "new": [told.operation(one) for one in self.operations],
                "no_longer": [told.operation(one) for one in self.no_longer],
                "withheld": [told.withheld(one) for one in self.withheld],
                "anyway": self.anyway,
            },
            "contacts_left_out": self.left_out,
        }

    def _segment(self, one: SegmentChange) -> dict[str, Any]:
        change = "" if one.before is one.after else ("enters" if one.after else "leaves")
        return {
            "contact_id": one.contact_id,
            "segment": one.segment,
            "title": self.titles[one.segment],
            "before": one.before,
            "after": one.after,
            "change": change,
        }


@dataclass(frozen=True, slots=True)
class _Telling:
    """The parts of the document in which there may be personal values."""

    names: Mapping[int, str]
    masked: bool

    def key(self, text: str) -> str:
        """An address, or a vendor's id that may be one."""
        return mask_key(text) if self.masked and ("@" in text or text.startswith("+")) else text

    def record(self, record_id: int) -> str:
        *place, external_id = self.names.get(record_id, "").split(":", 2)
        return ":".join([*place, self.key(external_id)])

    def value(self, field: str, value: Any) -> Any:
        return mask_value(field, value) if self.masked else value

    def move(self, one: Move) -> dict[str, Any]:
        return {"record": self.record(one.record_id), "before": one.before, "after": one.after}

    def field(self, one: FieldChange) -> dict[str, Any]:
        return {
            "contact_id": one.contact_id,
            "field": one.field,
            "is_list": one.field not in SINGLE and not one.field.startswith("custom."),
            "changed": one.is_changed,
            "before": [
                {"contact_id": contact_id, "values": [self.value(one.field, kept.value) for kept in side]}
                for contact_id, side in one.before.items()
            ],
            "after": [self._survivor(one.field, kept) for kept in one.after],
        }

    def _survivor(self, field: str, kept: Survivor) -> dict[str, Any]:
        others = [
            {"value": self.value(field, lost.value), "source": self.record(lost.record_id)} for lost in kept.others
        ]
        source = self.record(kept.record_id)
        return {"value": self.value(field, kept.value), "source": source, "rule": kept.rule, "others": others}

    def consent(self, one: ConsentChange) -> dict[str, Any]:
        return {
            "channel": one.line[0],
            "address": mask_key(one.line[1]) if self.masked else one.line[1],
            "purpose": one.purpose,
            "brand": one.brand,
            "changed": one.is_changed,
            "held_by": {"before": list(one.held_by[0]), "after": list(one.held_by[1])},
            "before": _state(one.before),
            "after": _state(one.after),
        }

    def operation(self, one: Operation) -> dict[str, Any]:
        document = one.as_json()
        for name in ("external_id", "address"):
            document[name] = self.key(document[name])
        return document

    def withheld(self, one: Withheld) -> dict[str, Any]:
        return {**self.operation(one.operation), "reason": one.reason}


def _state(state: State) -> dict[str, Any]:
    """`reason` says why in one word; `decided_by`: the events that it rests on."""
    return {
        "state": state.recorded,
        "may_send": state.may_send,
        "reason": state.reason,
        "only_at": sorted(scope for scope in state.scopes if state.may_send_at(scope)),
        "decided_by": sorted(state.decided_by),
    }
