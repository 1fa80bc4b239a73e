"""How far an effect moves: one line a change, with effects too small to matter shaded."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.fragility.panel import ranges_frame
from ipt_evidence.analyses.fragility.result import fragility_of
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.evidence.view import View
from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import Layout, lay_out
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import add_intervals
from ipt_evidence.figures.rows import interval_of, number, rows_layout, text_column
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.wording import tables

__all__ = ["figure", "ranges_plot"]

HEIGHTS, RISE = (32.0, 48.0), 0.3
DOT = 11
THICK, THIN = 6.0, 2.0
OWN, AHEAD = "page", "new"
ENDS = ("lower", "upper")


@cached
def figure(
    base: EvidenceBase, view: View, look: Look, worth: float = SMALLEST_WORTHWHILE
) -> go.Figure:
    """The ranges of ``view``; ``worth`` as `result.fragility`."""
    return ranges_plot(ranges_frame(fragility_of(base, view, worth)), worth, look=look)


def ranges_plot(
    rows: pd.DataFrame,
    smallest: float,
    *,
    look: Look = USUAL,
) -> go.Figure:
    """Draw one line a change, with its ends in numbers.

    Parameters
    ----------
    rows
        In the order to draw: id, label, lower, upper, estimate (missing where there is none) and
        detail, all effects positive where IPT did better. The row ``page`` is drawn thick, the row
        ``new`` thin: it is about trials, not about the average.
    smallest
        Effects between minus this and this are shaded.
    look
        The reader's theme and screen.
    """
    records = tables.records(rows)
    if not records:
        return message_figure("Nothing was pooled, so nothing can move.", look)
    scale = effect_scale(
        [(number(r, "lower") + number(r, "upper")) / 2 for r in records],
        [number(r, "lower") for r in records],
        [number(r, "upper") for r in records],
        summaries=[-smallest, smallest, *(number(r, e) for r in records for e in ENDS)],
        most_ticks=5 if look.compact else 7,
    )
    drawing = lay_out(_layout(records, scale, smallest, look))
    drawing.shape(
        type="rect", x0=scale.clip(-smallest), x1=scale.clip(smallest), xref="x",
        y0=-0.5, y1=len(records) - 0.5, yref="y", layer="below",
        fillcolor=look.colours.panel, line={"width": 0}, name="too small to matter",
    )  # fmt: skip
    _ranges(drawing, records, scale)
    return drawing.figure()


def _ranges(drawing: Drawing, records: list[dict[str, Any]], scale: EffectScale) -> None:
    """A line a row, a mark that nobody sees and a pointer finds, and the dot of the estimate."""
    colours, colour = drawing.look.colours, drawing.look.colour
    for y, record in enumerate(records):
        quiet = record["id"] == AHEAD
        add_intervals(
            drawing,
            [interval_of(y, record, "lower", "upper")],
            scale,
            colours.muted if quiet else colour,
            width=THICK if record["id"] == OWN else THIN if quiet else (THICK + THIN) / 2,
            name=str(record["id"]),
        )
    drawing.scatter(
        x=[scale.clip((number(r, "lower") + number(r, "upper")) / 2) for r in records],
        y=list(range(len(records))),
        mode="markers",
        marker={"size": 18, "opacity": 0},
        hovertext=[_hover(record) for record in records],
        hoverinfo="text",
        name="ranges",
    )
    own = [(y, r) for y, r in enumerate(records) if r["id"] == OWN]
    drawing.scatter(
        x=[scale.clip(number(r, "estimate")) for _, r in own],
        y=[y for y, _ in own],
        mode="markers",
        marker={"size": DOT, "color": colour, "line": {"color": colours.paper, "width": 1.5}},
        hoverinfo="skip",
        name="estimate",
    )


def _hover(record: dict[str, Any]) -> str:
    ends = tables.interval(record["lower"], record["upper"])
    return lettering.hover(
        record["label"], ends, *lettering.line_breaks(str(record["detail"]), 300)
    )


def _layout(
    records: list[dict[str, Any]], scale: EffectScale, smallest: float, look: Look
) -> Layout:
    names = [str(record["label"]) for record in records]
    ends = [tables.interval(record["lower"], record["upper"]) for record in records]
    bound = tables.effect(smallest)
    return rows_layout(
        look,
        scale,
        [text_column("", names, bold=[record["id"] == OWN for record in records])],
        [text_column("Range of g", ends, align="right")],
        heights=HEIGHTS,
        rise=RISE,
        key=f"Shaded: effects of less than {bound} on either side, too small to matter.",
        rules=(1,) if len(records) > 1 and not look.compact else (),
    )
