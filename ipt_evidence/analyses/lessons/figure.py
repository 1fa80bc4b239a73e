"""The figures of the lessons, drawn by the code of the analyses that they explain."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.clinical_units.figure import two_distributions
from ipt_evidence.analyses.forest.figure import forest_plot
from ipt_evidence.analyses.lessons.forest_plot import example_row
from ipt_evidence.analyses.lessons.lesson import FOREST_EXAMPLE, example
from ipt_evidence.analyses.lessons.small_studies import halves
from ipt_evidence.analyses.small_studies.figure import simple_funnel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.rows import condition_intervals
from ipt_evidence.meta_analysis.models import PooledEffect

__all__ = ["FOCUS", "curves", "funnel", "guided", "guided_forest", "intervals"]

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


@cached
def curves(
    base: EvidenceBase, g: float, lower: float | None, upper: float | None, look: Look
) -> go.Figure:
    """Two groups as curves, ``g`` apart, with its interval where there is one."""
    return two_distributions(g, lower, upper, look=look)


@cached
def guided(base: EvidenceBase, focus: str, look: Look) -> go.Figure:
    """The forest plot of the example with all marks faint but those of ``focus``."""
    answer = example(base, FOREST_EXAMPLE)
    return guided_forest(
        answer.trials.sort_values("label", kind="stable"),
        answer.pooled,
        focus,
        marked=str(example_row(answer.trials)["study_id"]),
        look=look,
    )


@cached
def funnel(base: EvidenceBase, condition: str, look: Look) -> go.Figure:
    """The funnel of an example; rings are its less precise half."""
    answer = example(base, condition)
    parts = halves(answer)
    return simple_funnel(
        answer.trials,
        None if answer.pooled is None else answer.pooled.estimate,
        precise=() if parts is None else parts.precise,
        look=look,
    )


@cached
def intervals(rows: pd.DataFrame, look: Look) -> go.Figure:
    """Estimates with both of their intervals, one a row."""
    return condition_intervals(rows, look=look)


def guided_forest(
    trials: pd.DataFrame,
    pooled: PooledEffect | None,
    focus: str,
    *,
    marked: str | None = None,
    look: Look = USUAL,
) -> go.Figure:
    """Draw a forest plot with all marks faint but those of ``focus``.

    Parameters
    ----------
    trials, pooled, look
        As `forest.figure.forest_plot`.
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
        look=look,
        selected=marked if focus == "row" else None,
    )
    strongly = {"color": look.colours.accent, "width": 3}
    for trace in figure.data:
        if trace.name and trace.name not in strong:
            trace.opacity = FAINT
    if focus == "zero" and look.compact:  # its own trace there, which strikes through no text
        figure.update_traces({"line": strongly, "opacity": 1}, selector={"name": "no effect"})
    elif focus == "zero":
        figure.add_shape(
            type="line", x0=0, x1=0, yref="paper", y0=0, y1=1, name="no difference",
            line=strongly, layer="above",
        )  # fmt: skip
    if focus == "notes":
        figure.for_each_annotation(
            lambda note: note.update(font={"color": look.colours.accent, "size": 13}),
            selector=lambda note: note.name == "note" and note.text.startswith(SPREAD_NOTE),
        )
    return figure
