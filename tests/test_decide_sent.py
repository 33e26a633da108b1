"""What lies in the Sent folder, and what the archive brings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailcase.rules.decision import Command, Drop, FollowUp, Held
from mailcase.rules.facts import ThreadHit
from mailcase.words import DropReason, FolderRole
from tests.letters import LAB, MONDAY, facts
from tests.test_decide import STAFF, becomes, decided, opened
from tests.test_staff import SUBJECT, known
from tests.test_thread import CLIENT, ID, case, hit


@pytest.mark.parametrize("sender", [LAB, STAFF])
def test_an_answer_in_the_sent_folder_is_recorded(sender: str):
    given = facts(role=FolderRole.SENT, cases=(case(),), thread=(ThreadHit(ID, 1, None, "", None),))
    login = "petrova" if sender == STAFF else ""
    assert becomes(given, sender=sender, to=CLIENT, in_reply_to=(ID,)) == FollowUp(1, sent_by=login)
    inner = becomes(given, sender=sender, to="sidorov@cleanmet.ru", in_reply_to=(ID,))
    assert inner == Drop(DropReason.SENT, 1)


def test_an_automatic_letter_in_the_sent_folder_is_no_answer():
    given = facts(role=FolderRole.SENT, cases=(case(),), thread=(ThreadHit(ID, 1, None, "", None),))
    robot = {"sender": LAB, "to": CLIENT, "in_reply_to": (ID,), "headers": {"Auto-Submitted": "auto-replied"}}
    assert becomes(given, **robot) == Drop(DropReason.AUTO_REPLY, 1)


def test_an_answer_from_the_laboratorys_own_webmail_is_recorded_by_its_copy():
    given = facts(cases=(case(),), thread=(hit(),))
    assert becomes(given, sender=LAB, to=CLIENT, cc=LAB, in_reply_to=(ID,)) == FollowUp(1, sent_by="")
    box = [{"name": "lab", "host": "127.0.0.1", "user": LAB, "tls": "none", "password": "x", "authserv_id": "mx.lab"}]
    forged = {"Authentication-Results": "mx.lab; dmarc=fail header.from=cleanmet.ru"}
    fields = {"sender": LAB, "to": CLIENT, "cc": LAB, "in_reply_to": (ID,), "headers": forged}
    assert not isinstance(decided(given, {"mailbox": box}, **fields).decision, FollowUp)


def test_the_archive_orders_nothing_and_answers_nobody():
    old = known(history=True, received_at=MONDAY - timedelta(days=900))
    decision = becomes(old, sender=STAFF, subject=SUBJECT, text="!закрыть", in_reply_to=("<notice@cleanmet.ru>",))
    assert not isinstance(decision, Command | Held)
    assert not opened(facts(history=True)).acknowledge
