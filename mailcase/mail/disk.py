"""Letters that lie on a disk: single files, mbox files, maildirs, and folders of them, in their order.

Promises: reads and changes nothing; whatever cannot be read is told with its remedy and costs no other letter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain, islice
from pathlib import Path

from mailcase.mail import message

_MBOX_NAMES = frozenset({".mbox", ".mbx", ".mboxrd"})
_LETTER_NAMES = frozenset({".eml", ".msg"})
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*[ \t]*:")
# «From anna@example.org Mon Mar  3 08:00:00 2025»: mboxes differ in all but the hour and the year.
_FROM_DATED = re.compile(rb"From .*\d\d?:\d\d.*\d{4}")
_FROM_SHORT = re.compile(rb"From \S+\s*$")
_QUOTED_FROM = re.compile(rb">+From ")
_NO_FILE = "a pipe or a device may never end, only files are read"
# Also in a name: «cat letter | mailcase explain -» gives the lines of a letter for paths.
_HEADER_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]*: ")
_NO_PATH = "- reads paths, one a line; for the letter itself: explain /dev/stdin < letter.eml"
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OnDisk:
    """One letter: `name` is its path as given, with `#n` behind an mbox's; `at` is when it came (aware, UTC)."""

    name: str
    raw: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Broken:
    """A path that gives no letter, and why, with the remedy (English)."""

    name: str
    why: str


Found = OnDisk | Broken


def letters(paths: Iterable[str]) -> Iterator[Found]:
    """Every letter of the paths in their order: files, mbox files, maildirs, folders (with all folders in them)."""
    for given in paths:
        path = Path(given)
        if not given.strip():
            yield Broken(given, "the path is empty; give a file or a folder")
        elif path.is_dir():
            files = _files(path)
            if not files:
                yield Broken(given, "no letters in this folder; give one that holds .eml files, an mbox or a maildir")
            for file in files:
                yield from _of_file(str(file))
        else:
            yield from _of_file(given)


def letter(path: str) -> Found:
    """The one letter of a file, whatever is in it."""
    file = Path(path)
    if not path.strip():
        return Broken(path, "the line is empty; give the path of one letter")
    if file.is_dir():
        return Broken(path, "is a folder; give the files in it, one a line, or the folder as an argument")
    try:
        return _whole(path, _read(file))
    except (OSError, ValueError) as error:
        return Broken(path, _why(path, error))


def arrived(raw: bytes, otherwise: datetime) -> datetime:
    """When our server got the letter: its topmost Received header, else Date, else `otherwise`; aware, UTC.

    A moment later than `otherwise`, or before there was such mail, is nobody's clock and is passed over.
    """
    named = dict(reversed(list(message.fields(raw))))
    for header in (named.get("received", "").rpartition(";")[2], named.get("date", "")):
        moment = _moment(header)
        if moment is not None and _OLDEST <= moment <= otherwise:
            return moment
    return otherwise


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def _of_file(name: str) -> Iterator[Found]:
    path = Path(name)
    try:
        if path.exists() and not path.is_file():
            raise ValueError(_NO_FILE)
        if not _is_mbox(path):
            yield _whole(name, _read(path))
            return
        filed = _filed(path)
        found = _split(path)
        top = list(islice(found, 2))
        # A single letter that bears an mbox's first line is called by its file's name, unless that says mbox.
        alone = len(top) == 1 and path.suffix.lower() not in _MBOX_NAMES
        for number, raw in enumerate(chain(top, found), start=1):
            yield OnDisk(name if alone else f"{name}#{number}", raw, arrived(raw, filed))
    except (OSError, ValueError) as error:
        yield Broken(name, _why(name, error))


def _read(path: Path) -> bytes:
    """Raises ValueError for a pipe or a device, which may never end."""
    if path.exists() and not path.is_file():
        raise ValueError(_NO_FILE)
    return path.read_bytes()


def _whole(name: str, raw: bytes) -> Found:
    if not raw.strip():
        return Broken(name, "the file is empty: nothing was saved in it; save the letter again, or leave the file out")
    if raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Broken(name, "is an Outlook file (.msg); save the letter as .eml")
    return OnDisk(name, raw, arrived(raw, _filed(Path(name))))


def _filed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _why(name: str, error: OSError | ValueError) -> str:
    said = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    remedy = _NO_PATH if _HEADER_LINE.match(name) else "check the path and the rights"
    return f"cannot be read ({said.lower()}); {remedy}"


def _is_mbox(path: Path) -> bool:
    """A single letter may bear an mbox's first line, too: then its name tells."""
    with path.open("rb") as file:
        if file.read(5) != b"From ":
            return False
    return path.suffix.lower() not in _LETTER_NAMES


def _files(folder: Path) -> list[Path]:
    """The files of a folder that hold letters, by name; of a maildir those in `cur` and `new`."""
    if _is_maildir(folder):
        filed = [file for part in ("cur", "new") for file in (folder / part).iterdir() if file.is_file()]
        # Their names begin with the second of delivery.
        return sorted(filed, key=lambda file: file.name)
    return [entry for entry, passed_over in _entries(folder) if not passed_over]


def skipped(folder: Path) -> Counter[str]:
    """How many entries of a folder `letters` passes over, by the reason (English); none of a maildir."""
    return Counter() if _is_maildir(folder) else Counter(why for _, why in _entries(folder) if why)


def _entries(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each entry by name, those of folders within, and why it is passed over: empty where it holds letters."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            yield entry, "hidden"
        elif entry.is_dir() and entry.is_symlink():
            # It may lead back here.
            yield entry, "a link to a folder"
        elif entry.is_dir():
            yield from ((file, "") for file in _files(entry)) if _is_maildir(entry) else _entries(entry)
        elif not entry.is_file():
            yield entry, "no regular file"
        else:
            yield entry, "" if _is_letter(entry) else "begins like no letter"


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _is_letter(file: Path) -> bool:
    """Whether a file of a folder is meant: its name says so, or it begins as a letter does."""
    if file.suffix.lower() in _MBOX_NAMES | _LETTER_NAMES:
        return True
    try:
        with file.open("rb") as opened:
            top = opened.read(2000).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError:
        # Told when it is read.
        return True
    return top.startswith((b"From ", b">From ")) or _HEADER.match(top) is not None


def _split(path: Path) -> Iterator[bytes]:
    """The letters of an mbox file, without its own lines «From …» and with their quoting undone (RFC 4155)."""
    with path.open("rb") as file:
        lines: list[bytes] = []
        blank, held = True, b""
        for line in file:
            if held:
                # What looks like a beginning is one where a header follows.
                if _FROM_DATED.match(held) or _HEADER.match(line):
                    yield from _joined(lines)
                    lines = []
                else:
                    lines.append(held)
                held = b""
            if blank and (_FROM_DATED.match(line) or _FROM_SHORT.match(line)):
                held = line
                continue
            lines.append(line[1:] if _QUOTED_FROM.match(line) else line)
            blank = not line.strip(b"\r\n")
        yield from _joined([*lines, held] if held and not _FROM_DATED.match(held) else lines)


def _joined(lines: list[bytes]) -> Iterator[bytes]:
    # The blank line before the next «From …» is the mbox's.
    if lines and not lines[-1].strip(b"\r\n"):
        lines.pop()
    if lines:
        yield b"".join(lines)


def size(paths: Iterable[str]) -> int:
    """Bytes of all files that `letters` would read; what is missing counts nothing."""
    files = [file for given in paths for file in (_files(Path(given)) if Path(given).is_dir() else [Path(given)])]
    return sum(file.stat().st_size for file in files if file.is_file())
