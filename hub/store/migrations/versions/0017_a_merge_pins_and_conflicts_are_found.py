"""A decision pins any number of fields; what no rule settles, and consent to look at, have indexes."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

NO_RULE_TOLD = sa.text("rule = 'arrived first'")
TO_LOOK_AT = sa.text('review')


def _key() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def upgrade() -> None:
    if op.get_context().dialect.name == 'sqlite':
        _make_anew()
    else:
        op.drop_constraint('decision_pin_pkey', 'decision_pin', type_='primary')
        op.create_primary_key('decision_pin_pkey', 'decision_pin', ['decision_id', 'field'])
    op.create_index(
        'ix_field_provenance_untold',
        'field_provenance',
        ['contact_id', 'field'],
        unique=False,
        sqlite_where=NO_RULE_TOLD,
        postgresql_where=NO_RULE_TOLD,
    )
    op.create_index(
        'ix_consent_state_review',
        'consent_state',
        ['channel', 'address'],
        unique=False,
        sqlite_where=TO_LOOK_AT,
        postgresql_where=TO_LOOK_AT,
    )


def _make_anew() -> None:
    """SQLite gives a table another key only by another table."""
    op.create_table('decision_pin__new',
    sa.Column('decision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('birth_id', _key(), nullable=False),
    sa.Column('field', _key(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id']),
    sa.PrimaryKeyConstraint('decision_id', 'field')
    )
    op.execute('INSERT INTO decision_pin__new SELECT decision_id, birth_id, field, value FROM decision_pin')
    op.drop_table('decision_pin')
    op.rename_table('decision_pin__new', 'decision_pin')
    op.create_index('ix_decision_pin_birth_id', 'decision_pin', ['birth_id'], unique=False)
