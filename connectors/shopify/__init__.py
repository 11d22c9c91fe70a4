"""What the registry finds of the Shopify connector: its `CONNECTOR`, and nothing else."""

from pathlib import Path

from connectors.kit.connector import Connector
from connectors.shopify.config import ShopifyConfig
from connectors.shopify.destination import ShopifyDestination, capabilities
from connectors.shopify.source import ShopifySource
from connectors.shopify.webhook import WEBHOOK

CONNECTOR = Connector(
    kind="shopify",
    title="Shopify",
    config=ShopifyConfig,
    source=ShopifySource,
    mapping=Path(__file__).with_name("mapping.yaml"),
    destination=ShopifyDestination,
    capabilities=capabilities,
    webhook=WEBHOOK,
)
