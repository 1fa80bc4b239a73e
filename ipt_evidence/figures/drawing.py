"""A figure in the making: parts gathered as plain dictionaries, handed to Plotly once.

Adding shapes and annotations one by one makes Plotly check all earlier ones again, which took a
forest plot of thirty trials from 20 to 200 ms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.template import template

__all__ = ["Drawing", "message_figure"]


@dataclass(slots=True)
class Drawing:
    """Layout, traces, shapes and annotations of one figure, in the order of drawing."""

    look: Look
    layout: dict[str, Any]
    traces: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def scatter(self, **trace: Any) -> None:
        """Add a scatter trace; its marks may reach over the edge of the plot."""
        self.traces.append({"type": "scatter", "cliponaxis": False, **trace})

    def shape(self, **shape: Any) -> None:
        """Add a shape."""
        self.shapes.append(shape)

    def write(self, text: str, size: float, colour: str, **place: Any) -> None:
        """Add a text placed on the paper, without arrow and padding."""
        self.annotations.append(
            {
                "text": text,
                "xref": "paper",
                "yref": "paper",
                "showarrow": False,
                "borderpad": 0,
                "borderwidth": 0,
                "font": {"size": size, "color": colour},
                **place,
            }
        )

    def figure(self) -> go.Figure:
        """Make the figure."""
        parts = {"shapes": self.shapes, "annotations": self.annotations}
        layout = {"template": template(self.look.dark), **self.layout, **parts}
        return go.Figure({"data": self.traces, "layout": layout})


def message_figure(text: str, look: Look = USUAL) -> go.Figure:
    """Draw a figure that has nothing to show and says so, in lines short enough for a phone."""
    hidden = {"visible": False, "fixedrange": True}
    drawing = Drawing(look, {"height": 140, "xaxis": hidden, "yaxis": hidden})
    lines = lettering.line_breaks(text, 300, 14)
    shown = "<br>".join(lettering.escape(line) for line in lines)
    drawing.write(shown, 14, look.colours.muted, x=0.5, y=0.5, name="message")
    return drawing.figure()
