"""On SQLite what is derived of contacts and consent lies in the order of its keys, without a second tree of rows."""

import re

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

TABLES = (
    *('golden_mark', 'contact', 'field_provenance', 'contact_term'),
    *('consent_mark', 'consent_state', 'consent_holding', 'consent_sight', 'segment_mark'),
)


def upgrade() -> None:
    if op.get_context().dialect.name == 'sqlite':
        for name in TABLES:
            _without_rowid(name)


def _without_rowid(name: str) -> None:
    """The same table by the words that made it; its rows come in the order in which they will lie."""
    db = op.get_bind()
    made = db.execute(sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND sql > ''"), {'name': name})
    words = [(kind, sql) for kind, sql in made]
    (table,) = (sql for kind, sql in words if kind == 'table')
    keys = ', '.join(f'"{one}"' for one in sa.inspect(db).get_pk_constraint(name)['constrained_columns'])
    op.execute(re.sub(rf'^CREATE TABLE "?{name}"?', f'CREATE TABLE {name}__lean', table) + ' WITHOUT ROWID')
    op.execute(f'INSERT INTO {name}__lean SELECT * FROM {name} ORDER BY {keys}')
    op.drop_table(name)
    op.rename_table(f'{name}__lean', name)
    for kind, sql in words:
        if kind == 'index':
            op.execute(sql)
