"""The drapery plot: every trial's p value for every possible effect, and that of all together.

A forest plot shows one interval a trial, that of 95 percent. Here all levels stand at once: at the
height of p = .05 a curve is as wide as its 95 percent interval. Rücker & Schwarzer (2021)
doi:10.1002/jrsm.1410.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.axes import begin, effect_axis, number_axis, write_below
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, palette, tint
from ipt_evidence.wording import tables

__all__ = ["drapery_plot", "drapery_scale"]

NO_TRIALS = "No trial with a usable effect to draw."
LEVELS = ((0.05, "95% CI"), (0.20, "80%"), (0.5, "50%"))
NOTES = [
    "Thin lines: trials. Thick line: all trials together. Shaded: where the true effect of a new "
    "trial may lie. Where a curve meets p = .05 its 95% interval ends."
]


def drapery_scale(trials: pd.DataFrame, compact: bool = False) -> EffectScale:
    """The effect axis of the plot, between whose ends the curves are wanted."""
    return effect_scale(
        trials["yi"].tolist(),
        trials["ci_lower"].tolist(),
        trials["ci_upper"].tolist(),
        most_ticks=5 if compact else 7,
    )


def drapery_plot(
    trials: pd.DataFrame,
    effects: np.ndarray,
    curves: np.ndarray,
    pooled: np.ndarray | None,
    predicted: np.ndarray | None,
    *,
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw the p-value functions.

    Parameters
    ----------
    trials
        One row a trial: study_id, label, yi, ci_lower, ci_upper and, where known, weight (percent).
    effects
        Possible effects, (N,), from one end of ``drapery_scale`` to the other.
    curves, pooled, predicted
        P value of each effect for each trial, (K, N); for all together and for a new trial, (N,).
    condition
        Top-level condition, for its colour.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        One trace ``trial`` a trial, ``trials`` their peaks (``customdata`` is ``[study_id]``),
        ``pooled effect`` and ``prediction``.
    """
    if trials.empty:
        return message_figure(NO_TRIALS, dark=dark)
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    scale = drapery_scale(trials, compact)
    yaxis = number_axis(
        0.0, 1.04, "p value", tickvals=[0, 0.05, 0.2, 0.5, 1],
        ticktext=["0", ".05", ".20", ".50", "1"],
    )  # fmt: skip
    drawing, lines = begin(effect_axis(scale, dark), yaxis, NOTES, dark=dark, compact=compact)
    if predicted is not None:
        drawing.scatter(
            x=effects.tolist(), y=predicted.tolist(), mode="lines", fill="tozeroy",
            fillcolor=tint(colour, 0.14), line={"width": 0}, hoverinfo="skip", name="prediction",
        )  # fmt: skip
    _levels(drawing, colours.rule, colours.muted)
    _curves(drawing, trials, effects, curves, colours.muted)
    if pooled is not None:
        drawing.scatter(
            x=effects.tolist(), y=pooled.tolist(), mode="lines",
            line={"color": colour, "width": 3.4}, hoverinfo="skip", name="pooled effect",
        )  # fmt: skip
    _peaks(drawing, trials, scale, colours.ink)
    write_below(drawing, lines, dark=dark)
    return drawing.figure()


def _levels(drawing: Drawing, rule: str, quiet: str) -> None:
    for p, name in LEVELS:
        drawing.shape(
            type="line", xref="paper", x0=0, x1=1, y0=p, y1=p, layer="below",
            line={"color": rule, "width": 1, "dash": "dot"}, name="level",
        )  # fmt: skip
        drawing.write(
            name, 11, quiet, x=1, y=p, yref="y", xanchor="right", yanchor="bottom", name="level"
        )


def _curves(
    drawing: Drawing, trials: pd.DataFrame, effects: np.ndarray, curves: np.ndarray, colour: str
) -> None:
    """Draw one thin line a trial; the heavier the trial, the stronger."""
    weights: Sequence[float] = (
        trials["weight"].fillna(0.0).tolist() if "weight" in trials.columns else [1.0] * len(trials)
    )
    heaviest = max(weights, default=0.0) or 1.0
    for curve, weight in zip(curves, weights, strict=True):
        seen = curve >= 0.001
        drawing.scatter(
            x=effects[seen].tolist(),
            y=curve[seen].tolist(),
            mode="lines",
            line={"color": colour, "width": 1},
            opacity=0.28 + 0.5 * weight / heaviest,
            hoverinfo="skip",
            name="trial",
        )


def _peaks(drawing: Drawing, trials: pd.DataFrame, scale: EffectScale, ink: str) -> None:
    """Mark each curve's peak, where it can be pointed at."""
    shown = trials.loc[[scale.holds(float(effect)) for effect in trials["yi"]]]
    drawing.scatter(
        x=shown["yi"].tolist(),
        y=[1.0] * len(shown),
        mode="markers",
        marker={"symbol": "line-ns", "size": 12, "line": {"color": ink, "width": 1.6}},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=[[study] for study in shown["study_id"]],
        hovertext=[
            f"<b>{lettering.escape(str(row.label))}</b><br>g "
            f"{tables.estimate_with_interval(row.yi, row.ci_lower, row.ci_upper)}"
            for row in shown.itertuples()
        ],
        hoverinfo="text",
        name="trials",
    )
