"""The register of normative references: which texts the laboratory has, and what that says of a term's source (A3)."""

from __future__ import annotations

import re
from functools import lru_cache

from mailcase.config import Config
from mailcase.config_references import Reference, merged

_BY_DEFAULT = "по умолчанию"
# As sources cite the four that have a name in other languages or a short one.
_CITED = {"Приказ № 707": r"приказ\w* (№ ?)?707", "ИСО 9001": r"(исо|iso) 9001", "ИСО/МЭК 17025": r"17025"}


def register(config: Config) -> tuple[Reference, ...]:
    """Every reference, the nine of the rules first."""
    return merged(config.reference)


def status(reference: Reference) -> str:
    """«есть» where its text can be read, else «нет текста»."""
    return "есть" if _has_text(reference) else "нет текста"


def term_source(config: Config, source: str) -> str:
    """The source of a term as people read it: one that names a text we do not have is a «значение по умолчанию»."""
    missing = [one.id for one in register(config) if _cites(one.id).search(source) and not _has_text(one)]
    if not missing:
        return source
    if source.startswith(_BY_DEFAULT):
        return f"значение {source}"
    return f"{source} (значение по умолчанию, пока нет текста: {', '.join(missing)})"


def _has_text(reference: Reference) -> bool:
    return reference.file is not None and reference.file.is_file()


@lru_cache(maxsize=64)
def _cites(name: str) -> re.Pattern[str]:
    """«СТО-СМК-005» wherever a text says it, and no longer name that holds it."""
    return re.compile(rf"(?<!\w)({_CITED.get(name) or re.escape(name)})(?!\w)", re.IGNORECASE)
