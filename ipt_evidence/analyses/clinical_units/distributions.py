"""Two groups as bell curves, g standard deviations apart: what an effect size looks like."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from ipt_evidence.figures.drawing import Drawing
from ipt_evidence.figures.template import condition_colour, palette, template
from ipt_evidence.wording import tables

__all__ = ["distributions_twin", "two_distributions"]

FloatArray = npt.NDArray[np.float64]

HEIGHT, COMPACT_HEIGHT = 340, 300
REACH = 3.2  # standard deviations drawn beyond the outer means of the range
WIDEST = 1.5  # the axis holds effects up to this size, so that it stands still under a slider
POINTS = 161
PEAK = 1 / math.sqrt(2 * math.pi)  # of the normal density
COMPARISON, TREATED = "Comparison group", "IPT"


def two_distributions(
    g: float,
    lower: float | None = None,
    upper: float | None = None,
    *,
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw the comparison group and, g to the right of it, the group with IPT.

    Parameters
    ----------
    g
        Hedges g in standard deviations, positive where IPT did better.
    lower, upper
        Its confidence interval, shaded around the average of the IPT curve; None for none.
    condition
        Top-level condition, for the colour of the IPT curve.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        The traces ``Comparison group`` and ``IPT`` hold the curves, ``overlap`` what they share.
    """
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    widest = max(WIDEST, abs(g), abs(lower or 0.0), abs(upper or 0.0))
    reach = widest + REACH - 0.7
    x = np.linspace(-reach, reach, POINTS)
    drawing = Drawing(_frame(reach, dark=dark, compact=compact))
    untreated, treated = _bell(x), _bell(x - g)
    _filled(drawing, x, np.minimum(untreated, treated), colours.rule, "overlap", 0.28)
    _line(drawing, x, untreated, colours.muted, COMPARISON)
    _line(drawing, x, treated, colour, TREATED)
    for mean, shade in ((0.0, colours.muted), (g, colour)):
        drawing.shape(
            type="line", x0=mean, x1=mean, y0=0, y1=PEAK,
            line={"color": shade, "width": 1.4, "dash": "dot"}, name="average",
        )  # fmt: skip
    if lower is not None and upper is not None:
        _interval(drawing, lower, upper, colour)
    _labels(drawing, g, colours.muted, colour)
    return drawing.figure()


def distributions_twin(
    g: float, lower: float | None, upper: float | None, shared: str, better: str
) -> str:
    """What the figure shows, in words.

    ``shared`` and ``better`` are the overlap and U3 as printed.
    """
    side = "right" if g > 0 else "left"
    place = (
        "exactly on the curve of the comparison group"
        if round(g, 2) == 0
        else f"{tables.effect(abs(g))} standard deviations to the {side} of the comparison group's"
    )
    ends = "" if lower is None else f" Its interval runs from {tables.interval(lower, upper)}."
    return (
        f"Two bell curves of equal width. The curve of the IPT group lies {place}.{ends} Both "
        f"curves share {shared}; the average person with IPT is better off than {better} of the "
        "comparison group."
    )


def _bell(x: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * x * x) * PEAK)


def _frame(reach: float, *, dark: bool, compact: bool) -> dict[str, object]:
    colours = palette(dark)
    last = math.floor(reach)
    step = 2 if compact else 1
    ticks = list(range(-(last // step) * step, last + 1, step))
    title = "How people do after treatment (in standard deviations)"
    return {
        "template": template(dark),
        "height": COMPACT_HEIGHT if compact else HEIGHT,
        "margin": {"l": 18, "r": 18, "t": 52, "b": 62, "pad": 0},
        "xaxis": {
            "range": [-reach, reach],
            "tickvals": ticks,
            "ticktext": [tables.effect(tick, 0) for tick in ticks],
            "title": {"text": "Worse ← standard deviations → better" if compact
                      else f"Worse ←   {title}   → better"},
            "showgrid": False,
            "showline": True,
            "linecolor": colours.rule,
            "ticks": "outside",
            "ticklen": 4,
            "fixedrange": True,
        },
        "yaxis": {"visible": False, "range": [0, PEAK * 1.12], "fixedrange": True},
    }  # fmt: skip


def _filled(
    drawing: Drawing, x: FloatArray, y: FloatArray, colour: str, name: str, opacity: float
) -> None:
    drawing.scatter(
        x=x.tolist(), y=y.tolist(), mode="lines", line={"width": 0, "color": colour},
        fill="tozeroy", fillcolor=_see_through(colour, opacity), hoverinfo="skip", name=name,
    )  # fmt: skip


def _see_through(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _line(drawing: Drawing, x: FloatArray, y: FloatArray, colour: str, name: str) -> None:
    drawing.scatter(
        x=x.tolist(), y=y.tolist(), mode="lines", line={"width": 2.6, "color": colour},
        hoverinfo="skip", name=name,
    )  # fmt: skip


def _interval(drawing: Drawing, lower: float, upper: float, colour: str) -> None:
    """Shade where the average of the IPT group may lie, as far as the interval says."""
    drawing.shape(
        type="rect", x0=lower, x1=upper, y0=0, y1=PEAK, layer="below",
        fillcolor=_see_through(colour, 0.16), line={"width": 0}, name="interval",
    )  # fmt: skip


def _labels(drawing: Drawing, g: float, quiet: str, colour: str) -> None:
    """Name both curves above their tops, on the outer sides so that they never meet."""
    right = g >= 0
    for text, mean, shade, outward in (
        (COMPARISON, 0.0, quiet, not right),
        (f"<b>{TREATED}</b>", g, colour, right),
    ):
        drawing.write(
            text, 13, shade, x=mean, xref="x", y=PEAK * 1.04, yref="y", yanchor="bottom",
            xanchor="left" if outward else "right", xshift=6 if outward else -6, name="curve",
        )  # fmt: skip
    drawing.write(
        f"g = {tables.effect(g)}", 14, colour, x=0.5, y=1, yanchor="bottom", yshift=26, name="g"
    )
