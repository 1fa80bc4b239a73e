"""Effect sizes equal metafor's escalc; conversions equal their formulas; nonsense is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import EffectSizeError
from ipt_evidence.meta_analysis import effect_sizes as es

MEANS = ("mean1", "sd1", "n1", "mean2", "sd2", "n2")
EVENTS = ("events1", "n1", "events2", "n2")


def computed(name, data):
    means = [data[column] for column in MEANS] if "mean1" in data else []
    events = [data[column] for column in EVENTS] if "events1" in data else []
    match name:
        case "smd-LS" | "smd-UB":
            return es.standardised_mean_difference(*means, vtype=name.removeprefix("smd-"))
        case "smd_from_log_odds":
            odds = es.log_odds_ratio(*events)
            return es.smd_from_log_odds(odds.yi, odds.vi)
        case _:
            return getattr(es, name)(*(means or events))


def test_effect_sizes_equal_escalc(effect_sizes_case, dataset):
    result = computed(effect_sizes_case["id"], dataset(effect_sizes_case["dataset"]))
    assert_allclose(result.yi, effect_sizes_case["expected"]["yi"], rtol=1e-9)
    assert_allclose(result.vi, effect_sizes_case["expected"]["vi"], rtol=1e-9)


def test_reference_covers_every_measure(reference):
    assert {case["id"] for case in reference("effect_sizes")} == {
        "smd-LS",
        "smd-UB",
        "mean_difference",
        "log_odds_ratio",
        "log_risk_ratio",
        "risk_difference",
        "smd_from_log_odds",
    }


def test_direction_is_arm_one_minus_arm_two():
    assert es.standardised_mean_difference(10, 5, 20, 15, 5, 20).yi < 0
    assert es.log_odds_ratio(15, 20, 5, 20).yi > 0


def test_correction_follows_hedges_approximation_and_reaches_one():
    df = np.array([10.0, 40.0, 400.0])
    assert_allclose(es.small_sample_correction(df), 1 - 3 / (4 * df - 1), atol=4e-4)
    assert_allclose(es.small_sample_correction(2.0), 1 / math.sqrt(math.pi), rtol=1e-12)
    assert_allclose(es.small_sample_correction(1e6), 1.0, atol=1e-6)


def test_a_half_is_added_only_to_tables_with_an_empty_cell():
    with_zero, without = es.log_odds_ratio(0, 10, 3, 10), es.log_odds_ratio(2, 10, 3, 10)
    assert_allclose(with_zero.yi, math.log(0.5 * 7.5 / (10.5 * 3.5)))
    assert_allclose(without.vi, 1 / 2 + 1 / 8 + 1 / 3 + 1 / 7)


def test_variance_of_a_reported_g():
    assert_allclose(es.smd_variance(0.5, 20, 30), 1 / 20 + 1 / 30 + 0.25 / 100)


def test_interval_gives_back_its_variance():
    assert_allclose(
        es.variance_from_interval(0.5 - 1.959963985 * 0.2, 0.5 + 1.959963985 * 0.2), 0.04
    )
    assert es.variance_from_interval(0, 1, level=80.0) > es.variance_from_interval(0, 1)


def test_missing_input_gives_a_missing_effect_and_spares_its_neighbour():
    result = es.standardised_mean_difference([10, np.nan], 5, 20, [15, 15], 5, 20)
    assert np.isnan(result.yi).tolist() == [False, True]
    assert np.isnan(result.vi).tolist() == [False, True]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: es.standardised_mean_difference(1, [4, 0], 9, 2, 4, 9), "standard deviation.*1"),
        (lambda: es.standardised_mean_difference(1, 4, 1, 2, 4, 9), "fewer than 2 people"),
        (lambda: es.standardised_mean_difference(1, 4, 9, 2, 4, 9, vtype="X"), "LS or UB"),
        (lambda: es.standardised_mean_difference([1, 2], 4, [9, 9, 9], 2, 4, 9), "fit together"),
        (lambda: es.standardised_mean_difference(math.inf, 4, 9, 2, 4, 9), "mean1 is infinite"),
        (lambda: es.log_odds_ratio(11, 10, 3, 10), "more events than people"),
        (lambda: es.log_odds_ratio(-1, 10, 3, 10), "negative"),
        (lambda: es.log_odds_ratio(0, 0, 3, 10), "empty"),
        (lambda: es.smd_from_log_odds(0.5, 0.0), "not positive"),
        (lambda: es.variance_from_interval(0.5, 0.5), "not above"),
    ],
)
def test_impossible_input_is_refused(call, words):
    with pytest.raises(EffectSizeError, match=words):
        call()


def test_a_single_effect_is_an_array_too():
    result = es.standardised_mean_difference(10, 5, 20, 15, 5, 20)
    assert isinstance(result.yi, np.ndarray)
    assert float(result.vi) > 0
