"""What the cells of the gap map say and where they lead."""

from __future__ import annotations

import pytest

from ipt_evidence import EvidenceBase, coverage
from ipt_evidence.analyses.gap_map.panel import GapCell, columns, filled, gap_rows
from ipt_evidence.analyses.gap_map.result import DIMENSIONS, Cell
from ipt_evidence.analyses.overview import panel as words
from ipt_evidence.wording import tables


def row(base: EvidenceBase, dimension: str, condition: str) -> dict[str, GapCell]:
    cells = coverage(base, dimension=dimension)
    shown = columns(base, dimension)
    found = next(row for row in gap_rows(base, cells, shown) if row.condition == condition)
    return dict(zip([column.id for column in shown], found.cells, strict=True))


def cell(base: EvidenceBase, dimension: str, condition: str, level: str) -> Cell:
    cells = coverage(base, dimension=dimension, conditions=(condition,))
    return next(cell for cell in cells if cell.level == level)


def test_a_cell_says_effect_interval_size_and_certainty(base: EvidenceBase) -> None:
    said = row(base, "age", "depression")["older_adults"]
    known = cell(base, "age", "depression", "older_adults")
    pooled = known.estimate.pooled
    assert said.main == f"g {tables.effect(pooled.estimate)}"
    assert said.interval == tables.interval(pooled.ci_lower, pooled.ci_upper)
    assert said.detail == f"3 trials · {tables.count(known.estimate.people.value)} people"
    assert (said.certainty, said.dots) == ("low", 2)
    assert said.alt.startswith("Depression, Older adults: g ")
    assert "certainty low" in said.alt


def test_cells_lead_to_what_they_are_about(base: EvidenceBase) -> None:
    estimate = row(base, "format", "depression")["group"]
    assert (estimate.page, estimate.query) == (
        "condition", {"condition": "depression", "comparison": "control", "format": "group"}
    )  # fmt: skip
    unusable = row(base, "when", "anxiety")["to_6_months"]
    assert (unusable.state, unusable.page) == ("no_usable_effect", "studies")
    assert unusable.query == {"in": "anxiety", "versus": "control", "when": "to_6_months"}
    nothing = row(base, "age", "anxiety")["adolescents"]
    assert (nothing.state, nothing.page) == ("no_trial_found", "condition")
    assert nothing.query == {"condition": "anxiety", "comparison": "control"}
    compared = row(base, "comparison", "depression")["maintenance"]
    assert compared.page == "condition"


def test_empty_cells_say_which_kind_of_nothing(base: EvidenceBase) -> None:
    said = {cell.main for d in DIMENSIONS for cell in row(base, d, "eating_disorders").values()}
    assert {"No usable number", "No result recorded", "No trial found", "Not searched"} <= said


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_has_words(base: EvidenceBase, dimension: str) -> None:
    cells = coverage(base, dimension=dimension)
    shown = columns(base, dimension)
    assert all(column.label and "_" not in column.label for column in shown)
    assert words.DIMENSION_EXPLAINED[dimension].endswith(".")
    assert "_" not in words.map_label(base, dimension, "control")
    note = words.map_note(base, dimension, cells)
    for column in shown:
        named = column in filled(cells, shown) or dimension == "comparison"
        assert named or column.label.lower() in note.lower()


def test_trials_without_a_format_are_told(base: EvidenceBase) -> None:
    cells = coverage(base, dimension="format")
    assert "Five trials do not report the format." in words.map_note(base, "format", cells)
