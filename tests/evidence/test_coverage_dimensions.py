"""The gap map by who, how, what and when, and the time points behind it."""

from __future__ import annotations

import pytest

from ipt_evidence import EvidenceBase, Question, coverage, estimate
from ipt_evidence.analyses.certainty.result import assess
from ipt_evidence.analyses.gap_map.result import DIMENSIONS, levels, unplaced
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.time_points import band, months


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("4-month follow-up", 4.0),
        ("mean 6.7 years", 80.4),
        ("5.8 ± 2.0 years", 69.6),
        ("fu1 (57 weeks)", 57 * 7 / (365.25 / 12)),
        ("12, 24, 36 weeks", 36 * 7 / (365.25 / 12)),
        ("30 days", 12 * 30 / 365.25),
        ("at the end", None),
        (float("nan"), None),
    ],
)
def test_months_are_read_as_sources_write_them(words: object, expected: float | None) -> None:
    assert months(words) == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("time", "words", "expected"),
    [
        ("post", "3 months postpartum", "post"),
        ("follow_up", "6-month follow-up", "to_6_months"),
        ("follow_up", "26 weeks", "to_6_months"),
        ("follow_up", "8-month follow-up", "over_6_months"),
        ("follow_up", "later", "unknown"),
    ],
)
def test_half_a_year_is_the_border(time: str, words: str, expected: str) -> None:
    assert band(time, words) == expected


def test_a_cell_is_the_estimate_of_its_own_question(base: EvidenceBase) -> None:
    questions: dict[str, Question] = {
        "age": Question("depression", "control", age_groups=("older_adults",)),
        "format": Question("depression", "control", formats=("group",)),
        "outcome": Question("anxiety", "control", outcome_domains=("ptsd",)),
        "when": Question("depression", "control", time="to_6_months"),
    }
    wanted = {"age": "older_adults", "format": "group", "outcome": "ptsd"}
    for dimension, question in questions.items():
        cells = coverage(base, dimension=dimension)
        level = wanted.get(dimension, "to_6_months")
        cell = next(c for c in cells if (c.condition, c.level) == (question.condition, level))
        expected = estimate(base, question)
        assert cell.estimate.trials["study_id"].tolist() == expected.trials["study_id"].tolist()
        assert cell.estimate.pooled.estimate == expected.pooled.estimate
        assert cell.certainty == assess(base, expected).level


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_condition_has_every_column_once(base: EvidenceBase, dimension: str) -> None:
    cells = coverage(base, dimension=dimension)
    expected = [(c, level) for c in base.taxonomy.top_level for level in levels(base, dimension)]
    assert [(cell.condition, cell.level) for cell in cells] == expected
    for cell in cells:
        assert cell.estimate.k <= cell.k_studies
        assert (cell.certainty is None) == (cell.estimate.pooled is None)


def test_the_map_is_worked_out_once_for_all_who_ask(base: EvidenceBase) -> None:
    assert coverage(base, dimension="when") is coverage(base, None, dimension="when")


def test_follow_ups_are_told_apart(base: EvidenceBase) -> None:
    cells = coverage(base, dimension="when", conditions=("hiv",))
    assert [(cell.level, cell.estimate.k) for cell in cells[1:]] == [
        ("to_6_months", 1), ("over_6_months", 1)
    ]  # fmt: skip
    effects = [cell.estimate.selection.effects["time_detail"].tolist() for cell in cells[1:]]
    assert effects == [["4-month follow-up"], ["8-month follow-up"]]


def test_trials_without_such_a_result_are_not_called_missing(base: EvidenceBase) -> None:
    cells = coverage(base, dimension="outcome", conditions=("postpartum",))
    weight = next(cell for cell in cells if cell.level == "weight")
    assert (weight.state, weight.k_studies) == ("no_result", 0)


def test_studies_without_a_known_level_are_counted(base: EvidenceBase) -> None:
    studies = base.studies
    control = studies.loc[["control" in cell for cell in studies["comparisons"]]]
    assert unplaced(base, "format") == int(control["format"].isna().sum()) > 0
    assert unplaced(base, "when") == 0


def test_unknown_names_are_refused(base: EvidenceBase) -> None:
    with pytest.raises(QuestionError, match="No dimension 'colour'"):
        levels(base, "colour")
    with pytest.raises(QuestionError, match="No time point 'soon'"):
        estimate(base, Question("depression", time="soon"))
