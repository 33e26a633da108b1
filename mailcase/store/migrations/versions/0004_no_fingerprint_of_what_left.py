"""The fingerprint of what left is taken from its raw letter when a copy comes back"""

from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column('outbox', 'fingerprint')
