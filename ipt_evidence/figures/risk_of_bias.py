"""Risk of bias as lettered discs beside a figure, and the key to them."""

from __future__ import annotations

from collections.abc import Sequence

from ipt_evidence.figures.drawing import Drawing
from ipt_evidence.figures.template import ROB_MARKS, palette, readable_on

__all__ = ["ROB_COLUMN_WIDTH", "add_rob_discs", "rob_key"]

ROB_COLUMN_WIDTH = 26.0  # pixels
RADIUS = 8  # pixels


def rob_key(name: str = "Bias") -> str:
    """Explain the letters in one line; ``name`` is what the figure calls them."""
    words = ", ".join(f"{mark.letter} {mark.word}" for mark in ROB_MARKS.values())
    return f"{name} (risk of bias): {words}."


def add_rob_discs(
    drawing: Drawing,
    marks: Sequence[tuple[float, str]],
    offset: float,
    dark: bool,
    *,
    edge: int = 1,
    radius: float = RADIUS,
) -> None:
    """Draw one disc a row, its centre ``offset`` pixels right of an edge of the plot.

    Parameters
    ----------
    marks
        Row and level of risk of bias; an unknown level counts as `unclear`.
    edge
        1 for the right edge of the plot, 0 for the left one.
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
            xanchor=edge,
            x0=offset - radius,
            x1=offset + radius,
            yref="y",
            ysizemode="pixel",
            yanchor=row,
            y0=-radius,
            y1=radius,
            fillcolor=colour if mark.filled else paper,
            line={"color": colour, "width": 1.2},
            label={
                "text": f"<b>{mark.letter}</b>",
                "font": {"size": round(radius * 1.3, 1), "color": ink},
                "textposition": "middle center",
                "padding": 0,
            },
            name=f"risk of bias: {mark.word}",
        )
