"""Where the data come from: databases, reports and reviews, and what was searched for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.claims import read_toml

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
    sources = [
        _build(Source, entry, f"{path}: source {entry.get('id', '?')}")
        for entry in document.get("sources", [])
    ]
    searches = [
        _build(Search, entry, f"{path}: search {number}")
        for number, entry in enumerate(document.get("searches", []), start=1)
    ]
    return {source.id: source for source in sources}, tuple(searches)


_Entry = TypeVar("_Entry", Source, Search)


def _build(kind: type[_Entry], entry: dict[str, Any], place: str) -> _Entry:
    values: dict[str, Any] = {}
    for field in fields(kind):
        value = entry.get(field.name)
        if value is None or value == "NA":
            continue
        values[field.name] = tuple(value) if isinstance(value, list) else str(value)
    try:
        return kind(**values)
    except TypeError as err:
        raise DataError(f"{place}: {err}. Fill in what is missing") from err
