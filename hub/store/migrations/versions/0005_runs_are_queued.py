"""Runs of several kinds, queued before they begin, each slot once."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def upgrade() -> None:
    with op.batch_alter_table('sync_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', KEY, nullable=False, server_default='pull'))
        batch_op.add_column(sa.Column('slot', KEY, nullable=True))
        batch_op.add_column(sa.Column('attempt', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('slices', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('queued_at', UTCDateTime(), nullable=True))
        batch_op.alter_column('started_at', existing_type=UTCDateTime(), nullable=True)
        batch_op.create_index('ix_sync_run_status', ['status', 'id'], unique=False)
        batch_op.create_index('ux_sync_run_slot', ['connection', 'stream', 'kind', 'slot'], unique=True)
