"""Tables with one record a row: CSV and TSV in any dialect; `workbooks` has those of Excel.

Scopus, Embase, PubMed, Zotero, Rayyan, JabRef, Covidence, Dimensions, Lens and hand-made tables;
what their columns are called stands in `table_columns`.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ipt_evidence.citations.identifiers import (
    find_doi,
    normal_pmcid,
    noted_pmid,
    registry_ids_in,
)
from ipt_evidence.citations.normal_forms import (
    date_of,
    keywords_of,
    normal_pages,
    page_range,
)
from ipt_evidence.citations.people import people_of_cell
from ipt_evidence.citations.readers.fields import Tags, build_record, rejected
from ipt_evidence.citations.readers.ris import RIS_TYPES
from ipt_evidence.citations.readers.source_lines import split_source
from ipt_evidence.citations.readers.table_columns import (
    EMPTY_CELLS,
    TYPE_WORDS,
    is_web_of_science,
    known_columns,
    refitted,
)
from ipt_evidence.citations.records import Person, ReadResult, Record, Repaired
from ipt_evidence.citations.screening import note_of

__all__ = [
    "Row",
    "cut_table",
    "find_table",
    "header_of",
    "read_rows",
    "read_table",
    "unknown_headings",
]

MAX_CELL_CHARACTERS = 1_000_000
"""A longer cell is taken for a quotation mark that is never closed."""

_COLUMNS: Tags = {
    "title": ("title",),
    "date": ("year", "date"),
    "container_title": ("container_title",),
    "volume": ("volume",),
    "issue": ("issue",),
    "doi": ("doi",),
    "pmid": ("pmid",),
    "abstract": ("abstract",),
    "url": ("url",),
    "language": ("language",),
    "pmcid": ("pmcid",),
    "issn": ("issn",),
}
_DELIMITERS = (",", "\t", ";", "|")
_MAX_HEADER_LINES = 10
_MAX_NAMED = 8
_OWN_TYPES = frozenset(RIS_TYPES) | {"misc"}

_FITTED = "they were fitted to the headings by what they hold"
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


def unknown_headings(text: str) -> list[str]:
    """The first headings of a table that none of its headings makes a bibliography."""
    line = next((line for line in text.split("\n") if line.strip()), "")[:2_000]
    delimiter = max(_DELIMITERS, key=line.count)
    names = (name.strip(" \ufeff\"'")[:40] for name in line.split(delimiter))
    return [name for name in names if name][:_MAX_NAMED]


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
        plain = delimiter == "\t" and is_web_of_science(headings)
        quoting = csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL
        rows = _rows(rest, delimiter, number + 2, quoting)
    return read_rows(headings, known, rows)


def _rows(text: str, delimiter: str, first: int, quoting: Any) -> Iterator[Row]:
    """The rows of ``text``, whose first line has the number ``first``.

    Where a quotation mark is never closed, only its own line is read without quotation marks, and
    what it would have swallowed is read as rows.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        reader = csv.reader(
            (f"{line}\n" for line in itertools.islice(lines, start, None)),
            delimiter=delimiter,
            quoting=quoting,
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
            if (
                quoting
                or ends - begins < 2
                or sum(line.count('"') for line in lines[begins:]) % 2 == 0
            ):
                yield first + begins, held, ""
                return
        alone = lines[begins].replace('"', "").split(delimiter)
        long = any(len(cell) > MAX_CELL_CHARACTERS for cell in alone)
        cells = [cell[:MAX_CELL_CHARACTERS] for cell in alone] if long else alone
        yield first + begins, cells, _TOO_LONG if long else _UNCLOSED
        start = begins + 1


def read_rows(headings: list[str], known: dict[str, list[int]], rows: Iterable[Row]) -> ReadResult:
    """Records of rows of cells, each with its line number and what was wrong with it."""
    result = ReadResult(note=_not_understood(headings, known))
    names = _unique([heading.strip().strip("\ufeff") or "column" for heading in headings])
    for line, cells, fault in rows:
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        if len(cells) > len(names):
            fitted = refitted(cells, len(names), known)
            if fitted is None:
                reason = (
                    f"the row has {len(cells)} cells under {len(names)} headings, and where those "
                    "beyond belong cannot be told; quote the cells that hold the separator"
                )
                result.rejected.append(rejected(line, " | ".join(cells), reason))
                continue
            if fitted is not cells:
                fault = f"the row has {len(cells)} cells under {len(names)} headings; {_FITTED}"
                cells = fitted
        extra = [cell for cell in cells[len(names) :] if cell.strip()]
        raw = {name: cell for name, cell in zip(names, cells, strict=False) if cell.strip()}
        raw = _restored(raw) if _ORIGINAL in raw else raw
        if not _says_something(cells, known):
            reason = "the row has nothing in any column of a bibliography"
            result.rejected.append(rejected(line, " | ".join(cells), reason))
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


def _not_understood(headings: list[str], known: dict[str, list[int]]) -> str:
    """Which columns are kept in the original fields only; empty when there is none."""
    understood = {place for places in known.values() for place in places}
    names = [
        shown
        for place, heading in enumerate(headings)
        if place not in understood and (shown := heading.strip(" \ufeff\"'")[:40])
    ]
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return f"columns not understood: {', '.join(names[:_MAX_NAMED])}{more}" if names else ""


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
    except (ValueError, RecursionError):
        return raw
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        return raw
    found = {str(name): value for name, value in fields.items()}
    decided = raw.get("Notes", "")
    if "RAYYAN-" in decided and "RAYYAN-" not in note_of(found):
        found["Notes"] = decided  # which the record had in another form, or in the name of its file
    return found or raw


def _says_something(cells: list[str], known: dict[str, list[int]]) -> bool:
    """Whether any column that means something holds a value."""
    return any(
        position < len(cells) and (cell := cells[position].strip()) and cell not in EMPTY_CELLS
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
                if cell not in EMPTY_CELLS:
                    return cell
        return ""

    texts = {meaning: get(meaning) for meaning in known}
    if len(known.get("date", ())) > 1:  # the WHO's registers have one in figures beside theirs
        dates = (cells[place] for place in known["date"] if place < len(cells))
        texts["date"] = date_of(*dates)[1] or texts["date"]
    _put_together(texts)
    authors, et_al = _authors(texts)
    words = "\n".join(
        "\n".join(keywords_of(_unlisted(cell), "\n;|" if re.search(r"[;|\n]", cell) else ","))
        for position in known.get("keywords", ())
        if position < len(cells) and (cell := cells[position]) and cell not in EMPTY_CELLS
    )
    pages = normal_pages(texts.get("pages"))
    if pages is None or pages == texts.get("start"):
        pages = page_range(texts.get("start"), texts.get("end"))
    record = build_record(
        texts,
        line,
        _COLUMNS,
        raw=raw,
        key=_key(get("key")),
        type=_type(texts),
        authors=authors,
        et_al=et_al,
        pages=pages or normal_pages(texts.get("article_number")),
        keywords=list(dict.fromkeys(filter(None, words.split("\n")))),
    )
    if record.doi is None and "doi.org/" in get("url"):
        record.doi = find_doi(get("url"))
    if record.container_title == record.title:
        record.container_title = None
    note = texts.get("note", "")
    record.pmid = record.pmid or noted_pmid(note)
    if "PMCID:" in note:  # Zotero has it in Extra
        record.pmcid = record.pmcid or normal_pmcid(note)
    numbers = (cells[place] for place in known.get("registry", ()) if place < len(cells))
    record.registry_ids = registry_ids_in(
        record.title, record.abstract, *numbers, texts.get("authors")
    )
    return record


_ISSN_ALONE = re.compile(r"\d{4}-\d{3}[\dX](?: \(\w+\))?")


def _put_together(texts: dict[str, str]) -> None:
    """Fill columns of a record from a source line, and its date from year, month and day."""
    parts: dict[str, str] = {}
    source = texts.get("citation") or ("volume" not in texts and texts.get("container_title"))
    if (source and "(" in source) or (source and ";" in source) or (source and "," in source):
        parts = split_source(source)
        if parts.get("year") and not texts.get("date"):
            texts["date"] = parts["year"]  # with its month, where it has one
        for column, value in parts.items():
            if column == "container_title" and not texts.get("citation"):
                texts[column] = value
            elif not texts.get(column):
                texts[column] = value
    if _ISSN_ALONE.fullmatch(texts.get("issue", "")):  # Ovid's heading IS
        texts["issn"] = texts.get("issn") or texts["issue"]
        texts["issue"] = parts.get("issue", "")
    date, month = texts.get("date"), texts.get("month")
    if date and texts.get("year") and not re.search(r"\d{4}", date):  # Web of Science: MAR 15
        texts["date"] = f"{texts['year']} {date}"
    if month and texts.get("year") and not texts.get("date"):
        texts["date"] = f"{texts['year']} {month} {texts.get('day', '')}"


def _authors(texts: dict[str, str]) -> tuple[list[Person], bool]:
    """Full names before short ones where the table has both, and corporate authors behind them."""
    apart = ", ".join(filter(None, (texts.get("family"), texts.get("given"))))
    people, et_al = people_of_cell(texts.get("full_names") or texts.get("authors") or apart)
    bodies = (name.strip() for name in texts.get("corporate", "").split(";"))
    return [*people, *({"family": name, "given": ""} for name in bodies if name)], et_al


def _unlisted(words: str) -> str:
    """Keywords without the brackets and quotation marks of a list as Python writes it."""
    return re.sub(r"^\[|\]$|['\"]", "", words) if words[:1] == "[" else words


_FORMULA_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_ORIGINAL = "Original fields"


def _key(text: str) -> str:
    usable = re.fullmatch(r"[^\s,;]{1,80}", text) is not None and "://" not in text
    return text.replace("WOS:", "wos") if usable and not text.lstrip("#").isdigit() else ""


def _type(texts: dict[str, str]) -> str:
    """Our type for what the table says, an article for what stands in a journal."""
    named = texts.get("type", "").lower()
    if texts.get("wos_type") == "J" or (not named and texts.get("container_title")):
        return "article"
    if named.startswith("article;"):  # Web of Science: Article; Proceedings Paper
        return "article"
    if named in _OWN_TYPES:  # as our own table has them
        return named
    return next(
        (kind for word, kind in TYPE_WORDS if word in named), "article" if named else "misc"
    )
