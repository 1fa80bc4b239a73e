"""Rows that have more cells than their table has headings: which cell is the one too many."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["EMPTY_CELLS", "refitted"]

EMPTY_CELLS = frozenset(
    {
        "NA",
        "N/A",
        "na",
        "n/a",
        "NaN",
        "nan",
        "NULL",
        "None",
        "-",
        "--",
        "[]",
        "[No abstract available]",
    }
    | {"[No author name available]", "[No author id available]", "[No title available]"}
    | {"No author name available", "No abstract available"}
)
"""What exporters write where they have nothing."""

_FITTING = {
    "year": re.compile(r".*\d{4}.*|"),
    "date": re.compile(r".*\d{4}.*|"),
    "doi": re.compile(r".*10\..*/.*|"),
    "pmid": re.compile(r"(?:[^\d]*\d{1,9}(?:\.0)?)?", re.DOTALL),
    "pmcid": re.compile(r".*\d.*|"),
    "issn": re.compile(r".*\d{3}.*|"),
    "language": re.compile(r"[^\d]*"),
    "url": re.compile(r".*(?:://|www\.).*|", re.DOTALL),
    "start": re.compile(r".*\d.*|[ivxlc]+|", re.IGNORECASE),
    "end": re.compile(r".*\d.*|[ivxlc]+|", re.IGNORECASE),
    "type": re.compile(r"[^\d]{0,60}|\d{1,2}"),
}
"""What a cell of a column looks like when it stands in the right one."""

_MAX_FITTED = 60


def refitted(cells: list[str], count: int, known: dict[str, list[int]]) -> list[str] | None:
    """Cells of a row that has more than ``count``, under the headings to which they belong.

    Those that fit as they stand are left, with what is beyond; otherwise one cell that is empty, or
    two that a separator without quotation marks parted, are the fault. None where that cannot be
    told, because no single way makes every cell fit.
    """
    spaced = [n for n, cell in enumerate(cells) if n and cell[:1] == " " and cell.strip()]
    if len(cells) == count + 1 and len(spaced) == 1:
        at = spaced[0]
        joined = [*cells[: at - 1], f"{cells[at - 1]},{cells[at]}", *cells[at + 1 :]]
        if _fit(joined, known):
            return joined
    if _fit(cells, known):
        return cells
    if len(cells) != count + 1 or count > _MAX_FITTED:
        return None
    ways = {
        tuple(cells[:at] + cells[at + 1 :]) for at, cell in enumerate(cells) if not cell.strip()
    }
    fitting = [list(way) for way in ways if _fit(list(way), known)]
    if not fitting:
        ways = {
            (*cells[:at], f"{cells[at]}, {cells[at + 1]}", *cells[at + 2 :])
            for at in range(len(cells) - 1)
        }
        fitting = [list(way) for way in ways if _fit(list(way), known)]
    seen = {tuple(_known_cells(way, known)) for way in fitting}
    return fitting[0] if len(seen) == 1 else None


def _known_cells(cells: list[str], known: dict[str, list[int]]) -> Iterator[str]:
    return (cells[place] for places in known.values() for place in places if place < len(cells))


def _fit(cells: list[str], known: dict[str, list[int]]) -> bool:
    return all(
        pattern.fullmatch(cells[place].strip())
        for meaning, pattern in _FITTING.items()
        for place in known.get(meaning, ())
        if place < len(cells) and cells[place] not in EMPTY_CELLS
    )
