"""Q-profile intervals equal metafor's confint()."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.heterogeneity import heterogeneity_interval
from ipt_evidence.meta_analysis.moderators import residual_heterogeneity


def test_limits_equal_metafor(tau2_intervals_case, dataset):
    data = dataset(tau2_intervals_case["dataset"])
    expected = tau2_intervals_case["expected"]
    found = heterogeneity_interval(data["yi"], data["vi"], level=tau2_intervals_case["level"])
    for name in ("tau2", "i2", "h2"):
        limits = [getattr(found, f"{name}_lower"), getattr(found, f"{name}_upper")]
        assert_allclose(limits, expected[name][1:], rtol=1e-8, atol=1e-10, err_msg=name)


def test_reference_grid_is_complete(reference):
    have = {(c["dataset"], c["method"], c["level"]) for c in reference("tau2_intervals")}
    sets = ("mixed", "even", "few", "pair", "skewed")
    assert have == set(itertools.product(sets, ("REML", "DL"), (95, 80)))


def test_effects_without_any_variation_give_zero_to_zero():
    found = heterogeneity_interval([0.3, 0.3, 0.3], [0.1, 0.2, 0.3])
    assert (found.tau2_lower, found.tau2_upper, found.i2_upper, found.h2_upper) == (0, 0, 0, 1)


def test_unit_of_the_effects_only_rescales_tau2(rng):
    yi, vi = rng.normal(size=9), rng.uniform(0.05, 0.4, 9)
    one, other = heterogeneity_interval(yi, vi), heterogeneity_interval(yi * 1e8, vi * 1e16)
    assert_allclose(other.tau2_upper / 1e16, one.tau2_upper, rtol=1e-10)
    assert_allclose(other.i2_upper, one.i2_upper, rtol=1e-10)


def test_one_effect_has_no_interval():
    with pytest.raises(PoolingError, match="at least 2"):
        heterogeneity_interval([0.3], [0.1])
    assert np.isfinite(heterogeneity_interval([0.3, 0.5], [0.1, 0.1]).tau2_upper)


def test_interval_of_what_moderators_leave():
    yi = [0.1, 0.9, 0.3, -0.2, 0.7, 1.1, 0.4, 0.0]
    vi = [0.02, 0.05, 0.03, 0.04, 0.02, 0.06, 0.03, 0.05]
    dose = [1.0, 5.0, 2.0, 1.0, 3.0, 6.0, 4.0, 2.0]
    # confint(rma(yi, vi, mods = ~ dose)) of metafor 3.8-1, which stops looking within 1e-6
    found = residual_heterogeneity(yi, vi, {"dose": dose})
    assert_allclose([found.tau2_lower, found.tau2_upper], [0.0, 0.1592465], atol=2e-6)
    plain, none = heterogeneity_interval(yi, vi), residual_heterogeneity(yi, vi, {})
    for name in ("tau2_lower", "tau2_upper", "i2_lower", "i2_upper", "h2_lower", "h2_upper"):
        assert_allclose(getattr(none, name), getattr(plain, name), rtol=1e-9, err_msg=name)
