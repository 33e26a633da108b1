"""One template, two faces: the light markup of a letter becomes plain text and HTML that say the same.

The markup, a line at a time: blank lines part paragraphs; `> ` quotes; `- ` lists; `# ` heads a part; a line
between single `*` is small print; inside a line `**bold**` and `[label](mailto:…)`.

Values are not markup: `shield` hides every sign that means something here behind Unicode noncharacters, which
`clean` takes out of whatever comes from outside. So a client's subject `**x**` or `[a](mailto:b)` stays literal in
both faces, and a value of many lines cannot leave its paragraph or its quotation (C106).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_SIGNS = "*[]()>-#\n"
_SHIELD = {c: chr(0xFDD0 + i) for i, c in enumerate(_SIGNS)}
_UNSHIELD = {v: k for k, v in _SHIELD.items()}
# Sought by expressions: most texts hold few of them, and `str.translate` looks each letter up.
_SHOWN, _HIDDEN = (re.compile(f"[{re.escape(''.join(table))}]") for table in (_SHIELD, _UNSHIELD))
INSERT = "\ufdef"
"""Stands alone in a paragraph where ready HTML takes the place of a value."""
EMPTY = "\ufdee"
"""Stands where a value is printed that is empty, until `close_gaps`."""
_GAP = re.compile(rf"[ \t]*(?:,[ \t]*{EMPTY}+(?=[ \t]*(?:[,.\n]|\Z))|\({EMPTY}+\))")

# Controls break headers and databases, surrogates break UTF-8, noncharacters are ours, and direction overrides
# make «gpj.exe» read «exe.jpg». Every kind of line end becomes the plain one.
_DROPPED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")

_INLINE = re.compile(r"\*\*(?P<bold>.+?)\*\*|\[(?P<label>[^\[\]]+)\]\((?P<href>[^()\s]+)\)")
# A number that breaks over two lines is read and dialled wrongly.
_PHONE = re.compile(r"(?:\+7|8) \(\d{3}\) \d{3}-\d\d-\d\d(?:, (?:доб|ext)\. \d{1,6})?")
_NUMBER = re.compile(r"(№|No\.) (?=\d)")
_SCHEMES = ("mailto:", "https:", "http:", "tel:")

# Colours that are readable on white and on black, no background: the reader's own dark mode may do what it likes.
_MARGIN = "margin:0 0 16px"
_MUTED = f"{_MARGIN};font-size:13px;line-height:19px;color:#767676"
_QUOTE = f"{_MARGIN};padding:2px 0 2px 14px;border-left:3px solid #8a94a0"
_BUTTON = (
    "display:inline-block;margin:0 6px 8px 0;padding:9px 14px;border:1px solid #2f74d0;border-radius:6px;"
    "color:#2f74d0;text-decoration:none"
)
# In a list a frame round each link would outweigh the words; the padding keeps it easy to hit with a thumb.
_LINK = "padding:6px 0;color:#2f74d0;white-space:nowrap"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`p`), quotation, list, heading or small print; lines are still shielded."""

    kind: str
    lines: tuple[str, ...]


def clean(value: Any) -> Any:
    """Plain JSON values without control characters, lone surrogates, direction overrides and noncharacters."""
    if isinstance(value, str):
        return _DROPPED.sub("", _LINE_ENDS.sub("\n", value))
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    return value


def shield(text: str) -> str:
    """The text with every sign of the markup hidden."""
    return _SHOWN.sub(lambda sign: _SHIELD[sign[0]], text)


def unshield(text: str) -> str:
    """The text as it was before `shield`."""
    return _HIDDEN.sub(lambda sign: _UNSHIELD[sign[0]], text)


def close_gaps(source: str) -> str:
    """The rendered template without the commas and brackets round an empty value: a name without its position."""
    return _GAP.sub("", source).replace(EMPTY, "") if EMPTY in source else source


def blocks(source: str) -> tuple[Block, ...]:
    """The parts of a rendered template, empty ones left out."""
    found: list[Block] = []
    for chunk in re.split(r"\n(?:[ \t]*\n)+", source.strip("\n")):
        new = True
        for kind, words in map(_kind, filter(str.strip, chunk.split("\n"))):
            # A line joins the one above it in the same paragraph, quotation or list.
            if new or found[-1].kind != kind:
                found.append(Block(kind, (words,)))
            else:
                found[-1] = Block(kind, (*found[-1].lines, words))
            new = False
    return tuple(b for b in found if any(unshield(line).strip() for line in b.lines))


def _kind(line: str) -> tuple[str, str]:
    for sign, kind in (("> ", "quote"), ("- ", "list"), ("# ", "heading")):
        if line.startswith(sign):
            return kind, line[2:]
    small = re.fullmatch(r"\*(?!\*)(.+)(?<!\*)\*", line.strip())
    return ("small", small[1]) if small else ("p", line)


def as_text(parts: tuple[Block, ...]) -> str:
    """The plain face; links are named under their paragraph with what a tap on them would write."""
    return "\n\n".join(_block_text(b) for b in parts) + "\n"


def _block_text(block: Block) -> str:
    first, rest = {"quote": ("> ", "> "), "list": ("- ", "  ")}.get(block.kind, ("", ""))
    out: list[str] = []
    for line in block.lines:
        spoken = [f"  {s}" for m in _INLINE.finditer(line) if m["href"] and (s := _spoken(m))]
        # A row of buttons has nothing to say beside what each of them does.
        if spoken and not _INLINE.sub("", line).strip():
            out += spoken
            continue
        words = unshield(_INLINE.sub(lambda m: m["bold"] or f"[{m['label']}]", line)).split("\n")
        out += [(first if i == 0 else rest) + w for i, w in enumerate(words)]
        out += spoken
    return "\n".join(line.rstrip() for line in out)


def _spoken(link: re.Match[str]) -> str:
    """«[Не моё]: письмо на lab@example.ru, тема «…», текст «…»»: what a reader without HTML has to do."""
    label, href = unshield(link["label"]), unshield(link["href"])
    if not href.lower().startswith("mailto:"):
        return f"[{label}]: {href}" if href.lower().startswith(_SCHEMES) else ""
    parts = urlsplit(href)
    query = {k.lower(): clean(v[0]) for k, v in parse_qs(parts.query.replace("+", "%2B")).items()}
    said = [f"письмо на {clean(unquote(parts.path))}"]
    said += [f"{name} «{query[key]}»" for key, name in (("subject", "тема"), ("body", "текст")) if query.get(key)]
    return f"[{label}]: {', '.join(said)}".replace("\n", " / ")


def as_html(parts: tuple[Block, ...], insert: str = "") -> str:
    """The HTML face, a fragment; `insert` is sanitised HTML that stands where the text says `INSERT`."""
    return "\n".join(_block_html(b, insert) for b in parts)


def _block_html(block: Block, insert: str) -> str:
    if block.lines == (INSERT,):
        return f'<div style="{_MARGIN};overflow-x:auto">{insert}</div>'
    style = _LINK if block.kind == "list" else _BUTTON
    lines = [_line_html(line, style).replace(INSERT, insert) for line in block.lines]
    body = "<br>\n".join(lines)
    match block.kind:
        case "quote":
            return f'<blockquote style="{_QUOTE}">{body}</blockquote>'
        case "list":
            items = "\n".join(f'<li style="margin:0 0 8px">{line}</li>' for line in lines)
            return f'<ul style="{_MARGIN};padding:0 0 0 20px">\n{items}\n</ul>'
        case "heading":
            return f'<p style="margin:24px 0 8px;font-size:18px"><strong>{body}</strong></p>'
        case "small":
            return f'<p style="{_MUTED}"><em>{body}</em></p>'
    return f'<p style="{_MARGIN}">{body}</p>'


def _line_html(line: str, style: str) -> str:
    out, at = "", 0
    for m in _INLINE.finditer(line):
        out += _words(line[at : m.start()]) + _inline_html(m, style)
        at = m.end()
    return out + _words(line[at:])


def _inline_html(m: re.Match[str], style: str) -> str:
    if m["bold"]:
        return f"<strong>{_words(m['bold'])}</strong>"
    href = unshield(m["href"])
    if not href.lower().startswith(_SCHEMES):
        return _words(m["label"])
    return f'<a href="{escape(href)}" style="{style}">{_words(m["label"])}</a>'


def _words(shielded: str) -> str:
    # HTML folds runs of spaces; columns that a person typed would collapse.
    words = escape(unshield(shielded), quote=False).replace("  ", "&nbsp; ").replace("\n", "<br>\n")
    words = _NUMBER.sub(r"\1&nbsp;", words)
    return _PHONE.sub(r'<span style="white-space:nowrap">\g<0></span>', words)
