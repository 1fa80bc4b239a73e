"""Rows of a table of citations as every writer takes them, and fields without a column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ipt_evidence.citations.identifiers import normal_issn, registry_ids_in
from ipt_evidence.citations.latex import decode
from ipt_evidence.citations.normal_forms import iso_date
from ipt_evidence.citations.people import parse_names, people_of, person_of
from ipt_evidence.citations.readers.csl_json import csl_people
from ipt_evidence.citations.records import CITATION_COLUMNS, Person
from ipt_evidence.citations.screening import note_of, screening_of

__all__ = [
    "Row",
    "accessed",
    "common_extras",
    "decisions",
    "editors",
    "is_corporate",
    "iso_parts",
    "one_line",
    "person_name",
    "raw_origin",
    "rows_of",
    "same_type",
    "type_name",
    "unnamed_trials",
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


def same_type(kind: str) -> str:
    """The type that stands for ``kind`` in formats with fewer of them."""
    return _SAME_TYPES.get(kind.lower(), kind.lower())


def type_name(row: Row, names: Mapping[str, str], other: str) -> str:
    """The record's type in a format: the first of its ``names`` (as `types_of` has them)."""
    return names.get(same_type(row["type"]), other).partition("|")[0]


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


_EDITORS = {
    "bibtex": ("editor",),
    "ris": ("A2", "ED", "A3"),
    "csl-json": ("editor",),
    "nbib": ("FED", "ED"),
}
_ACCESSED = {"bibtex": "urldate", "ris": "Y2", "csl-json": "accessed"}


def editors(row: Row) -> list[Person]:
    """The editors that a record of any format names beside its title, for the other formats.

    Where a record has no authors, its editors stand in their column, too.
    """
    raw, origin = row["raw"], raw_origin(row["raw"])
    text = next(filter(None, map(raw.get, _EDITORS.get(origin, ()))), "")
    if not isinstance(text, str) or not text.strip():
        return []
    if origin == "bibtex":
        return parse_names(text)[0]
    return csl_people(text) if origin == "csl-json" else people_of(text.split("\n"))[0]


def accessed(row: Row) -> str:
    """When the record's address was looked at, as an ISO date; empty where it does not say."""
    origin = raw_origin(row["raw"])
    text = str(row["raw"].get(_ACCESSED.get(origin, ""), ""))
    if origin == "csl-json":
        text = "-".join(re.findall(r"\d+", text)[:3])
    return iso_date(text) or ""


def unnamed_trials(row: Row, *texts: str | None) -> list[str]:
    """Trial registrations that neither title, abstract nor ``texts`` name when they are read."""
    named = registry_ids_in(row["title"], row["abstract"], *texts)
    return [number for number in row["registry_ids"] if number not in named]


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
            text = one_line(decode(value) if origin == "bibtex" else value)
            if target != "bibtex" or _fits(goal, text, same_type(row["type"])):
                found.setdefault(goal, text)
    if decided := decisions(row):
        found[_NOTE[target]] = decided
    return found


def _fits(name: str, text: str, kind: str) -> bool:
    """Whether BibTeX's field ``name`` is the one, of those for the same, that the record has."""
    if name in ("publisher", "school", "institution"):
        return name == {"phdthesis": "school", "techreport": "institution"}.get(kind, "publisher")
    if name in ("issn", "isbn"):
        return (name == "issn") == (normal_issn(text) is not None)
    return name != "location"


def decisions(row: Row) -> str:
    """What reviewers decided, as Rayyan notes it; empty where nobody did."""
    text = note_of(row["raw"])
    if "RAYYAN-" in text and "\\" not in text:  # else it has BibTeX's signs among its own
        return one_line(text)
    screened = screening_of(row["raw"], row["source_file"] or "")
    return screened.note() if screened and (screened.votes or screened.reasons) else ""
