"""An ordinary pair of axes for figures that are no list of rows, with notes under them."""

from __future__ import annotations

from typing import Any

from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import FAVOURS_COMPARISON, FAVOURS_IPT
from ipt_evidence.figures.drawing import Drawing
from ipt_evidence.figures.scale import EffectScale
from ipt_evidence.figures.template import palette, template

__all__ = ["begin", "effect_axis", "number_axis", "upward_effect_axis", "write_below"]

HEIGHT, COMPACT_HEIGHT = 460, 400  # pixels, without notes
NOTE_SIZE, NOTE_LINE = 12.0, 17.0
DIRECTION_DEPTH, TITLE_DEPTH, NOTES_DEPTH = 24.0, 52.0, 74.0  # pixels under the axis
WIDE, NARROW = 760.0, 300.0  # pixels for a line of notes


def effect_axis(scale: EffectScale, dark: bool, title: str = "Hedges g") -> dict[str, Any]:
    """The axis of effects, with the line of no effect."""
    return {
        "range": [scale.lower, scale.upper],
        "tickvals": list(scale.ticks),
        "ticktext": scale.tick_labels,
        "title": {"text": title, "standoff": 26},
        "showline": True,
        "zeroline": True,
        "zerolinecolor": palette(dark).rule,
        "zerolinewidth": 1.4,
        "ticks": "outside",
        "ticklen": 4,
        "fixedrange": True,
    }


def upward_effect_axis(scale: EffectScale, dark: bool) -> dict[str, Any]:
    """The axis of effects that runs upwards."""
    return {
        **number_axis(scale.lower, scale.upper, "Hedges g (up: favours IPT)", zeroline=True),
        "tickvals": list(scale.ticks),
        "ticktext": scale.tick_labels,
        "zerolinecolor": palette(dark).rule,
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
    xaxis: dict[str, Any],
    yaxis: dict[str, Any],
    notes: list[str],
    *,
    dark: bool,
    compact: bool,
    directions: bool = True,
) -> tuple[Drawing, list[str]]:
    """A drawing with axes and room for ``notes`` (plain text), and their lines.

    ``directions`` keeps room for the two directions of an effect axis.
    """
    depth = NOTES_DEPTH if directions else TITLE_DEPTH
    lines = [line for n in notes for line in lettering.line_breaks(n, NARROW if compact else WIDE)]
    bottom = depth + (NOTE_LINE * len(lines) + 6 if lines else 0)
    tall = (COMPACT_HEIGHT if compact else HEIGHT) - (NOTES_DEPTH - depth)
    layout = {
        "template": template(dark),
        "height": round(tall + (NOTE_LINE * len(lines) + 6 if lines else 0)),
        "margin": {"l": 58, "r": 20, "t": 14, "b": round(bottom), "pad": 0},
        "xaxis": xaxis,
        "yaxis": yaxis,
    }
    return Drawing(layout), lines


def write_below(drawing: Drawing, lines: list[str], *, dark: bool, directions: bool = True) -> None:
    """Write both directions of the effect axis and the notes under the plot."""
    colours = palette(dark)
    depth = NOTES_DEPTH if directions else TITLE_DEPTH
    if directions:
        for text, x, anchor in ((FAVOURS_COMPARISON, 0, "left"), (FAVOURS_IPT, 1, "right")):
            drawing.write(
                text, NOTE_SIZE, colours.ink, x=x, xanchor=anchor, y=0, yanchor="top",
                yshift=-DIRECTION_DEPTH, name="direction",
            )  # fmt: skip
    for number, line in enumerate(lines):
        drawing.write(
            lettering.escape(line), NOTE_SIZE, colours.muted, x=0, xanchor="left", y=0,
            yanchor="top", yshift=-(depth + number * NOTE_LINE), xshift=-50, name="note",
        )  # fmt: skip
