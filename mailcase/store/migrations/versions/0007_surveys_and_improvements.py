"""Answers of clients to surveys, and the improvement log"""

import sqlalchemy as sa
from alembic import op

import mailcase.store.columns

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('survey',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('answered_at', mailcase.store.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('mail_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_survey_case_id_cases')),
    sa.ForeignKeyConstraint(['mail_id'], ['mail.id'], name=op.f('fk_survey_mail_id_mail')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_survey'))
    )
    op.create_index(op.f('ix_survey_answered_at'), 'survey', ['answered_at'], unique=False)
    op.create_table('improvement',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('due', sa.String(length=10), nullable=False),
    sa.Column('effect', sa.Text(), nullable=False),
    sa.Column('effect_at', mailcase.store.columns.UtcDateTime(timezone=True), nullable=True),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('entered_at', mailcase.store.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('mail_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_improvement_case_id_cases')),
    sa.ForeignKeyConstraint(['mail_id'], ['mail.id'], name=op.f('fk_improvement_mail_id_mail')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_improvement'))
    )
    op.create_index(op.f('ix_improvement_case_id'), 'improvement', ['case_id'], unique=False)
    op.create_index(op.f('ix_improvement_entered_at'), 'improvement', ['entered_at'], unique=False)
