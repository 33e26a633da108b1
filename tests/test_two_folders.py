"""The same bytes in two folders of the mailbox: what lies in the INBOX is never swallowed by its copy elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.stations.handle import handle
from mailcase.store import intake
from mailcase.store import tables as t
from mailcase.store.claims import settle
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole, LeaseLost
from tests.lab import Lab
from tests.letters import CLIENT, LAB, raw

FORM = raw(sender=f"Сайт <{LAB}>", headers={"Reply-To": CLIENT})


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def enter(lab: Lab, role: FolderRole, *, late: bool = False, letter: bytes = FORM) -> int:
    """Fetched, and nobody has judged it yet."""
    arrival = Arrival(lab.app.raw.put(letter), len(letter), f"lab/{role}/1/1", role, lab.now, lab.now, late=late)
    with lab.app.db.tx() as tx:
        return intake.enter(tx, arrival)[0]


def test_a_web_form_that_writes_with_our_account_opens_a_case_though_its_copy_in_sent_was_read_first(lab: Lab) -> None:
    """Byte by byte the same: judged as ours first, and then as what came in."""
    lab.arrive(FORM, role=FolderRole.SENT)
    assert lab.cases() == []
    assert lab.arrive(FORM) == 1
    assert len(lab.cases()) == 1
    lab.arrive(FORM)
    assert len(lab.cases()) == 1


def test_both_copies_read_before_either_is_judged_make_one_case(lab: Lab) -> None:
    enter(lab, FolderRole.SENT)
    enter(lab, FolderRole.INBOX)
    lab.work()
    assert len(lab.cases()) == 1


def test_whoever_judges_the_copy_in_sent_at_that_moment_loses_his_claim(lab: Lab) -> None:
    mail_id = enter(lab, FolderRole.SENT)
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.mail).values(claim_no=1, deaths=1, leased_until=lab.now))
    claimed = lab.mail(mail_id)
    enter(lab, FolderRole.INBOX)
    with pytest.raises(LeaseLost), lab.app.db.tx() as tx:
        settle(tx, t.mail, claimed, status="done", outcome="drop", drop_reason="sent")
    assert handle(lab.app)
    assert len(lab.cases()) == 1


def test_our_own_answer_in_sent_is_not_judged_again_when_the_inbox_holds_it_too(lab: Lab) -> None:
    """Only what was dropped for lying in Sent is judged anew."""
    lab.arrive(FORM)
    lab.arrive(FORM, role=FolderRole.SENT)
    assert [lab.mail(1).role, lab.mail(1).outcome] == ["inbox", "new_case"]


def test_spam_stays_spam_when_the_inbox_is_renumbered(lab: Lab) -> None:
    """Nobody moved anything; and what somebody did move out of the spam folder is still judged anew."""
    spam = raw(headers={"X-Spam-Flag": "YES"}, message_id="<spam@x.example.ru>")
    lab.arrive(spam)
    assert lab.mail(1).drop_reason == "spam"
    enter(lab, FolderRole.INBOX, late=True, letter=spam)
    assert lab.mail(1).status == "done"
    enter(lab, FolderRole.INBOX, letter=spam)
    assert lab.mail(1).status == "new"
