"""A hundred people, one dot each, and two groups as bell curves: what an effect size looks like."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from ipt_evidence.analyses.clinical_units.panel import labels_of_arms, usual_share
from ipt_evidence.analyses.clinical_units.result import hundred, restated
from ipt_evidence.cache import cached
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures.drawing import Drawing
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.template import tint
from ipt_evidence.meta_analysis.clinical_units import Carried
from ipt_evidence.wording import tables

__all__ = ["curves_figure", "hundred_people", "people_figure", "two_distributions"]

FloatArray = npt.NDArray[np.float64]

ACROSS, HIGH = 10, 10  # dots in a block
GAP = 3.0  # dots between the two blocks
KEY_ROOM = 11.5  # dots right of the blocks, for the key
PEOPLE_HEIGHT, COMPACT_PEOPLE_HEIGHT = 330, 390
MEANINGS = {
    "do well anyway": "do well in either group",
    "do well because of it": "do well because of it",
    "may do well because of it": "perhaps, within the interval",
    "worse because of it": "do well only without it",
    "do not do well": "do not do well",
}
DOT, COMPACT_DOT = 17.0, 10.0

CURVES_HEIGHT, COMPACT_CURVES_HEIGHT = 340, 300
REACH = 3.2  # standard deviations drawn beyond the outer means of the range
WIDEST = 1.5  # the axis holds effects up to this size, so that it stands still under a slider
POINTS = 161
PEAK = 1 / math.sqrt(2 * math.pi)  # of the normal density
COMPARISON, TREATED = "Comparison group", "IPT"


@cached
def people_figure(
    base: EvidenceBase, view: View, look: Look, share: float | None = None
) -> go.Figure:
    """A hundred people with the comparison, of whom ``share`` do well, and a hundred with IPT."""
    share = usual_share(base, view) if share is None else share
    units = restated(estimate_of(base, view), share / 100, None)
    if units is None or units.nnt_furukawa is None:
        raise PoolingError("nothing was pooled: there is no effect to show as people")
    labels = labels_of_arms(str(view.question.comparison))
    return hundred_people(share, units.nnt_furukawa.per_100, labels=labels, look=look)


def curves_figure(base: EvidenceBase, view: View, look: Look, **chosen: Any) -> go.Figure:
    """Both groups as bell curves, which follow from no choice: they stand still under a slider."""
    return _curves(base, view, look)


@cached
def _curves(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    pooled = estimate_of(base, view).pooled
    if pooled is None:
        raise PoolingError("nothing was pooled: there is no effect to show as two groups")
    return two_distributions(pooled.estimate, pooled.ci_lower, pooled.ci_upper, look=look)


def hundred_people(
    without: float,
    more: Carried,
    *,
    labels: tuple[str, str] = ("With the comparison", "With IPT"),
    look: Look = USUAL,
) -> go.Figure:
    """Draw a hundred people with the comparison and a hundred with the treatment.

    Parameters
    ----------
    without
        How many of 100 do well with the comparison.
    more
        How many more of 100 do well with the treatment, with its interval; negative: fewer.
    labels
        What stands above the two blocks.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        Traces ``do well anyway``, ``do well because of it``, ``may do well because of it`` (between
        the estimate's number and the upper end of its interval are rings, as are those between its
        lower end and the estimate), ``worse because of it`` and ``do not do well``.
    """
    size = COMPACT_DOT if look.compact else DOT
    drawing = Drawing(look, _people_frame(look))
    kinds = _kinds(without, more)
    marks = _looks(look)
    people = hundred(without, more)
    blocks = (_plain(without), kinds)
    for kind, mark in marks.items():
        xs, ys = [], []
        for block, members in enumerate(blocks):
            for place, own in enumerate(members):
                if own == kind:
                    xs.append(block * (ACROSS + GAP) + place % ACROSS)
                    ys.append(HIGH - 1 - place // ACROSS)
        if xs:
            drawing.scatter(
                x=xs, y=ys, mode="markers", marker={"size": size, "opacity": 1, **mark},
                hoverinfo="text", hovertext=kind, name=kind,
            )  # fmt: skip
    _key(drawing, {kind: mark for kind, mark in marks.items() if kind in {*blocks[0], *kinds}})
    for block, label in enumerate(labels):
        drawing.write(
            f"<b>{label}</b>", 13, look.colours.ink, x=block * (ACROSS + GAP) - 0.5, xref="x", y=1,
            xanchor="left", yanchor="bottom", yshift=24, name="block",
        )  # fmt: skip
    counts = ((people.untreated, look.colours.muted), (people.treated, look.colour))
    for block, (count, colour) in enumerate(counts):
        drawing.write(
            f"{count} of 100 do well", 13, colour, x=block * (ACROSS + GAP) - 0.5,
            xref="x", y=1, xanchor="left", yanchor="bottom", yshift=6, name="count",
        )  # fmt: skip
    return drawing.figure()


def _looks(look: Look) -> dict[str, dict[str, Any]]:
    """How each kind of person is marked."""
    colours, colour = look.colours, look.colour
    return {
        "do well anyway": {"symbol": "circle", "color": colours.muted},
        "do well because of it": {"symbol": "circle", "color": colour},
        "may do well because of it": {
            "symbol": "circle", "color": tint(colour, 0.3), "line": {"width": 1.6, "color": colour},
        },
        "worse because of it": {"symbol": "x", "color": colour},
        "do not do well": {
            "symbol": "circle-open", "color": colours.rule, "line": {"width": 1.2},
        },
    }  # fmt: skip


def _key(drawing: Drawing, marks: dict[str, dict[str, Any]]) -> None:
    """Explain the dots: right of the blocks, or under them on a narrow screen."""
    look = drawing.look
    for line, (kind, mark) in enumerate(marks.items()):
        x = 0.0 if look.compact else 2 * ACROSS + GAP + 0.6
        y = -1.6 - 1.35 * line if look.compact else HIGH - 1.0 - 1.2 * line
        drawing.scatter(
            x=[x], y=[y], mode="markers",
            marker={"size": COMPACT_DOT if look.compact else DOT - 3, "opacity": 1, **mark},
            hoverinfo="skip", name=f"key: {kind}",
        )  # fmt: skip
        drawing.write(
            MEANINGS[kind], 12, look.colours.ink, x=x + 0.8, xref="x", y=y, yref="y",
            xanchor="left", yanchor="middle", name="key",
        )  # fmt: skip


def _plain(without: float) -> list[str]:
    well = round(without)
    return ["do well anyway"] * well + ["do not do well"] * (100 - well)


def _kinds(without: float, more: Carried) -> list[str]:
    """The hundred people with the treatment, those who do well first."""
    base = round(without)
    estimate, lower, upper = (
        min(max(round(without + value), 0), 100)
        for value in (more.estimate, more.lower, more.upper)
    )
    kinds = []
    for person in range(100):
        if person < min(base, estimate):
            kinds.append("do well anyway")
        elif person < base:  # they would have done well without it
            kinds.append("worse because of it")
        elif person < min(lower, estimate):
            kinds.append("do well because of it")
        elif person < max(upper, estimate):
            kinds.append("may do well because of it")
        else:
            kinds.append("do not do well")
    return kinds


def _people_frame(look: Look) -> dict[str, object]:
    axis = {"visible": False, "fixedrange": True}
    return {
        "height": COMPACT_PEOPLE_HEIGHT if look.compact else PEOPLE_HEIGHT,
        "margin": {"l": 4, "r": 4, "t": 52, "b": 8, "pad": 0},
        "xaxis": {
            **axis,
            "range": [-0.7, 2 * ACROSS + GAP - 0.3 + (0 if look.compact else KEY_ROOM)],
        },
        "yaxis": {**axis, "range": [-8.6 if look.compact else -0.7, HIGH - 0.3]},
    }


def two_distributions(
    g: float,
    lower: float | None = None,
    upper: float | None = None,
    *,
    look: Look = USUAL,
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
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The traces ``Comparison group`` and ``IPT`` hold the curves, ``overlap`` what they share.
    """
    colours, colour = look.colours, look.colour
    widest = max(WIDEST, abs(g), abs(lower or 0.0), abs(upper or 0.0))
    reach = widest + REACH - 0.7
    x = np.linspace(-reach, reach, POINTS)
    drawing = Drawing(look, _curves_frame(reach, look))
    untreated, treated = _bell(x), _bell(x - g)
    drawing.scatter(
        x=x.tolist(), y=np.minimum(untreated, treated).tolist(), mode="lines",
        line={"width": 0, "color": colours.rule}, fill="tozeroy",
        fillcolor=tint(colours.rule, 0.28), hoverinfo="skip", name="overlap",
    )  # fmt: skip
    _line(drawing, x, untreated, colours.muted, COMPARISON)
    _line(drawing, x, treated, colour, TREATED)
    for mean, shade in ((0.0, colours.muted), (g, colour)):
        drawing.shape(
            type="line", x0=mean, x1=mean, y0=0, y1=PEAK,
            line={"color": shade, "width": 1.4, "dash": "dot"}, name="average",
        )  # fmt: skip
    if lower is not None and upper is not None:
        drawing.shape(  # where the average of the IPT group may lie, as far as the interval says
            type="rect", x0=lower, x1=upper, y0=0, y1=PEAK, layer="below",
            fillcolor=tint(colour, 0.16), line={"width": 0}, name="interval",
        )  # fmt: skip
    _labels(drawing, g, colours.muted, colour)
    return drawing.figure()


def _bell(x: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * x * x) * PEAK)


def _curves_frame(reach: float, look: Look) -> dict[str, object]:
    last = math.floor(reach)
    step = 2 if look.compact else 1
    ticks = list(range(-(last // step) * step, last + 1, step))
    title = "How people do after treatment (in standard deviations)"
    return {
        "height": COMPACT_CURVES_HEIGHT if look.compact else CURVES_HEIGHT,
        "margin": {"l": 18, "r": 18, "t": 52, "b": 62, "pad": 0},
        "xaxis": {
            "range": [-reach, reach],
            "tickvals": ticks,
            "ticktext": [tables.effect(tick, 0) for tick in ticks],
            "title": {"text": "Worse ← standard deviations → better" if look.compact
                      else f"Worse ←   {title}   → better"},
            "showgrid": False,
            "showline": True,
            "linecolor": look.colours.rule,
            "ticks": "outside",
            "ticklen": 4,
            "fixedrange": True,
        },
        "yaxis": {"visible": False, "range": [0, PEAK * 1.12], "fixedrange": True},
    }  # fmt: skip


def _line(drawing: Drawing, x: FloatArray, y: FloatArray, colour: str, name: str) -> None:
    drawing.scatter(
        x=x.tolist(), y=y.tolist(), mode="lines", line={"width": 2.6, "color": colour},
        hoverinfo="skip", name=name,
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
