"""The rules by which one cell of the gap map is found wanting.

not_searched      no study is here, and none of the searches that we use looked for one
no_trial          somebody looked, and no study is here
no_number         studies are here, but none with a number that can be pooled
single_trial      exactly one study can be pooled
few_numbers       two or more can be pooled, but fewer than half of the studies
weak_controls     pooled against a waiting list, usual care or no treatment only
no_follow_up      pooled, and no pooled study has a usable number from after the end of treatment
one_place         all pooled studies whose country is known are from one country, or one continent
no_adolescents    pooled, and no study took adolescents (or a mixture of ages)
no_older_adults   the same for older adults
not_rated         fewer than half of the pooled studies have a rating of their risk of bias
high_risk         half or more have one, and each is rated high or unclear

A level that is not known never makes a gap by itself, except in not_rated; how many are not known
stands among the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from ipt_evidence.analyses.coverage.result import people_randomised
from ipt_evidence.citations.taxonomy import Concept
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.continents import continent
from ipt_evidence.evidence.schema import RANDOMISED
from ipt_evidence.evidence.sources import Search

__all__ = ["Cell", "Gap", "Kind", "Need", "gaps_of"]

Kind = Literal[
    "not_searched", "no_trial", "no_number", "single_trial", "few_numbers", "weak_controls",
    "no_follow_up", "one_place", "no_adolescents", "no_older_adults", "not_rated", "high_risk",
]  # fmt: skip
Need = Literal["reading", "searching", "trial"]

WEAK_CONTROLS = ("waitlist", "care_as_usual", "no_treatment")
AGE_KINDS: dict[str, Kind] = {"adolescents": "no_adolescents", "older_adults": "no_older_adults"}
# A condition that is an age group of its own: neither it nor its siblings are asked for that age,
# nor is it asked for the other one.
AGE_CONDITIONS = {"adolescents": "adolescent_depression", "older_adults": "late_life_depression"}
PEOPLE = ["study_id", "n_randomised", "overlaps_with"]
NEVER_OLDER = "postpartum"  # nobody past childbearing age can take part


@dataclass(frozen=True, slots=True)
class Gap:
    """One question that the base cannot answer.

    ``comparisons`` has several entries where a condition has several empty cells. ``studies`` are
    the ids of all studies of the cell, ``usable`` of those that can be pooled. ``people`` were
    randomised in the studies that the gap is about (None: not known; 0: there are no studies), a
    number known of ``people_known`` of them. ``counts`` are the levels on which the rule rests,
    with the number of studies at each (``""``: not known). ``searches`` looked for such trials.
    ``wider`` counts the studies of the parent condition in the same comparisons. ``rank`` is the
    place in the order in which gaps are worth taking up.
    """

    kind: Kind
    need: Need
    condition: str
    comparisons: tuple[str, ...]
    studies: tuple[str, ...] = ()
    usable: tuple[str, ...] = ()
    people: int | None = 0
    people_known: int = 0
    counts: tuple[tuple[str, int], ...] = ()
    searches: tuple[Search, ...] = ()
    wider: int = 0
    rank: int = 0

    @property
    def about(self) -> tuple[str, ...]:
        """Ids of the studies that the gap is about: those without a number, or all usable ones."""
        if self.kind in ("no_number", "few_numbers"):
            return tuple(study for study in self.studies if study not in self.usable)
        return self.usable or self.studies


@dataclass(frozen=True, slots=True)
class Cell:
    """One condition and comparison, with what the base holds about it."""

    condition: Concept
    comparison: str
    studies: pd.DataFrame
    used: pd.DataFrame  # effects that can be pooled, joined with their study
    later: int  # studies with a usable number from after the end of treatment
    searches: tuple[Search, ...]
    wider: int  # studies of the parent condition in the same comparison

    @property
    def pooled(self) -> pd.DataFrame:
        """The studies that can be pooled, one row each."""
        return self.studies.loc[self.studies["study_id"].isin(set(self.used["study_id"]))]


def gaps_of(base: EvidenceBase, cell: Cell) -> list[Gap]:
    """The gaps of one cell, by the rules at the top of this module."""
    if cell.studies.empty:
        return [_empty(cell)]
    usable = len(cell.pooled)
    if usable == 0:
        randomised = cell.studies["design"].isin(RANDOMISED).any()
        return [_gap(cell, "no_number", "reading" if randomised else "trial")]
    if usable == 1:
        return [_gap(cell, "single_trial", "reading" if len(cell.studies) > 1 else "trial")]
    gaps = [_gap(cell, "few_numbers", "reading")] if usable * 2 < len(cell.studies) else []
    gaps += _controls(cell) + _follow_up(cell) + _place(cell) + _ages(base, cell) + _risk(cell)
    return gaps


def _gap(cell: Cell, kind: Kind, need: Need, counts: Iterable[tuple[str, int]] = ()) -> Gap:
    gap = Gap(
        kind, need, cell.condition.id, (cell.comparison,), tuple(cell.studies["study_id"]),
        tuple(cell.pooled["study_id"]), counts=tuple(counts), searches=cell.searches,
        wider=cell.wider,
    )  # fmt: skip
    about = cell.studies.loc[cell.studies["study_id"].isin(gap.about), PEOPLE]
    people, known = people_randomised(
        dict(zip(PEOPLE, row, strict=True)) for row in about.itertuples(index=False, name=None)
    )
    return replace(gap, people=people, people_known=known)


def _empty(cell: Cell) -> Gap:
    if not cell.searches:
        return _gap(cell, "not_searched", "searching")
    # Where nobody searched systematically for this very condition, a trial may exist unseen.
    systematic = any(
        search.until and cell.condition.id in search.conditions for search in cell.searches
    )
    return _gap(cell, "no_trial", "trial" if systematic else "searching")


def _levels(values: Iterable[Any]) -> list[tuple[str, int]]:
    """Count levels, most frequent first; missing ones are ``""`` and come last."""
    counts = Counter("" if pd.isna(value) else str(value) for value in values).items()
    return sorted(counts, key=lambda item: (item[0] == "", -item[1], item[0]))


def _known(counts: Sequence[tuple[str, int]]) -> set[str]:
    return {level for level, _ in counts if level}


def _controls(cell: Cell) -> list[Gap]:
    if cell.comparison != "control":
        return []
    pairs = cell.used[["study_id", "comparator_type"]].drop_duplicates()
    counts = _levels(pairs["comparator_type"])
    if _known(counts) and _known(counts) <= set(WEAK_CONTROLS):
        return [_gap(cell, "weak_controls", "trial", counts)]
    return []


def _follow_up(cell: Cell) -> list[Gap]:
    if cell.later or cell.comparison == "maintenance":  # which is about later by itself
        return []
    return [_gap(cell, "no_follow_up", "reading")]


def _place(cell: Cell) -> list[Gap]:
    countries = list(cell.pooled["country"].dropna())
    missing = [("", len(cell.pooled) - len(countries))] if len(countries) < len(cell.pooled) else []
    if len(countries) < 2:
        return []
    for places in (countries, [continent(country) for country in countries]):
        if len(set(places)) == 1 and places[0]:
            return [_gap(cell, "one_place", "trial", [(places[0], len(places)), *missing])]
    return []


def _ages(base: EvidenceBase, cell: Cell) -> list[Gap]:
    counts = _levels(cell.studies["age_group"])
    ages = _known(counts)
    if not ages or "mixed" in ages:
        return []
    lineage = set(base.taxonomy.with_parents((cell.condition.id,)))
    gaps = []
    for age, kind in AGE_KINDS.items():
        own = AGE_CONDITIONS[age]
        siblings = set(base.taxonomy.children(_parent(base, own))) if _parent(base, own) else set()
        elsewhere = lineage & (siblings | set(AGE_CONDITIONS.values()))
        impossible = age == "older_adults" and NEVER_OLDER in lineage
        if age not in ages and not elsewhere and not impossible:
            gaps.append(_gap(cell, kind, "trial", counts))
    return gaps


def _parent(base: EvidenceBase, condition: str) -> str:
    parents = {item.id: item.parent for item in base.taxonomy.conditions}
    return parents.get(condition, "")


def _risk(cell: Cell) -> list[Gap]:
    counts = _levels(cell.pooled["rob"])
    rated = sum(number for level, number in counts if level)
    if rated * 2 < len(cell.pooled):
        return [_gap(cell, "not_rated", "reading", counts)]
    if _known(counts) <= {"high", "unclear"}:
        return [_gap(cell, "high_risk", "trial", counts)]
    return []
