"""How the pooled effect settled as trials were published."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures import lettering
from ipt_evidence.figures.axes import begin, number_axis, write_below
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.scale import EffectScale, effect_scale
from ipt_evidence.figures.template import condition_colour, palette, tint
from ipt_evidence.wording import tables

__all__ = ["cumulative_plot"]

STEP = ("year", "k", "estimate", "ci_lower", "ci_upper")
NO_TRIALS = "No trial with a year to draw."
SMALLEST, LARGEST, LARGEST_COMPACT = 5.0, 18.0, 14.0
NOTES = [
    "Dots: single trials, larger the more they weigh today. Line and band: all trials up to that "
    "year together, with the 95% interval."
]


def cumulative_plot(
    trials: pd.DataFrame,
    steps: pd.DataFrame,
    *,
    condition: str | None = None,
    dark: bool = False,
    compact: bool = False,
) -> go.Figure:
    """Draw the estimate after each year as a line with its interval, over the single trials.

    Parameters
    ----------
    trials
        One row a trial with a year: study_id, label, year, yi, weight (percent).
    steps
        One row a trial in order of publication: year, k, estimate, ci_lower, ci_upper of all trials
        so far. Within a year the last row counts.
    condition
        Top-level condition, for its colour.
    dark, compact
        Colours for the dark theme; layout for narrow screens.

    Returns
    -------
    go.Figure
        The trace ``estimate`` holds the line, ``interval`` the band, ``trials`` the dots
        (``customdata`` is ``[study_id]``).
    """
    if steps.empty:
        return message_figure(NO_TRIALS, dark=dark)
    colours = palette(dark)
    colour = condition_colour(condition, dark) if condition else colours.accent
    by_year = steps.drop_duplicates("year", keep="last")
    effects = trials["yi"].tolist()
    later = by_year.loc[by_year["k"] >= 3]
    scale = effect_scale(
        effects, effects, effects, summaries=[*later["ci_lower"], *later["ci_upper"]]
    )
    first, last = int(by_year["year"].min()), int(by_year["year"].max())
    xaxis = number_axis(
        first - 1.5, last + 1.5, "", showline=True, tickformat="d", nticks=5 if compact else 10
    )
    yaxis = {
        **number_axis(scale.lower, scale.upper, "Hedges g (up: favours IPT)", zeroline=True),
        "tickvals": list(scale.ticks),
        "ticktext": scale.tick_labels,
        "zerolinecolor": colours.rule,
        "zerolinewidth": 1.4,
    }
    drawing, lines = begin(xaxis, yaxis, NOTES, dark=dark, compact=compact, directions=False)
    _band(drawing, by_year, last, colour, scale)
    _dots(drawing, trials, scale, colours.muted, colours.paper,
          LARGEST_COMPACT if compact else LARGEST)  # fmt: skip
    _line(drawing, by_year, last, colour, scale)
    write_below(drawing, lines, dark=dark, directions=False)
    return drawing.figure()


def _stairs(by_year: pd.DataFrame, column: str, last: int, scale: EffectScale) -> list[float]:
    """Values held from one year to the next, so that nothing is drawn between publications."""
    values = [scale.clip(float(value)) for value in by_year[column]]
    return [*values, values[-1]]


def _years(by_year: pd.DataFrame, last: int) -> list[float]:
    return [*(float(year) for year in by_year["year"]), last + 1.0]


def _band(
    drawing: Drawing, by_year: pd.DataFrame, last: int, colour: str, scale: EffectScale
) -> None:
    years = _years(by_year, last)
    line = {"width": 0, "shape": "hv"}
    drawing.scatter(
        x=years, y=_stairs(by_year, "ci_lower", last, scale), mode="lines", line=line,
        hoverinfo="skip", name="lower end",
    )  # fmt: skip
    drawing.scatter(
        x=years, y=_stairs(by_year, "ci_upper", last, scale), mode="lines", line=line,
        fill="tonexty", fillcolor=tint(colour, 0.16), hoverinfo="skip", name="interval",
    )  # fmt: skip


def _line(
    drawing: Drawing, by_year: pd.DataFrame, last: int, colour: str, scale: EffectScale
) -> None:
    hover = [
        f"<b>Up to {year:.0f}</b><br>{tables.count(k)} trial{'' if k == 1 else 's'}<br>g "
        f"{tables.estimate_with_interval(estimate, lower, upper)}"
        for year, k, estimate, lower, upper in by_year[list(STEP)].itertuples(index=False)
    ]
    drawing.scatter(
        x=_years(by_year, last),
        y=_stairs(by_year, "estimate", last, scale),
        mode="lines+markers",
        line={"color": colour, "width": 2.4, "shape": "hv"},
        marker={"size": [5] * len(by_year) + [0], "color": colour, "opacity": 1},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertext=[*hover, hover[-1]],
        hoverinfo="text",
        name="estimate",
    )


def _dots(
    drawing: Drawing,
    trials: pd.DataFrame,
    scale: EffectScale,
    colour: str,
    paper: str,
    largest: float,
) -> None:
    heaviest = float(trials["weight"].max()) if len(trials) else 0.0
    drawing.scatter(
        x=[float(year) for year in trials["year"]],
        y=[scale.clip(float(effect)) for effect in trials["yi"]],
        mode="markers",
        marker={
            "size": [
                max(SMALLEST, largest * math.sqrt(float(w) / heaviest)) if heaviest > 0 else 8.0
                for w in trials["weight"]
            ],
            "symbol": [
                "circle"
                if scale.holds(float(effect))
                else ("triangle-up" if effect > scale.upper else "triangle-down")
                for effect in trials["yi"]
            ],
            "color": tint(colour, 0.55),
            "line": {"width": 1, "color": paper},
            "opacity": 1,
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=[[study] for study in trials["study_id"]],
        hovertext=[
            f"<b>{lettering.escape(str(row.label))}</b><br>g {tables.effect(row.yi)}"
            for row in trials.itertuples()
        ],
        hoverinfo="text",
        name="trials",
    )
