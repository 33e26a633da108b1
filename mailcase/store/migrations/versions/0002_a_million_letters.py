"""Indexes that keep every question quick with a million letters"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_GONE = {
    'mail': ('ix_mail_status_next', 'uq_mail_original'),
    'outbox': ('ix_outbox_status_next',),
    'cases': ('ix_cases_contact_address', 'ix_cases_assignee', 'ix_cases_opened_at'),
    'sighting': ('ix_sighting_seen_at',),
}
_PARTIAL = (
    ('ix_mail_new', 'mail', ['id'], "status IN ('new')"),
    ('ix_mail_held', 'mail', ['id'], 'held IS NOT NULL'),
    ('ix_mail_unjudged', 'mail', ['entered_at'], 'outcome IS NULL'),
    ('ix_outbox_due', 'outbox', ['id'], "status IN ('queued', 'sending')"),
    ('ix_outbox_uncopied', 'outbox', ['id'], "sent_copy IN ('due', 'due1', 'due2', 'due3', 'due4')"),
    ('ix_outbox_bounced_at', 'outbox', ['bounced_at'], 'bounced_at IS NOT NULL'),
    ('ix_cases_live', 'cases', ['status', 'assignee'], "status IN ('open', 'waiting')"),
    ('ix_sighting_pending', 'sighting', ['folder_id', 'uidvalidity'], "state IN ('pending')"),
    ('ix_sighting_untidied', 'sighting', ['folder_id', 'uidvalidity', 'id'], 'tidied_at IS NULL AND mail_id IS NOT NULL'),
    ('ix_sighting_before_start', 'sighting', ['folder_id', 'message_id'], "state IN ('before_start')"),
)
_WHOLE = (
    ('ix_mail_handled_at', 'mail', ['handled_at']),
    ('ix_outbox_person', 'outbox', ['person', 'template', 'status']),
    ('ix_outbox_envelope_from', 'outbox', ['envelope_from']),
    ('ix_cases_contact', 'cases', ['contact_address', 'id']),
    ('ix_cases_contact_register', 'cases', ['contact_address', 'register', 'id']),
    ('ix_cases_assigned', 'cases', ['assignee', 'opened_at']),
    ('ix_cases_opened', 'cases', ['opened_at', 'id']),
)


def upgrade() -> None:
    for table, names in _GONE.items():
        for name in names:
            op.drop_index(name, table)
    op.create_index('uq_mail_original', 'mail', ['fingerprint'], unique=True, sqlite_where=sa.text('original = 1'), postgresql_where=sa.text('original'))
    for name, table, columns, condition in _PARTIAL:
        where = sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    for name, table, columns in _WHOLE:
        op.create_index(name, table, columns)
