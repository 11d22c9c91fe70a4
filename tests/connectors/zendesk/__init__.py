"""Tests of the Zendesk connector and of its simulator."""
