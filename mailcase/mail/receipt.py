"""Reads a message disposition notification: which letter of ours somebody's program says was opened (RFC 8098)."""

from __future__ import annotations

from email.message import Message

from mailcase.mail import headers, message

_TYPES = ("message/disposition-notification", "message/global-disposition-notification")


def read_id(root: Message) -> str:
    """The Original-Message-ID (RFC 8098 section 3.2.5); empty where the report names none, or is none."""
    for part in message.parts(root):
        if part.message.get_content_type() not in _TYPES:
            continue
        payload = part.message.get_payload()
        # The standard library takes the fields for a letter of their own, or for its header.
        fields = payload[0] if isinstance(payload, list) and payload else payload
        text = fields.as_string() if isinstance(fields, Message) else str(fields)
        lines = (line.partition(":") for line in text.splitlines())
        return next((headers.own_id(v) for name, _, v in lines if name.strip().lower() == "original-message-id"), "")
    return ""
