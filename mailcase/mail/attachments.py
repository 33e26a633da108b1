"""Which files of a letter may be passed on to an employee: dangerous ones are named, not sent (users.md 3)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailcase.mail.letter import Attachment, Letter

_PROGRAMS = frozenset(
    "exe com scr pif bat cmd ps1 vbs vbe js jse wsf wsh hta msi msp jar cpl dll lnk reg scf iso img vhd apk app".split()
)
_MACROS = frozenset("docm dotm xlsm xltm xlam pptm potm ppam".split())
_ZIPPED_OFFICE = frozenset("docx xlsx pptx odt ods odp".split())


def sift(letter: Letter, limit: int) -> tuple[tuple[Attachment, ...], tuple[tuple[str, str], ...]]:
    """(files to pass on, (name, why in Russian) of those withheld); `limit` is bytes of all together."""
    passed: list[Attachment] = []
    withheld: list[tuple[str, str]] = []
    total = 0
    for file in letter.attachments:
        why = file.danger
        if not why and total + file.size > limit:
            why = "не поместился: вложения больше допустимого размера"
        if why:
            withheld.append((file.safe_name, why))
            continue
        total += file.size
        passed.append(file)
    return tuple(passed), tuple(withheld)


def danger(name: str, kind: str, data: bytes) -> str:
    """Why a file of that name, MIME type and content is not passed on (Russian); empty where nothing is known."""
    suffix = _suffix(name)
    if suffix in _PROGRAMS:
        return "исполняемый файл"
    if suffix in _MACROS:
        return "документ с макросами"
    if suffix == "zip" or suffix in _ZIPPED_OFFICE or kind == "application/zip":
        return _inside(data)
    return ""


def locked(kind: str, data: bytes) -> bool:
    """Whether a file opens only with a password: a ZIP archive with such a file in it, or a PDF (C39)."""
    if data.startswith(b"%PDF"):
        return b"/Encrypt" in data
    if not data.startswith(b"PK\3\4") or kind.startswith("message/"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(file.flag_bits & 1 for file in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _inside(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    if any(name.endswith("vbaProject.bin") for name in names):
        return "документ с макросами"
    return "архив с исполняемым файлом" if _any_program(names) else ""


def _any_program(names: Iterable[str]) -> bool:
    return any(_suffix(name) in _PROGRAMS | _MACROS for name in names)


def _suffix(name: str) -> str:
    return PurePosixPath(name.lower().rstrip(" .")).suffix.lstrip(".")
