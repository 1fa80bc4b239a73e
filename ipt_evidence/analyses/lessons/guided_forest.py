"""A forest plot in which one kind of mark stands out, for reading it step by step."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.forest.figure import forest_plot
from ipt_evidence.figures.template import palette
from ipt_evidence.wording.protocols import PooledLike

__all__ = ["FOCUS", "guided_forest"]

SPREAD_NOTE = "Heterogeneity"  # how the forest plot's note on it begins
FAINT = 0.22  # marks that are not spoken of stay visible as ground
# What a step speaks of -> the traces of the forest plot that stay strong.
FOCUS: dict[str, tuple[str, ...]] = {
    "row": ("trials", "interval"),
    "square": ("trials",),
    "interval": ("interval", "interval beyond the axis"),
    "zero": (),
    "diamond": ("pooled effect",),
    "prediction": ("prediction interval",),
    "notes": (),
}


def guided_forest(
    trials: pd.DataFrame,
    pooled: PooledLike,
    focus: str,
    *,
    marked: str | None = None,
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw a forest plot with all marks faint but those of ``focus``.

    Parameters
    ----------
    trials, pooled, condition, dark, compact
        As `charts.forest_plot`.
    focus
        A key of ``FOCUS``.
    marked
        The study_id whose row is set off, in the step about rows.

    Raises
    ------
    KeyError
        When ``focus`` is not known.
    """
    strong = FOCUS[focus]
    figure = forest_plot(
        trials,
        pooled,
        condition=condition,
        dark=dark,
        compact=compact,
        selected=marked if focus == "row" else None,
    )
    colours = palette(dark)
    for trace in figure.data:
        if trace.name and trace.name not in strong:
            trace.opacity = FAINT
    if focus == "zero" and compact:  # its own trace there, which strikes through no text
        figure.update_traces(
            {"line": {"color": colours.accent, "width": 3}, "opacity": 1},
            selector={"name": "no effect"},
        )
    elif focus == "zero":
        figure.add_shape(
            type="line", x0=0, x1=0, yref="paper", y0=0, y1=1, name="no difference",
            line={"color": colours.accent, "width": 3}, layer="above",
        )  # fmt: skip
    if focus == "notes":
        figure.for_each_annotation(
            lambda note: note.update(font={"color": colours.accent, "size": 13}),
            selector=lambda note: note.name == "note" and note.text.startswith(SPREAD_NOTE),
        )
    return figure
