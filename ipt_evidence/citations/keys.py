"""Keys for records that come without one."""

from __future__ import annotations

import unicodedata

from ipt_evidence.citations.memo import Memo
from ipt_evidence.citations.records import Person

__all__ = ["invented_key"]


def invented_key(authors: list[Person], year: int | None, line: int) -> str:
    """A key like ``cuijpers2011`` from the first author and the year, or from the line."""
    letters = _LETTERS[authors[0]["family"]] if authors else ""
    return f"{letters}{year or line}" if letters else f"entry-{line}"


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(sign for sign in plain if sign.isalnum())


_LETTERS = Memo(_letters)
