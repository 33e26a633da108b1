"""How a client reached us and wants to be answered, whom he writes to, and which papers went to him"""

import sqlalchemy as sa
from alembic import op

import mailcase.store.columns

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

UNPAID = sa.text("type IN ('invoice') AND paid_at IS NULL")


def upgrade() -> None:
    moment = mailcase.store.columns.UtcDateTime(timezone=True)
    op.add_column('cases', sa.Column('contact_phone', sa.Text(), nullable=False, server_default=''))
    op.add_column('cases', sa.Column('channel', sa.String(length=32), nullable=False, server_default='email'))
    op.add_column('cases', sa.Column('occurred_at', moment, nullable=True))
    op.add_column('cases', sa.Column('preferred_channel', sa.String(length=32), nullable=False, server_default=''))
    op.add_column('cases', sa.Column('addressee', sa.Text(), nullable=False, server_default=''))
    op.create_table(
        'outgoing_document',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('mail_id', sa.Integer(), nullable=False),
        sa.Column('outbox_id', sa.Integer(), nullable=True),
        sa.Column('type', sa.String(length=32), nullable=False),
        sa.Column('number', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('paid_at', moment, nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_outgoing_document_case_id_cases')),
        sa.ForeignKeyConstraint(['mail_id'], ['mail.id'], name=op.f('fk_outgoing_document_mail_id_mail')),
        sa.ForeignKeyConstraint(['outbox_id'], ['outbox.id'], name=op.f('fk_outgoing_document_outbox_id_outbox')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing_document')),
    )
    op.create_index('ix_outgoing_document_case_id', 'outgoing_document', ['case_id'])
    op.create_index('ix_outgoing_document_unpaid', 'outgoing_document', ['id'], sqlite_where=UNPAID, postgresql_where=UNPAID)
