"""The name of an attachment: as the sender wrote it, and in a form that no disk and no reader is fooled by."""

from __future__ import annotations

import html
import re
from email.message import Message
from urllib.parse import unquote_to_bytes

from mailcase.mail import charset, headers

# File systems take 255 bytes; a Russian letter needs two, and a folder may add to the name.
_MAX_NAME = 100
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*/\\]')
# Direction overrides make «gpj.exe» read «exe.jpg».
_BIDI = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_CONTINUED = re.compile(r"^(filename|name)\*(\d{1,3})(\*)?$")
_PARAMETER = re.compile(r';\s*([\w*.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_PERCENT = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f]){2}")
_ENTITY = re.compile(r"&#\d{3,5};")
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "application/pkcs7-signature": ".p7s",
    "application/pgp-signature": ".asc",
}


def name_of(part: Message, hint: str = "") -> str:
    """The sender's name for the part, decoded; empty where there is none.

    RFC 2231 (whole or in pieces) goes before RFC 2047 in quotes, which Outlook and 1C write (C64), and the
    disposition before the content type.
    """
    lost = ""
    for header, key in (("content-disposition", "filename"), ("content-type", "name")):
        # `get` would turn raw 8-bit bytes, which windows-1251 programs write, into question marks.
        value = next((v for name, v in part.raw_items() if name.lower() == header), "")
        name = _of_the_web(_parameter(value, key, hint)) if value else ""
        if name and "??" not in name:
            return name
        # Letters that somebody's program had no signs for; the other field may still have them.
        lost = lost or name
    return lost


def _of_the_web(name: str) -> str:
    """A name as web forms write it: `%D0%97…`, `&#1047;…`, or in single quotes."""
    if len(name) > 2 and name[0] == name[-1] == "'":
        name = name[1:-1]
    if _PERCENT.search(name):
        decoded = charset.decode(unquote_to_bytes(_bytes(name)))
        name = decoded.text if decoded.charset == "utf-8" else name
    return charset.clean(html.unescape(name)) if _ENTITY.search(name) else name


def _parameter(value: str, key: str, hint: str) -> str:
    pairs = [(k.lower(), _unquote(v)) for k, v in _PARAMETER.findall(";" + headers.unfold(value).partition(";")[2])]
    extended = next((v for k, v in pairs if k == f"{key}*"), None)
    if extended is not None:
        name = _extended(extended)
        if name:
            return name
    pieces = sorted((int(m[2]), v, bool(m[3])) for k, v in pairs if (m := _CONTINUED.match(k)) and m[1] == key)
    if pieces:
        return _continued([(v, coded) for _, v, coded in pieces], hint)
    # The longest: `filename=a; filename="=?...?="` occurs, and a cut unquoted one stands first.
    plain = max((v for k, v in pairs if k == key), key=len, default="")
    return headers.decode(plain, hint).text if plain else ""


def _unquote(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r'\\(["\\])', r"\1", value[1:-1])
    return value.strip('"')


def _extended(value: str) -> str:
    """RFC 2231 section 4: charset'language'percent-encoded."""
    if value.count("'") < 2:
        return charset.decode(unquote_to_bytes(_bytes(value))).text
    name, _, text = value.split("'", 2)
    return charset.decode(unquote_to_bytes(_bytes(text)), name).text


def _continued(pieces: list[tuple[str, bool]], hint: str) -> str:
    """RFC 2231 section 3: joined as bytes first, because a letter may be cut between two pieces."""
    if not any(coded for _, coded in pieces):
        return headers.decode("".join(v for v, _ in pieces), hint).text
    named, joined = "", ""
    for number, (value, coded) in enumerate(pieces):
        if coded and number == 0 and value.count("'") >= 2:
            named, _, value = value.split("'", 2)
        # Some senders cut within `%D0`, so the pieces are joined before they are resolved.
        joined += value if coded else value.replace("%", "%25")
    return charset.decode(unquote_to_bytes(_bytes(joined)), named, hint).text


def _bytes(value: str) -> bytes:
    try:
        return value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def safe_name(name: str, type_: str, index: int) -> str:
    """A file name without path, controls or tricks; never empty, and its ending is kept when it is cut (C64).

    A path is cut to its last step; a lone slash, as in «Протокол №12/3.pdf», becomes an underscore.
    """
    name = _BIDI.sub("", charset.clean(name)).strip()
    if re.match(r"[A-Za-z]:[\\/]|[\\/]|\.\.[\\/]", name) or re.search(r"[\\/]\.\.?[\\/]", name):
        name = re.split(r"[\\/]", name.rstrip("\\/"))[-1]
    name = _UNSAFE.sub("_", " ".join(name.split())).lstrip(". ").rstrip(". ")
    if not name.strip("_"):
        return f"attachment-{index}{_ENDINGS.get(type_, '.bin')}"
    if _RESERVED.match(name):
        name = "_" + name
    if len(name) <= _MAX_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:_MAX_NAME].rstrip(". ")
    return f"{stem[: _MAX_NAME - len(ending) - 1].rstrip('. ')}.{ending}"
