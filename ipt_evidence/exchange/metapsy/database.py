"""A Metapsy database on disk: rows of a ``data.csv`` in any dialect, and what its metadata say.

Semicolons with decimal commas are the standard; semicolons with points, commas with points and
tabs are met. A cell that is no number where one is expected is a problem of that cell: the row
stays, without the number.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.csv_tables import Problem, records
from ipt_evidence.evidence.files import MAX_FILE_BYTES, opened_folder, read_bytes
from ipt_evidence.exchange.metapsy.standard import (
    ALIASES,
    NUMERIC,
    RESPONSE_ALIASES,
    RESPONSE_OUTCOME,
)

__all__ = [
    "MAX_FILE_BYTES",
    "Database",
    "Dialect",
    "Row",
    "Table",
    "decode",
    "open_database",
    "read_rows",
]

_MISSING = frozenset({"", "NA", "NaN", "nan", "NR", "N/A", "n/a"})
_DELIMITERS = (";", ",", "\t")
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_BOMS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file was written. ``lines_repaired`` counts lines that were not UTF-8."""

    encoding: str
    delimiter: str
    decimal: str
    schema: str  # "standard" or "response_rates"
    lines_repaired: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison of two arms: cells by the standard's names, without the missing ones.

    ``line`` counts physical lines of the file from 1, of which the header is the first.
    """

    line: int
    cells: Mapping[str, str]
    numbers: Mapping[str, float]

    def text(self, name: str) -> str:
        """The cell, or an empty text where it is missing."""
        return self.cells.get(name, "")

    def number(self, name: str) -> float | None:
        """The number, or None where it is missing."""
        return self.numbers.get(name)

    def known(self, *names: str) -> bool:
        """True when none of these numbers is missing."""
        return all(name in self.numbers for name in names)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a database with the dialect they were in and the faults that were met."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    dialect: Dialect
    problems: tuple[Problem, ...]


def read_rows(path: Path) -> Table:
    """Read a ``data.csv`` of the Metapsy standard.

    Raises
    ------
    DataError
        When the file is missing, too large, not a table, or lacks the columns by which a
        comparison is recognised (``study`` and the two conditions, or the response-rate schema).
    """
    text, encoding, repaired = decode(path)
    delimiter, header = _header(path, text)
    found, problems = _rows_of_width(path, text, delimiter, len(header))
    names, schema = _names(path, header)
    decimal = _decimal(names, [cells for _, cells in found])
    rows = []
    for line, cells in found:
        row, faults = _row(path, line, names, cells, decimal)
        if schema == "response_rates":
            row = Row(line, {**row.cells, **_response_defaults(row)}, row.numbers)
        rows.append(row)
        problems += faults
    dialect = Dialect(encoding, delimiter, decimal, schema, repaired)
    return Table(path, tuple(header), tuple(rows), dialect, tuple(problems))


def decode(path: Path) -> tuple[str, str, int]:
    """Text, name of the encoding, and how many lines had to be read as Windows-1252.

    A file that is UTF-8 but for single lines keeps its good lines: only the others are read as
    Windows-1252, as spreadsheets save them.
    """
    data = read_bytes(path)
    named = next((name for name, mark in _BOMS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(named), named, 0
    except UnicodeDecodeError:
        if named == "utf-16":
            raise DataError(f"{path} is damaged: it says UTF-16 and is not") from None
    lines, repaired = [], 0
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", "replace"))
            repaired += 1
    return "\n".join(lines), "utf-8 with windows-1252 lines", repaired


def _header(path: Path, text: str) -> tuple[str, list[str]]:
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    for delimiter in _DELIMITERS:
        _, header = next(iter(records(path, first, delimiter, strict=False)), (1, []))
        if "study" in header:
            return delimiter, header
    raise DataError(
        f"{path}, line 1: no column study. It needs the header of a Metapsy database: "
        "study, condition_arm1, condition_arm2, …"
    )


def _rows_of_width(
    path: Path, text: str, delimiter: str, width: int
) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """The records below the header, and a problem for each with another number of cells."""
    whole, problems = [], []
    for line, cells in records(path, text, delimiter, strict=False)[1:]:
        if len(cells) == width:
            whole.append((line, cells))
        else:
            reason = f"{len(cells)} cells where the header has {width}"
            remedy = "Quote cells that hold the separator; the row is left out"
            problems.append(Problem(path.name, reason, remedy, line))
    return whole, problems


def _names(path: Path, header: list[str]) -> tuple[list[str], str]:
    """Our name of each column, and the schema."""
    lower = [name.strip().lower() for name in header]
    response = {"improved.ig", "n.ig", "improved.cg", "n.cg", "therapy"} <= set(lower)
    aliases = {**ALIASES, **(RESPONSE_ALIASES if response else {})}
    names = [aliases.get(name, name) for name in lower]
    missing = [name for name in ("condition_arm1", "condition_arm2") if name not in names]
    if missing and not response:
        raise DataError(
            f"{path}, line 1: no column {', '.join(missing)}. The Metapsy standard names the arms "
            "condition_arm1 and condition_arm2"
        )
    return names, "response_rates" if response else "standard"


def _decimal(names: list[str], records: list[list[str]]) -> str:
    """The decimal mark that most numbers of the file use; a point where none has decimals."""
    columns = [index for index, name in enumerate(names) if name in NUMERIC]
    cells = [row[index].strip() for row in records for index in columns]
    commas = sum(bool(_COMMA.fullmatch(cell)) for cell in cells)
    points = sum(bool(_POINT.fullmatch(cell)) for cell in cells)
    return "," if commas > points else "."


def _row(
    path: Path, line: int, names: list[str], cells: list[str], decimal: str
) -> tuple[Row, list[Problem]]:
    texts: dict[str, str] = {}
    numbers: dict[str, float] = {}
    problems = []
    for name, cell in zip(names, cells, strict=True):
        value = cell.strip()
        if value in _MISSING or name in texts:
            continue
        texts[name] = value
        if name not in NUMERIC:
            continue
        number = _number(value, decimal)
        if number is None:
            reason = f"{value[:80]!r} is not a number"
            remedy = "Correct the cell, or write NA; it is read as missing"
            study = texts.get("study", "")
            problems.append(Problem(path.name, reason, remedy, line, name, study, value[:200]))
        else:
            numbers[name] = number
    return Row(line, texts, numbers), problems


def _number(text: str, decimal: str) -> float | None:
    """Both marks are read where only one stands in the cell: none groups thousands."""
    if "_" in text or (decimal == "." and "," in text and not _COMMA.fullmatch(text)):
        return None
    try:
        value = float(text.replace(",", ".")) if text.count(",") + text.count(".") <= 1 else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None


def _response_defaults(row: Row) -> dict[str, str]:
    given = {"outcome_type": RESPONSE_OUTCOME, "time": "post", "condition_arm2": "control"}
    return {name: value for name, value in given.items() if not row.text(name)}


DATA_FILE = "data.csv"


@dataclass(frozen=True, slots=True)
class Database:
    """The rows of a database, its short name, and what its metadata say (empty if nothing).

    ``references`` maps a study as the database names it to its printed reference.
    """

    shorthand: str
    table: Table
    references: dict[str, str]
    last_search: str
    n_studies: int | None
    licence: str


def open_database(place: Path) -> Database:
    """Read the database in a folder, a ZIP file of one, or a single ``.csv`` file.

    Raises
    ------
    DataError
        When ``data.csv`` is missing or cannot be read as a table of the standard.
    """
    if place.is_file() and place.suffix.lower() == ".csv":
        return _with_metadata(place, place.parent / "metadata", place.stem)
    with opened_folder(place, DATA_FILE) as folder:
        name = folder.name if place.is_dir() else place.stem
        return _with_metadata(folder / DATA_FILE, folder / "metadata", name)


def _with_metadata(data: Path, metadata: Path, name: str) -> Database:
    table = read_rows(data)
    shorthand = _text(metadata / "shorthand.txt").strip() or re.sub(r"^data-", "", name)
    studies = _text(metadata / "number_studies.txt").strip()
    return Database(
        shorthand=re.sub(r"[^a-z0-9-]+", "-", shorthand.lower()).strip("-") or "unnamed",
        table=table,
        references=_references(metadata / "references.json", table),
        last_search=_date(_text(metadata / "last_search.txt").strip()),
        n_studies=int(studies) if re.fullmatch(r"\d{1,6}", studies) else None,
        licence=_text(metadata.parent / "license").strip()[:500],
    )


def _text(path: Path) -> str:
    return decode(path)[0] if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES else ""


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _references(path: Path, table: Table) -> dict[str, str]:
    """References by study: those in the rows, and those of ``references.json`` beside them.

    The file is an object by study, or a list with one entry a row.
    """
    found = {row.text("study"): row.text("full_ref") for row in table.rows if row.text("full_ref")}
    text = _text(path)
    if not text:
        return found
    try:
        document = json.loads(text)
    except ValueError as err:
        raise DataError(
            f"{path} is not JSON ({err}). Correct it, or remove it: references also stand in the "
            "column full_ref"
        ) from err
    if isinstance(document, dict):
        return {str(study): str(printed) for study, printed in document.items() if printed} | found
    if isinstance(document, list) and len(document) == len(table.rows):
        pairs = zip(table.rows, document, strict=True)
        return {row.text("study"): str(printed) for row, printed in pairs if printed} | found
    return found
