"""The figures of the lessons say what their numbers say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.clinical_units.figure import COMPARISON, TREATED, two_distributions
from ipt_evidence.analyses.clinical_units.panel import distributions_alternative
from ipt_evidence.analyses.lessons.figure import FAINT, FOCUS, guided_forest
from ipt_evidence.analyses.small_studies.figure import simple_funnel
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.figures import template as design
from ipt_evidence.figures.look import Look


@pytest.fixture(scope="module")
def postpartum(base: EvidenceBase) -> Estimate:
    return estimate(base, Question("postpartum", "control"))


def trace(figure: go.Figure, name: str) -> Any:
    return next(one for one in figure.data if one.name == name)


@pytest.mark.parametrize("g", [-0.8, 0.0, 0.5])
def test_the_curves_stand_g_apart_and_share_their_overlap(g: float) -> None:
    figure = two_distributions(g)
    x = np.array(trace(figure, TREATED).x)
    step = x[1] - x[0]
    means = [
        float((x * np.array(trace(figure, name).y)).sum() * step) for name in (COMPARISON, TREATED)
    ]
    assert means == pytest.approx([0.0, g], abs=0.01)
    shared = float(np.array(trace(figure, "overlap").y).sum() * step)
    # 2 Phi(-|g|/2), written with the error function of the standard library
    assert shared == pytest.approx(math.erfc(abs(g) / 2 / math.sqrt(2)), abs=0.005)


def test_an_interval_is_shaded_only_where_there_is_one() -> None:
    shaded = [s for s in two_distributions(0.5, 0.34, 0.65).layout.shapes if s.name == "interval"]
    assert [(s.x0, s.x1) for s in shaded] == [(0.34, 0.65)]
    assert not [s for s in two_distributions(0.5).layout.shapes if s.name == "interval"]


def test_the_axis_stands_still_under_the_slider() -> None:
    ranges = {tuple(two_distributions(g).layout.xaxis.range) for g in (-1.5, 0, 0.7, 1.5)}
    assert len(ranges) == 1


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("compact", [False, True])
def test_curves_follow_theme_and_room(dark: bool, compact: bool) -> None:
    figure = two_distributions(0.5, look=Look(condition="anxiety", dark=dark, compact=compact))
    assert trace(figure, TREATED).line.color == design.condition_colour("anxiety", dark)
    assert figure.layout.height == (300 if compact else 340)


def test_the_alternative_tells_side_interval_and_overlap() -> None:
    words = distributions_alternative(0.5, 0.34, 0.65, "80%", "69%")
    assert "0.50 standard deviations to the right" in words
    assert "0.34 to 0.65" in words
    assert "share 80%" in words
    assert "to the left" in distributions_alternative(-0.2, None, None, "92%", "42%")
    assert "exactly on" in distributions_alternative(0.0, None, None, "100%", "50%")


def test_a_funnel_has_the_most_precise_trials_on_top(postpartum: Estimate) -> None:
    precise = tuple(v < 0.05 for v in postpartum.trials["vi"])
    figure = simple_funnel(postpartum.trials, postpartum.pooled.estimate, precise=precise)
    dots = trace(figure, "trials")
    assert list(dots.x) == postpartum.trials["yi"].tolist()
    assert np.square(dots.y) == pytest.approx(postpartum.trials["vi"].to_numpy(float))
    low, high = figure.layout.yaxis.range
    assert high == 0
    assert low > max(dots.y)
    assert [symbol == "circle" for symbol in dots.marker.symbol] == list(precise)
    assert [one[0] for one in dots.customdata] == postpartum.trials["study_id"].tolist()
    sides = trace(figure, "funnel")
    assert sides.x[1] == postpartum.pooled.estimate
    assert (sides.x[2] - sides.x[1]) / sides.y[2] == pytest.approx(1.96, abs=1e-3)


def test_a_funnel_without_trials_or_centre_says_so(postpartum: Estimate) -> None:
    assert simple_funnel(postpartum.trials.iloc[:0], None).layout.annotations[0].name == "message"
    assert "funnel" not in {one.name for one in simple_funnel(postpartum.trials, None).data}


@pytest.mark.parametrize("focus", FOCUS)
@pytest.mark.parametrize("compact", [False, True])
def test_a_step_leaves_strong_what_it_speaks_of(
    postpartum: Estimate, focus: str, compact: bool
) -> None:
    figure = guided_forest(postpartum.trials, postpartum.pooled, focus, look=Look(compact=compact))
    named = [one for one in figure.data if one.name]
    strong = {one.name for one in named if one.opacity != FAINT}
    expected = set(FOCUS[focus]) & {one.name for one in named}
    assert strong == expected | ({"no effect"} if focus == "zero" and compact else set())


def test_steps_on_row_zero_and_small_print_have_marks_of_their_own(postpartum: Estimate) -> None:
    study = postpartum.trials["study_id"].iloc[2]
    arguments = (postpartum.trials, postpartum.pooled)
    row = guided_forest(*arguments, "row", marked=study)
    assert any(shape.name == "chosen" for shape in row.layout.shapes)
    square = guided_forest(*arguments, "square", marked=study)
    assert not any(shape.name == "chosen" for shape in square.layout.shapes)
    zero = guided_forest(*arguments, "zero")
    assert [s.x0 for s in zero.layout.shapes if s.name == "no difference"] == [0]
    notes = [n for n in guided_forest(*arguments, "notes").layout.annotations if n.name == "note"]
    strong = [n for n in notes if n.font.color == design.palette().accent]
    assert [n.text[:13] for n in strong] == ["Heterogeneity"]
    with pytest.raises(KeyError):
        guided_forest(*arguments, "everything")
