"""All conditions at a glance: one row each, with its pooled effect and both of its intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import TEXT_SIZE, Layout, TextColumn, lay_out
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.marks import Interval, add_intervals
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, palette
from ipt_evidence.wording import tables

__all__ = ["condition_intervals"]

ROW_HEIGHT, COMPACT_ROW_HEIGHT = 34.0, 50.0
LABEL_ROOM, COMPACT_LABEL_ROOM, COMPACT_RISE = 230.0, 160.0, 0.3
DOT = 12
KEY = "Dot and thick line: pooled effect with its 95% CI. Thin line: prediction interval."
NO_TRIAL = "no trial found"
NO_NUMBER = "no usable effect"


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
    scale = _scale(records, compact)
    layout = _layout(records, scale, dark, compact)
    drawing = lay_out(layout)
    for y, record in enumerate(records):
        colour = condition_colour(str(record.get("condition")), dark)
        predicted = Interval(y, number(record, "pi_lower"), number(record, "pi_upper"))
        confident = Interval(y, number(record, "ci_lower"), number(record, "ci_upper"))
        add_intervals(drawing, [predicted], scale, colour, width=1.3, name="prediction interval")
        add_intervals(drawing, [confident], scale, colour, width=4.5, name="confidence interval")
    _dots(drawing, records, scale, dark)
    return drawing.figure()


def number(record: Mapping[str, Any], name: str) -> float:
    """Read a number from a row, ``nan`` where it is missing."""
    value = record.get(name)
    return math.nan if tables.is_missing(value) else float(value)  # type: ignore[arg-type]


def _scale(records: list[dict[str, Any]], compact: bool) -> EffectScale:
    return effect_scale(
        [number(record, "estimate") for record in records],
        [number(record, "ci_lower") for record in records],
        [number(record, "ci_upper") for record in records],
        summaries=[number(record, end) for record in records for end in ("pi_lower", "pi_upper")],
        most_ticks=5 if compact else 7,
    )


def _result(record: Mapping[str, Any]) -> str:
    """Write the result of one condition, or why there is none."""
    if math.isnan(number(record, "estimate")):
        return NO_NUMBER if number(record, "found") > 0 else NO_TRIAL
    ends = tables.interval(record.get("ci_lower"), record.get("ci_upper"))
    return f"{tables.effect(record['estimate'])} [{ends}]"


def _counted(record: Mapping[str, Any], name: str) -> str:
    value = number(record, name)
    return "" if math.isnan(value) or number(record, "k") == 0 else tables.count(value)


def _layout(records: list[dict[str, Any]], scale: EffectScale, dark: bool, compact: bool) -> Layout:
    room = COMPACT_LABEL_ROOM if compact else LABEL_ROOM
    names = [lettering.shorten(str(record["label"]), room, bold=True) for record in records]
    results = [_result(record) for record in records]
    labels = TextColumn(
        "",
        tuple(f"<b>{lettering.escape(name)}</b>" for name in names),
        lettering.widest(names, TEXT_SIZE, bold=True),
        rise=COMPACT_RISE if compact else 0.0,
    )
    shown = TextColumn(
        "" if compact else "g [95% CI]",
        tuple(results),
        lettering.widest(results),
        "right",
        rise=COMPACT_RISE if compact else 0.0,
    )
    notes = tuple(lettering.line_breaks(KEY, 335 if compact else 760))
    if compact:
        return Layout(
            rows=len(records), row_height=COMPACT_ROW_HEIGHT, scale=scale, dark=dark,
            inside_left=labels, inside_right=shown, axis_title="Hedges g", notes=notes, grid=False,
        )  # fmt: skip
    counts = []
    for heading, name in (("Trials", "k"), ("People", "n")):
        cells = tuple(_counted(record, name) for record in records)
        counts.append(TextColumn(heading, cells, lettering.widest(cells), "right", muted=True))
    return Layout(
        rows=len(records), row_height=ROW_HEIGHT, scale=scale, dark=dark,
        left=(labels,), right=(*counts, shown), plot_heading="Hedges g", notes=notes,
    )  # fmt: skip


def _dots(drawing: Drawing, records: list[dict[str, Any]], scale: EffectScale, dark: bool) -> None:
    drawn = [
        (y, record)
        for y, record in enumerate(records)
        if not math.isnan(number(record, "estimate"))
    ]
    drawing.scatter(
        x=[scale.clip(number(record, "estimate")) for _, record in drawn],
        y=[y for y, _ in drawn],
        mode="markers",
        marker={
            "size": DOT,
            "color": [condition_colour(str(record.get("condition")), dark) for _, record in drawn],
            "line": {"color": palette(dark).paper, "width": 1.5},
            "opacity": 1,
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=[[record.get("condition")] for _, record in drawn],
        hovertext=[_hover(record) for _, record in drawn],
        hoverinfo="text",
        name="conditions",
    )


def _hover(record: Mapping[str, Any]) -> str:
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
