"""Tests of the Shopify connector and its simulator."""
