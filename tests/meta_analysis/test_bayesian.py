"""The posterior equals that of R's adaptive quadrature."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.bayesian import bayesian_pool
from ipt_evidence.meta_analysis.models import pool


def test_posterior_equals_adaptive_quadrature(bayesian_case, dataset):
    case, data = bayesian_case, dataset(bayesian_case["dataset"])
    found = bayesian_pool(
        data["yi"],
        data["vi"],
        tau_prior=case["prior"],
        tau_scale=0.4,
        mu_mean=0.1,
        mu_sd=case["mu_sd"],
        mid=0.24,
    )
    expected = case["expected"]
    pairs = {
        "mean": found.mu.mean,
        "sd": found.mu.sd,
        "lower": found.mu.lower,
        "median": found.mu.median,
        "upper": found.mu.upper,
        "new_lower": found.predicted.lower,
        "new_upper": found.predicted.upper,
        "tau_mean": found.tau.mean,
        "shrunken_first": found.shrunken[0].mean,
        "above": found.probability_above,
        "new_above": found.probability_new_above,
    }
    for name, value in pairs.items():
        assert_allclose(value, expected[name], rtol=1e-7, atol=1e-9, err_msg=name)
    # Quantiles of tau are read between nodes.
    assert_allclose(found.tau.median, expected["tau_median"], rtol=1e-3)
    assert_allclose(found.tau.upper, expected["tau_upper"], rtol=1e-3)


def test_reference_grid_is_complete(reference):
    have = {(c["dataset"], c["prior"], c["mu_sd"]) for c in reference("bayesian")}
    assert have == set(
        itertools.product(("mixed", "even", "few"), ("half-normal", "half-cauchy"), (None, 1))
    )


def test_a_tiny_scale_is_the_common_effect_model(dataset):
    data = dataset("mixed")
    found = bayesian_pool(data["yi"], data["vi"], tau_scale=1e-9)
    common = pool(data["yi"], data["vi"], method="EE", test="z")
    assert_allclose(
        [found.mu.mean, found.mu.sd, found.mu.lower],
        [common.estimate, common.se, common.ci_lower],
        rtol=1e-9,
    )
    assert_allclose(found.shrunken[0].mean, common.estimate, rtol=1e-9)


def test_one_study_and_a_flat_prior_return_the_study():
    found = bayesian_pool([0.4], [0.04], tau_scale=1e-6)
    assert_allclose([found.mu.mean, found.mu.sd], [0.4, 0.2], rtol=1e-9)
    heavy = bayesian_pool([0.4], [0.04], tau_prior="half-cauchy")
    assert heavy.tau.mean is None
    assert_allclose(heavy.tau.median, 0.5, rtol=1e-2)  # one study says nothing about tau


def test_studies_are_pulled_towards_the_mean_the_more_the_less_precise(dataset):
    data = dataset("mixed")
    found = bayesian_pool(data["yi"], data["vi"])
    means = np.array([s.mean for s in found.shrunken])
    kept = (means - found.mu.mean) / (data["yi"] - found.mu.mean)
    assert ((kept > 0) & (kept < 1)).sum() >= 22  # a study beside the mean may fall on either side
    extreme = np.abs(data["yi"] - found.mu.mean) > 0.3
    order = np.argsort(data["vi"][extreme])
    assert (np.diff(kept[extreme][order]) < 0.05).all()


def test_probabilities_agree_with_intervals_and_mirror(dataset):
    data = dataset("few")
    one = bayesian_pool(data["yi"], data["vi"], mid=0.3)
    other = bayesian_pool(-data["yi"], data["vi"], mid=-0.3)
    assert_allclose(other.mu.lower, -one.mu.upper, rtol=1e-9)
    assert_allclose(other.probability_above, 1 - one.probability_above, rtol=1e-9)
    assert_allclose(
        bayesian_pool(data["yi"], data["vi"], mid=one.mu.median).probability_above, 0.5, rtol=1e-9
    )


def test_unit_of_the_effects_only_rescales(dataset):
    data = dataset("few")
    one = bayesian_pool(data["yi"], data["vi"], tau_scale=0.5)
    other = bayesian_pool(data["yi"] * 1e6, data["vi"] * 1e12, tau_scale=0.5e6)
    assert_allclose(other.mu.upper / 1e6, one.mu.upper, rtol=1e-9)
    assert_allclose(other.tau.mean / 1e6, one.tau.mean, rtol=1e-9)


@pytest.mark.parametrize(
    "choice", [{"tau_prior": "gamma"}, {"tau_scale": 0.0}, {"mu_sd": -1.0}, {"level": 0.9}]
)
def test_refusals(choice):
    with pytest.raises(PoolingError):
        bayesian_pool([0.1, 0.2], [0.1, 0.1], **choice)
