"""Fields of one record → `Record`: a format is a table of its tags, and code its exceptions.

A table names, for each column, the fields in which the format may have it. The first one that is
not blank counts, and `build_record` gives it the column's normal form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ipt_evidence.citations.identifiers import (
    doi_of,
    normal_issn,
    normal_pmcid,
    normal_pmid,
    registry_ids_in,
)
from ipt_evidence.citations.normal_forms import (
    date_of,
    keywords_of,
    normal_language,
    normal_pages,
    normal_url,
    reading_text,
    short_text,
    volume_and_issue,
)
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.records import MORE_AUTHORS, Record, Rejected

__all__ = [
    "BY_COLUMN",
    "UNENDED",
    "Tags",
    "build_record",
    "first_of",
    "join_repeats",
    "rejected",
    "types_of",
]

Tags = Mapping[str, tuple[str, ...]]
"""Column → fields that may hold it, in the order of preference.

``date`` gives year and date: its fields are all read, the later ones only to make the first
preciser. ``authors`` has a name a line and gives ``et_al``, too.
"""

NOTHING_TO_READ = "the record has no field to read"
UNENDED = "the record is not ended (ER)"
_MAX_SHOWN = 2_000

_NORMAL_FORMS: dict[str, Callable[[str], Any]] = {
    "key": str,
    "title": reading_text,
    "container_title": short_text,
    "volume": short_text,
    "issue": short_text,
    "pages": normal_pages,
    "doi": doi_of,
    "pmid": normal_pmid,
    "abstract": reading_text,
    "keywords": lambda text: keywords_of(text, "\n;"),
    "url": normal_url,
    "language": normal_language,
    "pmcid": normal_pmcid,
    "issn": normal_issn,
}


BY_COLUMN: Tags = {column: (column,) for column in _NORMAL_FORMS}
"""The table of fields that are called as the columns are."""


def types_of(names: Mapping[str, str]) -> dict[str, str]:
    """A format's name of a type, in lower case → our type, of a table of our types.

    Each row has the names in the format, parted by ``|``; writers use the first one.
    """
    return {name.lower(): kind for kind, row in names.items() for name in row.split("|")}


def first_of(raw: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Text of the first of ``names`` that is not blank in ``raw``; empty when all are."""
    for name in names:
        text = raw.get(name)
        if text and not text.isspace():
            return text
    return ""


def join_repeats(raw: dict[str, str], more: dict[str, list[str]]) -> dict[str, str]:
    """``raw`` with the further values of repeated tags, a line each, joined in one step."""
    for tag, values in more.items():
        raw[tag] = "\n".join([raw[tag], *values]) if tag in raw else "\n".join(values)
    return raw


def build_record(fields: dict[str, str], line: int, tags: Tags, **given: Any) -> Record:
    """The record of the ``fields`` of one record that starts on ``line``; they become its ``raw``.

    ``tags`` is the format's table, ``given`` are finished values of the columns that need more
    than a table.
    """
    values: dict[str, Any] = {"key": "", "type": "misc", "raw": fields}
    for column, names in tags.items():
        for name in names:
            if (text := fields.get(name)) and not text.isspace():
                if column in _NORMAL_FORMS:
                    values[column] = _NORMAL_FORMS[column](text)
                elif column == "authors":
                    values["authors"], values["et_al"] = people_of(text.split("\n"))
                else:
                    values["year"], values["date"] = date_of(*map(fields.get, names))
                break
    values |= given
    record = Record(source_line=line, **values)
    record.volume, record.issue = volume_and_issue(record.volume, record.issue)
    if record.authors and not record.authors[0]["given"]:
        _take_registration(record)
    for tag in ("N1", "GN"):
        if tag in fields and _take_note(fields, tag):
            record.et_al = True
    return record


def _take_registration(record: Record) -> None:
    """Take the number of a trial, and its address, out of the places of author and journal.

    Cochrane's trials from registries have them there.
    """
    number = record.authors[0]["family"]
    if not registry_ids_in(number) or " " in number:
        return
    del record.authors[0]
    if record.container_title and (address := normal_url(record.container_title)):
        record.url, record.container_title = record.url or address, None


def _take_note(fields: dict[str, str], tag: str) -> bool:
    """Whether our note on further authors stands in ``tag``; it is taken out, for it is read."""
    if MORE_AUTHORS not in fields[tag]:
        return False
    lines = fields[tag].split("\n")
    rest = [line for line in lines if line != MORE_AUTHORS]
    if rest == lines:
        return False
    fields[tag] = "\n".join(rest)
    if not rest:
        del fields[tag]
    return True


def rejected(line: int, text: str, reason: str = NOTHING_TO_READ) -> Rejected:
    """The row for a stretch of text on ``line`` that cannot be read, with its beginning."""
    return Rejected(line, text.strip()[:_MAX_SHOWN], reason)
