"""Whether an order's requirements are confirmed, what complainants want, and changes of orders"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('cases', sa.Column('requirements', sa.String(length=32), nullable=False, server_default=''))
    op.add_column('cases', sa.Column('remedies', sa.Text(), nullable=False, server_default='[]'))
    op.add_column('cases', sa.Column('changes', sa.Text(), nullable=False, server_default='[]'))
