"""Meta-regression and subgroups equal metafor's; unusable moderators are refused by name."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.heterogeneity import tau2_of
from ipt_evidence.meta_analysis.linear_model import Design, Line
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.moderators import meta_regression, predict, subgroups

CLOSED_FORM = 1e-9
ITERATIVE = 1e-6
ITERATIVE_METHODS = {"PM", "ML", "REML", "EB"}
COLUMNS = ("estimate", "se", "stat", "p", "ci_lower", "ci_upper")
NUMBERS = "k tau2 i2 h2 qe qe_df qe_p qm qm_df1 qm_df2 qm_p".split()


def test_regression_equals_metafor(regression_case, dataset):
    case, data = regression_case, dataset(regression_case["dataset"])
    expected = case["expected"]
    fit = meta_regression(
        data["yi"],
        data["vi"],
        {name: data[name] for name in case["moderators"]},
        method=case["method"],
        test=case["test"],
    )
    rtol = ITERATIVE if case["method"] in ITERATIVE_METHODS else CLOSED_FORM
    for name in COLUMNS:
        found = [getattr(c, name) for c in fit.coefficients]
        assert_allclose(found, expected[name], rtol=rtol * 10, atol=1e-9, err_msg=name)
    for name in NUMBERS:
        if expected[name] is None:
            assert getattr(fit, name) is None, name
        else:
            assert_allclose(
                getattr(fit, name), expected[name], rtol=rtol * 10, atol=1e-9, err_msg=name
            )
    if case["method"] == "FE":
        assert fit.r2 is None  # metafor's R² is another quantity there
    else:
        assert_allclose(fit.r2, expected["r2"], rtol=rtol * 10, atol=1e-4)
    size = np.sqrt(np.diag(np.array(expected["covariance"])))
    difference = np.array(fit.covariance) - np.array(expected["covariance"])
    assert np.abs(difference / np.outer(size, size)).max() < rtol * 10


def test_reference_grid_is_complete(reference):
    have = {
        (c["dataset"], "+".join(c["moderators"]), c["method"], c["test"])
        for c in reference("regression")
    }
    assert have == set(
        itertools.product(
            ("mixed", "skewed"),
            ("dose", "year", "format", "dose+year", "dose+format"),
            ("FE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB"),
            ("z", "t", "knha", "adhoc"),
        )
    )


def test_predictions_equal_metafor(prediction_case, dataset):
    data, expected = dataset("mixed"), prediction_case["expected"]
    fit = meta_regression(
        data["yi"], data["vi"], {"dose": data["dose"]}, test=prediction_case["test"]
    )
    found = predict(fit, {"dose": prediction_case["dose"]})
    assert "estimate" in expected
    for name, values in expected.items():
        assert_allclose([getattr(p, name) for p in found], values, rtol=1e-6, err_msg=name)


def test_subgroups_equal_metafor(subgroups_case, dataset):
    data, expected = dataset("mixed"), subgroups_case["expected"]
    found = subgroups(
        data["yi"],
        data["vi"],
        data["format"],
        common_tau2=subgroups_case["common"],
        test=subgroups_case["test"],
    )
    assert [g.group for g in found.groups] == ["group", "individual", "remote"]
    for name in ("estimate", "se", "ci_lower", "ci_upper", "tau2"):
        assert_allclose(
            [getattr(g, name) for g in found.groups], expected[name], rtol=1e-6, err_msg=name
        )
    assert_allclose([found.q_between, found.p], [expected["q"], expected["p"]], rtol=1e-6)


def test_a_regression_without_moderators_is_the_pooled_effect(dataset):
    data = dataset("mixed")
    fit, pooled = meta_regression(data["yi"], data["vi"], {}), pool(data["yi"], data["vi"])
    assert_allclose(
        [fit.coefficients[0].estimate, fit.coefficients[0].se, fit.tau2, fit.i2],
        [pooled.estimate, pooled.se, pooled.tau2, pooled.i2],
        rtol=1e-9,
    )
    assert fit.qm is None
    assert fit.r2 == 0.0


def test_shifting_and_scaling_a_moderator_keeps_what_does_not_depend_on_it(dataset):
    data = dataset("mixed")
    one = meta_regression(data["yi"], data["vi"], {"year": data["year"]})
    other = meta_regression(data["yi"], data["vi"], {"year": 1e6 * (data["year"] - 2000)})
    assert_allclose(other.coefficients[1].estimate * 1e6, one.coefficients[1].estimate, rtol=1e-7)
    assert_allclose([other.tau2, other.qm, other.qe], [one.tau2, one.qm, one.qe], rtol=1e-8)


def test_extreme_units_of_the_effects_only_rescale(dataset):
    data = dataset("mixed")
    one = meta_regression(data["yi"], data["vi"], {"dose": data["dose"]})
    for c in (1e-8, 1e8):
        other = meta_regression(data["yi"] * c, data["vi"] * c**2, {"dose": data["dose"]})
        assert_allclose(other.coefficients[1].estimate / c, one.coefficients[1].estimate, rtol=1e-9)
        assert_allclose([other.i2, other.r2, other.qm], [one.i2, one.r2, one.qm], rtol=1e-7)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(3, 40), st.floats(0.0, 3.0), st.floats(-4.0, 6.0))
def test_one_moderator_by_its_short_path_equals_the_general_design(seed, k, spread, size):
    rng = np.random.default_rng(seed)
    vi = np.exp(rng.normal(-3.0, spread, k))
    x = 10.0**size * (2000.0 + 10.0 * rng.normal(size=k))
    yi = rng.normal(0.4, 0.5, k) + rng.normal(size=k) * np.sqrt(vi)
    terms = ("intercept", "x")
    line = Line(yi, vi, x, "x")
    design = Design.of(yi, vi, np.column_stack([np.ones(k), x]), terms)
    for method in ("DL", "HE", "HS", "SJ", "PM", "ML", "REML"):
        found, expected = (tau2_of(model, method) for model in (line, design))
        assert_allclose(found, expected, rtol=1e-8, atol=1e-10, err_msg=method)
        for one, other in zip(line.coefficients(found), design.coefficients(found), strict=True):
            assert_allclose(one, other, rtol=1e-7, err_msg=method)
    for tau2 in (0.0, 0.1):
        one, other = line.at(tau2), design.at(tau2)
        for name in ("rss", "total"):
            assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, err_msg=name)
        assert_allclose(one.restrictions()[0], other.restrictions()[0], rtol=1e-9)


def test_few_trials_for_the_moderators_are_noted(dataset):
    data = dataset("skewed")
    few = meta_regression(data["yi"], data["vi"], {n: data[n] for n in ("dose", "year", "format")})
    assert "20 trials for 3 moderators" in few.notes[0]
    assert not meta_regression(data["yi"], data["vi"], {"dose": data["dose"]}).notes


@pytest.mark.parametrize(
    ("moderators", "words"),
    [
        ({"dose": [1, 2, 3]}, "dose has 3 values for 6 effects"),
        ({"dose": [1, 2, 3, 4, 5, float("nan")]}, "dose is missing at position 5"),
        ({"dose": [2] * 6}, "dose is constant"),
        ({"a": [1, 2, 3, 4, 5, 7], "b": [2, 4, 6, 8, 10, 14]}, "b is constant or follows"),
        ({"format": ["x"] * 6}, "always 'x'"),
        ({"format": ["x", 1, "y", "x", "y", "x"]}, "mixes words and numbers"),
        ({"format": list("abcdef")}, "6 effects cannot carry 6 coefficients"),
        ({"when": [object()] * 6}, "not a number"),
    ],
)
def test_unusable_moderators_are_refused_by_name(moderators, words):
    with pytest.raises(PoolingError, match=words):
        meta_regression([0.1, 0.4, 0.3, 0.6, 0.2, 0.8], [0.1] * 6, moderators)


def test_prediction_refuses_what_the_model_has_not_seen(dataset):
    data = dataset("mixed")
    fit = meta_regression(data["yi"], data["vi"], {"format": data["format"]})
    with pytest.raises(PoolingError, match="no level telephone: the model knows group, individual"):
        predict(fit, {"format": ["telephone"]})
    with pytest.raises(PoolingError, match="no values for moderator format"):
        predict(fit, {})


def test_one_subgroup_has_nothing_to_be_compared_with():
    found = subgroups([0.1, 0.5, 0.3], [0.1, 0.1, 0.2], ["x"] * 3)
    assert (found.q_between, found.p, found.df1) == (None, None, 0)
    assert found.groups[0].estimate == pool([0.1, 0.5, 0.3], [0.1, 0.1, 0.2]).estimate


def test_a_subgroup_of_one_trial_keeps_its_own_interval():
    found = subgroups([0.1, 0.5, 0.3, 0.9], [0.1, 0.1, 0.2, 0.1], ["x", "x", "x", "y"])
    alone = found.groups[1]
    assert (alone.k, alone.tau2, alone.pi_lower) == (1, None, None)
    assert found.p is not None
    assert "fewer than 5 trials in: x, y" in found.notes[0]
    with pytest.raises(PoolingError, match="common tau²"):
        subgroups([0.1, 0.5], [0.1, 0.1], ["x", "y"], common_tau2=True)
