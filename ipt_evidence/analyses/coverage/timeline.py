"""How the evidence grew: trials over the years, one line a condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.template import condition_colour, contrast
from ipt_evidence.wording import tables

__all__ = ["coverage_timeline"]

HEIGHT = 300
TOP, BOTTOM, LEFT = 30, 34, 46
LAST_STEP = 0.7  # years by which lines run on, so that a rise in the last year is seen
LABEL_LINE = 17.0  # pixels from one label to the next
LABEL_SIZE = 12.5
READABLE = 4.5  # contrast of text, WCAG 2.2


def coverage_timeline(
    studies: pd.DataFrame, labels: Mapping[str, str], look: Look = USUAL
) -> go.Figure:
    """Draw the running total of trials by condition.

    Parameters
    ----------
    studies
        One row a study and condition, with columns year and condition (top-level id). A study of
        two conditions has two rows and counts in both lines; rows without a year are left out and
        their number stands under the plot.
    labels
        Names of the conditions by id.
    look
        The reader's theme and screen.
    """
    known = studies.dropna(subset=["year"])
    if known.empty:
        return message_figure("No study with a year to draw.", look)
    totals = _totals(known)
    ends = {str(name): float(totals[name].iloc[-1]) for name in totals.columns}
    texts = {name: f"{labels[name]} {tables.count(end)}" for name, end in ends.items()}
    left_out = len(studies) - len(known)
    drawing = Drawing(look, _frame(totals, texts, BOTTOM + (18 if left_out else 0), look))
    drawing.write(
        "Trials so far", 12, look.colours.muted, x=0, y=1, xanchor="left",
        yanchor="bottom", xshift=-LEFT + 4, yshift=10, name="heading",
    )  # fmt: skip
    for name in totals.columns:
        _line(drawing, totals[name], labels[str(name)])
    _end_labels(drawing, texts, ends)
    if left_out:
        drawing.write(
            f"{tables.count(left_out)} without a year left out.", 12, look.colours.muted, x=0, y=0,
            xanchor="left", yanchor="top", xshift=-LEFT + 4, yshift=-BOTTOM + 2, name="note",
        )  # fmt: skip
    return drawing.figure()


def _totals(known: pd.DataFrame) -> pd.DataFrame:
    """Add up: index every year, one column a condition, largest last total first."""
    years = known["year"].astype(int)
    table = known.groupby([years, known["condition"].astype(str)]).size().unstack(fill_value=0)
    full = table.reindex(range(int(years.min()) - 1, int(years.max()) + 1), fill_value=0).cumsum()
    order = full.iloc[-1].sort_values(ascending=False, kind="stable").index
    return full[order].astype(float)


def _frame(
    totals: pd.DataFrame, texts: Mapping[str, str], bottom: int, look: Look
) -> dict[str, Any]:
    """Set size, margins and both axes; the lines' names stand in the right margin."""
    right = 12 + lettering.widest(texts.values(), LABEL_SIZE, bold=True)
    return {
        "height": HEIGHT,
        "margin": {"l": LEFT, "r": round(right), "t": TOP, "b": bottom},
        "xaxis": {
            "range": [int(totals.index[0]), int(totals.index[-1]) + LAST_STEP],
            "showgrid": False,
            "showline": True,
            "ticks": "outside",
            "ticklen": 4,
            "nticks": 4 if look.compact else 8,
            "tickformat": "d",
            "fixedrange": True,
        },
        "yaxis": {
            "range": [0, float(totals.to_numpy().max()) * 1.04],
            "nticks": 5,
            "tickformat": ",d",
            "fixedrange": True,
        },
    }


def _line(drawing: Drawing, total: pd.Series[float], name: str) -> None:
    """Draw one running total as steps, from the year before its first study."""
    total = total.iloc[max(0, int((total > 0).to_numpy().argmax()) - 1) :]
    drawing.scatter(
        x=[*total.index, total.index[-1] + LAST_STEP],
        y=[*total, total.iloc[-1]],
        mode="lines",
        line={
            "color": condition_colour(str(total.name), drawing.look.dark),
            "width": 2.2,
            "shape": "hv",
        },
        hovertext=[
            lettering.hover(name, f"{tables.count(value)} trials up to {year}")
            for year, value in total.items()
        ],
        hoverinfo="text",
        name=name,
    )


def spread_out(places: list[float], gap: float, top: float) -> list[float]:
    """Move sorted places (pixels above the axis, highest first) apart by at least ``gap``.

    The labels are pushed down from the top and then, where they left the plot, up from the axis.
    """
    moved: list[float] = []
    for place in places:
        moved.append(min(place, moved[-1] - gap if moved else top))
    floor = 0.0
    for index in range(len(moved) - 1, -1, -1):
        moved[index] = max(moved[index], floor)
        floor = moved[index] + gap
    return moved


def _end_labels(drawing: Drawing, texts: Mapping[str, str], ends: Mapping[str, float]) -> None:
    """Name each line at its end, far enough from the others to be read, in its colour."""
    height = HEIGHT - drawing.layout["margin"]["t"] - drawing.layout["margin"]["b"]
    top = drawing.layout["yaxis"]["range"][1]
    wanted = [ends[name] / top * height for name in texts]
    for name, place in zip(texts, spread_out(wanted, LABEL_LINE, height), strict=True):
        drawing.write(
            f"<b>{lettering.escape(texts[name])}</b>", LABEL_SIZE, label_colour(name, drawing.look),
            x=1, y=0, xanchor="left", yanchor="middle", xshift=8, yshift=place, name="line",
        )  # fmt: skip


def label_colour(condition: str, look: Look) -> str:
    """Choose the colour of a line's name: its own where that can be read, else ink."""
    colour = condition_colour(condition, look.dark)
    return colour if contrast(colour, look.colours.paper) >= READABLE else look.colours.ink
