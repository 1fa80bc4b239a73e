"""The base on which the tests run holds every state that the explorer has to show."""

from __future__ import annotations

from collections import Counter

import pytest

from ipt_evidence import EvidenceBase, coverage
from ipt_evidence.analyses.gap_map.result import Cell
from ipt_evidence.evidence.schema import INTEGRITY
from ipt_evidence.living.changes import compare
from ipt_evidence.living.snapshots import released


@pytest.fixture(scope="module")
def cells(base: EvidenceBase) -> list[Cell]:
    return coverage(base, conditions=tuple(one.id for one in base.taxonomy.conditions))


def test_every_kind_of_cell_is_there(cells: list[Cell]) -> None:
    states = Counter(cell.state for cell in cells)
    assert set(states) == {
        "pooled", "two_trials", "single_trial", "other_results", "no_usable_effect",
        "no_trial_found", "not_searched",
    }  # fmt: skip
    sizes = {cell.estimate.k for cell in cells}
    assert {0, 1, 2, 3, 34} <= sizes


def test_every_comparison_has_an_answer_and_a_question_without_one(
    base: EvidenceBase, cells: list[Cell]
) -> None:
    assert base.taxonomy.comparisons
    for comparison in base.taxonomy.comparisons:
        mine = [cell.estimate.k for cell in cells if cell.comparison == comparison.id]
        assert max(mine) >= 2, comparison.id
        assert min(mine) == 0, comparison.id


def test_every_finding_about_a_reference_is_there(base: EvidenceBase) -> None:
    column = next(column for column in INTEGRITY.columns if column.name == "status")
    assert set(base.integrity["status"]) == set(column.levels)
    assert "retracted" in base.study("invented2001")["flags"]


def test_trials_share_people_reports_warnings_and_effects(base: EvidenceBase) -> None:
    studies, effects = base.studies, base.effects
    assert studies["overlaps_with"].str.len().max() > 0
    assert studies["references"].str.len().max() > 1
    assert {"se_for_sd", "cluster_not_accounted", "not_ipt_delivery"} <= set().union(
        *studies["flags"]
    )
    assert effects.loc[effects["include"], "study_id"].value_counts().max() > 1


@pytest.mark.parametrize(
    "column", ["year", "format", "n_sessions", "mean_age", "country", "n_randomised", "rob"]
)
def test_what_is_known_of_one_trial_is_missing_of_another(base: EvidenceBase, column: str) -> None:
    assert base.studies[column].isna().any()
    assert base.studies[column].notna().any()


def test_a_search_for_another_question_feeds_a_cell(base: EvidenceBase, cells: list[Cell]) -> None:
    cell = next(c for c in cells if (c.condition, c.comparison) == ("postpartum", "control"))
    assert "metapsy-depression-psyctr" in set(cell.estimate.selection.effects["source_id"])


def test_answers_moved_between_two_releases(base: EvidenceBase) -> None:
    first, last = released(base)
    moved = {(cell.condition, cell.comparison) for cell in compare(first, last).cells}
    assert ("depression", "other_psychotherapy") in moved
