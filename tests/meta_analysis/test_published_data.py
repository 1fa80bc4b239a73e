"""Agreement with metafor on published data sets, where those files stand beside the project.

They are licensed GPL and so are not part of it: without them these tests are skipped.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.meta_analysis.clinical_units import (
    nnt_furukawa,
    nnt_kraemer_kupfer,
    probability_of_superiority,
)
from ipt_evidence.meta_analysis.dependent_effects import aggregate, multilevel
from ipt_evidence.meta_analysis.heterogeneity import heterogeneity_interval
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import egger_test

ROOT = Path(__file__).parents[2]
FOLDER = ROOT.parent / "shared" / "reference"

SIMPLE_FIT = re.compile(
    r'rma\(yi, vi, data=dat(?:, method="(?P<method>\w+)")?'
    r'(?:, test="(?P<test>\w+)")?(?:, level=(?P<level>\d+))?\)'
)
NAMES = {
    "estimate": "estimate",
    "se": "se",
    "ci_lower": "ci_lb",
    "ci_upper": "ci_ub",
    "pi_lower": "pi_lb",
    "pi_upper": "pi_ub",
    "q": "Q",
    "q_p": "Q_p",
}


def cases(name: str = "meta_reference.json") -> list[dict]:
    path = FOLDER / name
    return json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []


def columns(path: str) -> dict[str, list[str]]:
    with (FOLDER / path).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def effects(case: dict) -> tuple[np.ndarray, np.ndarray]:
    table = columns(case["yi_vi_file"])
    return np.array(table["yi"], dtype=float), np.array(table["vi"], dtype=float)


def of(group: str, model: re.Pattern[str]) -> list:
    """Cases of a group whose call fits ``model``; others have output that is not offered here."""
    found = [
        pytest.param(case, id=case["id"])
        for case in cases()
        if re.fullmatch(group, case["group"]) and model.fullmatch(case["model"])
    ]
    reason = "the published data sets are not beside the project"
    return found or [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="absent")]


# metafor's default control stops tau² at 1e-5, which these files were made with.
LOOSE = {"rtol": 2e-4, "atol": 2e-4}


@pytest.mark.parametrize("case", of(r"rma\.uni(\+HKSJ)?|tiny k|tau2=0|binary.*", SIMPLE_FIT))
def test_pooled_effects(case):
    match = SIMPLE_FIT.fullmatch(case["model"])
    yi, vi = effects(case)
    expected = case["expected"]
    fit = pool(
        yi,
        vi,
        method=match["method"] or "REML",
        test=match["test"] or "z",
        level=float(match["level"] or 95),
    )
    assert fit.estimate is not None
    for ours, theirs in NAMES.items():
        actual = getattr(fit, ours)
        if actual is not None:
            assert_allclose(actual, expected[theirs], **LOOSE, err_msg=ours)
    if fit.k > 1:
        assert_allclose(fit.tau2, expected["tau2"], rtol=2e-3, atol=2e-5)
        assert_allclose(fit.i2, expected["I2"], atol=0.05)
        assert_allclose(fit.weights, expected["weights_pct"], rtol=2e-3)


@pytest.fixture(scope="module")
def ipt() -> dict:
    path = FOLDER / "ipt_reference.json"
    if not path.exists():
        pytest.skip("the IPT reference values are not beside the project")
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def ipt_rows(ipt) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rows = ipt["IPT_row_values"]
    return np.array(rows["g"]), np.array(rows["se"]) ** 2, rows["study"]


def test_all_ipt_rows_pool_as_in_metafor(ipt, ipt_rows):
    yi, vi, _ = ipt_rows
    expected, fit = ipt["IPT"]["all_rows_REML_HKSJ"], pool(yi, vi)
    assert_allclose(
        [fit.estimate, fit.se, fit.ci_lower, fit.ci_upper, fit.pi_lower, fit.pi_upper],
        [expected[n] for n in ("g", "se", "ci_lb", "ci_ub")] + expected["pi_metafor"],
        **LOOSE,
    )
    assert_allclose(fit.tau2, expected["tau2"], rtol=2e-4)


@pytest.mark.parametrize(
    ("name", "method", "test"),
    [("per_study_rho0.5_REML_HKSJ", "REML", "knha"), ("per_study_rho0.5_DL_z", "DL", "z")],
)
def test_one_effect_per_ipt_trial_pools_as_in_metafor(ipt, ipt_rows, name, method, test):
    yi, vi, study = ipt_rows
    combined, expected = aggregate(yi, vi, study, 0.5), ipt["IPT"][name]
    table = ipt["IPT"]["aggregated_rho0.5_table"]
    position = {label: i for i, label in enumerate(combined.study)}
    rows = [position[label] for label in table["study"]]
    assert_allclose(combined.yi[rows], table["g"], rtol=1e-9)
    assert_allclose(np.sqrt(combined.vi[rows]), table["se"], rtol=1e-9)
    fit = pool(combined.yi, combined.vi, method=method, test=test)
    assert fit.k == expected["k"]
    assert_allclose(
        [fit.estimate, fit.se, fit.ci_lower, fit.pi_lower, fit.q],
        [
            expected["g"],
            expected["se"],
            expected["ci_lb"],
            expected["pi_metafor"][0],
            expected["Q"],
        ],
        **LOOSE,
    )
    table = heterogeneity_interval(combined.yi, combined.vi)
    assert_allclose([table.tau2_lower, table.tau2_upper], expected["tau2_ci_qp"], rtol=1e-4)
    assert_allclose([table.i2_lower, table.i2_upper], expected["I2_ci_qp"], rtol=1e-4)


def test_the_three_level_model_of_ipt_trials(ipt, ipt_rows):
    expected, robust = ipt["IPT"]["three_level_REML_t"], ipt["IPT"]["three_level_CR2"]
    fit = multilevel(*ipt_rows, rho=0.0)
    ours, ours_robust = fit.coefficients[0], fit.robust_coefficients[0]
    assert (fit.k, fit.n_studies, fit.q_df) == (48, 31, 47)
    assert_allclose(
        [ours.estimate, ours.se, ours.stat, ours.p, ours.ci_lower, fit.pi_lower, fit.pi_upper],
        [expected[n] for n in ("g", "se", "stat", "p", "ci_lb")] + expected["pi"],
        rtol=1e-5,
    )
    assert_allclose(
        [fit.tau2_between, fit.tau2_within, fit.i2_between, fit.q, fit.log_likelihood],
        [
            expected[n]
            for n in ("sigma2_between_study", "sigma2_within_study", "I2_between", "Q", "logLik")
        ],
        rtol=1e-5,
        atol=1e-9,
    )
    assert_allclose(
        [ours_robust.estimate, ours_robust.se, ours_robust.stat, ours_robust.df, ours_robust.p],
        [robust[n] for n in ("g", "se", "t", "df", "p")],
        rtol=1e-5,
    )


def test_small_study_effects_of_ipt_trials(ipt, ipt_rows):
    yi, vi, study = ipt_rows
    combined = aggregate(yi, vi, study, 0.5)
    found, expected = egger_test(combined.yi, combined.vi), ipt["IPT"]["pubbias_per_study_rho0.5"]
    line = expected["egger_lm"]
    assert_allclose([found.stat, found.df, found.p], [line["t"], line["df"], line["p"]], rtol=1e-9)
    limits = [found.limit, found.limit_lower, found.limit_upper]
    assert_allclose(limits, [line["limit_estimate"], *line["limit_ci"]], rtol=1e-9)
    line = expected["egger_intercept"]
    assert_allclose([found.slope, found.se], [line["intercept"], line["se"]], rtol=1e-9)


def test_human_units_of_ipt_trials(ipt):
    expected = ipt["IPT"]["NNT"]
    g = expected["g"]
    assert_allclose(nnt_kraemer_kupfer(g), expected["kraemer_kupfer"], rtol=1e-12)
    assert_allclose(probability_of_superiority(g), 100 * expected["prob_superiority"], rtol=1e-12)
    for rate in ("0.17", "0.20"):
        found = nnt_furukawa(g, float(rate))
        assert_allclose(found, expected[f"furukawa_leucht_CER_{rate}"], rtol=1e-12)
