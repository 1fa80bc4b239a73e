"""Three-level and CHE models equal metafor's, their robust errors clubSandwich's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.dependent_effects import cluster_robust, multilevel
from ipt_evidence.meta_analysis.dependent_effects.blocks import Clusters, Covariance

# metafor's optimiser stops within about 1e-8 of the maximum even when told to go on.
ITERATIVE = 2e-6


def fitted(case, data):
    name = case["moderators"]
    moderators = {} if name == "1" else {name: data[name]}
    return multilevel(
        data["yi"],
        data["vi"],
        data["study"],
        rho=case["rho"],
        moderators=moderators,
        method=case["method"],
    )


def test_model_equals_metafor_and_robust_errors_clubsandwich(multilevel_case, dataset):
    expected = multilevel_case["expected"]
    fit = fitted(multilevel_case, dataset("clustered"))
    for name in ("estimate", "se", "stat", "p", "ci_lower", "ci_upper"):
        found = [getattr(c, name) for c in fit.coefficients]
        assert_allclose(found, expected[name], rtol=ITERATIVE, atol=1e-7, err_msg=name)
    for name in ("se", "stat", "df", "p", "ci_lower", "ci_upper"):
        found = [getattr(c, name) for c in fit.robust_coefficients]
        assert_allclose(found, expected[f"robust_{name}"], rtol=ITERATIVE, atol=1e-7, err_msg=name)
    assert_allclose(fit.log_likelihood, expected["log_likelihood"], rtol=1e-8)
    for name in ("tau2_between", "tau2_within", "i2_between", "i2_within", "q", "q_p"):
        assert_allclose(getattr(fit, name), expected[name], rtol=2e-5, atol=1e-6, err_msg=name)
    for name in ("pi_lower", "pi_upper"):
        if expected[name] is None:
            assert getattr(fit, name) is None
        else:
            assert_allclose(getattr(fit, name), expected[name], rtol=ITERATIVE, err_msg=name)


def test_reference_grid_is_complete(reference):
    have = {(c["rho"], c["moderators"], c["method"]) for c in reference("multilevel")}
    assert have == set(
        itertools.product((0, 0.3, 0.6, 0.9), ("1", "year", "rater"), ("REML", "ML"))
    )


def test_robust_errors_of_a_simple_model(robust_case, dataset):
    data, expected = dataset("clustered"), robust_case["expected"]
    name = robust_case["moderators"]
    moderators = {} if name == "1" else {name: data[name]}
    fit = cluster_robust(
        data["yi"], data["vi"], data["study"], tau2=expected["tau2"], moderators=moderators
    )
    for name in ("estimate", "se", "df", "p", "ci_lower", "ci_upper"):
        found = [getattr(c, name) for c in fit.coefficients]
        assert_allclose(found, expected[name], rtol=1e-7, err_msg=name)
    assert fit.n_clusters == 20


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=6),
    st.floats(0, 0.95),
    st.floats(0, 2),
    st.floats(0, 2),
    st.integers(0, 2**32 - 1),
)
def test_blockwise_inverse_equals_the_whole_matrix(sizes, rho, between, within, seed):
    rng = np.random.default_rng(seed)
    index = np.repeat(np.arange(len(sizes)), sizes)
    vi = rng.uniform(0.1, 2, index.size)
    starts = np.searchsorted(index, np.arange(len(sizes)))
    clusters = Clusters(vi, index, starts, rho)
    same = index[:, None] == index[None, :]
    whole = same * (rho * np.sqrt(np.outer(vi, vi)) + between)
    whole += np.diag((1 - rho) * vi + within)
    covariance = Covariance(clusters, between, within)
    values = rng.normal(size=(index.size, 2))
    assert_allclose(covariance.solve(values), np.linalg.solve(whole, values), rtol=1e-7, atol=1e-9)
    assert_allclose(covariance.solve(values[:, 0]), covariance.solve(values)[:, 0])
    assert_allclose(covariance.log_determinant, np.linalg.slogdet(whole)[1], rtol=1e-8, atol=1e-9)
    assert_allclose(covariance.trace_of_inverse(), np.trace(np.linalg.inv(whole)), rtol=1e-8)


def test_order_sign_and_unit_of_effects(dataset, rng):
    data = dataset("clustered")
    one = multilevel(data["yi"], data["vi"], data["study"])
    order = rng.permutation(data["yi"].size)
    other = multilevel(-1e6 * data["yi"][order], 1e12 * data["vi"][order], data["study"][order])
    for kind in ("coefficients", "robust_coefficients"):
        a, b = getattr(one, kind)[0], getattr(other, kind)[0]
        assert_allclose([-b.estimate / 1e6, b.se / 1e6, b.df], [a.estimate, a.se, a.df], rtol=1e-7)
    assert_allclose(other.i2_between, one.i2_between, rtol=1e-7)


def test_few_studies_are_noted_and_do_not_crash(dataset):
    data = dataset("clustered")
    rows = np.isin(data["study"], ["study 01", "study 04", "study 13"])
    fit = multilevel(data["yi"][rows], data["vi"][rows], data["study"][rows])
    assert fit.n_studies == 3
    assert fit.robust_coefficients[0].df < 4
    assert "do not rely on the robust test" in fit.notes[0]


@pytest.mark.parametrize(
    ("study", "choice", "words"),
    [
        (list("aaaa"), {}, "one study"),
        (list("abcd"), {}, "each study has one effect"),
        (list("aabb"), {"rho": 1.0}, "rho 1.0"),
        (list("aabb"), {"method": "DL"}, "REML or ML"),
        (list("aab"), {}, "study has 3 values for 4 effects"),
    ],
)
def test_refusals(study, choice, words):
    with pytest.raises(PoolingError, match=words):
        multilevel([0.1, 0.3, 0.2, 0.6], [0.1] * 4, study, **choice)
    with pytest.raises(PoolingError, match="one study"):
        cluster_robust([0.1, 0.2], [0.1, 0.1], ["a", "a"])


def test_joint_test_of_moderators_as_in_metafor(dataset):
    # rma.mv(yi, vi, mods = ~ rater + I(year - 2005), random = ~ 1 | study/effect, test = ...)
    data = dataset("clustered")
    moderators = {"rater": data["rater"], "year": data["year"] - 2005}
    joint = {
        "z": [1.4540129787, 0.4833537512, 2, np.nan],
        "t": [0.7270064893, 0.4887091901, 2, 47],
    }
    for test, expected in joint.items():
        fit = multilevel(
            data["yi"], data["vi"], data["study"], rho=0, moderators=moderators, test=test
        )
        found = [fit.qm, fit.qm_p, fit.qm_df1, fit.qm_df2 or np.nan]
        assert_allclose(found, expected, rtol=1e-5)
    assert multilevel(data["yi"], data["vi"], data["study"]).qm is None


STUDIES = [1, 1, 2, 3, 3, 3, 4, 5, 5]
SPREAD = np.array([0.3, 0.9, -0.4, 1.4, 0.4, 1.1, 0.2, -0.9, 0.35])
VARIANCES = np.array([0.05, 0.06, 0.04, 0.09, 0.08, 0.1, 0.03, 0.05, 0.07])


def test_known_covariances_as_in_metafor():
    # V <- diag(vi) with these; rma.mv(yi, V, random = ~ 1 | study/effect, test = "t"), metafor
    # 3.8-1; coef_test(fit, vcov = "CR2", cluster = study), clubSandwich. Optimised by nlminb.
    sampling = np.diag(VARIANCES)
    for i, j, value in ((0, 1, 0.025), (3, 4, 0.04), (3, 5, 0.045), (4, 5, 0.03), (7, 8, 0.02)):
        sampling[i, j] = sampling[j, i] = value
    fit = multilevel(SPREAD, VARIANCES, STUDIES, rho=0, sampling=sampling)
    own, robust = fit.coefficients[0], fit.robust_coefficients[0]
    found = [own.estimate, own.se, fit.tau2_between, fit.tau2_within, fit.q, fit.log_likelihood]
    assert_allclose(
        found,
        [0.270992046444584, 0.274427291399583, 0.151838288307495, 0.296950088461285,
         66.5310232926266, -8.28185518018154],
        rtol=1e-5,
    )  # fmt: skip
    assert_allclose([robust.se, robust.df], [0.277178863065, 3.840659350886], rtol=1e-6)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_known_covariances_of_one_correlation_are_the_model_with_rho(rho):
    sd = np.sqrt(VARIANCES)
    same = np.equal.outer(STUDIES, STUDIES)
    sampling = np.where(same, rho * np.outer(sd, sd), 0.0)
    np.fill_diagonal(sampling, VARIANCES)
    known = multilevel(SPREAD, VARIANCES, STUDIES, sampling=sampling)
    plain = multilevel(SPREAD, VARIANCES, STUDIES, rho=rho)
    for name in ("tau2_between", "tau2_within", "q", "log_likelihood"):
        assert_allclose(getattr(known, name), getattr(plain, name), rtol=1e-9, atol=1e-9)
    assert_allclose(known.robust_coefficients[0].se, plain.robust_coefficients[0].se, rtol=1e-9)


def test_impossible_covariances_are_refused():
    for sampling, words in (
        (np.eye(3), "9 x 9"),
        (np.diag(2 * VARIANCES), "diagonal"),
        (np.diag(VARIANCES) + 0.01 * (1 - np.eye(9)), "0 between studies"),
    ):
        with pytest.raises(PoolingError, match=words):
            multilevel(SPREAD, VARIANCES, STUDIES, sampling=sampling)
    wrong = np.diag(VARIANCES)
    wrong[0, 1] = wrong[1, 0] = 0.5
    with pytest.raises(PoolingError, match="contradict"):
        multilevel(SPREAD, VARIANCES, STUDIES, sampling=wrong)
