"""Pooled effects in rows against the estimate of all trials: groups, or all but one trial."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import TEXT_SIZE, Layout, TextColumn, lay_out
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.intervals import number
from ipt_evidence.figures.marks import Interval, add_intervals, add_marks
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, palette, tint
from ipt_evidence.wording import tables
from ipt_evidence.wording.protocols import PooledLike

__all__ = ["estimate_rows"]

ROW_HEIGHT, COMPACT_ROW_HEIGHT, COMPACT_RISE = 23.0, 44.0, 0.28
LABEL_ROOM, COMPACT_LABEL_ROOM = 260.0, 160.0
DOT = 8


def estimate_rows(
    rows: pd.DataFrame,
    pooled: PooledLike | None,
    *,
    empty: str,
    label_heading: str = "",
    plot_heading: str = "Pooled effect and 95% CI",
    key: str = "",
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw one pooled effect a row, with the estimate of all trials as a band behind them.

    Parameters
    ----------
    rows
        In the order to draw: label, estimate, ci_lower, ci_upper and, where known, study_id, k
        (trials), marked (drawn as a ring) and note (a word beside the label). A row without an
        estimate is a heading when its ``heading`` is true, else it says so.
    pooled
        The estimate with all trials.
    empty
        What to say when there is no row.
    label_heading, plot_heading
        What stands above the names and the plot.
    key
        Explains the marks, under the figure.
    condition
        Top-level condition, for its colour.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        The trace ``estimates`` holds the dots; ``customdata`` is ``[study_id]``.
    """
    records: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    if not records or pooled is None:
        return message_figure(empty, dark=dark)
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    scale = effect_scale(
        [number(record, "estimate") for record in records],
        [number(record, "ci_lower") for record in records],
        [number(record, "ci_upper") for record in records],
        summaries=[pooled.ci_lower, pooled.ci_upper],
        most_ticks=5 if compact else 7,
    )
    layout = _layout(records, scale, (label_heading, plot_heading, key), dark, compact)
    drawing = lay_out(layout)
    _whole(drawing, pooled, len(records), scale, colour, compact)
    lines = [
        Interval(y, number(record, "ci_lower"), number(record, "ci_upper"))
        for y, record in enumerate(records)
    ]
    add_intervals(drawing, lines, scale, colours.ink)
    _dots(drawing, records, scale, colour)
    return drawing.figure()


def _label(record: dict[str, Any]) -> str:
    note = record.get("note")
    name = tables.text(record.get("label"))
    return name if tables.is_missing(note) else f"{name} {note}"


def _result(record: dict[str, Any]) -> str:
    if record.get("heading"):
        return ""
    ends = tables.interval(record.get("ci_lower"), record.get("ci_upper"))
    return f"{tables.effect(record.get('estimate'))} [{ends}]"


def _layout(
    records: list[dict[str, Any]],
    scale: EffectScale,
    texts: tuple[str, str, str],
    dark: bool,
    compact: bool,
) -> Layout:
    label_heading, plot_heading, key = texts
    room = COMPACT_LABEL_ROOM if compact else LABEL_ROOM
    rise = COMPACT_RISE if compact else 0.0
    cells, width = [], 0.0
    for record in records:
        bold = bool(record.get("heading"))
        shown = lettering.shorten(_label(record), room * (1.9 if bold else 1.0), bold=bold)
        if not bold:
            width = max(width, lettering.text_width(shown, TEXT_SIZE))
        text = lettering.escape(shown)
        cells.append(f"<b>{text}</b>" if bold else text)
    labels = TextColumn("" if compact else label_heading, tuple(cells), width, rise=rise)
    results = tuple(_result(record) for record in records)
    heading = "" if compact else "g [95% CI]"
    column = TextColumn(heading, results, lettering.widest(results), "right", rise=rise)
    notes = tuple(lettering.line_breaks(key, 335 if compact else 760)) if key else ()
    if compact:
        return Layout(
            rows=len(records), row_height=COMPACT_ROW_HEIGHT, scale=scale, dark=dark,
            inside_left=labels, inside_right=column, axis_title="Hedges g", notes=notes,
            grid=False,
        )  # fmt: skip
    counted: tuple[TextColumn, ...] = ()
    if any(not tables.is_missing(record.get("k")) for record in records):
        counts = tuple(
            "" if tables.is_missing(record.get("k")) else tables.count(record["k"])
            for record in records
        )
        counted = (TextColumn("Trials", counts, lettering.widest(counts), "right", muted=True),)
    return Layout(
        rows=len(records), row_height=ROW_HEIGHT, scale=scale, dark=dark, left=(labels,),
        right=(*counted, column), plot_heading=plot_heading, notes=notes,
    )  # fmt: skip


def _whole(
    drawing: Drawing,
    pooled: PooledLike,
    rows: int,
    scale: EffectScale,
    colour: str,
    compact: bool,
) -> None:
    """Draw the estimate with all trials behind the rows."""
    drawing.shape(
        type="rect",
        x0=scale.clip(pooled.ci_lower),
        x1=scale.clip(pooled.ci_upper),
        y0=-0.5,
        y1=rows - 0.5,
        layer="below",
        fillcolor=tint(colour, 0.1),
        line={"width": 0},
        name="interval of all trials",
    )
    if not compact:
        drawing.shape(
            type="line", x0=pooled.estimate, x1=pooled.estimate, y0=-0.5, y1=rows - 0.5,
            layer="below", line={"color": colour, "width": 1, "dash": "dot"}, name="all trials",
        )  # fmt: skip


def _dots(drawing: Drawing, records: list[dict[str, Any]], scale: EffectScale, colour: str) -> None:
    drawn = [
        (y, record) for y, record in enumerate(records)
        if not tables.is_missing(record.get("estimate"))
    ]  # fmt: skip
    marked = [bool(record.get("marked")) for _, record in drawn]
    add_marks(
        drawing,
        [scale.clip(number(record, "estimate")) for _, record in drawn],
        [y for y, _ in drawn],
        ids=(record.get("study_id") for _, record in drawn),
        hover=[
            f"<b>{lettering.escape(_label(record))}</b><br>g "
            f"{tables.estimate_with_interval(*_numbers(record))}"
            for _, record in drawn
        ],
        name="estimates",
        size=[DOT + 4 if one else DOT for one in marked],
        symbol=["circle-open" if one else "circle" for one in marked],
        color=colour,
        line={"width": [2.4 if one else 0.0 for one in marked]},
    )


def _numbers(record: dict[str, Any]) -> tuple[float, float, float]:
    return (number(record, "estimate"), number(record, "ci_lower"), number(record, "ci_upper"))
