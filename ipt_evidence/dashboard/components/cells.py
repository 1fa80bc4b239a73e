"""Tables of real rows and the tools below a figure, built in the browser from plain cells.

A table on a canvas can be read neither by a screen reader nor on paper, and cuts what does not
fit. Here a table is a table: text wraps, the first column stays in sight, a column is sorted by its
heading. The code that builds it reaches the browser once (``page/tables.js``); a rerun sends the
cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.dashboard.components.packing import packed
from ipt_evidence.dashboard.components.page import tool
from ipt_evidence.evidence.schema import LIST_SEPARATOR
from ipt_evidence.wording.tables import is_missing, safe_url

__all__ = ["packed_table", "show_cells"]

Cell = str | float | None
WIDTHS = {"small": 7, "medium": 14, "large": 24}  # least width of a column, in characters

_component = tool("tables")


def show_cells(key: str, data: bytes, **events: Any) -> Any:
    """Show what ``data``, packed, describes; see `figure.show_figure` and `tables.show_table`."""
    return _component(key=key, data=data, **events)


def packed_table(
    frame: pd.DataFrame, facts: Mapping[str, Any], column_config: Mapping[str, Any] | None = None
) -> bytes:
    """Pack ``frame`` as columns and rows, after ``facts``: texts, tuples and truth values.

    Done once for a frame that is kept and shown again. Of one with rows that a reader ``picked``
    the cells are kept: the ways to pick are too many.
    """
    columns = _Config(column_config)
    if "picked" in facts:
        return packed({**facts, **_kept_cells(frame, columns)})
    return _packed(frame, tuple(facts.items()), columns)


@cached
def _packed(
    frame: pd.DataFrame, facts: tuple[tuple[str, Any], ...], columns_shown: _Config
) -> bytes:
    return packed(dict(facts) | _cells(frame, columns_shown))


@cached
def _kept_cells(frame: pd.DataFrame, columns_shown: _Config) -> dict[str, list[Any]]:
    return _cells(frame, columns_shown)


def _cells(frame: pd.DataFrame, columns_shown: _Config) -> dict[str, list[Any]]:
    """Write ``frame`` as columns and rows of text, whole numbers and None for missing."""
    config = columns_shown.columns
    columns = [_column(str(name), config.get(name)) for name in frame.columns]
    rows = [
        [_cell(value, column) for value, column in zip(row, columns, strict=True)]
        for row in frame.itertuples(index=False, name=None)
    ]
    return {"columns": columns, "rows": rows}


class _Config:
    """What `column_config` says of a table, comparable by its text."""

    def __init__(self, columns: Mapping[str, Any] | None) -> None:
        self.columns = columns or {}
        self._text = repr(sorted(self.columns.items()))

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Config) and other._text == self._text


def _column(name: str, config: Any) -> dict[str, Any]:
    """What is said of a column: its label, and what ``st.column_config`` says of it."""
    facts: dict[str, Any] = {"label": name}
    if isinstance(config, str):
        facts["label"] = config
    elif isinstance(config, Mapping):
        facts["label"] = config.get("label") or name
        kind = config.get("type_config") or {}
        if kind.get("type") == "link":
            facts["link"] = kind.get("display_text") or "Open"
        if config.get("help"):
            facts["help"] = config["help"]
        if config.get("width") in WIDTHS:
            facts["width"] = WIDTHS[config["width"]]
    return facts


def _cell(value: object, column: Mapping[str, Any]) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_missing(value):
        return None
    if "link" in column:
        return safe_url(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"{LIST_SEPARATOR} ".join(str(item) for item in value)
    if isinstance(value, str):
        return value
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
