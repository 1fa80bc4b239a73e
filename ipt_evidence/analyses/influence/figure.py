"""Baujat's plot, leave-one-out, and cumulation by year and by trial."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.analyses.influence.panel import influence_frame
from ipt_evidence.analyses.influence.result import all_trials, influence, leave_one_out, over_time
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import TOO_FEW, Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures import lettering
from ipt_evidence.figures.axes import begin, number_axis, upward_effect_axis
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.marks import add_marks, sizes, symbols
from ipt_evidence.figures.rows import estimate_rows
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import tint
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import numbered

__all__ = [
    "baujat_plot",
    "cumulative_figure",
    "cumulative_plot",
    "figure",
    "leave_one_out_figure",
    "over_time_figure",
]

BAUJAT_HEIGHT = 430
NAMED, COMPACT_NAMED = 5, 2  # trials whose name stands at their dot: the ones that matter
SMALLEST_DOT, LARGEST_DOT = 7.0, 26.0
STEP = ("year", "k", "estimate", "ci_lower", "ci_upper")
NO_TRIALS = "No trial with a year to draw."
SMALLEST, LARGEST, LARGEST_COMPACT = 5.0, 18.0, 14.0
OVER_TIME_KEY = (
    "Dots: single trials, larger the more they weigh today. Line and band: all trials up to that "
    "year together, with the 95% interval."
)
LEAVE_ONE_OUT_KEY = "Band: the estimate with all trials. Rings: influential trials."
CUMULATIVE_KEY = "Band: the estimate with all trials."


@cached
def figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """Baujat's plot of the trials of ``view``."""
    answer = estimate_of(base, view)
    return baujat_plot(influence_frame(influence(answer), answer.trials), look=look)


@cached
def leave_one_out_figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """The pooled effect without each trial in turn, one row a trial."""
    answer = estimate_of(base, view)
    rows = leave_one_out(answer)
    return estimate_rows(
        rows.assign(marked=rows["influential"]),
        all_trials(answer),
        empty="Leaving out one trial needs two or more.",
        label_heading="Without",
        plot_heading="Pooled effect of the others",
        key=LEAVE_ONE_OUT_KEY,
        look=look,
    )


@cached
def cumulative_figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """The pooled effect after each further trial, one row a trial."""
    answer = estimate_of(base, view)
    return estimate_rows(
        _steps(answer),
        all_trials(answer),
        empty=NO_TRIALS,
        label_heading="Up to",
        plot_heading="Pooled effect so far",
        key=CUMULATIVE_KEY,
        look=look,
    )


@cached
def over_time_figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """The pooled effect after each year as a line, over the single trials."""
    answer = estimate_of(base, view)
    dated = answer.trials.loc[answer.trials["year"].notna()]
    return cumulative_plot(dated, _steps(answer), look=look)


def _steps(answer: Estimate) -> pd.DataFrame:
    """The estimate so far, but of two trials, of which none is told."""
    steps = over_time(answer).steps
    return steps.loc[steps["k"] != TOO_FEW].reset_index(drop=True)


def baujat_plot(rows: pd.DataFrame, look: Look = USUAL) -> go.Figure:
    """Draw disagreement against influence, a dot a trial.

    Parameters
    ----------
    rows
        study_id, label, baujat_x, baujat_y, cook, influential, one row a trial.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The trace ``trials`` holds the dots; ``customdata`` is ``[study_id]``.
    """
    if len(rows) < 3:
        return message_figure("Influence can be told from three trials on.", look)
    axis = {"rangemode": "tozero", "showline": True, "ticks": "outside", "nticks": 6,
            "fixedrange": True, "zeroline": False}  # fmt: skip
    right, top = float(rows["baujat_x"].max()), float(rows["baujat_y"].max())
    across = {"text": "Disagreement with the other trials", "standoff": 10}
    up = {"text": "Influence on the mean", "standoff": 8}
    drawing = Drawing(
        look,
        {
            "height": BAUJAT_HEIGHT,
            "margin": {"l": 62, "r": 24, "t": 14, "b": 56, "pad": 0},
            "xaxis": axis | {"range": [-0.03 * right, 1.14 * right], "title": across},
            "yaxis": axis | {"range": [-0.05 * top, 1.14 * top], "title": up},
        },
    )
    most = float(rows["cook"].max()) or 1.0
    wide = [
        SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * math.sqrt(cook / most)
        for cook in rows["cook"]
    ]
    add_marks(
        drawing,
        rows["baujat_x"].tolist(),
        rows["baujat_y"].tolist(),
        ids=rows["study_id"],
        hover=[_dot_words(row) for row in tables.records(rows)],
        name="trials",
        size=wide,
        color=look.colour,
        opacity=0.75,
        line={
            "width": [2.5 if one else 0 for one in rows["influential"]],
            "color": look.colours.ink,
        },
    )
    _names(drawing, rows, wide, (right, top))
    return drawing.figure()


def _dot_words(row: dict[str, Any]) -> str:
    return lettering.hover(
        row["label"],
        f"disagreement {tables.effect(row['baujat_x'])}, influence "
        f"{tables.effect(row['baujat_y'])}",
        f"Cook's distance {tables.effect(row['cook'], 3)}",
        "influential by the usual rules" if row["influential"] else "",
    )


def _names(
    drawing: Drawing, rows: pd.DataFrame, wide: list[float], ends: tuple[float, float]
) -> None:
    """Name the trials furthest out, where no name would lie on another."""
    right, top = ends
    named, ink = COMPACT_NAMED if drawing.look.compact else NAMED, drawing.look.colours.ink
    order = (rows["baujat_x"] / (right or 1.0) + rows["baujat_y"] / (top or 1.0)).to_numpy()
    placed: list[tuple[float, float]] = []
    for i in order.argsort()[::-1][:named]:
        x, y = float(rows["baujat_x"].iloc[i]), float(rows["baujat_y"].iloc[i])
        if any(abs(y - b) < 0.06 * top and abs(x - a) < 0.3 * right for a, b in placed):
            continue
        placed.append((x, y))
        left = x > 0.72 * right
        drawing.write(
            lettering.escape(str(rows["label"].iloc[i])), 12, ink, x=x, y=y, xref="x", yref="y",
            xanchor="right" if left else "left", yanchor="middle",
            xshift=(-1 if left else 1) * (wide[i] / 2 + 5), name="trial",
        )  # fmt: skip


def cumulative_plot(
    trials: pd.DataFrame,
    steps: pd.DataFrame,
    *,
    look: Look = USUAL,
) -> go.Figure:
    """Draw the estimate after each year as a line with its interval, over the single trials.

    Parameters
    ----------
    trials
        One row a trial with a year: study_id, label, year, yi, weight (percent).
    steps
        One row a trial in order of publication: year, k, estimate, ci_lower, ci_upper of all trials
        so far. Within a year the last row counts.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        The trace ``estimate`` holds the line, ``interval`` the band, ``trials`` the dots
        (``customdata`` is ``[study_id]``).
    """
    if steps.empty:
        return message_figure(NO_TRIALS, look)
    by_year = steps.drop_duplicates("year", keep="last")
    effects = trials["yi"].tolist()
    later = by_year.loc[by_year["k"] >= 3]
    scale = effect_scale(
        effects, effects, effects, summaries=[*later["ci_lower"], *later["ci_upper"]]
    )
    first, last = int(by_year["year"].min()), int(by_year["year"].max())
    ticks = 5 if look.compact else 10
    xaxis = number_axis(first - 1.5, last + 1.5, "", showline=True, tickformat="d", nticks=ticks)
    yaxis = upward_effect_axis(scale, look)
    drawing = begin(look, xaxis, yaxis, [OVER_TIME_KEY], directions=False)
    years = [*by_year["year"].astype(float), last + 1.0]
    _band(drawing, by_year, years, scale)
    _dots(drawing, trials, scale)
    _line(drawing, by_year, years, scale)
    return drawing.figure()


def _stairs(by_year: pd.DataFrame, column: str, scale: EffectScale) -> list[float]:
    """Values held from one year to the next, so that nothing is drawn between publications."""
    values = [scale.clip(float(value)) for value in by_year[column]]
    return [*values, values[-1]]


def _band(drawing: Drawing, by_year: pd.DataFrame, years: list[float], scale: EffectScale) -> None:
    line = {"width": 0, "shape": "hv"}
    drawing.scatter(
        x=years, y=_stairs(by_year, "ci_lower", scale), mode="lines", line=line,
        hoverinfo="skip", name="lower end",
    )  # fmt: skip
    drawing.scatter(
        x=years, y=_stairs(by_year, "ci_upper", scale), mode="lines", line=line,
        fill="tonexty", fillcolor=tint(drawing.look.colour, 0.16), hoverinfo="skip",
        name="interval",
    )  # fmt: skip


def _line(drawing: Drawing, by_year: pd.DataFrame, years: list[float], scale: EffectScale) -> None:
    colour = drawing.look.colour
    hover = [
        lettering.hover(
            f"Up to {year:.0f}",
            numbered(k, "trial"),
            f"g {tables.estimate_with_interval(estimate, lower, upper)}",
        )
        for year, k, estimate, lower, upper in by_year[list(STEP)].itertuples(index=False)
    ]
    drawing.scatter(
        x=years,
        y=_stairs(by_year, "estimate", scale),
        mode="lines+markers",
        line={"color": colour, "width": 2.4, "shape": "hv"},
        marker={"size": [5] * len(by_year) + [0], "color": colour, "opacity": 1},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertext=[*hover, hover[-1]],
        hoverinfo="text",
        name="estimate",
    )


def _dots(drawing: Drawing, trials: pd.DataFrame, scale: EffectScale) -> None:
    look = drawing.look
    add_marks(
        drawing,
        [float(year) for year in trials["year"]],
        [scale.clip(float(effect)) for effect in trials["yi"]],
        ids=trials["study_id"],
        hover=[
            lettering.hover(row.label, f"g {tables.effect(row.yi)}") for row in trials.itertuples()
        ],
        name="trials",
        size=sizes(
            trials["weight"].tolist(), SMALLEST, LARGEST_COMPACT if look.compact else LARGEST
        ),
        symbol=symbols(trials["yi"], scale, upright=True),
        color=tint(look.colours.muted, 0.55),
        line={"width": 1, "color": look.colours.paper},
    )
