"""Forest plots and their relatives show exactly the numbers they are given."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from ipt_evidence.analyses.coverage.timeline import coverage_timeline, spread_out
from ipt_evidence.analyses.forest.figure import NO_TRIALS, forest_plot
from ipt_evidence.analyses.published.figure import published_comparison
from ipt_evidence.figures.columns import FAVOURS_COMPARISON, FAVOURS_IPT
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.rows import condition_intervals
from ipt_evidence.figures.scale import effect_scale
from ipt_evidence.figures.template import condition_colour, palette


@dataclass(frozen=True, slots=True)
class Pooled:
    k: int = 3
    estimate: float = 0.48
    ci_lower: float = 0.31
    ci_upper: float = 0.65
    pi_lower: float | None = -0.36
    pi_upper: float | None = 1.31
    tau2: float | None = 0.16
    i2: float | None = 78.4
    q: float = 99.0
    q_df: int = 30
    q_p: float | None = 0.0001
    p: float | None = 0.0001
    method: str = "REML"
    test: str = "knha"
    level: float = 95.0
    stat: float | None = 7.1
    df: int | None = 30


def make_trials(k: int) -> pd.DataFrame:
    rng = np.random.default_rng(20240501)
    yi, se = rng.normal(0.5, 0.3, k), rng.uniform(0.1, 0.35, k)
    weight = 1 / (se**2 + 0.1)
    return pd.DataFrame(
        {
            "study_id": [f"study{i}" for i in range(k)],
            "label": [f"Study {i} {1980 + i}" for i in range(k)],
            "year": 1980 + np.arange(k),
            "yi": yi,
            "vi": se**2,
            "ci_lower": yi - 1.96 * se,
            "ci_upper": yi + 1.96 * se,
            "weight": 100 * weight / weight.sum(),
            "n": (8 / se**2).round().astype(int),
            "rob": [("low", "some_concerns", "high", "unclear")[i % 4] for i in range(k)],
            "comparator": ["usual care"] * k,
        }
    )


def trace(figure: go.Figure, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def names(figure: go.Figure) -> list[str]:
    return [trace.name for trace in figure.data if trace.name]


def cells(figure: go.Figure) -> dict[str, list[str]]:
    """Texts of each column by its heading, top to bottom; "inside" columns by side."""
    headings = {(a.x, a.xshift): a.text for a in figure.layout.annotations if a.name == "heading"}
    found = {}
    for key in figure.layout:
        axis = figure.layout[key]
        if key.startswith("yaxis") and key != "yaxis":
            found[headings.get((axis.position, axis.shift), f"inside {axis.side}")] = list(
                axis.ticktext
            )
    return found


def texts(figure: go.Figure, name: str) -> list[str]:
    return [a.text for a in figure.layout.annotations if a.name == name]


def test_squares_stand_at_their_effects_in_the_order_given() -> None:
    trials = make_trials(6).iloc[::-1]
    figure = forest_plot(trials, Pooled(k=6))
    squares = trace(figure, "trials")
    assert list(squares.x) == pytest.approx(list(trials["yi"]))
    assert list(squares.y) == [0, 1, 2, 3, 4, 5]
    assert [point[0] for point in squares.customdata] == list(trials["study_id"])
    assert set(squares.marker.symbol) == {"square"}
    # Row 0 is on top.
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    heaviest, lightest = trials["weight"].argmax(), trials["weight"].argmin()
    assert squares.marker.size[heaviest] == max(squares.marker.size)
    assert squares.marker.size[lightest] == min(squares.marker.size)


def test_columns_hold_the_numbers_in_words() -> None:
    trials = make_trials(3)
    trials.loc[1, ["yi", "ci_lower", "ci_upper"]] = [-0.25, -0.5, 0.004]
    columns = cells(forest_plot(trials, Pooled()))
    assert columns["Study"] == [
        *trials["label"], "<b>Pooled effect</b>", "Prediction interval",
    ]  # fmt: skip
    assert columns["Compared with"] == ["usual care"] * 3
    assert columns["g"][1] == "−0.25"
    assert columns["95% CI"][1] == "[−0.50 to 0.00]"
    assert columns["g"][-1] == "<b>0.48</b>"
    assert columns["95% CI"][-2:] == ["<b>[0.31 to 0.65]</b>", "[−0.36 to 1.31]"]
    assert columns["People"][-1] == f"<b>{trials['n'].sum():,}</b>"
    assert columns["Weight"][-1] == "<b>100%</b>"


def test_people_are_not_added_up_when_a_trial_does_not_tell() -> None:
    trials = make_trials(3)
    trials["n"] = [10.0, math.nan, 30.0]
    assert cells(forest_plot(trials, Pooled()))["People"] == ["10", "30"]


def test_columns_that_nobody_can_fill_are_left_out() -> None:
    trials = make_trials(3).drop(columns=["comparator", "n", "rob", "weight"])
    assert set(cells(forest_plot(trials, None))) == {"Study", "g", "95% CI"}


def test_diamond_and_prediction_bar() -> None:
    figure = forest_plot(make_trials(3), Pooled())
    diamond = trace(figure, "pooled effect")
    assert min(diamond.x) == 0.31
    assert max(diamond.x) == 0.65
    assert diamond.x[1] == 0.48
    assert set(diamond.y) > {3}
    bar = trace(figure, "prediction interval")
    assert (min(bar.x), max(bar.x)) == (-0.36, 1.31)
    assert min(bar.y) > 3.5


@pytest.mark.parametrize("pooled", [None, Pooled(k=1)])
def test_no_diamond_when_nothing_is_pooled(pooled: Pooled | None) -> None:
    figure = forest_plot(make_trials(3), pooled)
    assert "pooled effect" not in names(figure)
    assert "prediction interval" not in names(figure)
    assert cells(figure)["Study"] == list(make_trials(3)["label"])


def test_two_trials_have_a_diamond_but_no_prediction() -> None:
    figure = forest_plot(make_trials(2), Pooled(k=2))
    assert "pooled effect" in names(figure)
    assert "prediction interval" not in names(figure)


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("k", [1, 2, 31, 60])
def test_height_grows_with_the_trials(k: int, compact: bool) -> None:
    figure = forest_plot(make_trials(k), Pooled(k=k), look=Look(compact=compact))
    rows = round(figure.layout.yaxis.range[0] + 0.5)
    margins = figure.layout.margin.t + figure.layout.margin.b
    assert rows == k + (0 if k == 1 else 1 if k == 2 else 2)
    row = (figure.layout.height - margins) / rows
    assert (49 if compact else 21) < row < (51 if compact else 27)
    assert len(trace(figure, "trials").x) == k


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_no_trial_is_said_in_words(dark: bool, compact: bool) -> None:
    figure = forest_plot(make_trials(3).head(0), None, look=Look(dark=dark, compact=compact))
    assert " ".join(texts(figure, "message")).replace("<br>", " ") == NO_TRIALS
    assert not figure.data
    assert forest_plot(pd.DataFrame(), None).layout.height


def test_directions_are_always_named() -> None:
    for compact in (False, True):
        figure = forest_plot(make_trials(3), None, look=Look(compact=compact))
        assert texts(figure, "direction") == [FAVOURS_COMPARISON, FAVOURS_IPT]
        lower, upper = figure.layout.xaxis.range
        assert lower <= -0.5 < 0.5 <= upper


def test_what_leaves_the_axis_becomes_an_arrow() -> None:
    trials = make_trials(10)
    trials.loc[2, ["yi", "ci_lower", "ci_upper"]] = [6.2, 4.9, 7.5]
    trials.loc[4, ["yi", "ci_lower", "ci_upper"]] = [0.4, -9.0, 9.8]
    figure = forest_plot(trials, None)
    lower, upper = figure.layout.xaxis.range
    assert upper < 4.9
    squares = trace(figure, "trials")
    assert squares.marker.symbol[2] == "triangle-right"
    assert squares.x[2] == upper
    assert squares.marker.symbol[4] == "square"
    arrows = trace(figure, "interval beyond the axis")
    assert sorted(zip(arrows.x, arrows.y, arrows.marker.symbol, strict=True)) == sorted(
        [(upper, 2, "triangle-right"), (lower, 4, "triangle-left"), (upper, 4, "triangle-right")]
    )
    ends = [x for x in trace(figure, "interval").x if x is not None]
    assert min(ends) >= lower
    assert max(ends) <= upper
    # The whole truth stays in the text.
    assert cells(figure)["95% CI"][2] == "[4.90 to 7.50]"


def test_a_very_wide_pooled_interval_does_not_flatten_the_trials() -> None:
    figure = forest_plot(make_trials(2), Pooled(k=2, ci_lower=-5.4, ci_upper=6.2))
    lower, upper = figure.layout.xaxis.range
    diamond = trace(figure, "pooled effect")
    assert min(diamond.x) == lower > -5.4
    assert max(diamond.x) == upper < 6.2
    assert set(trace(figure, "pooled effect beyond the axis").marker.symbol) == {
        "triangle-left", "triangle-right",
    }  # fmt: skip


def test_trial_without_a_number_keeps_its_line() -> None:
    trials = make_trials(3)
    trials.loc[1, ["yi", "ci_lower", "ci_upper"]] = math.nan
    figure = forest_plot(trials, None)
    assert list(trace(figure, "trials").y) == [0, 2]
    assert cells(figure)["95% CI"][1] == "no usable effect"
    assert cells(figure)["Study"][1] == trials.loc[1, "label"]


def test_names_are_text_and_long_ones_are_cut() -> None:
    trials = make_trials(2)
    trials["label"] = ["<b>Evil</b> %{x} & Co", "A very long name of a study " * 4]
    figure = forest_plot(trials, None, columns=("domains",))
    first, second = cells(figure)["Study"]
    assert first == "&lt;b&gt;Evil&lt;/b&gt; %{x} &amp; Co"
    assert second.endswith("…")
    assert trials.loc[1, "label"].strip() in trace(figure, "trials").hovertext[1]
    assert trace(figure, "trials").hovertemplate is None


def test_hover_speaks_plainly() -> None:
    trials = make_trials(1)
    trials.loc[0, ["yi", "ci_lower", "ci_upper", "n"]] = [0.35, -0.02, 0.72, 123]
    trials["flags"] = [("se_for_sd", "same_people")]
    hover = trace(forest_plot(trials, None), "trials").hovertext[0]
    assert hover == (
        "<b>Study 0 1980</b><br>IPT compared with usual care, 123 people<br>"
        "g 0.35 (95% CI −0.02 to 0.72)<br>No clear difference on its own<br>"
        "100.0% of the weight<br>Risk of bias: low<br>† se for sd, same people"
    )


def test_flags_and_risk_of_bias_have_marks_and_keys() -> None:
    trials = make_trials(4)
    trials["flags"] = [(), ("same_people",), None, ""]
    figure = forest_plot(trials, None)
    assert [cell.endswith("†") for cell in cells(figure)["Study"]] == [False, True, False, False]
    discs = [shape for shape in figure.layout.shapes if (shape.name or "").startswith("risk")]
    assert [disc.label.text for disc in discs] == ["<b>L</b>", "<b>S</b>", "<b>H</b>", "<b>?</b>"]
    assert [disc.yanchor for disc in discs] == [0, 1, 2, 3]
    notes = " ".join(texts(figure, "note"))
    assert "L low, S some concerns, H high, ? unclear" in notes
    assert "†" in notes


def test_notes_tell_the_model() -> None:
    notes = " ".join(texts(forest_plot(make_trials(3), Pooled()), "note"))
    assert "I² 78%, τ² 0.16, Q 99.0 (df 30, p &lt; .001)" in notes
    assert "Test for effect: t 7.10 (df 30), p &lt; .001." in notes
    assert "Random effects (REML), Hartung–Knapp interval" in notes


def test_groups_stand_under_headings_with_their_own_diamonds() -> None:
    trials = make_trials(5).assign(kind=["usual care", "waiting list"] * 2 + ["waiting list"])
    pair, three = Pooled(k=2, estimate=0.1), Pooled(k=3, estimate=0.7)
    figure = forest_plot(
        trials,
        Pooled(k=5),
        group="kind",
        group_pooled={"usual care": pair, "waiting list": three},
    )
    assert cells(figure)["Study"] == [
        "<b>usual care (two trials, too few to pool)</b>", "Study 0 1980", "Study 2 1982",
        "<b>waiting list</b>", "Study 1 1981", "Study 3 1983", "Study 4 1984", "<b>Pooled</b>",
        "<b>All trials</b>", "Prediction interval",
    ]  # fmt: skip
    assert list(trace(figure, "trials").y) == [1, 2, 4, 5, 6]
    assert trace(figure, "pooled effect of a group").x[1] == 0.7


def test_condition_gives_the_colour_and_choice_a_ground() -> None:
    figure = forest_plot(
        make_trials(3), Pooled(), look=Look(condition="anxiety", dark=True), selected="study1"
    )
    assert trace(figure, "trials").marker.color == condition_colour("anxiety", dark=True)
    bands = [shape for shape in figure.layout.shapes if shape.name == "chosen"]
    assert {(band.y0, band.y1, band.fillcolor) for band in bands} == {
        (0.5, 1.5, palette(True).panel)
    }
    assert trace(figure, "trials").unselected.marker.opacity == 1


def test_compact_has_no_columns_outside_the_plot() -> None:
    figure = forest_plot(make_trials(3), Pooled(), look=Look(compact=True))
    columns = cells(figure)
    assert set(columns) == {"inside right", "inside left"}
    first = make_trials(3).iloc[0]
    assert columns["inside left"][0].startswith(f"{first['yi']:.2f} [")
    assert figure.layout.margin.l + figure.layout.margin.r <= 40


def test_columns_have_the_room_that_they_need() -> None:
    figure = forest_plot(make_trials(31), Pooled(k=31))
    shifts = [
        (figure.layout[key].shift, figure.layout[key].position)
        for key in figure.layout
        if key.startswith("yaxis") and key != "yaxis"
    ]
    assert all(-figure.layout.margin.l <= shift < 0 for shift, side in shifts if side == 0)
    assert all(0 < shift <= figure.layout.margin.r for shift, side in shifts if side == 1)
    assert figure.layout.margin.l + figure.layout.margin.r < 600


def test_scale_is_calm() -> None:
    ordinary = effect_scale([0.1, 0.5, 0.9], [-0.4, 0.1, 0.2], [0.6, 0.9, 1.6])
    assert (ordinary.lower, ordinary.upper) == (-0.5, 1.75)
    assert ordinary.ticks == (-0.5, 0.0, 0.5, 1.0, 1.5)
    assert ordinary.tick_labels == ["−0.5", "0.0", "0.5", "1.0", "1.5"]
    empty = effect_scale([], [], [])
    assert (empty.lower, empty.upper) == (-1, 1)
    single = effect_scale([0.7], [0.1], [1.3])
    assert single.holds(0.1)
    assert single.holds(1.3)
    assert single.clip(9) == single.upper
    infinite = effect_scale([0.2, math.nan], [-math.inf, math.nan], [math.inf, math.nan])
    assert -1 <= infinite.lower < infinite.upper <= 1


def test_published_effects_beside_our_own() -> None:
    rows = pd.DataFrame(
        {
            "pooled_id": ["a", "b", "c"],
            "label": ["Cuijpers", "Barth 2013", "de Mello"],
            "year": pd.array([2011, 2013, 2005], dtype="Int64"),
            "yi": [0.63, 0.43, None],
            "yi_lower": [0.36, None, None],
            "yi_upper": [0.90, None, None],
            "k": pd.array([16, None, 9], dtype="Int64"),
        }
    )
    figure = published_comparison(rows, Pooled(k=31), Look("depression"))
    columns = cells(figure)
    assert columns["Meta-analysis"] == ["<b>This evidence base</b>", "Cuijpers 2011", "Barth 2013"]
    assert columns["g [95% CI]"] == [
        "<b>0.48 [0.31 to 0.65]</b>", "0.63 [0.36 to 0.90]", "0.43 [not reported]",
    ]  # fmt: skip
    assert columns["Trials"] == ["<b>31</b>", "16"]
    dots = trace(figure, "published")
    assert list(dots.x) == [0.63, 0.43]
    assert [point[0] for point in dots.customdata] == ["a", "b"]
    assert trace(figure, "own estimate").fillcolor == condition_colour("depression")
    alone = published_comparison(rows, None)
    assert "own estimate" not in names(alone)
    assert list(trace(alone, "published").y) == [0, 1]
    assert texts(published_comparison(rows.tail(1), None), "message")
    assert texts(published_comparison(pd.DataFrame(), None), "message")


def test_condition_intervals_type_their_emptiness() -> None:
    nothing = {"estimate": math.nan, "ci_lower": math.nan, "ci_upper": math.nan, "k": 0, "n": 0}
    rows = pd.DataFrame(
        [
            {"condition": "depression", "label": "Depression", "k": 31, "n": 3012, "estimate": 0.48,
             "ci_lower": 0.31, "ci_upper": 0.65, "pi_lower": -0.36, "pi_upper": 1.31, "found": 40},
            {"condition": "anxiety", "label": "Anxiety disorders", **nothing, "found": 2},
            {"condition": "other", "label": "Other", **nothing, "found": 0},
        ]
    )  # fmt: skip
    figure = condition_intervals(rows)
    columns = cells(figure)
    assert columns["g [95% CI]"] == [
        "0.48 [0.31 to 0.65]", "no usable effect", "no trial found",
    ]  # fmt: skip
    assert columns["Trials"] == ["31"]
    assert columns["People"] == ["3,012"]
    dots = trace(figure, "conditions")
    assert list(dots.x) == [0.48]
    assert list(dots.marker.color) == [condition_colour("depression")]
    assert [x for x in trace(figure, "confidence interval").x if x is not None] == [0.31, 0.65]
    assert [x for x in trace(figure, "prediction interval").x if x is not None] == [-0.36, 1.31]
    assert set(cells(condition_intervals(rows, look=Look(compact=True)))) == {
        "inside left",
        "inside right",
    }
    assert texts(condition_intervals(rows.head(0)), "message")


def test_timeline_adds_up_trials() -> None:
    studies = pd.DataFrame(
        {
            "year": pd.array([1989, 1989, 2003, 2003, None], dtype="Int64"),
            "condition": ["depression", "depression", "depression", "postpartum", "depression"],
        }
    )
    labels = {"depression": "Depression", "postpartum": "After birth"}
    figure = coverage_timeline(studies, labels)
    line = trace(figure, "Depression")
    total = dict(zip(line.x, line.y, strict=True))
    assert (total[1988], total[1989], total[2002], total[2003]) == (0, 2, 2, 3)
    assert [a.text for a in figure.layout.annotations if a.name == "line"] == [
        "<b>Depression 3</b>", "<b>After birth 1</b>",
    ]  # fmt: skip
    assert texts(figure, "note") == ["1 without a year left out."]
    assert texts(coverage_timeline(studies.head(0), labels), "message")


def test_labels_at_the_ends_of_lines_keep_their_distance() -> None:
    places = spread_out([100.0, 99.0, 4.0, 3.0, 0.0], 17, 100)
    gaps = [upper - lower for upper, lower in pairwise(places)]
    assert all(gap >= 17 for gap in gaps)
    assert places == [100, 83, 34, 17, 0]


def test_a_pooled_effect_of_the_engine_can_be_drawn() -> None:
    models = pytest.importorskip("ipt_evidence.meta_analysis.models")
    trials = make_trials(5)
    pooled = models.pool(trials["yi"].to_numpy(), trials["vi"].to_numpy())
    figure = forest_plot(trials, pooled)
    diamond = trace(figure, "pooled effect")
    assert (min(diamond.x), max(diamond.x)) == (pooled.ci_lower, pooled.ci_upper)


def test_inputs_are_not_changed() -> None:
    trials = make_trials(4)
    before = trials.copy(deep=True)
    forest_plot(trials, replace(Pooled(), k=4), group="rob", look=Look(compact=True))
    pd.testing.assert_frame_equal(trials, before)
