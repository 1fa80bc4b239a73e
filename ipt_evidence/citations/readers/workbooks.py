"""Excel workbooks: the rows of their sheets as text, and the records of a bibliography in one.

What a single cell gets wrong costs that cell alone; a sheet that is no XML costs the workbook.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from ipt_evidence.citations.archives import check_limits, opened_archive
from ipt_evidence.citations.readers.table_columns import known_columns
from ipt_evidence.citations.readers.tables import Row, read_rows
from ipt_evidence.citations.records import ReadResult
from ipt_evidence.errors import CitationError

__all__ = ["OF_WORKBOOKS", "is_workbook", "opened_workbook", "read_workbook", "sheet_rows"]

MAX_ROWS = 1_100_000
"""Rows that are read of a sheet: all that Excel allows, and an end to sheets that lie."""

MAX_COLUMNS = 500
MAX_SHEETS = 50
OF_WORKBOOKS = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError),
    *(TypeError, ValueError, zipfile.BadZipFile, zlib.error),
)
"""What openpyxl and the parsers below it raise at broken parts; faults in XML are SyntaxErrors."""

_HEADER_ROWS = 10
_BOOK = "xl/workbook.xml"
_STRICT = b"http://purl.oclc.org/ooxml/"
_USUAL = b"http://schemas.openxmlformats.org/"
_USUAL_NAMES = (
    (_STRICT + b"spreadsheetml/main", _USUAL + b"spreadsheetml/2006/main"),
    (_STRICT + b"officeDocument/", _USUAL + b"officeDocument/2006/"),
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_USUAL_ATTRIBUTES = (
    ("r", re.compile(r"|[A-Z]{1,3}[1-9]\d{0,6}")),  # the place of a cell
    ("s", re.compile(r"|\d{1,9}", re.ASCII)),  # its style
)
_DAMAGED = "a cell of the row is damaged; it was read as it stands, or left out"


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether a ZIP archive is an Excel workbook, be it one with parts missing."""
    return any(name.startswith("xl/") for name in archive.namelist())


def read_workbook(data: bytes, name: str) -> ReadResult:
    """Records of an Excel workbook, streamed; formulas count by their stored value.

    Raises CitationError, naming ``name``, when the workbook cannot be opened or no sheet has
    columns of a bibliography.
    """
    with opened_workbook(data, name) as sheets:
        for sheet in sheets:
            found = _read_sheet(sheet)
            if found is not None:
                others = len(sheets) - 1
                if others:
                    which = f"sheet {sheet.title!r} was read; {others} others were not"
                    found.note = f"{which}; {found.note}" if found.note else which
                return found
    raise CitationError(
        f"{name}: no sheet has columns such as Title, Authors, Year or DOI in its first "
        f"{_HEADER_ROWS} rows. Name the columns."
    )


@contextmanager
def opened_workbook(data: bytes, name: str) -> Iterator[list[Any]]:
    """The sheets of an Excel workbook as a context, up to `MAX_SHEETS`; see `sheet_rows`.

    Raises CitationError, naming ``name``, when the workbook cannot be opened or read, or is larger
    unpacked than `archives` allows.
    """
    from openpyxl import load_workbook  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import (  # type: ignore[import-untyped]
        InvalidFileException,
    )

    try:
        file = io.BytesIO(_usual(data, name))
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            if not book.worksheets:
                raise ValueError("it holds no sheet")
            yield book.worksheets[:MAX_SHEETS]
        finally:
            book.close()
    except (InvalidFileException, *OF_WORKBOOKS) as error:
        raise CitationError(
            f"{name}: the workbook is damaged and cannot be read ({str(error)[:200]}). Open it in "
            "a spreadsheet program and save it as CSV (UTF-8)."
        ) from error


def _usual(data: bytes, name: str) -> bytes:
    """The workbook with the usual names of elements, where Excel saved it as strict Open XML."""
    with opened_archive(io.BytesIO(data)) as archive:
        check_limits(archive, name)
        if _BOOK not in archive.namelist() or _STRICT not in archive.read(_BOOK):
            return data
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as new:
            for part in archive.namelist():
                content = archive.read(part)
                for strict, usual in _USUAL_NAMES:
                    content = content.replace(strict, usual)
                new.writestr(part, content)
    return packed.getvalue()


def _read_sheet(sheet: Any) -> ReadResult | None:
    rows = sheet_rows(sheet)
    for line, cells, _ in rows:
        known = known_columns(cells)
        if known is not None:
            return read_rows(cells, known, rows)
        if line >= _HEADER_ROWS:
            return None
    return None


def sheet_rows(sheet: Any) -> Iterator[Row]:
    """The rows of a sheet that it holds, as text, each with its number and what is wrong with it.

    Formulas count by their value. A number that does not follow on the row before is passed over.
    """
    from openpyxl.worksheet._reader import WorkSheetParser  # type: ignore[import-untyped]

    book = sheet.parent
    cells = WorkSheetParser(
        None,
        sheet._shared_strings,
        data_only=True,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )
    line = 0
    with sheet._get_source() as source:
        for _, element in iterparse(source):
            if element.tag != f"{_MAIN}row":
                continue
            line = _number(element.get("r", ""), line)
            if line > MAX_ROWS:
                return
            yield line, *_cells(cells, element)
            element.clear()


def _number(named: str, before: int) -> int:
    """The number of a row: as it says, if it follows on that of the row before."""
    usable = named.isascii() and named.isdigit() and len(named) <= len(str(MAX_ROWS))
    return int(named) if usable and before < int(named) <= MAX_ROWS else before + 1


def _cells(parser: Any, row: Any) -> tuple[list[str], str]:
    """The cells of a row as text, up to the last that it holds, and what is wrong with them."""
    texts: list[str] = []
    faults = 0
    parser.col_counter = 0
    for element in row.iterfind(f"{_MAIN}c"):
        for name, usual in _USUAL_ATTRIBUTES:
            if not usual.fullmatch(element.get(name, "")):
                faults += 1
                del element.attrib[name]  # its place is then the next one
        written = element.findtext(f"{_MAIN}v") or ""
        shared = element.get("t") == "s"
        try:
            text = _cell_text(parser.parse_cell(element)["value"])
        except OF_WORKBOOKS:
            faults += 1
            text = "" if shared else written  # a shared cell holds the place of its text
        if shared and written.startswith("-"):  # counted from the end, in Python alone
            faults += 1
            text = ""
        if (column := parser.col_counter) <= MAX_COLUMNS:
            texts += [""] * (column - len(texts))
            texts[column - 1] = text
    return texts, _DAMAGED if faults else ""


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
