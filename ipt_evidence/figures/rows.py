"""Figures of one effect a row: their layout, and the two that several analyses draw.

A label stands left of the plot and the numbers right of it; on a narrow screen both stand in the
plot, above the marks of their row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import TEXT_SIZE, Layout, TextColumn, lay_out
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import Interval, add_intervals, add_marks
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, tint
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import tables

__all__ = [
    "condition_intervals",
    "estimate_rows",
    "interval_of",
    "number",
    "result",
    "rows_layout",
    "scale_of",
    "text_column",
]

EFFECT = ("estimate", "ci_lower", "ci_upper")  # the columns of an effect and its interval
NOTE_ROOM, COMPACT_NOTE_ROOM = 760, 335  # pixels for a line of the key

CONDITION_HEIGHTS, CONDITION_RISE = (34.0, 50.0), 0.3
CONDITION_ROOM, COMPACT_CONDITION_ROOM = 230.0, 160.0
CONDITION_DOT = 12
CONDITION_KEY = "Dot and thick line: pooled effect with its 95% CI. Thin line: prediction interval."
NO_TRIAL = "no trial found"
NO_NUMBER = "no usable effect"

ESTIMATE_HEIGHTS, ESTIMATE_RISE = (23.0, 44.0), 0.28
LABEL_ROOM, COMPACT_LABEL_ROOM = 260.0, 160.0
DOT = 8


def number(record: Mapping[str, Any], name: str) -> float:
    """Read a number from a row, ``nan`` where it is missing."""
    value = record.get(name)
    return math.nan if tables.is_missing(value) else float(value)  # type: ignore[arg-type]


def result(record: Mapping[str, Any], names: tuple[str, str, str] = EFFECT) -> str:
    """An effect with its interval as it stands in a column: "0.40 [0.15 to 0.66]"."""
    effect, lower, upper = (record.get(name) for name in names)
    return f"{tables.effect(effect)} [{tables.interval(lower, upper)}]"


def interval_of(row: float, record: Mapping[str, Any], lower: str, upper: str) -> Interval:
    """The interval of a record, to be drawn in a row."""
    return Interval(row, number(record, lower), number(record, upper))


def scale_of(
    records: Sequence[Mapping[str, Any]],
    names: tuple[str, str, str] = EFFECT,
    *,
    summaries: Sequence[float] = (),
    compact: bool = False,
) -> EffectScale:
    """The effect axis of some rows; ``summaries`` as `effect_scale`."""
    columns = ([number(record, name) for record in records] for name in names)
    return effect_scale(*columns, summaries=summaries, most_ticks=5 if compact else 7)


def text_column(
    heading: str,
    texts: Sequence[str],
    *,
    room: float = math.inf,
    bold: Sequence[bool] = (),
    align: Literal["left", "right"] = "left",
    muted: bool = False,
) -> TextColumn:
    """A column of plain texts, cut to ``room`` pixels, measured, and safe for Plotly.

    ``bold`` has one entry a text; none is bold when it is empty.
    """
    cells, width = [], 0.0
    for text, strong in zip(texts, bold or (False,) * len(texts), strict=True):
        cut = lettering.shorten(text, room, bold=strong)
        cell = lettering.escape(cut)
        cells.append(f"<b>{cell}</b>" if cell and strong else cell)
        width = max(width, lettering.text_width(cut, TEXT_SIZE, bold=strong))
    return TextColumn(heading, tuple(cells), width, align, muted=muted)


def rows_layout(
    look: Look,
    scale: EffectScale,
    left: Sequence[TextColumn],
    right: Sequence[TextColumn],
    *,
    heights: tuple[float, float],
    rise: float,
    plot_heading: str = "Hedges g",
    axis_title: str = "Hedges g",
    key: str = "",
    rules: Sequence[int] = (),
) -> Layout:
    """Lay out rows of effects.

    Parameters
    ----------
    look
        The reader's theme and screen.
    scale
        The effect axis.
    left, right
        Columns on a wide screen; a narrow one shows the first of the left and the last of the
        right, without headings.
    heights
        Pixels of a row, on a wide and on a narrow screen.
    rise
        Part of a row by which text stands above the marks on a narrow screen.
    plot_heading, axis_title
        What stands above the plot on a wide screen, and under its axis on a narrow one.
    key
        Explains the marks, under the figure.
    rules
        Rows above which a hairline runs.
    """
    notes = lettering.line_breaks(key, COMPACT_NOTE_ROOM if look.compact else NOTE_ROOM)
    rows = len(left[0].cells)
    if look.compact:
        inside = [replace(one, heading="", rise=rise) for one in (left[0], right[-1])]
        return Layout(
            rows=rows, row_height=heights[1], scale=scale, look=look, inside_left=inside[0],
            inside_right=inside[1], axis_title=axis_title, notes=tuple(notes), rules=tuple(rules),
            grid=False,
        )  # fmt: skip
    return Layout(
        rows=rows, row_height=heights[0], scale=scale, look=look, left=tuple(left),
        right=tuple(right), plot_heading=plot_heading, notes=tuple(notes), rules=tuple(rules),
    )  # fmt: skip


def condition_intervals(rows: pd.DataFrame, look: Look = USUAL) -> go.Figure:
    """Draw one row a condition: dot, confidence interval and prediction interval.

    Parameters
    ----------
    rows
        In the order to draw: condition (top-level id), label, k (trials pooled), n, estimate,
        ci_lower, ci_upper, pi_lower, pi_upper, positive where IPT did better; optional ``found``,
        the trials known, pooled or not. A row without an estimate says why in words.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The trace named ``conditions`` holds the dots; ``customdata`` is ``[condition]``.
    """
    records = tables.records(rows)
    if not records:
        return message_figure("No condition to draw.", look)
    ends = [number(record, end) for record in records for end in ("pi_lower", "pi_upper")]
    scale = scale_of(records, summaries=ends, compact=look.compact)
    drawing = lay_out(_condition_layout(records, scale, look))
    colours = [condition_colour(str(record.get("condition")), look.dark) for record in records]
    for y, record in enumerate(records):
        predicted = interval_of(y, record, "pi_lower", "pi_upper")
        confident = interval_of(y, record, "ci_lower", "ci_upper")
        add_intervals(
            drawing, [predicted], scale, colours[y], width=1.3, name="prediction interval"
        )
        add_intervals(
            drawing, [confident], scale, colours[y], width=4.5, name="confidence interval"
        )
    drawn = [(y, r) for y, r in enumerate(records) if not math.isnan(number(r, "estimate"))]
    add_marks(
        drawing,
        [scale.clip(number(record, "estimate")) for _, record in drawn],
        [y for y, _ in drawn],
        hover=[_condition_hover(record) for _, record in drawn],
        name="conditions",
        ids=[record.get("condition") for _, record in drawn],
        size=CONDITION_DOT,
        color=[colours[y] for y, _ in drawn],
        line={"color": look.colours.paper, "width": 1.5},
    )
    return drawing.figure()


def _condition_result(record: Mapping[str, Any]) -> str:
    """The result of one condition, or why there is none."""
    if math.isnan(number(record, "estimate")):
        return NO_NUMBER if number(record, "found") > 0 else NO_TRIAL
    return result(record)


def _counted(record: Mapping[str, Any], name: str) -> str:
    value = number(record, name)
    return "" if math.isnan(value) or number(record, "k") == 0 else tables.count(value)


def _condition_layout(records: list[dict[str, Any]], scale: EffectScale, look: Look) -> Layout:
    names = [str(record["label"]) for record in records]
    room = COMPACT_CONDITION_ROOM if look.compact else CONDITION_ROOM
    labels = text_column("", names, room=room, bold=[True] * len(names))
    counts = [
        text_column(heading, [_counted(r, name) for r in records], align="right", muted=True)
        for heading, name in (("Trials", "k"), ("People", "n"))
    ]
    shown = text_column("g [95% CI]", [_condition_result(r) for r in records], align="right")
    return rows_layout(
        look, scale, [labels], [*counts, shown], heights=CONDITION_HEIGHTS, rise=CONDITION_RISE,
        key=CONDITION_KEY,
    )  # fmt: skip


def _condition_hover(record: Mapping[str, Any]) -> str:
    shown = tables.estimate_with_interval(
        record.get("estimate"), record.get("ci_lower"), record.get("ci_upper")
    )
    people = number(record, "n")
    size = "" if math.isnan(people) else f", {tables.count(people)} people"
    lines = [f"{tables.count(record.get('k'))} trials{size}", f"g {shown}"]
    if not math.isnan(number(record, "pi_lower")):
        ends = f"{tables.effect(record['pi_lower'])} and {tables.effect(record['pi_upper'])}"
        lines.append(f"A new trial could land anywhere between {ends}")
    return lettering.hover(record["label"], *lines)


def estimate_rows(
    rows: pd.DataFrame,
    pooled: PooledEffect | None,
    look: Look = USUAL,
    *,
    empty: str,
    label_heading: str = "",
    plot_heading: str = "Pooled effect and 95% CI",
    key: str = "",
    bandless: bool = False,
    directions: tuple[str, str] | None = None,
) -> go.Figure:
    """Draw one pooled effect a row, with the estimate of all trials as a band behind them.

    Parameters
    ----------
    rows
        In the order to draw: label, estimate, ci_lower, ci_upper and, where known, study_id, k
        (trials), marked (drawn as a ring), note (a word beside the label) and instead (words in the
        place of the effect). A row without an estimate is a heading when its ``heading`` is true,
        else it says so.
    pooled
        The estimate with all trials, or of a group that the others are held against.
    look
        The reader's theme and screen.
    empty
        What to say when there is no row.
    label_heading, plot_heading
        What stands above the names and the plot.
    key
        Explains the marks, under the figure.
    bandless
        Draw the rows also where there is no estimate for the band.
    directions
        Whom the left and the right end of the axis favour, where that is not the comparison and
        IPT.

    Returns
    -------
    go.Figure
        The trace ``estimates`` holds the dots; ``customdata`` is ``[study_id]``.
    """
    records = tables.records(rows)
    if not records or (pooled is None and not bandless):
        return message_figure(empty, look)
    ends = [] if pooled is None else [pooled.ci_lower, pooled.ci_upper]
    scale = scale_of(records, summaries=ends, compact=look.compact)
    layout = _estimate_layout(records, scale, (label_heading, plot_heading, key), look)
    if directions is not None:
        layout = replace(layout, directions=directions)
    drawing = lay_out(layout)
    if pooled is not None:
        _whole(drawing, pooled, len(records), scale)
    lines = [interval_of(y, record, "ci_lower", "ci_upper") for y, record in enumerate(records)]
    add_intervals(drawing, lines, scale, look.colours.ink)
    _estimates(drawing, records, scale)
    return drawing.figure()


def _estimates(drawing: Drawing, records: list[dict[str, Any]], scale: EffectScale) -> None:
    drawn = [
        (y, record) for y, record in enumerate(records)
        if not tables.is_missing(record.get("estimate"))
    ]  # fmt: skip
    marked = [bool(record.get("marked")) for _, record in drawn]
    add_marks(
        drawing,
        [scale.clip(number(record, "estimate")) for _, record in drawn],
        [y for y, _ in drawn],
        hover=[
            lettering.hover(
                _label(record),
                f"g {tables.estimate_with_interval(*(number(record, name) for name in EFFECT))}",
            )
            for _, record in drawn
        ],
        name="estimates",
        ids=[record.get("study_id") for _, record in drawn],
        size=[DOT + 4 if one else DOT for one in marked],
        symbol=["circle-open" if one else "circle" for one in marked],
        color=drawing.look.colour,
        line={"width": [2.4 if one else 0.0 for one in marked]},
    )


def _label(record: dict[str, Any]) -> str:
    note = record.get("note")
    name = tables.text(record.get("label"))
    return name if tables.is_missing(note) else f"{name} {note}"


def _result(record: dict[str, Any]) -> str:
    words = record.get("instead")
    return result(record) if tables.is_missing(words) else str(words)


def _estimate_layout(
    records: list[dict[str, Any]], scale: EffectScale, texts: tuple[str, str, str], look: Look
) -> Layout:
    label_heading, plot_heading, key = texts
    room = COMPACT_LABEL_ROOM if look.compact else LABEL_ROOM
    cells, width = [], 0.0
    for record in records:
        bold = bool(record.get("heading"))
        shown = lettering.shorten(_label(record), room * (1.9 if bold else 1.0), bold=bold)
        if not bold:
            width = max(width, lettering.text_width(shown, TEXT_SIZE))
        text = lettering.escape(shown)
        cells.append(f"<b>{text}</b>" if bold else text)
    labels = TextColumn(label_heading, tuple(cells), width)
    results = ["" if record.get("heading") else _result(record) for record in records]
    right = [text_column("g [95% CI]", results, align="right")]
    counts = [
        "" if tables.is_missing(record.get("k")) else tables.count(record["k"])
        for record in records
    ]
    if any(counts):
        right.insert(0, text_column("Trials", counts, align="right", muted=True))
    return rows_layout(
        look, scale, [labels], right, heights=ESTIMATE_HEIGHTS, rise=ESTIMATE_RISE,
        plot_heading=plot_heading, key=key,
    )  # fmt: skip


def _whole(drawing: Drawing, pooled: PooledEffect, rows: int, scale: EffectScale) -> None:
    """Draw the estimate with all trials behind the rows."""
    colour = drawing.look.colour
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
    if not drawing.look.compact:
        drawing.shape(
            type="line", x0=pooled.estimate, x1=pooled.estimate, y0=-0.5, y1=rows - 0.5,
            layer="below", line={"color": colour, "width": 1, "dash": "dot"}, name="all trials",
        )  # fmt: skip
