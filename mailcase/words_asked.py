"""What clients ask of us and what becomes of it: the part of the vocabulary that `words` takes in."""

from __future__ import annotations

from enum import StrEnum


class Remedy(StrEnum):
    """What a complainant wants done (A85)."""

    REDO = "redo"
    REFUND = "refund"
    CORRECTED_DOCUMENT = "corrected_document"
    EXPLANATION = "explanation"
    APOLOGY = "apology"
    REPLACEMENT = "replacement"
    COMPENSATION = "compensation"
    PENALTY = "penalty"
    MEETING = "meeting"
    MEASURES = "measures"


class Requirements(StrEnum):
    """Where the confirmation of an order's requirements stands (A66); empty where nobody began it."""

    AWAITING_CONFIRMATION = "awaiting_confirmation"
    CONFIRMED = "confirmed"
