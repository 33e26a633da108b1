"""Who is away, as employees told it by mail"""

import sqlalchemy as sa
from alembic import op

import mailcase.store.columns

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'absence',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('login', sa.Text(), nullable=False),
        sa.Column('since', sa.String(length=10), nullable=False),
        sa.Column('until', sa.String(length=10), nullable=False),
        sa.Column('substitute', sa.Text(), nullable=False),
        sa.Column('entered_by', sa.Text(), nullable=False),
        sa.Column('entered_at', mailcase.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column('mail_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['mail_id'], ['mail.id'], name=op.f('fk_absence_mail_id_mail')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_absence')),
    )
    op.create_index('ix_absence_until', 'absence', ['until'])
