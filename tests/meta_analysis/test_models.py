"""What a reader sees of a pooled effect: honest states, named refusals, lasting properties."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.models import PooledEffect, pool

QUICK = settings(max_examples=60, deadline=None)


@st.composite
def effects(draw, least=3, most=12):
    k = draw(st.integers(least, most))
    yi = draw(st.lists(st.floats(-3, 3), min_size=k, max_size=k))
    vi = draw(st.lists(st.floats(0.005, 2), min_size=k, max_size=k))
    return np.array(yi), np.array(vi)


methods = st.sampled_from(METHODS)
tests = st.sampled_from(("z", "t", "knha", "adhoc"))


def flat(fit: PooledEffect) -> np.ndarray:
    names = ("estimate", "se", "ci_lower", "ci_upper", "tau2", "i2", "h2", "q", "q_p")
    return np.array([getattr(fit, name) for name in names])


# ---- states that are not errors -------------------------------------------------------------


def test_one_study_keeps_its_own_normal_interval_and_claims_nothing_else():
    fit = pool([0.4], [0.04], method="REML", test="knha")
    assert (fit.k, fit.estimate, fit.se, fit.test) == (1, 0.4, 0.2, "z")
    assert_allclose(
        [fit.ci_lower, fit.ci_upper], [0.4 - 1.959964 * 0.2, 0.4 + 1.959964 * 0.2], 1e-6
    )
    assert fit.tau2 is fit.i2 is fit.h2 is fit.pi_lower is fit.pi_upper is fit.q_p is fit.df is None
    assert fit.weights == (100.0,)
    assert "one study" in fit.notes[0]


def test_two_studies_say_that_they_are_two():
    fit = pool([0.2, 0.6], [0.04, 0.05])
    assert fit.df == 1
    assert fit.ci_lower < -1 < 2 < fit.ci_upper  # t with one degree of freedom is very wide
    assert any("two studies" in note for note in fit.notes)


def test_identical_effects_leave_hartung_knapp_without_a_standard_error():
    fit = pool([0.3, 0.3, 0.3], [0.1, 0.2, 0.3])
    assert fit.se == 0.0
    assert fit.stat is fit.p is None
    assert any("do not vary" in note for note in fit.notes)
    assert pool([0.3, 0.3, 0.3], [0.1, 0.2, 0.3], test="adhoc").se > 0.0


def test_a_hartung_knapp_interval_narrower_than_the_normal_one_is_noted(dataset):
    data = dataset("even")
    narrow, normal = (pool(data["yi"], data["vi"], test=test) for test in ("knha", "z"))
    assert narrow.ci_upper - narrow.ci_lower < normal.ci_upper - normal.ci_lower
    assert any("narrower" in note for note in narrow.notes)
    assert not normal.notes


def test_common_effect_has_no_prediction_interval():
    fit = pool([0.1, 0.5, 0.9], [0.02, 0.03, 0.04], method="EE")
    assert fit.pi_lower is None
    assert fit.tau2 == 0.0
    assert fit.i2 > 50


def test_equal_and_fixed_effects_are_the_same_numbers():
    ee, fe = (pool([0.1, 0.5, 0.9], [0.02, 0.03, 0.04], method=m) for m in ("EE", "FE"))
    assert replace(ee, method="FE") == fe


def test_result_is_plain_json():
    text = json.dumps(asdict(pool([0.1, 0.5, 0.9], [0.02, 0.03, 0.04])))
    assert json.loads(text)["k"] == 3


# ---- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([], [], "at least 1"),
        ([0.1, math.nan, 0.2], [1, 1, 1], "yi is missing or infinite at position 1"),
        ([0.1, 0.2], [1, math.inf], "vi is missing or infinite at position 1"),
        ([0.1, 0.2, 0.3], [1, 0, -1], "vi is not positive at position 1, 2"),
        ([0.1, 0.2], [1], "yi has 2 values but vi has 1"),
        (["a"], [1], "not a number"),
        ([[0.1]], [[1]], "2 dimensions"),
        ([math.nan] * 12, [1] * 12, "and 2 more"),
    ],
)
def test_unusable_input_is_refused_by_position(yi, vi, words):
    with pytest.raises(PoolingError, match=words):
        pool(yi, vi)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"method": "reml"}, "unknown method 'reml': choose one of EE, FE"),
        ({"test": "hksj"}, "unknown test 'hksj'"),
        ({"level": 0.95}, "write 95"),
        ({"level": 100.0}, "write 95"),
    ],
)
def test_unknown_choices_are_refused_with_the_known_ones(choice, words):
    with pytest.raises(PoolingError, match=words):
        pool([0.1, 0.2], [0.1, 0.1], **choice)


# ---- properties ----------------------------------------------------------------------------


@QUICK
@given(effects(), methods, tests, st.randoms(use_true_random=False))
def test_order_of_studies_does_not_matter(data, method, test, random):
    yi, vi = data
    order = list(range(yi.size))
    random.shuffle(order)
    one, other = (
        pool(yi, vi, method=method, test=test),
        pool(yi[order], vi[order], method=method, test=test),
    )
    assert_allclose(flat(one), flat(other), rtol=1e-7, atol=1e-7)
    assert_allclose(np.array(one.weights)[order], other.weights, rtol=1e-6)


@QUICK
@given(effects(), methods, tests)
def test_turning_the_sign_mirrors_the_result(data, method, test):
    yi, vi = data
    one, other = pool(yi, vi, method=method, test=test), pool(-yi, vi, method=method, test=test)
    assert one.estimate == -other.estimate
    assert one.ci_lower == -other.ci_upper
    assert (one.tau2, one.q, one.p) == (other.tau2, other.q, other.p)


@QUICK
@given(effects(), methods, tests, st.sampled_from([1e-8, 0.37, 40.0, 1e8]))
def test_a_change_of_unit_changes_only_the_unit(data, method, test, c):
    yi, vi = data
    one = pool(yi, vi, method=method, test=test)
    other = pool(yi * c, vi * c**2, method=method, test=test)
    for name in ("estimate", "se", "ci_lower", "ci_upper"):
        assert_allclose(getattr(other, name) / c, getattr(one, name), rtol=1e-7, atol=1e-9)
    assert_allclose(other.tau2 / c**2, one.tau2, rtol=1e-7, atol=1e-9)
    assert_allclose([other.i2, other.h2, other.q], [one.i2, one.h2, one.q], rtol=1e-7, atol=1e-7)


@QUICK
@given(effects(), methods, st.sampled_from([-5.0, 1000.0, 1e6]))
def test_a_shift_of_all_effects_shifts_the_estimate(data, method, c):
    yi, vi = data
    one, other = pool(yi, vi, method=method), pool(yi + c, vi, method=method)
    assert_allclose(other.estimate - c, one.estimate, atol=1e-6)
    assert_allclose([other.se, other.tau2], [one.se, one.tau2], rtol=1e-5, atol=1e-6)


@QUICK
@given(effects())
def test_every_study_twice_shrinks_the_common_effect_error_by_root_two(data):
    yi, vi = data
    one = pool(yi, vi, method="EE", test="z")
    twice = pool(np.tile(yi, 2), np.tile(vi, 2), method="EE", test="z")
    assert_allclose(twice.estimate, one.estimate, atol=1e-12)
    assert_allclose(twice.se, one.se / math.sqrt(2.0), rtol=1e-12)
    assert_allclose(twice.q, 2.0 * one.q, rtol=1e-9, atol=1e-12)


@QUICK
@given(effects(), methods, tests)
def test_the_estimate_lies_among_the_effects_and_inside_its_intervals(data, method, test):
    yi, vi = data
    fit = pool(yi, vi, method=method, test=test)
    assert yi.min() - 1e-12 <= fit.estimate <= yi.max() + 1e-12
    assert fit.ci_lower <= fit.estimate <= fit.ci_upper
    assert fit.tau2 >= 0.0
    assert 0.0 <= fit.i2 <= 100.0
    assert_allclose(sum(fit.weights), 100.0, rtol=1e-12)
    if fit.pi_lower is not None:
        assert fit.pi_lower <= fit.ci_lower
        assert fit.ci_upper <= fit.pi_upper


@QUICK
@given(effects(), st.floats(1, 50), st.floats(51, 99.9))
def test_a_higher_level_is_a_wider_interval(data, low, high):
    yi, vi = data
    narrow, wide = pool(yi, vi, level=low), pool(yi, vi, level=high)
    assert narrow.ci_upper - narrow.ci_lower <= wide.ci_upper - wide.ci_lower


def test_equal_variances_make_the_random_effects_mean_the_plain_mean():
    yi = [0.1, 0.9, 0.5, -0.3]
    for method in METHODS:
        assert_allclose(pool(yi, [0.07] * 4, method=method).estimate, np.mean(yi), rtol=1e-12)


def test_one_hugely_imprecise_study_changes_nothing():
    yi, vi = [0.1, 0.9, 0.5, -0.3], [0.01, 0.02, 0.015, 0.01]
    for method in ("DL", "PM", "ML"):
        without = pool(yi, vi, method=method, test="z")
        with_it = pool([*yi, 5.0], [*vi, 1e12], method=method, test="z")
        assert_allclose(with_it.estimate, without.estimate, rtol=0.2)
        assert with_it.weights[-1] < 1e-9


def test_a_thousand_studies_are_pooled_in_linear_memory(rng):
    vi = rng.uniform(0.01, 0.2, 200_000)
    fit = pool(0.3 + rng.normal(size=vi.size) * np.sqrt(vi + 0.04), vi)
    assert_allclose([fit.estimate, fit.tau2], [0.3, 0.04], rtol=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_variances_many_orders_of_magnitude_apart_still_pool(method, rng):
    # An SE taken for a variance, or a slipped decimal point, must not end in a warning or a NaN.
    for _ in range(20):
        vi = 10 ** rng.uniform(-10, 10, 8)
        yi = rng.normal(size=8) * 10 ** rng.uniform(-4, 4, 8)
        fit = pool(yi, vi, method=method)
        assert np.isfinite([fit.estimate, fit.se, fit.tau2, fit.i2, fit.q]).all()
        assert 0.0 <= fit.i2 <= 100.0


def test_limits_of_the_weights():
    # A study that is all but exact decides the common effect; under large tau² all count alike.
    exact = pool([0.2, 0.9, 0.5], [1e-12, 0.1, 0.2], method="EE")
    assert_allclose(exact.estimate, 0.2, atol=1e-9)
    wide = pool([-40.0, 55.0, 9.0, 4.0], [0.1, 0.001, 0.05, 0.2])
    assert_allclose(wide.weights, 25.0, rtol=1e-3)
    assert_allclose(wide.estimate, 7.0, rtol=1e-2)
