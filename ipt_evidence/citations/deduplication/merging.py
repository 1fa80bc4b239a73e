"""Several records of one publication → one, with the best value of each field and every source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from ipt_evidence.citations.deduplication.pages import parse_pages
from ipt_evidence.citations.records import CITATION_COLUMNS, normal_title

__all__ = ["SOURCE_FIELDS", "merge_rows", "unique_records"]

SOURCE_FIELDS = ("key", "source_file", "source_line")
"""What is kept of each record that went into a merged one."""

Row = Mapping[Any, Any]


def unique_records(citations: pd.DataFrame, groups: Sequence[Sequence[int]]) -> pd.DataFrame:
    """One row a publication, in the order of first appearance.

    Columns of ``citations``, then ``sources`` (a list of ``{"key", "source_file", "source_line"}``,
    one a record that went into the row) and ``rows`` (their positions in ``citations``).
    """
    merged_into = {row: group[0] for group in groups for row in group}
    leaders = [row for row in range(len(citations)) if merged_into.get(row, row) == row]
    unique = citations.iloc[leaders].copy()
    unique.index = pd.RangeIndex(len(leaders))
    place = {row: position for position, row in enumerate(leaders)}
    columns = {
        name: citations[name].astype(object).tolist()
        for name in citations.columns
        if name in CITATION_COLUMNS
    }
    changed = {
        place[group[0]]: merge_rows(
            [{name: values[row] for name, values in columns.items()} for row in group]
        )
        for group in groups
    }
    for name in citations.columns:
        if name in CITATION_COLUMNS and changed:
            values = unique[name].astype(object).tolist()
            for position, row in changed.items():
                values[position] = row[name]
            unique[name] = pd.Series(values, index=unique.index, dtype=citations[name].dtype)
    rows: list[list[int]] = [[row] for row in leaders]
    for group in groups:
        rows[place[group[0]]] = list(group)
    sources = _sources(citations)
    unique["sources"] = pd.Series([[sources[row] for row in item] for item in rows], dtype="object")
    unique["rows"] = pd.Series(rows, dtype="object")
    return unique


def _sources(citations: pd.DataFrame) -> list[dict[str, Any]]:
    names = [name for name in SOURCE_FIELDS if name in citations]
    columns = [citations[name].astype(object).tolist() for name in names]
    if not columns:
        return [{} for _ in range(len(citations))]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def merge_rows(rows: Sequence[Row]) -> dict[Any, Any]:
    """The best value of each column of ``rows``, which are records of one publication.

    Texts: the one that most records have, then the longest; the title prefers one that is not
    in capitals, the journal its full name, authors the longest list with the fullest names. Year,
    volume, issue and pages come together from the record that gives the place most fully, so that
    an advance publication never mixes with the printed one. Keywords are united. ``raw`` holds the
    fields of every record; where two differ, those of the fullest record count.
    """
    ranked = sorted(rows, key=_fullness, reverse=True)
    merged = dict(ranked[0])
    for name in merged:
        choose = _CHOICES.get(name, _first)
        merged[name] = choose([row[name] for row in ranked if not _missing(row[name])])
    if "authors" in merged and "et_al" in merged:
        chosen = merged["authors"]
        merged["et_al"] = all(bool(row["et_al"]) for row in ranked if row["authors"] == chosen)
    printed = max(ranked, key=_place)
    for name in ("year", "volume", "issue", "pages"):
        if name in merged and not _missing(printed[name]):
            merged[name] = printed[name]
    return merged


def _missing(value: Any) -> bool:
    if isinstance(value, str | list | tuple | dict):
        return not value
    return value is None or value is pd.NA or value != value


def _fullness(row: Row) -> tuple[int, int]:
    filled = sum(not _missing(value) for name, value in row.items() if name in CITATION_COLUMNS)
    return filled, len(row["raw"]) if isinstance(row.get("raw"), dict) else 0


def _place(row: Row) -> tuple[int, int]:
    """How fully a record says where it was printed."""
    text = row.get("pages")
    pages = parse_pages(text) if isinstance(text, str) else None
    known = sum(not _missing(row.get(name)) for name in ("volume", "pages", "issue", "year"))
    return known, 0 if pages is None else 1 + (pages.last is not None)


def _first(values: Sequence[Any]) -> Any:
    return values[0] if values else None


def _common(values: Sequence[str]) -> str | None:
    """The text that most records have, folded; then the longest."""
    if not values:
        return None
    counts = Counter(map(normal_title, values))
    return max(values, key=lambda text: (counts[normal_title(text)], len(text)))


def _title(values: Sequence[str]) -> str | None:
    readable = [text for text in values if not text.isupper()]
    return _common(readable or values)


def _longest(values: Sequence[Any]) -> Any:
    return max(values, key=len) if values else None


def _authors(values: Sequence[list[dict[str, str]]]) -> list[dict[str, str]]:
    if not values:
        return []
    return max(values, key=lambda names: (len(names), sum(len(p.get("given", "")) for p in names)))


def _keywords(values: Sequence[list[str]]) -> list[str]:
    united: dict[str, str] = {}
    for words in values:
        for word in words:
            united.setdefault(word.casefold(), word)
    return list(united.values())


def _raw(values: Sequence[dict[str, str]]) -> dict[str, str]:
    united: dict[str, str] = {}
    for fields in values:
        for name, value in fields.items():
            united.setdefault(name, value)
    return united


def _kind(values: Sequence[str]) -> str | None:
    known = [value for value in values if value not in ("misc", "unpublished", "")]
    chosen: str | None = _first(known or values)
    return chosen


def _any(values: Sequence[Any]) -> bool:
    return any(values)


_CHOICES: dict[str, Callable[[Sequence[Any]], Any]] = {
    "type": _kind,
    "title": _title,
    "authors": _authors,
    "et_al": _any,
    "container_title": _longest,
    "abstract": _longest,
    "doi": _common,
    "pmid": _common,
    "year": _first,
    "volume": _common,
    "issue": _common,
    "pages": _longest,
    "keywords": _keywords,
    "raw": _raw,
}
