"""Pins of golden fields, and indexes: for the timeline of a contact page by page, and for a search of several words."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

OWNER = ['owner_connection', 'owner_stream', 'owner_external_id']


def _key() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table('decision_pin',
    sa.Column('decision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('birth_id', _key(), nullable=False),
    sa.Column('field', _key(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id']),
    sa.PrimaryKeyConstraint('decision_id')
    )
    op.create_index('ix_decision_pin_birth_id', 'decision_pin', ['birth_id'], unique=False)
    op.drop_index('ix_contact_term_contact', table_name='contact_term')
    op.create_index('ix_contact_term_contact', 'contact_term', ['contact_id', 'term'], unique=False)
    op.drop_index('ix_related_record_owner', table_name='related_record')
    op.create_index(
        'ix_related_record_owner', 'related_record', [*OWNER, 'happened_at', 'record_id', 'kind'], unique=False
    )
