"""The vocabulary of serving a client: by which way he and we reach each other, and which papers he gets.

Part of `words.py`, from where everything is imported.
"""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a client reaches us, wants to be reached or was answered (A13, A46)."""

    EMAIL = "email"
    PHONE = "phone"
    ANSWERPHONE = "answerphone"
    FAX = "fax"
    WEB_FORM = "web_form"
    VISIT = "visit"
    BOOK = "book"
    POST = "post"
    COURIER = "courier"
    EDO = "edo"
    MESSENGER = "messenger"
    OTHER = "other"


class DocumentType(StrEnum):
    """What a paper that went to a client is (A19)."""

    INVOICE = "invoice"
    TAX_INVOICE = "tax_invoice"
    TRANSFER = "transfer"
    ACT = "act"
    PROTOCOL = "protocol"
    CERTIFICATE = "certificate"
    UNFITNESS = "unfitness"
    OFFER = "offer"
    CONTRACT = "contract"
