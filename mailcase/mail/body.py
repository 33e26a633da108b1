"""Finds the words and the files of a letter among its parts.

Never raises. A letter may say the same twice, as text and as HTML: the text is taken unless it is only a stub that
points to the HTML. Everything that is not the words is an attachment, found again by its place in the tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from hashlib import md5

from mailcase.mail import bounded, charset, headers, html_text, invitation, message, pgp
from mailcase.mail.attachments import danger, locked
from mailcase.mail.content import content_of
from mailcase.mail.filename import name_of, safe_name
from mailcase.mail.message import Part

# What a person writes fits many times into this; the rest of a giant text part stays in the raw letter.
MAX_TEXT = 2_000_000

_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_TAGS = re.compile(r"<(?:html|body|div|p|br|table|span|font)\b[^>]*>", re.IGNORECASE)
_WORDS = re.compile(r"\w{2,}")
_STUB = re.compile(
    r"(?:поддержива|показыва|отобра[жз]|просмотр|формат|support|view|display|show|format).{0,60}html"
    r"|html.{0,60}(?:поддержива|показыва|отобра[жз]|support|view|display)|multi-?part message in mime",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?\n]+")
_RICH_TAG = re.compile(r"<(?!<)[^<>]{0,200}>")
_IDLE = frozenset({"text/x-amp-html", "text/watch-html", "text/rfc822-headers", "message/delivery-status"})
_REPORTS = ("message/global-delivery-status", "message/disposition-notification", "message/feedback-report")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One part that is not the readable text.

    `index` is its place in `Message.walk()` of the raw letter, by which `attachment_bytes` finds it again;
    `name` is the sender's, `safe_name` has no path in it; `size` counts decoded bytes.
    """

    index: int
    name: str
    safe_name: str
    type: str
    size: int
    md5: str
    inline: bool = False
    content_id: str = ""
    danger: str = ""
    """Why it is not passed on to people, in Russian; empty where nothing is known against it."""


@dataclass(frozen=True, slots=True)
class Body:
    """The words (text always, HTML where the letter has some), the files, and how sure the decoding is."""

    text: str
    html: str
    attachments: tuple[Attachment, ...]
    digests: tuple[str, ...]
    """For the fingerprint: as md5, but blind to line ends and blanks of text parts."""
    confidence: float
    defects: tuple[str, ...]
    hint: str
    """The code page of the words, which settles raw headers and file names."""


@dataclass(slots=True)
class _Reading:
    """What has been gathered so far; `words` holds (choice, subtype, text) in the order of the parts."""

    words: list[tuple[int, str, str]] = field(default_factory=list)
    files: list[tuple[Part, bytes]] = field(default_factory=list)
    confidence: float = 1.0
    defects: list[str] = field(default_factory=list)
    hint: str = ""
    invitations: list[str] = field(default_factory=list)


def read(root: Message) -> Body:
    """The body of a letter. Parts inside an attached letter belong to that letter and are not read here."""
    reading = _Reading()
    count = 0
    for part in message.parts(root):
        count += 1
        if not part.inside:
            _take(part, reading)
    if count >= bounded.MAX_PARTS:
        reading.defects.append(f"more than {bounded.MAX_PARTS} parts: the rest is not read")
    if not any(text.strip() for _, _, text in reading.words):
        _last_resort(reading)
    text, html = _compose(reading.words)
    text = "\n\n".join([text, *dict.fromkeys(reading.invitations)]).strip("\n") if reading.invitations else text
    made = [_attachment(part, data, reading.hint) for part, data in reading.files]
    closed = (file.safe_name for file, (_, data) in zip(made, reading.files, strict=True) if locked(file.type, data))
    reading.defects.extend(f"encrypted file: {name}" for name in closed)
    digests = tuple(sorted(_digest(part, data) for part, data in reading.files))
    return Body(text, html, tuple(made), digests, reading.confidence, tuple(reading.defects), reading.hint)


def _take(part: Part, reading: _Reading) -> None:
    node, kind = part.message, part.message.get_content_type()
    if node.is_multipart() and not kind.startswith("message/"):
        return
    if kind in _IDLE or kind in _REPORTS:
        return
    if kind == "text/calendar":
        told = invitation.summary(charset.decode(content_of(node), str(node.get_param("charset", "") or "utf-8")).text)
        reading.invitations += [told] if told else []
    if kind.startswith("multipart/"):
        # A boundary that never comes: what is there is text.
        _words(part, "plain", reading)
        return
    attached = node.get_content_disposition() == "attachment" or bool(name_of(node))
    if kind in ("text/plain", "text/html", "text/enriched", "text/richtext") and not attached:
        _words(part, kind.partition("/")[2], reading)
        return
    reading.files.append((part, content_of(node)))


def _words(part: Part, subtype: str, reading: _Reading) -> None:
    node = part.message
    data = content_of(node)
    if len(data) > MAX_TEXT:
        data = data[:MAX_TEXT]
        reading.defects.append(f"text part of more than {MAX_TEXT} bytes: the rest is not read")
    declared = str(node.get_param("charset", "") or "")
    if subtype == "html" and not charset.codec(declared):
        found = _META.search(data[:4000])
        declared = found[1].decode("ascii") if found else declared
    decoded = charset.decode(data, declared, reading.hint)
    reading.confidence = min(reading.confidence, decoded.confidence)
    reading.hint = reading.hint or (decoded.charset if decoded.charset not in ("ascii", "") else "")
    text = pgp.bare(_lines(decoded.text))
    if pgp.is_encrypted(text):
        reading.defects.append(pgp.ENCRYPTED)
    if subtype == "plain" and str(node.get_param("format", "")).lower() == "flowed":
        text = unflow(text, str(node.get_param("delsp", "")).lower() == "yes")
    if subtype in ("enriched", "richtext"):
        text, subtype = _RICH_TAG.sub("", text).replace("<<", "<"), "plain"
    if subtype == "plain" and len(_TAGS.findall(text[:20000])) > 4 and "</" in text:
        subtype = "html"
    if subtype == "html" and html_text.is_cut(text):
        reading.defects.append("page too long: the rest is not read")
    reading.words.append((part.choice, subtype, text))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")


def unflow(text: str, delsp: bool = False) -> str:
    """Paragraphs of a format=flowed text (RFC 3676 section 4): joined, unstuffed, quote depth kept (C70)."""
    out: list[list[str]] = []
    depth, open_ = 0, False
    for line in text.split("\n"):
        bare = line.lstrip(">")
        quotes, bare = len(line) - len(bare), bare.removeprefix(" ")
        soft = bare.endswith(" ") and bare != "-- "
        piece = bare[:-1] if soft and delsp else bare
        if open_ and quotes == depth and bare != "-- ":
            out[-1].append(piece)
        else:
            out.append([">" * quotes + " " + piece if quotes else piece])
        depth, open_ = quotes, soft
    return "\n".join("".join(paragraph) for paragraph in out)


def _compose(words: list[tuple[int, str, str]]) -> tuple[str, str]:
    """One text and one HTML of all readable parts; within a choice the better of the two forms makes the text."""
    groups: list[tuple[int, list[str], list[str]]] = []
    for choice, subtype, text in words:
        if choice < 0 or not groups or groups[-1][0] != choice:
            groups.append((choice, [], []))
        _, plain, html = groups[-1]
        (html if subtype == "html" else plain).append(text)
    texts = [_better("\n".join(plain).strip("\n"), "\n".join(html)) for _, plain, html in groups]
    pages = [page for _, _, html in groups for page in html]
    return "\n\n".join(t for t in texts if t.strip()), "\n".join(pages)


def _better(plain: str, html: str) -> str:
    if not html.strip():
        return plain
    words = _WORDS.findall(plain[:5000])
    if len(words) >= 60:
        return plain
    page = html_text.text_of(html)
    shown = _WORDS.findall(page[:20000].lower())
    return page if _is_stub(plain, words, shown) else plain


def _is_stub(plain: str, words: list[str], shown: list[str]) -> bool:
    """Does the text only say "your program cannot show this letter", or nothing? Then the letter is in the HTML."""
    if not words or len(words) * 4 + 20 < len(shown):
        return True
    if not shown:
        return False
    # Where another sentence stands beside the stub, somebody has written something.
    if all(_STUB.search(s) for s in _SENTENCE_END.split(plain[:5000]) if _WORDS.search(s)):
        return True
    # The page says far more, and other things.
    common = set(shown)
    return len(words) * 2 < len(shown) and sum(w.lower() in common for w in words) * 2 < len(words)


def _last_resort(reading: _Reading) -> None:
    """A letter whose only words are a file: some telephones and scanners send their text so."""
    part = next((p for p, _ in reading.files if p.message.get_content_type() in ("text/plain", "text/html")), None)
    if part is not None:
        _words(part, part.message.get_content_subtype(), reading)


def _attachment(part: Part, data: bytes, hint: str) -> Attachment:
    node, kind = part.message, part.message.get_content_type()
    cid = "".join(charset.clean(str(node.get("content-id", ""))).split()).strip("<>")
    name = name_of(node, hint) or _subject_name(node, kind)
    inline = node.get_content_disposition() == "inline" or bool(cid and part.related)
    safe = safe_name(name, kind, part.index)
    return Attachment(
        index=part.index,
        name=name,
        safe_name=safe,
        type=kind,
        size=len(data),
        md5=md5(data, usedforsecurity=False).hexdigest(),
        inline=inline and node.get_content_disposition() != "attachment",
        content_id=cid,
        danger=danger(safe, kind, data),
    )


def _subject_name(node: Message, kind: str) -> str:
    """An attached letter without a file name is called after its subject."""
    payload = node.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if kind != "message/rfc822" or not isinstance(inner, Message):
        return ""
    subject = headers.decode(message.raw_value(inner, "subject")).text
    return f"{subject[:80]}.eml" if subject else ""


def _digest(part: Part, data: bytes) -> str:
    texts = part.message.get_content_maintype() in ("text", "message")
    return md5(b" ".join(data.split()) if texts else data, usedforsecurity=False).hexdigest()
