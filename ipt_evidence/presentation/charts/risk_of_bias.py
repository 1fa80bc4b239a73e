"""Risk of bias as lettered discs beside a figure, and the key to them."""

from __future__ import annotations

from collections.abc import Sequence

from ipt_evidence.presentation.charts.drawing import Drawing
from ipt_evidence.presentation.charts.template import ROB_MARKS, palette, readable_on

__all__ = ["ROB_COLUMN_WIDTH", "add_rob_discs", "rob_key"]

ROB_COLUMN_WIDTH = 26.0  # pixels
RADIUS = 8  # pixels


def rob_key() -> str:
    """Explain the letters in one line."""
    words = ", ".join(f"{mark.letter} {mark.word}" for mark in ROB_MARKS.values())
    return f"Bias (risk of bias): {words}."


def add_rob_discs(
    drawing: Drawing, marks: Sequence[tuple[float, str]], offset: float, dark: bool
) -> None:
    """Draw one disc a row, its centre ``offset`` pixels right of the plot.

    Parameters
    ----------
    marks
        Row and level of risk of bias; an unknown level counts as `unclear`.
    """
    paper = palette(dark).paper
    for row, level in marks:
        mark = ROB_MARKS.get(level, ROB_MARKS["unclear"])
        colour = mark.colour(dark)
        ink = readable_on(colour) if mark.filled else colour
        drawing.shape(
            type="circle",
            xref="paper",
            xsizemode="pixel",
            xanchor=1,
            x0=offset - RADIUS,
            x1=offset + RADIUS,
            yref="y",
            ysizemode="pixel",
            yanchor=row,
            y0=-RADIUS,
            y1=RADIUS,
            fillcolor=colour if mark.filled else paper,
            line={"color": colour, "width": 1.2},
            label={
                "text": f"<b>{mark.letter}</b>",
                "font": {"size": 10.5, "color": ink},
                "textposition": "middle center",
                "padding": 0,
            },
            name=f"risk of bias: {mark.word}",
        )
