"""Fields that the table has no column for, and what each format calls them.

A record read from one format and written in another keeps what both can hold. A field that only
the record's own format knows goes out again when that format is written.
"""

from __future__ import annotations

from collections.abc import Mapping

from ipt_evidence.citations.latex import decode
from ipt_evidence.citations.writers.rows import Row, one_line, raw_origin

__all__ = ["common_extras"]

_COMMON: tuple[dict[str, str], ...] = (
    {"bibtex": "publisher", "ris": "PB", "csl-json": "publisher", "nbib": "PB"},
    {"bibtex": "address", "ris": "CY", "csl-json": "publisher-place"},
    {"bibtex": "location", "ris": "CY", "csl-json": "publisher-place"},
    {"bibtex": "edition", "ris": "ET", "csl-json": "edition", "nbib": "EN"},
    {"bibtex": "series", "ris": "T3", "csl-json": "collection-title"},
    {"bibtex": "isbn", "ris": "SN", "csl-json": "ISBN", "nbib": "ISBN"},
    {"bibtex": "issn", "ris": "SN", "csl-json": "ISSN", "nbib": "IS"},
    {"bibtex": "note", "ris": "N1", "csl-json": "note", "nbib": "GN"},
    {"bibtex": "school", "ris": "PB", "csl-json": "publisher"},
    {"bibtex": "institution", "ris": "PB", "csl-json": "publisher"},
    {"bibtex": "affiliation", "ris": "AD", "nbib": "AD"},
    {"bibtex": "shorttitle", "ris": "ST", "csl-json": "title-short"},
)
"""One row a field: its name in each format that has it."""


def common_extras(row: Row, target: str) -> dict[str, str]:
    """Fields of ``raw`` that have no column, under their names in ``target``, as plain text.

    ``target`` is bibtex, ris, nbib or csl-json; the record's own format gives nothing here, because
    its fields are taken over as they stand.
    """
    raw: Mapping[str, str] = row["raw"]
    origin = raw_origin(raw)
    if origin == target:
        return {}
    found: dict[str, str] = {}
    for names in _COMMON:
        source, goal = names.get(origin), names.get(target)
        if source and goal and isinstance(value := raw.get(source), str) and value.strip():
            text = decode(value) if origin == "bibtex" else value
            found.setdefault(goal, one_line(text))
    return found
