"""The flow of records in the boxes of PRISMA 2020 (Page et al. 2021, doi:10.1136/bmj.n71)."""

from __future__ import annotations

import plotly.graph_objects as go

from ipt_evidence.figures.drawing import message_figure
from ipt_evidence.figures.template import palette, template
from ipt_evidence.living.flow import Flow
from ipt_evidence.wording import tables

__all__ = ["prisma_flow"]

_BOX, _STEP = 0.70, 1.0  # of a row
_LEFT, _RIGHT = (0.0, 0.46), (0.54, 1.0)


def prisma_flow(counts: Flow, *, dark: bool = False, compact: bool = False) -> go.Figure:
    """Draw what was found on the left, what fell away on the right, decisions at the foot."""
    if not counts.runs:
        return message_figure("No search has been finished yet.", dark=dark)
    rows = (
        (_box("Records found", counts.found), None),
        (
            _box("Records that are new", counts.queued),
            _box("Fell away by machine", counts.found - counts.queued)
            + f"<br>{tables.count(counts.repeated + counts.known)} found before or twice"
            f"<br>{tables.count(counts.in_base)} in the base already",
        ),
        (
            _box("Decided by a person", counts.queued - counts.waiting),
            _box("Waiting for a decision", counts.waiting),
        ),
        (
            _box("To be included", counts.included),
            _box("Excluded", counts.excluded) + f"<br>{tables.count(counts.unsure)} unsure",
        ),
    )
    colours = palette(dark)
    figure = go.Figure()
    size = 12 if compact else 14
    for number, (left, right) in enumerate(rows):
        middle = -number * _STEP
        for span, text in ((_LEFT, left), (_RIGHT, right)):
            if text is None:
                continue
            figure.add_shape(
                type="rect", x0=span[0], x1=span[1], y0=middle - _BOX / 2, y1=middle + _BOX / 2,
                line={"color": colours.muted, "width": 1}, fillcolor="rgba(0,0,0,0)",
            )  # fmt: skip
            figure.add_annotation(
                x=sum(span) / 2, y=middle, text=text, showarrow=False,
                font={"size": size, "color": colours.ink},
            )  # fmt: skip
        if right is not None:
            _arrow(figure, _LEFT[1], middle, _RIGHT[0], middle, colours.muted)
        if number:
            x = sum(_LEFT) / 2
            top = middle + _STEP - _BOX / 2
            _arrow(figure, x, top, x, middle + _BOX / 2, colours.muted)
    figure.update_layout(
        template=template(dark),
        height=115 * len(rows),
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        showlegend=False,
    )
    figure.update_xaxes(visible=False, range=[-0.01, 1.01], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-(len(rows) - 1) * _STEP - 0.5, 0.5], fixedrange=True)
    return figure


def _box(text: str, count: int) -> str:
    return f"{text}<br><b>{tables.count(count)}</b>"


def _arrow(figure: go.Figure, x0: float, y0: float, x1: float, y1: float, colour: str) -> None:
    figure.add_annotation(
        x=x1, y=y1, ax=x0, ay=y0, xref="x", yref="y", axref="x", ayref="y", text="",
        showarrow=True, arrowhead=2, arrowwidth=1.5, arrowcolor=colour,
    )  # fmt: skip
