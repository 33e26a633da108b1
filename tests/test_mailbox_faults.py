"""What a server does wrong costs no letter: it is told, or the letter stays where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mailcase.mail.mailbox import Mailbox, MailboxDown
from tests.fake_imap import FakeImap, Handler, Session
from tests.letters import MONDAY, raw
from tests.mailboxes import mailbox

ALL = "IMAP4rev1 IDLE UIDPLUS MOVE"


@contextmanager
def opened(capability: str = ALL, **handlers: Handler) -> Iterator[tuple[Mailbox, FakeImap]]:
    """INBOX of a fake, opened for changes."""
    with FakeImap(dict(handlers), capability) as fake, mailbox(fake.port) as box:
        box.select("INBOX", readonly=False)
        yield box, fake


def saying(text: str, answer: str = "OK done") -> Handler:
    """Says untagged lines, then the tagged answer."""

    def handler(session: Session, _: str) -> str:
        session.say(text.encode())
        return answer

    return handler


def refusing(why: str) -> Handler:
    return lambda _session, _rest: f"NO {why}"


@pytest.mark.req("C83")
def test_a_hundred_goodbyes_are_a_hundred_reconnects_and_no_letter_less_or_twice():
    def search(session: Session, _: str) -> str | None:
        if session.server.sessions <= 100:
            session.say(b"* BYE logged out for inactivity\r\n")
            session.hang_up()
        session.say(b"* SEARCH 1 2 3\r\n")
        return "OK done"

    with FakeImap({"SEARCH": search}) as fake, mailbox(fake.port) as box:
        for _ in range(100):
            box.connect()
            box.select("INBOX")
            with pytest.raises(MailboxDown, match="logged out for inactivity"):
                box.uids(1, 100)
            assert not box.connected
        box.connect()
        box.select("INBOX")
        assert box.uids(1, 100) == [1, 2, 3]


class Crowd:
    """A folder with more letters than a line can name; after each answer its first letter is expunged."""

    def __init__(self, uids: list[int]) -> None:
        self.uids, self.longest = uids, 0

    def select(self, session: Session, _: str) -> str:
        told = f"* {len(self.uids)} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT {self.uids[-1] + 1}] ok\r\n"
        session.say(told.encode())
        return "OK done"

    def search(self, session: Session, rest: str) -> str:
        places, low = re.fullmatch(r"(?:(\S+) )?UID (\d+):\*", rest).groups()  # type: ignore[union-attr]
        first, _, last = (places or "1:*").partition(":")
        part = self.uids[int(first) - 1 : None if last == "*" else int(last)]
        told = b"* SEARCH " + " ".join(str(uid) for uid in part if uid >= int(low)).encode() + b"\r\n"
        self.longest = max(self.longest, len(told))
        session.say(told + b"* 1 EXPUNGE\r\n")
        del self.uids[0]
        return "OK done"


@pytest.mark.parametrize("step", [1, 5000, 21_000])
def test_two_hundred_thousand_letters_are_listed_although_a_line_of_them_all_is_too_long(step: int):
    """Whatever the gaps between their UIDs; and none that stays is left out while others are expunged."""
    uids = [*range(1_000, 1_000 + 180_000 * step, step), *range(4_000_000_000, 4_000_020_000)]
    crowd = Crowd([*uids])
    with opened(SEARCH=crowd.search, EXAMINE=crowd.select, SELECT=crowd.select) as (box, fake):
        found = box.uids(1, uids[-1] + 1)
        assert (found[-199_990:], len(fake.commands("UID SEARCH"))) == (uids[-199_990:], 4)
        assert crowd.longest < 1_000_000
        assert box.uids(uids[-1] - 9, uids[-1] + 1) == uids[-10:]
        assert len(fake.commands("UID SEARCH")) == 5


def test_a_folder_with_few_letters_is_listed_by_one_question_however_high_their_uids():
    search = saying("* SEARCH 4000000000\r\n")
    with opened(SEARCH=search) as (box, fake):
        assert box.uids(1, 4_000_000_001) == [4_000_000_000]
        assert fake.commands("UID SEARCH") == ["UID SEARCH UID 1:*"]


def test_the_last_letter_that_a_server_names_below_the_mark_is_not_new():
    with opened(SEARCH=saying("* SEARCH 3\r\n")) as (box, _):
        assert box.uids(4, 100) == []


@pytest.mark.req("C89")
def test_letters_are_never_chosen_by_flag_or_date():
    with opened() as (box, fake):
        box.uids(1, 100)
        assert not re.search(r"SEEN|RECENT|NEW|SINCE|SENT", " ".join(fake.commands("UID SEARCH")), re.IGNORECASE)


@pytest.mark.req("C81")
def test_letters_are_asked_for_by_peeking_alone():
    with opened(FETCH=saying("* 1 FETCH (UID 1 RFC822.SIZE 3 BODY[HEADER] {4}\r\nA: b)\r\n")) as (box, fake):
        box.glance([1])
        box.fetch([1])
        box.fetch_top(1)
        asked = fake.commands("UID FETCH")
        assert len(asked) == 4
        assert not re.search(r"BODY\[|RFC822(?!\.SIZE)", " ".join(asked))


def test_a_letter_that_the_server_cannot_read_costs_the_others_nothing():
    def fetch(session: Session, rest: str) -> str:
        uids = [int(u) for u in rest.split()[0].split(",")]
        if 2 in uids:
            return "NO [SERVERBUG] Internal error"
        for uid in uids:
            session.say(f"* {uid} FETCH (UID {uid} BODY[] {{3}}\r\nabc)\r\n".encode())
        return "OK done"

    with opened(FETCH=fetch) as (box, _):
        assert box.fetch([1, 2, 3]) == {1: b"abc", 3: b"abc"}


def test_an_answer_about_another_letter_is_not_taken_for_the_one_asked_for():
    # Without a UID the library takes the sequence number for one.
    with opened(FETCH=saying("* 5 FETCH (FLAGS (\\Seen))\r\n")) as (box, _):
        assert box.fetch([5]) == {}
        assert box.glance([5]) == {}


def test_a_large_letter_with_a_broken_structure_still_shows_who_wrote():
    def fetch(session: Session, rest: str) -> str:
        told = "BODYSTRUCTURE (((" if "STRUCTURE" in rest else "RFC822.SIZE 9 BODY[HEADER] {9}\r\nFrom: a@b"
        session.say(f"* 1 FETCH (UID 1 {told})\r\n".encode())
        return "OK done"

    with opened(FETCH=fetch) as (box, _):
        assert box.fetch_top(1).startswith(b"From: a@b\r\n")


@pytest.mark.parametrize("missing", ["UIDVALIDITY", "UIDNEXT"])
def test_a_folder_without_lasting_uids_is_not_read(missing):
    lines = [f"* OK [{name} 7] ok\r\n" for name in ("UIDVALIDITY", "UIDNEXT") if name != missing]
    status = saying('* STATUS "INBOX" ()\r\n')
    with FakeImap({"EXAMINE": saying("".join(lines)), "STATUS": status}) as fake, mailbox(fake.port) as box:  # noqa: SIM117
        with pytest.raises(MailboxDown, match="UIDVALIDITY or UIDNEXT"):
            box.select("INBOX")


@pytest.mark.req("C84", "C85")
@pytest.mark.parametrize(
    ("capability", "handlers"),
    [
        pytest.param(ALL, {"MOVE": refusing("[OVERQUOTA] full")}, id="MOVE is refused"),
        pytest.param(ALL, {}, id="MOVE says OK and moves nothing"),
        pytest.param("IMAP4rev1 UIDPLUS", {"COPY": refusing("[OVERQUOTA] full")}, id="COPY is refused"),
        pytest.param("IMAP4rev1 UIDPLUS", {"COPY": lambda *_: "OK [COPYUID 7 9 1] done"}, id="COPY took another"),
        pytest.param("IMAP4rev1", {}, id="neither MOVE nor UIDPLUS"),
    ],
)
def test_a_letter_that_did_not_move_stays_marked_and_is_never_expunged(capability, handlers):
    with opened(capability, SEARCH=saying("* SEARCH 1 2\r\n"), **handlers) as (box, fake):
        assert not box.move([1, 2], "Done")
        assert fake.commands("UID STORE") == ["UID STORE 1,2 +FLAGS.SILENT ($Mailcase)"]
        assert not [line for line in fake.heard if "EXPUNGE" in line or "CLOSE" in line]


@pytest.mark.req("C84", "C85")
def test_without_move_only_what_was_copied_is_expunged_and_only_by_its_uid():
    copy: Handler = lambda *_: "OK [COPYUID 7 1:2,4 11:13] done"  # noqa: E731
    searches = iter(("1 2 3", "3"))
    search: Handler = lambda session, _: session.say(f"* SEARCH {next(searches)}\r\n".encode()) or "OK done"  # noqa: E731
    with opened("IMAP4rev1 UIDPLUS", SEARCH=search, COPY=copy) as (box, fake):
        assert not box.move([1, 2, 3], "Done")
        assert fake.commands("UID STORE")[0] == "UID STORE 1,2 +FLAGS.SILENT (\\Deleted)"
        assert [line.partition(" ")[2] for line in fake.heard if "EXPUNGE" in line] == ["UID EXPUNGE 1,2"]


def test_a_server_that_keeps_no_keywords_is_not_asked_to():
    select = saying(
        "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\n* OK [PERMANENTFLAGS (\\Seen)] ok\r\n"
    )
    with opened(SELECT=select) as (box, fake):
        box.mark([1])
        assert not fake.commands("UID STORE")


@pytest.mark.req("C87")
def test_a_large_copy_waits_for_leave_before_its_octets():
    taken: list[bytes] = []

    def append(session: Session, rest: str) -> str:
        size = re.fullmatch(r'"Sent" \(\\Seen\) "[^"]+" \{(\d+)\}', rest)
        if not size:
            return "BAD only literals that wait, up to 4096 octets otherwise"
        assert session.buffer == b""
        session.say(b"+ go ahead\r\n")
        taken.append(session.hear_octets(int(size[1])))
        session.hear()
        return "OK [APPENDUID 7 1] done"

    letter = raw(attachments=[("a.pdf", bytes(1_500_000))])
    with opened("IMAP4rev1 LITERAL-", APPEND=append) as (box, _):
        box.append("Sent", letter, MONDAY)
    assert taken == [letter]


def test_the_sent_folder_without_a_special_use_is_known_by_its_name():
    folders = '* LIST () "." "INBOX"\r\n* LIST () "." "INBOX.&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"\r\n'
    with opened(LIST=saying(folders)) as (box, _):
        assert box.sent_folder() == "INBOX.Отправленные"
    with opened(LIST=saying('* LIST () "." "INBOX"\r\n* LIST (\\Noselect) "." "Sent"\r\n')) as (box, _):
        assert box.sent_folder() == ""
        assert box.folders() == ["INBOX"]


def test_a_configured_sent_folder_is_taken_as_it_stands():
    with FakeImap() as fake, mailbox(fake.port, sent_folder="") as box:
        assert box.sent_folder() == ""


def test_an_answer_that_makes_no_sense_is_down_and_not_a_crash():
    with opened(SEARCH=saying("* SEARCH one two\r\n")) as (box, _):
        with pytest.raises(MailboxDown, match="listing letters"):
            box.uids(1, 100)
        assert not box.connected


def test_a_closed_mailbox_says_so_and_closing_twice_is_harmless():
    with FakeImap() as fake, mailbox(fake.port) as box:
        box.close()
        box.close()
        with pytest.raises(MailboxDown, match="not connected"):
            box.uids(1, 2)


def test_closing_never_waits_for_a_silent_server():
    with FakeImap({"LOGOUT": lambda session, _: session.hear() and None}) as fake, mailbox(fake.port) as box:
        box.close()
        assert not box.connected
