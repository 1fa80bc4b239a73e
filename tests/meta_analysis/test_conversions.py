"""Conversions bring back what the raw data would have given, and refuse nonsense."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import EffectSizeError
from ipt_evidence.meta_analysis import conversions as cv
from ipt_evidence.meta_analysis import effect_sizes as es
from ipt_evidence.meta_analysis.distributions import two_sided_p


@pytest.fixture
def trials(dataset):
    data = dataset("means")
    return [data[name] for name in ("mean1", "sd1", "n1", "mean2", "sd2", "n2")]


@pytest.fixture
def t_values(trials):
    m1, s1, n1, m2, s2, n2 = trials
    pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)
    return (m1 - m2) / np.sqrt(pooled * (1 / n1 + 1 / n2))


def test_t_f_and_p_bring_back_g(trials, t_values):
    n1, n2 = trials[2], trials[5]
    raw = es.standardised_mean_difference(*trials)
    sign = np.sign(t_values)
    p = [two_sided_p(t, df) for t, df in zip(t_values, n1 + n2 - 2, strict=True)]
    for found in (
        cv.smd_from_t(t_values, n1, n2),
        cv.smd_from_f(t_values**2, n1, n2, sign),
        cv.smd_from_p(p, n1, n2, sign),
    ):
        assert_allclose(found.yi, raw.yi, rtol=1e-8)
        assert_allclose(found.vi, raw.vi, rtol=1e-8)


def test_changes_with_correlation_one_half_are_plain_differences(trials):
    # 2 (1 - r) = 1: changes are then as variable as scores.
    found, raw = cv.smd_from_change(*trials, 0.5), es.standardised_mean_difference(*trials)
    assert_allclose(found.yi, raw.yi, rtol=1e-12)
    assert_allclose(found.vi, raw.vi, rtol=1e-12)


def test_changes_recover_the_effect_in_score_units(rng):
    n, r = 20_000, 0.7
    cov = [[1, r], [r, 1]]
    change = [np.diff(rng.multivariate_normal([0, m], cov, n))[:, 0] for m in (-0.8, -0.3)]
    arms = [x for c in change for x in (c.mean(), c.std(ddof=1), n)]
    assert_allclose(cv.smd_from_change(*arms, r).yi, -0.5, atol=0.03)
    arms[2] = arms[5] = 50
    drawn = [
        np.diff(rng.multivariate_normal([0, 0], cov, (4000, 50)))[..., 0].mean(axis=1)
        for _ in range(2)
    ]
    assert_allclose(
        np.var(drawn[0] - drawn[1]), cv.smd_from_change(0, 0.8, 50, 0, 0.8, 50, r).vi, rtol=0.08
    )


def test_log_odds_in_standard_deviations():
    # The SD of the logistic distribution is pi / sqrt(3).
    back = es.smd_from_log_odds(0.5 * math.pi / math.sqrt(3), 0.04 * math.pi**2 / 3)
    assert_allclose([back.yi, back.vi], [0.5, 0.04])


def test_fisher_z_as_in_the_textbook():
    # Borenstein et al. (2009), p. 42: r = .5, n = 100 gives z = .5493 with variance 1 / 97.
    found = cv.fisher_z(0.5, 100)
    assert_allclose(found.yi, 0.5493, atol=5e-5)
    assert_allclose(found.vi, 1 / 97)


def test_reported_effects_with_error_or_interval():
    assert_allclose(cv.smd_from_se(0.5, 0.2).vi, 0.04)
    found = cv.smd_from_interval(0.5, 0.5 - 1.2816 * 0.2, 0.5 + 1.2816 * 0.2, level=80)
    assert_allclose(found.vi, 0.04, rtol=1e-4)


def test_missing_values_pass_through():
    assert np.isnan(cv.smd_from_p([np.nan, 0.04], 20, 20, [1, np.nan]).yi).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cv.smd_from_t(2.0, 1, 20), "fewer than 2"),
        (lambda: cv.smd_from_f(-1.0, 20, 20, 1), "F is negative"),
        (lambda: cv.smd_from_f(4.0, 20, 20, 0), "neither 1 nor -1"),
        (lambda: cv.smd_from_p(0.0, 20, 20, 1), "p is not above 0"),
        (lambda: cv.smd_from_se(0.5, 0.0), "standard error is not positive"),
        (lambda: cv.smd_from_interval(0.9, 0.1, 0.5), "outside its interval"),
        (lambda: cv.smd_from_change(1, 2, 20, 1, 2, 20, 1.0), "correlation is not"),
        (lambda: cv.fisher_z(0.5, 3), "3 people or fewer"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(EffectSizeError, match=words):
        call()


@pytest.mark.parametrize(
    ("shares", "sizes", "p", "pairs"),
    [
        # R: prop.test(c(25, 43), c(51, 62), correct = FALSE) gives p = 0.0279921
        (("49.0", "69.4"), (range(1, 66), range(1, 66)), ".028", [(25, 51, 43, 62)]),
        (("16", "31"), ([104], [101]), "", [(17, 104, 31, 101)]),
        (("70", "51"), ([63], [61]), "", [(44, 63, 31, 61)]),
        (("12.5", "25"), ([54], [52]), "", []),
        (("50", "50"), ([2, 4], [2]), "", [(1, 2, 1, 2), (2, 4, 1, 2)]),
    ],
)
def test_counts_come_back_only_where_one_pair_fits(shares, sizes, p, pairs):
    assert list(cv.only_counts(shares, sizes, p)) == pairs


def test_every_pair_of_counts_prints_as_its_shares(rng):
    for _ in range(20):
        n1, n2 = rng.integers(5, 60, 2)
        a, b = rng.integers(0, n1 + 1), rng.integers(0, n2 + 1)
        printed = f"{100 * a / n1:.1f}", f"{100 * b / n2:.1f}"
        assert (a, n1, b, n2) in cv.only_counts(printed, ([n1], [n2]))


def test_a_share_with_its_interval_is_a_log_odds():
    found = cv.log_odds_from_share([0.5, 0.9, 0.9], [0.4, 0.8, 0.8], [0.6, 1.0, 0.99999])
    assert_allclose(found.yi, [0.0, math.log(9), math.log(9)])
    se = np.array([0.1 / 0.25, 0.1 / 0.09, 0.099995 / 0.09]) / 1.959964
    assert_allclose(found.vi, se**2, rtol=1e-6)
    for share in ((1.0, 0.9, 1.0), (0.5, 0.0, 0.6), (0.5, 0.6, 0.7), (0.5, 0.4, 1.1)):
        with pytest.raises(EffectSizeError):
            cv.log_odds_from_share(*share)


def test_z_of_p_and_back():
    z = np.array([0.5, 1.96, 2.308, 5.0])
    assert_allclose(cv.z_from_p([two_sided_p(value, None) for value in z]), z, rtol=1e-9)
    with pytest.raises(EffectSizeError):
        cv.z_from_p(1.0)
