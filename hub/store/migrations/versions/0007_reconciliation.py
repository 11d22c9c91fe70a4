"""Reconciliation: passes over whole streams and what they have seen; and the fields that raw records have."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def _moment() -> sa.types.TypeEngine[object]:
    return sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    op.create_table('reconcile_pass',
    sa.Column('run_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('connection', _key(), nullable=False),
    sa.Column('stream', _key(), nullable=False),
    sa.Column('status', _key(), nullable=False),
    sa.Column('began_at', _moment(), nullable=False),
    sa.Column('known_until', _moment(), nullable=False),
    sa.Column('cursor', sa.Text(), nullable=True),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('missed', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.Column('gone', sa.Integer(), nullable=False),
    sa.Column('records', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('run_id')
    )
    with op.batch_alter_table('reconcile_pass', schema=None) as batch_op:
        batch_op.create_index('ix_reconcile_pass_stream', ['connection', 'stream', 'run_id'], unique=False)
    op.create_table('reconcile_seen',
    sa.Column('run_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('external_id', _key(), nullable=False),
    sa.PrimaryKeyConstraint('run_id', 'external_id')
    )
    gone = sa.text('heir IS NOT NULL')
    with op.batch_alter_table('landed_record', schema=None) as batch_op:
        batch_op.create_index('ix_landed_record_heir', ['heir'], unique=False, sqlite_where=gone, postgresql_where=gone)
    with op.batch_alter_table('stream_state', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reconcile_from', _moment(), nullable=True))
        batch_op.add_column(sa.Column('looked', sa.Integer(), nullable=False, server_default='0'))
    op.create_table('stream_field',
    sa.Column('connection', _key(), nullable=False),
    sa.Column('stream', _key(), nullable=False),
    sa.Column('field', _key(), nullable=False),
    sa.Column('kind', _key(), nullable=False),
    sa.Column('first_seen_at', _moment(), nullable=False),
    sa.Column('last_seen_at', _moment(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('first_look', sa.Integer(), nullable=False),
    sa.Column('last_look', sa.Integer(), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('sample', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('connection', 'stream', 'field', 'kind')
    )
