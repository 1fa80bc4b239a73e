"""The forest plot and the drapery plot.

A forest plot shows every trial with its interval, that of 95 percent, and under them what they say
together. In a drapery plot all levels stand at once: at the height of p = .05 a curve is as wide as
its 95 percent interval. Rücker & Schwarzer (2021) doi:10.1002/jrsm.1410.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.differences.grouping import Grouped
from ipt_evidence.analyses.differences.panel import group_names, group_note
from ipt_evidence.analyses.forest.panel import grouped_trials
from ipt_evidence.analyses.forest.result import confidence_curves, trials_in_order
from ipt_evidence.analyses.forest.rows import (
    COMPARATOR_ROOM,
    DOMAIN_ROOM,
    EXCLUDED,
    USUAL_COLUMNS,
    ForestRow,
    domain_letters,
    forest_rows,
    label_column,
    left_columns,
    number_column,
    right_columns,
)
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures import lettering
from ipt_evidence.figures.axes import begin, effect_axis, number_axis
from ipt_evidence.figures.columns import GAP, HEADING_SIZE, Layout, lay_out
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import (
    ROB_COLUMN_WIDTH,
    Interval,
    add_diamond,
    add_intervals,
    add_marks,
    add_prediction_bar,
    add_rob_discs,
    rob_key,
)
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import tint
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.meta_analysis.moderators import SubgroupEffect
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import lower_first

__all__ = ["NO_TRIALS", "drapery_figure", "drapery_plot", "drapery_scale", "figure", "forest_plot"]

NO_TRIALS = "No trial with a usable effect to draw."
LABEL_ROOM, SHORT_LABEL = 210.0, 150.0  # pixels
WIDE_COMPARATOR, SHORT_COMPARATOR = 260.0, 130.0
DOMAIN_RADIUS = 7.0
SMALLEST_SQUARE, LARGEST_SQUARE, LARGEST_COMPACT = 5.0, 15.0, 12.0  # pixels; area ~ weight
ROW_HEIGHT, DENSE_ROW_HEIGHT, COMPACT_ROW_HEIGHT = 26.0, 22.0, 50.0
DENSE_FROM = 25  # rows
SUMMARIES = {"pooled": (8.0, "pooled effect"), "subtotal": (6.0, "pooled effect of a group")}
"""Half height in pixels and name of the diamond of each kind of row."""
BAR = 1.6  # half height of the prediction interval in pixels
COMPACT_LABEL, COMPACT_RISE = 155.0, 0.3
COMPACT_DISC = -9.0  # pixels from the plot's left edge, in its margin
COMPACT_WIDTH = 335.0  # pixels for notes; a phone of 360 less its margins
WIDE_WIDTH = 760.0
LEVELS = ((0.05, "95% CI"), (0.20, "80%"), (0.5, "50%"))
DRAPERY_NOTES = [
    "Thin lines: trials. Thick line: all trials together. Shaded: where the true effect of a new "
    "trial may lie. Where a curve meets p = .05 its 95% interval ends."
]


@cached
def figure(
    base: EvidenceBase,
    view: View,
    look: Look,
    order: str = "year",
    group: str = "none",
    columns: tuple[str, ...] = USUAL_COLUMNS,
) -> go.Figure:
    """The forest plot of the estimate of ``view``; options as `panel.options`."""
    answer, groups = estimate_of(base, view), grouped_trials(base, view, group)
    return forest_plot(
        trials_in_order(answer, order, groups),
        answer.shown,
        look,
        group=None if groups is None else "group",
        group_pooled={} if groups is None else _group_pooled(groups),
        group_note="" if groups is None else group_note(groups),
        columns=columns,
    )


def _fitting(columns: Collection[str], *, wide: bool) -> tuple[Collection[str], float, float]:
    """The columns for which there is room, and most pixels for a name and for a comparator.

    What each arm reported holds its people, and is wider than what IPT was compared with.
    """
    if wide:
        return columns, LABEL_ROOM, WIDE_COMPARATOR
    chosen = set(columns)
    if "arms" in chosen:
        chosen -= {"compared", "people"}
    if "domains" not in chosen:
        return chosen, LABEL_ROOM, COMPARATOR_ROOM
    return chosen - {"weight"}, SHORT_LABEL, SHORT_COMPARATOR


def _group_pooled(groups: Grouped) -> Mapping[str, SubgroupEffect]:
    """The pooled effect of each group under its heading."""
    if groups.result is None:
        return {}
    names = group_names(groups)
    return {names[group.group]: group for group in groups.result.groups}


@cached
def drapery_figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """The drapery plot of the estimate of ``view``."""
    answer = estimate_of(base, view)
    scale = drapery_scale(answer.trials, look)
    curves = confidence_curves(answer, scale.lower, scale.upper)
    return drapery_plot(
        answer.trials,
        curves.effects,
        curves.trials,
        curves.pooled,
        curves.predicted,
        look=look,
    )


def forest_plot(
    trials: pd.DataFrame,
    pooled: PooledEffect | None,
    look: Look = USUAL,
    *,
    group: str | None = None,
    group_pooled: Mapping[str, PooledEffect | SubgroupEffect] | None = None,
    selected: str | None = None,
    columns: Collection[str] = USUAL_COLUMNS,
    group_note: str = "",
) -> go.Figure:
    """Draw a forest plot in the manner of a medical journal.

    Parameters
    ----------
    trials
        One row a trial, drawn in the order given, with columns study_id, label, yi, ci_lower,
        ci_upper and, where known, year, n, weight (percent), rob, flags, comparator. Effects are in
        standard deviations and positive where IPT did better. A row without yi keeps its line of
        text and gets no mark. A row whose ``excluded`` is true stands under the others with a
        hollow square: it is not in the pooled effect. ``ipt_data`` and ``comparison_data`` say
        what each arm reported.
    pooled
        The pooled effect; no diamond is drawn when it is None or rests on fewer than two trials.
    look
        The reader's theme and screen. On a narrow one names, people and numbers stand above their
        interval, and risk of bias left of the name.
    group
        Column of ``trials`` by which rows stand under headings, in order of first appearance.
    group_pooled
        Pooled effect of each group, by heading; drawn as a smaller diamond.
    selected
        The study_id whose row is set off.
    columns
        What stands beside the plot, ids of `panel.COLUMNS`: ``compared`` what IPT was compared
        with, ``arms`` what each arm reported, ``people``, ``weight``, and ``domains`` the risk of
        bias by domain, of trials with ``domains`` (name to judgement).
    group_note
        What the groups say together, like a test of their difference; stands under the figure.

    Returns
    -------
    go.Figure
        The trace named ``trials`` holds the squares; each point's ``customdata`` is ``[study_id]``.
        ``layout.meta`` tells from how many pixels on it can be read (``least_width``) and which
        trace a click anywhere on a row chooses from (``rows``).
    """
    if trials.empty or "yi" not in trials.columns:
        return message_figure(NO_TRIALS, look)
    columns, *rooms = _fitting(columns, wide=look.wide)
    drawn = pooled if pooled is not None and pooled.k >= 2 else None
    rows = forest_rows(trials, drawn, group=group, group_pooled=group_pooled or {})
    notes = _notes(rows, drawn, group_note, columns, compact=look.compact)
    layout = _layout(rows, notes, look, columns, *rooms)
    scale, chosen = layout.scale, [row.y for row in rows if selected and row.study_id == selected]
    drawing = lay_out(replace(layout, highlights=tuple(chosen)))
    if drawn is not None and not look.compact:  # it would strike through the texts above the marks
        _reference_line(drawing, drawn.estimate, len(rows), scale)
    lines = [Interval(row.y, row.lower, row.upper) for row in rows if row.kind == "trial"]
    add_intervals(drawing, lines, scale, look.colours.ink)
    _squares(drawing, rows, scale)
    _summaries(drawing, rows, layout)
    _discs(drawing, rows, layout)
    if "domains" in columns and not look.compact:
        _domains(drawing, rows, layout)
    drawing.layout["meta"]["rows"] = "trials"
    return drawing.figure()


def _discs(drawing: Drawing, rows: list[ForestRow], layout: Layout) -> None:
    """Mark risk of bias: in a column on the right, or left of the names on a narrow screen."""
    rated = [row for row in rows if row.rob]
    if layout.look.compact:
        marks = [(row.y - COMPACT_RISE, row.rob) for row in rated]
        add_rob_discs(drawing, marks, COMPACT_DISC, edge=0, radius=6.5)
    else:
        centre = layout.right_margin - 4.0 - ROB_COLUMN_WIDTH / 2
        add_rob_discs(drawing, [(row.y, row.rob) for row in rated], centre)


def _domains(drawing: Drawing, rows: list[ForestRow], layout: Layout) -> None:
    """Mark risk of bias by domain: a disc a domain, under the letter that the key explains."""
    letters = domain_letters(rows)
    discs = any(row.rob for row in rows)
    beside = ROB_COLUMN_WIDTH + GAP if discs else 0.0
    start = layout.right_margin - 4.0 - beside - DOMAIN_ROOM * len(letters)
    for place, (name, letter) in enumerate(letters.items()):
        centre = start + DOMAIN_ROOM * (place + 0.5)
        rated = [(float(row.y), row.domains[name]) for row in rows if name in row.domains]
        add_rob_discs(drawing, rated, centre, radius=DOMAIN_RADIUS)
        drawing.write(
            letter, HEADING_SIZE, layout.look.colours.muted, x=1, y=1, xanchor="center",
            yanchor="bottom", xshift=centre, yshift=8, name="heading",
        )  # fmt: skip


def _scale(rows: list[ForestRow], compact: bool) -> EffectScale:
    trials = [row for row in rows if row.kind == "trial"]
    summaries = [
        end for row in rows if row.kind != "trial" for end in (row.lower, row.estimate, row.upper)
    ]
    return effect_scale(
        [row.estimate for row in trials],
        [row.lower for row in trials],
        [row.upper for row in trials],
        summaries=summaries,
        most_ticks=5 if compact else 7,
    )


def _layout(
    rows: list[ForestRow],
    notes: tuple[str, ...],
    look: Look,
    columns: Collection[str],
    max_label: float,
    max_comparator: float,
) -> Layout:
    rules = tuple(
        row.y
        for row in rows
        if row.kind == "pooled" or (row.kind, row.label) == ("heading", EXCLUDED)
    )
    whole: dict[str, Any] = {"rows": len(rows), "scale": _scale(rows, look.compact), "look": look,
                             "notes": notes, "rules": rules}  # fmt: skip
    if look.compact:
        quiet = look.colours.muted
        names = label_column(rows, COMPACT_LABEL, rise=COMPACT_RISE, people=True, quiet=quiet)
        return Layout(
            **whole,
            row_height=COMPACT_ROW_HEIGHT,
            inside_left=names,
            inside_right=number_column(rows, COMPACT_RISE),
            axis_title="Hedges g with its 95% confidence interval",
            grid=False,
        )
    return Layout(
        **whole,
        row_height=ROW_HEIGHT if len(rows) < DENSE_FROM else DENSE_ROW_HEIGHT,
        left=left_columns(rows, max_label, columns, max_comparator),
        right=right_columns(rows, columns),
        plot_heading="Effect and 95% CI",
    )


def _notes(
    rows: list[ForestRow],
    pooled: PooledEffect | None,
    group_note: str,
    columns: Collection[str],
    *,
    compact: bool,
) -> tuple[str, ...]:
    """Write what stands under the figure: heterogeneity, test, method, and keys to its marks."""
    width = COMPACT_WIDTH if compact else WIDE_WIDTH
    notes = [group_note] if group_note else []
    if pooled is not None:
        spread = tables.heterogeneity_line(pooled)
        notes.append(f"Heterogeneity: {spread}. {tables.test_line(pooled)}")
        notes.append(f"{tables.method_line(pooled)}.")
    if any(row.rob for row in rows):
        notes.append(rob_key("Discs" if compact else "Bias"))
    if "domains" in columns and not compact and (letters := domain_letters(rows)):
        named = ", ".join(f"{letter} {lower_first(name)}" for name, letter in letters.items())
        notes.append(f"Domains of the Cochrane tool: {named}.")
    if any(row.flags for row in rows):
        notes.append("† Read the study's warnings.")
    return tuple(
        lettering.escape(line) for note in notes for line in lettering.line_breaks(note, width)
    )


def _reference_line(drawing: Drawing, estimate: float, rows: int, scale: EffectScale) -> None:
    """Drop a dotted line through the pooled effect, so that trials can be compared with it."""
    if scale.holds(estimate):
        drawing.shape(
            type="line",
            x0=estimate,
            x1=estimate,
            y0=-0.5,
            y1=rows - 0.5,
            layer="below",
            line={"color": drawing.look.colour, "width": 1, "dash": "dot"},
            opacity=0.7,
            name="pooled effect",
        )


def _squares(drawing: Drawing, rows: list[ForestRow], scale: EffectScale) -> None:
    """Draw the trials' squares; an effect beyond the axis is an arrowhead at its edge."""
    largest = LARGEST_COMPACT if drawing.look.compact else LARGEST_SQUARE
    points = [row for row in rows if row.kind == "trial" and math.isfinite(row.estimate)]
    heaviest = max((row.weight_value for row in points), default=0.0)
    symbols, sizes = [], []
    for row in points:
        if scale.holds(row.estimate):
            share = row.weight_value / heaviest if heaviest > 0 and not row.excluded else 0.35
            symbols.append("square-open" if row.excluded else "square")
            sizes.append(max(SMALLEST_SQUARE, largest * math.sqrt(share)))
        else:
            symbols.append("triangle-right" if row.estimate > scale.upper else "triangle-left")
            sizes.append(largest - 3)
    add_marks(
        drawing,
        [scale.clip(row.estimate) for row in points],
        [row.y for row in points],
        ids=(row.study_id for row in points),
        hover=[row.hover for row in points],
        name="trials",
        symbol=symbols,
        size=sizes,
        color=drawing.look.colour,
        line={"width": [1.6 if row.excluded else 0 for row in points]},
    )


def _summaries(drawing: Drawing, rows: list[ForestRow], layout: Layout) -> None:
    scale, look = layout.scale, layout.look
    for row in rows:
        interval = Interval(row.y, row.lower, row.upper)
        if row.kind in SUMMARIES:
            half, name = SUMMARIES[row.kind]
            add_diamond(
                drawing, row.y, row.estimate, interval, scale, look.colour, row.hover,
                half_height=half / layout.row_height, name=name,
            )  # fmt: skip
        elif row.kind == "prediction":
            half_height = BAR / layout.row_height
            add_prediction_bar(
                drawing, interval, scale, look.colours.muted, row.hover, half_height=half_height
            )


def drapery_scale(trials: pd.DataFrame, look: Look = USUAL) -> EffectScale:
    """The effect axis of the plot, between whose ends the curves are wanted."""
    return effect_scale(
        trials["yi"].tolist(),
        trials["ci_lower"].tolist(),
        trials["ci_upper"].tolist(),
        most_ticks=5 if look.compact else 7,
    )


def drapery_plot(
    trials: pd.DataFrame,
    effects: np.ndarray,
    curves: np.ndarray,
    pooled: np.ndarray | None,
    predicted: np.ndarray | None,
    *,
    look: Look = USUAL,
) -> go.Figure:
    """Draw the p-value functions.

    Parameters
    ----------
    trials
        One row a trial: study_id, label, yi, ci_lower, ci_upper and, where known, weight (percent).
    effects
        Possible effects, (N,), from one end of ``drapery_scale`` to the other.
    curves, pooled, predicted
        P value of each effect for each trial, (K, N); for all together and for a new trial, (N,).
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        One trace ``trial`` a trial, ``trials`` their peaks (``customdata`` is ``[study_id]``),
        ``pooled effect`` and ``prediction``.
    """
    if trials.empty:
        return message_figure(NO_TRIALS, look)
    colours, colour = look.colours, look.colour
    scale = drapery_scale(trials, look)
    yaxis = number_axis(
        0.0, 1.04, "p value", tickvals=[0, 0.05, 0.2, 0.5, 1],
        ticktext=["0", ".05", ".20", ".50", "1"],
    )  # fmt: skip
    drawing = begin(look, effect_axis(scale, look), yaxis, DRAPERY_NOTES)
    if predicted is not None:
        drawing.scatter(
            x=effects.tolist(), y=predicted.tolist(), mode="lines", fill="tozeroy",
            fillcolor=tint(colour, 0.14), line={"width": 0}, hoverinfo="skip", name="prediction",
        )  # fmt: skip
    _levels(drawing, colours.rule, colours.muted)
    _curves(drawing, trials, effects, curves, colours.muted)
    if pooled is not None:
        drawing.scatter(
            x=effects.tolist(), y=pooled.tolist(), mode="lines",
            line={"color": colour, "width": 3.4}, hoverinfo="skip", name="pooled effect",
        )  # fmt: skip
    _peaks(drawing, trials, scale, colours.ink)
    return drawing.figure()


def _levels(drawing: Drawing, rule: str, quiet: str) -> None:
    for p, name in LEVELS:
        drawing.shape(
            type="line", xref="paper", x0=0, x1=1, y0=p, y1=p, layer="below",
            line={"color": rule, "width": 1, "dash": "dot"}, name="level",
        )  # fmt: skip
        drawing.write(
            name, 11, quiet, x=1, y=p, yref="y", xanchor="right", yanchor="bottom", name="level"
        )


def _curves(
    drawing: Drawing, trials: pd.DataFrame, effects: np.ndarray, curves: np.ndarray, colour: str
) -> None:
    """Draw one thin line a trial; the heavier the trial, the stronger."""
    weights: Sequence[float] = (
        trials["weight"].fillna(0.0).tolist() if "weight" in trials.columns else [1.0] * len(trials)
    )
    heaviest = max(weights, default=0.0) or 1.0
    for curve, weight in zip(curves, weights, strict=True):
        seen = curve >= 0.001
        drawing.scatter(
            x=effects[seen].tolist(),
            y=curve[seen].tolist(),
            mode="lines",
            line={"color": colour, "width": 1},
            opacity=0.28 + 0.5 * weight / heaviest,
            hoverinfo="skip",
            name="trial",
        )


def _peaks(drawing: Drawing, trials: pd.DataFrame, scale: EffectScale, ink: str) -> None:
    """Mark each curve's peak, where it can be pointed at."""
    shown = trials.loc[[scale.holds(float(effect)) for effect in trials["yi"]]]
    add_marks(
        drawing,
        shown["yi"].tolist(),
        [1.0] * len(shown),
        ids=shown["study_id"],
        hover=[
            lettering.hover(
                row.label, f"g {tables.estimate_with_interval(row.yi, row.ci_lower, row.ci_upper)}"
            )
            for row in shown.itertuples()
        ],
        name="trials",
        symbol="line-ns",
        size=12,
        line={"color": ink, "width": 1.6},
    )
