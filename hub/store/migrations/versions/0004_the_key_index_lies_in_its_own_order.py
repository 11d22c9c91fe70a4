"""What identity derives is kept in the order of its keys; a record's own keys lie side by side."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation='C'), 'postgresql')
ROW = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')

TABLES = {
    'resolve_mark': [('connection', KEY), ('stream', KEY), ('external_id', KEY), ('mark', sa.BigInteger())],
    'match_key': [('key', sa.BigInteger()), ('signature', sa.BigInteger()), ('record_id', ROW)],
    'popular_key': [('key', sa.BigInteger()), ('is_value', sa.Boolean())],
    'match_edge': [('left_id', ROW), ('right_id', ROW), ('judgement', KEY), ('weight', sa.Integer())],
    'review_item': [('left_id', ROW), ('right_id', ROW), ('kind', KEY), ('weight', sa.Integer()), ('news', sa.String())],
}
PRIMARY = {'resolve_mark': 3, 'match_key': 3, 'popular_key': 1, 'match_edge': 2, 'review_item': 2}
INDEXES = {'match_edge': 'right_id', 'review_item': 'right_id'}


def upgrade() -> None:
    if op.get_context().dialect.name == 'sqlite':
        for name in TABLES:
            _without_rowid(name)
    else:
        op.drop_index('ix_match_key_record', table_name='match_key')
    op.create_index('ix_match_key_record', 'match_key', ['record_id', 'key', 'signature'], unique=False)


def _without_rowid(name: str) -> None:
    names, keys = [column for column, _ in TABLES[name]], PRIMARY[name]
    columns = [sa.Column(column, kind, nullable=False) for column, kind in TABLES[name]]
    op.create_table(f'{name}__lean', *columns, sa.PrimaryKeyConstraint(*names[:keys]), sqlite_with_rowid=False)
    said, order = ', '.join(f'"{one}"' for one in names), ', '.join(f'"{one}"' for one in names[:keys])
    op.execute(f'INSERT INTO {name}__lean ({said}) SELECT {said} FROM {name} ORDER BY {order}')
    op.drop_table(name)
    op.rename_table(f'{name}__lean', name)
    if name in INDEXES:
        op.create_index(f'ix_{name}_right', name, [INDEXES[name]], unique=False)
