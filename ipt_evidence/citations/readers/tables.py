"""Tables with one record a row: CSV and TSV in any dialect, and Excel workbooks.

Scopus, Embase, PubMed, Zotero, Rayyan, JabRef, Covidence, Dimensions, Lens and hand-made tables;
what their columns are called stands in `table_columns`.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Iterable, Iterator

from ipt_evidence.citations.readers.fields import (
    date_of,
    doi_of,
    keywords_of,
    page_range,
    reading_text,
)
from ipt_evidence.citations.readers.table_columns import known_columns
from ipt_evidence.citations.readers.table_people import people_of_cell
from ipt_evidence.citations.records import (
    ReadResult,
    Record,
    Rejected,
    Repaired,
    find_doi,
    normal_issn,
    normal_language,
    normal_pages,
    normal_pmcid,
    normal_pmid,
    normal_url,
    registry_ids_in,
)

__all__ = ["Row", "cut_table", "find_table", "header_of", "read_rows", "read_table"]

MAX_CELL_CHARACTERS = 1_000_000
"""A longer cell is taken for a quotation mark that is never closed."""

_DELIMITERS = (",", "\t", ";", "|")
_MAX_HEADER_LINES = 10
_MAX_SHOWN = 2_000
_TYPES = (
    ("conference", "inproceedings"),
    ("proceeding", "inproceedings"),
    ("chapter", "incollection"),
    ("section", "incollection"),
    ("incollection", "incollection"),
    ("thesis", "phdthesis"),
    ("dissertation", "phdthesis"),
    ("report", "techreport"),
    ("dataset", "dataset"),
    ("preprint", "unpublished"),
    ("unpublished", "unpublished"),
    ("webpage", "online"),
    ("web page", "online"),
    ("book", "book"),
)

_TOO_LONG = "a cell of the row is too long and was cut"
_UNCLOSED = "a quotation mark in the row is never closed"
Row = tuple[int, list[str], str]
_Header = tuple[int, str, list[str], dict[str, list[int]]]


def find_table(text: str) -> int | None:
    """Where the header stands in ``text``; None when no line names a bibliography's columns."""
    header = _header(text[:200_000])
    if header is None:
        return None
    return sum(len(line) + 1 for line in text.split("\n", header[0])[: header[0]])


def header_of(text: str) -> str:
    """The lines of ``text`` up to its header, which every later part of the table needs."""
    header = _header(text[:200_000])
    if header is None:
        return ""
    lines = text.split("\n", header[0] + 1)[: header[0] + 1]
    return "\n".join(lines) + "\n"


def cut_table(text: str) -> int:
    """Up to where ``text`` holds only whole rows: a line end outside quotation marks."""
    position = text.rfind("\n")
    while position > 0:
        if text.count('"', 0, position) % 2 == 0:
            return position + 1
        position = text.rfind("\n", 0, max(text.rfind('"', 0, position), 0))
    return 0


def _header(text: str) -> _Header | None:
    """Line number from 0, delimiter, headings and what they mean."""
    for number, line in enumerate(text.split("\n", _MAX_HEADER_LINES)[:_MAX_HEADER_LINES]):
        if line.lower().startswith("sep=") or not line.strip():
            continue
        for delimiter in _DELIMITERS:
            if delimiter not in line:
                continue
            try:
                headings = next(csv.reader([line], delimiter=delimiter, strict=True))
            except (csv.Error, StopIteration):
                continue
            known = known_columns(headings)
            if known is not None and len(headings) > 1:
                return number, delimiter, headings, known
        if number == 0 and known_columns([line]) is not None:
            return number, ",", [line], {"title": [0]}
        if number >= 3:
            return None
    return None


def read_table(text: str) -> ReadResult:
    """Records of a CSV or TSV text; rows with more cells than the header are rejected."""
    header = _header(text)
    if header is None:
        return ReadResult(note="no line names columns of a bibliography")
    number, delimiter, headings, known = header
    body = text.split("\n", number + 1)
    rest = body[number + 1] if len(body) > number + 1 else ""
    if len(headings) == 1:
        rows: Iterable[Row] = (
            (line, [row], "") for line, row in enumerate(rest.split("\n"), number + 2)
        )
    else:
        rows = _rows(rest, delimiter, number + 2)
    return read_rows(headings, known, rows)


def _rows(text: str, delimiter: str, first: int) -> Iterator[Row]:
    """The rows of ``text``, whose first line has the number ``first``.

    Where a quotation mark is never closed, only its own line is read without quotation marks, and
    what it would have swallowed is read as rows.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        reader = csv.reader(
            (f"{line}\n" for line in itertools.islice(lines, start, None)), delimiter=delimiter
        )
        begins, ends = start, start
        held: list[str] | None = None
        try:
            for row in reader:
                if held is not None:
                    yield first + begins, held, ""
                begins, ends, held = ends, start + reader.line_num, row
        except csv.Error:
            if held is not None:
                yield first + begins, held, ""
            begins = ends
        else:
            if held is None:
                return
            if ends - begins < 2 or sum(line.count('"') for line in lines[begins:]) % 2 == 0:
                yield first + begins, held, ""
                return
        alone = lines[begins].replace('"', "").split(delimiter)
        long = any(len(cell) > MAX_CELL_CHARACTERS for cell in alone)
        cells = [cell[:MAX_CELL_CHARACTERS] for cell in alone] if long else alone
        yield first + begins, cells, _TOO_LONG if long else _UNCLOSED
        start = begins + 1


def read_rows(headings: list[str], known: dict[str, list[int]], rows: Iterable[Row]) -> ReadResult:
    """Records of rows of cells, each with its line number and what was wrong with it."""
    result = ReadResult()
    names = _unique([heading.strip().strip("\ufeff") or "column" for heading in headings])
    for line, cells, fault in rows:
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        extra = [cell for cell in cells[len(names) :] if cell.strip()]
        raw = {name: cell for name, cell in zip(names, cells, strict=False) if cell.strip()}
        raw = _restored(raw) if _ORIGINAL in raw else raw
        if not _says_something(cells, known):
            shown = " | ".join(cells)[:_MAX_SHOWN]
            reason = "the row has nothing in any column of a bibliography"
            result.rejected.append(Rejected(line, shown, reason))
            continue
        record = _record(cells, known, raw, line)
        result.records.append(record)
        if not (record.title or record.authors or record.doi or record.pmid):
            note = "the row has neither title, authors nor identifier"
            result.repaired.append(Repaired(line, record.key, note))
        if fault:
            result.repaired.append(Repaired(line, record.key, fault))
        if extra:
            raw["column beyond the header"] = "\n".join(extra)
            note = f"the row has {len(cells)} cells under {len(names)} headings"
            result.repaired.append(Repaired(line, record.key, note))
    return result


def _unique(names: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    unique = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        unique.append(name if counts[name] == 1 else f"{name}#{counts[name]}")
    return unique


def _restored(raw: dict[str, str]) -> dict[str, str]:
    """The fields of the format that a record had before our own CSV table."""
    try:
        fields = json.loads(raw[_ORIGINAL])
    except (json.JSONDecodeError, RecursionError):
        return raw
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        return raw
    return {str(name): value for name, value in fields.items()} or raw


def _says_something(cells: list[str], known: dict[str, list[int]]) -> bool:
    """Whether any column that means something holds a value."""
    return any(
        position < len(cells) and (cell := cells[position].strip()) and cell not in _EMPTY
        for positions in known.values()
        for position in positions
    )


def _record(
    cells: list[str], known: dict[str, list[int]], raw: dict[str, str], line: int
) -> Record:
    def get(meaning: str) -> str:
        for position in known.get(meaning, ()):
            if position < len(cells) and (cell := cells[position].strip()):
                if cell[0] == "'" and cell[1:2] in _FORMULA_SIGNS:
                    cell = cell[1:]  # the apostrophe keeps spreadsheets from running it
                return "" if cell in _EMPTY else cell
        return ""

    title, names = reading_text(get("title")), get("authors")
    doi, pmid = doi_of(get("doi")), normal_pmid(get("pmid"))
    authors, et_al = people_of_cell(names)
    year, date = date_of(get("year"), get("date"))
    abstract = reading_text(get("abstract"))
    words = ";".join(
        cell
        for position in known.get("keywords", ())
        if position < len(cells) and (cell := cells[position])
    )
    separators = "\n;|" if re.search(r"[;|\n]", words) else ","
    container = reading_text(get("container_title"))
    return Record(
        key=_key(get("key")),
        type=_type(get("type").lower()),
        source_line=line,
        raw=raw,
        title=title,
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        container_title=container if container != title else None,
        volume=reading_text(get("volume")),
        issue=reading_text(get("issue")),
        pages=normal_pages(get("pages"))
        or page_range(get("start"), get("end"))
        or normal_pages(get("article_number")),
        doi=doi or (find_doi(get("url")) if "doi.org/" in get("url") else None),
        pmid=pmid,
        abstract=abstract,
        keywords=keywords_of(words, separators),
        url=normal_url(get("url")),
        language=normal_language(get("language")),
        pmcid=normal_pmcid(get("pmcid")),
        issn=normal_issn(get("issn")),
        registry_ids=registry_ids_in(title, abstract, get("registry")),
    )


_FORMULA_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_ORIGINAL = "Original fields"
_EMPTY = frozenset(
    {"NA", "N/A", "na", "n/a", "NaN", "nan", "NULL", "None", "-", "--", "[No abstract available]"}
)


def _key(text: str) -> str:
    usable = re.fullmatch(r"[^\s,;]{1,80}", text) is not None
    return text if usable and not text.isdigit() else ""


def _type(text: str) -> str:
    return next((kind for word, kind in _TYPES if word in text), "article" if text else "misc")
