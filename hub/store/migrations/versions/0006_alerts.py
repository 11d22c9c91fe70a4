"""Alerts: which stand, and the messages about them."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def _moment() -> sa.types.TypeEngine[object]:
    return sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    op.create_table('alert_state',
    sa.Column('rule', _key(), nullable=False),
    sa.Column('subject', _key(), nullable=False),
    sa.Column('state', _key(), nullable=False),
    sa.Column('since', _moment(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('fix', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('rule', 'subject')
    )
    op.create_table('alert_message',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', _key(), nullable=False),
    sa.Column('rule', _key(), nullable=False),
    sa.Column('subject', _key(), nullable=False),
    sa.Column('state', _key(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('fix', sa.Text(), nullable=False),
    sa.Column('happened_at', _moment(), nullable=False),
    sa.Column('status', _key(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', _moment(), nullable=False),
    sa.Column('sent_at', _moment(), nullable=True),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('alert_message', schema=None) as batch_op:
        batch_op.create_index('ix_alert_message_status', ['status', 'channel', 'id'], unique=False)
