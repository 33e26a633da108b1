"""Asks which letters are in the open folder, by their UIDs, in commands and answers that are not too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mailcase.mail.idle import Client

# imaplib takes lines of 1 000 000 bytes; a UID and its blank take up to 11 (dependencies.md, trap 11).
_WIDTH = 50_000
# UIDs in one command: Dovecot takes lines of 64 KB.
_CHUNK = 500


def chunks(uids: Iterable[int]) -> Iterator[list[int]]:
    """So many UIDs as one command may name."""
    wanted = list(uids)
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]


def listed(client: Client, low: int, uidnext: int, exists: int) -> list[int]:
    """Every UID from `low` on, ascending; `uidnext` and `exists` as the folder told them when it was opened."""
    low = max(low, 1)
    pieces = _pieces(exists) if min(exists, uidnext - low) > _WIDTH else [[]]
    found = {uid for piece in pieces for uid in client.search([*piece, "UID", f"{low}:*"])}
    # `n:*` names the last letter even where its UID is below n (RFC 3501, 6.4.8).
    return sorted(uid for uid in found if uid >= low)


def _pieces(exists: int) -> list[list[str]]:
    """A crowded folder by the places of its letters: between their UIDs there may be gaps of any width.

    The last first: a place falls when a letter before it is expunged, and must not fall into a piece already asked.
    """
    first, *others = range(1 + (exists - 1) // _WIDTH * _WIDTH, 0, -_WIDTH)
    return [[f"{first}:*"], *([f"{place}:{place + _WIDTH - 1}"] for place in others)]


def present(client: Client, uids: Sequence[int]) -> list[int]:
    """Those of the letters that are in the open folder now."""
    # A search alone answers from what the connection knew before.
    client.noop()
    return [uid for chunk in chunks(uids) for uid in client.search(["UID", ",".join(map(str, chunk))])]
