"""Is what a client waits for over, or due today? The words for whoever has to see to it. Pure.

All moments are in the laboratory's zone: the day is what people reckon with.
"""

from __future__ import annotations

from datetime import datetime


def term(due: datetime | None, now: datetime) -> str:
    """«срок прошёл 26.11», «срок сегодня, до 17:30»; empty where there is time, or no term."""
    if due is None or due.date() > now.date():
        return ""
    if due.date() < now.date():
        return f"срок прошёл {due:%d.%m}"
    return f"срок сегодня, до {due:%H:%M}" if now <= due else f"срок прошёл сегодня, в {due:%H:%M}"


def news(promised: datetime | None, now: datetime) -> str:
    """As `term`, of the moment by which a complainant was promised to hear of the progress."""
    if promised is None or promised.date() > now.date():
        return ""
    if now <= promised:
        return f"о ходе рассмотрения обещано сообщить сегодня, до {promised:%H:%M}"
    return f"о ходе рассмотрения обещано было сообщить до {promised:%d.%m}"
