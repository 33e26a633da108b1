"""Reads delivery reports: whose mail did not arrive, for good or only not yet, and which letter of ours it was.

Pure. The machine-readable report (RFC 3464, and RFC 6533 for Russian addresses) goes before X-Failed-Recipients and
those before plain words. Reports of success, complaints (ARF) and read receipts are no bounces (C30, C36).
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from mailcase.mail import charset, headers, message, report_json, report_text
from mailcase.mail.content import content_of, from_base64
from mailcase.mail.headers import Address

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "message/rfc822-headers",
)
_RETURNED_ID = re.compile(r"(?im)^[ \t>]*message-id[ \t]*:\s*(<[^<>\s]{1,900}>)")
_FIELDS = re.compile(r"(?im)^(?:final|original)-recipient[ \t]*:|^action[ \t]*:[ \t]*(?:failed|delayed)")
_UNITEXT = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
# RFC 3464 section 2.3.3; what is not listed is judged by the status.
_ACTIONS = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "delivered": "ok",
    "relayed": "ok",
    "expanded": "ok",
}


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a delivery report says (RFC 3464 and the old forms).

    `permanent` is True for given up, False for still being tried, None where the report does not tell.
    """

    recipients: tuple[str, ...]
    permanent: bool | None
    original_message_id: str
    code: str


@dataclass(frozen=True, slots=True)
class _Row:
    """One recipient of a machine-readable report: `outcome` is failed, delayed or ok."""

    recipient: str
    outcome: str
    status: str


def find(root: Message, text: str, subject: str, sender: Address, null_path: bool) -> BounceReport | None:
    """The report that this letter is, or None for any other letter. `null_path`: it came from `<>`."""
    kind = report_type(root)
    if kind in ("feedback-report", "disposition-notification"):
        return None
    notified = report_json.bounce(text)
    if notified:
        people, permanent, original, code = notified
        return BounceReport(tuple(map(headers.normal_address, people)), permanent, original, code)
    machine = report_text.is_daemon(sender, null_path) or report_text.is_robot(sender)
    rows = list(_rows(root)) or (_rows_of_text(text) if machine and _FIELDS.search(text) else [])
    bad = [r for r in rows if r.outcome == "failed"] or [r for r in rows if r.outcome == "delayed"]
    if rows and not bad:
        return None
    if bad:
        return _of_rows(bad, root, text)
    return _of_words(root, text, subject, sender, null_path)


def _of_words(root: Message, text: str, subject: str, sender: Address, null_path: bool) -> BounceReport | None:
    named, typed = _failed_header(root), root.get_content_type() == "multipart/report"
    server = report_text.is_daemon(sender, null_path) or report_type(root) == "delivery-status"
    # Web forms send complaints from `<>` as well, so the null path alone makes no server of the sender.
    robot = null_path or report_text.is_robot(sender)
    not_these = frozenset({sender.addr.lower(), *(a.lower() for a in _own(root))})
    people = named or (report_text.recipients(text, not_these) if server or robot else ())
    proof = null_path or typed or bool(people)
    if not named and not report_text.is_report(text, subject, server, robot, proof):
        return None
    people = people or report_text.recipients(text, not_these)
    code, original = report_text.code(text), _original_id(root, text)
    if not (people or code or original or null_path or typed):
        # Nobody could do anything with such a report; if it is a client's letter, a case is opened for it.
        return None
    return BounceReport(people, report_text.permanence(text, subject), original, code)


def report_type(root: Message) -> str:
    """The `report-type` parameter of a multipart/report, lower-case, else empty."""
    if root.get_content_type() != "multipart/report":
        return ""
    return charset.clean(str(root.get_param("report-type", "") or "")).strip().lower()


def _of_rows(bad: list[_Row], root: Message, text: str) -> BounceReport:
    people = tuple(dict.fromkeys(r.recipient for r in bad if r.recipient)) or _failed_header(root)
    if not people:
        people = report_text.recipients(text, frozenset(a.lower() for a in _own(root)))
    status = next((r.status for r in bad if r.status), "") or report_text.code(text)
    return BounceReport(people, bad[0].outcome == "failed", _original_id(root, text), status)


def _rows(root: Message) -> Iterator[_Row]:
    for part in message.parts(root):
        if not part.inside and part.message.get_content_type() in _STATUS_TYPES:
            for block in _blocks(part.message):
                row = _row(block)
                if row:
                    yield row


def _blocks(part: Message) -> list[Message]:
    """The field groups of a report; the parser knows only the type of RFC 3464, and no encoded ones."""
    payload = part.get_payload()
    coded = str(part.get("content-transfer-encoding", "")).strip().lower()
    known = part.get_content_type() == "message/delivery-status"
    if isinstance(payload, list) and known and coded not in ("base64", "quoted-printable"):
        return [b for b in payload if isinstance(b, Message)]
    if isinstance(payload, list) and coded in ("base64", "quoted-printable"):
        text = "\n".join(str(b) if b.keys() else str(b.get_payload()) for b in payload if isinstance(b, Message))
        data = _decode(text, coded)
    else:
        data = content_of(part)
    # Addresses of RFC 6533 are UTF-8, which the parser of text takes as it is.
    return _groups(charset.decode(data, "utf-8").text)


def _decode(text: str, coded: str) -> bytes:
    if coded == "base64":
        return from_base64(text.encode("ascii", "replace"))
    return re.sub(r"=\r?\n", "", text).encode("utf-8", "surrogateescape")


def _groups(text: str) -> list[Message]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return [email.message_from_string(block) for block in re.split(r"\n\s*\n", plain)[:200] if ":" in block]


def _rows_of_text(text: str) -> list[_Row]:
    """A report whose MIME structure was lost stands in the text."""
    found = _FIELDS.search(text)
    start = max(0, text.rfind("\n\n", 0, found.start())) if found else 0
    return [row for block in _groups(text[start : start + 20_000].strip()) if (row := _row(block))]


def _row(block: Message) -> _Row | None:
    action = str(block.get("action", "")).strip().lower()
    status_field = str(block.get("status", ""))
    found = re.search(r"[245]\.\d{1,3}\.\d{1,3}", status_field) or re.search(
        r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])", str(block.get("diagnostic-code", ""))
    )
    status = found[0] if found else ""
    recipient = (
        _address(block, "original-recipient")
        or _address(block, "final-recipient")
        or _address(block, "x-actual-recipient")
    )
    if not action and not recipient:
        return None
    word = re.match(r"[a-z]*", action)
    outcome = _ACTIONS.get(word[0] if word else "")
    if outcome is None:
        outcome = {"5": "failed", "4": "delayed", "2": "ok"}.get(status[:1], "failed")
    return _Row(recipient, outcome, status)


def _address(block: Message, field: str) -> str:
    """The address of `rfc822; a@b` or `utf-8; иван@пример.рф` (RFC 6533 section 3), xtext resolved."""
    text = headers.decode(message.raw_value(block, field)).text
    text = text.partition(";")[2] if ";" in text else text
    text = _UNITEXT.sub(lambda m: chr(int(m[1], 16)) if int(m[1], 16) < 0x110000 else "", text)
    found = re.search(r"[^\s<>\"';]+@[^\s<>\"';]+", text)
    return headers.normal_address(found[0].rstrip(".,")) if found else ""


def _failed_header(root: Message) -> tuple[str, ...]:
    values = [headers.decode(v).text for v in message.raw_values(root, "x-failed-recipients")]
    found = re.findall(r"[^\s<>,;\"']+@[^\s<>,;\"']+", " ".join(values)[:20_000])
    return tuple(dict.fromkeys(map(headers.normal_address, found)))


def _own(root: Message) -> Iterator[str]:
    """Addresses to which the report itself was sent: they did not fail."""
    for name in ("to", "cc", "delivered-to", "x-original-to", "from", "reply-to"):
        for value in message.raw_values(root, name):
            text = headers.decode(value[:5000]).text
            yield from (headers.normal_address(a) for a in re.findall(r"[^\s<>,;\"']+@[^\s<>,;\"']+", text))


def _original_id(root: Message, text: str) -> str:
    """The Message-ID of the letter that came back (C31): from the returned part, else from the words."""
    for part in message.parts(root):
        if part.message.get_content_type() not in _RETURNED_TYPES:
            continue
        payload = part.message.get_payload()
        if isinstance(payload, list) and payload and isinstance(payload[0], Message):
            found = headers.own_id(str(payload[0].get("message-id", "")))
            if found:
                return found
        match = _RETURNED_ID.search(charset.decode(content_of(part.message)[:100_000]).text)
        if match:
            return match[1]
    match = _RETURNED_ID.search(text)
    if match:
        return match[1]
    # Some gateways name the lost letter as the one they answer.
    named = headers.ids(str(root.get("references", ""))) or headers.ids(str(root.get("in-reply-to", "")))
    return named[-1] if named else ""
