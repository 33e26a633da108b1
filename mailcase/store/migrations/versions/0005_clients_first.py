"""Letters to clients leave before notices to colleagues"""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

DUE = sa.text("status IN ('queued', 'sending')")


def upgrade() -> None:
    op.drop_index('ix_outbox_due', table_name='outbox')
    op.create_index('ix_outbox_due', 'outbox', ['audience', 'id'], sqlite_where=DUE, postgresql_where=DUE)
