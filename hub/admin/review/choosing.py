"""What a reviewer has chosen of a pair's fields, as the merge pins it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from hub.decide import CannotDecide, Chosen
from hub.queries.review_choice import LEFT, may_choose, value_of
from hub.stages.map import people


def chosen_of(db: Connection, left: int, right: int, choices: Mapping[str, str]) -> list[Chosen]:
    """What a merge of two records (by id) pins. `choices`: by field LEFT or RIGHT. Raises CannotDecide."""
    query = select(people.c.record_id, people.c.fields).where(people.c.record_id.in_((left, right)))
    said = {row.record_id: row.fields for row in db.execute(query)} if choices else {}
    found = []
    for field, side in sorted(choices.items()):
        own, other = (left, right) if side == LEFT else (right, left)
        if not may_choose(field, said[own], said[other]):
            raise CannotDecide(f"the two records do not say different things of {field}: there is nothing to choose")
        found.append(Chosen(own, field, value_of(field, said[own], said[other])))
    return found
