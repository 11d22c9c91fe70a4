"""What the Twilio folder offers to the registry, and nothing else."""

from pathlib import Path

from connectors.kit.connector import Connector
from connectors.twilio.config import TwilioConfig
from connectors.twilio.destination import TwilioDestination, capabilities
from connectors.twilio.source import TwilioSource
from connectors.twilio.webhook import WEBHOOK

CONNECTOR = Connector(
    kind="twilio",
    title="Twilio",
    config=TwilioConfig,
    source=TwilioSource,
    mapping=Path(__file__).with_name("mapping.yaml"),
    destination=TwilioDestination,
    webhook=WEBHOOK,
    capabilities=capabilities,
)
