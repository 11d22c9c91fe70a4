"""Brings a database to the schema this code needs, or refuses to touch a newer one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from hub.store.engine import Store

HEAD = "0017"
_SCRIPTS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The database was made by a newer hub; this one must not write to it."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"the database has schema {found}, this hub knows schemas up to {HEAD}: "
            "install the newer hub again, or restore the backup made before the upgrade"
        )


def prepare(store: Store) -> None:
    """Create or upgrade the schema when it is not current. Raises SchemaTooNew."""
    with store.read() as db:
        found = schema_version(db)
    if found == HEAD:
        return
    if found is not None and not list((_SCRIPTS / "versions").glob(f"{found}_*.py")):
        raise SchemaTooNew(found)
    store.write(upgrade)


def schema_version(db: Connection) -> str | None:
    """The schema a database has; None for an empty one."""
    if not inspect(db).has_table("alembic_version"):
        return None
    return db.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(db: Connection, to: str = "head") -> None:
    """Run the missing migrations inside the caller's transaction; two processes at once wait for each other."""
    from alembic import command
    from alembic.config import Config

    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(4711001)"))
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = db
    command.upgrade(config, to)
