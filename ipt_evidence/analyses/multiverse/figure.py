"""The specification curve: every analysis by its effect, and below it the choices it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.multiverse.panel import (
    FACTOR_NAMES,
    LABEL_NAMES,
    effect_of,
    option_name,
    shown_with,
    specification_words,
)
from ipt_evidence.analyses.multiverse.result import Curve, Mask, curve_of, curve_points
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.evidence.view import View
from ipt_evidence.figures import lettering
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import add_marks
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import tint
from ipt_evidence.wording import tables

__all__ = ["ChoiceRow", "choice_rows", "drawn_points", "figure", "specification_curve"]

CURVE_HEIGHT, COMPACT_CURVE_HEIGHT = 300, 250
ROW, GAP = 17, 12  # pixels of a row of choices, and between choices
LABEL_SIZE = 12
EDGE = 10
BINS = 60  # of the rows of choices
NOTHING = "No specification could be fitted with these choices."


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One row below the curve: an option of a choice, and how often it was taken, bin by bin.

    ``shares`` are 0 to 1 and run from the lowest effects to the highest. ``factor`` is given with
    the first option of a choice, "" with the others.
    """

    factor: str
    option: str
    shares: tuple[float, ...]


@cached
def figure(
    base: EvidenceBase, view: View, look: Look, show: str = "", worth: float = SMALLEST_WORTHWHILE
) -> go.Figure:
    """The curve of ``view``; arguments as `panel.panel`."""
    curve = curve_of(base, view)
    mask = curve.among(shown_with(curve, show))
    return specification_curve(
        drawn_points(curve, mask), choice_rows(curve, mask), smallest=worth, look=look
    )


def drawn_points(curve: Curve, mask: Mask) -> pd.DataFrame:
    """`curve_points` with the words of their hover boxes, as `specification_curve` takes them."""
    points = curve_points(curve, mask)
    places = zip(points["place"], points["label"], strict=True)
    return points.assign(words=[_hover(curve, place, label) for place, label in places])


def _hover(curve: Curve, place: int, label: str) -> str:
    lines = [f"<b>g {effect_of(curve, place)}</b>", f"{tables.count(int(curve.k[place]))} trials"]
    if label == "own":
        lines.append("the analysis of this page")
    else:
        lines += [
            f"{lettering.escape(name)}: {lettering.escape(option)}"
            for name, option in specification_words(curve, place)
        ]
        lines.append(f"<i>{LABEL_NAMES[label].lower()}</i>")
        lines += [
            lettering.escape(line)
            for reason in curve.reasons(place)[:2]
            for line in lettering.line_breaks(reason, 300)
        ]
    return "<br>".join(lines)


def choice_rows(curve: Curve, mask: Mask) -> tuple[ChoiceRow, ...]:
    """Each option of each choice that varies, and its share among the analyses of each bin."""
    chosen = np.flatnonzero(mask)
    if not chosen.size:
        return ()
    bins = min(BINS, chosen.size)
    edges = np.linspace(0, chosen.size, bins + 1).round().astype(int)
    sizes = np.maximum(np.diff(edges), 1)
    rows = []
    for column, factor in enumerate(curve.factors):
        codes = curve.codes[chosen, column]
        there = [place for place in range(len(factor.options)) if (codes == place).any()]
        if len(there) < 2:
            continue
        for first, place in enumerate(there):
            counts = np.add.reduceat(codes == place, edges[:-1], dtype=np.int64)
            rows.append(
                ChoiceRow(
                    "" if first else FACTOR_NAMES[factor.id],
                    option_name(factor.id, factor.options[place].id),
                    tuple((counts / sizes).tolist()),
                )
            )
    return tuple(rows)


def specification_curve(
    points: pd.DataFrame,
    choices: Sequence[ChoiceRow],
    *,
    smallest: float,
    look: Look = USUAL,
) -> go.Figure:
    """Draw the curve with its dashboard of choices.

    Parameters
    ----------
    points
        Specifications to draw, at most some hundreds: place (key), x (0 to 100, percent of all
        specifications with a lower effect), estimate, ci_lower, ci_upper, label (equivalent,
        uncertain, non_equivalent, or own for that of the page) and words for the hover box.
    choices
        Rows from top to bottom.
    smallest
        Effects between minus this and this are shaded.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        ``customdata`` of the traces named after labels is ``[place]``.
    """
    if points.empty:
        return message_figure(NOTHING, look)
    colours = look.colours
    plot = _Plot.of(choices, look.compact)
    scale = effect_scale(
        points["estimate"].tolist(),
        points["ci_lower"].tolist(),
        points["ci_upper"].tolist(),
        summaries=[-smallest, smallest],
        most_ticks=6,
    )
    drawing = Drawing(look, plot.frame(scale, look))
    drawing.shape(
        type="rect", x0=0, x1=100, y0=-smallest, y1=smallest, layer="below",
        fillcolor=colours.panel, line={"width": 0}, name="too small to matter",
    )  # fmt: skip
    _points(drawing, points, scale)
    _key(drawing, points)
    if choices:
        _dashboard(drawing, plot, choices)
    return drawing.figure()


def _points(drawing: Drawing, points: pd.DataFrame, scale: EffectScale) -> None:
    """The analyses with their intervals, label by label, that of the page on top."""
    colours = drawing.look.colours
    looks = {
        "non_equivalent": (colours.rule, 5, "circle-open", 0.16),
        "uncertain": (colours.muted, 4.5, "circle", 0.22),
        "equivalent": (drawing.look.colour, 6.5, "circle", 0.45),
        "own": (colours.ink, 12, "diamond", 0.9),
    }
    for label, (shade, size, symbol, faint) in looks.items():
        rows = points.loc[points["label"] == label]
        if rows.empty:
            continue
        _intervals(drawing, rows, scale, shade, faint)
        inside = rows["estimate"].clip(scale.lower, scale.upper)
        add_marks(
            drawing,
            rows["x"].round(3).tolist(),
            inside.round(4).tolist(),
            hover=rows["words"].tolist(),
            name=label,
            ids=[int(place) for place in rows["place"]],
            size=size,
            symbol=symbol,
            color=shade,
        )


KEY = {
    "own": "◆ this page",
    "equivalent": "● equivalent",
    "uncertain": "● uncertain",
    "non_equivalent": "○ non-equivalent",
}


def _key(drawing: Drawing, points: pd.DataFrame) -> None:
    """Say above the curve which mark is which."""
    there, colours = set(points["label"]), drawing.look.colours
    shades = {"own": colours.ink, "equivalent": drawing.look.colour}
    parts = [
        f'<span style="color:{shades.get(name, colours.muted)}">{text}</span>'
        for name, text in KEY.items()
        if name in there
    ]
    drawing.write("   ".join(parts), LABEL_SIZE, colours.ink, x=0, y=1, xanchor="left",
                  yanchor="bottom", yshift=4, name="key")  # fmt: skip


def _intervals(
    drawing: Drawing, rows: pd.DataFrame, scale: EffectScale, colour: str, opacity: float
) -> None:
    xs: list[float | None] = []
    ys: list[float | None] = []
    ends = zip(rows["x"], rows["ci_lower"], rows["ci_upper"], strict=True)
    for x, lower, upper in ends:
        xs += [round(x, 3), round(x, 3), None]
        ys += [round(max(lower, scale.lower), 4), round(min(upper, scale.upper), 4), None]
    drawing.scatter(
        x=xs, y=ys, mode="lines", line={"color": colour, "width": 1}, opacity=opacity,
        hoverinfo="skip", name="intervals",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where everything stands: pixels of the curve, of each row, and of the labels."""

    height: float
    curve: float
    left: float
    rows: tuple[float, ...]  # middle of each row, pixels below the top of the dashboard
    depth: float  # pixels of the dashboard
    room: float  # pixels of an option's label

    @classmethod
    def of(cls, choices: Sequence[ChoiceRow], compact: bool) -> _Plot:
        room = 104.0 if compact else 330.0
        widest = lettering.widest([_label(row, compact) for row in choices], LABEL_SIZE)
        left = max(56.0, min(room, widest) + EDGE * 2) if choices else 56.0
        middles, down = [], 0.0
        for row in choices:
            if row.factor:
                down += GAP + (ROW if compact else 0)
            middles.append(down + ROW / 2)
            down += ROW
        curve = COMPACT_CURVE_HEIGHT if compact else CURVE_HEIGHT
        height = curve + 78 + (down + 14 if choices else 0)
        return cls(height, curve, left, tuple(middles), down, left - EDGE * 2)

    def frame(self, scale: EffectScale, look: Look) -> dict[str, Any]:
        top, bottom = 26.0, 52.0
        inner = self.height - top - bottom
        cut = 1.0 - (self.curve - 20) / inner
        return {
            "height": round(self.height),
            "margin": {"l": round(self.left), "r": 14, "t": top, "b": bottom, "pad": 0},
            "xaxis": {
                "range": [-1, 101],
                "tickvals": [0, 25, 50, 75, 100],
                "ticktext": ["0%", "25%", "50%", "75%", "100%"],
                "title": {"text": "Share of analyses with a lower effect", "standoff": 8},
                "showgrid": False,
                "ticks": "outside",
                "fixedrange": True,
                "anchor": "y2" if self.depth else "y",
            },
            "yaxis": {
                "range": [scale.lower, scale.upper],
                "domain": [cut if self.depth else 0.0, 1.0],
                "tickvals": list(scale.ticks),
                "ticktext": scale.tick_labels,
                "title": {"text": "Hedges g (up: favours IPT)", "standoff": 6},
                "zeroline": True,
                "zerolinecolor": look.colours.rule,
                "zerolinewidth": 1.4,
                "fixedrange": True,
            },
            "yaxis2": {
                "range": [self.depth, 0],
                "domain": [0.0, cut - 0.02 if self.depth else 0.0001],
                "visible": False,
                "fixedrange": True,
            },
        }


def _label(row: ChoiceRow, compact: bool) -> str:
    return row.option if compact or not row.factor else f"{row.factor}  {row.option}"


def _dashboard(drawing: Drawing, plot: _Plot, choices: Sequence[ChoiceRow]) -> None:
    """Rows of cells, the fuller the more of the analyses there took the option."""
    look = drawing.look
    for row, middle in zip(choices, plot.rows, strict=True):
        bins = len(row.shares)
        width = 100.0 / bins
        drawing.traces.append(
            {
                "type": "heatmap",
                # Edges of the cells: a single row has no neighbour to take its height from.
                "x": [round(width * i, 3) for i in range(bins + 1)],
                "y": [middle - ROW / 2 + 1, middle + ROW / 2 - 1],
                "z": [[round(share, 3) for share in row.shares]],
                "zmin": 0,
                "zmax": 1,
                "yaxis": "y2",
                "showscale": False,
                "colorscale": [[0, tint(look.colour, 0.03)], [1, tint(look.colour, 0.92)]],
                "hovertemplate": f"<b>{lettering.escape(row.option)}</b><br>taken by %{{z:.0%}} "
                "of the analyses here<extra></extra>",
                "name": "choices",
            }
        )
        place = {"yref": "y2", "xref": "paper", "x": 0, "xanchor": "right", "xshift": -EDGE}
        option = lettering.escape(lettering.shorten(row.option, plot.room, LABEL_SIZE))
        drawing.write(option, LABEL_SIZE, look.colours.muted, y=middle, yanchor="middle",
                      name="option", **place)  # fmt: skip
        if row.factor:
            name = f"<b>{lettering.escape(row.factor)}</b>"
            above = ROW if look.compact else 0
            drawing.write(name, LABEL_SIZE, look.colours.ink, y=middle - above, yanchor="middle",
                          name="choice", yref="y2", xref="paper", x=0, xanchor="left",
                          xshift=-plot.left + EDGE)  # fmt: skip
