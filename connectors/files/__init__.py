"""What the registry needs to know of the files connector, and nothing else."""

from connectors.files.config import FilesConfig
from connectors.files.source import FilesSource
from connectors.kit.connector import Connector

CONNECTOR = Connector(kind="files", title="CSV and JSONL files", config=FilesConfig, source=FilesSource)
