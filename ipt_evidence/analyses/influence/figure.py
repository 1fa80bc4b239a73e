"""Baujat's plot, and the pooled effect of parts of the trials row by row."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import TEXT_SIZE, Layout, TextColumn, lay_out
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.marks import Interval, add_intervals
from ipt_evidence.figures.scale import effect_scale
from ipt_evidence.figures.template import condition_colour, palette, template
from ipt_evidence.wording import tables

__all__ = ["baujat_plot", "partial_plot"]

BAUJAT_HEIGHT = 430
NAMED, COMPACT_NAMED = 5, 2  # trials whose name stands at their dot: the ones that matter
SMALLEST_DOT, LARGEST_DOT = 7.0, 26.0
ROW_HEIGHT, COMPACT_ROW_HEIGHT, COMPACT_RISE = 26.0, 44.0, 0.28
LABEL_ROOM, COMPACT_LABEL_ROOM = 230.0, 170.0
DOT = 8


def baujat_plot(
    rows: pd.DataFrame, *, condition: str | None = None, dark: bool = False, compact: bool = False
) -> go.Figure:
    """Draw disagreement against influence, a dot a trial.

    Parameters
    ----------
    rows
        study_id, label, baujat_x, baujat_y, cook, influential, one row a trial.
    condition
        Top-level condition, for its colour.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        The trace ``trials`` holds the dots; ``customdata`` is ``[study_id]``.
    """
    if len(rows) < 3:
        return message_figure("Influence can be told from three trials on.", dark=dark)
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    axis = {"rangemode": "tozero", "showline": True, "ticks": "outside", "nticks": 6,
            "fixedrange": True, "zeroline": False}  # fmt: skip
    right, top = float(rows["baujat_x"].max()), float(rows["baujat_y"].max())
    drawing = Drawing(
        {
            "template": template(dark),
            "height": BAUJAT_HEIGHT,
            "margin": {"l": 62, "r": 24, "t": 14, "b": 56, "pad": 0},
            "xaxis": axis
            | {
                "range": [-0.03 * right, 1.14 * right],
                "title": {"text": "Disagreement with the other trials", "standoff": 10},
            },
            "yaxis": axis
            | {
                "range": [-0.05 * top, 1.14 * top],
                "title": {"text": "Pull on the mean", "standoff": 8},
            },
        }
    )
    most = float(rows["cook"].max()) or 1.0
    sizes = [
        SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * math.sqrt(cook / most)
        for cook in rows["cook"]
    ]
    drawing.scatter(
        x=rows["baujat_x"].tolist(),
        y=rows["baujat_y"].tolist(),
        mode="markers",
        marker={
            "size": sizes,
            "color": colour,
            "opacity": 0.75,
            "line": {
                "width": [2.5 if one else 0 for one in rows["influential"]],
                "color": colours.ink,
            },
        },
        selected={"marker": {"opacity": 0.75}},
        unselected={"marker": {"opacity": 0.75}},
        customdata=[[study] for study in rows["study_id"]],
        hovertext=[_dot_words(row) for row in rows.to_dict("records")],
        hoverinfo="text",
        name="trials",
    )
    named = COMPACT_NAMED if compact else NAMED
    _names(drawing, rows, sizes, (right, top), named, colours.ink)
    return drawing.figure()


def _dot_words(row: dict[Any, Any]) -> str:
    flagged = "<br>influential by the usual rules" if row["influential"] else ""
    return (
        f"<b>{lettering.escape(str(row['label']))}</b><br>disagreement "
        f"{tables.effect(row['baujat_x'])}, influence {tables.effect(row['baujat_y'])}<br>"
        f"Cook's distance {tables.effect(row['cook'], 3)}{flagged}"
    )


def _names(
    drawing: Drawing,
    rows: pd.DataFrame,
    sizes: list[float],
    ends: tuple[float, float],
    named: int,
    ink: str,
) -> None:
    """Name the trials furthest out, where no name would lie on another."""
    right, top = ends
    order = (rows["baujat_x"] / (right or 1.0) + rows["baujat_y"] / (top or 1.0)).to_numpy()
    placed: list[tuple[float, float]] = []
    for i in order.argsort()[::-1][:named]:
        x, y = float(rows["baujat_x"].iloc[i]), float(rows["baujat_y"].iloc[i])
        if any(abs(y - b) < 0.06 * top and abs(x - a) < 0.3 * right for a, b in placed):
            continue
        placed.append((x, y))
        left = x > 0.72 * right
        drawing.write(
            lettering.escape(str(rows["label"].iloc[i])), 12, ink, x=x, y=y, xref="x", yref="y",
            xanchor="right" if left else "left", yanchor="middle",
            xshift=(-1 if left else 1) * (sizes[i] / 2 + 5), name="trial",
        )  # fmt: skip


def partial_plot(
    rows: pd.DataFrame,
    *,
    pooled: float,
    lower: float,
    upper: float,
    heading: str,
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw the pooled effect of parts of the trials, one row a part.

    Parameters
    ----------
    rows
        In the order to draw: label, k, estimate, ci_lower, ci_upper.
    pooled, lower, upper
        The effect of all trials, as a line, and its interval, as a band behind the rows.
    heading
        What a label means: "Without" or "Up to".
    condition
        Top-level condition, for its colour.
    dark, compact
        Colours for the dark theme; layout for narrow screens.
    """
    if rows.empty:
        return message_figure("There is no second trial to compare with.", dark=dark)
    records = rows.to_dict("records")
    scale = effect_scale(
        rows["estimate"].tolist(),
        rows["ci_lower"].tolist(),
        rows["ci_upper"].tolist(),
        summaries=[lower, upper],
        most_ticks=5 if compact else 7,
    )
    room = COMPACT_LABEL_ROOM if compact else LABEL_ROOM
    names = [lettering.shorten(str(record["label"]), room) for record in records]
    texts = [
        f"{tables.effect(r['estimate'])} [{tables.interval(r['ci_lower'], r['ci_upper'])}]"
        for r in records
    ]
    rise = COMPACT_RISE if compact else 0.0
    labels = TextColumn("" if compact else heading, tuple(map(lettering.escape, names)),
                        lettering.widest(names, TEXT_SIZE), rise=rise)  # fmt: skip
    shown = TextColumn("" if compact else "g [95% CI]", tuple(texts), lettering.widest(texts),
                       "right", rise=rise)  # fmt: skip
    note = f"Band and line: all trials, g {tables.effect(pooled)}."
    common: dict[str, Any] = {"rows": len(records), "scale": scale, "dark": dark, "notes": (note,)}
    if compact:
        layout = Layout(row_height=COMPACT_ROW_HEIGHT, inside_left=labels, inside_right=shown,
                        axis_title="Hedges g", grid=False, **common)  # fmt: skip
    else:
        counts = tuple(tables.count(record["k"]) for record in records)
        trials = TextColumn("Trials", counts, lettering.widest(counts), "right", muted=True)
        layout = Layout(row_height=ROW_HEIGHT, left=(labels,), right=(trials, shown),
                        plot_heading="Hedges g", **common)  # fmt: skip
    drawing = lay_out(layout)
    colour = condition_colour(condition, dark) if condition else palette(dark).accent
    bottom = len(records) - 0.5
    drawing.shape(
        type="rect", x0=scale.clip(lower), x1=scale.clip(upper), xref="x", y0=-0.5, y1=bottom,
        yref="y", layer="below", fillcolor=palette(dark).panel, line={"width": 0}, name="all",
    )  # fmt: skip
    drawing.shape(
        type="line", x0=pooled, x1=pooled, xref="x", y0=-0.5, y1=bottom, yref="y", layer="below",
        line={"color": colour, "width": 1, "dash": "dot"}, name="all",
    )  # fmt: skip
    add_intervals(
        drawing,
        [Interval(y, r["ci_lower"], r["ci_upper"]) for y, r in enumerate(records)],
        scale,
        colour,
        width=1.6,
    )
    drawing.scatter(
        x=[scale.clip(float(r["estimate"])) for r in records],
        y=list(range(len(records))),
        mode="markers",
        marker={"size": DOT, "symbol": "square", "color": colour},
        hovertext=[
            f"<b>{lettering.escape(heading)} {lettering.escape(str(r['label']))}</b><br>g {text}"
            f"<br>{tables.count(r['k'])} trials"
            for r, text in zip(records, texts, strict=True)
        ],
        hoverinfo="text",
        name="parts",
    )
    return drawing.figure()
