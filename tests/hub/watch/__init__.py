"""Tests of what watches the hub: logs, metrics, health, alerts, the doctor."""
