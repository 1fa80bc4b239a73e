"""The contour-enhanced funnel plot, to see whether small trials show other effects.

Shading tells how significant a trial is on its own. Where the missing trials would lie among the
non-significant ones, selective publication may explain the gap; where they would lie among the
significant ones, something else does. Peters et al. (2008) doi:10.1016/j.jclinepi.2007.11.010.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.small_studies.result import small_studies
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures import lettering
from ipt_evidence.figures.axes import begin, effect_axis, number_axis
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import add_marks, symbols
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.wording import tables

__all__ = ["contour_funnel", "figure", "simple_funnel"]

# Two-sided p of a contour and the standard errors from 0 at which it runs (normal quantiles).
CONTOURS = ((0.01, 2.5758293035489004), (0.05, 1.959963984540054), (0.10, 1.6448536269514722))
# .01 to .05, .05 to .10, above .10; in the light and in the dark theme
SHADES = (("#EAE3D6", "#DDD4C4", "#FBF8F3"), ("#20262F", "#2E3642", "#12161D"))
SIDES = CONTOURS[1][1]  # standard errors from the middle to the sides of a funnel of 95%
DOT = 10
NO_TRIALS = "No trial to draw in a funnel."


@cached
def figure(base: EvidenceBase, view: View, look: Look, layers: tuple[str, ...] = ()) -> go.Figure:
    """The funnel of the estimate of ``view`` with ``layers``, choices of `panel.LAYERS`."""
    answer, found = estimate_of(base, view), small_studies(base, view)
    egger = found.egger if "egger" in layers and found.enough else None
    filled = found.filled if "filled" in layers and found.enough else None
    return contour_funnel(
        answer.trials,
        None if answer.shown is None else answer.shown.estimate,
        filled=()
        if filled is None
        else tuple(zip(filled.filled_yi, filled.filled_vi, strict=True)),
        line=None if egger is None else (egger.limit, egger.slope),
        look=look,
    )


def contour_funnel(
    trials: pd.DataFrame,
    centre: float | None,
    *,
    filled: Sequence[tuple[float, float]] = (),
    line: tuple[float, float] | None = None,
    look: Look = USUAL,
) -> go.Figure:
    """Draw a funnel plot with the most precise trials on top and contours of significance.

    Parameters
    ----------
    trials
        One row a trial with study_id, label, yi and vi; positive where IPT did better.
    centre
        The pooled effect; None draws no line.
    filled
        Effect and variance of each trial that trim and fill adds.
    line
        Egger's regression: the effect at standard error 0 and its change for each unit of it.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The trace ``trials`` holds the dots (``customdata`` is ``[study_id]``), ``filled`` those
        that trim and fill adds, ``contour`` traces the shading, ``Egger's line`` the regression.
    """
    if trials.empty:
        return message_figure(NO_TRIALS, look)
    deepest = _deepest(trials)
    ends = [*(effect for effect, _ in filled), CONTOURS[0][1] * deepest, -CONTOURS[0][1] * deepest]
    scale, drawing = _begin(trials, ends, _notes(centre, filled, line), look)
    _contours(drawing, deepest, scale)
    if centre is not None:
        _middle(drawing, centre, deepest)
    if line is not None:
        drawing.scatter(
            x=[line[0], line[0] + line[1] * deepest], y=[0, deepest], mode="lines",
            line={"color": look.colours.ink, "width": 1.6, "dash": "dash"}, cliponaxis=True,
            hoverinfo="skip", name="Egger's line",
        )  # fmt: skip
    if filled:
        add_marks(
            drawing,
            [scale.clip(effect) for effect, _ in filled],
            [math.sqrt(variance) for _, variance in filled],
            hover=[f"Added by trim and fill<br>g {tables.effect(e)}" for e, _ in filled],
            name="filled",
            size=DOT,
            symbol="circle-open",
            color=look.colour,
            line={"width": 1.8},
        )
    _dots(drawing, trials, scale)
    return drawing.figure()


def simple_funnel(
    trials: pd.DataFrame,
    centre: float | None,
    *,
    precise: tuple[bool, ...] = (),
    look: Look = USUAL,
) -> go.Figure:
    """Draw a funnel plot without contours, as a lesson begins with.

    Parameters
    ----------
    trials, look
        As `contour_funnel`.
    centre
        The pooled effect, at which a funnel of 95% stands; None draws no funnel.
    precise
        One entry a trial: filled dots for True, rings for False; all filled when empty.

    Returns
    -------
    go.Figure
        The trace ``trials`` holds the dots (``customdata`` is ``[study_id]``), ``funnel`` the
        sides.
    """
    if trials.empty:
        return message_figure(NO_TRIALS, look)
    deepest = _deepest(trials)
    sides = [] if centre is None else [centre - SIDES * deepest, centre + SIDES * deepest]
    scale, drawing = _begin(trials, sides, [], look)
    if centre is not None:
        drawing.scatter(
            x=[sides[0], centre, sides[1]], y=[deepest, 0, deepest], mode="lines",
            line={"color": look.colours.rule, "width": 1.4, "dash": "dash"}, cliponaxis=True,
            hoverinfo="skip", name="funnel",
        )  # fmt: skip
        _middle(drawing, centre, deepest)
    _dots(drawing, trials, scale, precise)
    return drawing.figure()


def _errors(trials: pd.DataFrame) -> list[float]:
    return [math.sqrt(variance) for variance in trials["vi"].to_numpy(float)]


def _deepest(trials: pd.DataFrame) -> float:
    """The standard error at the foot of the plot."""
    return max(_errors(trials)) * 1.08


def _begin(
    trials: pd.DataFrame, ends: list[float], notes: list[str], look: Look
) -> tuple[EffectScale, Drawing]:
    """Axes on which the trials and ``ends`` can be seen, and ``notes`` under them."""
    yi = trials["yi"].to_numpy(float).tolist()
    scale = effect_scale(yi, yi, yi, summaries=ends, most_ticks=5 if look.compact else 7)
    title = "Standard error (up: more precise)"
    yaxis = number_axis(_deepest(trials), 0.0, title, nticks=5)
    return scale, begin(look, effect_axis(scale, look), yaxis, notes)


def _middle(drawing: Drawing, centre: float, deepest: float) -> None:
    drawing.shape(
        type="line", x0=centre, x1=centre, y0=0, y1=deepest,
        line={"color": drawing.look.colour, "width": 1.4, "dash": "dot"}, name="pooled effect",
    )  # fmt: skip


def _notes(
    pooled: float | None,
    filled: Sequence[tuple[float, float]],
    line: tuple[float, float] | None,
) -> list[str]:
    middle = "" if pooled is None else "Dotted line: the pooled effect. "
    notes = [f"{middle}Shaded bands: where a trial's own p lies."]
    if line is not None:
        notes.append("Dashed line: Egger's regression of effect on standard error.")
    if filled:
        notes.append("Rings: mirror images that trim and fill adds; nobody has seen these trials.")
    return notes


def _contours(drawing: Drawing, deepest: float, scale: EffectScale) -> None:
    """Shade the regions of significance around no effect, the widest first."""
    look, quiet = drawing.look, drawing.look.colours.muted
    for (p, errors), shade in zip(CONTOURS, SHADES[look.dark], strict=True):
        drawing.scatter(
            x=[0, errors * deepest, -errors * deepest, 0],
            y=[0, deepest, deepest, 0],
            mode="lines",
            fill="toself",
            fillcolor=shade,
            line={"width": 0.8, "color": quiet if p == 0.05 else shade},
            cliponaxis=True,
            hoverinfo="skip",
            name=f"contour p {p:g}",
        )
    drawing.write(
        "> .10" if look.compact else "p > .10", 11, quiet, x=0.0, xref="x", y=deepest, yref="y",
        yanchor="bottom", yshift=3, name="contour",
    )  # fmt: skip
    for p, errors in CONTOURS[:2]:
        for side in (-1, 1):
            # The label sits at the contour's foot, or where it leaves the axis.
            edge = scale.upper if side > 0 else -scale.lower
            depth = min(deepest, edge / errors)
            drawing.write(
                f"{p:g}".removeprefix("0"), 11, quiet, x=side * errors * depth, xref="x", y=depth,
                yref="y", yanchor="bottom", xanchor="left" if side > 0 else "right",
                xshift=4 * side if depth == deepest else -24 * side, yshift=3, name="contour",
            )  # fmt: skip


def _dots(
    drawing: Drawing, trials: pd.DataFrame, scale: EffectScale, filled: tuple[bool, ...] = ()
) -> None:
    """One dot a trial, a ring where ``filled`` says so; beyond the axis a triangle."""
    yi, error = trials["yi"].to_numpy(float), _errors(trials)
    full = filled or (True,) * len(trials)
    shapes = zip(symbols(yi, scale), full, strict=True)
    add_marks(
        drawing,
        [scale.clip(effect) for effect in yi],
        error,
        ids=trials["study_id"],
        hover=[
            lettering.hover(
                label, f"g {tables.effect(effect)}, standard error {tables.effect(spread)}"
            )
            for label, effect, spread in zip(trials["label"], yi, error, strict=True)
        ],
        name="trials",
        size=DOT,
        symbol=[shape if one else f"{shape}-open" for shape, one in shapes],
        color=drawing.look.colour,
        line={"width": [1 if one else 2 for one in full], "color": drawing.look.colours.paper},
    )
