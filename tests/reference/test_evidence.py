"""Every answer that ``data/`` gives equals metafor's, whatever ``data/`` holds now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from evidence import STORED, ask, distinct, pooled_questions, stored
from make_reference import INPUTS, digests
from numpy.testing import assert_allclose

from ipt_evidence import Estimate, EvidenceBase, Model, Question, estimate

OUTDATED = "the stored answers of R are not those of data/: run `make reference`"
# Both sides iterate tau² to 1e-10 or better; what remains is the last bits of the t quantiles.
TOLERANCE = {"rtol": 1e-6, "atol": 1e-9}
CASES: dict[str, Any] = stored()["cases"]
SEVERAL_EFFECTS = [name for name, case in CASES.items() if "che" in case]

Questions = dict[str, tuple[Question, pd.DataFrame]]


@pytest.fixture(scope="module")
def live_base() -> EvidenceBase:
    return EvidenceBase.load(Path(__file__).parents[2] / "data")


@pytest.fixture(scope="module")
def questions(live_base: EvidenceBase) -> Questions:
    return pooled_questions(live_base)


def test_every_question_that_can_be_pooled_has_a_stored_answer(questions: Questions) -> None:
    assert questions
    asked = {name: names for name, (names, _) in distinct(questions).items()}
    assert {name: case["questions"] for name, case in CASES.items()} == asked, OUTDATED


def with_the_stored_trials(base: EvidenceBase, questions: Questions, name: str) -> Estimate:
    """The answer of today, when it comes from the trials and numbers that R was given."""
    assert name in questions, OUTDATED
    case, answer = CASES[name], estimate(base, questions[name][0])
    trials = answer.trials.set_index("study_id")
    assert set(trials.index) == set(case["yi"]), OUTDATED
    for column in ("yi", "vi"):
        ours = trials[column].astype(float)
        assert_allclose(
            ours, [case[column][study] for study in ours.index], 1e-9, 1e-11, True, OUTDATED
        )
    return answer


@pytest.mark.parametrize("name", CASES)
def test_one_effect_per_trial_pools_as_in_metafor(
    live_base: EvidenceBase, questions: Questions, name: str
) -> None:
    case, answer = CASES[name], with_the_stored_trials(live_base, questions, name)
    trials = answer.trials.set_index("study_id")
    weights = trials["weight"].astype(float)
    assert_allclose(weights, [case["weights"][study] for study in weights.index], **TOLERANCE)
    for field, value in case["pooled"].items():
        # I² and H² near zero are differences of nearly equal numbers
        tolerance = {"rtol": 1e-5, "atol": 1e-5} if field in ("i2", "tau2") else TOLERANCE
        assert_allclose(getattr(answer.pooled, field), value, **tolerance, err_msg=field)


@pytest.mark.parametrize("name", SEVERAL_EFFECTS)
def test_all_effects_in_a_che_model_as_in_metafor_and_clubsandwich(
    live_base: EvidenceBase, questions: Questions, name: str
) -> None:
    with_the_stored_trials(live_base, questions, name)
    pooled = estimate(live_base, questions[name][0], Model(dependence="che")).pooled
    assert pooled.method == "CHE"
    for field, value in CASES[name]["che"].items():
        # metafor's optimiser stops near the maximum
        tolerance = {"rtol": 1e-4, "atol": 1e-5} if field == "tau2" else {"rtol": 1e-5}
        assert_allclose(getattr(pooled, field), value, **tolerance, err_msg=field)


def test_r_answers_today_what_is_stored(rscript: str, questions: Questions) -> None:
    """With any version of metafor: only the versions themselves may differ."""
    said = ask(rscript, questions)["cases"]
    assert said.keys() == CASES.keys(), OUTDATED
    for name, case in said.items():
        assert case.keys() == CASES[name].keys(), f"{name}: {OUTDATED}"
        for part in case.keys() - {"questions"}:
            kept = CASES[name][part]
            assert case[part].keys() == kept.keys(), f"{name}, {part}: {OUTDATED}"
            tolerance = {"rtol": 1e-5, "atol": 1e-6} if part == "che" else TOLERANCE
            for field, value in case[part].items():
                where = f"{name}, {part}, {field}: {OUTDATED}"
                assert_allclose(value, kept[field], **tolerance, err_msg=where)


def test_the_values_on_invented_numbers_come_from_these_inputs() -> None:
    assert INPUTS.read_text("utf-8") == digests(), (
        "make_reference.R or its data changed after the values were made: run `make reference`"
    )


def test_the_stored_answers_say_what_made_them() -> None:
    assert {"R", "metafor", "clubSandwich"} == set(stored()["source"]), STORED
