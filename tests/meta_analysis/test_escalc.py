"""Measures equal metafor's escalc; covariances of a shared arm equal those of simulated trials."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import EffectSizeError
from ipt_evidence.meta_analysis import conversions, effect_sizes, escalc
from ipt_evidence.meta_analysis.effect_sizes import ZeroCells

STORED = json.loads((Path(__file__).parents[1] / "reference" / "escalc.json").read_text("utf-8"))
EVENTS = ("events1", "n1", "events2", "n2")
MEANS = ("mean1", "sd1", "n1", "mean2", "sd2", "n2")
CHANGES = ("pre1", "post1", "sd_pre1", "n1", "pre2", "post2", "sd_pre2", "n2", "r")
FUNCTIONS = {
    "SMD": (effect_sizes.standardised_mean_difference, MEANS),
    "SMDH": (escalc.heteroscedastic_smd, MEANS),
    "SMD1": (escalc.glass_delta, ("mean1", "n1", "mean2", "sd2", "n2")),
    "MD": (effect_sizes.mean_difference, MEANS),
    "ROM": (escalc.log_ratio_of_means, MEANS),
    "OR": (effect_sizes.log_odds_ratio, EVENTS),
    "RR": (effect_sizes.log_risk_ratio, EVENTS),
    "RD": (effect_sizes.risk_difference, EVENTS),
    "PETO": (escalc.peto_odds_ratio, EVENTS),
    "IRR": (escalc.incidence_rate_ratio, ("x1", "t1", "x2", "t2")),
    "PLO": (escalc.logit_proportion, ("x", "n")),
    "PFT": (escalc.double_arcsine, ("x", "n")),
    "COR": (escalc.correlation, ("r", "n")),
    "ZCOR": (conversions.fisher_z, ("r", "n")),
    "SMCR": (escalc.difference_of_changes, CHANGES),
    "PPC": (escalc.pretest_posttest_control, CHANGES),
}
ZEROS = {
    "OR-all": ZeroCells(0.25, "all"),
    "RR-if0all": ZeroCells(to="if0all"),
    "RR-drop00": ZeroCells(drop00=True),
    "PETO-only0": ZeroCells(),
}


def table(name: str, dataset) -> dict[str, np.ndarray]:  # type: ignore[no-untyped-def]
    if name in STORED["data"]:
        return {column: np.array(values) for column, values in STORED["data"][name].items()}
    return dataset(name)


def test_measures_equal_escalc(escalc_case, dataset) -> None:  # type: ignore[no-untyped-def]
    function, columns = FUNCTIONS[escalc_case["id"].partition("-")[0]]
    rows = table(escalc_case["dataset"], dataset)
    rule = {"zeros": ZEROS[escalc_case["id"]]} if escalc_case["id"] in ZEROS else {}
    found = function(*(rows[column] for column in columns), **rule)
    for name in ("yi", "vi"):
        expected = np.array(escalc_case["expected"][name], dtype=float)
        assert_allclose(getattr(found, name), expected, rtol=1e-10, equal_nan=True)


def test_every_measure_has_reference_values() -> None:
    stored = {case["id"].partition("-")[0] for case in STORED["cases"]}
    assert stored == set(escalc.MEASURES) - {"GEN"} == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("MD", 8.0**2 / 40),
        ("RD", 10 * 30 / 40**3),
        ("RR", 1 / 10 - 1 / 40),
        ("OR", 1 / 10 + 1 / 30),
    ],
)
def test_a_shared_arm_adds_its_own_variance(measure: str, expected: float) -> None:
    arms = {
        "n1": np.array([30.0, 35.0]),
        "n2": np.full(2, 40.0),
        "sd2": np.full(2, 8.0),
        "e2": np.full(2, 10.0),
    }
    found = escalc.shared_covariance(measure, np.array([0.3, 0.5]), arms)
    assert_allclose(found, [[0.0, expected], [expected, 0.0]])


def test_covariance_of_g_in_simulated_trials(rng: np.random.Generator) -> None:
    n, draws = 40, 20_000
    control = rng.normal(0.0, 1.0, (draws, n))
    arms = [rng.normal(mean, 1.0, (draws, n)) for mean in (0.3, 0.6)]
    # The standardiser of Gleser & Olkin is pooled over all three arms.
    pooled = np.sqrt(np.mean([arm.var(axis=1, ddof=1) for arm in (*arms, control)], axis=0))
    effects = [(arm.mean(axis=1) - control.mean(axis=1)) / pooled for arm in arms]
    truth = np.array([0.3, 0.6])
    sizes = {"n1": np.full(2, float(n)), "n2": np.full(2, float(n))}
    found = escalc.shared_covariance("SMD", truth, sizes)[0, 1]
    assert found == pytest.approx(float(np.cov(*effects)[0, 1]), rel=0.05)


@given(st.floats(1.0, 200.0), st.floats(0.0, 1.0))
def test_design_effect_is_at_least_one(size: float, icc: float) -> None:
    assert 1.0 <= float(escalc.design_effect(size, icc)) <= size + 1e-9


def test_impossible_inputs_are_refused() -> None:
    with pytest.raises(EffectSizeError, match="standard deviation"):
        escalc.glass_delta(1.0, 10, 2.0, 0.0, 10)
    with pytest.raises(EffectSizeError, match="two means above 0"):
        escalc.log_ratio_of_means(1.0, 1.0, 10, -2.0, 1.0, 10)
    with pytest.raises(EffectSizeError, match="intracluster"):
        escalc.design_effect(20, 1.5)
    with pytest.raises(EffectSizeError, match="between -1 and 1"):
        escalc.pretest_posttest_control(1, 2, 1, 10, 1, 1, 1, 10, 1.0)
    with pytest.raises(EffectSizeError, match="unknown rule"):
        effect_sizes.log_odds_ratio(0, 5, 1, 5, zeros=ZeroCells(to="sometimes"))
