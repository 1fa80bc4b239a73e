"""Tables that nothing is cut from, each with its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.cells import packed_table, show_cells

__all__ = ["show_table"]


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
        facts |= {"ids": tuple(str(one) for one in ids), "open": open_label}
        events["on_opened_change"] = address.by_reader
    if picked is not None and on_pick is not None:
        facts["picked"] = tuple(picked)
        events["on_picked_change"] = lambda: _pick(f"table-{key}", on_pick)
    result = show_cells(f"table-{key}", packed_table(frame, facts, column_config), **events)
    return None if ids is None or result.opened is None else str(result.opened)


def _pick(key: str, on_pick: Callable[[list[str]], None]) -> None:
    address.by_reader()
    on_pick([str(one) for one in st.session_state[key]["picked"] or []])
