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
from ipt_evidence.figures.columns import TEXT_SIZE, Layout, TextColumn, lay_out
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.intervals import number
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.marks import Interval, add_diamond, add_intervals
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, palette
from ipt_evidence.wording import tables

__all__ = ["claim_findings", "figure"]

ROW_HEIGHT, COMPACT_ROW_HEIGHT = 30.0, 78.0
SOURCE_ROOM, ABOUT_ROOM, COMPACT_ROOM, COMPACT_RISE = 215.0, 290.0, 200.0, 0.29
COMPACT_LINE = 330.0  # a line of its own on a phone
DIAMOND = 8.0  # half height in pixels
KEY = "Square: cited by the article. Circle: better evidence. Diamond: this evidence base."


@cached
def figure(base: EvidenceBase, claim: Claim, look: Look) -> go.Figure:
    """The findings behind ``claim``."""
    return claim_findings(findings(base, claim), **look.drawing)


def claim_findings(
    rows: pd.DataFrame, *, condition: str | None = None, dark: bool = False, compact: bool = False
) -> go.Figure:
    """Draw one row a finding, positive where IPT did better.

    Parameters
    ----------
    rows
        In the order to draw: kind (``cited``, ``better``, ``own``), source, about, yi, yi_lower,
        yi_upper, and ``why``, the words for a row that has no number.
    condition
        Top-level condition, for its colour.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        The traces ``cited`` and ``better`` hold the marks of papers; ``customdata`` is the source.
    """
    records: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    drawn = [(y, r) for y, r in enumerate(records) if not math.isnan(number(r, "yi"))]
    if not drawn:
        return message_figure("No effect of IPT to draw for this claim.", dark=dark)
    values = [[number(r, name) for _, r in drawn] for name in ("yi", "yi_lower", "yi_upper")]
    ends = [*values[1], *values[2]]  # few rows: no interval needs to be cut
    scale = effect_scale(*values, summaries=ends, most_ticks=5 if compact else 7)
    layout = _layout(records, scale, dark, compact)
    drawing = lay_out(layout)
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    for y, record in drawn:
        interval = Interval(y, number(record, "yi_lower"), number(record, "yi_upper"))
        if record["kind"] == "own":
            add_diamond(
                drawing, y, number(record, "yi"), interval, scale, colour, _hover(record),
                half_height=DIAMOND / layout.row_height, name="own",
            )  # fmt: skip
        else:
            add_intervals(drawing, [interval], scale, colours.ink, width=1.6)
    _marks(drawing, drawn, "cited", "square", scale, colours.ink, colours.ink)
    _marks(drawing, drawn, "better", "circle", scale, colours.paper, colours.ink)
    return drawing.figure()


def _marks(
    drawing: Drawing,
    drawn: list[tuple[int, dict[str, Any]]],
    kind: str,
    symbol: str,
    scale: EffectScale,
    fill: str,
    line: str,
) -> None:
    shown = [(y, record) for y, record in drawn if record["kind"] == kind]
    if not shown:
        return
    drawing.scatter(
        x=[scale.clip(number(record, "yi")) for _, record in shown],
        y=[y for y, _ in shown],
        mode="markers",
        marker={"symbol": symbol, "size": 10, "color": fill, "line": {"color": line, "width": 2}},
        customdata=[[record["source"]] for _, record in shown],
        hovertext=[_hover(record) for _, record in shown],
        hoverinfo="text",
        name=kind,
    )


def _result(record: dict[str, Any]) -> str:
    if math.isnan(number(record, "yi")):
        return str(record["why"])
    lower, upper = number(record, "yi_lower"), number(record, "yi_upper")
    ends = tables.NOT_REPORTED if math.isnan(lower + upper) else tables.interval(lower, upper)
    return f"{tables.effect(record['yi'])} [{ends}]"


def _cells(texts: list[str], room: float, strong: list[bool]) -> tuple[tuple[str, ...], float]:
    cut = [lettering.shorten(text, room, bold=True) for text in texts]
    cells = tuple(
        f"<b>{lettering.escape(text)}</b>" if bold else lettering.escape(text)
        for text, bold in zip(cut, strong, strict=True)
    )
    return cells, lettering.widest(cut, TEXT_SIZE, bold=True)


def _layout(records: list[dict[str, Any]], scale: EffectScale, dark: bool, compact: bool) -> Layout:
    strong = [record["kind"] == "cited" for record in records]
    kinds = [record["kind"] for record in records]
    rules = tuple(y for y in range(1, len(kinds)) if kinds[y] != kinds[y - 1])
    results = [_result(record) for record in records]
    sources, width = _cells(
        [str(record["source"]) for record in records],
        COMPACT_ROOM if compact else SOURCE_ROOM,
        strong,
    )
    rise = COMPACT_RISE if compact else 0.0
    names = TextColumn("" if compact else "Source", sources, width, rise=rise)
    shown = TextColumn(
        "" if compact else "g [95% CI]",
        tuple(lettering.escape(result) for result in results),
        lettering.widest(results),
        "right",
        rise=rise,
    )
    notes = tuple(lettering.line_breaks(KEY, 335 if compact else 760))
    if compact:  # what was compared stands below the source
        below = [lettering.shorten(str(record["about"]), COMPACT_LINE) for record in records]
        both = tuple(
            f"{name}<br>{lettering.escape(about)}"
            for name, about in zip(sources, below, strict=True)
        )
        names = TextColumn("", both, max(width, lettering.widest(below)), rise=rise)
        beside = tuple(f"{result}<br>\u200b" for result in shown.cells)  # stands on the first line
        shown = replace(shown, cells=beside)
        return Layout(
            rows=len(records), row_height=COMPACT_ROW_HEIGHT, scale=scale, dark=dark, grid=False,
            inside_left=names, inside_right=shown, axis_title="Hedges g with its 95% interval",
            rules=rules, notes=notes,
        )  # fmt: skip
    cut = [lettering.shorten(str(record["about"]), ABOUT_ROOM) for record in records]
    about = TextColumn(
        "What was compared",
        tuple(lettering.escape(text) for text in cut),
        lettering.widest(cut),
        muted=True,
    )
    return Layout(
        rows=len(records), row_height=ROW_HEIGHT, scale=scale, dark=dark,
        left=(names, about), right=(shown,), plot_heading="Effect and 95% CI", rules=rules,
        notes=notes,
    )  # fmt: skip


def _hover(record: dict[str, Any]) -> str:
    shown = tables.estimate_with_interval(record["yi"], record["yi_lower"], record["yi_upper"])
    lines = [record["source"], record["about"], f"g {shown}"]
    first, *rest = (lettering.escape(str(line)) for line in lines)
    return "<br>".join([f"<b>{first}</b>", *rest])
