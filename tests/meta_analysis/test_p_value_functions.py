"""P-value functions agree with the intervals and p values that they generalise."""

from __future__ import annotations

import numpy as np
import pytest

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.distributions import p_value_function, prediction_function
from ipt_evidence.meta_analysis.models import pool

YI, VI = [0.5, 0.1, 0.9, 0.3, 0.62], [0.04, 0.02, 0.09, 0.05, 0.03]


@pytest.mark.parametrize(("test", "df"), [("z", None), ("knha", 4.0)])
def test_the_curve_meets_the_interval_at_its_level_and_zero_at_its_p(
    test: str, df: float | None
) -> None:
    fit = pool(YI, VI, test=test)
    at = p_value_function([fit.ci_lower, fit.ci_upper, fit.estimate, 0.0], fit.estimate, fit.se, df)
    assert at[:2] == pytest.approx([0.05, 0.05], rel=1e-9)
    assert at[2] == 1.0
    assert at[3] == pytest.approx(fit.p, rel=1e-9)


def test_the_prediction_curve_meets_the_prediction_interval() -> None:
    fit = pool(YI, VI, test="knha")
    ends = [fit.pi_lower, fit.pi_upper]
    at = prediction_function(ends, fit.estimate, fit.se, fit.tau2, 4.0)
    assert at == pytest.approx([0.05, 0.05], rel=1e-9)


def test_the_curve_falls_on_both_sides_of_the_estimate() -> None:
    curve = p_value_function(np.linspace(-1, 2, 61), 0.5, 0.2)
    assert int(curve.argmax()) == 30
    assert (np.diff(curve[:31]) > 0).all()
    assert (np.diff(curve[30:]) < 0).all()
    assert curve == pytest.approx(curve[::-1])


def test_an_error_of_zero_is_refused() -> None:
    with pytest.raises(PoolingError, match="not positive"):
        p_value_function([0.0], 0.5, 0.0)
