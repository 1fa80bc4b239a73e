"""A column and a table: how the shape of the data is written down."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

ColumnType = Literal["string", "integer", "number", "boolean", "list"]

LIST_SEPARATOR = ";"
MISSING = "NA"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, meaning, and what is allowed in it."""

    name: str
    type: ColumnType
    description: str
    required: bool = False
    levels: Collection[str] = field(default=(), hash=False)  # a mapping gives them labels
    unit: str = ""
    minimum: float | None = None
    references: str = (
        ""  # "table.column", "taxonomy.conditions", "references.bib" or "sources.toml"
    )


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file of the evidence base and the column that identifies its rows."""

    name: str
    file: str
    key: str
    title: str
    description: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in file order."""
        return tuple(column.name for column in self.columns)
