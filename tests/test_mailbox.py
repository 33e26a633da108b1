"""The mailbox is read without a trace, tidied without a loss, and says clearly when it is down; on a real Dovecot."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from mailcase.mail.letter import parse
from mailcase.mail.mailbox import FolderState, MailboxDown
from tests.letters import MONDAY, raw
from tests.mailboxes import deliver, flags_of, mailbox, other_program, uids_of
from tests.servers.dovecot import BARE, NO_MOVE, SENT

pytestmark = pytest.mark.live


@pytest.fixture
def box(dovecot, account):
    """A connected mailbox of this test alone."""
    with mailbox(dovecot.imap_port, user=account) as box:
        yield box


def test_a_new_letter_is_listed_glanced_at_and_fetched_byte_by_byte(dovecot, account, box):
    deliver(dovecot, account, 1, 2)
    state = box.select("INBOX")
    assert state == FolderState("INBOX", state.uidvalidity, 3, 2)
    assert box.uids(1, state.uidnext) == [1, 2]
    glances, raws = box.glance([1, 2]), box.fetch([1, 2])
    assert glances[2].message_id == "<2@romashka.example.ru>"
    assert {uid: len(letter) for uid, letter in raws.items()} == {uid: g.size for uid, g in glances.items()}
    assert abs(glances[1].internal_date - datetime.now(UTC)) < timedelta(minutes=5)
    assert b"\r\nDelivered-To: " + account.encode() in raws[1]
    assert raws[1].endswith(raw(message_id="<1@romashka.example.ru>", return_path="x").partition(b"\r\n\r\n")[2])


def test_no_letter_is_written_out_for_a_log(dovecot, account, box, caplog):
    deliver(dovecot, account, 1)
    box.select("INBOX")
    with caplog.at_level("DEBUG", "imapclient.imaplib"):
        assert box.fetch([1])
    assert not [record for record in caplog.records if "romashka" in record.getMessage()]


@pytest.mark.req("C81")
def test_reading_a_letter_leaves_it_unread(dovecot, account, box):
    deliver(dovecot, account, 1)
    box.select("INBOX", readonly=False)
    box.glance([1])
    box.fetch([1])
    box.fetch_top(1)
    with other_program(dovecot, account) as phone:
        assert "\\Seen" not in flags_of(phone, 1)


@pytest.mark.req("C89")
def test_a_letter_read_on_the_phone_first_is_still_listed(dovecot, account, box):
    deliver(dovecot, account, 1, 2)
    with other_program(dovecot, account) as phone:
        phone.uid("STORE", "1", "+FLAGS", "(\\Seen \\Answered \\Flagged)")
        assert "\\Seen" in flags_of(phone, 1)
    assert uids_of(box) == [1, 2]


@pytest.mark.req("C89")
def test_a_letter_deleted_by_a_colleague_meanwhile_is_absent_and_harms_no_other(dovecot, account, box):
    deliver(dovecot, account, 1, 2)
    assert uids_of(box) == [1, 2]
    with other_program(dovecot, account) as phone:
        phone.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
        phone.expunge()
    assert box.present([1, 2, 3]) == [2]
    assert list(box.fetch([1, 2])) == [2]
    with pytest.raises(MailboxDown, match="UID 1 is listed but not delivered"):
        box.fetch_top(1)


def test_only_uids_from_the_low_water_mark_on_are_listed(dovecot, account, box):
    deliver(dovecot, account, 1, 2, 3)
    state = box.select("INBOX")
    assert box.uids(3, state.uidnext) == [3]
    assert box.uids(4, state.uidnext) == []


def test_a_letter_that_came_after_the_folder_was_opened_is_news_at_once(dovecot, account, box):
    state = box.select("INBOX")
    deliver(dovecot, account, 1)
    listed = box.uids(1, state.uidnext)
    assert listed == [1] or box.idle(timedelta(seconds=20), threading.Event())
    assert box.uids(1, state.uidnext) == [1]


@pytest.mark.req("C88")
def test_the_sent_folder_is_the_one_with_the_special_use_and_a_russian_name(dovecot, account, box):
    with other_program(dovecot, account) as phone:
        phone.create("Sent")
    assert "Sent" in box.folders()
    assert box.sent_folder() == SENT


@pytest.mark.req("C88")
def test_a_sent_copy_is_filed_once_as_read_with_its_message_id_and_date(dovecot, account, box):
    letter, folder = raw(message_id="<answer@cleanmet.ru>"), box.sent_folder()
    assert not box.has_message(folder, "<answer@cleanmet.ru>")
    box.append(folder, letter, MONDAY - timedelta(days=30))
    assert box.has_message(folder, "<answer@cleanmet.ru>")
    assert uids_of(box, folder) == [1]
    assert box.fetch([1]) == {1: letter}
    assert box.glance([1])[1].internal_date == MONDAY - timedelta(days=30)
    with other_program(dovecot, account) as phone:
        phone.select("&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", readonly=True)
        assert "\\Seen" in flags_of(phone, 1)


def test_a_missing_folder_is_made_for_a_copy_and_holds_no_message_before(box):
    assert not box.has_message("Архив писем", "<1@cleanmet.ru>")
    box.append("Архив писем", raw(), MONDAY)
    assert "Архив писем" in box.folders()


@pytest.mark.req("C87")
def test_a_copy_of_two_megabytes_is_filed_whole(dovecot, account):
    letter = raw(attachments=[("Протокол.pdf", bytes(1_500_000))])
    assert len(letter) > 2_000_000
    for host in (dovecot.host, NO_MOVE):
        with mailbox(dovecot.imap_port, user=account, host=host) as box:
            assert ("LITERAL-" in box.capabilities) == (host == NO_MOVE)
            box.append(box.sent_folder(), letter, MONDAY)
            uid = uids_of(box, SENT)[-1]
            assert box.fetch([uid]) == {uid: letter}


def test_a_letter_is_marked_with_a_keyword_and_stays_unread(dovecot, account, box):
    deliver(dovecot, account, 1, 2)
    box.select("INBOX", readonly=False)
    box.mark([2])
    with other_program(dovecot, account) as phone:
        assert "$Mailcase" not in flags_of(phone, 1)
        assert "$Mailcase" in flags_of(phone, 2)
        assert "\\Seen" not in flags_of(phone, 2)


@pytest.mark.parametrize("host", ["127.0.0.1", NO_MOVE])
@pytest.mark.req("C84")
def test_a_handled_letter_is_moved_and_what_a_colleague_marked_deleted_is_not_expunged(dovecot, account, host):
    deliver(dovecot, account, 1, 2, 3)
    with other_program(dovecot, account) as phone:
        phone.uid("STORE", "3", "+FLAGS", "(\\Deleted)")
    with mailbox(dovecot.imap_port, user=account, host=host) as box:
        assert ("MOVE" in box.capabilities) == (host != NO_MOVE)
        box.select("INBOX", readonly=False)
        assert box.move([1], "Обработано")
        assert uids_of(box) == [2, 3]
        assert uids_of(box, "Обработано") == [1]
        assert box.glance([1])[1].message_id == "<1@romashka.example.ru>"


@pytest.mark.req("C84")
def test_without_move_and_uidplus_a_letter_stays_marked_in_place(dovecot, account):
    deliver(dovecot, account, 1, 2)
    with mailbox(dovecot.imap_port, user=account, host=BARE) as box, other_program(dovecot, account) as phone:
        phone.uid("STORE", "2", "+FLAGS", "(\\Deleted)")
        box.select("INBOX", readonly=False)
        assert not box.move([1], "Обработано")
        assert uids_of(box) == [1, 2]
        assert "$Mailcase" in flags_of(phone, 1)
        assert "\\Deleted" not in flags_of(phone, 1)
        assert "Обработано" not in box.folders()


@pytest.mark.req("C85")
def test_a_letter_that_a_colleague_moved_first_counts_as_gone(dovecot, account, box):
    deliver(dovecot, account, 1, 2)
    box.select("INBOX", readonly=False)
    with other_program(dovecot, account) as phone:
        phone.create("Petrova")
        phone.uid("COPY", "1", "Petrova")
        phone.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
        phone.expunge()
    assert box.move([1, 2], "Обработано")
    assert uids_of(box) == []
    assert [g.message_id for g in box.glance(uids_of(box, "Обработано")).values()] == ["<2@romashka.example.ru>"]


def test_moving_into_the_open_folder_makes_no_copies(dovecot, account, box):
    deliver(dovecot, account, 1)
    box.select("INBOX", readonly=False)
    assert box.move([1], "INBOX")
    assert uids_of(box) == [1]


def test_the_top_of_a_large_letter_says_who_wrote_and_what_is_in_it(dovecot, account, box):
    files = [("Протокол №12.pdf", bytes(3_000_000)), ("Реквизиты.docx", bytes(2_000))]
    dovecot.deliver(account, raw(attachments=files, return_path="a@example.ru"))
    box.select("INBOX")
    letter = parse(box.fetch_top(1), truncated=True)
    assert letter.subject == "Калибровка манометров"
    assert letter.senders[0].addr == "a.kovaleva@romashka.example.ru"
    assert letter.attachments == ()
    assert "слишком велико (4,1 МБ)" in letter.text
    assert "2. Протокол №12.pdf, application/octet-stream, 3 МБ" in letter.text
    assert "3. Реквизиты.docx, application/octet-stream, 2 КБ" in letter.text


def test_a_folder_that_does_not_exist_is_named(account, box):
    with pytest.raises(MailboxDown, match=rf"lab \({account} at 127.0.0.1:\d+\): opening folder 'Спам'"):
        box.select("Спам")
    assert not box.connected
    box.connect()
    assert box.select("INBOX").name == "INBOX"
