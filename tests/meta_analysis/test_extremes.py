"""Whatever effects come in, every method gives finite numbers or says what is wrong."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.dependent_effects import aggregate, cluster_robust, multilevel
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.gosh import gosh
from ipt_evidence.meta_analysis.heterogeneity import heterogeneity_interval
from ipt_evidence.meta_analysis.influence import cumulative, influence, leave_one_out, outliers
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.moderators import meta_regression, residual_heterogeneity, subgroups
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import begg_test, egger_test
from ipt_evidence.meta_analysis.small_study_effects.limit import limit_meta_analysis
from ipt_evidence.meta_analysis.small_study_effects.pet_peese import pet_peese
from ipt_evidence.meta_analysis.small_study_effects.selection import selection_model
from ipt_evidence.meta_analysis.small_study_effects.significance import (
    excess_significance,
    fail_safe_n,
    p_curve,
)
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import trim_and_fill

Call = Callable[[list[float], list[float]], object]


def _study(yi: list[float]) -> list[int]:
    return [i % max(1, len(yi) // 2) for i in range(len(yi))]


def _trend(yi: list[float]) -> dict[str, list[float]]:
    return {"trend": [float(i) for i in range(len(yi))]}


CALLS: dict[str, Call] = {
    "interval of tau²": heterogeneity_interval,
    "residual interval": lambda y, v: residual_heterogeneity(y, v, _trend(y)),
    "subgroups": lambda y, v: subgroups(y, v, ["ab"[i % 2] for i in range(len(y))]),
    "common tau²": lambda y, v: subgroups(
        y, v, ["ab"[i % 2] for i in range(len(y))], common_tau2=True
    ),
    "aggregate": lambda y, v: aggregate(y, v, _study(y)),
    "three-level": lambda y, v: multilevel(y, v, _study(y), rho=0.0),
    "CHE": lambda y, v: multilevel(y, v, _study(y), moderators=_trend(y), method="ML"),
    "robust": lambda y, v: cluster_robust(y, v, _study(y), tau2=0.1, moderators=_trend(y)),
    "leave-one-out": leave_one_out,
    "influence": influence,
    "outliers": outliers,
    "cumulative": lambda y, v: cumulative(y, v, v),
    "GOSH": lambda y, v: gosh(y, v, method="DL", max_subsets=63),
    "egger": egger_test,
    "mixed egger": lambda y, v: egger_test(y, v, model="mixed"),
    "begg": begg_test,
    "trim and fill": trim_and_fill,
    "PET-PEESE": pet_peese,
    "selection": selection_model,
    "limit": limit_meta_analysis,
    "p-curve": p_curve,
    "excess significance": excess_significance,
    "fail-safe N": fail_safe_n,
}
for name in METHODS:
    CALLS[f"pool {name}"] = lambda y, v, name=name: pool(y, v, method=name)
    CALLS[f"regression {name}"] = lambda y, v, name=name: meta_regression(
        y, v, _trend(y), method=name, test="z"
    )

sizes = st.integers(-8, 8).map(lambda exponent: 10.0**exponent)
effect = st.builds(lambda sign, size, x: sign * size * x, st.sampled_from((-1, 0, 1)), sizes,
                   st.floats(1, 9))  # fmt: skip
variance = st.builds(lambda size, x: (size * x) ** 2, sizes, st.floats(1, 9))
studies = st.lists(st.tuples(effect, variance), min_size=1, max_size=7)


def values(found: object) -> list[object]:
    """All numbers within a result."""
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        return values([getattr(found, field.name) for field in dataclasses.fields(found)])
    if isinstance(found, np.ndarray):
        return found.ravel().tolist()
    if isinstance(found, tuple | list):
        return [value for item in found for value in values(item)]
    return [found]


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@example([(1.0, 1e-16), (0.0, 1e16), (1.0, 1.0), (0.0, 1e-16), (2.0, 1.0)])
@example([(-0.0, 1.0), (-0.0, 1e-16), (-1.0, 1e-16), (-0.0, 1e-16)])
@example([(-6.6e7, 8.7e10), (-0.0039, 5.3e-12), (2.3e5, 3.3e12), (2.3, 6.8e-13)])
@example([(1e8, 1e-16), (-1e8, 1e-16), (1e8, 1e16)])
@example([(0.3, 1e-12), (0.3, 1e-12), (0.3, 1e-12), (0.3, 1e-12)])
@example([(0.0, 1.0), (0.0, 1.0), (0.0, 1.0)])
@example([(0.5, 0.1), (0.5, 0.1)])
@example([(0.5, 0.1)])
@given(studies)
def test_finite_numbers_or_a_reason(name: str, rows: list[tuple[float, float]]) -> None:
    yi, vi = ([row[i] for row in rows] for i in (0, 1))
    try:
        found = CALLS[name](yi, vi)
    except PoolingError as err:
        assert len(str(err)) > 20
        return
    numbers = [value for value in values(found) if isinstance(value, float)]
    assert all(math.isfinite(value) for value in numbers), found


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        (0.1, 0.0, "vi is not positive at position 2"),
        (0.1, -1.0, "vi is not positive at position 2"),
        (0.1, math.nan, "vi is missing or infinite at position 2"),
        (math.nan, 0.1, "yi is missing or infinite at position 2"),
        (math.inf, 0.1, "yi is missing or infinite at position 2"),
        (-math.inf, 0.1, "yi is missing or infinite at position 2"),
        (-math.inf, math.inf, "yi is missing or infinite at position 2"),
        (0.1, math.inf, "vi is missing or infinite at position 2"),
    ],
)
def test_an_unusable_row_is_named(name: str, yi: float, vi: float, words: str) -> None:
    with pytest.raises(PoolingError, match=words):
        CALLS[name]([0.3, 0.5, yi, 0.2, 0.4], [0.1, 0.2, vi, 0.15, 0.2])
