"""Power equals R's; the next trial found really is the smallest that changes the conclusion."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.power import next_trial, pooled_power


def test_power_equals_r(power_case, dataset):
    vi, expected = dataset(power_case["dataset"])["vi"], power_case["expected"]
    found = pooled_power(vi, power_case["effect"], tau2=power_case["tau2"], test=power_case["test"])
    assert_allclose(found.se, expected["se"], rtol=1e-12)
    # R's and SciPy's noncentral t differ in their last digits.
    assert_allclose(found.power, expected["power"], rtol=1e-7)


def test_reference_grid_is_complete(reference):
    have = {(c["dataset"], c["effect"], c["tau2"], c["test"]) for c in reference("power")}
    assert have == set(itertools.product(("mixed", "few"), (0, 0.1, 0.5), (0, 0.1), ("z", "knha")))


@pytest.mark.parametrize("test", ["z", "knha"])
def test_the_detectable_effect_is_detected_with_the_target_power(dataset, test):
    vi = dataset("few")["vi"]
    found = pooled_power(vi, 0.3, tau2=0.05, test=test, target=90.0)
    again = pooled_power(vi, found.detectable, tau2=0.05, test=test)
    assert_allclose(again.power, 0.9, rtol=1e-6)


def test_power_simulated(rng):
    vi = np.array([0.05, 0.1, 0.2, 0.08])
    yi = 0.4 + rng.normal(size=(20_000, 4)) * np.sqrt(vi)
    weights = 1 / vi
    z = (yi @ weights) / np.sqrt(weights.sum())
    assert_allclose(
        pooled_power(vi, 0.4, test="z").power, (np.abs(z) > 1.959964).mean(), atol=0.012
    )


def test_no_effect_is_found_with_probability_alpha(dataset):
    vi = dataset("mixed")["vi"]
    assert_allclose(pooled_power(vi, 0.0, alpha=0.01).power, 0.01, rtol=1e-6)


def test_the_next_trial_is_the_smallest_that_changes_the_conclusion():
    yi, vi = [0.3, 0.2, 0.35, 0.1], [0.08, 0.09, 0.05, 0.1]
    found = next_trial(yi, vi, effect=0.25, test="z", method="EE")
    assert not found.significant or found.n_per_arm is None
    n = found.n_per_arm

    def excludes_zero(size):
        fit = pool([*yi, 0.25], [*vi, 2 / size + 0.25**2 / (4 * size)], method="EE", test="z")
        return fit.ci_lower > 0

    assert excludes_zero(n)
    assert n == 5 or not excludes_zero(n - 1)
    assert found.updated.k == 5


def test_no_single_trial_may_be_able_to_change_a_firm_conclusion(dataset):
    data = dataset("even")
    found = next_trial(data["yi"], data["vi"], effect=0.4)
    assert found.significant
    assert found.n_per_arm is found.updated is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pooled_power([0.1], 0.3), "1 studies"),
        (lambda: pooled_power([0.1, 0.1], 0.3, test="F"), "choose z, t or knha"),
        (lambda: pooled_power([0.1, 0.1], 0.3, tau2=-1), "tau2"),
        (lambda: pooled_power([0.1, 0.1], 0.3, alpha=2), "alpha"),
        (lambda: pooled_power([0.1, -0.1], 0.3), "not positive at position 1"),
        (lambda: next_trial([0.1], [0.1], effect=float("nan")), "effect nan"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(PoolingError, match=words):
        call()
