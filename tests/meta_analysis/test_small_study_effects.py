"""Tests and corrections for small-study effects equal R's; each says when not to rely on it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.models import pool
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

SETS = ("mixed", "even", "skewed")


def test_asymmetry_equals_metafor(asymmetry_case, dataset):
    data, expected, kind = (
        dataset(asymmetry_case["dataset"]),
        asymmetry_case["expected"],
        asymmetry_case["kind"],
    )
    if kind.startswith("begg"):
        vi = np.round(data["vi"], 2) if kind == "begg-ties" else data["vi"]
        found = begg_test(data["yi"], vi)
        assert found.exact == (np.unique(vi).size == vi.size)
    else:
        found = egger_test(data["yi"], data["vi"], model=kind)
    rtol = 1e-6 if kind == "mixed" else 1e-9
    assert "p" in expected
    for name, value in expected.items():
        assert_allclose(getattr(found, name), value, rtol=rtol, err_msg=name)


def test_trim_and_fill_equals_metafor(trim_and_fill_case, dataset):
    case, data = trim_and_fill_case, dataset(trim_and_fill_case["dataset"])
    side = None if case["side"] == "auto" else case["side"]
    choice = {"estimator": case["estimator"], "method": case["method"], "side": side, "test": "z"}
    expected = case["expected"]
    if expected is None:
        with pytest.raises(PoolingError, match="Q0 estimator does not exist"):
            trim_and_fill(data["yi"], data["vi"], **choice)
        return
    found = trim_and_fill(data["yi"], data["vi"], **choice)
    assert (found.k0, found.side) == (expected["k0"], expected["side"])
    if expected["k0_se"] is None:
        assert found.k0_se is None
    else:
        assert_allclose(found.k0_se, expected["k0_se"], rtol=1e-9)
    # trimfill() forgets the tight control and stops tau² at 1e-5.
    rtol = 1e-5 if case["method"] == "REML" else 1e-9
    assert_allclose(found.adjusted.estimate, expected["estimate"], rtol=rtol)
    assert_allclose(found.adjusted.se, expected["se"], rtol=rtol)
    assert_allclose(found.adjusted.tau2, expected["tau2"], rtol=rtol, atol=1e-10)
    assert_allclose(sorted(found.filled_yi), sorted(expected["filled_yi"]), rtol=rtol)
    assert_allclose(sorted(found.filled_vi), sorted(expected["filled_vi"]))


def test_corrections_equal_r(corrections_case, dataset):
    data, expected = dataset(corrections_case["dataset"]), corrections_case["expected"]
    yi, vi = data["yi"], data["vi"]
    assert expected
    match corrections_case["kind"]:
        case "pet" | "peese" as name:
            result = pet_peese(yi, vi)
            rows = (getattr(result, name), getattr(result, f"{name}_slope"))
            for column, values in expected.items():
                assert_allclose([getattr(r, column) for r in rows], values, rtol=1e-9)
        case "limit":
            result = limit_meta_analysis(yi, vi)
            for column, value in expected.items():
                assert_allclose(getattr(result, column), value, rtol=1e-6, err_msg=column)
        case "rosenthal" | "rosenberg" | "orwin" as name:
            assert getattr(fail_safe_n(yi, vi), name) == expected["n"]
        case "exact":
            result = excess_significance(yi, vi)
            assert result.observed == expected["observed"]
            assert_allclose(
                [result.expected, result.theta, result.p_exact],
                [expected["expected"], expected["theta"], expected["p"]],
                rtol=1e-9,
            )
            assert_allclose(result.power, expected["power"], rtol=1e-9)
        case "chi2":
            result = excess_significance(yi, vi)
            assert_allclose(
                [result.chi2, result.p_chi2], [expected["chi2"], expected["p"]], rtol=1e-9
            )
        case kind:
            pytest.fail(f"no comparison for {kind}")


def test_selection_model_equals_metafor(selection_case, dataset):
    data, expected = dataset(selection_case["dataset"]), selection_case["expected"]
    weights = expected["weights"][1:] if selection_case["fixed"] else None
    found = selection_model(data["yi"], data["vi"], steps=selection_case["steps"], weights=weights)
    # A flat likelihood and numerical second derivatives on both sides: no more digits than this.
    assert_allclose(found.log_likelihood, expected["log_likelihood"], rtol=1e-9)
    assert_allclose(found.adjusted.estimate, expected["estimate"], rtol=1e-5)
    assert_allclose(found.adjusted.se, expected["se"], rtol=1e-5)
    assert_allclose(found.adjusted.ci_lower, expected["ci_lower"], rtol=1e-4)
    assert_allclose(found.tau2, expected["tau2"], rtol=1e-5)
    assert_allclose([i.weight for i in found.intervals], expected["weights"], rtol=1e-4)
    if weights is None:
        errors = [i.se for i in found.intervals[1:]]
        assert_allclose(errors, expected["weights_se"][1:], rtol=1e-4)
        assert_allclose([found.lrt, found.lrt_p], [expected["lrt"], expected["lrt_p"]], rtol=1e-4)
    else:
        assert found.lrt is found.lrt_p is None


def test_of_weights_without_an_end_the_largest_is_held():
    # metafor 5.1-12 selmodel(rma(yi, vi, method="ML"), type="stepfun", steps=c(.025, .5)): no study
    # is significant; log-likelihood 1.99727877, weights 85.7 and 96.9, by a slow optimiser.
    yi = [
        0.004436,
        -0.038182,
        -0.097441,
        0.599941,
        0.136402,
        0.207736,
        -0.197533,
        -0.134956,
        0.211961,
        -0.24936,
    ]
    vi = [
        0.025143,
        0.02127,
        0.052556,
        0.815355,
        0.055577,
        0.052402,
        0.103804,
        0.19156,
        0.084535,
        0.080588,
    ]
    found = selection_model(yi, vi, steps=(0.025, 0.5))
    assert found.log_likelihood > 1.99727876
    assert_allclose(found.log_likelihood, 1.99727877, atol=2e-3)
    assert [one.weight for one in found.intervals][2] == 100.0
    assert 80.0 < found.intervals[1].weight < 95.0
    assert_allclose(found.adjusted.estimate, 0.0294, atol=5e-4)


def test_a_weight_that_grows_without_end_stops_where_metafor_stops_it():
    # metafor 5.1-12 selmodel(rma(yi, vi, method="ML"), type="stepfun", steps=.025): it comes within
    # 0.02 of the limit of 100, and counts the weight as estimated in its standard error.
    found = selection_model([0.457175, 0.668053, 1.040804], [0.05822, 0.158812, 0.022549])
    assert_allclose(found.adjusted.estimate, 0.9931758709, atol=1e-4)
    assert_allclose(found.log_likelihood, 3.493785503, atol=1e-3)
    assert_allclose(found.lrt, 7.987348654, atol=1e-3)
    assert found.intervals[1].weight == 100.0
    assert any("held at 100" in caution for caution in found.cautions)


def test_selection_model_without_a_significant_study():
    yi, vi = (
        [-0.8, -0.3, -0.5, 0.1, -1.1, -0.4, -0.2, 0.2],
        [0.1, 0.05, 0.2, 0.04, 0.3, 0.08, 0.02, 0.1],
    )
    found = selection_model(yi, vi, steps=(0.025, 0.5))
    # selmodel(rma(yi, vi, method = "ML"), type = "stepfun", steps = c(.025, .5)) of metafor 3.8-1,
    # whose search on this flat ridge ends at a weight of 62
    assert_allclose(found.adjusted.estimate, -0.245, atol=1e-3)
    assert_allclose([found.lrt, found.lrt_p], [0.1806592, 0.91363], rtol=5e-3)
    assert [i.studies for i in found.intervals] == [0, 2, 6]
    assert (found.intervals[1].weight, found.intervals[1].se) == (100.0, None)
    assert found.intervals[2].se is not None
    assert any("held at 100" in caution for caution in found.cautions)


def test_reference_grids_are_complete(reference):
    assert {(c["dataset"], c["kind"]) for c in reference("asymmetry")} == set(
        itertools.product(SETS, ("lm", "mixed", "begg", "begg-ties"))
    )
    assert {
        (c["dataset"], c["estimator"], c["method"], c["side"]) for c in reference("trim_and_fill")
    } == set(
        itertools.product(SETS, ("L0", "R0", "Q0"), ("REML", "DL", "FE"), ("auto", "left", "right"))
    )
    kinds = "pet peese limit rosenthal rosenberg orwin exact chi2".split()
    assert {(c["dataset"], c["kind"]) for c in reference("corrections")} == set(
        itertools.product(SETS, kinds)
    )
    assert len(reference("selection")) == 7


# ---- properties and honest words -----------------------------------------------------------------


@pytest.fixture
def skewed(dataset):
    data = dataset("skewed")
    return data["yi"], data["vi"]


def test_few_studies_are_always_cautioned(skewed):
    yi, vi = skewed[0][:6], skewed[1][:6]
    results = [
        egger_test(yi, vi),
        begg_test(yi, vi),
        trim_and_fill(yi, vi),
        pet_peese(yi, vi),
        limit_meta_analysis(yi, vi),
        excess_significance(yi, vi),
        selection_model(yi, vi, weights=[0.5]),
    ]
    for result in results:
        assert any("6 studies" in caution for caution in result.cautions), result
    assert "do not base a conclusion on it" in fail_safe_n(yi, vi).cautions[0]


def test_heterogeneity_is_cautioned_where_it_misleads(dataset):
    data = dataset("mixed")
    assert any("I² = " in c for c in trim_and_fill(data["yi"], data["vi"]).cautions)
    data = dataset("even")
    assert not any("I² = " in c for c in trim_and_fill(data["yi"], data["vi"]).cautions)


def test_turning_the_sign_turns_the_side(skewed):
    yi, vi = skewed
    one, other = trim_and_fill(yi, vi), trim_and_fill(-yi, vi)
    assert (one.side, other.side, one.k0) == ("left", "right", other.k0)
    assert_allclose(other.adjusted.estimate, -one.adjusted.estimate, rtol=1e-9)
    assert_allclose(egger_test(-yi, vi).slope, -egger_test(yi, vi).slope, rtol=1e-9)
    assert_allclose(begg_test(-yi, vi).p, begg_test(yi, vi).p, rtol=1e-12)


def test_nothing_missing_leaves_the_pooled_effect(skewed):
    yi, vi = skewed
    found = trim_and_fill(yi, vi, estimator="R0")
    assert found.k0 == 0
    assert found.adjusted.estimate == pool(yi, vi).estimate
    assert found.filled_yi == ()


def test_pet_or_peese_is_chosen_by_the_one_sided_test(skewed):
    yi, vi = skewed
    assert pet_peese(yi, vi).selected == "PET"
    strong = pet_peese(yi + 1.0, vi)
    assert strong.selected == "PEESE"
    assert strong.adjusted == strong.peese
    assert pet_peese(yi - 3.0, vi).selected == "PET"  # below zero is not a favoured effect


def test_p_curve_of_strong_effects_has_evidential_value(rng):
    strong = p_curve(rng.normal(0.6, 0.2, 2000), np.full(2000, 0.04))
    assert strong.evidential_value
    assert not strong.inadequate
    assert_allclose(strong.power, 0.85, atol=0.03)  # a mean z of 3
    assert_allclose(sum(strong.shares), 100.0)


def test_p_curve_of_selected_null_effects_has_none(rng):
    z = rng.normal(size=4000)
    chosen = z[np.abs(z) > 1.96][:150]
    null = p_curve(chosen, np.ones(chosen.size))
    assert not null.evidential_value
    assert null.inadequate
    assert null.power < 0.12


def test_p_curve_needs_significant_studies():
    none = p_curve([0.1, 0.2, 0.3], [1.0, 1.0, 1.0])
    assert none.significant == 0
    assert none.p_full is none.evidential_value is None
    assert "too few for a p-curve" in none.cautions[0]


def test_selection_finds_the_truth_behind_selected_studies(rng):
    se = rng.uniform(0.1, 0.5, 6000)
    yi = 0.2 + rng.normal(size=se.size) * np.sqrt(se**2 + 0.01)
    seen = (yi / se > 1.96) | (rng.random(se.size) < 0.2)
    found = selection_model(yi[seen], se[seen] ** 2)
    assert_allclose(found.adjusted.estimate, 0.2, atol=0.03)
    assert_allclose(found.intervals[1].weight, 0.2, atol=0.05)
    assert found.lrt_p < 1e-6
    assert pool(yi[seen], se[seen] ** 2).estimate > 0.28


def test_exact_excess_is_a_probability_of_the_number_seen():
    found = excess_significance([1.0, 1.0], [0.01, 0.01], theta=0.0)
    assert found.observed == 2
    assert_allclose(found.p_exact, 0.05**2)
    assert_allclose(found.expected, 0.1)


def test_egger_with_another_predictor_is_the_regression_on_it(skewed, rng):
    yi, vi = skewed
    other = rng.uniform(0.1, 0.6, yi.size)
    found = egger_test(yi, vi, predictor=other)
    x = np.column_stack([np.ones(yi.size), other])
    root = 1 / np.sqrt(vi)
    slope = np.linalg.lstsq(x * root[:, None], yi * root, rcond=None)[0][1]
    assert_allclose(found.slope, slope, rtol=1e-9)


def test_the_usual_predictor_cries_wolf_for_standardised_differences(rng):
    # Small trials, a large true effect, no selection: g and its standard error are entangled.
    alarms = {"se": 0, "n": 0}
    for _ in range(300):
        n = rng.integers(8, 60, 20)
        d = 1.0 + rng.normal(size=20) * np.sqrt(2 / n + 1 / (4 * n))
        vi = 2 / n + d**2 / (4 * n)
        alarms["se"] += egger_test(d, vi).p < 0.05
        alarms["n"] += egger_test(d, vi, predictor=np.sqrt(2 / n)).p < 0.05
    assert alarms["n"] < alarms["se"]
    assert alarms["n"] < 30


def test_begg_exact_p_of_a_perfect_order():
    # One of 4! orders, and its reverse: p = 2 / 24.
    found = begg_test([0.0, 1.0, 3.0, 9.0], [1.0, 1.1, 1.2, 1.3])
    assert found.kendall_tau == 1.0
    assert_allclose(found.p, 2 / math.factorial(4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: egger_test([0.1, 0.2], [0.1, 0.2]), "at least 3"),
        (lambda: egger_test([0.1, 0.2, 0.3], [0.1] * 3), "standard error is constant"),
        (lambda: egger_test([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], model="rma"), "lm or mixed"),
        (lambda: begg_test([0.1, 0.2, 0.3], [0.1] * 3), "same variance"),
        (lambda: trim_and_fill([0.1, 0.2, 0.3], [0.1] * 3, estimator="X"), "L0, R0, Q0"),
        (lambda: trim_and_fill([0.1, 0.2, 0.3], [0.1] * 3, side="up"), "left or right"),
        (lambda: limit_meta_analysis([0.1, 0.2, 0.3], [0.1] * 3), "equally precise"),
        (lambda: selection_model([0.9, 1.2], [0.1, 0.1]), "no study has a one-sided p"),
        (lambda: selection_model([0.1, 0.2], [0.1, 0.1], steps=(0.5, 0.1)), "ascending"),
        (lambda: selection_model([0.1, 0.2], [0.1, 0.1], weights=[0.5, 0.1]), "1 weights"),
        (lambda: fail_safe_n([0.1], [0.1], alpha=0.9), "alpha"),
        (lambda: fail_safe_n([0.1], [0.1], trivial_effect=0.0), "above 0"),
        (lambda: excess_significance([0.1], [0.1], alpha=0.0), "alpha"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(PoolingError, match=words):
        call()
