"""A hub configured for the one vendor of the benchmark, and nothing else."""

from __future__ import annotations

from pathlib import Path

from connectors.zendesk.simulator import TOKEN

CONNECTION = "help"

HUB = """\
version: 1
database: "${file:secrets/database}"
region: AU
timezone: Australia/Sydney
"""
HELP = """\
kind: zendesk
config: {{subdomain: acme, token: "${{file:secrets/help}}", base_url: "{vendor}"}}
"""


def configure(folder: Path, vendor: str, database: str) -> Path:
    """Make `folder`/config for this vendor and database, both as URLs; gives that path."""
    config = folder / "config"
    (config / "connections").mkdir(parents=True, exist_ok=True)
    (config / "hub.yaml").write_text(HUB)
    (config / "connections" / f"{CONNECTION}.yaml").write_text(HELP.format(vendor=vendor))
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for name, secret in ((CONNECTION, TOKEN), ("database", database)):
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(secret)
    return config
