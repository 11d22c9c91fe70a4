"""What the Zendesk folder offers to the registry, and nothing else."""

from pathlib import Path

from connectors.kit.connector import Connector
from connectors.zendesk.config import ZendeskConfig
from connectors.zendesk.desk import ZendeskDesk
from connectors.zendesk.destination import ZendeskDestination, capabilities
from connectors.zendesk.source import ZendeskSource
from connectors.zendesk.webhook import WEBHOOK

CONNECTOR = Connector(
    kind="zendesk",
    title="Zendesk Support",
    config=ZendeskConfig,
    source=ZendeskSource,
    mapping=Path(__file__).with_name("mapping.yaml"),
    destination=ZendeskDestination,
    capabilities=capabilities,
    desk=ZendeskDesk,
    webhook=WEBHOOK,
)
