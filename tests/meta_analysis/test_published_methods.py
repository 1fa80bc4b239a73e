"""All methods beyond pooling on published data sets, where those files stand beside the project.

Values were made with metafor's default control (tau² stops at 1e-5), hence the loose tolerances;
the exact comparisons are on our own data sets.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.dependent_effects import cluster_robust, multilevel
from ipt_evidence.meta_analysis.effect_sizes import (
    log_odds_ratio,
    log_risk_ratio,
    mean_difference,
    risk_difference,
    standardised_mean_difference,
)
from ipt_evidence.meta_analysis.gosh import gosh
from ipt_evidence.meta_analysis.heterogeneity import heterogeneity_interval
from ipt_evidence.meta_analysis.influence import cumulative, influence, leave_one_out
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.moderators import meta_regression, predict, subgroups
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import begg_test, egger_test
from ipt_evidence.meta_analysis.small_study_effects.pet_peese import pet_peese
from ipt_evidence.meta_analysis.small_study_effects.selection import selection_model
from ipt_evidence.meta_analysis.small_study_effects.significance import (
    excess_significance,
    fail_safe_n,
)
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import trim_and_fill

FOLDER = Path(__file__).parents[2].parent / "shared" / "reference"
LOOSE = {"rtol": 5e-4, "atol": 5e-4}


def of(group: str, without: str = "") -> list:
    path = FOLDER / "meta_reference.json"
    cases = json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []
    found = [
        pytest.param(case, id=case["id"])
        for case in cases
        if re.fullmatch(group, case["group"]) and not re.fullmatch(without, case["id"])
    ]
    reason = "the published data sets are not beside the project"
    return found or [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="absent")]


def read(path: str) -> dict[str, list[str]]:
    with (FOLDER / path).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def effects(case: dict) -> tuple[np.ndarray, np.ndarray]:
    table = read(case["yi_vi_file"])
    return np.array(table["yi"], dtype=float), np.array(table["vi"], dtype=float)


def numbers(case: dict, column: str) -> np.ndarray:
    return np.array(read(case["dataset"])[column], dtype=float)


def option(case: dict, name: str, default: str) -> str:
    match = re.search(rf'{name}="(\w+)"', case["model"])
    return match[1] if match else default


def assert_fields(found: object, expected: dict, names: dict[str, str], **tolerance: float) -> None:
    for ours, theirs in names.items():
        actual = getattr(found, ours)
        if actual is not None and expected[theirs] is not None:
            assert_allclose(actual, expected[theirs], err_msg=ours, **(tolerance or LOOSE))


@pytest.mark.parametrize("case", of("Q-profile CI"))
def test_q_profile(case):
    found, expected = heterogeneity_interval(*effects(case)), case["expected"]
    for name, key in (("tau2", "tau2"), ("i2", "I2"), ("h2", "H2")):
        limits = [getattr(found, f"{name}_lower"), getattr(found, f"{name}_upper")]
        assert_allclose(limits, expected[key][1:], rtol=2e-3)


@pytest.mark.parametrize("case", of("meta-regression"))
def test_meta_regression(case):
    yi, vi = effects(case)
    model = case["model"]
    if "pmin(weeks" in model:
        moderators = {"weeks": np.minimum(numbers(case, "weeks"), 3)}
    else:
        words = re.search(r"mods = ~ ([\w +]+)", model)[1].split(" + ")
        moderators = {word: numbers(case, word) for word in words}
    fit = meta_regression(
        yi, vi, moderators, method=option(case, "method", "REML"), test=option(case, "test", "z")
    )
    expected = case["expected"]
    if "predict" in model:
        found = predict(fit, {"ablat": expected["newmods"]})
        assert_allclose([p.estimate for p in found], expected["pred"], **LOOSE)
        assert_allclose([p.ci_lower for p in found], expected["ci_lb"], **LOOSE)
        return
    assert_allclose([c.estimate for c in fit.coefficients], expected["estimate"], rtol=1e-3)
    assert_allclose([c.se for c in fit.coefficients], expected["se"], rtol=1e-3)
    assert_fields(
        fit, expected, {"tau2": "tau2", "qm": "QM", "qm_p": "QM_p", "qe": "Q"}, rtol=2e-3, atol=1e-6
    )
    assert_allclose(fit.r2, expected["R2"], atol=0.1)


@pytest.mark.parametrize("case", of("subgroup"))
def test_subgroups(case):
    yi, vi = effects(case)
    expected, groups = case["expected"], read(case["dataset"])["alloc"]
    common = "separate" not in case["id"]
    test = "knha" if "knha" in case["id"] else "z"
    found = subgroups(yi, vi, groups, common_tau2=common, test=test)
    if not common or "noint" in case["id"]:
        assert_allclose([g.estimate for g in found.groups], expected["estimate"], rtol=1e-3)
        assert_allclose([g.se for g in found.groups], expected["se"], rtol=1e-3)
    else:
        assert_allclose([found.q_between, found.p], [expected["QM"], expected["QM_p"]], rtol=1e-3)


@pytest.mark.parametrize("case", of("Egger|rank test|PET-PEESE"))
def test_asymmetry(case):
    yi, vi = effects(case)
    expected = case["expected"]
    if case["id"].endswith("begg"):
        assert_fields(begg_test(yi, vi), expected, {"kendall_tau": "kendall_tau", "p": "pval"})
    elif case["id"].endswith(("egger_lm", "egger_rma_sei")):
        found = egger_test(yi, vi, model="lm" if case["id"].endswith("lm") else "mixed")
        assert_fields(found, expected, {"stat": "stat", "p": "pval", "limit": "limit_est"})
    elif case["id"].endswith("egger_rma_vi"):
        found = egger_test(yi, vi, predictor=vi, model="mixed")
        names = {"stat": "stat", "p": "pval", "limit": "limit_est"}
        assert_fields(found, expected, names)
        assert_allclose([found.limit_lower, found.limit_upper], expected["limit_ci"], **LOOSE)
    elif case["id"].endswith("_pet"):
        fit = meta_regression(yi, vi, {"se": np.sqrt(vi)}, method="FE", test="t")
        for ours, theirs in (("estimate", "estimate"), ("se", "se"), ("p", "pval")):
            found = [getattr(c, ours) for c in fit.coefficients]
            assert_allclose(found, expected[theirs], rtol=1e-8)
        assert_allclose([fit.qm, fit.qm_p], [expected["QM"], expected["QM_p"]], rtol=1e-8)
    elif case["id"].endswith("classic_coef"):
        found = egger_test(yi, vi)
        names = {"slope": "intercept", "se": "intercept_se", "p": "intercept_p", "limit": "slope"}
        assert_fields(found, expected, names, rtol=1e-8)
    elif case["id"].endswith("peese_lm"):
        found = pet_peese(yi, vi)
        for name in ("pet", "peese"):
            row = getattr(found, name)
            names = {"estimate": "intercept", "se": "intercept_se", "p": "intercept_p"}
            assert_fields(row, expected[name], names, rtol=1e-8)
    else:
        raise AssertionError(f"no comparison for {case['id']}")


@pytest.mark.parametrize("case", of("trimfill"))
def test_trim_and_fill(case):
    yi, vi = effects(case)
    choice = {
        "estimator": option(case, "estimator", "L0"),
        "method": option(case, "method", "REML"),
    }
    found, expected = trim_and_fill(yi, vi, test="z", **choice), case["expected"]
    assert (found.k0, found.side) == (expected["k0"], expected["side"])
    assert_fields(found.adjusted, expected, {"estimate": "estimate", "se": "se", "tau2": "tau2"})


@pytest.mark.parametrize("case", of("fail-safe N|excess significance|selection model"))
def test_selection_and_excess(case):
    yi, vi = effects(case)
    expected = case["expected"]
    if case["group"] == "fail-safe N":
        found = fail_safe_n(yi, vi)
        name = "rosenberg" if "rosenberg" in case["id"] else "rosenthal"
        # Stored as R's whole number; a mean below 0 is turned there, as squares do here.
        assert getattr(found, name) == expected["fsnum"]
    elif case["group"] == "excess significance":
        found = excess_significance(yi, vi)
        assert_allclose([found.observed, found.expected], [expected["O"], expected["E"]], rtol=1e-8)
        assert_allclose(
            found.p_exact if expected["X2"] is None else found.p_chi2, expected["pval"], rtol=1e-6
        )
    else:
        found = selection_model(yi, vi)
        # Where the first interval is empty metafor's weight stops somewhere below its bound of 100.
        assert_allclose([found.lrt, found.lrt_p], [expected["LRT"], expected["LRTp"]], rtol=5e-3)
        assert_allclose(found.adjusted.estimate, expected["estimate"], rtol=1e-2, atol=1e-3)
        assert_allclose(found.adjusted.se, expected["se"], rtol=1e-2, atol=1e-3)
        assert_allclose(found.tau2, expected["tau2"], rtol=1e-2, atol=1e-5)


@pytest.mark.parametrize("case", of("leave-one-out|cumulative"))
def test_partial_pooling(case):
    yi, vi = effects(case)
    choice = {"method": option(case, "method", "REML"), "test": option(case, "test", "z")}
    if case["group"] == "cumulative":
        by = vi if "precision" in case["id"] else numbers(case, "year")
        rows = cumulative(yi, vi, by, **choice)
    else:
        rows = leave_one_out(yi, vi, **choice)
    expected = case["expected"]
    assert_allclose([r.estimate for r in rows], expected["estimate"], rtol=1e-3, atol=1e-3)
    assert_allclose([r.se for r in rows], expected["se"], rtol=2e-3)
    assert_allclose([r.tau2 or 0.0 for r in rows], expected["tau2"], rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("case", of("influence"))
def test_influence(case):
    rows, expected = influence(*effects(case)), case["expected"]
    names = {
        "rstudent": "rstudent",
        "dffits": "dffits",
        "cook": "cook.d",
        "cov_ratio": "cov.r",
        "tau2_deleted": "tau2.del",
        "hat": "hat",
        "weight": "weight",
        "dfbetas": "dfbs",
    }
    for ours, theirs in names.items():
        values = np.ravel(expected[theirs])
        assert_allclose([getattr(r, ours) for r in rows], values, rtol=3e-3, atol=1e-3)
    assert [r.influential for r in rows] == expected["is_infl"]


# Profile intervals and likelihood-ratio tests are not offered.
@pytest.mark.parametrize(
    "case", of("three-level|three-level meta-regression", without=r".*_(confint|LRT)")
)
def test_three_level(case):
    if "rma.mv" not in case["model"]:
        found = pool(*effects(case), test="z")
        names = {"estimate": "estimate", "se": "se", "tau2": "tau2", "pi_lower": "pi_lb", "q": "Q"}
        assert_fields(found, case["expected"], names)
        return
    yi, vi = effects(case)
    expected = case["expected"]
    year = numbers(case, "year")
    moderators = {"year": year - year.mean()} if "year" in case["id"] else {}
    method = option(case, "method", "REML")
    study = read(case["dataset"])["district"]
    test = expected["stat_type"]
    fit = multilevel(yi, vi, study, rho=0.0, moderators=moderators, method=method, test=test)
    assert_allclose([c.estimate for c in fit.coefficients], expected["estimate"], rtol=1e-5)
    assert_allclose([c.se for c in fit.coefficients], expected["se"], rtol=1e-5)
    assert_allclose([c.p for c in fit.coefficients], expected["pval"], rtol=1e-4)
    assert_allclose([c.ci_lower for c in fit.coefficients], expected["ci_lb"], rtol=1e-4)
    assert_allclose([fit.q, fit.q_p], [expected["Q"], expected["Q_p"]], rtol=1e-8)
    if moderators:
        assert_allclose([fit.qm, fit.qm_p], [expected["QM"], expected["QM_p"]], rtol=1e-4)
    else:
        limits = [expected["pi_lb"], expected["pi_ub"]]
        assert_allclose([fit.pi_lower, fit.pi_upper], limits, rtol=1e-5)
    assert_allclose([fit.tau2_between, fit.tau2_within], expected["sigma2"], rtol=1e-5)
    assert_allclose(fit.log_likelihood, expected["logLik"], rtol=1e-9)
    if expected.get("I2_levels"):
        assert_allclose([fit.i2_between, fit.i2_within], expected["I2_levels"], rtol=1e-5)


@pytest.mark.parametrize("case", of(r"RVE \(CR2\)"))
def test_robust(case):
    yi, vi = effects(case)
    expected = case["expected"]
    names = {"estimate": "estimate", "se": "se", "df": "df", "p": "pval", "ci_lower": "ci_lb"}
    if "konstantopoulos" in case["id"]:
        fit = multilevel(yi, vi, read(case["dataset"])["district"], rho=0.0)
        assert_fields(fit.robust_coefficients[0], expected, names, rtol=1e-4)
        return
    words = ("ablat", "year") if "mods" in case["model"] else ()
    moderators = {word: numbers(case, word) for word in words}
    tau2 = meta_regression(yi, vi, moderators).tau2
    fit = cluster_robust(yi, vi, list(range(yi.size)), tau2=tau2, moderators=moderators)
    for ours, theirs in names.items():
        found = [getattr(c, ours) for c in fit.coefficients]
        assert_allclose(found, np.atleast_1d(expected[theirs]), rtol=1e-3, err_msg=ours)


def test_q0_may_not_exist():
    path = FOLDER / "escalc" / "dat.egger2001__OR.csv"
    if not path.exists():
        pytest.skip("the published data sets are not beside the project")
    yi, vi = effects({"yi_vi_file": "escalc/dat.egger2001__OR.csv"})
    with pytest.raises(PoolingError, match="Q0 estimator does not exist"):
        trim_and_fill(yi, vi, estimator="Q0", method="DL")


@pytest.mark.parametrize("case", of("GOSH"))
def test_gosh(case):
    found, expected = gosh(*effects(case), method="EE"), case["expected"]
    assert found.estimate.size == expected["n_subsets"]
    if "k_counts" in expected:
        sizes = {str(k): int(n) for k, n in enumerate(np.bincount(found.k)) if n}
        assert sizes == expected["k_counts"]
    for name, key in (("estimate", "estimate_quantiles"), ("i2", "I2_quantiles")):
        if key not in expected:
            continue
        shares = [float(label.rstrip("%")) for label in expected[key]]
        values = np.percentile(getattr(found, name), shares)
        assert_allclose(values, list(expected[key].values()), rtol=1e-6, atol=1e-8)


COUNTS = ("bcg", "egger2001", "hine1989")
MEASURES = {"OR": log_odds_ratio, "RR": log_risk_ratio, "RD": risk_difference}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("name", COUNTS)
def test_effect_sizes_of_counts(name, measure):
    if not FOLDER.exists():
        pytest.skip("the published data sets are not beside the project")
    table = {
        column: np.array(values, dtype=float)
        for column, values in read(f"csv/dat.{name}.csv").items()
        if column in ("ai", "n1i", "ci", "n2i", "tpos", "tneg", "cpos", "cneg")
    }
    if name == "bcg":
        table["ai"], table["ci"] = table["tpos"], table["cpos"]
        table["n1i"] = table["tpos"] + table["tneg"]
        table["n2i"] = table["cpos"] + table["cneg"]
    found = MEASURES[measure](table["ai"], table["n1i"], table["ci"], table["n2i"])
    yi, vi = effects({"yi_vi_file": f"escalc/dat.{name}__{measure}.csv"})
    assert_allclose(found.yi, yi, rtol=1e-9, atol=1e-12)
    assert_allclose(found.vi, vi, rtol=1e-9)


@pytest.mark.parametrize(
    ("measure", "call"), [("SMD", standardised_mean_difference), ("MD", mean_difference)]
)
def test_effect_sizes_of_means(measure, call):
    if not FOLDER.exists():
        pytest.skip("the published data sets are not beside the project")
    table = read("csv/dat.normand1999.csv")
    names = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    found = call(*(np.array(table[name], dtype=float) for name in names))
    yi, vi = effects({"yi_vi_file": f"escalc/dat.normand1999__{measure}.csv"})
    assert_allclose(found.yi, yi, rtol=1e-9)
    assert_allclose(found.vi, vi, rtol=1e-9)
