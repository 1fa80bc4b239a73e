"""An ordinary pair of axes for figures that are no list of rows, with notes under them."""

from __future__ import annotations

from typing import Any

from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import FAVOURS_COMPARISON, FAVOURS_IPT
from ipt_evidence.figures.drawing import Drawing
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.scale import EffectScale

__all__ = ["begin", "effect_axis", "number_axis", "upward_effect_axis"]

HEIGHT, COMPACT_HEIGHT = 460, 400  # pixels, without notes
NOTE_SIZE, NOTE_LINE = 12.0, 17.0
DIRECTION_DEPTH, TITLE_DEPTH, NOTES_DEPTH = 24.0, 52.0, 74.0  # pixels under the axis
WIDE, NARROW = 760.0, 300.0  # pixels for a line of notes


def effect_axis(scale: EffectScale, look: Look) -> dict[str, Any]:
    """The axis of effects, with the line of no effect."""
    return {
        "range": [scale.lower, scale.upper],
        "tickvals": list(scale.ticks),
        "ticktext": scale.tick_labels,
        "title": {"text": "Hedges g", "standoff": 26},
        "showline": True,
        "zeroline": True,
        "zerolinecolor": look.colours.rule,
        "zerolinewidth": 1.4,
        "ticks": "outside",
        "ticklen": 4,
        "fixedrange": True,
    }


def upward_effect_axis(scale: EffectScale, look: Look) -> dict[str, Any]:
    """The axis of effects that runs upwards."""
    return {
        **number_axis(scale.lower, scale.upper, "Hedges g (up: favours IPT)", zeroline=True),
        "tickvals": list(scale.ticks),
        "ticktext": scale.tick_labels,
        "zerolinecolor": look.colours.rule,
        "zerolinewidth": 1.4,
    }


def number_axis(lower: float, upper: float, title: str, **more: Any) -> dict[str, Any]:
    """An axis of other numbers."""
    return {
        "range": [lower, upper],
        "title": {"text": title, "standoff": 10},
        "ticks": "outside",
        "ticklen": 4,
        "nticks": 7,
        "fixedrange": True,
        **more,
    }


def begin(
    look: Look,
    xaxis: dict[str, Any],
    yaxis: dict[str, Any],
    notes: list[str],
    *,
    directions: bool = True,
) -> Drawing:
    """A drawing with axes and, under the plot, ``notes`` (plain text).

    ``directions`` also writes the two directions of an effect axis that runs from left to right.
    """
    depth = NOTES_DEPTH if directions else TITLE_DEPTH
    room = NARROW if look.compact else WIDE
    lines = [line for note in notes for line in lettering.line_breaks(note, room)]
    below = NOTE_LINE * len(lines) + 6 if lines else 0
    tall = (COMPACT_HEIGHT if look.compact else HEIGHT) - (NOTES_DEPTH - depth)
    margin = {"l": 58, "r": 20, "t": 14, "b": round(depth + below), "pad": 0}
    layout = {"height": round(tall + below), "margin": margin, "xaxis": xaxis, "yaxis": yaxis}
    drawing = Drawing(look, layout)
    if directions:
        for text, x, anchor in ((FAVOURS_COMPARISON, 0, "left"), (FAVOURS_IPT, 1, "right")):
            drawing.write(
                text, NOTE_SIZE, look.colours.ink, x=x, xanchor=anchor, y=0, yanchor="top",
                yshift=-DIRECTION_DEPTH, name="direction",
            )  # fmt: skip
    for number, line in enumerate(lines):
        drawing.write(
            lettering.escape(line), NOTE_SIZE, look.colours.muted, x=0, xanchor="left", y=0,
            yanchor="top", yshift=-(depth + number * NOTE_LINE), xshift=-50, name="note",
        )  # fmt: skip
    return drawing
