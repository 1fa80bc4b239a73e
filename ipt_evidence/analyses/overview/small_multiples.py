"""One small forest a condition, all on the same axis: how trials lie, at a glance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, palette, template
from ipt_evidence.wording import tables

__all__ = ["small_multiples"]

PLOT_HEIGHT, COMPACT_PLOT_HEIGHT = 150.0, 120.0
HEAD, FOOT, GAP = 46.0, 26.0, 0.035  # pixels above a panel, below it; share of the width between
NAME_SIZE, RESULT_SIZE = 14.0, 12.5
NOTE = "Each line is a trial with its 95% CI; the band is the pooled effect with its 95% CI."
EMPTY = "No usable number"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a panel stands: the number of its axes, and its domain on the paper."""

    axis: str
    x: tuple[float, float]
    y: tuple[float, float]


def small_multiples(
    panels: pd.DataFrame, trials: pd.DataFrame, *, dark: bool = False, compact: bool = False
) -> go.Figure:
    """Draw a small forest for each condition, three in a row, two on a narrow screen.

    Parameters
    ----------
    panels
        One row a condition, in the order to draw: condition (top-level id), label, short (its name
        on a narrow screen), k, estimate, ci_lower, ci_upper; the last three missing where nothing
        was pooled.
    trials
        One row a condition and trial: condition, study_id, label, yi, ci_lower, ci_upper; positive
        where IPT did better.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        Traces named ``trials <condition>`` hold the dots; ``customdata`` is ``[condition, study]``.
        Those named ``pooled <condition>`` hold the pooled effect, ``customdata`` ``[condition]``.
    """
    records: list[dict[str, Any]] = panels.to_dict("records")  # type: ignore[assignment]
    if not records:
        return message_figure("No condition to draw.", dark=dark)
    across = 2 if compact else 3
    down = math.ceil(len(records) / across)
    height = COMPACT_PLOT_HEIGHT if compact else PLOT_HEIGHT
    notes = lettering.line_breaks(NOTE, 330 if compact else 760)
    bottom = 22.0 + 16.0 * len(notes)
    total = down * (HEAD + height + FOOT) + bottom
    scale = effect_scale(
        list(trials["yi"]), list(trials["ci_lower"]), list(trials["ci_upper"]),
        most_ticks=4 if compact else 5,
    )  # fmt: skip
    drawing = Drawing(_frame(total, dark))
    for number, record in enumerate(records):
        place = _place(number, across, height, total)
        own = trials.loc[trials["condition"] == record["condition"]]
        _axes(drawing, place, scale, len(own), dark)
        _head(drawing, place, record, compact, dark)
        _panel(drawing, place, record, own, scale, dark)
    _notes(drawing, notes, total, bottom, dark)
    return drawing.figure()


def _frame(total: float, dark: bool) -> dict[str, Any]:
    return {
        "template": template(dark),
        "height": round(total),
        "margin": {"l": 4, "r": 4, "t": 0, "b": 0},
    }


def _place(number: int, across: int, height: float, total: float) -> _Place:
    column, row = number % across, number // across
    width = (1 - GAP * (across - 1)) / across
    left = column * (width + GAP)
    top = 1 - (row * (HEAD + height + FOOT) + HEAD) / total
    return _Place(
        "" if number == 0 else str(number + 1),
        (left, left + width),
        (max(0.0, top - height / total), top),
    )


def _axes(drawing: Drawing, place: _Place, scale: EffectScale, rows: int, dark: bool) -> None:
    colours = palette(dark)
    drawing.layout[f"xaxis{place.axis}"] = {
        "domain": list(place.x),
        "anchor": f"y{place.axis}",
        "range": [scale.lower, scale.upper],
        "tickvals": list(scale.ticks),
        "ticktext": scale.tick_labels,
        "tickfont": {"size": 11, "color": colours.muted},
        "showgrid": False,
        "fixedrange": True,
    }
    drawing.layout[f"yaxis{place.axis}"] = {
        "domain": list(place.y),
        "anchor": f"x{place.axis}",
        "range": [max(rows, 1) - 0.5 + 0.6, -0.5 - 0.6],
        "visible": False,
        "fixedrange": True,
    }


def _result(record: Mapping[str, Any]) -> str:
    k = int(record["k"])
    if tables.is_missing(record["estimate"]):
        return EMPTY
    number = "1 trial" if k == 1 else f"{tables.count(k)} trials"
    if k == 2:
        return f"{number}, too few to pool"
    ends = tables.interval(record["ci_lower"], record["ci_upper"])
    return f"g {tables.effect(record['estimate'])} [{ends}], {number}"


def _head(
    drawing: Drawing, place: _Place, record: Mapping[str, Any], compact: bool, dark: bool
) -> None:
    room = 165.0 if compact else 330.0
    called = str(record["short"] if compact else record["label"])
    name = lettering.shorten(called, room, NAME_SIZE, bold=True)
    result = _result(record)
    if compact and lettering.text_width(result, RESULT_SIZE) > room:
        result = result.split(", ")[0]
    for text, size, colour, shift, kind in (
        (f"<b>{lettering.escape(name)}</b>", NAME_SIZE, palette(dark).ink, 24, "name"),
        (lettering.escape(result), RESULT_SIZE, palette(dark).ink, 6, "result"),
    ):  # fmt: skip
        drawing.write(
            text, size, colour, x=place.x[0], y=place.y[1], xanchor="left", yanchor="bottom",
            yshift=shift, name=kind,
        )  # fmt: skip


def _panel(
    drawing: Drawing,
    place: _Place,
    record: Mapping[str, Any],
    own: pd.DataFrame,
    scale: EffectScale,
    dark: bool,
) -> None:
    colour = condition_colour(str(record["condition"]), dark)
    axes = {"xaxis": f"x{place.axis}", "yaxis": f"y{place.axis}"}
    vertical = {"xref": f"x{place.axis}", "yref": f"y{place.axis} domain", "y0": 0, "y1": 1}
    pooled = not tables.is_missing(record["estimate"]) and int(record["k"]) > 2
    if pooled:
        drawing.shape(
            type="rect", **vertical, x0=scale.clip(record["ci_lower"]),
            x1=scale.clip(record["ci_upper"]), fillcolor=colour, opacity=0.16, line={"width": 0},
            layer="below",
        )  # fmt: skip
    drawing.shape(
        type="line", **vertical, x0=0, x1=0, line={"color": palette(dark).rule, "width": 1},
        layer="below",
    )  # fmt: skip
    ordered = own.sort_values(["yi", "label"], ascending=[False, True], kind="stable")
    rows: list[dict[str, Any]] = ordered.to_dict("records")  # type: ignore[assignment]
    _trials(drawing, axes, str(record["condition"]), rows, scale, colour)
    if pooled:
        drawing.scatter(
            **axes,
            x=[scale.clip(record["estimate"])] * 2,
            y=[-1.0, max(len(rows), 1)],
            mode="lines",
            line={"color": colour, "width": 2},
            customdata=[[record["condition"]]] * 2,
            hovertext=f"<b>{lettering.escape(str(record['label']))}</b><br>{_result(record)}",
            hoverinfo="text",
            name=f"pooled {record['condition']}",
        )


def _trials(
    drawing: Drawing,
    axes: Mapping[str, str],
    condition: str,
    rows: Sequence[Mapping[str, Any]],
    scale: EffectScale,
    colour: str,
) -> None:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for y, row in enumerate(rows):
        if row["ci_upper"] > scale.lower and row["ci_lower"] < scale.upper:
            xs += [scale.clip(row["ci_lower"]), scale.clip(row["ci_upper"]), None]
            ys += [y, y, None]
    drawing.scatter(
        **axes, x=xs, y=ys, mode="lines", line={"color": colour, "width": 1}, opacity=0.55,
        hoverinfo="skip", name=f"intervals {condition}",
    )  # fmt: skip
    drawing.scatter(
        **axes,
        x=[scale.clip(row["yi"]) for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"size": 5 if len(rows) > 12 else 7, "color": colour, "opacity": 1},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=[[condition, row["study_id"]] for row in rows],
        hovertext=[
            f"<b>{lettering.escape(str(row['label']))}</b><br>g "
            + tables.estimate_with_interval(row["yi"], row["ci_lower"], row["ci_upper"])
            for row in rows
        ],
        hoverinfo="text",
        name=f"trials {condition}",
    )


def _notes(drawing: Drawing, notes: Sequence[str], total: float, bottom: float, dark: bool) -> None:
    lines = ["Hedges g: above 0 favours IPT, below 0 the control.", *notes]
    for number, line in enumerate(lines):
        drawing.write(
            lettering.escape(line), 12, palette(dark).muted, x=0, y=(bottom - 16 * number) / total,
            xanchor="left", yanchor="top", name="note",
        )  # fmt: skip
