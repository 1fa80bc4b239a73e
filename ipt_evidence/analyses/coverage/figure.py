"""Horizontal bars: how many studies or people at each level of one question.

One look for every such question: bars without axis and grid, the number at each bar's end, and
what nobody reports as a hatched grey bar of its own below the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.coverage import panel as words
from ipt_evidence.analyses.coverage.result import growth
from ipt_evidence.analyses.coverage.timeline import coverage_timeline
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.figures import lettering
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.template import condition_colour
from ipt_evidence.wording import tables

__all__ = ["figure", "growth_figure", "horizontal_bars"]

ROW_HEIGHT, COMPACT_ROW_HEIGHT, LABEL_LINE = 30.0, 46.0, 17.0
LABEL_ROOM, COMPACT_ROOM = 280.0, 330.0  # pixels for a label beside its bar, or above it
WIDE_ROOM = 760.0  # pixels for a note
LABEL_SIZE, VALUE_SIZE, NOTE_SIZE = 13.5, 13.0, 12.0
GAP = 10.0  # pixels between label, bar and number
NOTE_LINE = 17.0
BAR, COMPACT_BAR = 17.0, 13.0  # pixels
PALE = 0.45  # opacity of what rests on less
NOTHING = "No study to count."


@dataclass(frozen=True, slots=True)
class _Bar:
    lines: tuple[str, ...]
    height: float  # pixels of its row
    value: float  # nan where it is not known
    pale: float  # part of value that rests on less, drawn last
    end: str
    hover: str
    unknown: bool
    colour: str


@cached
def figure(
    base: EvidenceBase, facet: str, conditions: tuple[str, ...], count: str, look: Look
) -> go.Figure:
    """The bars of one facet; their colour is that of the top-level condition, where it is one."""
    rows = words.bar_rows(base, facet, conditions, count)
    tops = {base.taxonomy.with_parents((condition,))[-1] for condition in conditions}
    return horizontal_bars(
        rows,
        notes=words.bar_notes(rows, facet, count),
        look=look._replace(condition=tops.pop() if len(tops) == 1 else None),
    )


@cached
def growth_figure(base: EvidenceBase, conditions: tuple[str, ...], look: Look) -> go.Figure:
    """The running number of randomised trials."""
    concepts = (base.taxonomy.condition(one) for one in base.taxonomy.top_level)
    labels = {concept.id: concept.short_label or concept.label for concept in concepts}
    return coverage_timeline(growth(base, conditions), labels, look)


def horizontal_bars(
    rows: pd.DataFrame,
    *,
    notes: tuple[str, ...] = (),
    look: Look = USUAL,
) -> go.Figure:
    """Draw one bar a row, in the order given, the first on top.

    Parameters
    ----------
    rows
        Columns label, value (missing where it is not known: no bar, never one of length 0) and
        unknown (True for the row of what nobody reports). Optional: ``end``, the text at the bar's
        end, else the value; ``pale``, the part of the value that rests on less and is drawn paler;
        ``hover``; ``condition``, a top-level condition whose colour the bar has.
    notes
        Lines under the bars, such as what pale means; broken to fit.
    condition
        Top-level condition whose colour all bars have; else the accent colour.
    look
        Colours for the dark theme; labels above the bars for narrow screens.

    Returns
    -------
    go.Figure
        The trace named ``bars`` holds what is known, ``pale`` what rests on less, ``unknown`` the
        hatched bars, ``values`` the numbers at their ends.
    """
    bars = [_bar(record, look) for record in tables.records(rows)]
    if not any(bar.value > 0 for bar in bars):
        return message_figure(NOTHING, look)
    room = COMPACT_ROOM if look.compact else WIDE_ROOM
    lines = [part for note in notes for part in lettering.line_breaks(note, room)]
    drawing = Drawing(look, _frame(bars, len(lines), look))
    placed = _placed(bars, look)
    _labels(drawing, placed)
    _draw(drawing, placed)
    _values(drawing, placed)
    for number, line in enumerate(lines):
        drawing.write(
            lettering.escape(line), NOTE_SIZE, look.colours.muted, x=0, y=0, xanchor="left",
            yanchor="top", xshift=-drawing.layout["margin"]["l"] + 4,
            yshift=-8 - number * NOTE_LINE, name="note",
        )  # fmt: skip
    return drawing.figure()


def _bar(record: dict[str, Any], look: Look) -> _Bar:
    label = tables.text(record["label"])
    value = math.nan if tables.is_missing(record["value"]) else float(record["value"])
    pale, own = record.get("pale"), record.get("condition")
    end = str(record.get("end") or tables.count(record["value"]))
    room = COMPACT_ROOM if look.compact else LABEL_ROOM
    lines = tuple(lettering.line_breaks(label, room, LABEL_SIZE))
    least = COMPACT_ROW_HEIGHT if look.compact else ROW_HEIGHT
    return _Bar(
        lines=lines,
        height=least + (len(lines) - 1) * LABEL_LINE,
        value=value,
        pale=0.0 if tables.is_missing(pale) else float(pale or 0),
        end=end,
        hover=str(record.get("hover") or f"{label}: {end}"),
        unknown=bool(record["unknown"]),
        colour=condition_colour(str(own), look.dark) if own else look.colour,
    )


def _placed(bars: list[_Bar], look: Look) -> list[tuple[_Bar, float]]:
    """Each bar with the pixels from the top of the plot to its middle."""
    placed, top = [], 0.0
    for bar in bars:
        # beside its label a bar stands in the middle, below it at the foot of the row
        middle = bar.height - COMPACT_BAR / 2 - 7 if look.compact else bar.height / 2
        placed.append((bar, top + middle))
        top += bar.height
    return placed


def _frame(bars: list[_Bar], notes: int, look: Look) -> dict[str, Any]:
    height = sum(bar.height for bar in bars)
    labels = lettering.widest((line for bar in bars for line in bar.lines), LABEL_SIZE)
    left = 4 if look.compact else labels + GAP + 4
    right = lettering.widest((bar.end for bar in bars), VALUE_SIZE, bold=True) + GAP + 6
    below = notes * NOTE_LINE + 14 if notes else 6
    hidden = {"visible": False, "fixedrange": True}
    return {
        "height": round(height + 6 + below),
        "margin": {"l": round(left), "r": round(right), "t": 6, "b": round(below), "pad": 0},
        "barmode": "stack",
        "xaxis": {**hidden, "range": [0, max(bar.value for bar in bars if bar.value > 0)]},
        # one unit is one pixel
        "yaxis": {**hidden, "range": [height, 0]},
    }


def _labels(drawing: Drawing, placed: list[tuple[_Bar, float]]) -> None:
    colours = drawing.look.colours
    height = drawing.layout["yaxis"]["range"][0]
    for bar, middle in placed:
        text = "<br>".join(lettering.escape(line) for line in bar.lines)
        place: dict[str, Any] = {"x": 0, "xanchor": "right", "xshift": -GAP, "yanchor": "middle"}
        up = 0.0
        if drawing.look.compact:
            place = {"x": 0, "xanchor": "left", "align": "left", "yanchor": "bottom"}
            up = COMPACT_BAR / 2 + 2
        drawing.write(
            f"<i>{text}</i>" if bar.unknown else text, LABEL_SIZE,
            colours.muted if bar.unknown else colours.ink, y=1 - (middle - up) / height,
            align=place.pop("align", "right"), name="label", **place,
        )  # fmt: skip


def _draw(drawing: Drawing, placed: list[tuple[_Bar, float]]) -> None:
    """Draw solid, pale and hatched bars, and a hairline where they begin."""
    colours = drawing.look.colours
    counted = [(bar, y) for bar, y in placed if not math.isnan(bar.value)]
    known = [(bar, y) for bar, y in counted if not bar.unknown]
    ink = [bar.colour for bar, _ in known]
    solid = [bar.value - bar.pale for bar, _ in known]
    _bars(drawing, known, solid, "bars", {"color": ink})
    if any(bar.pale for bar, _ in known):
        pale = [bar.pale for bar, _ in known]
        _bars(drawing, known, pale, "pale", {"color": ink, "opacity": PALE})
    hatched = [(bar, y) for bar, y in counted if bar.unknown]
    pattern = {"shape": "/", "fgcolor": colours.rule, "bgcolor": colours.grid, "size": 6,
               "fillmode": "replace", "solidity": 0.22}  # fmt: skip
    values = [bar.value for bar, _ in hatched]
    _bars(drawing, hatched, values, "unknown", {"pattern": pattern})
    drawing.shape(
        type="line", xref="x", yref="paper", x0=0, x1=0, y0=0, y1=1, layer="below",
        line={"color": colours.rule, "width": 1},
    )  # fmt: skip


def _bars(
    drawing: Drawing,
    rows: list[tuple[_Bar, float]],
    values: list[float],
    name: str,
    marker: dict[str, Any],
) -> None:
    drawing.traces.append(
        {
            "type": "bar",
            "orientation": "h",
            "x": values,
            "y": [y for _, y in rows],
            "width": COMPACT_BAR if drawing.look.compact else BAR,
            "marker": {"line": {"width": 0}, **marker},
            "hovertext": [lettering.escape(bar.hover) for bar, _ in rows],
            "hoverinfo": "text",
            "name": name,
        }
    )


def _values(drawing: Drawing, placed: list[tuple[_Bar, float]]) -> None:
    """Write the numbers at the ends of the bars."""
    colours = drawing.look.colours
    drawing.scatter(
        x=[0 if math.isnan(bar.value) else bar.value for bar, _ in placed],
        y=[y for _, y in placed],
        mode="text",
        text=[f" {lettering.escape(bar.end)}" for bar, _ in placed],
        textposition="middle right",
        textfont={
            "size": VALUE_SIZE,
            "color": [colours.muted if bar.unknown else colours.ink for bar, _ in placed],
        },
        hoverinfo="skip",
        name="values",
    )
