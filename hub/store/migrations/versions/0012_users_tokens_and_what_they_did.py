"""Users with roles, their sessions, tokens of programs, and the chain of what was done by whom."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

REFUSED = 'what was done is kept as it was written'


def _key() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.String(collation='C'), 'postgresql')


def _moment() -> sa.types.TypeEngine[object]:
    return sqlmodel.sql.sqltypes.UTCDateTime()


def _row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('admin_user',
    sa.Column('name', _key(), nullable=False),
    sa.Column('role', _key(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('created_at', _moment(), nullable=False),
    sa.Column('disabled_at', _moment(), nullable=True),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('sign_in_failure',
    sa.Column('who', _key(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('next_try_at', _moment(), nullable=False),
    sa.PrimaryKeyConstraint('who')
    )
    op.create_table('api_token',
    sa.Column('name', _key(), nullable=False),
    sa.Column('token_hash', _key(), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.Column('created_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', _moment(), nullable=False),
    sa.Column('expires_at', _moment(), nullable=True),
    sa.Column('revoked_at', _moment(), nullable=True),
    sa.Column('last_used_at', _moment(), nullable=True),
    sa.PrimaryKeyConstraint('name'),
    sa.UniqueConstraint('token_hash')
    )
    op.create_table('audit_entry',
    sa.Column('id', _row_id(), nullable=False),
    sa.Column('at', _moment(), nullable=False),
    sa.Column('actor', _key(), nullable=False),
    sa.Column('action', _key(), nullable=False),
    sa.Column('subject', _key(), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('hash', _key(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entry_actor', ['actor', 'id'], unique=False)
        batch_op.create_index('ix_audit_entry_subject', ['subject', 'id'], unique=False)
    with op.batch_alter_table('sign_in_link', schema=None) as batch_op:
        batch_op.add_column(sa.Column('user_name', _key(), nullable=True))
    with op.batch_alter_table('admin_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('user_name', _key(), nullable=True))
        batch_op.create_index('ix_admin_session_user', ['user_name'], unique=False)
    _keep_what_was_done()


def _keep_what_was_done() -> None:
    """The database itself refuses to change the chain, whoever asks by way of SQL."""
    if op.get_context().dialect.name == 'sqlite':
        for act in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER audit_entry_no_{act.lower()} BEFORE {act} ON audit_entry '
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
        return
    op.execute(
        'CREATE FUNCTION audit_entry_kept() RETURNS trigger LANGUAGE plpgsql AS '
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    for name, acts, each in (('kept', 'UPDATE OR DELETE', 'ROW'), ('not_emptied', 'TRUNCATE', 'STATEMENT')):
        op.execute(
            f'CREATE TRIGGER audit_entry_{name} BEFORE {acts} ON audit_entry '
            f'FOR EACH {each} EXECUTE FUNCTION audit_entry_kept()'
        )
