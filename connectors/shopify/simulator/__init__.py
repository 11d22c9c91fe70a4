"""A Shopify store in memory, speaking the vendor's GraphQL over real HTTP; `python -m connectors.shopify.simulator`."""

from connectors.shopify.simulator.server import TOKEN, ShopifySimulator

__all__ = ["TOKEN", "ShopifySimulator"]
