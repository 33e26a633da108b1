"""The report of a mail server that a letter of ours could not be delivered (RFC 3464), always the same bytes."""

from __future__ import annotations

_REPORT = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 12:30:00 +0300
Message-ID: {message_id}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: text/plain; charset=us-ascii

<{address}>: host mx.example.org said: 550 5.1.1 User unknown

--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--r
Content-Type: text/rfc822-headers

{headers}

--r--
"""


def not_delivered(raw: bytes, address: str, *, message_id: str, to: str = "lab@cleanmet.ru") -> bytes:
    """The report to `to` that the letter `raw` did not reach `address`; CRLF line ends."""
    top = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("ascii", "replace")
    text = _REPORT.format(to=to, message_id=message_id, address=address, headers=top)
    return text.replace("\n", "\r\n").encode("ascii", "replace")
