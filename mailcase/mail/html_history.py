"""How mail programs mark, in the HTML of a letter, what is older mail and what is a signature.

Pure: each test looks at one element.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

# How mail clients mark what is older: Outlook (web, mobile, 2003 to new), Hotmail, Zimbra, Roundcube, Lotus.
_CUT_IDS = frozenset(
    "divrplyfwdmsg appendonsend olk_src_body_section mail-editor-reference-message-container replysplit reply-intro"
    " zwchr stopspelling previousmessagehistory isforwardcontent isreplycontent".split()
)
_CUT_STYLE = re.compile(r"border-top\s*:\s*(?:1\.0pt\s+solid|solid)\s*#(?:e1e1e1|b5c4df)", re.IGNORECASE)
# Gmail, Yahoo, Thunderbird, Proton, Tutanota, Mail.ru, Zoho, Spark, GMX.
_QUOTE_CLASSES = frozenset(
    "gmail_quote gmail_quote_container gmail_extra yahoo_quoted moz-cite-prefix moz-forward-container"
    " protonmail_quote"
    " tutanota_quote mail-quote-collapse zmail_extra spark_quote mailru-blockquote email_quote".split()
)
_SIGNATURE_MARKS = frozenset(
    "gmail_signature moz-signature signature ms-outlook-mobile-signature protonmail_signature_block".split()
)
_NOT_A_QUOTE = re.compile(r"border(-left)?\s*:\s*(none|0)", re.IGNORECASE)


def _names(node: LexborNode) -> set[str]:
    """Class names and id, lower-case, without the `x_` that Outlook on the web puts before foreign ones."""
    attributes = node.attributes
    words = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower().split()
    return {w[2:] if w.startswith("x_") else w for w in words}


def is_history(node: LexborNode) -> str:
    """`cut` where everything from this element on is older mail, `quote` where the element holds some, else empty."""
    tag = node.tag or ""
    if node.is_text_node or not tag or tag.startswith("-"):
        return ""
    return "cut" if _is_cut(node, tag) else "quote" if _is_quote(node, tag) else ""


def is_signature(node: LexborNode) -> bool:
    """True for an element that the mail client marked as the signature."""
    return not node.is_text_node and bool(_names(node) & _SIGNATURE_MARKS)


def _is_cut(node: LexborNode, tag: str) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    if _names(node) & _CUT_IDS or attributes.get("data-marker") == "__DIVIDER__":
        return True
    style = attributes.get("style") or ""
    if tag == "hr":
        return attributes.get("tabindex") == "-1"
    return tag in ("div", "p") and bool(_CUT_STYLE.search(style))


def _is_quote(node: LexborNode, tag: str) -> bool:
    attributes = node.attributes
    names = _names(node) if attributes else set()
    if names & _QUOTE_CLASSES or attributes.get("name") in ("quote", "messageReplySection"):
        return True
    if tag != "blockquote":
        return False
    # A blockquote without a border is how Gmail and Apple indent a paragraph.
    return not (_NOT_A_QUOTE.search(attributes.get("style") or "") or any("indent" in n for n in names))
