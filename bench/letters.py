"""A folder of letters with its answer key, as `bench.load` makes it, or another generator of the same shape.

`DIR/eml/*.eml` are the letters in their order; each line of `DIR/manifest.jsonl` says of one of them what it is:
file, kind (new, reply, auto, dsn), message_id, parent, sender, sender_name, subject, attachment, attachment_bytes.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Key:
    """The answer key of one letter; `parent` is the Message-ID of the letter whose case it must join."""

    file: str
    kind: str
    message_id: str
    sender: str
    sender_name: str
    subject: str
    parent: str
    attachment_bytes: int

    @classmethod
    def of(cls, line: dict[str, Any]) -> Self:
        """Of one line of the manifest."""
        size = line.get("attachment_bytes", 0) if line["attachment"] else 0
        names = (line["sender"], line.get("sender_name", ""), line["subject"], line.get("parent") or "", size)
        return cls(line["file"], line["kind"], line["message_id"], *names)


@dataclass(frozen=True)
class Letters:
    """Some letters of a folder, in their order."""

    folder: Path
    keys: tuple[Key, ...]

    @classmethod
    def read(cls, folder: Path, count: int | None = None) -> Self:
        """The first `count` letters of the folder, or all."""
        lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
        return cls(folder, tuple(Key.of(json.loads(line)) for line in lines[:count]))

    def __len__(self) -> int:
        return len(self.keys)

    def part(self, start: int, end: int | None = None) -> Letters:
        """Some of them."""
        return Letters(self.folder, self.keys[start:end])

    def raw(self, key: Key) -> bytes:
        """The bytes of one letter."""
        return (self.folder / "eml" / key.file).read_bytes()

    def raws(self) -> Iterator[bytes]:
        """The bytes of all, in their order."""
        return (self.raw(key) for key in self.keys)

    def parsed(self, key: Key) -> EmailMessage:
        """One letter as the standard library reads it."""
        return parsed(self.raw(key))

    @property
    def address(self) -> str:
        """The laboratory's address that they are written to."""
        return str(self.parsed(self.keys[0])["To"]).strip("<> ")


def parsed(raw: bytes) -> EmailMessage:
    """Read by another parser than the one under test."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def plain_text(message: EmailMessage) -> str:
    """Its text/plain part."""
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


def words(text: str) -> str:
    """The words alone: line ends, quotation marks and markup differ between a letter and what quotes it."""
    return " ".join(re.findall(r"\w+", text))
