"""What meta-analyses have published, beside our own estimate of the same question."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.published.result import comparable, published_effects
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import Layout, lay_out
from ipt_evidence.figures.drawing import message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import add_diamond, add_intervals, add_marks, symbols
from ipt_evidence.figures.rows import (
    interval_of,
    number,
    result,
    rows_layout,
    scale_of,
    text_column,
)
from ipt_evidence.figures.scale import EffectScale
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import tables

__all__ = ["OWN_LABEL", "figure", "published_comparison"]

OWN_LABEL = "This evidence base"
EFFECT = ("yi", "yi_lower", "yi_upper")
HEIGHTS, RISE = (30.0, 50.0), 0.3
LABEL_ROOM, POPULATION_ROOM, COMPACT_LABEL_ROOM = 210.0, 230.0, 155.0
DIAMOND = 8.0  # half height in pixels


@cached
def figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """Published results on the outcome of ``view`` beside its estimate."""
    rows = comparable(base, view.question, published_effects(base, view.question))
    return published_comparison(rows, estimate_of(base, view).shown, look=look)


def published_comparison(
    rows: pd.DataFrame,
    own: PooledEffect | None,
    look: Look = USUAL,
) -> go.Figure:
    """Draw published pooled effects as dots with intervals, and our own as a diamond on top.

    Parameters
    ----------
    rows
        Published effects in the order to draw: label, yi, yi_lower, yi_upper and, where known,
        year, pooled_id, k, n, population, outcome; positive where IPT did better. Rows without a
        standardised yi are left out, for they lie on another scale.
    own
        Our estimate; None when there is none.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The trace named ``published`` holds the dots; ``customdata`` is ``[pooled_id]``.
    """
    records = _records(rows, own)
    if not records:
        return message_figure("No published effect on this scale was found.", look)
    scale = scale_of(records, EFFECT, compact=look.compact)
    layout = _layout(records, scale, look)
    drawing = lay_out(layout)
    published = [(y, record) for y, record in enumerate(records) if not record["own"]]
    lines = [interval_of(y, record, "yi_lower", "yi_upper") for y, record in published]
    add_intervals(drawing, lines, scale, look.colours.ink)
    effects = [number(record, "yi") for _, record in published]
    add_marks(
        drawing,
        [scale.clip(effect) for effect in effects],
        [y for y, _ in published],
        ids=(record.get("pooled_id") for _, record in published),
        hover=[_hover(record) for _, record in published],
        name="published",
        symbol=symbols(effects, scale),
        size=10,
        color=look.colours.paper,
        line={"color": look.colours.ink, "width": 2},
    )
    if records[0]["own"]:
        own_record = records[0]
        interval = interval_of(0, own_record, "yi_lower", "yi_upper")
        add_diamond(
            drawing, 0, number(own_record, "yi"), interval, scale, look.colour, _hover(own_record),
            half_height=DIAMOND / layout.row_height, name="own estimate",
        )  # fmt: skip
    return drawing.figure()


def _records(rows: pd.DataFrame, own: PooledEffect | None) -> list[dict[str, Any]]:
    """Put our own estimate before the published ones that lie on the same scale."""
    records: list[dict[str, Any]] = []
    if own is not None and own.k > 0:
        records.append(
            {"own": True, "label": OWN_LABEL, "yi": own.estimate, "yi_lower": own.ci_lower,
             "yi_upper": own.ci_upper, "k": own.k}
        )  # fmt: skip
    if "yi" in rows.columns:
        usable = tables.records(rows.loc[rows["yi"].notna()])
        records += [{**record, "own": False, "label": _name(record)} for record in usable]
    return records


def _name(record: dict[str, Any]) -> str:
    """Name a meta-analysis by its label, with the year unless it stands there already."""
    label, year = tables.text(record.get("label")), number(record, "year")
    return label if math.isnan(year) or str(int(year)) in label else f"{label} {int(year)}"


def _counted(record: dict[str, Any], name: str) -> str:
    value = number(record, name)
    return "" if math.isnan(value) else tables.count(value)


def _layout(records: list[dict[str, Any]], scale: EffectScale, look: Look) -> Layout:
    own = bool(records[0]["own"])
    room = COMPACT_LABEL_ROOM if look.compact else LABEL_ROOM
    bold = [own, *[False] * (len(records) - 1)]
    names = [tables.text(record.get("label")) for record in records]
    left = [text_column("Meta-analysis", names, room=room, bold=bold)]
    people = [
        "" if tables.is_missing(r.get("population")) else str(r["population"]) for r in records
    ]
    if any(people):
        left.append(text_column("Population", people, room=POPULATION_ROOM, muted=True))
    right = []
    for heading, name in (("Trials", "k"), ("People", "n")):
        cells = [_counted(record, name) for record in records]
        if any(cells):
            right.append(text_column(heading, cells, bold=bold, align="right"))
    results = [result(record, EFFECT) for record in records]
    right.append(text_column("g [95% CI]", results, bold=bold, align="right"))
    return rows_layout(
        look, scale, left, right, heights=HEIGHTS, rise=RISE,
        plot_heading="Effect and 95% CI",
        axis_title="Hedges g with its 95% confidence interval",
        rules=(1,) if own and len(records) > 1 else (),
    )  # fmt: skip


def _hover(record: dict[str, Any]) -> str:
    shown = tables.estimate_with_interval(
        record["yi"], record.get("yi_lower"), record.get("yi_upper")
    )
    trials, people = _counted(record, "k"), _counted(record, "n")
    counts = [f"{trials} trials" if trials else "", f"{people} people" if people else ""]
    about = [record.get(name) for name in ("population", "outcome")]
    return lettering.hover(
        tables.text(record.get("label")),
        ", ".join(part for part in counts if part),
        *("" if tables.is_missing(value) else str(value) for value in about),
        f"g {shown}",
    )
