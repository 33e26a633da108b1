"""Leases by name, and on PostgreSQL the triggers that wake other processes (`store/triggers.py`)"""

import sqlalchemy as sa
from alembic import op

import mailcase.store.columns

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lease',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('claim_no', sa.Integer(), nullable=False),
    sa.Column('leased_until', mailcase.store.columns.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
