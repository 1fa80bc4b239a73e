"""Keys for records that come without one."""

from __future__ import annotations

import unicodedata

from ipt_evidence.citations.records import Record

__all__ = ["invented_key"]


def invented_key(record: Record) -> str:
    """A key like ``cuijpers2011`` from the first author and the year, or from the line."""
    name = record.authors[0]["family"] if record.authors else ""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    letters = "".join(sign for sign in plain if sign.isalnum())
    if not letters:
        return f"entry-{record.source_line}"
    return f"{letters}{record.year or record.source_line}"
