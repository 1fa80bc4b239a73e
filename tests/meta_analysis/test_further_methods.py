"""Joint robust tests, profile intervals, true effects, Henmi-Copas and counts equal R's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.coefficients import Formula
from ipt_evidence.meta_analysis.counts import MEASURES, mantel_haenszel, peto
from ipt_evidence.meta_analysis.dependent_effects import (
    cluster_robust,
    multilevel,
    variance_intervals,
)
from ipt_evidence.meta_analysis.moderators import meta_regression, predict
from ipt_evidence.meta_analysis.proportions import double_arcsine, logit_normal
from ipt_evidence.meta_analysis.shrinkage import true_effects
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import doi_plot
from ipt_evidence.meta_analysis.small_study_effects.henmi_copas import henmi_copas

SEEDS = st.integers(0, 2**32 - 1)


def close(found, expected, names, rtol):
    for name in names:
        assert_allclose(getattr(found, name), expected[name], rtol=rtol, atol=1e-9, err_msg=name)


def test_joint_tests_equal_clubsandwich(joint_case, dataset):
    data, expected = dataset("clustered"), joint_case["expected"]
    product = [("rater", "year")] if "*" in joint_case["mods"] else []
    formula = Formula(
        {"rater": data["rater"], "year": data["year"] - 2005}, product, {"rater": "self"}
    )
    fit = multilevel(
        data["yi"], data["vi"], data["study"], moderators=formula, test="z",
        robust=joint_case["kind"], smooth=joint_case["smooth"],
    )  # fmt: skip
    ours = {row.term.replace("rater=", "rater"): row for row in fit.robust_coefficients}
    theirs = [term.replace("intrcpt", "intercept") for term in expected["terms"]]
    assert set(ours) == set(theirs)
    for name in ("estimate", "se", "df"):
        found = [getattr(ours[term], name) for term in theirs]
        assert_allclose(found, expected[name], rtol=2e-5, atol=1e-7, err_msg=name)
    joint = {test.about: test for test in fit.robust_joint}
    for about, name in (("rater", "rater"), ("all moderators", "all")):
        close(joint[about], expected[name], ("f", "df1", "df2", "p"), 5e-5)


def test_profiles_equal_metafor(profiles_case, dataset):
    data = dataset("clustered")
    found = variance_intervals(
        data["yi"], data["vi"], data["study"], rho=profiles_case["rho"],
        method=profiles_case["method"], level=profiles_case["level"],
    )  # fmt: skip
    assert [one.of for one in found] == ["between", "within"]
    for one in found:
        expected = profiles_case["expected"][one.of]
        assert_allclose(
            [one.variance, one.ci_lower, one.ci_upper],
            [expected["variance"], expected["ci_lower"], expected["ci_upper"]],
            rtol=1e-4, atol=1e-6,
        )  # fmt: skip
        assert_allclose([one.stat, one.p], [expected["stat"], expected["p"]], rtol=1e-5, atol=1e-7)


def test_true_effects_equal_blup(true_effects_case, dataset):
    data, case = dataset("mixed"), true_effects_case
    moderators = {} if case["moderators"] == "1" else {"year": data["year"]}
    found = true_effects(
        data["yi"], data["vi"], moderators, method=case["method"], test=case["test"]
    )
    names = ("estimate", "se", "pi_lower", "pi_upper")
    ours = [[getattr(one, name) for one in found] for name in names]
    assert_allclose(ours, [case["expected"][name] for name in names], rtol=1e-6)


def test_henmi_copas_equals_metafor(henmi_copas_case, dataset):
    data, expected = dataset(henmi_copas_case["dataset"]), henmi_copas_case["expected"]
    found = henmi_copas(data["yi"], data["vi"], level=henmi_copas_case["level"])
    close(found, expected, expected, 2e-6)


def test_counts_equal_metafor(counts_case, dataset):
    data, expected = dataset("events"), counts_case["expected"]
    counts = (data["events1"], data["n1"], data["events2"], data["n2"])
    if counts_case["method"] == "MH":
        found = mantel_haenszel(*counts, measure=counts_case["measure"])
    else:
        found = peto(*counts)
    close(found, expected, expected, 1e-9)


def test_proportions_equal_metafor(proportions_case, dataset):
    data, expected, arm = dataset("events"), proportions_case["expected"], proportions_case["arm"]
    counts = data[f"events{arm}"], data[f"n{arm}"]
    if proportions_case["method"] == "GLMM":  # lme4 stops at a gradient near 1e-5
        close(logit_normal(*counts), expected, expected, 2e-4)
    else:
        found = double_arcsine(*counts)
        close(found, expected, expected, 1e-6)
        assert "mislead" in found.notes[0]


def test_lfk_index_of_the_published_example():
    # Furuya-Kanamori et al. (2018): metasens 1.5-2 lfkindex(SMD, sqrt(varSMD)) prints
    # "LFK index: -3.31 (major asymmetry)"; here with 15 digits.
    found = doi_plot([-4.27, -1.71, -0.58, -0.19, 0.0], [0.158, 0.076, 0.018, 0.022, 0.040])
    assert_allclose(found.lfk, -3.31011153863247, rtol=1e-12)
    assert found.asymmetry == "major"
    assert "0 to 30 %" in found.cautions[-1]


def test_reference_level_and_interaction_change_names_but_not_the_fit(dataset):
    data = dataset("mixed")
    year = data["year"] - 2000
    plain = meta_regression(data["yi"], data["vi"], {"format": data["format"], "year": year})
    other = sorted(set(data["format"]))[-1]
    moved = meta_regression(
        data["yi"], data["vi"],
        Formula({"format": data["format"], "year": year}, reference={"format": other}),
    )  # fmt: skip
    assert_allclose([moved.tau2, moved.qm], [plain.tau2, plain.qm], rtol=1e-9)
    assert all(f"format={other}" != row.term for row in moved.coefficients)
    both = Formula({"format": data["format"], "year": year}, [("format", "year")])
    fit = meta_regression(data["yi"], data["vi"], both)
    assert [row.term for row in fit.coefficients if ":" in row.term] == [
        f"format={level}:year" for level in sorted(set(data["format"]))[1:]
    ]
    at = predict(fit, {"format": [other], "year": [3.0]})[0]
    parts = {row.term: row.estimate for row in fit.coefficients}
    by_hand = parts["intercept"] + parts[f"format={other}"]
    by_hand += 3.0 * (parts["year"] + parts[f"format={other}:year"])
    assert_allclose(at.estimate, by_hand, rtol=1e-9)


def test_numbers_as_categories_come_in_their_order(dataset):
    data = dataset("mixed")
    decade = [f"{int(year) // 10 * 10:g}" for year in data["year"]]
    fit = meta_regression(data["yi"], data["vi"], {"decade": decade})
    terms = [row.term for row in fit.coefficients[1:]]
    assert terms == [f"decade={level}" for level in sorted(set(decade), key=float)[1:]]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (Formula({"a": [1, 2, 3, 4]}, [("a", "b")]), "needs b as a moderator too"),
        (Formula({"a": ["x", "y", "x", "y"]}, reference={"a": "z"}), "no level 'z'"),
        (Formula({"a": [1, 2, 3, 4]}, reference={"a": "1"}), "no category"),
    ],
)
def test_formulas_that_make_no_sense_are_refused(formula, words):
    with pytest.raises(PoolingError, match=words):
        meta_regression([0.1, 0.3, 0.2, 0.6], [0.1] * 4, formula)


@given(SEEDS)
def test_one_coefficient_together_is_that_coefficient_alone(seed):
    rng = np.random.default_rng(seed)
    study = np.repeat(np.arange(8), 3).tolist()
    x, yi, vi = rng.normal(size=24), rng.normal(size=24), rng.uniform(0.05, 0.5, 24)
    for kind in ("CR2", "CR1"):
        fit = cluster_robust(yi, vi, study, tau2=0.1, moderators={"x": x}, kind=kind)
        alone, joint = fit.coefficients[1], fit.joint[0]
        assert_allclose(
            [joint.f, joint.df2, joint.p], [alone.stat**2, alone.df, alone.p], rtol=1e-7
        )


@given(SEEDS)
def test_joint_test_does_not_depend_on_the_reference_level(seed):
    rng = np.random.default_rng(seed)
    study = np.repeat(np.arange(15), 2).tolist()
    group = np.array(["a", "b", "c"])[np.arange(30) // 2 % 3].tolist()
    yi, vi = rng.normal(size=30), rng.uniform(0.05, 0.5, 30)
    found = []
    for reference in "abc":
        formula = Formula({"group": group}, reference={"group": reference})
        found.append(cluster_robust(yi, vi, study, moderators=formula).joint[0])
    assert_allclose([one.f for one in found], found[0].f, rtol=1e-6)
    assert_allclose([one.df2 for one in found], found[0].df2, rtol=1e-6)


@settings(max_examples=8)
@given(SEEDS)
def test_profile_limits_hold_the_estimate_and_scale(seed):
    rng = np.random.default_rng(seed)
    study = np.repeat(np.arange(6), 2).tolist()
    yi = np.repeat(rng.normal(0, 0.5, 6), 2) + rng.normal(0, 0.4, 12)
    vi = rng.uniform(0.02, 0.2, 12)
    wide, narrow = (variance_intervals(yi, vi, study, level=level) for level in (95.0, 80.0))
    scaled = variance_intervals(10 * yi, 100 * vi, study)
    for a, b, c in zip(wide, narrow, scaled, strict=True):
        assert a.ci_lower <= b.ci_lower <= a.variance + 1e-9
        assert a.ci_upper is None or a.variance <= b.ci_upper <= a.ci_upper
        assert (a.ci_lower > 0.0) == (a.p < 0.05)
        assert_allclose([c.variance, c.ci_lower], [100 * a.variance, 100 * a.ci_lower],
                        rtol=1e-4, atol=1e-5)  # fmt: skip


COUNTS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 20), st.integers(1, 20)),
    min_size=2, max_size=8,
)  # fmt: skip


@given(COUNTS)
def test_swapping_arms_turns_the_sign(rows):
    a, c, more_a, more_c = (np.array(column) for column in zip(*rows, strict=True))
    n1, n2 = a + more_a, c + more_c
    pooled = [lambda *x, m=m: mantel_haenszel(*x, measure=m) for m in MEASURES] + [peto]
    for pool in pooled:
        try:
            one = pool(a, n1, c, n2)
        except PoolingError:
            with pytest.raises(PoolingError):
                pool(c, n2, a, n1)
            continue
        other = pool(c, n2, a, n1)
        assert_allclose([-other.estimate, other.se], [one.estimate, one.se], rtol=1e-9, atol=1e-12)


@settings(max_examples=20)
@given(SEEDS, st.integers(2, 12))
def test_proportions_mirror_and_lie_among_the_studies(seed, k):
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 80, k)
    events = rng.binomial(n, rng.uniform(0.2, 0.7, k))
    one, other = logit_normal(events, n), logit_normal(n - events, n)
    assert_allclose(other.transformed, -one.transformed, rtol=1e-4, atol=1e-4)
    assert min(events / n) - 1e-9 <= one.proportion <= max(events / n) + 1e-9
    assert one.pi_lower <= one.ci_lower <= one.proportion <= one.ci_upper <= one.pi_upper


def test_counts_that_cannot_be_are_refused():
    for counts, words in (
        (([1, 2], [5, 5], [1], [5]), "one value for each"),
        (([6], [5], [1], [5]), "beyond 0..n"),
        (([0, 0], [5, 5], [0, 0], [5, 5]), "nothing to compare"),
    ):
        with pytest.raises(PoolingError, match=words):
            mantel_haenszel(*counts)
        with pytest.raises(PoolingError):
            peto(*counts)
    with pytest.raises(PoolingError, match="no logit to pool"):
        logit_normal([0, 0], [5, 9])
    with pytest.raises(PoolingError, match="not a whole number"):
        logit_normal([0.5, 1], [5, 9])


def test_true_effects_lie_between_own_and_mean(rng):
    yi, vi = rng.normal(0.4, 0.4, 15), rng.uniform(0.02, 0.4, 15)
    found = true_effects(yi, vi)
    mean = (found[0].estimate - found[0].kept * yi[0]) / (1 - found[0].kept)
    assert all(min(y, mean) - 1e-9 <= one.estimate <= max(y, mean) + 1e-9
               for y, one in zip(yi, found, strict=True))  # fmt: skip
    with pytest.raises(PoolingError, match="all true effects are equal"):
        true_effects(yi, vi, method="EE")
