"""How the letters of the load look on the wire: header by header, as real servers and mail programs write them."""

from __future__ import annotations

import random
import textwrap
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

_MAILERS = ("Microsoft Outlook 16.0", "The Bat! 10.4", "Thunderbird 128", "iPhone Mail (22A3354)", "Yamail")
_HTML = """<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">
<style>p.MsoNormal {{ margin: 0; font-size: 11pt; font-family: Calibri }}</style></head>
<body lang="RU"><div class="WordSection1">
{paragraphs}
</div></body></html>
"""


@dataclass(frozen=True)
class Written:
    """A letter's text, its transfer encoding, whether HTML stands beside it, its file; `mark` makes boundaries."""

    text: str
    encoding: str
    html: bool
    file: bytes
    mark: str


def letter(written: Written, key: dict[str, Any], to: str, date: str, *, automatic: bool) -> bytes:
    """A client's letter, or his robot's."""
    charset = key["charset"]
    headers = _trace(key, to, date, key["sender"])
    headers += [
        f"From: {Header(key['sender_name'], charset).encode()} <{key['sender']}>",
        f"To: {to}",
        f"Subject: {_subject(key)}",
        f"Date: {date}",
        f"Message-ID: {key['message_id']}",
        f"X-Mailer: {random.Random(key['message_id']).choice(_MAILERS)}",
    ]
    if key["parent"]:
        headers += [f"In-Reply-To: {key['parent']}", f"References: {key['parent']}"]
    if automatic:
        headers += ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"]
    return _join(headers, _body(written, key))


def bounce(key: dict[str, Any], to: str, date: str) -> bytes:
    """A delivery status report (RFC 3464) about a letter that is none of ours."""
    domain = key["sender"].partition("@")[2]
    headers = _trace(key, to, date, "")
    headers += [
        f"From: Mail Delivery System <{key['sender']}>",
        f"To: {to}",
        f"Subject: {key['subject']}",
        f"Date: {date}",
        f"Message-ID: {key['message_id']}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="report.{domain}"',
    ]
    parts = (
        "Content-Type: text/plain; charset=us-ascii\r\n\r\nYour message could not be delivered.\r\n",
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.{domain}\r\n\r\n"
        f"Final-Recipient: rfc822; nobody@{domain}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
        f"Content-Type: text/rfc822-headers\r\n\r\nFrom: {to}\r\nTo: nobody@{domain}\r\nSubject: hello\r\n"
        f"Message-ID: <elsewhere.{key['file']}@{domain}>\r\n",
    )
    body = "".join(f"--report.{domain}\r\n{part}\r\n" for part in parts) + f"--report.{domain}--\r\n"
    return ("\r\n".join(headers) + "\r\n\r\n" + body).encode()


def _trace(key: dict[str, Any], to: str, date: str, path: str) -> list[str]:
    """What servers put on top: the return path, three hops, a signature nobody checks."""
    domain = key["sender"].partition("@")[2]
    dice = random.Random(key["message_id"])
    hops = [
        f"Received: from mx{hop}.{domain} (mx{hop}.{domain} [192.0.2.{dice.randint(1, 254)}])\r\n"
        f"\tby relay{hop}.example.org (Postfix) with ESMTPS id {dice.getrandbits(40):010X}\r\n"
        f"\tfor <{to}>; {date}"
        for hop in range(3)
    ]
    signed = "\r\n\t".join(textwrap.wrap(f"{dice.getrandbits(1400):x}", 72))
    signature = f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail;\r\n\tb={signed}"
    return [f"Return-Path: <{path}>", f"Delivered-To: {to}", *hops, *([signature] if path else [])]


def _subject(key: dict[str, Any]) -> str:
    """A tag stands in the open, as our own letters write it; the client's words are encoded words."""
    open_part, bracket, words = key["subject"].rpartition("] ")
    return f"{open_part}{bracket}" + Header(words, key["charset"]).encode(linesep="\r\n")


def _body(written: Written, key: dict[str, Any]) -> bytes:
    """The MIME body with its own headers."""
    charset, encoding = key["charset"], written.encoding
    text = "\n\n".join(_wrapped(p) for p in written.text.split("\n\n")) + "\n"
    message = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    message.set_content(text, charset=charset, cte=encoding)
    if written.html:
        paragraphs = "\n".join(f'<p class="MsoNormal">{p}</p>' for p in written.text.split("\n\n"))
        page = _HTML.format(charset=charset, paragraphs=paragraphs.replace("\n> ", "<br>&gt; "))
        message.add_alternative(page, subtype="html", charset=charset, cte="base64")
    if written.file:
        name = key["attachment_name"]
        message.add_attachment(written.file, maintype="application", subtype="pdf", filename=name)
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"----=_part_{number}_{written.mark}")
    return message.as_bytes()


def _wrapped(paragraph: str) -> str:
    return paragraph if "\n" in paragraph else textwrap.fill(paragraph, 74)


def _join(headers: list[str], body: bytes) -> bytes:
    return ("\r\n".join(headers) + "\r\n").encode() + body
