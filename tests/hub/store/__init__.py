"""Tests of the store: schema, transactions, leases, JSON text."""
