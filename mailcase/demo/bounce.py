"""The report that a mail server writes when it cannot deliver a letter (RFC 3464), as ours in the demo does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, make_msgid


def bounce(host: str, sender: str, lost: Iterable[str], raw: bytes) -> bytes:
    """The report to `sender` that his letter `raw` reached none of the addresses `lost`; CRLF line ends."""
    recipients = tuple(lost)
    report: Message = Message(policy=SMTP)
    report["From"] = f"Mail Delivery System <MAILER-DAEMON@{host}>"
    report["To"] = sender
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(datetime.now(UTC))
    report["Message-ID"] = make_msgid(domain=host)
    report["Auto-Submitted"] = "auto-replied"
    report["MIME-Version"] = "1.0"
    report["Content-Type"] = 'multipart/report; report-type="delivery-status"'
    for part in (_words(host, recipients), _status(host, recipients), _headers(raw)):
        report.attach(part)
    return report.as_bytes()


def _words(host: str, recipients: tuple[str, ...]) -> Message:
    part = EmailMessage(policy=SMTP)
    lines = [f"<{address}>: host {host} said: 550 5.1.1 User unknown" for address in recipients]
    part.set_content(
        f"This is the mail system at host {host}.\n\nYour message could not be delivered to:\n\n" + "\n".join(lines)
    )
    return part


def _status(host: str, recipients: tuple[str, ...]) -> Message:
    """The part that machines read: a block about the server, then one a recipient (RFC 3464 2.1)."""
    part = Message(policy=SMTP)
    part["Content-Type"] = "message/delivery-status"
    blocks = [{"Reporting-MTA": f"dns; {host}"}]
    for address in recipients:
        blocks.append(
            {
                "Final-Recipient": f"rfc822; {address}",
                "Action": "failed",
                "Status": "5.1.1",
                "Diagnostic-Code": "smtp; 550 5.1.1 User unknown",
            }
        )
    for fields in blocks:
        block = Message(policy=SMTP)
        for name, value in fields.items():
            block[name] = value
        part.attach(block)
    return part


def _headers(raw: bytes) -> Message:
    """The header of the letter that came back: its Message-ID tells which one it was."""
    part = Message(policy=SMTP)
    part["Content-Type"] = "text/rfc822-headers"
    top = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    part.set_payload(top.decode("ascii", "replace") + "\n")
    return part
