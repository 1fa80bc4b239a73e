"""The network drawn: treatments on a circle, joined where trials compared them."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from ipt_evidence.analyses.network.result import IPT, therapy_network
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View
from ipt_evidence.figures import lettering
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.meta_analysis.network import Network
from ipt_evidence.wording.phrases import counted

__all__ = ["figure", "network_figure"]

HEIGHT, COMPACT_HEIGHT = 560, 470
WIDEST, THINNEST = 12.0, 1.0  # pixels of a line
LARGEST, COMPACT_LARGEST, SMALLEST = 34.0, 22.0, 8.0  # pixels of a dot
ROOM, COMPACT_ROOM = (1.9, 1.25), (1.75, 1.5)  # of the plot about the circle of radius 1, for names
NAME, COMPACT_NAME = 1.1, 1.16  # radius at which names stand
NAME_WIDTH, COMPACT_NAME_WIDTH = 150.0, 92.0  # pixels of a line of a name
MIDDLE = 0.15  # names nearer to the middle than this stand above or below their dot
COMPACT_WIDTH = 340.0  # pixels of the figure on the narrowest screen, 390 pixels wide


@cached
def figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """The network of the condition of ``view``."""
    found = therapy_network(base, view).network
    if found is None:
        return message_figure("No network to draw.", look)
    return network_figure(found, highlighted=IPT, look=look)


def network_figure(
    network: Network,
    *,
    highlighted: str = "",
    look: Look = USUAL,
) -> go.Figure:
    """Draw a network; widths of lines and areas of dots follow numbers of trials.

    Parameters
    ----------
    network
        A fitted network.
    highlighted
        The treatment in the colour of the condition.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        A trace ``comparison`` for each pair that trials compare, and ``treatments`` for the dots.
    """
    colours, colour = look.colours, look.colour
    place = _circle(network)
    across, down = COMPACT_ROOM if look.compact else ROOM
    if look.compact:
        across = max(across, _room_for_names(place))
    axis = {"visible": False, "fixedrange": True}
    drawing = Drawing(look, {
        "height": COMPACT_HEIGHT if look.compact else HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 8}, "showlegend": False,
        "xaxis": {**axis, "range": [-across, across]}, "yaxis": {**axis, "range": [-down, down]},
    })  # fmt: skip
    most, widest = max(k for *_, k in network.lines), WIDEST * (0.6 if look.compact else 1.0)
    for a, b, k in sorted(network.lines, key=lambda line: line[2]):
        ours = highlighted in (a, b)
        drawing.scatter(
            x=[place[a][0], place[b][0]], y=[place[a][1], place[b][1]], mode="lines",
            line={
                "width": max(THINNEST, widest * math.sqrt(k / most)),
                "color": colour if ours else colours.rule,
            },
            opacity=0.75 if ours else 0.9, name="comparison", hoverinfo="text",
            text=f"{lettering.escape(a)} v {lettering.escape(b)}: {counted(k)}",
        )  # fmt: skip
    largest = COMPACT_LARGEST if look.compact else LARGEST
    _dots(drawing, network, place, largest, highlighted)
    for name, (x, y) in place.items():
        _name(drawing, name, x, y)
    return drawing.figure()


def _circle(network: Network) -> dict[str, tuple[float, float]]:
    """Treatments in their order, clockwise from the top."""
    step = 2.0 * math.pi / network.n
    return {
        name: (math.sin(i * step), math.cos(i * step)) for i, name in enumerate(network.treatments)
    }


def _room_for_names(place: dict[str, tuple[float, float]]) -> float:
    """Half of the width of a narrow plot, in radii, that holds every name beside the circle."""
    needed = 0.0
    for name, (x, _) in place.items():
        # A name of w pixels at x needs (half - |x|) / (2 half) of the width to be w at least.
        share = 2.0 * lettering.widest(_lines(name, compact=True), 12.0) / COMPACT_WIDTH
        if abs(x) >= MIDDLE and share < 1.0:
            needed = max(needed, COMPACT_NAME * abs(x) / (1.0 - share))
    return needed


def _lines(name: str, *, compact: bool) -> list[str]:
    return lettering.line_breaks(name, COMPACT_NAME_WIDTH if compact else NAME_WIDTH, 12.0)


def _dots(
    drawing: Drawing,
    network: Network,
    place: dict[str, tuple[float, float]],
    largest: float,
    highlighted: str,
) -> None:
    most, look = max(network.trials), drawing.look
    drawing.scatter(
        x=[place[name][0] for name in network.treatments],
        y=[place[name][1] for name in network.treatments],
        mode="markers", name="treatments", hoverinfo="text",
        text=[
            lettering.hover(name, counted(k))
            for name, k in zip(network.treatments, network.trials, strict=True)
        ],
        marker={
            "size": [max(SMALLEST, largest * math.sqrt(k / most)) for k in network.trials],
            "color": [
                look.colour if name == highlighted else look.colours.ink
                for name in network.treatments
            ],
            "opacity": 1,
        },
    )  # fmt: skip


def _name(drawing: Drawing, name: str, x: float, y: float) -> None:
    """The name of a treatment, outside of its dot."""
    compact = drawing.look.compact
    lines = _lines(name, compact=compact)
    out = COMPACT_NAME if compact else NAME
    drawing.write(
        "<br>".join(lettering.escape(line) for line in lines), 12, drawing.look.colours.ink,
        x=out * x, y=out * y, xref="x", yref="y",
        xanchor="center" if abs(x) < MIDDLE else "left" if x > 0 else "right",
        yanchor="bottom" if y > 0.9 else "top" if y < -0.9 else "middle",
        align="left" if x > MIDDLE else "right" if x < -MIDDLE else "center", name="treatment",
    )  # fmt: skip
