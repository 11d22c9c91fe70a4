"""What the Mailchimp folder offers to the registry, and nothing else."""

from pathlib import Path

from connectors.kit.connector import Connector
from connectors.mailchimp.config import MailchimpConfig
from connectors.mailchimp.destination import MailchimpDestination, capabilities
from connectors.mailchimp.source import MailchimpSource
from connectors.mailchimp.webhook import WEBHOOK

CONNECTOR = Connector(
    kind="mailchimp",
    title="Mailchimp",
    config=MailchimpConfig,
    source=MailchimpSource,
    mapping=Path(__file__).with_name("mapping.yaml"),
    destination=MailchimpDestination,
    capabilities=capabilities,
    webhook=WEBHOOK,
)
