"""Keys for records that come without one."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from ipt_evidence.citations.records import Record

__all__ = ["invented_key"]


def invented_key(record: Record) -> str:
    """A key like ``cuijpers2011`` from the first author and the year, or from the line."""
    letters = _letters(record.authors[0]["family"]) if record.authors else ""
    if not letters:
        return f"entry-{record.source_line}"
    return f"{letters}{record.year or record.source_line}"


@lru_cache(maxsize=16_384)
def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(sign for sign in plain if sign.isalnum())
