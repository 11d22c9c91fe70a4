"""Streams that rest, runs that are to end, plans that were denied, and reasons that nobody wants to hear of."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

UNSETTLED = "withheld IN ('dead', 'rejected', 'under_way')"


def _key() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def _moment() -> sa.types.TypeEngine[object]:
    return sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    op.create_table('stream_pause',
    sa.Column('connection', _key(), nullable=False),
    sa.Column('stream', _key(), nullable=False),
    sa.Column('paused_by', _key(), nullable=False),
    sa.Column('paused_at', _moment(), nullable=False),
    sa.PrimaryKeyConstraint('connection', 'stream')
    )
    op.create_table('quarantine_ignore',
    sa.Column('connection', _key(), nullable=False),
    sa.Column('stream', _key(), nullable=False),
    sa.Column('reason_hash', _key(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('ignored_by', _key(), nullable=False),
    sa.Column('ignored_at', _moment(), nullable=False),
    sa.PrimaryKeyConstraint('connection', 'stream', 'reason_hash')
    )
    with op.batch_alter_table('sync_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cancelled_by', _key(), nullable=True))
    with op.batch_alter_table('push_plan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('denied_by', _key(), nullable=True))
        batch_op.add_column(sa.Column('denied_at', _moment(), nullable=True))
    with op.batch_alter_table('consent_gap', schema=None) as batch_op:
        batch_op.create_index(
            'ix_consent_gap_unsettled',
            ['destination'],
            unique=False,
            sqlite_where=sa.text(UNSETTLED),
            postgresql_where=sa.text(UNSETTLED),
        )
