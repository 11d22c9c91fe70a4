"""What is asked for every day has an index: open changes by status, contacts of segments, old runs and plans."""

from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_delivery_status', table_name='delivery')
    op.create_index('ix_delivery_status', 'delivery', ['status', 'destination', 'lane', 'id'], unique=False)
    op.create_index('ix_delivery_created', 'delivery', ['created_at'], unique=False)
    op.create_index('ix_delivery_sent', 'delivery', ['sent_at'], unique=False)
    op.create_index('ix_segment_stay_contact', 'segment_stay', ['contact_id'], unique=False)
    op.create_index('ix_segment_member_contact', 'segment_member', ['contact_id'], unique=False)
    op.create_index('ix_sync_run_finished', 'sync_run', ['finished_at'], unique=False)
    op.create_index('ix_push_plan_made', 'push_plan', ['made_at'], unique=False)
