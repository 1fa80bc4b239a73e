"""Tables that nothing is cut from, each with its file: built in the browser from plain cells.

A table on a canvas can be read neither by a screen reader nor on paper, and cuts what does not
fit. Here a table is a table: text wraps, the first column stays in sight, a column is sorted by its
heading. The code that builds it reaches the browser once (``page/tables.js``); a rerun sends the
cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ipt_evidence.cache import cached
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.packing import packed
from ipt_evidence.dashboard.components.page import tool
from ipt_evidence.evidence.schema import LIST_SEPARATOR
from ipt_evidence.wording.tables import is_missing, safe_url

__all__ = ["cells", "show_cells", "show_table"]

Cell = str | float | None
WIDTHS = {"small": 7, "medium": 14, "large": 24}  # least width of a column, in characters

show_cells = tool("tables")
"""The component of tables and of the tools below a figure; ``data`` is what `packed` gives."""


def show_table(
    frame: pd.DataFrame,
    *,
    key: str,
    name: str,
    column_config: Mapping[str, Any] | None = None,
    ids: Sequence[str] | None = None,
    open_label: str = "Open",
    caption: str = "",
    download: bool = True,
    picked: Sequence[str] | None = None,
    on_pick: Callable[[list[str]], None] | None = None,
) -> str | None:
    """Show ``frame`` as a table that wraps, scrolls, sorts by its headings, and offers its CSV.

    Parameters
    ----------
    frame : what is shown; texts as written, numbers whole in the file, missing as "not reported".
    key : names the table in the session; unique on the page.
    name : stem of the file.
    column_config : as for ``st.dataframe``: a label, ``LinkColumn``, ``help`` and ``width`` count.
    ids : one id a row makes the first column a button that opens the row, by mouse or keyboard.
    open_label : what that button does, for those who only hear it: "Open" and the cell's text.
    caption : says what the table holds, for those who only hear it; the name otherwise.
    download : False where another button offers the same file.
    picked : ids of the rows that are ticked; with ``ids``, each row gets a box to tick.
    on_pick : called with the ids of all ticked rows when one is ticked or unticked.

    Returns
    -------
    The id of the row that was opened by this very click, else None.
    """
    facts: dict[str, Any] = {
        "kind": "table",
        "key": key,
        "name": name,
        "caption": caption or name.replace("-", " "),
    }
    if not download:
        facts["download"] = False
    events: dict[str, Callable[[], None]] = {}
    if ids is not None:
        facts |= {"ids": [str(one) for one in ids], "open": open_label}
        events["on_opened_change"] = address.by_reader
    if picked is not None and on_pick is not None:
        facts["picked"] = list(picked)
        events["on_picked_change"] = lambda: _pick(f"table-{key}", on_pick)
    data = packed({**facts, **cells(frame, column_config)})
    result = show_cells(key=f"table-{key}", data=data, **events)
    return None if ids is None or result.opened is None else str(result.opened)


def _pick(key: str, on_pick: Callable[[list[str]], None]) -> None:
    address.by_reader()
    on_pick([str(one) for one in st.session_state[key]["picked"] or []])


def cells(
    frame: pd.DataFrame, column_config: Mapping[str, Any] | None = None
) -> dict[str, list[Any]]:
    """Write ``frame`` as columns and rows of text, whole numbers and None for missing.

    Done once for a frame that is kept and shown again.
    """
    return _cells(frame, _Config(column_config))


@cached
def _cells(frame: pd.DataFrame, columns_shown: _Config) -> dict[str, list[Any]]:
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
