"""Results of a de-duplication: groups, doubtful pairs, relations, and the merged table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from ipt_evidence.citations.deduplication.features import parse_pages
from ipt_evidence.citations.normal_forms import normal_title
from ipt_evidence.citations.records import CITATION_COLUMNS
from ipt_evidence.errors import CitationError

__all__ = ["Deduplication", "DoubtfulPair", "DuplicateGroup", "Relation", "unique_records"]

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


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Records of one publication: their row positions, ascending, at least two.

    ``score`` (0 to 1) and ``reason`` are those of the weakest link that holds the group together.
    """

    rows: tuple[int, ...]
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtfulPair:
    """Two records that a person should look at: row positions, score (0 to 1), reason."""

    rows: tuple[int, int]
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Relation:
    """Two records that belong together and are not the same; ``kind`` as `RELATION_KINDS`."""

    rows: tuple[int, int]
    kind: str
    reason: str


@dataclass(frozen=True)
class Deduplication:
    """Duplicates found in a table of citations. Nothing is lost: ``citations`` is the input.

    Attributes
    ----------
    citations : DataFrame
        The table that was searched, unchanged; rows are meant by position.
    groups : tuple of DuplicateGroup
        What was merged, in the order of the first record of each.
    review : tuple of DoubtfulPair
        Pairs that were not merged and are likely enough to be shown, the likeliest first.
    relations : tuple of Relation
        Pairs that are never merged: parts, errata, preprints, protocols, replies.
    """

    citations: pd.DataFrame
    groups: tuple[DuplicateGroup, ...]
    review: tuple[DoubtfulPair, ...]
    relations: tuple[Relation, ...]

    @cached_property
    def unique(self) -> pd.DataFrame:
        """One row a publication, with columns ``sources`` and ``rows`` after those of the input."""
        return unique_records(self.citations, [group.rows for group in self.groups])

    @property
    def merged(self) -> int:
        """How many records went into others."""
        return sum(len(group.rows) - 1 for group in self.groups)

    def undo(self, group: int) -> Deduplication:
        """The same result without the merge of ``groups[group]``, which becomes single records.

        Raises CitationError when there is no such group.
        """
        return self.split(group, self._group(group).rows)

    def split(self, group: int, rows: Iterable[int]) -> Deduplication:
        """The same result with ``rows`` taken out of ``groups[group]`` as single records.

        Raises CitationError when the group does not exist or does not hold all of ``rows``.
        """
        old = self._group(group)
        out = set(rows)
        if not out <= set(old.rows):
            strange = ", ".join(map(str, sorted(out - set(old.rows))))
            raise CitationError(f"group {group} holds the rows {old.rows}, not {strange}.")
        kept = tuple(row for row in old.rows if row not in out)
        groups = list(self.groups)
        groups[group : group + 1] = [replace(old, rows=kept)] if len(kept) > 1 else []
        return replace(self, groups=tuple(groups))

    def join(self, rows: Iterable[int], reason: str = "merged by hand") -> Deduplication:
        """The same result with ``rows``, and the groups that they are in, merged into one.

        This is a person's decision: it may join what is never joined automatically. Raises
        CitationError when a row does not exist or fewer than two are named.
        """
        wanted = set(rows)
        if len(wanted) < 2 or not wanted <= set(range(len(self.citations))):
            raise CitationError(
                f"name two or more rows from 0 to {len(self.citations) - 1} to merge them."
            )
        touched = [group for group in self.groups if wanted & set(group.rows)]
        everything = wanted.union(*(group.rows for group in touched))
        joined = DuplicateGroup(tuple(sorted(everything)), 1.0, reason)
        groups = [group for group in self.groups if group not in touched] + [joined]
        return replace(
            self,
            groups=tuple(sorted(groups, key=lambda group: group.rows)),
            review=tuple(pair for pair in self.review if not set(pair.rows) <= everything),
        )

    def _group(self, number: int) -> DuplicateGroup:
        if not 0 <= number < len(self.groups):
            raise CitationError(
                f"there is no group {number}; {len(self.groups)} groups were merged, from 0."
            )
        return self.groups[number]
