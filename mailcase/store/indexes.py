"""What keeps a question about one letter as quick with a million letters as with ten.

Most of a register is finished for good, so partial indexes hold only what is still to be done. A database uses one
only where the query states its very condition with constants: hence the conditions that queries share with indexes.
"""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, Index, and_, literal_column, text

from mailcase.store import tables as t
from mailcase.words import DocumentType, MailStatus, OutboxStatus, SightingState, Status


def one_of(column: Column[str], *words: str) -> ColumnElement[bool]:
    """The column holds one of these words, written out: given apart they would cost more than the search itself."""
    return column.in_([literal_column(f"'{word}'") for word in words])


def _partial(name: str, condition: ColumnElement[bool], *columns: Column[object]) -> None:
    Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


NEW_MAIL = one_of(t.mail.c.status, MailStatus.NEW)
"""Letters that wait to be handled."""
DUE = one_of(t.outbox.c.status, OutboxStatus.QUEUED, OutboxStatus.SENDING)
"""Letters that have not left and shall."""
CLIENTS_FIRST = (t.outbox.c.audience,)
"""What leaves first: a client waits outside, a colleague's notice may come some seconds later in a rush."""
UNCOPIED = one_of(t.outbox.c.sent_copy, "due", "due1", "due2", "due3", "due4")
"""Letters that left and whose copy is to be filed: never tried, or tried so many times in vain."""
LIVE = one_of(t.cases.c.status, Status.OPEN, Status.WAITING)
"""Cases whose clock runs."""
PENDING = one_of(t.sighting.c.state, SightingState.PENDING)
"""UIDs that the server lists and does not deliver."""
BEFORE_START = one_of(t.sighting.c.state, SightingState.BEFORE_START)
"""UIDs that were there at the first start."""
UNTIDIED = and_(t.sighting.c.tidied_at.is_(None), t.sighting.c.mail_id.is_not(None))
"""Letters that lie where they came in."""
UNPAID = and_(one_of(t.outgoing_document.c.type, DocumentType.INVOICE), t.outgoing_document.c.paid_at.is_(None))
"""Invoices of which nobody has said that they are paid."""

_m, _o, _c, _s = t.mail.c, t.outbox.c, t.cases.c, t.sighting.c
# Each as its database says it in a query.
_ORIGINAL = {"sqlite_where": text("original = 1"), "postgresql_where": text("original")}
Index("uq_mail_original", _m.fingerprint, unique=True, **_ORIGINAL)  # type: ignore[arg-type]  # options by dialect
# Claims take the oldest first: in the order of the id, so that a long queue is read no further than the batch.
_partial("ix_mail_new", NEW_MAIL, _m.id)
_partial("ix_outbox_due", DUE, *CLIENTS_FIRST, _o.id)
_partial("ix_outbox_uncopied", UNCOPIED, _o.id)
_partial("ix_mail_held", _m.held.is_not(None), _m.id)
_partial("ix_mail_unjudged", _m.outcome.is_(None), _m.entered_at)
_partial("ix_outbox_bounced_at", _o.bounced_at.is_not(None), _o.bounced_at)
_partial("ix_cases_live", LIVE, _c.status, _c.assignee)
_partial("ix_sighting_pending", PENDING, _s.folder_id, _s.uidvalidity)
_partial("ix_sighting_untidied", UNTIDIED, _s.folder_id, _s.uidvalidity, _s.id)
_partial("ix_outgoing_document_unpaid", UNPAID, t.outgoing_document.c.id)
_partial("ix_sighting_before_start", BEFORE_START, _s.folder_id, _s.message_id)
Index("ix_mail_handled_at", _m.handled_at)
Index("ix_outbox_person", _o.person, _o.template, _o.status)
Index("ix_outbox_envelope_from", _o.envelope_from)
Index("ix_cases_contact", _c.contact_address, _c.id)
Index("ix_cases_contact_register", _c.contact_address, _c.register, _c.id)
Index("ix_cases_status_due", _c.status, _c.due_at)
Index("ix_cases_assigned", _c.assignee, _c.opened_at)
Index("ix_cases_opened", _c.opened_at, _c.id)
