"""A plot with columns of text beside it, as in a journal's forest plot.

The plot stretches with the page while the columns keep their measured widths: each column is an
axis of its own whose tick labels are the cells, shifted a fixed number of pixels off the plot.
(Annotations would do too, but hundreds of them draw slowly.) Rows lie one unit apart, row 0 on top,
so that one unit is always ``row_height`` pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

from ipt_evidence.presentation.charts import lettering
from ipt_evidence.presentation.charts.scale import EffectScale
from ipt_evidence.presentation.charts.template import palette, template

__all__ = ["FAVOURS_COMPARISON", "FAVOURS_IPT", "Layout", "TextColumn", "lay_out", "message_figure"]

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
    with a tinted ground.
    """

    rows: int
    row_height: float
    scale: EffectScale
    dark: bool
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


def lay_out(layout: Layout) -> go.Figure:
    """Draw an empty figure of rows: columns, headings, effect axis, line of no effect and notes."""
    colours = palette(layout.dark)
    figure = go.Figure(
        layout={
            "template": template(layout.dark),
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
                "zerolinecolor": colours.rule,
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
    )
    if layout.inside_left is not None:
        _no_effect_between_texts(figure, layout)
    for rule in layout.rules:
        line = {"color": colours.grid, "width": 1}
        _across(figure, layout, rule - 0.5, rule - 0.5, {"line": line, "name": "rule"})
    for row in layout.highlights:
        look = {"fillcolor": colours.panel, "line": {"width": 0}, "name": "chosen"}
        _across(figure, layout, row - 0.5, row + 0.5, look)
    _columns(figure, layout)
    _below(figure, layout)
    return figure


def _no_effect_between_texts(figure: go.Figure, layout: Layout) -> None:
    """Draw the line of no effect beside the marks only, so that it strikes through no text."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row in range(layout.rows):
        xs += [0, 0, None]
        ys += [row - MARK_BAND, row + 0.5, None]
    figure.add_trace(
        go.Scatter(
            x=xs,
            y=ys,
            mode="lines",
            line={"color": palette(layout.dark).rule, "width": 1.4},
            hoverinfo="skip",
            name="no effect",
        )
    )


def _across(figure: go.Figure, layout: Layout, y0: float, y1: float, look: dict[str, Any]) -> None:
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
        figure.add_shape(**shape, xsizemode="pixel", xanchor=anchor, x0=start, x1=end)
    figure.add_shape(**shape, x0=0, x1=1)


def _columns(figure: go.Figure, layout: Layout) -> None:
    """Place the columns from the plot outwards and write their headings."""
    number = 1
    start = EDGE - layout.left_margin
    for column in layout.left:
        number += 1
        edge = start if column.align == "left" else start + column.room
        _column(figure, layout, column, number, 0, edge)
        start += column.room + GAP
    start = GAP
    for column in layout.right:
        number += 1
        edge = start if column.align == "left" else start + column.room
        _column(figure, layout, column, number, 1, edge)
        start += column.room + GAP
    for inside, position in ((layout.inside_left, 0), (layout.inside_right, 1)):
        if inside is not None:
            number += 1
            _column(figure, layout, inside, number, position, 0)
    if layout.plot_heading:
        _heading(figure, layout, layout.plot_heading, 0.5, "center", 0)


def _column(
    figure: go.Figure, layout: Layout, column: TextColumn, number: int, position: int, shift: float
) -> None:
    """Draw one column whose reading edge lies ``shift`` pixels right of the plot's ``position``."""
    colours = palette(layout.dark)
    shown = [(row - column.rise, cell) for row, cell in enumerate(column.cells) if cell]
    axis: dict[str, Any] = {
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
    figure.update_layout({f"yaxis{number}": axis})
    # Plotly draws an axis only where a trace uses it.
    figure.add_trace(
        go.Scatter(x=[None], y=[None], yaxis=f"y{number}", hoverinfo="skip", showlegend=False)
    )
    if column.heading:
        _heading(figure, layout, column.heading, position, column.align, shift)


def _heading(
    figure: go.Figure, layout: Layout, text: str, position: float, align: str, shift: float
) -> None:
    figure.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=position,
        y=1,
        xanchor=align,
        yanchor="bottom",
        xshift=shift,
        yshift=8,
        showarrow=False,
        borderpad=0,
        borderwidth=0,
        font={"size": HEADING_SIZE, "color": palette(layout.dark).muted},
        name="heading",
    )


def _below(figure: go.Figure, layout: Layout) -> None:
    """Write the two directions, the axis title and the notes under the plot."""
    colours = palette(layout.dark)
    line = TICKS_ROOM
    for text, position, anchor in ((FAVOURS_COMPARISON, 0, "left"), (FAVOURS_IPT, 1, "right")):
        _under(figure, text, position, anchor, line, colours.ink, "direction")
    line += DIRECTION_ROOM
    if layout.axis_title:
        _under(figure, layout.axis_title, 0.5, "center", line, colours.muted, "axis title")
        line += DIRECTION_ROOM
    for index, note in enumerate(layout.notes):
        _under(
            figure, note, 0, "left", line + 8 + index * NOTE_LINE, colours.muted, "note",
            EDGE - layout.left_margin,
        )  # fmt: skip


def _under(
    figure: go.Figure,
    text: str,
    position: float,
    anchor: str,
    depth: float,
    colour: str,
    name: str,
    shift: float = 0.0,
) -> None:
    figure.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=position,
        y=0,
        xanchor=anchor,
        yanchor="top",
        xshift=shift,
        yshift=-depth,
        showarrow=False,
        borderpad=0,
        borderwidth=0,
        align="left",
        font={"size": NOTE_SIZE, "color": colour},
        name=name,
    )


def message_figure(text: str, *, dark: bool = False, height: int = 140) -> go.Figure:
    """Draw a figure that has nothing to show and says so, in lines short enough for a phone."""
    lines = lettering.line_breaks(text, 300, 14)
    figure = go.Figure(
        layout={
            "template": template(dark),
            "height": height,
            "xaxis": {"visible": False, "fixedrange": True},
            "yaxis": {"visible": False, "fixedrange": True},
        }
    )
    figure.add_annotation(
        text="<br>".join(lettering.escape(line) for line in lines),
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
        showarrow=False,
        font={"size": 14, "color": palette(dark).muted},
        name="message",
    )
    return figure


def plain_column(
    heading: str, cells: Sequence[str], align: Literal["left", "right"] = "left", **more: Any
) -> TextColumn:
    """Make a column of plain text, measured and made safe."""
    return TextColumn(
        heading,
        tuple(lettering.escape(cell) for cell in cells),
        lettering.widest(cells, TEXT_SIZE),
        align,
        **more,
    )
