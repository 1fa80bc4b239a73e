"""Where the data come from: databases, reports and reviews, and what was searched for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.toml import build, entries, read_toml

__all__ = ["Search", "Source", "load_sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """One source with its licence and the date of its last systematic search.

    ``last_search`` is an ISO date, or empty where no systematic search stands behind the source.
    """

    id: str
    label: str
    kind: str
    licence: str = ""
    licence_url: str = ""
    doi: str = ""
    url: str = ""
    version: str = ""
    last_search: str = ""
    attribution: str = ""
    positive_g_means: str = ""
    note: str = ""

    @property
    def address(self) -> str:
        """Where the source can be opened: its DOI, else its URL; empty when neither is known."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url


@dataclass(frozen=True, slots=True)
class Search:
    """A question for which trials were looked for, and how."""

    conditions: tuple[str, ...]
    comparisons: tuple[str, ...]
    how: str
    until: str = ""
    source: str = ""


def load_sources(path: Path) -> tuple[dict[str, Source], tuple[Search, ...]]:
    """Read ``sources.toml``: the sources by id, and the searches.

    Raises
    ------
    DataError
        When the file cannot be read or an entry lacks a field.
    """
    document = read_toml(path)
    sources: dict[str, Source] = {}
    for entry in entries(document, "sources", path):
        source = build(Source, entry, f"{path}: source {entry.get('id', '?')}")
        if source.id in sources:
            raise DataError(f"{path}: source {source.id} stands there twice. Keep one")
        _check_date(source.last_search, f"{path}: source {source.id}: last_search")
        sources[source.id] = source
    searches = tuple(
        build(Search, entry, f"{path}: search {number}")
        for number, entry in enumerate(entries(document, "searches", path), start=1)
    )
    for number, search in enumerate(searches, start=1):
        _check_date(search.until, f"{path}: search {number}: until")
    return sources, searches


def _check_date(text: str, place: str) -> None:
    if not text:
        return
    try:
        date.fromisoformat(text)
    except ValueError:
        raise DataError(f"{place} is {text!r}. Write a date like 2024-01-31, or NA") from None
