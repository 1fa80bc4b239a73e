"""The pooled effect equals metafor's, for every method, test and level."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.testing import assert_allclose

from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.models import TESTS, pool

CLOSED_FORM = 1e-9
# metafor solves for tau² with its own stopping rule, even when that is tightened.
ITERATIVE = 1e-6
ITERATIVE_METHODS = {"PM", "ML", "REML", "EB"}

NUMBERS = (
    "estimate se ci_lower ci_upper pi_lower pi_upper tau2 i2 h2 q q_df q_p stat p weights".split()
)


def test_pooled_effect_equals_metafor(pooling_case, dataset):
    data, expected = dataset(pooling_case["dataset"]), pooling_case["expected"]
    fit = pool(
        data["yi"],
        data["vi"],
        method=pooling_case["method"],
        test=pooling_case["test"],
        level=pooling_case["level"],
    )
    rtol = ITERATIVE if pooling_case["method"] in ITERATIVE_METHODS else CLOSED_FORM
    assert fit.k == expected["k"]
    for name in NUMBERS:
        actual = getattr(fit, name)
        if expected[name] is None:
            assert actual is None, name
        else:
            assert_allclose(actual, expected[name], rtol=rtol, atol=1e-13, err_msg=name)


def test_closed_form_is_exact_even_where_tau2_is_iterative(reference, dataset):
    # With metafor's own tau² given, everything else must follow to rounding. Method "EE" on
    # variances that already hold tau² is that closed form.
    cases = [
        case
        for case in reference("pooling")
        if case["method"] in ITERATIVE_METHODS and case["test"] == "knha"
    ]
    assert len(cases) == 22  # five data sets, four methods; two more levels for one of them
    for case in cases:
        data, expected = dataset(case["dataset"]), case["expected"]
        vi = data["vi"] + expected["tau2"]
        fit = pool(data["yi"], vi, method="EE", test="knha", level=case["level"])
        for name in ("estimate", "se", "ci_lower", "ci_upper", "stat", "p", "weights"):
            where = f"{case['id']}, {name}"
            assert_allclose(getattr(fit, name), expected[name], CLOSED_FORM, 1e-13, err_msg=where)


def test_the_grid_is_complete(reference):
    have = {(c["dataset"], c["method"], c["test"], c["level"]) for c in reference("pooling")}
    sets = ("mixed", "even", "few", "pair", "skewed")
    need = set(itertools.product(sets, METHODS, TESTS, [95]))
    need |= set(itertools.product(["mixed"], ["REML"], ["z", "knha"], [80, 99.9]))
    assert have == need


def test_reference_data_holds_the_edge_cases(reference):
    tau2 = {(c["dataset"], c["method"]): c["expected"]["tau2"] for c in reference("pooling")}
    assert tau2["even", "REML"] == 0.0  # a boundary fit
    assert tau2["mixed", "REML"] > 0.1
    assert np.isfinite(list(tau2.values())).all()


def test_of_two_maxima_the_same_is_chosen(two_maxima_case, dataset):
    data, expected = dataset("two_maxima"), two_maxima_case["expected"]
    rows = data["set"] == two_maxima_case["set"]
    fit = pool(data["yi"][rows], data["vi"][rows], method=two_maxima_case["method"], test="z")
    assert_allclose(fit.tau2, expected["tau2"], rtol=ITERATIVE, atol=1e-9)
    assert_allclose(fit.estimate, expected["estimate"], rtol=ITERATIVE)
