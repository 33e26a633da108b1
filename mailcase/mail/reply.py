"""The new words of a letter, and of a staff answer the HTML that may go to a client: tables and pictures, no tricks.

`split` (in `quoting`) and `strip_signature` (in `signature`) part the plain text; here is what concerns HTML.
Pure. Older mail is removed by the structure that mail programs give it; where the structure does not say for certain
where it begins, there is no HTML (an empty string), and the caller sends the plain text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailcase.mail import clients, html_history, html_text
from mailcase.mail.quoting import Split, split
from mailcase.mail.signature import strip_signature

if TYPE_CHECKING:
    from mailcase.mail.letter import Letter

__all__ = ["Split", "answer_html", "split", "strip_signature"]

_TAGS = set(
    "table thead tbody tfoot tr td th caption colgroup col p br div span b strong i em u s sub sup ul"
    " ol li a img h1 h2 h3"
    " h4 hr pre code center".split()
)
_CELL = {"colspan", "rowspan", "align", "valign", "width", "height", "bgcolor"}
_ATTRIBUTES = {
    "*": {"style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "cellpadding", "cellspacing", "width", "align", "bgcolor"},
    "td": _CELL,
    "th": _CELL,
    "tr": {"align", "valign", "bgcolor"},
    "col": {"width", "span"},
    "ol": {"start", "type"},
}
_STYLES = set(
    "color background-color background font-weight font-style font-size font-family text-align"
    " text-decoration vertical-align"
    " border border-top border-bottom border-left border-right border-collapse border-spacing padding padding-left"
    " padding-right padding-top padding-bottom margin margin-left margin-right margin-top margin-bottom width height"
    " white-space line-height".split()
)
_EMPTY_PICTURE = re.compile(r"<img(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE)
_REMOTE_STYLE = re.compile(r"url\s*\(|expression|@import", re.IGNORECASE)


def answer_html(letter: Letter, words: str = "") -> str:
    """Sanitised HTML of the letter's new words where it has a table or an embedded picture; else empty.

    `words` is what of the new words is to leave: what stands below them (the writer's own signature) is cut off.
    Pictures keep only `cid:` sources. Empty, too, wherever words of older mail or of that tail might be left in it.
    """
    if not letter.html or not re.search(r"<table|src\s*=\s*[\"']?cid:", letter.html, re.IGNORECASE):
        return ""
    tree = html_text.parse_html(letter.html)
    if tree is None or tree.body is None:
        return ""
    _remove_history(tree, tree.body)
    if not _only_new(tree.body, letter) or not _cut_tail(tree.body, letter.reply, words):
        return ""
    kept = tree.body.inner_html or ""
    clean = _sanitise(kept)
    return clean if re.search(r"<table|<img", clean) else ""


def _cut_tail(body: LexborNode, reply: str, words: str) -> bool:
    """Remove what follows `words` in the new words; False where it is not found whole at the end of the page."""
    if not words or words.strip() == reply.strip():
        return True
    if not reply.strip().startswith(words.strip()):
        return False
    tail = [" ".join(line.split()) for line in reply.strip()[len(words.strip()) :].splitlines() if line.strip()]
    texts = [node for node in body.traverse(include_text=True) if node.tag == "-text"]
    for node in reversed(texts):
        said = " ".join((node.text(deep=False) or "").split())
        if not tail:
            return True
        if not said:
            continue
        if not tail[-1].endswith(said):
            return False
        tail[-1] = tail[-1].removesuffix(said).rstrip()
        tail = tail if tail[-1] else tail[:-1]
        node.decompose()
    return not tail


def _remove_history(tree: LexborHTMLParser, body: LexborNode) -> None:
    marked = [(n, html_history.is_history(n)) for n in body.traverse() if n.is_element_node]
    for node, kind in marked:
        if kind == "cut":
            _remove_after(node, body)
            break
    for node in [n for n in body.traverse() if n.is_element_node and html_history.is_history(n) == "quote"]:
        _remove_attribution(node)
        node.decompose()
    for node in [n for n in body.traverse() if n.is_element_node and html_history.is_signature(n)]:
        node.decompose()


def _remove_after(node: LexborNode, body: LexborNode) -> None:
    """Remove this element and everything that follows it in the page."""
    at: LexborNode | None = node
    doomed = [node]
    while at is not None and at.mem_id != body.mem_id:
        after = at.next
        while after is not None:
            doomed.append(after)
            after = after.next
        at = at.parent
    for each in doomed:
        each.decompose()


def _remove_attribution(quote: LexborNode) -> None:
    """The line «… пишет:» stands right before its quotation, as an element or as bare text."""
    before, steps = quote.prev, 0
    while before is not None and steps < 4:
        earlier = before.prev
        text = " ".join((before.text(deep=True) if before.is_element_node else before.text_content or "").split())
        if text:
            if clients.attribution_at([text, "> "], 0):
                before.decompose()
            return
        before, steps = earlier, steps + 1


def _only_new(body: LexborNode, letter: Letter) -> bool:
    """True where what is left holds no older mail and no words that the plain view does not have."""
    text = html_text.text_of_node(body, marks=True)
    again = split(text)
    if again.quoted:
        return False
    if not letter.quoted:
        return True
    new = set(re.findall(r"\w{3,}", letter.reply.lower()))
    left = re.findall(r"\w{3,}", text.lower())
    return bool(left) and sum(w in new for w in left) >= 0.8 * len(left)


def _sanitise(page: str) -> str:
    clean = nh3.clean(
        page,
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "head"},
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer",
        filter_style_properties=_STYLES,
        strip_comments=True,
    )
    return _EMPTY_PICTURE.sub("", clean).strip()


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if value.lower().startswith("cid:") else None
    if name == "href":
        return None if value.lower().startswith("cid:") else value
    # A background from the web tells a stranger that the letter was read.
    return None if name == "style" and _REMOTE_STYLE.search(value) else value
