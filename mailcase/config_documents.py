"""The section of a document that employees attach by its key."""

from __future__ import annotations

from pathlib import Path

from mailcase import config_values as values


class Document(values.Section):
    """A file of the laboratory's own: a contract form, a price list; `date` is the day of this version."""

    key: values.DocumentKey
    title: values.Text
    file: Path
    version: values.Text
    date: values.Day

    def __str__(self) -> str:
        """As records name it."""
        return f"{self.title}, {self.version} от {self.date:%d.%m.%Y}"
