"""A figure with all that belongs to it: the same in words and as a table, and files to keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.cache import cached
from ipt_evidence.dashboard.components import address, embedding
from ipt_evidence.dashboard.components.cells import packed_table, show_cells
from ipt_evidence.dashboard.components.packing import packed

__all__ = ["show_figure"]


class _Ready(go.Figure):  # type: ignore[misc]
    """A figure as Streamlit sends it, in plain lists and numbers: arrays are slow to write out.

    Streamlit asks a figure for its dictionary at every run of the page; this one has it ready.
    Without, a run of the Condition page costs a fifth more (tests: test_figure_written_once.py).
    """

    def __init__(self, figure: go.Figure) -> None:
        object.__setattr__(self, "_written", json.loads(figure.to_json(validate=False)))

    def to_dict(self) -> dict[str, Any]:
        written: dict[str, Any] = self._written
        return written


@cached
def _ready(figure: go.Figure) -> _Ready:
    return _Ready(figure)


CONFIG = {"displayModeBar": False, "scrollZoom": False}


def show_figure(
    figure: go.Figure,
    *,
    key: str,
    name: str,
    alt: str,
    table: pd.DataFrame | None = None,
    on_select: Callable[[], None] | None = None,
    how_to_read: str | None = None,
) -> None:
    """Show ``figure``, and below it what says the same without sight and what can be kept.

    Parameters
    ----------
    figure : the picture, drawn for the reader's theme and screen.
    key : names the chart in the session; unique on the page.
    name : stem of the files, such as ``ipt-anxiety-control-forest``.
    alt : the figure in a few plain sentences.
    table : the numbers of the figure, one row a mark; leave out only where there are none.
    on_select : called when a mark is clicked; give the keyboard another way to the same.
    how_to_read : plain paragraphs, split by blank lines; lines that start with "- " are a list.
    """
    with st.container(key=f"figure-{key}", gap=None):
        st.plotly_chart(
            _ready(figure),
            theme=None,
            key=key,
            on_select=_noticed(on_select) if on_select else "ignore",
            selection_mode="points",
            config=CONFIG,
            alt=alt,
        )
        show_cells(f"tools-{key}", _tools(key, name, alt, table, how_to_read))
        if embedding.shown_alone(key):
            embedding.source_line()


def _noticed(on_select: Callable[[], None]) -> Callable[[], None]:
    def selected() -> None:
        address.by_reader()
        on_select()

    return selected


def _tools(
    key: str, name: str, alt: str, table: pd.DataFrame | None, how_to_read: str | None
) -> bytes:
    title = alt.partition(". ")[0].rstrip(".")
    data: dict[str, Any] = {"kind": "figure", "key": key, "name": name, "alt": alt, "embed": title}
    if how_to_read:
        data["how"] = how_to_read
    if table is not None and len(table.columns):
        return packed_table(table, data)
    return packed(data)
