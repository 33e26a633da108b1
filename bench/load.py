"""A deterministic load: letters as a Russian laboratory gets them, with the answer key; the same seed, the same bytes.

    python -m bench.load --count 1000 --out DIR [--seed 1]

Of the letters 80 % are new, 15 % are replies of the same client to his own earlier letter (In-Reply-To, a tag in the
subject), 3 % automatic replies, 2 % bounces; koi8-r, windows-1251 and utf-8 in 8bit, base64 and quoted-printable; two
in five with HTML beside the text, one in ten with a file of about 200 KB. `bench.letters` says what the key holds.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from bench import words
from bench.letters import Letters
from bench.wire import Written, bounce, letter

ADDRESS = "lab@example.org"
_MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
_EVERY = timedelta(seconds=90)
_SHARES = (("reply", 0.15), ("auto", 0.03), ("dsn", 0.02))
_HTML, _ATTACHED = 0.40, 0.10
_FILE = 200 * 1024
_CHARSETS = (("koi8-r", 2), ("windows-1251", 3), ("utf-8", 5))
_ENCODINGS = ("8bit", "base64", "quoted-printable")


def letters(given: Path | None, count: int | None, folder: Path) -> Letters:
    """The letters of a given folder, or as many of our own, made in `folder`."""
    if given is not None:
        return Letters.read(given, count)
    made = folder / f"load-{count or 1000}"
    if not made.exists():
        write(made, count or 1000)
    return Letters.read(made)


def write(folder: Path, count: int, seed: int = 1, to: str = ADDRESS) -> None:
    """Make the folder with `count` letters and their key."""
    (folder / "eml").mkdir(parents=True)
    with (folder / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for key, raw in build(count, seed, to):
            (folder / "eml" / key["file"]).write_bytes(raw)
            manifest.write(json.dumps(key, ensure_ascii=False) + "\n")


def build(count: int, seed: int = 1, to: str = ADDRESS) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each letter with its line of the key, one after the other."""
    dice = random.Random(seed)
    kinds = _kinds(dice, count)
    human = [number for number, kind in enumerate(kinds) if kind in ("new", "reply")]
    attached = set(dice.sample(human, round(len(human) * _ATTACHED)))
    opened: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        key = _key(dice, number, kind, opened)
        date = format_datetime(_MONDAY + number * _EVERY)
        if kind == "dsn":
            raw = bounce(key, to, date)
        else:
            raw = letter(_written(dice, key, number in attached), key, to, date, automatic=kind == "auto")
        if kind == "new":
            opened.append(key)
        yield {**key, "size": len(raw)}, raw


def _kinds(dice: random.Random, count: int) -> list[str]:
    kinds = [kind for kind, share in _SHARES for _ in range(round(count * share))]
    kinds += ["new"] * (count - len(kinds))
    dice.shuffle(kinds)
    # The first one has nothing to reply to.
    first = kinds.index("new")
    kinds[0], kinds[first] = kinds[first], kinds[0]
    return kinds


def _key(dice: random.Random, number: int, kind: str, opened: list[dict[str, Any]]) -> dict[str, Any]:
    charset = dice.choices([name for name, _ in _CHARSETS], [weight for _, weight in _CHARSETS])[0]
    name, sender = words.person(dice)
    subject = words.subject(dice)
    parent: dict[str, Any] | None = None
    if kind == "reply":
        parent = dice.choice(opened[-200:])
        name, sender = parent["sender_name"], parent["sender"]
        subject = f"Re: [CASE-{parent['case']}] {parent['subject']}"
    elif kind == "auto":
        subject = f"Автоответ: {subject}"
    elif kind == "dsn":
        name, sender, subject = "", f"mailer-daemon@{sender.partition('@')[2]}", "Undelivered Mail Returned to Sender"
    # koi8-r has no numero sign, and its writers put N.
    plain = subject.replace("№", "N") if charset == "koi8-r" else subject
    return {
        "file": f"{number + 1:06d}.eml",
        "kind": kind,
        "message_id": f"<{number + 1}.{dice.getrandbits(40):010x}@{sender.partition('@')[2]}>",
        "charset": charset,
        "sender": sender,
        "sender_name": name,
        "subject": plain,
        "parent": parent["message_id"] if parent else None,
        "case": parent["case"] if parent else len(opened) + 1 if kind == "new" else None,
        "html": False,
        "attachment": False,
    }


def _written(dice: random.Random, key: dict[str, Any], attached: bool) -> Written:
    """The letter's text and how it is encoded; fills the key's `html`, `attachment*`."""
    if key["kind"] == "auto":
        paragraphs = ["Здравствуйте! Я в отпуске, письмо прочту после возвращения.", key["sender_name"]]
    else:
        paragraphs = words.letter(dice, key["sender_name"])
        key["html"] = dice.random() < _HTML
    if key["kind"] == "reply":
        quoted = "\n".join(f"> {line}" for line in words.paragraph(dice).split(". "))
        paragraphs = [*paragraphs[:3], f"23.11.2026 9:15, ООО «Пример» пишет:\n{quoted}"]
    content = b""
    if attached:
        content = b"%PDF-1.4\n" + dice.randbytes(int(_FILE * dice.uniform(0.9, 1.1)))
        key |= {"attachment": True, "attachment_bytes": len(content), "attachment_name": f"Договор {key['case']}.pdf"}
    text = "\n\n".join(paragraphs)
    if key["charset"] == "koi8-r":
        text = text.replace("№", "N").replace("«", '"').replace("»", '"').replace("—", "-")
    return Written(text, dice.choice(_ENCODINGS), key["html"], content, f"{dice.getrandbits(48):012x}")


def main() -> None:
    """Make a folder of letters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", default=ADDRESS, help="the laboratory's address")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    write(options.out, options.count, options.seed, options.to)
    print(f"{options.count} letters in {options.out}")


if __name__ == "__main__":
    main()
