"""A plot with columns of text beside it, as in a journal's forest plot.

The plot stretches with the page while the columns keep their measured widths: each column is an
axis of its own whose tick labels are the cells, shifted a fixed number of pixels off the plot.
(Annotations would do too, but hundreds of them draw slowly.) Rows lie one unit apart, row 0 on top,
so that one unit is always ``row_height`` pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ipt_evidence.figures import lettering
from ipt_evidence.figures.drawing import Drawing
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.scale import EffectScale

__all__ = [
    "FAVOURS_COMPARISON",
    "FAVOURS_IPT",
    "GAP",
    "HEADING_SIZE",
    "Layout",
    "TextColumn",
    "lay_out",
]

FAVOURS_COMPARISON = "← favours comparison"
FAVOURS_IPT = "favours IPT →"
TEXT_SIZE = 13.0
HEADING_SIZE = 12.0
NOTE_SIZE = 12.0
GAP = 16.0  # pixels between columns
EDGE = 4.0  # pixels kept free at the outer edges
NARROW_EDGE = 18.0  # pixels beside a plot without columns: half a tick label
NOTE_LINE = 17.0  # pixels from one line of notes to the next
TICKS_ROOM = 26.0
DIRECTION_ROOM = 22.0
HEADING_ROOM = 30.0
LEAST_PLOT = 270.0  # pixels in which both directions and seven ticks can be read
MARK_BAND = 0.14  # rows; how far above its middle a row with text inside the plot is left to marks


@dataclass(frozen=True, slots=True)
class TextColumn:
    """One column of text: what stands above it and in each row, "" for nothing.

    Cells may hold Plotly's HTML, so ``width`` (pixels) is measured on their plain text by whoever
    makes the column. ``rise`` moves the cells up by that part of a row.
    """

    heading: str
    cells: tuple[str, ...]
    width: float
    align: Literal["left", "right"] = "left"
    muted: bool = False
    rise: float = 0.0

    @property
    def room(self) -> float:
        """Pixels that the column takes: its widest cell or its heading."""
        return max(self.width, lettering.text_width(self.heading, HEADING_SIZE))


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything about a figure of rows but its marks.

    ``left`` and ``right`` stand outside the plot; ``inside_left`` and ``inside_right`` stand in it,
    for narrow screens. ``rules`` are the rows above which a hairline runs, ``highlights`` those
    with a tinted ground. ``directions`` say whom the left and the right end of the axis favour.
    """

    rows: int
    row_height: float
    scale: EffectScale
    look: Look
    left: tuple[TextColumn, ...] = ()
    right: tuple[TextColumn, ...] = ()
    inside_left: TextColumn | None = None
    inside_right: TextColumn | None = None
    plot_heading: str = ""
    axis_title: str = ""
    notes: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()
    highlights: tuple[int, ...] = ()
    grid: bool = True
    directions: tuple[str, str] = (FAVOURS_COMPARISON, FAVOURS_IPT)

    @property
    def left_margin(self) -> float:
        """Pixels left of the plot."""
        room = sum(column.room + GAP for column in self.left)
        return EDGE + room if self.left else NARROW_EDGE

    @property
    def right_margin(self) -> float:
        """Pixels right of the plot."""
        return EDGE + sum(column.room + GAP for column in self.right) if self.right else NARROW_EDGE

    @property
    def top_margin(self) -> float:
        """Pixels above the plot."""
        headed = self.plot_heading or any(column.heading for column in (*self.left, *self.right))
        return HEADING_ROOM if headed else 6.0

    @property
    def bottom_margin(self) -> float:
        """Pixels below the plot: ticks, directions, axis title and notes."""
        title = DIRECTION_ROOM if self.axis_title else 0.0
        notes = NOTE_LINE * len(self.notes) + 10 if self.notes else 0.0
        return TICKS_ROOM + DIRECTION_ROOM + title + notes + 4

    @property
    def least_width(self) -> float:
        """Pixels from which on no text of the figure lies on another."""
        return self.left_margin + LEAST_PLOT + self.right_margin

    @property
    def height(self) -> float:
        """Pixels of the whole figure."""
        return self.top_margin + self.rows * self.row_height + self.bottom_margin


def lay_out(layout: Layout) -> Drawing:
    """Begin a figure of rows: columns, headings, effect axis, line of no effect and notes."""
    drawing = Drawing(layout.look, _frame(layout))
    colours = layout.look.colours
    if layout.inside_left is not None:
        _no_effect_between_texts(drawing, layout)
    for row in layout.highlights:
        look = {"fillcolor": colours.panel, "line": {"width": 0}, "name": "chosen"}
        _across(drawing, layout, row - 0.5, row + 0.5, look)
    for rule in layout.rules:
        line = {"color": colours.grid, "width": 1}
        _across(drawing, layout, rule - 0.5, rule - 0.5, {"line": line, "name": "rule"})
    _columns(drawing, layout)
    _below(drawing, layout)
    return drawing


def _frame(layout: Layout) -> dict[str, Any]:
    """Set size, margins, the effect axis and the axis of rows."""
    return {
        "height": round(layout.height),
        "meta": {"least_width": round(layout.least_width)},
        "margin": {
            "l": round(layout.left_margin),
            "r": round(layout.right_margin),
            "t": round(layout.top_margin),
            "b": round(layout.bottom_margin),
            "pad": 0,
        },
        "xaxis": {
            "range": [layout.scale.lower, layout.scale.upper],
            "tickvals": list(layout.scale.ticks),
            "ticktext": layout.scale.tick_labels,
            "showgrid": layout.grid,
            "showline": True,
            "zeroline": layout.inside_left is None,
            "zerolinecolor": layout.look.colours.rule,
            "zerolinewidth": 1.4,
            "ticklabeloverflow": "allow",
            "ticks": "outside",
            "ticklen": 4,
            "fixedrange": True,
        },
        "yaxis": {
            "range": [layout.rows - 0.5, -0.5],
            "showticklabels": False,
            "showgrid": False,
            "fixedrange": True,
        },
    }


def _no_effect_between_texts(drawing: Drawing, layout: Layout) -> None:
    """Draw the line of no effect beside the marks only, so that it strikes through no text."""
    ys: list[float | None] = []
    for row in range(layout.rows):
        ys += [row - MARK_BAND, row + 0.5, None]
    drawing.scatter(
        x=[0, 0, None] * layout.rows,
        y=ys,
        mode="lines",
        line={"color": layout.look.colours.rule, "width": 1.4},
        hoverinfo="skip",
        name="no effect",
    )


def _across(drawing: Drawing, layout: Layout, y0: float, y1: float, look: dict[str, Any]) -> None:
    """Draw a band (or, where both ends are one, a line) over plot and columns, under the marks."""
    shape = {
        "type": "line" if y0 == y1 else "rect",
        "xref": "paper",
        "y0": y0,
        "y1": y1,
        "layer": "below",
        **look,
    }
    beside = ((0, EDGE - layout.left_margin, 0), (1, 0, layout.right_margin - EDGE))
    for anchor, start, end in beside:
        drawing.shape(**shape, xsizemode="pixel", xanchor=anchor, x0=start, x1=end)
    drawing.shape(**shape, x0=0, x1=1)


def _columns(drawing: Drawing, layout: Layout) -> None:
    """Place the columns from the plot outwards, and write their headings."""
    placed: list[tuple[TextColumn, int, float]] = []
    start = EDGE - layout.left_margin
    for column in layout.left:
        placed.append((column, 0, start if column.align == "left" else start + column.room))
        start += column.room + GAP
    start = GAP
    for column in layout.right:
        placed.append((column, 1, start if column.align == "left" else start + column.room))
        start += column.room + GAP
    for inside, position in ((layout.inside_left, 0), (layout.inside_right, 1)):
        if inside is not None:
            placed.append((inside, position, 0.0))
    for number, (column, position, shift) in enumerate(placed, start=2):
        drawing.layout[f"yaxis{number}"] = _axis(layout, column, position, shift)
        # Plotly draws an axis only where a trace uses it.
        drawing.scatter(x=[None], y=[None], yaxis=f"y{number}", hoverinfo="skip")
        _heading(drawing, layout, column.heading, position, column.align, shift)
    _heading(drawing, layout, layout.plot_heading, 0.5, "center", 0)


def _axis(layout: Layout, column: TextColumn, position: int, shift: float) -> dict[str, Any]:
    """Make one column's axis; its reading edge lies ``shift`` pixels right of ``position``."""
    colours = layout.look.colours
    shown = [(row - column.rise, cell) for row, cell in enumerate(column.cells) if cell]
    return {
        "overlaying": "y",
        "anchor": "free",
        "position": position,
        "shift": shift,
        # Tick labels of an axis on the right start at it, those of one on the left end at it.
        "side": "right" if column.align == "left" else "left",
        "range": [layout.rows - 0.5, -0.5],
        "tickvals": [row for row, _ in shown],
        "ticktext": [cell for _, cell in shown],
        "tickfont": {"size": TEXT_SIZE, "color": colours.muted if column.muted else colours.ink},
        "ticklabeloverflow": "allow",
        "ticklabelstandoff": 0,
        "ticks": "",
        "ticklen": 0,
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
    }


def _heading(
    drawing: Drawing, layout: Layout, text: str, position: float, align: str, shift: float
) -> None:
    if text:
        drawing.write(
            text, HEADING_SIZE, layout.look.colours.muted, x=position, y=1, xanchor=align,
            yanchor="bottom", xshift=shift, yshift=8, name="heading",
        )  # fmt: skip


def _below(drawing: Drawing, layout: Layout) -> None:
    """Write the two directions, the axis title and the notes under the plot."""
    colours = layout.look.colours
    lines = [
        (layout.directions[0], colours.ink, TICKS_ROOM, {"x": 0, "xanchor": "left"}, "direction"),
        (layout.directions[1], colours.ink, TICKS_ROOM, {"x": 1, "xanchor": "right"}, "direction"),
    ]
    depth = TICKS_ROOM + DIRECTION_ROOM
    if layout.axis_title:
        middle = {"x": 0.5, "xanchor": "center"}
        lines.append((layout.axis_title, colours.muted, depth, middle, "axis title"))
        depth += DIRECTION_ROOM
    edge = {"x": 0, "xanchor": "left", "xshift": EDGE - layout.left_margin}
    for index, note in enumerate(layout.notes):
        lines.append((note, colours.muted, depth + 8 + index * NOTE_LINE, edge, "note"))
    for text, colour, below, place, name in lines:
        drawing.write(
            text, NOTE_SIZE, colour, y=0, yanchor="top", yshift=-below, name=name, **place
        )
