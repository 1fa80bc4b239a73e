"""The figures of the Condition page show exactly the numbers they are given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from ipt_evidence.analyses.clinical_units.figure import hundred_people
from ipt_evidence.analyses.differences.figure import bubble_plot
from ipt_evidence.analyses.forest.figure import drapery_plot, drapery_scale, forest_plot
from ipt_evidence.analyses.influence.figure import cumulative_plot
from ipt_evidence.analyses.small_studies.figure import contour_funnel
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.rows import estimate_rows
from ipt_evidence.meta_analysis.clinical_units import Carried
from ipt_evidence.meta_analysis.distributions import p_value_function
from ipt_evidence.meta_analysis.moderators import meta_regression, predict


@dataclass(frozen=True, slots=True)
class Pooled:
    k: int = 12
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


@pytest.fixture
def trials(rng: np.random.Generator) -> pd.DataFrame:
    k = 12
    yi, se = rng.normal(0.5, 0.3, k), rng.uniform(0.12, 0.4, k)
    return pd.DataFrame(
        {
            "study_id": [f"study{i}" for i in range(k)],
            "label": [f"Study <{i}>" for i in range(k)],
            "year": 1990 + 2 * np.arange(k),
            "x": np.linspace(4, 20, k),
            "yi": yi,
            "vi": se**2,
            "ci_lower": yi - 1.96 * se,
            "ci_upper": yi + 1.96 * se,
            "weight": 100 / k,
            "n": 40,
            "rob": "low",
        }
    )


def trace(figure: go.Figure, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def names(figure: go.Figure) -> list[str]:
    return [trace.name for trace in figure.data if trace.name]


def texts(figure: go.Figure, name: str) -> list[str]:
    return [note.text for note in figure.layout.annotations if note.name == name]


def message(figure: go.Figure) -> str:
    return " ".join(texts(figure, "message")).replace("<br>", " ")


# --- forest: raw numbers, trials left out, narrow screens ---------------------------------------


EVERY = ("compared", "arms", "people", "weight", "domains")


def columns(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations if note.name == "heading"]


def test_forest_shows_what_each_arm_reported_when_asked(trials: pd.DataFrame) -> None:
    rows = trials.assign(
        comparator="usual care", ipt_data="7/110", comparison_data="12.3 (4.0), n 40"
    )
    usual = columns(forest_plot(rows, Pooled()))
    assert "Compared with" in usual
    assert "IPT arm" not in usual
    arms = columns(forest_plot(rows, Pooled(), columns=("arms", "weight")))
    assert {"IPT arm", "Comparison arm"} <= set(arms)
    assert not {"Compared with", "People"} & set(arms)
    asked = ("compared", "arms", "people", "weight")
    both = columns(forest_plot(rows, Pooled(), Look(wide=True), columns=asked))
    assert {"Compared with", "People", "IPT arm", "Comparison arm"} <= set(both)
    figure = forest_plot(rows, Pooled(), columns=("arms", "weight"))
    assert figure.layout.meta["least_width"] <= 980  # the room there is at 1440 pixels


def test_forest_sets_trials_left_out_apart(trials: pd.DataFrame) -> None:
    rows = trials.assign(excluded=[False] * 10 + [True] * 2)
    figure = forest_plot(rows, Pooled())
    squares = trace(figure, "trials")
    assert list(squares.marker.symbol) == ["square"] * 10 + ["square-open"] * 2
    # ten trials, the pooled effect, its prediction interval, and a heading stand above them
    assert list(squares.y[-2:]) == [13, 14]
    assert [point[0] for point in squares.customdata][-2:] == ["study10", "study11"]
    assert "Left out by you" in squares.hovertext[-1]
    shown = [figure.layout[key].ticktext for key in figure.layout if key.startswith("yaxis")]
    assert any("<b>Left out by you</b>" in cells for cells in shown if cells)


def test_forest_on_a_phone_keeps_people_and_risk_of_bias(trials: pd.DataFrame) -> None:
    figure = forest_plot(trials, Pooled(), look=Look(compact=True))
    labels = next(
        figure.layout[key].ticktext
        for key in figure.layout
        if key.startswith("yaxis")
        and figure.layout[key].ticktext
        and "Study" in figure.layout[key].ticktext[0]
    )
    assert all("· n 40" in label for label in labels[:12])
    discs = [shape for shape in figure.layout.shapes if (shape.name or "").startswith("risk")]
    assert len(discs) == 12
    assert {disc.xanchor for disc in discs} == {0}


def test_forest_writes_what_its_groups_say(trials: pd.DataFrame) -> None:
    figure = forest_plot(trials, Pooled(), group="rob", group_note="Difference: p = .20.")
    assert texts(figure, "note")[0] == "Difference: p = .20."


# --- funnel ------------------------------------------------------------------------------------


def test_funnel_has_trials_contours_and_layers(trials: pd.DataFrame) -> None:
    figure = contour_funnel(trials, 0.48, filled=((-0.4, 0.09), (-0.2, 0.16)), line=(0.6, -0.5))
    dots = trace(figure, "trials")
    assert list(dots.x) == pytest.approx(trials["yi"].tolist())
    assert list(dots.y) == pytest.approx(np.sqrt(trials["vi"]).tolist())
    assert [point[0] for point in dots.customdata] == trials["study_id"].tolist()
    assert "Study &lt;0&gt;" in dots.hovertext[0]
    assert list(trace(figure, "filled").y) == pytest.approx([0.3, 0.4])
    line = trace(figure, "Egger's line")
    assert line.x[0] == 0.6
    assert (line.x[1] - 0.6) / line.y[1] == pytest.approx(-0.5)
    deepest = figure.layout.yaxis.range[0]
    assert figure.layout.yaxis.range[1] == 0.0
    assert deepest > np.sqrt(trials["vi"]).max()
    for p, errors in ((0.01, 2.5758), (0.05, 1.95996), (0.1, 1.64485)):
        contour = trace(figure, f"contour p {p:g}")
        assert contour.x[1] == pytest.approx(errors * deepest, rel=1e-4)
        assert contour.x[2] == -contour.x[1]
    # the widest region lies under the narrower ones
    shading = [name for name in names(figure) if name.startswith("contour")]
    assert shading == ["contour p 0.01", "contour p 0.05", "contour p 0.1"]


def test_funnel_without_layers_says_nothing_of_them(trials: pd.DataFrame) -> None:
    figure = contour_funnel(trials, None)
    assert not {"filled", "Egger's line"} & set(names(figure))
    assert not any("Egger" in note or "Rings" in note for note in texts(figure, "note"))
    assert not [shape for shape in figure.layout.shapes if shape.name == "pooled effect"]
    assert message(contour_funnel(trials.head(0), None)) == "No trial to draw in a funnel."


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("compact", [False, True])
def test_funnel_of_one_trial(trials: pd.DataFrame, dark: bool, compact: bool) -> None:
    figure = contour_funnel(trials.head(1), 0.5, look=Look(dark=dark, compact=compact))
    assert len(trace(figure, "trials").x) == 1


# --- bubble ------------------------------------------------------------------------------------


def test_bubbles_stand_at_their_numbers_and_the_line_at_the_regression(
    trials: pd.DataFrame,
) -> None:
    fit = meta_regression(trials["yi"], trials["vi"], {"x": trials["x"].to_numpy()})
    grid = (4.0, 12.0, 20.0)
    line = predict(fit, {"x": np.array(grid)})
    figure = bubble_plot(trials, "Sessions", grid=grid, line=line, note="R² 12%")
    dots = trace(figure, "trials")
    assert list(dots.x) == pytest.approx(trials["x"].tolist())
    assert list(dots.y) == pytest.approx(trials["yi"].tolist())
    drawn = trace(figure, "regression")
    assert list(drawn.x) == list(grid)
    assert list(drawn.y) == pytest.approx([one.estimate for one in line])
    band = trace(figure, "confidence")
    assert list(band.y[:3]) == pytest.approx([one.ci_upper for one in line])
    assert figure.layout.xaxis.title.text == "Sessions"
    assert texts(figure, "note") == ["R² 12%"]
    low, high = figure.layout.xaxis.range
    assert low < 4 < 20 < high


def test_bubbles_without_a_line(trials: pd.DataFrame) -> None:
    figure = bubble_plot(trials.head(1), "Sessions")
    assert names(figure) == ["trials"]
    assert "tells this number" in message(bubble_plot(trials.head(0), "Sessions"))


def test_larger_bubbles_weigh_more(trials: pd.DataFrame) -> None:
    figure = bubble_plot(trials.assign(weight=range(1, 13)), "Sessions")
    assert (np.diff(trace(figure, "trials").marker.size) >= 0).all()


# --- over time ---------------------------------------------------------------------------------


def steps(trials: pd.DataFrame) -> pd.DataFrame:
    k = len(trials)
    return pd.DataFrame(
        {
            "study_id": trials["study_id"],
            "label": trials["label"],
            "year": trials["year"],
            "k": np.arange(1, k + 1),
            "estimate": np.linspace(0.9, 0.5, k),
            "ci_lower": np.linspace(-20, 0.3, k),
            "ci_upper": np.linspace(22, 0.7, k),
        }
    )


def test_the_estimate_over_time_is_held_until_the_next_trial(trials: pd.DataFrame) -> None:
    figure = cumulative_plot(trials, steps(trials))
    line = trace(figure, "estimate")
    assert line.line.shape == "hv"
    assert list(line.x[:-1]) == trials["year"].tolist()
    assert line.y[-2] == line.y[-1] == pytest.approx(0.5)
    assert list(trace(figure, "trials").x) == trials["year"].tolist()
    lower, upper = figure.layout.yaxis.range
    assert lower > -4  # the first intervals do not flatten everything
    assert upper < 5
    assert "12 trials" in line.hovertext[-1]


def test_of_one_year_the_last_trial_counts(trials: pd.DataFrame) -> None:
    found = steps(trials).assign(year=[1990] * 3 + [2000] * 9)
    line = trace(cumulative_plot(trials, found), "estimate")
    assert list(line.x) == [1990, 2000, 2001]
    assert line.y[0] == pytest.approx(found["estimate"].iloc[2])


def test_nothing_over_time(trials: pd.DataFrame) -> None:
    assert "No trial with a year" in message(cumulative_plot(trials.head(0), steps(trials).head(0)))


# --- rows of estimates -------------------------------------------------------------------------


def test_rows_stand_against_the_whole(trials: pd.DataFrame) -> None:
    rows = pd.DataFrame(
        {
            "label": ["Risk of bias", "Low", "High"],
            "note": ["(p = .20)", None, None],
            "heading": [True, False, False],
            "estimate": [np.nan, 0.3, 0.6],
            "ci_lower": [np.nan, 0.1, 0.2],
            "ci_upper": [np.nan, 0.5, 1.0],
            "k": [np.nan, 5, 7],
            "marked": [False, False, True],
            "study_id": [None, "a", "b"],
        }
    )
    figure = estimate_rows(rows, Pooled(), empty="nothing", label_heading="Group")
    dots = trace(figure, "estimates")
    assert list(dots.x) == [0.3, 0.6]
    assert list(dots.y) == [1, 2]
    assert list(dots.marker.symbol) == ["circle", "circle-open"]
    assert [point[0] for point in dots.customdata] == ["a", "b"]
    band = next(shape for shape in figure.layout.shapes if shape.name == "interval of all trials")
    assert (band.x0, band.x1) == (0.31, 0.65)
    shown = [figure.layout[key].ticktext for key in figure.layout if key.startswith("yaxis")]
    assert ("<b>Risk of bias (p = .20)</b>", "Low", "High") in shown
    assert ("5", "7") in shown
    assert ("0.30 [0.10 to 0.50]", "0.60 [0.20 to 1.00]") in shown
    compact = estimate_rows(rows, Pooled(), empty="nothing", look=Look(compact=True))
    assert compact.layout.margin.l + compact.layout.margin.r <= 40
    assert message(estimate_rows(rows.head(0), Pooled(), empty="nothing")) == "nothing"
    assert message(estimate_rows(rows, None, empty="nothing")) == "nothing"


# --- drapery -----------------------------------------------------------------------------------


def test_drapery_has_a_curve_a_trial_and_their_sum(trials: pd.DataFrame) -> None:
    scale = drapery_scale(trials)
    effects = np.linspace(scale.lower, scale.upper, 301)
    curves = np.array(
        [
            p_value_function(effects, y, v**0.5)
            for y, v in zip(trials["yi"], trials["vi"], strict=True)
        ]
    )
    pooled = p_value_function(effects, 0.48, 0.08, 11.0)
    figure = drapery_plot(trials, effects, curves, pooled, pooled)
    assert names(figure).count("trial") == 12
    peak = trace(figure, "pooled effect")
    assert effects[int(np.argmax(peak.y))] == pytest.approx(0.48, abs=0.02)
    assert list(trace(figure, "trials").x) == pytest.approx(trials["yi"].tolist())
    assert list(figure.layout.yaxis.tickvals) == [0, 0.05, 0.2, 0.5, 1]
    alone = drapery_plot(trials.head(1), effects, curves[:1], None, None)
    assert not {"pooled effect", "prediction"} & set(names(alone))
    assert "No trial" in message(drapery_plot(trials.head(0), effects, curves[:0], None, None))


# --- a hundred people --------------------------------------------------------------------------


def counts(figure: go.Figure) -> dict[str, tuple[int, int]]:
    """Dots of each kind in the left block and in the right one."""
    found = {}
    for trace in figure.data:
        if trace.name and not trace.name.startswith("key"):
            left = sum(x < 10 for x in trace.x)
            found[trace.name] = (left, len(trace.x) - left)
    return found


def test_people_who_do_well_are_counted() -> None:
    figure = hundred_people(23.0, Carried(17.4, 11.0, 24.0))
    assert counts(figure) == {
        "do well anyway": (23, 23),
        "do well because of it": (0, 11),
        "may do well because of it": (0, 13),
        "do not do well": (77, 53),
    }
    assert texts(figure, "count") == ["23 of 100 do well", "40 of 100 do well"]


def test_people_who_lose_are_crosses() -> None:
    figure = hundred_people(40.0, Carried(-10.0, -20.0, 5.0))
    found = counts(figure)
    assert found["worse because of it"] == (0, 10)
    assert found["do well anyway"] == (40, 30)
    assert found["may do well because of it"] == (0, 5)
    assert sum(right for _, right in found.values()) == 100


@pytest.mark.parametrize(
    ("without", "more"), [(1.0, Carried(0.2, -0.9, 3.0)), (90.0, Carried(9.9, 9.0, 10.0))]
)
def test_there_are_always_a_hundred_people(without: float, more: Carried) -> None:
    found = counts(hundred_people(without, more))
    assert sum(left for left, _ in found.values()) == 100
    assert sum(right for _, right in found.values()) == 100


def test_inputs_are_not_changed(trials: pd.DataFrame) -> None:
    before = trials.copy()
    contour_funnel(trials, 0.4)
    bubble_plot(trials, "x")
    cumulative_plot(trials, steps(trials))
    forest_plot(trials.assign(excluded=False), replace(Pooled(), k=12), columns=EVERY)
    assert trials.equals(before)
