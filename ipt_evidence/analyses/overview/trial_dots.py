"""Every study as a dot on the line of years, one row a condition."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.template import condition_colour, palette, template
from ipt_evidence.wording import tables

__all__ = ["trial_dots"]

TOP, BOTTOM, LABEL_LINE = 8.0, 52.0, 20.0
ROW_ROOM = 12.0  # pixels between the dots of two rows
SMALLEST, LARGEST, UNKNOWN = 6.0, 15.0, 7.0  # pixels across; UNKNOWN: people not reported
PER_ROOT = 0.62  # pixels of diameter for the square root of one person: area stands for people
LABEL_ROOM, COMPACT_SHARE = 190.0, 0.72
NOTE = "A dot is a study; its area, the people. Filled: with a result that can be pooled."


def trial_dots(studies: pd.DataFrame, *, dark: bool = False, compact: bool = False) -> go.Figure:
    """Draw studies over the years.

    Parameters
    ----------
    studies
        One row a study and condition, in the order of the rows to draw: study_id, label, year,
        condition (top-level id), condition_label, n (people; may be missing), usable (has a result
        that can be pooled). Rows without a year are left out and counted under the plot.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        The traces named ``studies <condition>``; ``customdata`` is ``[study_id]``.
    """
    known = studies.dropna(subset=["year"])
    if known.empty:
        return message_figure("No study with a year to draw.", dark=dark)
    share = COMPACT_SHARE if compact else 1.0
    drawing = Drawing({"template": template(dark)})
    top = TOP
    for condition, rows in known.groupby("condition", sort=False):
        label = str(rows["condition_label"].iloc[0])
        if compact:
            top += LABEL_LINE
        placed, height = _stacked(rows, share)
        centre = top + height / 2
        _label(drawing, label, len(rows), top, centre, compact, dark)
        _dots(drawing, str(condition), placed, centre, dark)
        top += height + ROW_ROOM
    notes = lettering.line_breaks(NOTE, 330 if compact else 900)
    if missing := studies.loc[studies["year"].isna(), "study_id"].nunique():
        notes.append(f"{tables.count(missing)} without a year left out.")
    _frame(drawing, known, top, notes, compact, dark)
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
        records: list[dict[str, Any]] = group.to_dict("records")  # type: ignore[assignment]
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


def _label(
    drawing: Drawing, name: str, number: int, top: float, centre: float,
    compact: bool, dark: bool,
) -> None:  # fmt: skip
    counted = f" {tables.count(number)}"
    room = LABEL_ROOM - 12 - lettering.text_width(counted, bold=True)
    shown = lettering.shorten(name, room, bold=True) + counted
    place: dict[str, Any] = {"x": 0, "xref": "paper", "xanchor": "left", "yref": "y"}
    if compact:
        place |= {"y": top - LABEL_LINE / 2, "yanchor": "middle"}
    else:
        place |= {"y": centre, "yanchor": "middle", "xshift": -LABEL_ROOM}
    drawing.write(f"<b>{lettering.escape(shown)}</b>", 13, palette(dark).ink, name="row", **place)


def _dots(
    drawing: Drawing, condition: str, placed: list[dict[str, Any]], centre: float, dark: bool
) -> None:
    colour = condition_colour(condition, dark)
    paper = palette(dark).paper
    drawing.scatter(
        x=[int(record["year"]) for record in placed],
        y=[centre + record["offset"] for record in placed],
        mode="markers",
        marker={
            "size": [record["size"] for record in placed],
            "color": [colour if record["usable"] else paper for record in placed],
            "line": {"color": colour, "width": 1.5},
            "opacity": 0.9,
        },
        selected={"marker": {"opacity": 0.9}},
        unselected={"marker": {"opacity": 0.9}},
        customdata=[[record["study_id"]] for record in placed],
        hovertext=[_hover(record) for record in placed],
        hoverinfo="text",
        name=f"studies {condition}",
    )


def _hover(record: Mapping[str, Any]) -> str:
    people = tables.count(record["n"])
    size = f"People {people}" if tables.is_missing(record["n"]) else f"{people} people"
    usable = "with a result that can be pooled" if record["usable"] else "no result can be pooled"
    return f"<b>{lettering.escape(str(record['label']))}</b><br>{size}, {usable}"


def _frame(
    drawing: Drawing, known: pd.DataFrame, top: float, notes: list[str], compact: bool, dark: bool
) -> None:
    bottom = BOTTOM + 16 * (len(notes) - 1)
    first, last = int(known["year"].min()), int(known["year"].max())
    drawing.layout |= {
        "height": round(top + bottom),
        "margin": {"l": 8 if compact else LABEL_ROOM, "r": 12, "t": 0, "b": bottom},
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
            lettering.escape(note), 12, palette(dark).muted, x=0, y=0, xanchor="left",
            yanchor="top", xshift=0 if compact else -LABEL_ROOM, yshift=-30 - 16 * number,
            name="note",
        )  # fmt: skip
