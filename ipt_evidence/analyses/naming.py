"""Panels and figures in the names of their base; see `evidence.names`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from ipt_evidence.analyses.panel import Detail, Panel
from ipt_evidence.evidence.names import Names

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["named_figure", "named_panel"]

_SAID = frozenset(
    (
        "text",
        "name",
        "hovertemplate",
        "hovertext",
        "ticktext",
        "title",
        "labelalias",
        "texttemplate",
    )
)
"""Parts of a figure that readers see, and which are not data."""


def named_panel(panel: Panel, names: Names) -> Panel:
    """``panel`` with the names of its base; the cells of its tables stay as they are."""
    if names.usual:
        return panel
    return replace(
        panel,
        sentences=tuple(map(names.said, panel.sentences)),
        table=_headed(panel.table, names),
        text_alternative=names.said(panel.text_alternative),
        how_to_read=names.said(panel.how_to_read),
        details=tuple(_detail(one, names) for one in panel.details),
        note=names.said(panel.note),
    )


def _detail(detail: Detail, names: Names) -> Detail:
    return replace(
        detail,
        table=_headed(detail.table, names),
        heading=names.said(detail.heading),
        sentence=names.said(detail.sentence),
        fold=names.said(detail.fold),
        note=names.said(detail.note),
    )


def _headed(table: pd.DataFrame, names: Names) -> pd.DataFrame:
    return table.rename(columns=lambda name: names.said(str(name)))


def named_figure(figure: go.Figure, names: Names) -> go.Figure:
    """A copy of ``figure`` with the names of its base in titles, labels and hover texts."""
    if names.usual:
        return figure
    import plotly.graph_objects as go

    return go.Figure(_replaced(figure.to_dict(), names, said=False))


def _replaced(part: Any, names: Names, *, said: bool) -> Any:
    if isinstance(part, dict):
        return {name: _replaced(value, names, said=name in _SAID) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_replaced(value, names, said=said) for value in part]
    return names.said(part) if said and isinstance(part, str) else part
