"""What is to be sent is found past what is queued or withheld, by what is wanted and where."""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_consent_gap_wanted', 'consent_gap', ['wanted', 'destination'], unique=False)
    op.create_index('ix_tag_gap_wanted', 'tag_gap', ['wanted', 'destination'], unique=False)
