"""The headline numbers of the bundled evidence, as it stood when R was asked, equal R's."""

from __future__ import annotations

from numpy.testing import assert_allclose

from ipt_evidence.meta_analysis.dependent_effects import aggregate, multilevel
from ipt_evidence.meta_analysis.models import pool


def test_one_effect_per_trial_pools_as_in_metafor(bundled_case):
    case = bundled_case
    combined = aggregate(case["yi"], case["vi"], case["study"], 0.6)
    fit = pool(combined.yi, combined.vi)
    for name, value in case["expected"].items():
        if value is not None:
            assert_allclose(getattr(fit, name), value, rtol=1e-6, atol=1e-9, err_msg=name)


def test_all_effects_in_a_che_model_as_in_metafor_and_clubsandwich(bundled_case):
    case, expected = bundled_case, bundled_case.get("multilevel")
    if expected is None:
        return  # each trial has one effect: there is no such model
    fit = multilevel(case["yi"], case["vi"], case["study"], rho=0.6)
    model, robust = fit.coefficients[0], fit.robust_coefficients[0]
    assert_allclose([model.estimate, model.se], [expected["estimate"], expected["se"]], rtol=2e-6)
    assert_allclose(
        [robust.se, robust.df, robust.p],
        [expected["robust_se"], expected["robust_df"], expected["robust_p"]],
        rtol=1e-5,
    )
    assert_allclose(
        [fit.tau2_between, fit.tau2_within],
        [expected["tau2_between"], expected["tau2_within"]],
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_main_comparison_is_among_the_cases(reference):
    cases = {case["id"]: case for case in reference("bundled")}
    assert len(cases["control"]["yi"]) >= 30
