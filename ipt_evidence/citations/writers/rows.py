"""Rows of a table of citations as every writer takes them, and fields without a column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ipt_evidence.citations.latex import decode
from ipt_evidence.citations.people import person_of
from ipt_evidence.citations.records import CITATION_COLUMNS
from ipt_evidence.citations.screening import note_of, screening_of

__all__ = [
    "Row",
    "common_extras",
    "decisions",
    "is_corporate",
    "iso_parts",
    "one_line",
    "person_name",
    "raw_origin",
    "rows_of",
    "type_name",
]

Row = dict[str, Any]
"""One record: every name of `CITATION_COLUMNS`, None or an empty list where a value is missing."""

_LISTS = ("authors", "keywords", "registry_ids")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,3}")


def rows_of(
    citations: pd.DataFrame, tags: pd.DataFrame | None = None, *, first: int = 1
) -> Iterator[Row]:
    """The rows of ``citations``, in order; ``first`` is the number of the first in its list.

    ``tags`` (columns key, kind, value, as `tagging.tag_citations` gives them) join the keywords as
    ``kind:value``, so that reference managers show and keep them.
    """
    words = _tags_by_key(tags)
    columns = {
        name: citations[name].astype(object).tolist()
        for name in CITATION_COLUMNS
        if name in citations
    }
    for position in range(len(citations)):
        row: Row = {
            name: _plain(columns[name][position]) if name in columns else None
            for name in CITATION_COLUMNS
        }
        for name in _LISTS:
            if name in row:
                row[name] = list(row[name] or [])
        row["raw"] = row["raw"] if isinstance(row["raw"], Mapping) else {}
        row["key"] = row["key"] or f"record-{position + first}"
        row["type"] = row["type"] or "misc"
        extra = words.get(row["key"], ())
        row["keywords"] += [word for word in extra if word not in row["keywords"]]
        yield row


def _tags_by_key(tags: pd.DataFrame | None) -> Mapping[str, Sequence[str]]:
    words: defaultdict[str, list[str]] = defaultdict(list)
    if tags is not None:
        for key, kind, value in zip(tags["key"], tags["kind"], tags["value"], strict=True):
            words[key].append(f"{kind}:{value}")
    return words


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value or None
    if isinstance(value, list | tuple | dict | bool):
        return value
    if value is None or value is pd.NA or value != value:
        return None
    return value


_SAME_TYPES = {
    "inbook": "incollection",
    "conference": "inproceedings",
    "mastersthesis": "phdthesis",
    "thesis": "phdthesis",
    "report": "techreport",
}


def type_name(row: Row, names: Mapping[str, str], other: str) -> str:
    """The record's type in a format: the first of its ``names`` (as `types_of` has them)."""
    kind = row["type"].lower()
    return names.get(_SAME_TYPES.get(kind, kind), other).partition("|")[0]


def one_line(text: object) -> str:
    """``text`` without line breaks, control characters and outer space, fit for a tagged line."""
    return _SPACE.sub(" ", _CONTROL.sub("", str(text))).strip()


def is_corporate(person: Mapping[str, str]) -> bool:
    """Whether the author is a corporate author or has a single name."""
    return not person.get("given")


def person_name(person: Mapping[str, str]) -> str:
    """``Family, Given, Suffix``.

    A corporate author keeps its name; where that could be taken for a person's, it ends in a comma,
    and a comma of its own is doubled, as EndNote has it.
    """
    if is_corporate(person):
        name = one_line(person.get("family", ""))
        family, given, *_ = person_of(name)
        return name if (family, given) == (name, "") else f"{name.replace(',', ',,', 1)},"
    parts = [person.get("family", ""), person.get("given", ""), person.get("suffix", "")]
    return one_line(", ".join(part for part in parts if part))


def iso_parts(row: Row) -> list[int]:
    """Year, month, day as far as the record knows them; empty without a year."""
    date = row.get("date")
    if isinstance(date, str) and re.fullmatch(r"\d{4}(-\d\d){0,2}", date):
        parts = [int(part) for part in date.split("-")]
        if row["year"] in (None, parts[0]):
            return parts
    return [int(row["year"])] if row["year"] is not None else []


def raw_origin(raw: Mapping[str, str]) -> str:
    """Which format the fields of ``raw`` came from: bibtex, ris, nbib, csl-json or other."""
    names: Iterable[str] = raw.keys()
    if "TY" in raw:
        return "ris"
    if {"issued", "container-title"} & raw.keys() or {"id", "type"} <= raw.keys():
        return "csl-json"
    if {"DOI", "URL"} & raw.keys() and {"title", "type"} & raw.keys():
        return "csl-json"
    if {"PMID", "FAU", "OWN", "JT"} & raw.keys() and all(map(_TAG.fullmatch, names)):
        return "nbib"
    if raw and all(re.fullmatch(r"[a-z][a-z0-9_+:-]*(?:#\d+)?", name) for name in names):
        return "bibtex"
    return "other"


_NOTE = {"bibtex": "note", "ris": "N1", "csl-json": "note", "nbib": "GN"}
_COMMON: tuple[dict[str, str], ...] = (
    {"bibtex": "publisher", "ris": "PB", "csl-json": "publisher", "nbib": "PB"},
    {"bibtex": "address", "ris": "CY", "csl-json": "publisher-place"},
    {"bibtex": "location", "ris": "CY", "csl-json": "publisher-place"},
    {"bibtex": "edition", "ris": "ET", "csl-json": "edition", "nbib": "EN"},
    {"bibtex": "series", "ris": "T3", "csl-json": "collection-title"},
    {"bibtex": "isbn", "ris": "SN", "csl-json": "ISBN", "nbib": "ISBN"},
    {"bibtex": "issn", "ris": "SN", "csl-json": "ISSN", "nbib": "IS"},
    _NOTE,
    {"bibtex": "school", "ris": "PB", "csl-json": "publisher"},
    {"bibtex": "institution", "ris": "PB", "csl-json": "publisher"},
    {"bibtex": "affiliation", "ris": "AD", "nbib": "AD"},
    {"bibtex": "shorttitle", "ris": "ST", "csl-json": "title-short"},
)
"""One row a field: its name in each format that has it."""


def common_extras(row: Row, target: str) -> dict[str, str]:
    """Fields of ``raw`` that have no column, under their names in ``target``, as plain text.

    ``target`` is bibtex, ris, nbib or csl-json; the record's own format gives nothing here, because
    its fields are taken over as they stand. Decisions of a screening program become the note that
    Rayyan makes of them.
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
    if decided := decisions(row):
        found[_NOTE[target]] = decided
    return found


def decisions(row: Row) -> str:
    """What reviewers decided, as Rayyan notes it; empty where nobody did."""
    text = note_of(row["raw"])
    if "RAYYAN-" in text and "\\" not in text:  # else it has BibTeX's signs among its own
        return one_line(text)
    screened = screening_of(row["raw"], row["source_file"] or "")
    return screened.note() if screened and (screened.votes or screened.reasons) else ""
