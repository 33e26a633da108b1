"""Makes a readable short letter of one that is too large to fetch: its own header, and a list of its parts.

Pure: works on the header's bytes and on the server's BODYSTRUCTURE (RFC 3501, 7.4.2) as nested tuples.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

from mailcase.mail import charset
from mailcase.mail.filename import name_of

_BODY_HEADERS = re.compile(rb"(?:content-[^:]*|mime-version)\s*:", re.IGNORECASE)
_FOLDED = re.compile(rb"\r?\n(?![ \t])")
_MOST = 200
_DEEPEST = 10


def short_letter(header: bytes, size: int, structure: Any) -> bytes:
    """A valid letter with the fields of `header`, and a text in place of its `size` bytes.

    `structure` is None where the server could not tell it.
    """
    fields = [f for f in _FOLDED.split(header.rstrip()) if f and not _BODY_HEADERS.match(f)]
    own = [b"MIME-Version: 1.0", b"Content-Type: text/plain; charset=utf-8", b"Content-Transfer-Encoding: base64"]
    text = base64.encodebytes("\r\n".join(_lines(size, structure)).encode()).replace(b"\n", b"\r\n")
    return b"\r\n".join([*fields, *own, b"", text])


def _lines(size: int, structure: Any) -> Iterator[str]:
    yield f"Письмо слишком велико ({_size(size)}) и целиком не загружено. Оно осталось в почтовом ящике лаборатории."
    yield ""
    try:
        parts = list(_parts(structure, "", 0)) if structure else []
    except (LookupError, TypeError, ValueError):
        # A structure that the server got wrong costs the list, never the letter.
        parts = []
    if not parts:
        yield "Из каких частей оно состоит, почтовый сервер не сообщил."
        return
    yield "Состав письма:"
    yield from parts[:_MOST]
    if len(parts) > _MOST:
        yield f"… и ещё: {len(parts) - _MOST}"


def _parts(structure: Any, number: str, depth: int) -> Iterator[str]:
    if isinstance(structure[0], list | tuple):
        children = structure[0] if isinstance(structure[0], list) else [p for p in structure if isinstance(p, tuple)]
        for index, child in enumerate(children, 1):
            if depth < _DEEPEST:
                yield from _parts(child, f"{number}{index}.", depth + 1)
        return
    kind = f"{_text(structure[0])}/{_text(structure[1])}".lower()
    name = _name(structure)
    about = [name] if name else []
    yield f"{number or '1.'} {', '.join([*about, kind, _size(_octets(structure))])}"


def _octets(part: Any) -> int:
    size = int(part[6] or 0)
    # Lines of 76 characters and a line end carry 57 bytes.
    return size * 57 // 78 if _text(part[5]).lower() == "base64" else size


def _name(part: Any) -> str:
    """The file name in the disposition or in the parameters of the type."""
    entity = Message()
    disposition = next((x for x in part[7:] if _is_disposition(x)), None)
    if disposition:
        entity["Content-Disposition"] = "attachment" + _parameters(disposition[1])
    entity["Content-Type"] = "application/octet-stream" + _parameters(part[2])
    return " ".join(name_of(entity).split())[:200]


def _is_disposition(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and _text(value[0]).lower() in ("attachment", "inline")


def _parameters(pairs: Any) -> str:
    flat = [_text(x) for x in pairs or ()]
    return "".join(f'; {name}="{_quoted(value)}"' for name, value in zip(flat[::2], flat[1::2], strict=False))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _text(value: Any) -> str:
    return charset.decode(value).text if isinstance(value, bytes) else str(value or "")


def _size(octets: int) -> str:
    for unit, width in (("МБ", 1_000_000), ("КБ", 1_000)):
        if octets >= width:
            return f"{octets / width:.1f}".removesuffix(".0").replace(".", ",") + f" {unit}"
    return f"{octets} Б"
