"""One number for one question, and the same number whichever way it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Model, Question, coverage, estimate, pool

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "evidence.json").read_text(encoding="utf-8")
)
# Both sides iterate tau² to 1e-10 or better; what remains is the last bits of the t quantiles.
TOLERANCE = 1e-6


def test_the_reference_covers_every_question_that_can_be_pooled(base: EvidenceBase) -> None:
    answered = {
        f"{cell.condition}/{cell.comparison}"
        for cell in coverage(base, conditions=tuple(c.id for c in base.taxonomy.conditions))
        if cell.estimate.k > 1
    }
    assert {key for key in REFERENCE["cases"] if "@" not in key} == answered
    assert "metafor" in REFERENCE["source"]


@pytest.mark.parametrize("name", sorted(REFERENCE["cases"]))
def test_estimates_equal_metafor(base: EvidenceBase, name: str) -> None:
    case = REFERENCE["cases"][name]
    asked, _, source = name.partition("@")
    condition, comparison = asked.split("/")
    answer = estimate(base, Question(condition, comparison, (source,) if source else ()))
    assert answer.trials["study_id"].tolist() == case["study"]
    assert_allclose(answer.trials["yi"].to_numpy(float), case["yi"], rtol=TOLERANCE)
    assert_allclose(answer.trials["vi"].to_numpy(float), case["vi"], rtol=TOLERANCE)
    for ours in ("estimate", "se", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "q", "q_p"):
        expected = case[ours]
        assert_allclose(getattr(answer.pooled, ours), expected, rtol=TOLERANCE, atol=1e-7)
    assert_allclose(answer.pooled.tau2, case["tau2"], rtol=1e-5, atol=1e-7)
    assert_allclose(answer.pooled.i2, case["i2"], rtol=1e-5, atol=1e-5)


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
    for cell in coverage(base):
        if cell.estimate.k:
            continue
        if cell.k_studies:
            assert cell.state == "no_usable_effect"
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
