"""Gaps come from the rules, each once, with the search behind it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase, coverage
from ipt_evidence.analyses.gaps.result import (
    KINDS,
    NEEDS,
    Gap,
    asked,
    find_gaps,
    gaps_among,
)
from ipt_evidence.analyses.gaps.rules import Cell, gaps_of
from ipt_evidence.evidence.sources import Search

SYSTEMATIC = Search(("depression",), ("control",), "Systematic search", "2024-01-01")
LOOSE = Search(("depression",), ("control",), "Abstracts read")


@pytest.fixture(scope="module")
def found(base: EvidenceBase) -> list[Gap]:
    return find_gaps(base)


def cell(
    base: EvidenceBase,
    n: int,
    usable: int,
    *,
    condition: str = "depression",
    comparison: str = "control",
    searches: tuple[Search, ...] = (SYSTEMATIC,),
    later: int = 1,
    comparators: tuple[str | None, ...] = ("placebo",),
    **columns: list[object],
) -> Cell:
    """A cell in which no rule but those under test finds anything."""
    ids = [f"s{i}" for i in range(n)]
    filled = {
        "design": ["rct"] * n,
        "country": ["USA", "Uganda", "Norway", "China", "Chile"][:n],
        "age_group": (["adults", "adolescents", "older_adults"] * n)[:n],
        "rob": ["low"] * n,
        "n_randomised": [10 * (i + 1) for i in range(n)],
        "overlaps_with": [()] * n,
        **columns,
    }
    studies = pd.DataFrame({"study_id": ids, **filled})
    kinds = (comparators * max(usable, 1))[: max(usable, len(comparators) if usable else 0)]
    used = pd.DataFrame(
        {"study_id": [ids[i % usable] for i in range(len(kinds))] if usable else [],
         "comparator_type": list(kinds) if usable else []}
    )  # fmt: skip
    concept = base.taxonomy.condition(condition)
    return Cell(concept, comparison, studies, used, later, searches, 0)


def kinds(base: EvidenceBase, made: Cell) -> list[tuple[str, str]]:
    return [(gap.kind, gap.need) for gap in gaps_of(base, made)]


def test_a_cell_without_fault_is_no_gap(base: EvidenceBase) -> None:
    assert kinds(base, cell(base, 3, 3)) == []


def test_emptiness_says_whether_anybody_looked(base: EvidenceBase) -> None:
    assert kinds(base, cell(base, 0, 0, searches=())) == [("not_searched", "searching")]
    assert kinds(base, cell(base, 0, 0, searches=(LOOSE,))) == [("no_trial", "searching")]
    assert kinds(base, cell(base, 0, 0)) == [("no_trial", "trial")]
    # a systematic search for depression as a whole is none for one kind of it
    child = cell(base, 0, 0, condition="persistent_depression")
    assert kinds(base, child) == [("no_trial", "searching")]


def test_studies_without_numbers(base: EvidenceBase) -> None:
    (gap,) = gaps_of(base, cell(base, 2, 0))
    assert (gap.kind, gap.need, gap.about) == ("no_number", "reading", ("s0", "s1"))
    assert (gap.people, gap.people_known) == (30, 2)
    unsure = cell(base, 2, 0, design=["non_randomised", "unclear"])
    assert kinds(base, unsure) == [("no_number", "trial")]
    assert kinds(base, cell(base, 1, 1)) == [("single_trial", "trial")]
    assert kinds(base, cell(base, 3, 1)) == [("single_trial", "reading")]
    (few,) = gaps_of(base, cell(base, 5, 2))
    assert (few.kind, few.about, few.people) == ("few_numbers", ("s2", "s3", "s4"), 120)
    assert kinds(base, cell(base, 4, 2)) == []


def test_people_that_nobody_counted_are_not_zero(base: EvidenceBase) -> None:
    (gap,) = gaps_of(base, cell(base, 2, 0, n_randomised=[pd.NA, pd.NA]))
    assert (gap.people, gap.people_known) == (None, 0)


def test_only_waiting_lists_and_usual_care(base: EvidenceBase) -> None:
    weak = cell(base, 3, 3, comparators=("waitlist", "care_as_usual", None))
    (gap,) = gaps_of(base, weak)
    assert gap.kind == "weak_controls"
    assert gap.counts == (("care_as_usual", 1), ("waitlist", 1), ("", 1))
    assert kinds(base, cell(base, 3, 3, comparators=("waitlist", "placebo", None))) == []
    assert kinds(base, cell(base, 3, 3, comparators=(None, None, None))) == []
    other = cell(base, 3, 3, comparison="other_psychotherapy", comparators=("waitlist",))
    assert kinds(base, other) == []


def test_no_follow_up_but_for_maintenance(base: EvidenceBase) -> None:
    assert kinds(base, cell(base, 3, 3, later=0)) == [("no_follow_up", "reading")]
    assert kinds(base, cell(base, 3, 3, later=0, comparison="maintenance")) == []


def test_one_country_or_one_continent(base: EvidenceBase) -> None:
    (country,) = gaps_of(base, cell(base, 3, 3, country=["USA", "USA", None]))
    assert (country.kind, country.counts) == ("one_place", (("USA", 2), ("", 1)))
    (continent,) = gaps_of(base, cell(base, 3, 3, country=["USA", "Canada", "USA"]))
    assert continent.counts == (("North America", 3),)
    assert kinds(base, cell(base, 3, 3, country=["USA", None, None])) == []
    assert kinds(base, cell(base, 3, 3, country=["Atlantis", "USA", "USA"])) == []


def test_ages_are_asked_where_they_can_be_missing(base: EvidenceBase) -> None:
    adults: dict[str, list[object]] = {"age_group": ["adults"] * 3}
    anxiety = cell(base, 3, 3, condition="anxiety", **adults)
    assert [kind for kind, _ in kinds(base, anxiety)] == ["no_adolescents", "no_older_adults"]
    postpartum = cell(base, 3, 3, condition="postpartum", **adults)
    assert [kind for kind, _ in kinds(base, postpartum)] == ["no_adolescents"]
    for own in ("late_life_depression", "adolescent_depression", "major_depression"):
        assert kinds(base, cell(base, 3, 3, condition=own, **adults)) == []
    assert kinds(base, cell(base, 3, 3, age_group=["mixed", "adults", "adults"])) == []
    assert kinds(base, cell(base, 3, 3, age_group=[None, None, None])) == []


def test_risk_of_bias(base: EvidenceBase) -> None:
    assert kinds(base, cell(base, 3, 3, rob=[None] * 3)) == [("not_rated", "reading")]
    assert kinds(base, cell(base, 3, 3, rob=["low", None, None])) == [("not_rated", "reading")]
    (risky,) = gaps_of(base, cell(base, 3, 3, rob=["high", "unclear", None]))
    assert risky.kind == "high_risk"
    assert risky.counts == (("high", 1), ("unclear", 1), ("", 1))
    assert kinds(base, cell(base, 3, 3, rob=["high", "some_concerns", None])) == []


def test_gaps_agree_with_the_gap_map(base: EvidenceBase, found: list[Gap]) -> None:
    ids = tuple(dict.fromkeys(condition.id for condition, _ in asked(base)))
    states = {(c.condition, c.comparison): c for c in coverage(base, conditions=ids)}
    wanted = {
        "not_searched": {"not_searched"}, "no_trial": {"no_trial_found"},
        "no_number": {"no_usable_effect", "other_results"}, "single_trial": {"single_trial"},
    }  # fmt: skip
    assert found
    for gap in found:
        for comparison in gap.comparisons:
            state = states[gap.condition, comparison]
            pooled = {"pooled", "two_trials"}
            assert state.state in wanted.get(gap.kind, pooled)
            assert bool(base.searches_for(gap.condition, comparison)) == bool(state.searched)
        if gap.kind not in ("not_searched", "no_trial"):
            assert len(gap.studies) == state.k_studies
            assert len(gap.usable) == state.estimate.k


def test_every_empty_cell_is_told_by_itself_or_by_its_parent(
    base: EvidenceBase, found: list[Gap]
) -> None:
    told = {(gap.condition, comparison) for gap in found for comparison in gap.comparisons}
    pairs = {(condition.id, comparison) for condition, comparison in asked(base)}
    cells = coverage(base, conditions=tuple(c.id for c in base.taxonomy.conditions))
    empty = {(c.condition, c.comparison) for c in cells if c.k_studies == 0} & pairs
    assert empty
    for cell, comparison in empty:
        lineage = base.taxonomy.with_parents((cell,))
        assert any((condition, comparison) in told for condition in lineage)


def test_no_gap_is_told_twice(found: list[Gap]) -> None:
    cells = [(gap.kind, gap.condition, c) for gap in found for c in gap.comparisons]
    assert len(cells) == len(set(cells))
    kinds_of = {(gap.condition, gap.kind): gap for gap in found}
    assert ("postpartum", "no_follow_up") in kinds_of
    assert ("perinatal_depression", "no_follow_up") not in kinds_of


def test_the_order_is_the_stated_one(found: list[Gap]) -> None:
    assert [gap.rank for gap in found] == list(range(1, len(found) + 1))
    order = [(NEEDS.index(gap.need), KINDS.index(gap.kind), -(gap.people or 0)) for gap in found]
    assert order == sorted(order)


def test_prevention_is_asked_where_it_makes_sense(base: EvidenceBase) -> None:
    pairs = {(condition.id, comparison) for condition, comparison in asked(base)}
    assert ("depression", "prevention") in pairs
    assert ("adolescent_depression", "prevention") in pairs
    assert ("perinatal_prevention", "prevention") in pairs
    assert ("perinatal_prevention", "control") not in pairs
    assert ("inpatient_depression", "prevention") not in pairs
    assert not {condition for condition, _ in pairs} & {"other", "other_chronic_illness"}


def test_a_filter_keeps_a_condition_and_its_children(base: EvidenceBase, found: list[Gap]) -> None:
    assert gaps_among(base, found, ()) == found
    among = gaps_among(base, found, ["anxiety"])
    assert {gap.condition for gap in among} >= {"anxiety", "panic", "ptsd"}
    assert all("anxiety" in base.taxonomy.with_parents((gap.condition,)) for gap in among)


def test_without_searches_nothing_is_called_not_found(base: EvidenceBase) -> None:
    gaps = find_gaps(replace(base, searches=()))
    assert not [gap for gap in gaps if gap.kind == "no_trial"]
    assert all(gap.searches == () for gap in gaps)
