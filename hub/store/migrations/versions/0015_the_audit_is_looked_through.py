"""What was done is found by its kind and by its time, and failures to sign in by their end."""

from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_audit_entry_action', 'audit_entry', ['action', 'id'], unique=False)
    op.create_index('ix_audit_entry_at', 'audit_entry', ['at', 'id'], unique=False)
    op.create_index('ix_sign_in_failure_next', 'sign_in_failure', ['next_try_at'], unique=False)
