"""In a real browser no text of a figure is cut off or lies on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from ipt_evidence.analyses.clinical_units.figure import hundred_people
from ipt_evidence.analyses.coverage.timeline import coverage_timeline
from ipt_evidence.analyses.differences.figure import bubble_plot
from ipt_evidence.analyses.forest.figure import forest_plot
from ipt_evidence.analyses.influence.figure import cumulative_plot
from ipt_evidence.analyses.published.figure import published_comparison
from ipt_evidence.analyses.small_studies.figure import contour_funnel
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.rows import condition_intervals, estimate_rows
from ipt_evidence.meta_analysis.clinical_units import Carried
from ipt_evidence.meta_analysis.models import pool

pytestmark = pytest.mark.browser

LookAt = Callable[[go.Figure, int], dict[str, Any]]


@pytest.fixture
def trials(rng: np.random.Generator) -> pd.DataFrame:
    k = 31
    yi, se = rng.normal(0.4, 0.4, k), rng.uniform(0.1, 0.4, k)
    frame = pd.DataFrame(
        {
            "study_id": [f"s{i}" for i in range(k)],
            "label": [f"Wahlström & van der Berg {1979 + i}" for i in range(k)],
            "yi": yi,
            "vi": se**2,
            "ci_lower": yi - 1.96 * se,
            "ci_upper": yi + 1.96 * se,
            "weight": 100 / k,
            "n": (8 / se**2).round().astype(int) * 10,
            "rob": ["low", "high"] * 15 + ["unclear"],
            "flags": [""] * 30 + ["se_for_sd"],
            "comparator": ["enhanced usual care with a list of services"] * k,
        }
    )
    frame.loc[3, ["yi", "ci_lower", "ci_upper"]] = [-10.25, -14.5, -6.0]
    return frame


@pytest.mark.parametrize(("width", "compact"), [(1440, False), (0, False), (360, True)])
def test_forest_plot_from_its_least_width_on(
    look: LookAt, trials: pd.DataFrame, width: int, compact: bool
) -> None:
    usable = trials.drop(index=3)
    pooled = pool(usable["yi"].to_numpy(), usable["vi"].to_numpy())
    figure = forest_plot(trials, pooled, look=Look(compact=compact))
    seen = look(figure, width or figure.layout.meta["least_width"])
    assert seen["found"] == []
    assert seen["texts"] > 31 * (2 if compact else 6)


@pytest.mark.parametrize(("width", "compact"), [(900, False), (360, True)])
def test_other_figures(look: LookAt, trials: pd.DataFrame, width: int, compact: bool) -> None:
    pooled = pool(trials["yi"].to_numpy()[:3], trials["vi"].to_numpy()[:3])
    conditions = pd.DataFrame(
        {"condition": ["depression", "anxiety"], "label": ["Depression", "Anxiety disorders"],
         "k": [31, 0], "n": [3012, 0], "estimate": [0.48, None], "ci_lower": [0.31, None],
         "ci_upper": [0.65, None], "pi_lower": [-0.36, None], "pi_upper": [1.31, None]}
    )  # fmt: skip
    published = pd.DataFrame(
        {"label": ["Cuijpers", "de Mello"], "year": [2011, 2005], "yi": [0.63, 0.4],
         "yi_lower": [0.36, None], "yi_upper": [0.9, None], "k": [16, 9], "n": [4356, None],
         "population": ["Adults with depression in primary or secondary care", None]}
    )  # fmt: skip
    studies = pd.DataFrame(
        {"year": [1989, 1999, 2003, 2003, 2004, 2019],
         "condition": ["depression", "anxiety", "other", "postpartum", "chronic_illness",
                       "eating_disorders"]}
    )  # fmt: skip
    looked = Look(compact=compact)
    labels = {name: name.replace("_", " ").capitalize() for name in studies["condition"]}
    for figure in (
        condition_intervals(conditions, looked),
        published_comparison(published, pooled, looked),
        coverage_timeline(studies, labels, looked),
    ):
        assert look(figure, width)["found"] == []


@pytest.mark.parametrize(("width", "compact"), [(980, False), (700, False), (328, True)])
def test_figures_of_the_condition_page(
    look: LookAt, trials: pd.DataFrame, width: int, compact: bool
) -> None:
    usable = trials.drop(index=3).assign(
        x=range(4, 34), year=range(1980, 2010), k=range(1, 31), estimate=0.4
    )
    pooled = pool(usable["yi"].to_numpy(), usable["vi"].to_numpy())
    small = Carried(17.0, 11.0, 24.0)
    rows = usable.head(9).assign(heading=False, note=None)
    looked = Look(compact=compact)
    for figure in (
        contour_funnel(usable, pooled.estimate, filled=((-0.3, 0.09),), line=(0.3, 0.4),
                       look=looked),
        bubble_plot(usable, "Sessions", note="g changes by 0.01 (-0.2 to 0.2)", look=looked),
        cumulative_plot(usable, usable, look=looked),
        estimate_rows(rows, pooled, looked, empty="", label_heading="Group", key="Band."),
        hundred_people(23.0, small, look=looked),
    ):  # fmt: skip
        assert look(figure, width)["found"] == []
