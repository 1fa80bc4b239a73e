"""Each number of the fragility of an estimate, worked out another way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special

from ipt_evidence import EvidenceBase, Model, Question, estimate, pool
from ipt_evidence.analyses.fragility.result import fragility
from ipt_evidence.errors import QuestionError

MAJOR = Question("major_depression", "control")
ANXIETY = Question("anxiety", "control")


@pytest.fixture(scope="module")
def major(base: EvidenceBase):
    answer = estimate(base, MAJOR)
    return answer, fragility(base, answer)


def test_nothing_pooled_has_nothing(base) -> None:
    found = fragility(base, estimate(base, Question("eating_disorders", "control")))
    assert (found.k, found.estimate, found.leave_one_out, found.specifications) == (
        0, None, None, None,
    )  # fmt: skip
    assert found.corrected_range is None


def test_one_trial_and_two_trials_say_what_can_be_said(base) -> None:
    one = fragility(base, estimate(base, Question("bulimia", "other_psychotherapy")))
    assert (one.k, one.prediction, one.leave_one_out, one.null_trials) == (1, None, None, None)
    assert one.equivalent.count == 0
    two = fragility(base, estimate(base, Question("depression", "pharmacotherapy")))
    assert (two.leave_one_out, two.subsets) == (None, None)
    assert (two.prediction, two.new_trial_of_interest, two.next_trial) == (None, None, None)


def test_chance_of_a_new_trial_of_interest_is_that_of_the_prediction_interval(major) -> None:
    answer, found = major
    pooled = answer.pooled
    scale = (pooled.tau2 + pooled.se**2) ** 0.5
    expected = 100 * special.stdtr(answer.k - 1, (pooled.estimate - 0.24) / scale)
    assert_allclose(found.new_trial_of_interest, expected, rtol=1e-9)
    assert found.prediction == (pooled.pi_lower, pooled.pi_upper)
    assert abs(found.new_trial_of_interest_bayes - expected) < 10


def test_the_bound_moves_the_chance(base, major) -> None:
    answer, found = major
    more = fragility(base, answer, smallest_of_interest=0.5)
    assert more.new_trial_of_interest < found.new_trial_of_interest
    at_median = fragility(base, answer, smallest_of_interest=answer.pooled.estimate)
    assert_allclose(at_median.new_trial_of_interest, 50.0)
    with pytest.raises(QuestionError, match="of interest"):
        fragility(base, answer, smallest_of_interest=-0.1)


def test_leave_one_out_names_trials_and_those_that_change_the_conclusion(base) -> None:
    answer = estimate(base, ANXIETY)
    found = fragility(base, answer).leave_one_out
    trials, changing = answer.trials, []
    values = {}
    for i, label in enumerate(trials["label"]):
        rest = trials.drop(index=trials.index[i])
        fit = pool(rest["yi"], rest["vi"])
        values[label] = fit.estimate
        if fit.ci_lower <= 0 <= fit.ci_upper:
            changing.append(label)
    assert_allclose((found.lowest, found.highest), (min(values.values()), max(values.values())))
    assert found.lowest_without == min(values, key=values.get)
    assert list(found.changing) == changing
    assert changing


def test_three_trials_leave_no_pair_to_pool(base) -> None:
    answer = estimate(base, ANXIETY)
    three = estimate(
        base, replace(ANXIETY, excluded=(str(answer.trials["study_id"].iloc[0]),)), answer.model
    )
    assert three.k == 3
    found = fragility(base, three)
    assert (found.leave_one_out, found.subsets) == (None, None)
    assert found.prediction is not None


def test_subsets_are_all_of_three_or_more(base, major) -> None:
    _, found = major
    assert (found.subsets.count, found.subsets.exhaustive) == (2**10 - 1 - 10 - 45, True)
    assert found.leave_one_out.lowest > found.subsets.lower
    large = fragility(base, estimate(base, Question("depression", "control")))
    assert not large.subsets.exhaustive


def test_corrections_need_ten_trials_and_span_a_range(base, major) -> None:
    _, found = major
    assert [c.id for c in found.corrections] == [
        "trim_and_fill", "pet_peese", "selection", "limit",
    ]  # fmt: skip
    values = [c.estimate for c in found.corrections]
    assert found.corrected_range == (min(values), max(values))
    few = fragility(base, estimate(base, ANXIETY))
    assert few.corrected_range is None
    assert all("10 trials" in c.note for c in few.corrections)


def with_null(answer, n):
    yi, vi = answer.trials["yi"].to_numpy(float), answer.trials["vi"].to_numpy(float)
    return pool(np.append(yi, np.zeros(n)), np.append(vi, np.full(n, np.median(vi))))


def test_null_trials_until_the_effect_is_too_small_or_the_interval_holds_none(base) -> None:
    answer = estimate(base, ANXIETY)
    found = fragility(base, answer).null_trials
    assert with_null(answer, found.significance).ci_lower <= 0
    assert with_null(answer, found.significance - 1).ci_lower > 0
    assert with_null(answer, found.of_interest).estimate < 0.24
    assert with_null(answer, found.of_interest - 1).estimate >= 0.24
    assert found.people == round(answer.trials["n"].median())


def test_null_trials_that_never_suffice_are_said_to_be_more_than_were_tried(major) -> None:
    answer, found = major
    assert found.null_trials.significance == found.null_trials.tried + 1
    assert with_null(answer, 1000).ci_lower > 0
    assert found.null_trials.of_interest == 8
    assert with_null(answer, 8).estimate < 0.24 <= with_null(answer, 7).estimate


def test_a_next_trial_of_that_size_changes_the_conclusion_and_a_smaller_one_not(base) -> None:
    answer = estimate(base, ANXIETY)
    found = fragility(base, answer).next_trial
    assert found.significant_now
    assert found.observed == 0.0
    yi, vi = answer.trials["yi"].to_numpy(float), answer.trials["vi"].to_numpy(float)
    for people, crosses in ((found.people, True), (found.people - 2, False)):
        fit = pool(np.append(yi, 0.0), np.append(vi, 2 / (people / 2)))
        assert (fit.ci_lower <= 0) == crosses


def test_a_finding_against_ipt_is_its_mirror(base) -> None:
    answer = estimate(base, MAJOR)
    trials = answer.trials.assign(
        yi=-answer.trials["yi"], ci_lower=-answer.trials["ci_upper"],
        ci_upper=-answer.trials["ci_lower"],
    )  # fmt: skip
    fit = pool(trials["yi"], trials["vi"])
    mirror = replace(answer, trials=trials, pooled=fit)
    one, other = fragility(base, answer), fragility(base, mirror)
    assert_allclose(other.leave_one_out.highest, -one.leave_one_out.lowest)
    assert other.null_trials == one.null_trials
    assert_allclose(other.subsets.upper, -one.subsets.lower)
    assert other.next_trial.people == one.next_trial.people


def test_order_of_trials_does_not_matter(base, major) -> None:
    answer, found = major
    turned = replace(answer, trials=answer.trials.iloc[::-1].reset_index(drop=True))
    again = fragility(base, turned)
    assert_allclose(again.subsets.lower, found.subsets.lower)
    assert again.null_trials == found.null_trials
    assert again.leave_one_out.lowest_without == found.leave_one_out.lowest_without


def test_models_of_all_outcomes_pool_trials_one_by_one_here(base) -> None:
    answer = estimate(base, MAJOR, Model(dependence="che"))
    found = fragility(base, answer)
    assert found.estimate == answer.pooled.estimate
    assert found.leave_one_out == fragility(base, estimate(base, MAJOR)).leave_one_out
