"""The watch's own tables, and the words in them."""

from __future__ import annotations

from typing import Final

from hub.store.operating.alerts import AlertMessage, AlertState
from hub.store.sql import table

alert_states = table(AlertState)
alert_messages = table(AlertMessage)

FIRING: Final = "firing"
OK: Final = "ok"
