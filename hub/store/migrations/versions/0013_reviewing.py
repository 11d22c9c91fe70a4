"""Reviewing: claims, answers, what was put off, notes; and the queue of questions in its own order."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def _moment() -> sa.types.TypeEngine[object]:
    return sqlmodel.sql.sqltypes.UTCDateTime()


def _row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_index('ix_review_item_queue', 'review_item', ['kind', 'weight', 'left_id', 'right_id'], unique=False)
    op.create_table('review_claim',
    sa.Column('item', _key(), nullable=False),
    sa.Column('reviewer', _key(), nullable=False),
    sa.Column('session', _key(), nullable=False),
    sa.Column('since', _moment(), nullable=False),
    sa.Column('until', _moment(), nullable=False),
    sa.Column('expected', _key(), nullable=False),
    sa.PrimaryKeyConstraint('item')
    )
    op.create_index('ix_review_claim_session', 'review_claim', ['session'], unique=False)
    op.create_table('review_skip',
    sa.Column('reviewer', _key(), nullable=False),
    sa.Column('item', _key(), nullable=False),
    sa.Column('at', _moment(), nullable=False),
    sa.PrimaryKeyConstraint('reviewer', 'item')
    )
    op.create_table('review_answer',
    sa.Column('id', _row_id(), nullable=False),
    sa.Column('session', _key(), nullable=False),
    sa.Column('reviewer', _key(), nullable=False),
    sa.Column('item', _key(), nullable=False),
    sa.Column('answer', _key(), nullable=False),
    sa.Column('ticket', _key(), nullable=False),
    sa.Column('pattern', _key(), nullable=False),
    sa.Column('expected', _key(), nullable=False),
    sa.Column('batch', _key(), nullable=False),
    sa.Column('decision_id', _row_id(), nullable=True),
    sa.Column('at', _moment(), nullable=False),
    sa.Column('undone_at', _moment(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('ticket')
    )
    op.create_index('ix_review_answer_session', 'review_answer', ['session', 'id'], unique=False)
    op.create_index('ix_review_answer_reviewer', 'review_answer', ['reviewer', 'id'], unique=False)
    op.create_index('ix_review_answer_pattern', 'review_answer', ['pattern', 'id'], unique=False)
    op.create_index('ix_review_answer_decision', 'review_answer', ['decision_id'], unique=False)
    op.create_table('review_note',
    sa.Column('id', _row_id(), nullable=False),
    sa.Column('item', _key(), nullable=False),
    sa.Column('author', _key(), nullable=False),
    sa.Column('assignee', _key(), nullable=True),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', _moment(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_review_note_item', 'review_note', ['item', 'id'], unique=False)
    op.create_index('ix_review_note_assignee', 'review_note', ['assignee', 'id'], unique=False)
