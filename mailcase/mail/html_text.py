"""Makes readable text of an HTML letter: paragraphs, lists, tables and links as a person would type them.

Never raises and never runs away: the walker is iterative, the input is cut at MAX_HTML, and a page nested deeper
than MAX_NESTING is stripped of its tags instead of parsed (60 000 nested divs cost the parser seconds).
With `marks` the history of the letter is marked for `reply`: quoted lines begin with `> `, the line HISTORY says
that everything below it is older mail, and the line `-- ` stands before a signature that the mail client marked.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailcase.mail import charset, html_history

MAX_HTML = 1_000_000
MAX_TAGS = 100_000
MAX_NESTING = 500
HISTORY = "\ue000"
# Longer links are tracking, and nobody reads them.
_MAX_LINK = 200
_SMALL_CELL = 200
_MAX_QUOTES = 10

_SKIP = frozenset(
    {"script", "style", "head", "title", "template", "noscript", "object", "svg", "math", "xml", "select"}
)
_BLOCKS = frozenset(
    "address article aside body center dd details div dl dt fieldset figure figcaption footer form"
    " header html legend li"
    " main nav p section summary table tbody thead tfoot tr caption blockquote pre ul ol h1 h2 h3 h4 h5 h6 hr".split()
)
# Blocks that a reader sees with an empty line around them.
_SPACED = frozenset("p blockquote pre ul ol h1 h2 h3 h4 h5 h6 table dl".split())
_NESTING = re.compile(
    r"<(/?)(div|span|font|b|i|u|em|strong|table|blockquote|ul|ol|center|section|article|small|big|sub|sup|code|a|s"
    r"|dl|fieldset|form|pre|tt|nobr|strike|label|q|svg|math)\b",
    re.IGNORECASE,
)
_DATA_URI = re.compile(r"data:[\w/+.-]*;base64,[A-Za-z0-9+/=%\s]{100,}")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u034f\u200e\u200f]")
_BLANKS = re.compile(r"[ \t\r\n\f\u00a0]+")


@dataclass(slots=True)
class _Page:
    """The text while it is being written; `pieces` make the line that is not yet ended."""

    lines: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    filled: bool = False
    """Whether that line has a letter yet."""
    prefix: str = ""
    depth: int = 0
    cells: dict[int, bool] = field(default_factory=dict)
    items: dict[int, int] = field(default_factory=dict)

    def write(self, text: str) -> None:
        if not self.pieces or self.pieces[-1].endswith(" "):
            text = text.lstrip(" ")
        self.append(text)

    def append(self, text: str) -> None:
        """Write the text with its blanks."""
        if text:
            self.pieces.append(text)
            self.filled = self.filled or not text.isspace()

    def end_line(self, spaced: bool = False) -> None:
        if self.filled:
            self.new_line()
        self.pieces.clear()
        if spaced:
            self.gap()

    def new_line(self) -> None:
        self.lines.append((self.prefix + "".join(self.pieces)).rstrip())
        self.pieces.clear()
        self.filled = False

    def gap(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self.prefix.rstrip())


def parse_html(html: str) -> LexborHTMLParser | None:
    """The tree of a page within bounds, or None where it is nested too deep to be parsed."""
    page = _within(html)
    return None if _too_deep(page) else LexborHTMLParser(page)


def is_cut(html: str) -> bool:
    """Whether a page is longer than what of it is read."""
    return (len(html) > MAX_HTML or html.count("<") > MAX_TAGS) and len(_within(html)) < len(_DATA_URI.sub("", html))


def _within(html: str) -> str:
    page = _DATA_URI.sub("", html)[:MAX_HTML]
    if page.count("<") <= MAX_TAGS:
        return page
    return page[: next(itertools.islice(re.finditer("<", page), MAX_TAGS, None)).start()]


def text_of(html: str, *, marks: bool = False) -> str:
    """The readable text of an HTML letter."""
    tree = parse_html(html)
    if tree is None:
        return charset.clean(_BLANKS.sub(" ", _TAG.sub(" ", html[:MAX_HTML]))).strip()
    root = tree.body or tree.root
    return text_of_node(root, marks=marks) if root else ""


def text_of_node(root: LexborNode, *, marks: bool = False) -> str:
    """The readable text below one element."""
    page = _Page()
    node: LexborNode | None = root
    while node is not None:
        step = node.child if _enter(node, page, marks) else None
        while step is None and node is not None:
            if node.mem_id == root.mem_id:
                node = None
                break
            _leave(node, page, marks)
            step = node.next
            if step is None:
                node = node.parent
        node = step if node is not None else None
    page.end_line()
    text = charset.clean(_INVISIBLE.sub("", "\n".join(page.lines)))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _too_deep(page: str) -> bool:
    depth = 0
    for tag in _NESTING.finditer(page):
        depth += -1 if tag[1] else 1
        if depth > MAX_NESTING:
            return True
        depth = max(depth, 0)
    return False


def _enter(node: LexborNode, page: _Page, marks: bool) -> bool:
    """Write what stands at the opening of an element; False where its inside is not to be read."""
    if node.is_text_node:
        _write_text(node, page)
        return False
    tag = node.tag or ""
    if tag in _SKIP or tag.startswith("-") or _hidden(node):
        return False
    if marks:
        _mark(node, page)
    if tag in ("br", "hr"):
        page.new_line() if tag == "br" else _rule(page)
    elif tag == "img":
        _picture(node, page)
    elif tag in ("td", "th"):
        page.write(" | " if page.filled and _has_cell_before(node) else "")
    elif tag in _BLOCKS and not (tag in ("p", "div") and _in_row(node, page)):
        page.end_line(spaced=tag in _SPACED)
        if tag == "li":
            page.write(_bullet(node, page))
    return True


def _leave(node: LexborNode, page: _Page, marks: bool) -> None:
    tag = node.tag or ""
    if node.is_text_node or tag in _SKIP or _hidden(node):
        return
    if tag == "a":
        page.write(_link(node))
    elif tag in ("p", "div") and _in_row(node, page):
        page.write(" ")
    elif tag in _BLOCKS:
        page.end_line(spaced=tag in _SPACED)
    if marks and html_history.is_history(node) == "quote":
        page.end_line()
        page.depth -= 1
        page.prefix = "> " * min(page.depth, _MAX_QUOTES)


def _write_text(node: LexborNode, page: _Page) -> None:
    text = node.text_content or ""
    parent = node.parent
    if parent is not None and parent.tag in ("pre", "textarea"):
        first, *rest = text.replace("\r\n", "\n").split("\n")
        page.append(first)
        for line in rest:
            page.new_line()
            page.append(line)
        return
    page.write(_BLANKS.sub(" ", text))


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


def _mark(node: LexborNode, page: _Page) -> None:
    history = html_history.is_history(node)
    if history == "cut":
        page.end_line()
        page.lines.append(HISTORY)
    elif history == "quote":
        page.end_line()
        page.depth += 1
        page.prefix = "> " * min(page.depth, _MAX_QUOTES)
    elif html_history.is_signature(node) and not page.prefix:
        page.end_line()
        page.lines.append("-- ")


def _rule(page: _Page) -> None:
    page.end_line()
    page.lines.append(page.prefix + "_" * 20)


def _picture(node: LexborNode, page: _Page) -> None:
    alt = _BLANKS.sub(" ", node.attributes.get("alt") or "").strip()
    if alt and len(alt) <= 60:
        page.write(f"[{alt}]")


def _bullet(node: LexborNode, page: _Page) -> str:
    parent = node.parent
    if parent is None or parent.tag != "ol":
        return "- "
    page.items[parent.mem_id] = page.items.get(parent.mem_id, 0) + 1
    return f"{page.items[parent.mem_id]}. "


def _has_cell_before(node: LexborNode) -> bool:
    before = node.prev
    while before is not None and before.is_text_node:
        before = before.prev
    return before is not None and before.tag in ("td", "th")


def _has_cell_after(node: LexborNode) -> bool:
    after = node.next
    while after is not None and after.is_text_node:
        after = after.next
    return after is not None and after.tag in ("td", "th")


def _in_row(node: LexborNode, page: _Page) -> bool:
    """A paragraph in a small cell of a row with several cells, which must not break the row."""
    parent, steps = node.parent, 0
    while parent is not None and steps < 4:
        if parent.tag in ("td", "th"):
            known = page.cells.get(parent.mem_id)
            if known is None:
                alone = not _has_cell_before(parent) and not _has_cell_after(parent)
                # A layout table holds whole letters in one cell; those keep their paragraphs.
                known = not alone and len(parent.text(deep=True)) < _SMALL_CELL
                page.cells[parent.mem_id] = known
            return known
        parent, steps = parent.parent, steps + 1
    return False


def _link(node: LexborNode) -> str:
    href = _BLANKS.sub("", node.attributes.get("href") or "")
    if not href.lower().startswith(("http://", "https://")) or len(href) > _MAX_LINK:
        return ""
    label = (node.text(deep=True) or "").strip().rstrip("/").lower()
    bare = re.sub(r"^https?://(www\.)?", "", href.lower()).rstrip("/")
    return "" if not label or bare in label or label.removeprefix("www.") in bare else f" <{href}>"
