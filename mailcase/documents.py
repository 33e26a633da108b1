"""The laboratory's own documents, sent by key: the version that went is kept with its answer (A17)."""

from __future__ import annotations

import mimetypes
import re

from mailcase.config import Config
from mailcase.config_documents import Document
from mailcase.mail.draft import DraftAttachment
from mailcase.store.raw import RawStore
from mailcase.words import MailcaseError


def wanted(config: Config, keys: str) -> tuple[Document, ...]:
    """The documents of «договор, прайс»; raises MailcaseError (Russian) for a key that none has."""
    known = {document.key: document for document in config.document}
    named = [key for key in re.split(r"[\s,;]+", keys.lower()) if key]
    unknown = [key for key in named if key not in known]
    if unknown:
        raise MailcaseError(f"Документа «{unknown[0]}» нет. Есть: {', '.join(known) or 'ни одного, см. [[document]]'}")
    return tuple(dict.fromkeys(known[key] for key in named))


def attached(raw: RawStore, document: Document) -> DraftAttachment:
    """The file as it is now, kept like a letter, so that it can be shown later what the client got."""
    try:
        data = document.file.read_bytes()
    except OSError as error:
        raise MailcaseError(f"Файл документа «{document.key}» не читается: {document.file.name}") from error
    kind = mimetypes.guess_type(document.file.name)[0] or "application/octet-stream"
    return DraftAttachment(raw.put(data), -1, document.file.name, kind, len(data))
