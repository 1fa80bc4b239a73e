"""One number for one question, and the same number whichever way it is asked."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Model, Question, coverage, estimate, pool


def test_ipt_against_control_in_adult_depression(base: EvidenceBase) -> None:
    source = "metapsy-depression-psyctr"
    answer = estimate(base, Question("depression", "control", (source,)))
    assert answer.k == 31
    assert len(answer.selection.effects) == 48
    assert round(answer.pooled.estimate, 2) == 0.48
    assert answer.pooled.ci_lower == pytest.approx(0.31, abs=0.01)
    assert answer.pooled.ci_upper == pytest.approx(0.65, abs=0.01)
    assert answer.favours == "IPT"
    assert answer.studies_per_source == {source: 31}
    assert answer.as_of == {source: "2024-01-01"}


def test_without_a_source_every_eligible_trial_counts_once(base: EvidenceBase) -> None:
    answer = estimate(base, Question("depression", "control"))
    assert answer.trials["study_id"].is_unique
    assert (answer.selection.effects["time"] == "post").all()
    assert answer.k > 31
    assert sum(answer.studies_per_source.values()) >= answer.k


def test_several_outcomes_of_a_trial_are_one_effect(base: EvidenceBase) -> None:
    answer = estimate(base, Question("depression", "control"))
    elkin = answer.trials.set_index("study_id").loc["elkin1989"]
    rows = answer.selection.effects.set_index("study_id").loc["elkin1989"]
    assert elkin["n_effects"] == 2
    assert rows["yi"].min() < elkin["yi"] < rows["yi"].max()
    assert elkin["vi"] < rows["vi"].max()


def test_people_are_counted_once_although_measured_twice(base: EvidenceBase) -> None:
    answer = estimate(base, Question("depression", "control"))
    elkin = answer.trials.set_index("study_id").loc["elkin1989"]
    rows = answer.selection.effects.set_index("study_id").loc["elkin1989"]
    assert elkin["n"] == (rows["n_ipt"] + rows["n_comparator"]).max()


def test_leaving_a_study_out_by_hand_is_the_same_as_never_having_had_it(
    base: EvidenceBase,
) -> None:
    question = Question("depression", "control")
    whole = estimate(base, question)
    without = estimate(base, question.without("bolton2003"))
    rest = whole.trials.loc[whole.trials["study_id"] != "bolton2003"]
    expected = pool(rest["yi"].to_numpy(float), rest["vi"].to_numpy(float))
    assert_allclose(without.pooled.estimate, expected.estimate, rtol=1e-12)
    assert without.selection.left_out["reason"].eq("Taken out by you").any()


def test_zero_one_and_two_trials_are_answers_too(base: EvidenceBase) -> None:
    cells = coverage(base)
    by_k = {min(cell.estimate.k, 3): cell for cell in cells}
    assert by_k[0].estimate.pooled is None
    assert by_k[1].state == "single_trial"
    assert by_k[1].estimate.pooled.pi_lower is None
    assert by_k[2].estimate.pooled.q_df == 1


def test_states_of_empty_cells_say_which_kind_of_nothing(base: EvidenceBase) -> None:
    empty = [cell for cell in coverage(base) if not cell.estimate.k]
    assert empty
    for cell in empty:
        if cell.k_studies:
            usable = bool(cell.estimate.selection.left_out["include"].any())
            assert cell.state == ("other_results" if usable else "no_usable_effect")
        else:
            assert cell.state == ("no_trial_found" if cell.searched else "not_searched")


def test_weights_add_up_and_follow_precision(base: EvidenceBase) -> None:
    trials = estimate(base, Question("depression", "control")).trials
    assert_allclose(trials["weight"].sum(), 100)
    order = np.argsort(trials["vi"].to_numpy(float))
    assert (np.diff(trials["weight"].to_numpy(float)[order]) <= 1e-12).all()


def test_a_wider_level_gives_a_wider_interval(base: EvidenceBase) -> None:
    question = Question("depression", "control")
    usual, wide = (estimate(base, question, Model(level=level)).pooled for level in (95, 99))
    assert wide.ci_lower < usual.ci_lower < usual.ci_upper < wide.ci_upper
