"""What stands behind one claim: the cited paper, better evidence, and our own estimate."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.claims.panel import findings
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.claims import Claim
from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import Layout, lay_out
from ipt_evidence.figures.drawing import message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import add_diamond, add_intervals, add_marks
from ipt_evidence.figures.rows import (
    interval_of,
    number,
    result,
    rows_layout,
    scale_of,
    text_column,
)
from ipt_evidence.figures.scale import EffectScale
from ipt_evidence.wording import tables

__all__ = ["claim_findings", "figure"]

EFFECT = ("yi", "yi_lower", "yi_upper")
HEIGHTS, RISE = (30.0, 78.0), 0.29
SOURCE_ROOM, ABOUT_ROOM, COMPACT_ROOM = 215.0, 290.0, 200.0
COMPACT_LINE = 330.0  # a line of its own on a phone
DIAMOND = 8.0  # half height in pixels
KEY = "Square: cited by the article. Circle: better evidence. Diamond: this evidence base."


@cached
def figure(base: EvidenceBase, claim: Claim, look: Look) -> go.Figure:
    """The findings behind ``claim``."""
    return claim_findings(findings(base, claim), look=look)


def claim_findings(rows: pd.DataFrame, look: Look = USUAL) -> go.Figure:
    """Draw one row a finding, positive where IPT did better.

    Parameters
    ----------
    rows
        In the order to draw: kind (``cited``, ``better``, ``own``), source, about, yi, yi_lower,
        yi_upper, and ``why``, the words for a row that has no number.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The traces ``cited`` and ``better`` hold the marks of papers; ``customdata`` is the source.
    """
    records = tables.records(rows)
    drawn = [(y, r) for y, r in enumerate(records) if not math.isnan(number(r, "yi"))]
    if not drawn:
        return message_figure("No effect of IPT to draw for this claim.", look)
    # Few rows: no interval needs to be cut.
    ends = [number(record, end) for _, record in drawn for end in EFFECT[1:]]
    scale = scale_of([record for _, record in drawn], EFFECT, summaries=ends, compact=look.compact)
    layout = _layout(records, scale, look)
    drawing = lay_out(layout)
    for y, record in drawn:
        interval = interval_of(y, record, "yi_lower", "yi_upper")
        if record["kind"] == "own":
            add_diamond(
                drawing, y, number(record, "yi"), interval, scale, look.colour, _hover(record),
                half_height=DIAMOND / layout.row_height, name="own",
            )  # fmt: skip
        else:
            add_intervals(drawing, [interval], scale, look.colours.ink, width=1.6)
    for kind, symbol, fill in (
        ("cited", "square", look.colours.ink),
        ("better", "circle", look.colours.paper),
    ):
        shown = [(y, record) for y, record in drawn if record["kind"] == kind]
        if shown:
            add_marks(
                drawing,
                [scale.clip(number(record, "yi")) for _, record in shown],
                [y for y, _ in shown],
                hover=[_hover(record) for _, record in shown],
                name=kind,
                ids=[record["source"] for _, record in shown],
                symbol=symbol,
                size=10,
                color=fill,
                line={"color": look.colours.ink, "width": 2},
            )
    return drawing.figure()


def _result(record: dict[str, Any]) -> str:
    return str(record["why"]) if math.isnan(number(record, "yi")) else result(record, EFFECT)


def _layout(records: list[dict[str, Any]], scale: EffectScale, look: Look) -> Layout:
    kinds = [record["kind"] for record in records]
    names = text_column(
        "Source",
        [str(record["source"]) for record in records],
        room=COMPACT_ROOM if look.compact else SOURCE_ROOM,
        bold=[kind == "cited" for kind in kinds],
    )
    shown = text_column("g [95% CI]", [_result(record) for record in records], align="right")
    about = text_column(
        "What was compared",
        [str(record["about"]) for record in records],
        room=COMPACT_LINE if look.compact else ABOUT_ROOM,
        muted=True,
    )
    if look.compact:  # what was compared stands below the source
        below = zip(names.cells, about.cells, strict=True)
        both = tuple(f"{name}<br>{text}" for name, text in below)
        names = replace(names, cells=both, width=max(names.width, about.width))
        beside = tuple(f"{cell}<br>\u200b" for cell in shown.cells)  # stands on the first line
        shown = replace(shown, cells=beside)
    return rows_layout(
        look, scale, [names, about], [shown], heights=HEIGHTS, rise=RISE,
        plot_heading="Effect and 95% CI", axis_title="Hedges g with its 95% interval", key=KEY,
        rules=[y for y in range(1, len(kinds)) if kinds[y] != kinds[y - 1]],
    )  # fmt: skip


def _hover(record: dict[str, Any]) -> str:
    shown = tables.estimate_with_interval(record["yi"], record["yi_lower"], record["yi_upper"])
    return lettering.hover(record["source"], str(record["about"]), f"g {shown}")
