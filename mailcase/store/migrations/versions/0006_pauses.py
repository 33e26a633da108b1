"""Since when the clock of a case stands, and what it waits for"""

import sqlalchemy as sa
from alembic import op

import mailcase.store.columns

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('cases', sa.Column('paused_at', mailcase.store.columns.UtcDateTime(timezone=True), nullable=True))
    op.add_column('cases', sa.Column('waits_for', sa.Text(), nullable=False, server_default=''))
