"""Webhooks in: deliveries taken and records to read again. Out: notices, their attempts, what was told of consent."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def _moment() -> sa.types.TypeEngine[object]:
    return sqlmodel.sql.sqltypes.UTCDateTime()


def _row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('notice',
    sa.Column('id', _row_id(), nullable=False),
    sa.Column('event', _key(), nullable=False),
    sa.Column('target', _key(), nullable=False),
    sa.Column('kind', _key(), nullable=False),
    sa.Column('rule', _key(), nullable=False),
    sa.Column('contact_id', _key(), nullable=False),
    sa.Column('data', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('happened_at', _moment(), nullable=False),
    sa.Column('status', _key(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', _moment(), nullable=False),
    sa.Column('settled_at', _moment(), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ux_notice_event', ['event', 'target'], unique=True)
        batch_op.create_index('ix_notice_due', ['status', 'target', 'next_try_at'], unique=False)
        batch_op.create_index('ix_notice_rule', ['rule', 'status', 'settled_at'], unique=False)
    op.create_table('notice_attempt',
    sa.Column('notice_id', _row_id(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sent_at', _moment(), nullable=False),
    sa.Column('answered_at', _moment(), nullable=True),
    sa.Column('outcome', _key(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id']),
    sa.PrimaryKeyConstraint('notice_id', 'number')
    )
    op.create_table('consent_told',
    sa.Column('channel', _key(), nullable=False),
    sa.Column('address', _key(), nullable=False),
    sa.Column('purpose', _key(), nullable=False),
    sa.Column('brand', _key(), nullable=False),
    sa.Column('recorded', _key(), nullable=False),
    sa.Column('may_send', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'address', 'purpose', 'brand')
    )
    op.create_table('webhook_taken',
    sa.Column('connection', _key(), nullable=False),
    sa.Column('key', _key(), nullable=False),
    sa.Column('taken_at', _moment(), nullable=False),
    sa.PrimaryKeyConstraint('connection', 'key')
    )
    with op.batch_alter_table('webhook_taken', schema=None) as batch_op:
        batch_op.create_index('ix_webhook_taken_at', ['taken_at'], unique=False)
    op.create_table('refetch_mark',
    sa.Column('connection', _key(), nullable=False),
    sa.Column('external_id', _key(), nullable=False),
    sa.Column('mark', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('connection', 'external_id')
    )
