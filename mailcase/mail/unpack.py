"""Opens parts that are letters or bundles themselves, so that what is in them stands in the tree like any other part.

`winmail.dat`, opaque S/MIME and uuencoded files stay where they are, and what they hold follows them. The same tree
is always changed in the same way, so an index into it stays good. Raises nothing.
"""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import Message
from itertools import islice

from mailcase.mail import cms, pgp, tnef, uuencode
from mailcase.mail.bounded import MAX_PARTS, POLICY
from mailcase.mail.content import content_of
from mailcase.mail.filename import name_of

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_ENCRYPTED = "encrypted (S/MIME): only the owner of the key can read it"
_DESCRIBING = ("content-type", "content-transfer-encoding", "content-disposition", "content-id")
# Signed within compressed within signed is as far as programs go.
_MAX_DEPTH = 5


def unpack(root: Message) -> tuple[str, ...]:
    """Change the tree of a letter, and say which parts of it stay closed (English)."""
    closed: list[str] = []
    _open(root, closed, 0)
    return tuple(dict.fromkeys(closed))


def _open(root: Message, closed: list[str], depth: int) -> None:
    stack, count = [root], 0
    while stack and count < MAX_PARTS:
        node, count = stack.pop(), count + 1
        payload, kind = node.get_payload(), node.get_content_type()
        if kind == "multipart/encrypted":
            closed.append(pgp.ENCRYPTED)
        if isinstance(payload, list):
            # An attached letter is a letter of its own.
            if not kind.startswith("message/"):
                stack += [part for part in payload if isinstance(part, Message)]
            continue
        found = list(_contents(node, root, closed, depth))
        if found:
            # The node becomes a bundle of itself and its contents; its own fields stay, for they may be the letter's.
            node.set_payload([_copy(node), *found])


def _contents(node: Message, root: Message, closed: list[str], depth: int) -> Iterator[Message]:
    kind = node.get_content_type()
    if kind in ("text/plain", "application/octet-stream", "application/x-unknown"):
        if kind == "text/plain":
            yield from _uuencoded(node)
        elif name_of(node).lower() == "winmail.dat":
            yield from _of_tnef(node, root)
    elif kind in _TNEF:
        yield from _of_tnef(node, root)
    elif kind in _SMIME:
        found = cms.content(content_of(node))
        if found.kind == "encrypted":
            closed.append(_ENCRYPTED)
        elif found.data and depth < _MAX_DEPTH:
            inner = email.message_from_bytes(found.data, policy=POLICY)
            _open(inner, closed, depth + 1)
            yield inner


def _uuencoded(node: Message) -> Iterator[Message]:
    """The files in a text, which is left without them."""
    payload = node.get_payload()
    coded = str(node.get("content-transfer-encoding", "")).strip().lower()
    if not isinstance(payload, str) or "begin " not in payload or coded in ("base64", "quoted-printable"):
        return
    # As bytes, for `get_payload` has put question marks where the letter has 8-bit letters.
    text, files = uuencode.take(content_of(node).decode("ascii", "surrogateescape"))
    if files:
        node.set_payload(text)
    for name, data in files:
        yield _part("application/octet-stream", data, name)


def _of_tnef(node: Message, root: Message) -> Iterator[Message]:
    try:
        packed = tnef.read(content_of(node))
    except ValueError:
        return
    # Mostly the words stand beside a `winmail.dat` as well.
    if not _has_words(root):
        yield from _words(packed)
    yield from _files(packed)


def _has_words(root: Message) -> bool:
    leaves = (part for part in islice(root.walk(), MAX_PARTS) if part.get_content_type() in ("text/plain", "text/html"))
    return any(isinstance(words := leaf.get_payload(), str) and words.strip() for leaf in leaves)


def _words(packed: tnef.Packed) -> Iterator[Message]:
    if packed.text.strip():
        yield _part("text/plain", packed.text.encode(), "", "utf-8")
    elif packed.html:
        yield _part("text/html", packed.html, "")


def _files(packed: tnef.Packed) -> Iterator[Message]:
    for file in packed.files:
        if file.letter is not None:
            yield _letter(file.letter)
        elif file.data or file.name:
            yield _part(file.type or "application/octet-stream", file.data, file.name or "file", cid=file.content_id)


def _letter(packed: tnef.Packed) -> Message:
    inner = Message(POLICY)
    inner["Subject"] = " ".join(packed.subject.split())
    inner["From"] = " ".join(packed.sender.split())
    inner["Content-Type"] = 'multipart/mixed; boundary="=_winmail"'
    inner.set_payload([*_words(packed), *_files(packed)])
    around = Message(POLICY)
    around["Content-Type"] = "message/rfc822"
    around.set_payload([inner])
    return around


def _part(kind: str, data: bytes, name: str, charset: str = "", cid: str = "") -> Message:
    """A part that holds `data` as it is; surrogates keep the bytes apart from letters, as the parser does."""
    made = Message(POLICY)
    safe = "".join(c for c in kind if c.isascii() and (c.isalnum() or c in "/.+-"))
    made.set_raw("Content-Type", f"{safe}; charset={charset}" if charset else safe)
    made.set_raw("Content-Transfer-Encoding", "8bit")
    if name:
        quoted = " ".join(name.split()).replace("\\", "_").replace('"', "'")
        made.set_raw("Content-Disposition", f'attachment; filename="{quoted}"')
    if cid:
        made.set_raw("Content-ID", f"<{' '.join(cid.split())}>")
    made.set_payload(data.decode("ascii", "surrogateescape"))
    return made


def _copy(node: Message) -> Message:
    """The node's own content without the fields of the letter it may be."""
    made = Message(POLICY)
    for name, value in node.raw_items():
        if name.lower() in _DESCRIBING:
            made.set_raw(name, value)
    payload = node.get_payload()
    if isinstance(payload, str) and not payload.isascii():
        # 8-bit bytes, of which `get_payload` gives a decoded copy.
        payload = content_of(node).decode("ascii", "surrogateescape")
        del made["Content-Transfer-Encoding"]
    made.set_payload(payload)
    return made
