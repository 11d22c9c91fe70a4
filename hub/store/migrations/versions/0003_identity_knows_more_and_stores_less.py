"""Features of records, decisions about values, what records said when people decided; edges without their reasons."""

import sqlalchemy as sa
from alembic import op

import hub.store.columns

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # everything that is changed here is derived and made anew by the resolver, which finds no model noted
    for derived in ('match_edge', 'review_item', 'popular_key'):
        op.execute(f'DELETE FROM {derived}')
    op.execute("DELETE FROM note WHERE name = 'identity_model'")
    mapped = "SELECT 'identity_features', 'none' WHERE EXISTS (SELECT 1 FROM contact_record)"
    op.execute(f"INSERT INTO note (name, value) {mapped}")
    with op.batch_alter_table('contact_record', schema=None) as batch_op:
        batch_op.add_column(sa.Column('features', hub.store.columns.JsonText(), nullable=False, server_default='[]'))
    with op.batch_alter_table('match_edge', schema=None) as batch_op:
        batch_op.drop_column('comparisons')
    with op.batch_alter_table('review_item', schema=None) as batch_op:
        batch_op.drop_column('reason')
        batch_op.add_column(sa.Column('news', sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('popular_key', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_value', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('decision_link', schema=None) as batch_op:
        batch_op.add_column(sa.Column('levels', hub.store.columns.JsonText(), nullable=True))
    op.create_table('decision_value',
    sa.Column('decision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('value', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('verdict', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id']),
    sa.PrimaryKeyConstraint('decision_id')
    )
