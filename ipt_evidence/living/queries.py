"""The documented search strings: what is sent to which service, and why so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.toml import build, entries, read_toml
from ipt_evidence.services.settings import SERVICES

__all__ = ["Query", "load_queries"]


@dataclass(frozen=True, slots=True)
class Query:
    """One search string as it is sent. ``since`` is an ISO date; ``most`` 0 means all records."""

    id: str
    service: str
    query: str
    since: str
    most: int = 0
    note: str = ""


def load_queries(folder: Path) -> tuple[Query, ...]:
    """The ``[[queries]]`` of ``sources.toml``.

    Raises
    ------
    DataError
        When an entry lacks a field, names an unknown service, or its date is none.
    """
    path = folder / "sources.toml"
    found = []
    for number, entry in enumerate(entries(read_toml(path), "queries", path), start=1):
        place = f"{path}: query {entry.get('id', number)}"
        query = build(Query, entry, place)
        if query.service not in SERVICES:
            raise DataError(f"{place}: no service {query.service!r}. Use {', '.join(SERVICES)}")
        try:
            date.fromisoformat(query.since)
        except ValueError:
            raise DataError(f"{place}: since is {query.since!r}. Write a date") from None
        found.append(query)
    return tuple(found)
