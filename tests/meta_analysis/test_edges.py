"""Data at the edge of what a method can do: values from R, and what is said where there are none.

../reference/edges.json holds the effects, the call and the versions.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import EffectSizeError, PoolingError
from ipt_evidence.meta_analysis.bayesian import bayesian_pool
from ipt_evidence.meta_analysis.coefficients import BareCoefficient
from ipt_evidence.meta_analysis.conversions import smd_from_interval
from ipt_evidence.meta_analysis.dependent_effects import cluster_robust, multilevel
from ipt_evidence.meta_analysis.effect_sizes import log_odds_ratio
from ipt_evidence.meta_analysis.moderators import meta_regression, subgroups
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import begg_test
from ipt_evidence.meta_analysis.small_study_effects.limit import limit_many, limit_meta_analysis
from ipt_evidence.meta_analysis.small_study_effects.selection import selection_model
from ipt_evidence.meta_analysis.small_study_effects.significance import fail_safe_n
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import trim_and_fill

# Effects are in hundredths, as papers print them, and variances in thousandths.
effects = st.lists(st.tuples(st.integers(-200, 200), st.integers(1, 300)), min_size=3, max_size=15)


def test_values_of_r(edges_case):
    data, expected = edges_case["data"], edges_case["expected"]
    yi, vi = np.array(data["yi"]), np.array(data["vi"])
    match edges_case["kind"]:
        case "selection":
            found = selection_model(yi, vi)
            assert_allclose(found.log_likelihood, expected["log_likelihood"], rtol=1e-8)
            # Flat near the top, where both stop: compared in standard errors.
            within = 1e-3 * expected["se"]
            assert_allclose(found.adjusted.estimate, expected["estimate"], atol=within)
            assert_allclose(found.adjusted.se, expected["se"], rtol=1e-3)
            assert_allclose(found.tau2, expected["tau2"], rtol=1e-4)
            assert_allclose(found.intervals[1].weight, expected["weight"], rtol=1e-3)
            assert_allclose(
                [found.lrt, found.lrt_p], [expected["lrt"], expected["lrt_p"]], rtol=1e-5
            )
        case "begg":
            found = begg_test(yi, vi)
            assert_allclose([found.kendall_tau, found.p], [expected["kendall_tau"], expected["p"]])
        case "orwin":
            assert fail_safe_n(yi, vi).orwin == expected["orwin"]
            assert fail_safe_n(-yi, vi).orwin == expected["orwin"]
        case "trim-common":
            found = trim_and_fill(yi, vi, trim_model="common")
            assert found.k0 == expected["k0"]
            assert trim_and_fill(yi, vi).k0 != found.k0
            for name in ("estimate", "ci_lower", "ci_upper"):
                assert_allclose(getattr(found.adjusted, name), expected[name], rtol=1e-6)
        case "tau":
            prior = "half-cauchy" if "half-cauchy" in edges_case["id"] else "half-normal"
            tau = bayesian_pool(yi, vi, tau_prior=prior, tau_scale=0.5).tau
            for name in ("mean", "lower", "median", "upper"):
                assert_allclose(getattr(tau, name), expected[name], rtol=1e-6, err_msg=name)
        case "robust":
            found = cluster_robust(
                yi, vi, data["study"], tau2=expected["tau2"], moderators={"level": data["level"]}
            )
            alone, *others = found.coefficients
            assert alone == BareCoefficient("intercept", pytest.approx(0.9))
            for name in ("estimate", "se", "df", "p"):
                got = [getattr(row, name) for row in others]
                assert_allclose(got, expected[name][1:], rtol=1e-6, err_msg=name)
            assert "no robust error for intercept" in found.notes[0]
            assert "level=b, level=c leaves out" in found.notes[1]
        case kind:
            pytest.fail(f"no test for {kind}")


def test_the_grid_is_complete(reference):
    kinds = [case["kind"] for case in reference("edges")]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "selection": 3, "begg": 2, "orwin": 1, "robust": 1, "trim-common": 1, "tau": 3,
    }  # fmt: skip


# R metasens 1.5-2: limitmeta(metagen(yi, sqrt(vi), tau.preset=sqrt(tau2)), method.adjust="beta0")
# with tau2 of metafor 3.8.1, rma(yi, vi, control=list(threshold=1e-12)).
LIMIT_YI = (
    0.24418140083597592, 0.012246804800884914, 0.5362090615276439, 0.8006451400915329,
    0.8598553791936158, 0.4594261838935806, 0.21643202966150554, 0.5610987416711197,
)  # fmt: skip
LIMIT_VI = (
    0.016860783987632664, 0.01648881695885861, 0.017456466465526656, 0.019942556703781877,
    0.01660389202283259, 0.015293389399259972, 0.030399321921414296, 0.014319990830043414,
)  # fmt: skip


def test_the_error_of_a_limit_meta_analysis_counts_tau2_and_the_intercept():
    yi, vi = np.array(LIMIT_YI), np.array(LIMIT_VI)
    found = limit_meta_analysis(yi, vi)
    assert_allclose([found.adjusted, found.se], [0.705036819821477, 0.458530878315133], rtol=1e-6)
    many = limit_many(yi[None], vi[None], np.ones((1, 8), dtype=bool), np.array([found.tau2]))
    assert_allclose(many.estimate[0], found.adjusted, rtol=1e-12)
    assert_allclose(many.ci_upper[0], found.ci_upper, rtol=1e-12)


@given(effects)
@settings(deadline=None, max_examples=60)
def test_orwin_is_exact_and_mirrored(rows):
    yi = [effect / 100 for effect, _ in rows]
    vi = [variance / 1000 for _, variance in rows]
    # In whole hundredths: |sum| / 20 - k studies, rounded up.
    exact = max(0, -(-abs(sum(effect for effect, _ in rows)) // 20) - len(rows))
    assert fail_safe_n(yi, vi).orwin == exact
    assert fail_safe_n([-effect for effect in yi], vi).orwin == exact


@given(effects, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_order_and_sign_do_not_matter_to_begg(rows, shuffler):
    assume(len({variance for _, variance in rows}) > 1)
    yi = np.array([effect / 100 for effect, _ in rows])
    vi = np.array([variance / 1000 for _, variance in rows])
    order = list(range(len(rows)))
    shuffler.shuffle(order)
    try:
        found = begg_test(yi, vi)
    except PoolingError:
        reject()  # all standardised effects alike
    again, mirror = begg_test(yi[order], vi[order]), begg_test(-yi, vi)
    assert_allclose([again.kendall_tau, again.p], [found.kendall_tau, found.p], atol=1e-12)
    assert_allclose([mirror.kendall_tau, mirror.p], [-found.kendall_tau, found.p], atol=1e-12)


def test_studies_that_are_equal_are_tied_whichever_is_the_most_precise():
    # Of six pairs one is tied in both rankings, so that tau-b divides by five.
    found = begg_test([0.5, 0.3, 0.3, 0.1], [0.1, 0.05, 0.05, 0.2])
    assert found.kendall_tau * 5 == pytest.approx(round(found.kendall_tau * 5))
    assert not found.exact


@pytest.mark.parametrize(
    ("k", "mu_sd", "exist"),
    [
        (1, None, (False, False)),
        (2, None, (True, False)),
        (3, None, (True, True)),
        (1, 1.0, (True, False)),
        (2, 1.0, (True, True)),
    ],
)
def test_moments_under_a_half_cauchy_prior(k, mu_sd, exist):
    yi, vi = [0.2, 0.7, 0.4][:k], [0.04, 0.06, 0.05][:k]
    found = bayesian_pool(yi, vi, tau_prior="half-cauchy", mu_sd=mu_sd)
    for posterior in (found.tau, found.predicted):
        assert (posterior.mean is not None, posterior.sd is not None) == exist
    # A normal prior of mu bounds it, whatever tau does.
    mu = exist if mu_sd is None else (True, True)
    assert (found.mu.mean is not None, found.mu.sd is not None) == mu
    assert all(row.mean is not None and row.sd is not None for row in found.shrunken)
    assert bayesian_pool(yi, vi, mu_sd=mu_sd).tau.sd is not None


def test_moderators_that_tell_every_study_apart(rng):
    study = [*"AAABBCCC"]
    yi, vi = rng.normal(size=8), rng.uniform(0.05, 0.2, 8)
    found = multilevel(yi, vi, study, rho=0.0, moderators={"study": study})
    assert found.tau2_between is None
    assert found.i2_within is None
    assert found.qm_p is None
    assert found.tau2_within >= 0
    assert found.robust_coefficients == ()
    assert all(isinstance(row, BareCoefficient) for row in found.coefficients)
    assert "fit every study exactly" in found.notes[0]
    # The estimate of the first study is its own weighted mean, whatever varies between.
    weights = 1 / (vi[:3] + found.tau2_within)
    assert_allclose(found.coefficients[0].estimate, weights @ yi[:3] / weights.sum(), rtol=1e-6)


def test_effects_that_agree_to_the_last_digit_have_no_robust_test():
    # clubSandwich's coef_test gives NaN for the level b, whose effects are all 0.1 (or p = 0).
    found = cluster_robust(
        [0.1, 0.0, 0.2, 0.2, 0.1], [0.19, 0.18, 0.14, 0.14, 0.19], ["2", "2", "2", "1", "1"],
        tau2=0.0, moderators={"g": ["b", "c", "c", "a", "b"]},
    )  # fmt: skip
    level = next(one for one in found.coefficients if one.term == "g=b")
    assert (level.se, level.stat, level.p) == (0.0, None, None)
    assert any("g=b do not vary about the fit" in note for note in found.notes)


def test_a_study_with_several_effects_that_holds_a_level_alone(rng):
    study = [*"AAABCDEFGGH"]
    level = ["a"] * 3 + ["b"] * 8
    yi, vi = rng.normal(size=11), rng.uniform(0.05, 0.2, 11)
    found = cluster_robust(yi, vi, study, tau2=0.1, moderators={"level": level})
    assert isinstance(found.coefficients[0], BareCoefficient)
    assert found.coefficients[1].se > 0.01


def test_moderators_that_nearly_follow_from_each_other_are_named(rng):
    x = rng.normal(size=20)
    yi, vi = rng.normal(size=20), rng.uniform(0.05, 0.2, 20)
    near = {"dose": x, "hours": x + rng.normal(size=20) * 1e-3}
    notes = meta_regression(yi, vi, near).notes
    assert any("dose, hours nearly follow from each other" in note for note in notes)
    study = [str(i) for i in range(20)]
    assert any("nearly follow" in n for n in cluster_robust(yi, vi, study, moderators=near).notes)
    apart = {"dose": x, "hours": rng.normal(size=20)}
    assert not any("nearly" in note for note in meta_regression(yi, vi, apart).notes)


def test_a_pair_of_trials_compared_by_chi_squared_gets_a_caution():
    yi, vi = [0.1, 0.2, 0.6, 0.9], [0.04, 0.05, 0.04, 0.06]
    group = ["a", "a", "b", "b"]
    assert any("takes standard errors as known" in n for n in subgroups(yi, vi, group).notes)
    common = subgroups(yi, vi, group, common_tau2=True)
    assert not any("takes standard errors" in note for note in common.notes)


def test_a_lopsided_interval_and_broken_events_are_refused():
    with pytest.raises(EffectSizeError, match=r"far from the middle.*position 1"):
        smd_from_interval([0.4, 2.0], [0.1, 1.0], [0.7, 4.0])
    assert_allclose(smd_from_interval(0.44, 0.10, 0.77).yi, 0.44)  # rounded to two decimals
    with pytest.raises(EffectSizeError, match=r"not a whole number \(position 0"):
        log_odds_ratio(4.5, 20, 3, 20)
