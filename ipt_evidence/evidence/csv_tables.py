"""CSV tables of an evidence base: text to typed rows and problems, and rows to text."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.files import read_text, write_atomically
from ipt_evidence.evidence.schema import LIST_SEPARATOR, MISSING, Column, Table

__all__ = [
    "LINE",
    "Problem",
    "csv_text",
    "frame_of",
    "frame_of_columns",
    "plain_cells",
    "present",
    "problems_frame",
    "read_table",
    "records",
    "write_columns",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: the place, the value found there, the reason, and the remedy.

    ``line`` counts physical lines of the file from 1 (the header is line 1); None where a fault
    belongs to the file as a whole.
    """

    file: str
    reason: str
    remedy: str
    line: int | None = None
    column: str = ""
    key: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        column = f", column {self.column}" if self.column else ""
        row = f" ({self.key})" if self.key else ""
        return f"{place}{column}{row}: {self.reason}. {self.remedy}"


def problems_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """A table with one row per problem; columns are the fields of `Problem`."""
    columns = list(Problem.__dataclass_fields__)
    return pd.DataFrame([asdict(problem) for problem in problems], columns=columns)


LINE = "source_line"  # physical line of the row in its file: what a reader opens to check it

_DTYPES = {"string": "str", "integer": "Int64", "number": "float64", "boolean": "boolean"}


def read_table(folder: Path, table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """Read ``table`` from ``folder``.

    Returns the rows that are sound (columns of the schema plus ``source_line``) and a problem for
    every row that is not: such a row is left out whole, so that no half-read number is used.

    Raises
    ------
    DataError
        When the file is missing, unreadable, too large, not UTF-8, or lacks a column.
    """
    path = folder / table.file
    found = records(path, read_text(path))
    if not found:
        raise DataError(f"{path} is empty. It needs the header {','.join(table.column_names)}")
    _, header = found[0]
    _check_header(path, header, table)
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for start, cells in found[1:]:
        row, faults = _read_row(table, header, cells, start)
        faults += _repeated_key(table, row, seen, start)
        if faults:
            problems += faults
        else:
            rows.append({**row, LINE: start})
    return frame_of(rows, table), problems


def present(folder: Path, table: Table) -> Table:
    """``table`` as its file in ``folder`` has it: without the optional columns that it lacks."""
    path = folder / table.file
    if not path.exists():
        return table
    header = next(csv.reader(io.StringIO(read_text(path), newline="")), [])
    columns = (column for column in table.columns if not column.optional or column.name in header)
    return replace(table, columns=tuple(columns))


def records(
    path: Path, text: str, delimiter: str = ",", *, strict: bool = True
) -> list[tuple[int, list[str]]]:
    """Cells of each record that is not blank, with the line on which the record starts.

    Raises
    ------
    DataError
        Naming ``path`` and line, when this is not CSV; ``strict`` refuses stray quotation marks.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    found = []
    start = 1
    try:
        for cells in reader:
            if any(cells):
                found.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as err:
        raise DataError(
            f"{path}, line {start}: {err}. A quotation mark may be missing; save it as plain CSV"
        ) from err
    return found


def _check_header(path: Path, header: list[str], table: Table) -> None:
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"{path}, line 1: column {repeated[0]} stands there twice. Keep one")
    needed = [column.name for column in table.columns if not column.optional]
    missing = [name for name in needed if name not in header]
    if missing:
        raise DataError(
            f"{path}, line 1: no column {', '.join(missing)}. "
            f"The header must name {','.join(needed)}"
        )


def _read_row(
    table: Table, header: list[str], cells: list[str], line: int
) -> tuple[dict[str, Any], list[Problem]]:
    if len(cells) != len(header):
        reason = f"{len(cells)} cells where the header has {len(header)}"
        remedy = "Quote cells that hold commas, and write NA for missing values"
        return {}, [Problem(table.file, reason, remedy, line, key=cells[0])]
    texts = dict(zip(header, cells, strict=True))
    key = texts.get(table.key, "")
    row: dict[str, Any] = {}
    problems: list[Problem] = []
    for column in table.columns:
        text = texts.get(column.name, MISSING)  # an optional column may not be there
        try:
            row[column.name] = _read_cell(text.strip(), column)
        except ValueError as err:
            reason, remedy = str(err), _remedy(column)
            place = (line, column.name, key, text[:200])
            problems.append(Problem(table.file, reason, remedy, *place))
    return row, problems


def _read_cell(text: str, column: Column) -> Any:
    if text in ("", MISSING):
        if column.required:
            raise ValueError("a value is required here")
        return () if column.type == "list" else None
    value = _PARSERS[column.type](text)
    for item in value if column.type == "list" else (value,):
        if column.levels and item not in column.levels:
            raise ValueError(f"{item!r} is not one of the allowed values")
    if column.minimum is not None and value < column.minimum:
        raise ValueError(f"{text} is below {column.minimum:g}")
    return value


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,15}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def _number(text: str) -> float:
    if "_" in text:  # Python would read 1_000 as 1000; no spreadsheet writes that
        raise ValueError(f"{text!r} is not a number")
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    return value


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def _list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(LIST_SEPARATOR) if item.strip())


_PARSERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "list": _list,
}


def _remedy(column: Column) -> str:
    if column.levels:
        return f"Use one of {', '.join(column.levels)}"
    if column.required:
        return f"Fill in: {column.description}"
    return f"Correct it, or write {MISSING} if it is not known"


def _repeated_key(
    table: Table, row: dict[str, Any], seen: dict[str, int], line: int
) -> list[Problem]:
    key = row.get(table.key)
    if key is None:
        return []
    if key not in seen:
        seen[key] = line
        return []
    reason = f"the key stands already in line {seen[key]}"
    remedy = "Give each row a key of its own"
    return [Problem(table.file, reason, remedy, line, table.key, key, key)]


def frame_of(rows: Sequence[Mapping[str, Any]], table: Table) -> pd.DataFrame:
    """Typed rows of ``table``; a row has every column and ``source_line``."""
    names = (*table.column_names, LINE)
    return frame_of_columns({name: [row[name] for row in rows] for name in names}, table)


def frame_of_columns(columns: Mapping[str, Sequence[Any]], table: Table) -> pd.DataFrame:
    """Typed columns of ``table``, each (N,), ``source_line`` included."""
    dtypes = {column.name: _DTYPES.get(column.type, "object") for column in table.columns}
    return pd.DataFrame(
        {
            name: pd.Series(columns[name], dtype=dtype)
            for name, dtype in {**dtypes, LINE: "Int64"}.items()
        }
    )


def plain_cells(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of ``table`` as its file holds them: lists joined, booleans spelt, ``NA``."""
    return pd.DataFrame(
        {
            column.name: [_plain(column, value) for value in frame[column.name]]
            for column in table.columns
        },
        dtype="object",
    )


def csv_text(table: Table, rows: Iterable[Mapping[Any, Any]]) -> str:
    """A file of ``table`` with these rows; what a row does not have is ``NA``."""
    cells = ([_plain(c, _whole(row.get(c.name))) for c in table.columns] for row in rows)
    return _csv([table.column_names, *cells])


def write_columns(path: Path, values: pd.DataFrame) -> int:
    """Put the columns of ``values`` into the CSV at ``path``; the number of rows that changed.

    The rows of ``values`` are those of the file, in its order; other columns stay as they are.
    """
    header, *body = [cells for _, cells in records(path, read_text(path))]
    changed = 0
    for number, cells in enumerate(body):
        before = list(cells)
        for name in values.columns:
            value = values[name].iloc[number]
            cells[header.index(name)] = MISSING if pd.isna(value) else str(value)
        changed += cells != before
    write_atomically(path, _csv([header, *body]))
    return changed


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _plain(column: Column, value: Any) -> Any:
    if isinstance(value, tuple | list):
        return LIST_SEPARATOR.join(map(str, value)) or MISSING
    if value is None or pd.isna(value) or value == "":
        return MISSING
    if column.type == "boolean":
        return "true" if value else "false"
    if column.type == "integer":
        return int(value)
    if column.type == "number":
        return value if isinstance(value, int) else float(value)
    return str(value)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
