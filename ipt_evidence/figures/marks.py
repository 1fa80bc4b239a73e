"""The marks of effect figures: intervals with arrows, diamonds, prediction bars, risk of bias."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ipt_evidence.figures.drawing import Drawing
from ipt_evidence.figures.scale import EffectScale
from ipt_evidence.figures.template import ROB_MARKS, readable_on

__all__ = [
    "ROB_COLUMN_WIDTH",
    "Interval",
    "add_diamond",
    "add_intervals",
    "add_marks",
    "add_prediction_bar",
    "add_rob_discs",
    "rob_key",
    "sizes",
    "symbols",
]

ARROW_SIZE = 9
ROB_COLUMN_WIDTH = 26.0  # pixels
ROB_RADIUS = 8  # pixels


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval on a row; ``nan`` ends draw nothing."""

    row: float
    lower: float
    upper: float

    @property
    def known(self) -> bool:
        """Whether both ends are numbers; an infinite end is one."""
        return not (math.isnan(self.lower) or math.isnan(self.upper))


def add_intervals(
    drawing: Drawing,
    intervals: Sequence[Interval],
    scale: EffectScale,
    colour: str,
    *,
    width: float = 1.5,
    name: str = "interval",
) -> None:
    """Draw intervals as lines; an end beyond the axis becomes an arrow at its edge."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    arrows: list[tuple[float, float, str]] = []
    for interval in (one for one in intervals if one.known):
        if interval.upper >= scale.lower and interval.lower <= scale.upper:
            xs += [scale.clip(interval.lower), scale.clip(interval.upper), None]
            ys += [interval.row, interval.row, None]
        if interval.lower < scale.lower:
            arrows.append((scale.lower, interval.row, "triangle-left"))
        if interval.upper > scale.upper:
            arrows.append((scale.upper, interval.row, "triangle-right"))
    line = {"color": colour, "width": width}
    drawing.scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip", name=name)
    if arrows:
        x, y, symbols_drawn = (list(column) for column in zip(*arrows, strict=True))
        marker = {"symbol": symbols_drawn, "size": ARROW_SIZE, "color": colour, "opacity": 1}
        drawing.scatter(
            x=x, y=y, mode="markers", marker=marker, hoverinfo="skip",
            name=f"{name} beyond the axis",
        )  # fmt: skip


def add_diamond(
    drawing: Drawing,
    row: float,
    estimate: float,
    interval: Interval,
    scale: EffectScale,
    colour: str,
    hover: str,
    *,
    half_height: float,
    name: str = "pooled effect",
) -> None:
    """Draw a pooled effect as a diamond as wide as its interval, cut at the edges of the axis."""
    if not interval.known:
        return
    top, bottom = row - half_height, row + half_height
    corners = [
        (interval.lower, row),
        (estimate, top),
        (interval.upper, row),
        (estimate, bottom),
        (interval.lower, row),
    ]
    points = _cut(corners, scale)
    if points:
        drawing.scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            mode="lines",
            fill="toself",
            fillcolor=colour,
            line={"color": colour, "width": 1},
            hoveron="fills",
            text=hover,
            hoverinfo="text",
            name=name,
        )
    _arrows(drawing, interval, scale, colour, name)


def _arrows(
    drawing: Drawing, interval: Interval, scale: EffectScale, colour: str, name: str
) -> None:
    """An arrow at the edge for each end of ``interval`` that lies beyond the axis."""
    beyond = [end for end in (interval.lower, interval.upper) if not scale.holds(end)]
    if beyond:
        ends = [Interval(interval.row, end, end) for end in beyond]
        add_intervals(drawing, ends, scale, colour, name=name)


def _cut(corners: list[tuple[float, float]], scale: EffectScale) -> list[tuple[float, float]]:
    """Cut a closed polygon at both ends of the axis; doi:10.1145/360767.360802."""
    for edge, side in ((scale.lower, 1.0), (scale.upper, -1.0)):
        kept: list[tuple[float, float]] = []
        for (x0, y0), (x1, y1) in pairwise(corners):
            inside0, inside1 = (x0 - edge) * side >= 0, (x1 - edge) * side >= 0
            if inside0:
                kept.append((x0, y0))
            if inside0 != inside1:
                kept.append((edge, y0 + (y1 - y0) * (edge - x0) / (x1 - x0)))
        if not kept:
            return []
        corners = [*kept, kept[0]]
    return corners


def add_prediction_bar(
    drawing: Drawing,
    interval: Interval,
    scale: EffectScale,
    colour: str,
    hover: str,
    *,
    half_height: float,
) -> None:
    """Draw a prediction interval as a thin bar, with arrows where it leaves the axis."""
    lower, upper = scale.clip(interval.lower), scale.clip(interval.upper)
    top, bottom = interval.row - half_height, interval.row + half_height
    drawing.scatter(
        x=[lower, upper, upper, lower, lower],
        y=[top, top, bottom, bottom, top],
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"color": colour, "width": 0},
        hoveron="fills",
        text=hover,
        hoverinfo="text",
        name="prediction interval",
    )
    _arrows(drawing, interval, scale, colour, "prediction interval")


def add_marks(
    drawing: Drawing,
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    hover: Sequence[str],
    name: str,
    ids: Iterable[object] = (),
    **marker: Any,
) -> None:
    """Draw marks that can be clicked: each carries its id, and a click fades no other."""
    drawn = {"opacity": 1, **marker}
    still = {"marker": {"opacity": drawn["opacity"]}}
    drawing.scatter(
        x=xs,
        y=ys,
        mode="markers",
        marker=drawn,
        selected=still,
        unselected=still,
        customdata=[[one] for one in ids],
        hovertext=hover,
        hoverinfo="text",
        name=name,
    )


def symbols(effects: Iterable[float], scale: EffectScale, *, upright: bool = False) -> list[str]:
    """The symbol of each effect: a dot, or beyond the axis an arrowhead that points there.

    ``upright`` is for an axis of effects that runs upwards.
    """
    below, above = ("down", "up") if upright else ("left", "right")
    return [
        "circle" if scale.holds(effect) else f"triangle-{above if effect > scale.upper else below}"
        for effect in effects
    ]


def sizes(weights: Sequence[float], smallest: float, largest: float) -> list[float]:
    """Pixels across of marks whose area stands for ``weights``; the heaviest is ``largest``."""
    heaviest = max(weights, default=0.0)
    return [
        max(smallest, largest * math.sqrt(weight / heaviest)) if heaviest > 0 else smallest
        for weight in weights
    ]


def rob_key(name: str = "Bias") -> str:
    """Explain the letters in one line; ``name`` is what the figure calls them."""
    words = ", ".join(f"{mark.letter} {mark.word}" for mark in ROB_MARKS.values())
    return f"{name} (risk of bias): {words}."


def add_rob_discs(
    drawing: Drawing,
    marks: Sequence[tuple[float, str]],
    offset: float,
    *,
    edge: int = 1,
    radius: float = ROB_RADIUS,
) -> None:
    """Draw one disc a row, its centre ``offset`` pixels right of an edge of the plot.

    Parameters
    ----------
    marks
        Row and level of risk of bias; an unknown level counts as `unclear`.
    edge
        1 for the right edge of the plot, 0 for the left one.
    """
    for row, level in marks:
        mark = ROB_MARKS.get(level, ROB_MARKS["unclear"])
        colour = mark.colour(drawing.look.dark)
        ink = readable_on(colour) if mark.filled else colour
        drawing.shape(
            type="circle",
            xref="paper",
            xsizemode="pixel",
            xanchor=edge,
            x0=offset - radius,
            x1=offset + radius,
            yref="y",
            ysizemode="pixel",
            yanchor=row,
            y0=-radius,
            y1=radius,
            fillcolor=colour if mark.filled else drawing.look.colours.paper,
            line={"color": colour, "width": 1.2},
            label={
                "text": f"<b>{mark.letter}</b>",
                "font": {"size": round(radius * 1.3, 1), "color": ink},
                "textposition": "middle center",
                "padding": 0,
            },
            name=f"risk of bias: {mark.word}",
        )
