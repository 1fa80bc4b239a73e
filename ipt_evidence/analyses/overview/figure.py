"""The figures of the Overview: a small forest a condition, and every study over the years."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.overview.panel import (
    conditions_of,
    control_cells,
    studies_by_year,
    trials_of,
)
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.figures import lettering
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import add_marks
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import numbered

__all__ = ["by_condition_figure", "by_year_figure", "small_multiples", "trial_dots"]

PLOT_HEIGHT, COMPACT_PLOT_HEIGHT = 150.0, 120.0
HEAD, FOOT, GAP = 46.0, 26.0, 0.035  # pixels above a panel, below it; share of the width between
NAME_SIZE, RESULT_SIZE = 14.0, 12.5
NOTE = "Each line is a trial with its 95% CI; the band is the pooled effect with its 95% CI."

TOP, BOTTOM, LABEL_LINE = 8.0, 52.0, 20.0
ROW_ROOM = 12.0  # pixels between the dots of two rows
SMALLEST, LARGEST, UNKNOWN = 6.0, 15.0, 7.0  # pixels across; UNKNOWN: people not reported
PER_ROOT = 0.62  # pixels of diameter for the square root of one person: area stands for people
LABEL_ROOM, COMPACT_SHARE = 190.0, 0.72
DOTS_NOTE = "A dot is a study; its area, the people. Filled: with a result that can be pooled."


@cached
def by_condition_figure(base: EvidenceBase, look: Look) -> go.Figure:
    """The trials against a control, condition by condition, on one axis."""
    cells = control_cells(base)
    return small_multiples(conditions_of(base, cells), trials_of(cells), look=look)


@cached
def by_year_figure(base: EvidenceBase, look: Look) -> go.Figure:
    """Every study over the years, in a row for each condition."""
    return trial_dots(studies_by_year(base), look=look)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a panel stands: the number of its axes, and its domain on the paper."""

    axis: str
    x: tuple[float, float]
    y: tuple[float, float]


def small_multiples(panels: pd.DataFrame, trials: pd.DataFrame, look: Look = USUAL) -> go.Figure:
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
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        Traces named ``trials <condition>`` hold the dots; ``customdata`` is ``[condition, study]``.
        Those named ``pooled <condition>`` hold the pooled effect, ``customdata`` ``[condition]``.
    """
    records = tables.records(panels)
    if not records:
        return message_figure("No condition to draw.", look)
    across = 2 if look.compact else 3
    down = math.ceil(len(records) / across)
    height = COMPACT_PLOT_HEIGHT if look.compact else PLOT_HEIGHT
    notes = lettering.line_breaks(NOTE, 330 if look.compact else 760)
    bottom = 22.0 + 16.0 * len(notes)
    total = down * (HEAD + height + FOOT) + bottom
    scale = effect_scale(
        list(trials["yi"]), list(trials["ci_lower"]), list(trials["ci_upper"]),
        most_ticks=4 if look.compact else 5,
    )  # fmt: skip
    margin = {"l": 4, "r": 4, "t": 0, "b": 0}
    drawing = Drawing(look, {"height": round(total), "margin": margin})
    for number, record in enumerate(records):
        place = _place(number, across, height, total)
        own = trials.loc[trials["condition"] == record["condition"]]
        _axes(drawing, place, scale, len(own))
        _head(drawing, place, record)
        _panel(drawing, place, record, own, scale)
    lines = ["Hedges g: above 0 favours IPT, below 0 the control.", *notes]
    for number, line in enumerate(lines):
        drawing.write(
            lettering.escape(line), 12, look.colours.muted, x=0, y=(bottom - 16 * number) / total,
            xanchor="left", yanchor="top", name="note",
        )  # fmt: skip
    return drawing.figure()


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


def _axes(drawing: Drawing, place: _Place, scale: EffectScale, rows: int) -> None:
    drawing.layout[f"xaxis{place.axis}"] = {
        "domain": list(place.x),
        "anchor": f"y{place.axis}",
        "range": [scale.lower, scale.upper],
        "tickvals": list(scale.ticks),
        "ticktext": scale.tick_labels,
        "tickfont": {"size": 11, "color": drawing.look.colours.muted},
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
        return str(record["nothing"])
    number = numbered(k, "trial")
    if k == 2:
        return f"{number}, too few to pool"
    ends = tables.interval(record["ci_lower"], record["ci_upper"])
    return f"g {tables.effect(record['estimate'])} [{ends}], {number}"


def _head(drawing: Drawing, place: _Place, record: Mapping[str, Any]) -> None:
    look = drawing.look
    room = 165.0 if look.compact else 330.0
    called = str(record["short"] if look.compact else record["label"])
    name = lettering.shorten(called, room, NAME_SIZE, bold=True)
    result = _result(record)
    if look.compact and lettering.text_width(result, RESULT_SIZE) > room:
        result = result.split(", ")[0]
    for text, size, shift, kind in (
        (f"<b>{lettering.escape(name)}</b>", NAME_SIZE, 24, "name"),
        (lettering.escape(result), RESULT_SIZE, 6, "result"),
    ):
        drawing.write(
            text, size, look.colours.ink, x=place.x[0], y=place.y[1], xanchor="left",
            yanchor="bottom", yshift=shift, name=kind,
        )  # fmt: skip


def _panel(
    drawing: Drawing,
    place: _Place,
    record: Mapping[str, Any],
    own: pd.DataFrame,
    scale: EffectScale,
) -> None:
    look = drawing.look
    colour = condition_colour(str(record["condition"]), look.dark)
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
        type="line", **vertical, x0=0, x1=0, line={"color": look.colours.rule, "width": 1},
        layer="below",
    )  # fmt: skip
    ordered = own.sort_values(["yi", "label"], ascending=[False, True], kind="stable")
    rows = tables.records(ordered)
    _trials(drawing, axes, str(record["condition"]), rows, scale, colour)
    if pooled:
        drawing.scatter(
            **axes,
            x=[scale.clip(record["estimate"])] * 2,
            y=[-1.0, max(len(rows), 1)],
            mode="lines",
            line={"color": colour, "width": 2},
            customdata=[[record["condition"]]] * 2,
            hovertext=lettering.hover(record["label"], _result(record)),
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
            lettering.hover(
                row["label"],
                f"g {tables.estimate_with_interval(row['yi'], row['ci_lower'], row['ci_upper'])}",
            )
            for row in rows
        ],
        hoverinfo="text",
        name=f"trials {condition}",
    )


def trial_dots(studies: pd.DataFrame, look: Look = USUAL) -> go.Figure:
    """Draw studies over the years.

    Parameters
    ----------
    studies
        One row a study and condition, in the order of the rows to draw: study_id, label, year,
        condition (top-level id), condition_label, n (people; may be missing), usable (has a result
        that can be pooled). Rows without a year are left out and counted under the plot.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The traces named ``studies <condition>``; ``customdata`` is ``[study_id]``.
    """
    known = studies.dropna(subset=["year"])
    if known.empty:
        return message_figure("No study with a year to draw.", look)
    share = COMPACT_SHARE if look.compact else 1.0
    drawing = Drawing(look, {})
    top = TOP
    for condition, rows in known.groupby("condition", sort=False):
        label = str(rows["condition_label"].iloc[0])
        if look.compact:
            top += LABEL_LINE
        placed, height = _stacked(rows, share)
        centre = top + height / 2
        _row_label(drawing, label, len(rows), top, centre)
        _dots(drawing, str(condition), placed, centre)
        top += height + ROW_ROOM
    notes = lettering.line_breaks(DOTS_NOTE, 330 if look.compact else 900)
    if missing := studies.loc[studies["year"].isna(), "study_id"].nunique():
        notes.append(f"{tables.count(missing)} without a year left out.")
    _dots_frame(drawing, known, top, notes)
    return drawing.figure()


def _diameter(people: object, share: float) -> float:
    if tables.is_missing(people):
        return UNKNOWN * share
    size = PER_ROOT * math.sqrt(float(people))  # type: ignore[arg-type]
    return min(max(size, SMALLEST), LARGEST) * share


def _stacked(rows: pd.DataFrame, share: float) -> tuple[list[dict[str, Any]], float]:
    """Dots of one year one above the other, largest in the middle; offsets in pixels, and room."""
    placed: list[dict[str, Any]] = []
    tallest = 0.0
    for _, group in rows.groupby("year"):
        records = tables.records(group)
        for record in records:
            record["size"] = _diameter(record["n"], share)
        records.sort(key=lambda record: (-record["size"], str(record["label"])))
        above = below = records[0]["size"] / 2
        records[0]["offset"] = 0.0
        for number, record in enumerate(records[1:]):
            if number % 2 == 0:
                record["offset"] = -(above + record["size"] / 2 + 1)
                above += record["size"] + 1
            else:
                record["offset"] = below + record["size"] / 2 + 1
                below += record["size"] + 1
        tallest = max(tallest, above, below)
        placed += records
    return placed, 2 * tallest


def _row_label(drawing: Drawing, name: str, number: int, top: float, centre: float) -> None:
    look = drawing.look
    counted = f" {tables.count(number)}"
    room = LABEL_ROOM - 12 - lettering.text_width(counted, bold=True)
    shown = lettering.shorten(name, room, bold=True) + counted
    place: dict[str, Any] = {"x": 0, "xref": "paper", "xanchor": "left", "yref": "y"}
    if look.compact:
        place |= {"y": top - LABEL_LINE / 2, "yanchor": "middle"}
    else:
        place |= {"y": centre, "yanchor": "middle", "xshift": -LABEL_ROOM}
    drawing.write(f"<b>{lettering.escape(shown)}</b>", 13, look.colours.ink, name="row", **place)


def _dots(drawing: Drawing, condition: str, placed: list[dict[str, Any]], centre: float) -> None:
    colour, paper = condition_colour(condition, drawing.look.dark), drawing.look.colours.paper
    add_marks(
        drawing,
        [int(record["year"]) for record in placed],
        [centre + record["offset"] for record in placed],
        hover=[_hover(record) for record in placed],
        name=f"studies {condition}",
        ids=[record["study_id"] for record in placed],
        size=[record["size"] for record in placed],
        color=[colour if record["usable"] else paper for record in placed],
        line={"color": colour, "width": 1.5},
        opacity=0.9,
    )


def _hover(record: Mapping[str, Any]) -> str:
    people = tables.count(record["n"])
    size = f"People {people}" if tables.is_missing(record["n"]) else f"{people} people"
    usable = "with a result that can be pooled" if record["usable"] else "no result can be pooled"
    return lettering.hover(record["label"], f"{size}, {usable}")


def _dots_frame(drawing: Drawing, known: pd.DataFrame, top: float, notes: list[str]) -> None:
    look = drawing.look
    bottom = BOTTOM + 16 * (len(notes) - 1)
    first, last = int(known["year"].min()), int(known["year"].max())
    drawing.layout |= {
        "height": round(top + bottom),
        "margin": {"l": 8 if look.compact else LABEL_ROOM, "r": 12, "t": 0, "b": bottom},
        "xaxis": {
            "range": [first - 1.2, last + 1.2],
            "showgrid": True,
            "dtick": 10,
            "tick0": first // 10 * 10,
            "tickformat": "d",
            "ticks": "outside",
            "ticklen": 4,
            "showline": True,
            "fixedrange": True,
        },
        "yaxis": {"range": [top, 0], "visible": False, "fixedrange": True},
    }
    for number, note in enumerate(notes):
        drawing.write(
            lettering.escape(note), 12, look.colours.muted, x=0, y=0, xanchor="left",
            yanchor="top", xshift=0 if look.compact else -LABEL_ROOM, yshift=-30 - 16 * number,
            name="note",
        )  # fmt: skip
