"""Groups of trials in rows, and the bubble plot of a meta-regression on one number."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.differences.panel import AXES, groups_rows, regression_note
from ipt_evidence.analyses.differences.result import MODERATORS, all_groups, explanation
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures import lettering
from ipt_evidence.figures.axes import begin, number_axis, upward_effect_axis
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import add_marks, sizes, symbols
from ipt_evidence.figures.rows import estimate_rows
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import tint
from ipt_evidence.meta_analysis.moderators import Prediction
from ipt_evidence.wording import tables

__all__ = ["bubble_plot", "figure", "groups_figure"]

SMALLEST, LARGEST, LARGEST_COMPACT = 7.0, 30.0, 22.0  # pixels; area ~ weight
NO_TRIALS = "No trial of this estimate tells this number."
PADDING = 0.06  # of the range of x, so that no bubble is cut
GROUPS_KEY = (
    "Band: the estimate with all trials. p: test that the groups under a heading are all alike."
)


@cached
def groups_figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """The pooled effect of each group, one row a group under the heading of its grouping."""
    return estimate_rows(
        groups_rows(all_groups(base, view)),
        estimate_of(base, view).shown,
        empty="All trials are alike in what is known of them.",
        label_heading="Group",
        key=GROUPS_KEY,
        look=look,
    )


@cached
def figure(base: EvidenceBase, view: View, look: Look, moderator: str = MODERATORS[0]) -> go.Figure:
    """The effects against ``moderator``, with the regression through them."""
    found = explanation(estimate_of(base, view), moderator)
    return bubble_plot(
        found.trials,
        AXES[moderator],
        grid=found.grid,
        line=found.line,
        note=regression_note(found),
        look=look,
    )


def bubble_plot(
    trials: pd.DataFrame,
    x_title: str,
    *,
    grid: tuple[float, ...] = (),
    line: tuple[Prediction, ...] = (),
    note: str = "",
    look: Look = USUAL,
) -> go.Figure:
    """Draw each trial as a bubble at its number and its effect, with the regression through them.

    Parameters
    ----------
    trials
        One row a trial with study_id, label, x, yi and weight (percent); positive yi where IPT did
        better.
    x_title
        What x is, with its unit.
    grid, line
        Values of x and the expected effect there, with confidence and prediction interval.
    note
        What the regression says in numbers; stands under the figure.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The trace ``trials`` holds the bubbles (``customdata`` is ``[study_id]``), ``regression``
        the line, ``confidence`` and ``prediction`` the bands.
    """
    if trials.empty:
        return message_figure(NO_TRIALS, look)
    x = trials["x"].to_numpy(float)
    yi = trials["yi"].to_numpy(float).tolist()
    ends = [end for one in line for end in (one.ci_lower, one.ci_upper)]
    scale = effect_scale(yi, yi, yi, summaries=ends, most_ticks=7)
    width = float(x.max() - x.min()) or 2.0
    room = max(PADDING * width, 0.01)
    xaxis = number_axis(float(x.min()) - room, float(x.max()) + room, x_title, showline=True)
    xaxis["tickformat"] = "d" if width >= 6 else ""
    xaxis["separatethousands"] = False
    yaxis = upward_effect_axis(scale, look)
    drawing = begin(look, xaxis, yaxis, [note] if note else [], directions=False)
    if line:
        _bands(drawing, grid, line, scale)
    _bubbles(drawing, trials, scale)
    return drawing.figure()


def _bands(
    drawing: Drawing, grid: tuple[float, ...], line: tuple[Prediction, ...], scale: EffectScale
) -> None:
    colour = drawing.look.colour
    for name, ends, opacity in (
        ("prediction", [(one.pi_lower, one.pi_upper) for one in line], 0.08),
        ("confidence", [(one.ci_lower, one.ci_upper) for one in line], 0.18),
    ):
        if any(lower is None or upper is None for lower, upper in ends):
            continue
        lowers = [scale.clip(float(lower)) for lower, _ in ends]  # type: ignore[arg-type]
        uppers = [scale.clip(float(upper)) for _, upper in ends]  # type: ignore[arg-type]
        drawing.scatter(
            x=[*grid, *reversed(grid)],
            y=[*uppers, *reversed(lowers)],
            mode="lines",
            fill="toself",
            fillcolor=tint(colour, opacity),
            line={"width": 0},
            cliponaxis=True,
            hoverinfo="skip",
            name=name,
        )
    drawing.scatter(
        x=list(grid),
        y=[scale.clip(one.estimate) for one in line],
        mode="lines",
        line={"color": colour, "width": 2.2},
        cliponaxis=True,
        hoverinfo="skip",
        name="regression",
    )


def _bubbles(drawing: Drawing, trials: pd.DataFrame, scale: EffectScale) -> None:
    look = drawing.look
    add_marks(
        drawing,
        trials["x"].tolist(),
        [scale.clip(float(effect)) for effect in trials["yi"]],
        ids=trials["study_id"],
        hover=[
            lettering.hover(
                row.label,
                f"{row.x:g}",
                f"g {tables.effect(row.yi)}, {tables.percent(row.weight, 1)} of the weight",
            )
            for row in trials.itertuples()
        ],
        name="trials",
        size=sizes(
            trials["weight"].tolist(), SMALLEST, LARGEST_COMPACT if look.compact else LARGEST
        ),
        symbol=symbols(trials["yi"], scale, upright=True),
        color=tint(look.colour, 0.72),
        line={"width": 1.2, "color": look.colours.paper},
    )
