"""Tables of the evidence base as CSV text, in the form in which ``reading`` takes them back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ipt_evidence.evidence.schema import LIST_SEPARATOR, MISSING, Column, Table

__all__ = ["csv_text", "plain_cells"]


def plain_cells(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of ``table`` as its file holds them: lists joined, booleans spelt, ``NA``."""
    return pd.DataFrame(
        {
            column.name: [_plain(column, value) for value in frame[column.name]]
            for column in table.columns
        },
        dtype="object",
    )


def _plain(column: Column, value: Any) -> Any:
    if isinstance(value, tuple | list):
        return LIST_SEPARATOR.join(value) or MISSING
    if value is None or pd.isna(value):
        return MISSING
    if column.type == "boolean":
        return "true" if value else "false"
    if column.type == "integer":
        return int(value)
    return float(value) if column.type == "number" else str(value)


def csv_text(table: Table, rows: Iterable[Mapping[str, Any]]) -> str:
    """A file of ``table`` with these rows; what a row does not have is ``NA``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in table.column_names])
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, tuple | list):
        return LIST_SEPARATOR.join(map(str, value)) or MISSING
    if value is None or value == "" or pd.isna(value):
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value)
