"""A plain funnel plot: each trial by its effect and its precision, without contours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import FAVOURS_COMPARISON, FAVOURS_IPT
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, palette, template
from ipt_evidence.wording import tables

__all__ = ["simple_funnel"]

HEIGHT, COMPACT_HEIGHT = 420, 380
SIDES = 1.959963984540054  # standard errors from the middle to the sides: 95% of a normal curve
DOT = 10
NO_TRIALS = "No trial to draw in a funnel."


def simple_funnel(
    trials: pd.DataFrame,
    centre: float | None,
    *,
    precise: tuple[bool, ...] = (),
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw a funnel plot with the most precise trials on top.

    Parameters
    ----------
    trials
        One row a trial with study_id, label, yi and vi; positive where IPT did better.
    centre
        The pooled effect, at which the funnel stands; None draws no funnel.
    precise
        One entry a trial: filled dots for True, rings for False; all filled when empty.
    condition
        Top-level condition, for its colour.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        The trace ``trials`` holds the dots; ``customdata`` is ``[study_id]``.
    """
    if trials.empty:
        return message_figure(NO_TRIALS, dark=dark)
    yi = trials["yi"].to_numpy(float)
    error = np.sqrt(trials["vi"].to_numpy(float))
    deepest = float(error.max()) * 1.08
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    # The sides of the funnel are text for the eye: they may reach over the edge of the plot.
    scale = effect_scale(yi.tolist(), yi.tolist(), yi.tolist(), most_ticks=5 if compact else 7,
                         summaries=[] if centre is None else
                         [centre - SIDES * deepest, centre + SIDES * deepest])  # fmt: skip
    drawing = Drawing(_frame(scale, deepest, dark=dark, compact=compact))
    if centre is not None:
        _funnel(drawing, centre, deepest, colours.rule, colour)
    filled = precise or (True,) * len(trials)
    drawing.scatter(
        x=yi.tolist(),
        y=error.tolist(),
        mode="markers",
        marker={
            "size": DOT,
            "symbol": ["circle" if one else "circle-open" for one in filled],
            "color": colour,
            "opacity": 1,
            "line": {"width": [0.0 if one else 2.0 for one in filled], "color": colour},
        },
        customdata=[[study] for study in trials["study_id"]],
        hovertext=[
            f"<b>{lettering.escape(str(label))}</b><br>g {tables.effect(value)}, standard error "
            f"{tables.effect(spread)}"
            for label, value, spread in zip(trials["label"], yi, error, strict=True)
        ],
        hoverinfo="text",
        name="trials",
    )
    _directions(drawing, colours.ink)
    return drawing.figure()


def _frame(scale: EffectScale, deepest: float, *, dark: bool, compact: bool) -> dict[str, object]:
    colours = palette(dark)
    return {
        "template": template(dark),
        "height": COMPACT_HEIGHT if compact else HEIGHT,
        "margin": {"l": 58, "r": 22, "t": 10, "b": 84, "pad": 0},
        "xaxis": {
            "range": [scale.lower, scale.upper],
            "tickvals": list(scale.ticks),
            "ticktext": scale.tick_labels,
            "title": {"text": "Hedges g", "standoff": 28},
            "showline": True,
            "zeroline": True,
            "zerolinecolor": colours.rule,
            "zerolinewidth": 1.4,
            "ticks": "outside",
            "ticklen": 4,
            "fixedrange": True,
        },
        "yaxis": {
            "range": [deepest, 0],
            "tickformat": ".1f",
            "nticks": 5,
            "title": {"text": "Standard error (up: more precise)", "standoff": 8},
            "fixedrange": True,
        },
    }


def _funnel(drawing: Drawing, centre: float, deepest: float, quiet: str, colour: str) -> None:
    drawing.scatter(
        x=[centre - SIDES * deepest, centre, centre + SIDES * deepest],
        y=[deepest, 0, deepest],
        mode="lines",
        line={"color": quiet, "width": 1.4, "dash": "dash"},
        cliponaxis=True,
        hoverinfo="skip",
        name="funnel",
    )
    drawing.shape(
        type="line", x0=centre, x1=centre, y0=0, y1=deepest, layer="below",
        line={"color": colour, "width": 1, "dash": "dot"}, name="pooled effect",
    )  # fmt: skip


def _directions(drawing: Drawing, ink: str) -> None:
    for text, x, anchor in ((FAVOURS_COMPARISON, 0, "left"), (FAVOURS_IPT, 1, "right")):
        drawing.write(
            text, 12, ink, x=x, xanchor=anchor, y=0, yanchor="top", yshift=-26, name="direction"
        )
