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
from ipt_evidence.figures.marks import Interval, add_intervals, add_marks
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, palette, tint
from ipt_evidence.wording import tables
from ipt_evidence.wording.protocols import PooledLike

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

    ``bold`` has one entry a text; where any is set the whole column is measured as bold.
    """
    cut = [lettering.shorten(text, room, bold=any(bold)) for text in texts]
    cells = [lettering.escape(text) for text in cut]
    if bold:
        cells = [f"<b>{cell}</b>" if b else cell for cell, b in zip(cells, bold, strict=True)]
    width = lettering.widest(cut, TEXT_SIZE, bold=any(bold))
    return TextColumn(heading, tuple(cells), width, align, muted=muted)


def rows_layout(
    scale: EffectScale,
    left: Sequence[TextColumn],
    right: Sequence[TextColumn],
    *,
    heights: tuple[float, float],
    rise: float,
    dark: bool,
    compact: bool,
    plot_heading: str = "Hedges g",
    axis_title: str = "Hedges g",
    key: str = "",
    rules: Sequence[int] = (),
) -> Layout:
    """Lay out rows of effects.

    Parameters
    ----------
    scale
        The effect axis.
    left, right
        Columns on a wide screen; a narrow one shows the first of the left and the last of the
        right, without headings.
    heights
        Pixels of a row, on a wide and on a narrow screen.
    rise
        Part of a row by which text stands above the marks on a narrow screen.
    dark, compact
        Colours for the dark theme; layout for narrow screens.
    plot_heading, axis_title
        What stands above the plot on a wide screen, and under its axis on a narrow one.
    key
        Explains the marks, under the figure.
    rules
        Rows above which a hairline runs.
    """
    notes = lettering.line_breaks(key, COMPACT_NOTE_ROOM if compact else NOTE_ROOM)
    rows = len(left[0].cells)
    if compact:
        inside = [replace(one, heading="", rise=rise) for one in (left[0], right[-1])]
        return Layout(
            rows=rows, row_height=heights[1], scale=scale, dark=dark, inside_left=inside[0],
            inside_right=inside[1], axis_title=axis_title, notes=tuple(notes), rules=tuple(rules),
            grid=False,
        )  # fmt: skip
    return Layout(
        rows=rows, row_height=heights[0], scale=scale, dark=dark, left=tuple(left),
        right=tuple(right), plot_heading=plot_heading, notes=tuple(notes), rules=tuple(rules),
    )  # fmt: skip


def condition_intervals(
    rows: pd.DataFrame, *, dark: bool = False, compact: bool = False
) -> go.Figure:
    """Draw one row a condition: dot, confidence interval and prediction interval.

    Parameters
    ----------
    rows
        In the order to draw: condition (top-level id), label, k (trials pooled), n, estimate,
        ci_lower, ci_upper, pi_lower, pi_upper, positive where IPT did better; optional ``found``,
        the trials known, pooled or not. A row without an estimate says why in words.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        The trace named ``conditions`` holds the dots; ``customdata`` is ``[condition]``.
    """
    records: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    if not records:
        return message_figure("No condition to draw.", dark=dark)
    ends = [number(record, end) for record in records for end in ("pi_lower", "pi_upper")]
    scale = scale_of(records, summaries=ends, compact=compact)
    drawing = lay_out(_condition_layout(records, scale, dark, compact))
    for y, record in enumerate(records):
        colour = condition_colour(str(record.get("condition")), dark)
        predicted = interval_of(y, record, "pi_lower", "pi_upper")
        confident = interval_of(y, record, "ci_lower", "ci_upper")
        add_intervals(drawing, [predicted], scale, colour, width=1.3, name="prediction interval")
        add_intervals(drawing, [confident], scale, colour, width=4.5, name="confidence interval")
    drawn = [(y, r) for y, r in enumerate(records) if not math.isnan(number(r, "estimate"))]
    add_marks(
        drawing,
        [scale.clip(number(record, "estimate")) for _, record in drawn],
        [y for y, _ in drawn],
        hover=[_condition_hover(record) for _, record in drawn],
        name="conditions",
        ids=[record.get("condition") for _, record in drawn],
        size=CONDITION_DOT,
        color=[condition_colour(str(record.get("condition")), dark) for _, record in drawn],
        line={"color": palette(dark).paper, "width": 1.5},
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


def _condition_layout(
    records: list[dict[str, Any]], scale: EffectScale, dark: bool, compact: bool
) -> Layout:
    names = [str(record["label"]) for record in records]
    room = COMPACT_CONDITION_ROOM if compact else CONDITION_ROOM
    labels = text_column("", names, room=room, bold=[True] * len(names))
    counts = [
        text_column(heading, [_counted(r, name) for r in records], align="right", muted=True)
        for heading, name in (("Trials", "k"), ("People", "n"))
    ]
    shown = text_column("g [95% CI]", [_condition_result(r) for r in records], align="right")
    return rows_layout(
        scale, [labels], [*counts, shown], heights=CONDITION_HEIGHTS, rise=CONDITION_RISE,
        dark=dark, compact=compact, key=CONDITION_KEY,
    )  # fmt: skip


def _condition_hover(record: Mapping[str, Any]) -> str:
    shown = tables.estimate_with_interval(
        record.get("estimate"), record.get("ci_lower"), record.get("ci_upper")
    )
    lines = [f"<b>{lettering.escape(str(record['label']))}</b>"]
    people = number(record, "n")
    size = "" if math.isnan(people) else f", {tables.count(people)} people"
    lines.append(f"{tables.count(record.get('k'))} trials{size}")
    lines.append(f"g {shown}")
    if not math.isnan(number(record, "pi_lower")):
        ends = f"{tables.effect(record['pi_lower'])} and {tables.effect(record['pi_upper'])}"
        lines.append(f"A new trial could land anywhere between {ends}")
    return "<br>".join(lines)


def estimate_rows(
    rows: pd.DataFrame,
    pooled: PooledLike | None,
    *,
    empty: str,
    label_heading: str = "",
    plot_heading: str = "Pooled effect and 95% CI",
    key: str = "",
    bandless: bool = False,
    directions: tuple[str, str] | None = None,
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw one pooled effect a row, with the estimate of all trials as a band behind them.

    Parameters
    ----------
    rows
        In the order to draw: label, estimate, ci_lower, ci_upper and, where known, study_id, k
        (trials), marked (drawn as a ring), note (a word beside the label) and told (words in the
        place of the effect). A row without an estimate is a heading when its ``heading`` is true,
        else it says so.
    pooled
        The estimate with all trials, or of a group that the others are held against.
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
    if not records or (pooled is None and not bandless):
        return message_figure(empty, dark=dark)
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    ends = [] if pooled is None else [pooled.ci_lower, pooled.ci_upper]
    scale = scale_of(records, summaries=ends, compact=compact)
    layout = _estimate_layout(records, scale, (label_heading, plot_heading, key), dark, compact)
    if directions is not None:
        layout = replace(layout, directions=directions)
    drawing = lay_out(layout)
    if pooled is not None:
        _whole(drawing, pooled, len(records), scale, colour, compact)
    lines = [interval_of(y, record, "ci_lower", "ci_upper") for y, record in enumerate(records)]
    add_intervals(drawing, lines, scale, colours.ink)
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
            f"<b>{lettering.escape(_label(record))}</b><br>g "
            f"{tables.estimate_with_interval(*(number(record, name) for name in EFFECT))}"
            for _, record in drawn
        ],
        name="estimates",
        ids=[record.get("study_id") for _, record in drawn],
        size=[DOT + 4 if one else DOT for one in marked],
        symbol=["circle-open" if one else "circle" for one in marked],
        color=colour,
        line={"width": [2.4 if one else 0.0 for one in marked]},
    )
    return drawing.figure()


def _label(record: dict[str, Any]) -> str:
    note = record.get("note")
    name = tables.text(record.get("label"))
    return name if tables.is_missing(note) else f"{name} {note}"


def _result(record: dict[str, Any]) -> str:
    told = record.get("told")
    return result(record) if tables.is_missing(told) else str(told)


def _estimate_layout(
    records: list[dict[str, Any]],
    scale: EffectScale,
    texts: tuple[str, str, str],
    dark: bool,
    compact: bool,
) -> Layout:
    label_heading, plot_heading, key = texts
    room = COMPACT_LABEL_ROOM if compact else LABEL_ROOM
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
        scale, [labels], right, heights=ESTIMATE_HEIGHTS, rise=ESTIMATE_RISE, dark=dark,
        compact=compact, plot_heading=plot_heading, key=key,
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
