"""Excel workbooks: the first sheet whose first rows name a bibliography's columns."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from ipt_evidence.citations.readers.table_columns import known_columns
from ipt_evidence.citations.readers.tables import Row, read_rows
from ipt_evidence.citations.records import ReadResult
from ipt_evidence.errors import CitationError

__all__ = ["MAX_ROWS", "is_workbook", "read_workbook"]

MAX_ROWS = 1_100_000
"""Rows that are read of a sheet: all that Excel allows, and an end to sheets that lie."""

MAX_COLUMNS = 500
MAX_SHEETS = 50
_HEADER_ROWS = 10


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether a ZIP archive is an Excel workbook."""
    names = set(archive.namelist())
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def read_workbook(data: bytes, name: str) -> ReadResult:
    """Records of an Excel workbook, streamed; formulas count by their stored value.

    Raises CitationError, naming ``name``, when the workbook cannot be opened or no sheet has
    columns of a bibliography.
    """
    from openpyxl import load_workbook  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import (  # type: ignore[import-untyped]
        InvalidFileException,
    )

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets[:MAX_SHEETS]:
                sheet.reset_dimensions()  # some exporters write a wrong size; the rows are right
                found = _read_sheet(sheet)
                if found is not None:
                    others = len(book.worksheets) - 1
                    if others:
                        found.note = f"sheet {sheet.title!r} was read; {others} others were not"
                    return found
        finally:
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise CitationError(
            f"{name}: the workbook cannot be read ({error}). Save it as CSV (UTF-8)."
        ) from error
    raise CitationError(
        f"{name}: no sheet has columns such as Title, Authors, Year or DOI in its first "
        f"{_HEADER_ROWS} rows. Name the columns."
    )


def _read_sheet(sheet: Any) -> ReadResult | None:
    rows = _rows(sheet)
    for line, cells, _ in rows:
        known = known_columns(cells)
        if known is not None:
            return read_rows(cells, known, rows)
        if line >= _HEADER_ROWS:
            return None
    return None


def _rows(sheet: Any) -> Iterator[Row]:
    values = sheet.iter_rows(values_only=True, max_row=MAX_ROWS, max_col=MAX_COLUMNS)
    for line, row in enumerate(values, 1):
        yield line, [_text(cell) for cell in row], ""


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
