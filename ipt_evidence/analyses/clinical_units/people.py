"""A hundred people, one dot each: how many do well without and with the treatment."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from ipt_evidence.figures.drawing import Drawing
from ipt_evidence.figures.template import condition_colour, palette, template, tint
from ipt_evidence.meta_analysis.clinical_units import Carried
from ipt_evidence.wording import tables

__all__ = ["hundred_people"]

ACROSS, HIGH = 10, 10  # dots in a block
GAP = 3.0  # dots between the two blocks
KEY_ROOM = 11.5  # dots right of the blocks, for the key
HEIGHT, COMPACT_HEIGHT = 330, 390
MEANINGS = {
    "do well anyway": "do well in either group",
    "do well because of it": "do well because of it",
    "may do well because of it": "perhaps, within the interval",
    "worse because of it": "do well only without it",
    "do not do well": "do not do well",
}
DOT, COMPACT_DOT = 17.0, 10.0


def hundred_people(
    without: float,
    more: Carried,
    *,
    labels: tuple[str, str] = ("With the comparison", "With IPT"),
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw a hundred people with the comparison and a hundred with the treatment.

    Parameters
    ----------
    without
        How many of 100 do well with the comparison.
    more
        How many more of 100 do well with the treatment, with its interval; negative: fewer.
    labels
        What stands above the two blocks.
    condition
        Top-level condition, for its colour.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        Traces ``do well anyway``, ``do well because of it``, ``may do well because of it`` (between
        the estimate's number and the upper end of its interval are rings, as are those between its
        lower end and the estimate), ``worse because of it`` and ``do not do well``.
    """
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    size = COMPACT_DOT if compact else DOT
    drawing = Drawing(_frame(dark, compact))
    kinds = _kinds(without, more)
    looks: dict[str, dict[str, Any]] = {
        "do well anyway": {"symbol": "circle", "color": colours.muted},
        "do well because of it": {"symbol": "circle", "color": colour},
        "may do well because of it": {
            "symbol": "circle", "color": tint(colour, 0.3), "line": {"width": 1.6, "color": colour},
        },
        "worse because of it": {
            "symbol": "x", "color": colour,
        },
        "do not do well": {
            "symbol": "circle-open", "color": colours.rule, "line": {"width": 1.2},
        },
    }  # fmt: skip
    blocks = (_plain(without), kinds)
    for kind, look in looks.items():
        xs, ys = [], []
        for block, members in enumerate(blocks):
            for place, own in enumerate(members):
                if own == kind:
                    xs.append(block * (ACROSS + GAP) + place % ACROSS)
                    ys.append(HIGH - 1 - place // ACROSS)
        if xs:
            drawing.scatter(
                x=xs, y=ys, mode="markers", marker={"size": size, "opacity": 1, **look},
                hoverinfo="text", hovertext=kind, name=kind,
            )  # fmt: skip
    _key(drawing, [kind for kind in looks if kind in {*blocks[0], *kinds}], looks, dark, compact)
    for block, label in enumerate(labels):
        drawing.write(
            f"<b>{label}</b>", 13, colours.ink, x=block * (ACROSS + GAP) - 0.5, xref="x", y=1,
            xanchor="left", yanchor="bottom", yshift=24, name="block",
        )  # fmt: skip
    said = (
        f"{tables.effect(without, 0)} of 100 do well",
        f"{tables.effect(without + more.estimate, 0)} of 100 do well",
    )
    for block, text in enumerate(said):
        drawing.write(
            text, 13, colours.muted if block == 0 else colour, x=block * (ACROSS + GAP) - 0.5,
            xref="x", y=1, xanchor="left", yanchor="bottom", yshift=6, name="count",
        )  # fmt: skip
    return drawing.figure()


def _key(
    drawing: Drawing,
    kinds: list[str],
    looks: dict[str, dict[str, Any]],
    dark: bool,
    compact: bool,
) -> None:
    """Explain the dots: right of the blocks, or under them on a narrow screen."""
    for line, kind in enumerate(kinds):
        x = 0.0 if compact else 2 * ACROSS + GAP + 0.6
        y = -1.6 - 1.35 * line if compact else HIGH - 1.0 - 1.2 * line
        drawing.scatter(
            x=[x], y=[y], mode="markers",
            marker={"size": COMPACT_DOT if compact else DOT - 3, "opacity": 1, **looks[kind]},
            hoverinfo="skip", name=f"key: {kind}",
        )  # fmt: skip
        drawing.write(
            MEANINGS[kind], 12, palette(dark).ink, x=x + 0.8, xref="x", y=y, yref="y",
            xanchor="left", yanchor="middle", name="key",
        )  # fmt: skip


def _plain(without: float) -> list[str]:
    well = round(without)
    return ["do well anyway"] * well + ["do not do well"] * (100 - well)


def _kinds(without: float, more: Carried) -> list[str]:
    """The hundred people with the treatment, those who do well first."""
    base = round(without)
    estimate, lower, upper = (
        min(max(round(without + value), 0), 100)
        for value in (more.estimate, more.lower, more.upper)
    )
    kinds = []
    for person in range(100):
        if person < min(base, estimate):
            kinds.append("do well anyway")
        elif person < base:  # they would have done well without it
            kinds.append("worse because of it")
        elif person < min(lower, estimate):
            kinds.append("do well because of it")
        elif person < max(upper, estimate):
            kinds.append("may do well because of it")
        else:
            kinds.append("do not do well")
    return kinds


def _frame(dark: bool, compact: bool) -> dict[str, object]:
    axis = {"visible": False, "fixedrange": True}
    return {
        "template": template(dark),
        "height": COMPACT_HEIGHT if compact else HEIGHT,
        "margin": {"l": 4, "r": 4, "t": 52, "b": 8, "pad": 0},
        "xaxis": {**axis, "range": [-0.7, 2 * ACROSS + GAP - 0.3 + (0 if compact else KEY_ROOM)]},
        "yaxis": {**axis, "range": [-8.6 if compact else -0.7, HIGH - 0.3]},
    }
