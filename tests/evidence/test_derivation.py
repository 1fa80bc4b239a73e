"""What a source prints becomes the effect that R metafor makes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Question, estimate, select
from ipt_evidence.analyses.sensitivity.result import alternatives
from ipt_evidence.evidence.derivation import FORMULAS, FROM_ODDS, derive_effects
from ipt_evidence.evidence.schema import EFFECTS, INPUT_TYPES
from ipt_evidence.evidence.validation import rederive
from ipt_evidence.evidence.view import View

NUMBERS = [column.name for column in EFFECTS.columns if column.type == "number"]
# yi and vi are of metafor 5.1-12 (R 4.x): escalc(measure="SMD", ti= / pi= / di=, n1i=, n2i=) and
# escalc(measure="OR2DL", ai=25, n1i=51, ci=43, n2i=62). Those of shares are R arithmetic:
# standard error = half the interval / 1.959964 / (p (1 - p)), squares added, times 3 / pi².
PRINTED = {
    "t": (
        {"input_type": "t", "reported_value": -3.76, "n_ipt": 96, "n_comparator": 98,
         "reported_positive_favours": "comparator"},
        ("derived", "t_to_g", 0.5378209049, 0.0213662414),
    ),
    "exact p": (
        {"input_type": "exact_p", "reported_value": 0.04, "n_ipt": 34, "n_comparator": 29,
         "reported_positive_favours": "ipt"},
        ("derived", "p_to_g", 0.5239170977, 0.0660730084),
    ),
    "Cohen's d": (
        {"input_type": "reported_d", "reported_value": 1.23, "n_ipt": 15, "n_comparator": 14,
         "reported_positive_favours": "ipt"},
        ("reported", "d_reported_n", 1.1954599267, 0.1627353146),
    ),
    "difference": (
        {"input_type": "mean_difference", "reported_value": -3.77, "reported_ci_lower": -6.19,
         "reported_ci_upper": -1.34, "n_ipt": 32, "n_comparator": 31,
         "reported_positive_favours": "comparator"},
        ("derived", "difference_to_g", 0.7583913450, 0.0680728060),
    ),
    "reconstructed": (
        {"input_type": "events_reconstructed", "events_ipt": 25, "n_ipt": 51,
         "events_comparator": 43, "n_comparator": 62, "direction": "event_good"},
        ("reconstructed", "lor_events_to_d", -0.4719275277, 0.0469164493),
    ),
    "shares with intervals, one cut off at 100": (
        {"input_type": "shares", "share_ipt": 64, "share_ipt_lower": 45, "share_ipt_upper": 83,
         "share_comparator": 90, "share_comparator_lower": 79, "share_comparator_upper": 100,
         "direction": "event_bad"},
        ("derived", "shares_ci_to_d", 0.8941785207, 0.1720128008),
    ),
    "shares with p": (
        {"input_type": "shares_p", "share_ipt": 58.7, "share_comparator": 45.1,
         "reported_value": 0.021, "direction": "event_good"},
        ("derived", "shares_p_to_d", 0.3022430924, 0.0171493239),
    ),
    "shares with group sizes": (
        {"input_type": "shares", "share_ipt": 12.5, "share_comparator": 25, "n_ipt": 48,
         "n_comparator": 48, "reported_value": 0.44, "direction": "event_bad"},  # a hazard ratio
        ("derived", "shares_n_to_d", 0.4671397935, 0.0916715471),
    ),
}  # fmt: skip


def row(**inputs: object) -> pd.DataFrame:
    blank: dict[str, object] = dict.fromkeys(NUMBERS, np.nan)
    blank |= {"direction": "lower_better", "reported_positive_favours": None, "flags": ()}
    return pd.DataFrame([blank | inputs])


@pytest.mark.parametrize("name", PRINTED)
def test_what_is_printed_becomes_the_effect_of_another_program(name: str) -> None:
    inputs, (obtained, formula, yi, vi) = PRINTED[name]
    found = derive_effects(row(**inputs)).iloc[0]
    assert (found["obtained"], found["formula"]) == (obtained, formula)
    assert_allclose((found["yi"], found["vi"]), (yi, vi), rtol=2e-6)


@pytest.mark.parametrize("name", PRINTED)
def test_the_sign_turns_with_whom_the_number_favours(name: str) -> None:
    inputs, (*_, yi, vi) = PRINTED[name]
    other = {"ipt": "comparator", "comparator": "ipt"}.get(inputs.get("reported_positive_favours"))
    event = {"event_good": "event_bad", "event_bad": "event_good"}.get(inputs.get("direction"))
    turned = inputs | {"reported_positive_favours": other} | ({"direction": event} if event else {})
    found = derive_effects(row(**turned)).iloc[0]
    assert_allclose((found["yi"], found["vi"]), (-yi, vi), rtol=2e-6)


@pytest.mark.parametrize(
    ("name", "spoilt"),
    [
        ("t", {"n_ipt": 1}),
        ("exact p", {"reported_value": 1.2}),
        ("exact p", {"reported_positive_favours": None}),
        ("difference", {"reported_ci_lower": 1.0}),
        ("reconstructed", {"events_ipt": 25.5}),
        ("shares with intervals, one cut off at 100", {"share_comparator": 100}),
        ("shares with p", {"share_comparator": 58.7}),
        ("shares with p", {"reported_value": 1.0}),
        ("shares with group sizes", {"n_comparator": np.nan}),
    ],
)
def test_impossible_inputs_give_no_number(name: str, spoilt: dict[str, object]) -> None:
    assert derive_effects(row(**PRINTED[name][0] | spoilt)).isna().all(axis=None)


def test_low_trust_is_said_by_a_flag_and_keeps_the_number() -> None:
    inputs, (*_, yi, _) = PRINTED["exact p"]
    found = derive_effects(row(**inputs, flags=("low_trust",))).iloc[0]
    assert found["obtained"] == "low_trust"
    assert_allclose(found["yi"], yi, rtol=2e-6)


def test_every_kind_of_input_is_derived_somewhere(base: EvidenceBase) -> None:
    told = {inputs["input_type"] for inputs, _ in PRINTED.values()}
    assert told | set(base.effects["input_type"]) == set(INPUT_TYPES)
    assert set(FROM_ODDS) < set(FORMULAS)


def _with(base: EvidenceBase, folder: Path, effect_id: str, **cells: str) -> EvidenceBase:
    path = folder / EFFECTS.file
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column, value in cells.items():
        if column not in frame:
            frame[column] = "NA"
        frame.loc[frame["effect_id"] == effect_id, column] = value
    frame.to_csv(path, index=False)
    rederive(folder)
    return EvidenceBase.load(folder)


def test_what_nobody_printed_is_left_out_by_one_switch(base: EvidenceBase, data_copy: Path) -> None:
    cells = {"input_type": "exact_p", "reported_value": "0.04", "reported_positive_favours": "ipt",
             "mean_ipt": "NA", "mean_comparator": "NA"}  # fmt: skip
    other = _with(base, data_copy, "schulberg1996-hdrs-17", **cells)
    question = Question("depression", "control")
    every, printed = (
        estimate(other, Question("depression", "control", only_printed=only))
        for only in (False, True)
    )
    assert set(every.trials["study_id"]) - set(printed.trials["study_id"]) == {"schulberg1996"}
    left = select(other, Question("depression", "control", only_printed=True)).left_out
    reasons = left.set_index("effect_id")["reason"]
    assert reasons["schulberg1996-hdrs-17"] == "Derived or reconstructed, not printed"
    said = {one.id: one for one in alternatives(other, View(question))}
    assert (said["printed"].k, said["printed"].estimate) == (printed.k, printed.pooled.estimate)


def test_low_trust_is_never_pooled(base: EvidenceBase, data_copy: Path) -> None:
    other = _with(base, data_copy, "schulberg1996-hdrs-17", flags="low_trust")
    said = {str(problem) for problem in other.problems if problem.column == "include"}
    assert len(said) == 1
    assert "too much was assumed" in said.pop()
    assert "schulberg1996" not in set(estimate(other, Question("depression")).trials["study_id"])


def test_doubtful_comparators_move_together(base: EvidenceBase, data_copy: Path) -> None:
    other = _with(
        base, data_copy, "weissman1979-rds-remission", comparison_otherwise="other_psychotherapy"
    )
    for comparison in ("control", "other_psychotherapy"):
        usual = estimate(other, Question("depression", comparison))
        moved = estimate(other, Question("depression", comparison, doubtful_moved=True))
        before, after = (set(answer.trials["study_id"]) for answer in (usual, moved))
        assert before ^ after == {"weissman1979"}
        assert ("weissman1979" in after) == (comparison == "other_psychotherapy")
        assert after <= set(moved.selection.studies["study_id"])
        said = {
            one.id: one for one in alternatives(other, View(Question("depression", comparison)))
        }
        assert (said["doubtful"].k, said["doubtful"].estimate) == (moved.k, moved.pooled.estimate)
