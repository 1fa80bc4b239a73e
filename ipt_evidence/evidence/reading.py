"""One CSV table of an evidence base: text in, typed rows and quarantined rows out."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.problems import Problem
from ipt_evidence.evidence.schema import LIST_SEPARATOR, MISSING, Column, Table

__all__ = ["LINE", "read_table"]

LINE = "source_line"  # physical line of the row in its file: what a reader opens to check it

MAX_FILE_BYTES = 64 * 1024 * 1024  # an evidence base is small; more is a mistake or an attack

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
    text = _read_text(path)
    records = _records(path, text)
    if not records:
        raise DataError(f"{path} is empty. It needs the header {','.join(table.column_names)}")
    _, header = records[0]
    _check_header(path, header, table)
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for start, cells in records[1:]:
        row, faults = _read_row(table, header, cells, start)
        faults += _repeated_key(table, row, seen, start)
        if faults:
            problems += faults
        else:
            rows.append({**row, LINE: start})
    return _frame(rows, table), problems


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DataError(f"{path} is larger than {MAX_FILE_BYTES // 1024**2} MB. Split it.")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing. Restore it, or name another evidence base with --data DIR"
        ) from None
    except UnicodeDecodeError as err:
        raise DataError(
            f"{path} is not UTF-8 (byte {err.start}). Save it as UTF-8 and try again"
        ) from err
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err


def _records(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Cells of each record that is not blank, with the line on which the record starts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records = []
    start = 1
    try:
        for cells in reader:
            if any(cells):
                records.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as err:
        raise DataError(
            f"{path}, line {start}: {err}. A quotation mark may be missing; save it as plain CSV"
        ) from err
    return records


def _check_header(path: Path, header: list[str], table: Table) -> None:
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"{path}, line 1: column {repeated[0]} stands there twice. Keep one")
    missing = [name for name in table.column_names if name not in header]
    if missing:
        raise DataError(
            f"{path}, line 1: no column {', '.join(missing)}. "
            f"The header must name {','.join(table.column_names)}"
        )


def _read_row(
    table: Table, header: list[str], cells: list[str], line: int
) -> tuple[dict[str, Any], list[Problem]]:
    if len(cells) != len(header):
        problem = Problem(
            file=table.file,
            line=line,
            key=cells[0],
            reason=f"{len(cells)} cells where the header has {len(header)}",
            remedy="Quote cells that hold commas, and write NA for missing values",
        )
        return {}, [problem]
    texts = dict(zip(header, cells, strict=True))
    key = texts.get(table.key, "")
    row: dict[str, Any] = {}
    problems: list[Problem] = []
    for column in table.columns:
        try:
            row[column.name] = _read_cell(texts[column.name].strip(), column)
        except ValueError as err:
            problems.append(
                Problem(
                    file=table.file,
                    line=line,
                    column=column.name,
                    key=key,
                    value=texts[column.name][:200],
                    reason=str(err),
                    remedy=_remedy(column),
                )
            )
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
    return [
        Problem(
            file=table.file,
            line=line,
            column=table.key,
            key=key,
            value=key,
            reason=f"the key stands already in line {seen[key]}",
            remedy="Give each row a key of its own",
        )
    ]


def _frame(rows: list[dict[str, Any]], table: Table) -> pd.DataFrame:
    columns: dict[str, pd.Series[Any]] = {}
    for column in table.columns:
        values = [row[column.name] for row in rows]
        dtype = _DTYPES.get(column.type, "object")
        columns[column.name] = pd.Series(values, dtype=dtype)
    columns[LINE] = pd.Series([row[LINE] for row in rows], dtype="Int64")
    return pd.DataFrame(columns)
