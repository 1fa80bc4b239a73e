"""Bytes of a CSV file, an Excel workbook or a pasted table → cells, and notes on how.

Exports of RevMan Web hold the rows of many analyses or outcomes in one file: `data-rows` has a row
for each study, analysis and subgroup; `study-results` one for each study, outcome and arm. One
analysis or outcome is read at a time, as one sheet of a workbook is.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.citations.decoding import open_text
from ipt_evidence.citations.readers.workbooks import (
    OF_WORKBOOKS,
    is_workbook,
    opened_workbook,
    sheet_rows,
)
from ipt_evidence.errors import CitationError, DataError
from ipt_evidence.exchange.own_data.columns import plain_name

__all__ = ["MISSING", "OwnTable", "read_table"]

MISSING = frozenset(
    "na nan n/a n.a. nr n.r. null none - -- – — . ? #n/a #na <na> missing".split()
) | {""}
"""Cells, in lower case, that stand for a number that is not known."""

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 200_000
SHOWN = 5  # names of other analyses in a note
HEADER_WITHIN = 10  # lines in which a header is looked for: titles may stand above it
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?%?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
_SURELY_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3}){2,}|(?:,\d{3})+\.\d*)")
_THOUSANDS_POINT = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+,\d+")
_DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?%?")

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class OwnTable:
    """Cells as text without blanks around them, with decimal points.

    Attributes
    ----------
    name
        Of the file.
    cells
        A row a record; columns have the names of the header.
    lines
        Line of the file (row of the sheet) of each record; the header is line 1 as a rule.
    notes
        How the file was read, where it is not the plainest kind.
    sheets
        Names of the sheets of a workbook, or of the analyses in an export of RevMan Web, that which
        was read first; empty for another text.
    """

    name: str
    cells: pd.DataFrame
    lines: tuple[int, ...]
    notes: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()


def read_table(data: bytes, name: str, sheet: str | None = None) -> OwnTable:
    """Read the table in ``data``.

    Parameters
    ----------
    data
        A CSV or TSV file in any dialect and encoding, an XLSX workbook, or text as a spreadsheet
        puts it on the clipboard.
    name
        Of the file, for messages.
    sheet
        Which sheet of a workbook, by default the first that holds a table; or which analysis of an
        export of RevMan Web, by default the first.

    Raises
    ------
    DataError
        When it is no table, too large, or names a column twice; says where and what to do.
    """
    if len(data) > MAX_BYTES:
        raise DataError(f"{name} is larger than {MAX_BYTES >> 20} MB. Take out what is not needed")
    if not data.strip():
        raise DataError(f"{name} is empty. Give a table with a header")
    if data.startswith(b"PK"):
        rows, notes, sheets = _of_workbook(data, name, sheet)
    else:
        rows, notes = _of_text(data, name)
        sheets = ()
    (_, header), *body = rows
    if len(body) > MAX_ROWS:
        raise DataError(f"{name} has more than {MAX_ROWS:,} rows. Take out what is not needed")
    names = _names(header, name)
    body, uneven = _of_width(body, len(names))
    if not body:
        raise DataError(f"{name} has a header and no row below it: there is no effect to read")
    cells = pd.DataFrame([row for _, row in body], columns=names, dtype=object)
    kept = [column for column in names if column or cells[column].ne("").any()]
    cells, commas = _with_points(cells[kept].astype(str))
    lines = tuple(line for line, _ in body)
    found = OwnTable(name, cells, lines, (*notes, *uneven, *commas), sheets)
    return found if sheets else _of_one_analysis(found, sheet)


def _of_one_analysis(table: OwnTable, wanted: str | None) -> OwnTable:
    """The rows of one analysis of an export of RevMan Web, which may hold many."""
    titles = _analyses_of(table.cells)
    if titles is None:
        return table
    known = list(dict.fromkeys(titles))
    if wanted is not None and wanted not in known:
        raise DataError(
            f"{table.name} has no analysis {wanted!r}; it has {', '.join(map(repr, known))}"
        )
    chosen = wanted or known[0]
    rows = (titles == chosen).to_numpy(bool)
    notes = table.notes
    if others := [title for title in known if title != chosen]:
        named = ", ".join(map(repr, others[:SHOWN])) + (" …" if len(others) > SHOWN else "")
        notes += (f"analysis {chosen!r} was read, not {named}",)
    return OwnTable(
        table.name,
        _plainly_named(table.cells.loc[rows].reset_index(drop=True)),
        tuple(line for line, kept in zip(table.lines, rows, strict=True) if kept),
        notes,
        (chosen, *others),
    )


def _of_workbook(
    data: bytes, name: str, wanted: str | None
) -> tuple[list[Row], tuple[str, ...], tuple[str, ...]]:
    """Rows of a sheet from its header on, notes, and the names of all sheets."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if not is_workbook(archive):
                raise DataError(f"{name} is a ZIP archive and no workbook. Give a CSV or XLSX file")
        with opened_workbook(data, name) as sheets:
            titles = [sheet.title for sheet in sheets]
            if wanted is not None and wanted not in titles:
                raise DataError(
                    f"{name} has no sheet {wanted!r}; it has {', '.join(map(repr, titles))}"
                )
            for sheet in sheets:
                if wanted in (None, sheet.title):
                    rows = _from_header(
                        [(line, _trimmed(cells)) for line, cells, _ in sheet_rows(sheet)]
                    )
                    if len(rows) > 1:
                        return rows, *_of_sheets(titles, sheet.title)
    except CitationError as err:
        raise DataError(str(err)) from err
    except OF_WORKBOOKS as err:
        raise DataError(
            f"{name} is a damaged workbook ({str(err)[:200]}). Save it as CSV, or as a new workbook"
        ) from err
    raise DataError(f"{name}: no sheet holds a header of two columns or more with rows below it")


def _of_sheets(titles: list[str], read: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    others = [title for title in titles if title != read]
    note = (f"sheet {read!r} was read, not {', '.join(map(repr, others))}",) if others else ()
    return note, (read, *others)


def _of_text(data: bytes, name: str) -> tuple[list[Row], tuple[str, ...]]:
    try:
        file = open_text(io.BytesIO(data), name)
        text = "".join(file.pieces())
    except CitationError as err:
        raise DataError(
            f"{name} is not a table in text. Save it as CSV or XLSX (as a file it is no "
            f"bibliography either: {str(err).removeprefix(f'{name}: ')})"
        ) from err
    notes = []
    if file.encoding not in ("ascii", "utf-8", "utf-8-sig"):
        notes.append(f"the text is in {file.encoding}" + (f" ({file.note})" if file.note else ""))
    first = text.lstrip("\n").partition("\n")[0]
    declared = re.fullmatch(r"sep=(.)", first.strip(), re.IGNORECASE)
    separator = declared.group(1) if declared else _separator(text)
    if separator not in _SEPARATORS:
        raise DataError(f"{name} has one column. Separate columns by commas, semicolons or tabs")
    if separator != ",":
        notes.append(f"columns are separated by {_SEPARATORS[separator]}")
    rows = _from_header([row for row in _records(text, separator, name) if row[1] != [first]])
    if not rows:
        raise DataError(f"{name} has one column. Separate columns by commas, semicolons or tabs")
    return rows, tuple(notes)


def _separator(text: str) -> str:
    """The separator that makes most columns of the same number in most of the first lines."""
    lines = [line for line in text[:200_000].split("\n")[:60] if line.strip()][:30]

    def columns(mark: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    try:
        found = {mark: columns(mark) for mark in _SEPARATORS}
    except csv.Error:
        return max(_SEPARATORS, key=text[:2_000].count)
    # A header line decides between equals: decimal commas stand in every line but the first.
    header = {mark: len(next(csv.reader(lines[:1], delimiter=mark), [])) for mark in found}
    best = max(found, key=lambda mark: (header[mark] > 1, header[mark], *found[mark]))
    return best if max(header[best], found[best][1]) > 1 else max(found, key=lambda m: found[m])


def _records(text: str, separator: str, name: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    start = 1
    try:
        for cells in reader:
            yield start, _trimmed(cells)
            start = reader.line_num + 1
    except csv.Error as err:
        raise DataError(
            f"{name}, line {start}: {err}. A quotation mark may be missing; save it as plain CSV"
        ) from err


def _trimmed(cells: list[str]) -> list[str]:
    return [cell.strip().strip("\ufeff").replace("\u2212", "-") for cell in cells]


def _from_header(rows: list[Row]) -> list[Row]:
    """Rows that hold something, from the header on; lines of one cell above it are titles."""
    filled = [row for row in rows if any(row[1])]
    widths = [sum(map(bool, cells)) for _, cells in filled[:HEADER_WITHIN]]
    start = next((place for place, width in enumerate(widths) if width > 1), None)
    return [] if start is None else filled[start:]


def _names(header: list[str], name: str) -> list[str]:
    while header and not header[-1]:
        header = header[:-1]
    if twice := sorted({one for one in header if one and header.count(one) > 1}):
        raise DataError(
            f"{name} has more than one column called {', '.join(map(repr, twice))}: give each "
            "column a name of its own"
        )
    named = [one or f"column {place}" for place, one in enumerate(header, 1)]
    if len(set(named)) < len(named):
        raise DataError(f"{name} has columns without a name: give each column a name of its own")
    return named


def _of_width(body: list[Row], width: int) -> tuple[list[Row], tuple[str, ...]]:
    """Rows with as many cells as the header; those with too many full cells are left out."""
    kept, uneven = [], []
    for line, cells in body:
        if any(cells[width:]):
            uneven.append(line)
        else:
            kept.append((line, cells[:width] + [""] * (width - len(cells))))
    if not uneven:
        return kept, ()
    shown = ", ".join(map(str, uneven[:5])) + (" …" if len(uneven) > 5 else "")
    lines = f"line {shown}" if len(uneven) == 1 else f"lines {shown}"
    return kept, (f"{lines}: more cells than the header has columns, left out",)


def _with_points(cells: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Cells with decimal points and without signs between thousands, as far as they have others."""
    cells, notes = _without_thousands(cells)
    commas = {name: cells[name].str.fullmatch(_DECIMAL_COMMA) for name in cells}
    found = sum(int(column.sum()) for column in commas.values())
    if not found:
        return cells, notes
    points = sum(int(cells[name].str.fullmatch(_DECIMAL_POINT).sum()) for name in cells)
    if points >= found:
        return cells, notes
    cells = cells.copy()
    for name, found_here in commas.items():
        if found_here.any():
            cells[name] = cells[name].mask(found_here, cells[name].str.replace(",", "."))
    where = f"but for {points} with a point" if points else "throughout"
    return cells, (*notes, f"numbers have decimal commas {where}, read as decimal points")


def _without_thousands(cells: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Cells like 1,200 and 1.234,5 as plain numbers, where no other reading is possible.

    A comma and three digits behind it may also be a decimal comma. It separates thousands where
    one number has several such commas or a point behind one, or where decimals have a point.
    """
    kinds = {name: cells[name].str.fullmatch(_THOUSANDS) for name in cells}
    european = {name: cells[name].str.fullmatch(_THOUSANDS_POINT) for name in cells}
    sure = any(cells[name].str.fullmatch(_SURELY_THOUSANDS).any() for name in cells) or (
        any(cells[name].str.fullmatch(_DECIMAL_POINT).any() for name in cells)
        and not any(
            (cells[name].str.fullmatch(_DECIMAL_COMMA) & ~kinds[name]).any() for name in cells
        )
    )
    shown: list[str] = []
    made = cells.copy()
    for name in cells:
        if sure and kinds[name].any():
            shown += cells[name][kinds[name]].tolist()
            made[name] = made[name].mask(kinds[name], made[name].str.replace(",", ""))
        if european[name].any():
            shown += cells[name][european[name]].tolist()
            made[name] = made[name].mask(european[name], made[name].str.replace(".", ""))
    if not shown:
        return cells, ()
    return made, (f"signs between thousands, as in {shown[0]!r}, were left out",)


_ROWS = frozenset("analysisgroup analysisnumber study".split())
_RESULTS = frozenset("study outcome datatype arm samplesize".split())
_RENAMED = {
    # What RevMan computed from the other columns, in the metric that its settings ask for.
    "weight": "RevMan weight",
    "mean": "RevMan effect",
    "cistart": "RevMan interval start",
    "ciend": "RevMan interval end",
    "variance": "O-E variance",
}
_OF_RESULTS = {
    "expmean": "Exponentiated effect",
    "expcistart": "Exponentiated interval start",
    "expciend": "Exponentiated interval end",
}
_OF_CONTRASTS = {"mean": "Effect estimate", "se": "Standard error"}
# Kinds of data of which an analysis has one: columns of the others are empty or full of zeros.
_MEANS = "experimentalsd controlsd experimentalmean controlmean".split()
_GIVEN = "givse givmean".split()
_LOG_RANK = "oevariance oe".split()
_CASES = "experimentalcases controlcases".split()


def _by_plain(cells: pd.DataFrame) -> dict[str, str]:
    return {plain_name(name): name for name in reversed(list(cells.columns))}


def _analyses_of(cells: pd.DataFrame) -> pd.Series[str] | None:
    """The analysis or outcome of each row; None where the table is no export of RevMan Web."""
    names = _by_plain(cells)
    if names.keys() >= _ROWS:
        group, number = cells[names["analysisgroup"]], cells[names["analysisnumber"]]
        title = cells[names["analysisname"]] if "analysisname" in names else ""
        return (group + "." + number + " " + title).str.strip()
    return cells[names["outcome"]] if names.keys() >= _RESULTS else None


def _plainly_named(cells: pd.DataFrame) -> pd.DataFrame:
    """The rows of one analysis, with names of columns that say what stands in them."""
    names = _by_plain(cells)
    if names.keys() >= _ROWS:
        renamed = {names[old]: new for old, new in _RENAMED.items() if old in names}
        cells = cells.rename(columns=renamed)
        return cells.drop(columns=_unused(cells))
    reference = names.get("referencearm")
    contrasts = reference is not None and cells[reference].ne("").all()
    renamed = _OF_RESULTS | (_OF_CONTRASTS if contrasts else {})
    return cells.rename(columns={names[old]: new for old, new in renamed.items() if old in names})


def _unused(cells: pd.DataFrame) -> list[str]:
    """Columns of the kinds of data that this analysis does not have."""
    names = _by_plain(cells)
    filled = {
        plain
        for plain, name in names.items()
        if (pd.to_numeric(cells[name], errors="coerce").fillna(0.0) != 0.0).any()
    }
    kinds = [kind for kind in (_MEANS, _GIVEN, _LOG_RANK) if kind[0] in filled]
    unused = [plain for kind in (_MEANS, _GIVEN, _LOG_RANK) if kind not in kinds for plain in kind]
    # Cases stand beside a log-rank analysis as facts; beside means they are zeros.
    unused += _CASES if kinds else []
    return [names[plain] for plain in unused if plain in names]
