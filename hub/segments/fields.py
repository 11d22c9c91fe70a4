"""What a segment's rule may ask of a contact: the fields, the kind of each, and the operators of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["text", "texts", "number", "amount", "moment", "flag"]
"""texts: a list of text. number: an int. amount: a Decimal. moment: a datetime in UTC. flag: a bool."""

FIELDS: Final[Mapping[str, Kind]] = {
    "name": "text",
    "email": "text",
    "phone": "text",
    "city": "text",
    "state": "text",
    "postcode": "text",
    "country": "text",
    "company": "text",
    "job_title": "text",
    "language": "text",
    "emails": "texts",
    "phones": "texts",
    "tags": "texts",
    "sources": "texts",
    "orders": "number",
    "spent": "amount",
    "first_order_at": "moment",
    "last_order_at": "moment",
    "last_ticket_at": "moment",
    "tickets": "number",
    "satisfaction": "text",
    "may_send.email": "flag",
    "may_send.sms": "flag",
}
"""The keys of the facts. A fact that is missing, None, "" or an empty list is not known."""

_NUMERIC: Final = ("is", "is_not", "in", "at_least", "at_most", "known")
OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "text": ("is", "is_not", "in", "contains", "starts_with", "known"),
    "texts": ("contains", "known"),
    "number": _NUMERIC,
    "amount": _NUMERIC,
    "moment": ("before", "after", "within", "not_within", "known"),
    "flag": ("is", "is_not", "known"),
}
