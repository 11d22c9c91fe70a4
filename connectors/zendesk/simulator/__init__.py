"""A Zendesk Support account in memory, over real HTTP; `python -m connectors.zendesk.simulator`."""

from connectors.zendesk.simulator.api import CLIENT_ID, CLIENT_SECRET, TOKEN
from connectors.zendesk.simulator.server import ZendeskSimulator

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "TOKEN", "ZendeskSimulator"]
