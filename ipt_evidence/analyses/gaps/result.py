"""What nobody has answered yet: every condition × comparison, held against the rules.

Empty cells of a condition are one gap, told for the most general condition for which they hold.
So are a cell without any usable number and the weaknesses of pooled results. A gap about the very
same studies as one of its child is told for the child, whose question is the more exact one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ipt_evidence.analyses.gaps.rules import Cell, Gap, Kind, Need, gaps_of
from ipt_evidence.cache import cached
from ipt_evidence.citations.taxonomy import Concept
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.selection import Question, select

__all__ = [
    "KINDS",
    "NEEDS",
    "Gap",
    "Kind",
    "Need",
    "asked",
    "find_gaps",
    "gaps_among",
]

NEEDS: tuple[Need, ...] = ("reading", "searching", "trial")
"""What it would take to close a gap, least work first."""

KINDS: tuple[Kind, ...] = (
    "no_number", "few_numbers", "no_follow_up", "not_rated", "not_searched", "no_trial",
    "single_trial", "high_risk", "weak_controls", "one_place", "no_adolescents", "no_older_adults",
)  # fmt: skip
"""Within one need, studies without a number come first, then nobody, then weaknesses."""

EMPTY: tuple[Kind, ...] = ("not_searched", "no_trial")
OF_STUDIES: tuple[Kind, ...] = ("no_number", "single_trial", "few_numbers")
# Prevention is asked of whole groups of conditions and of people at risk, not of forms of illness.
AT_RISK = ("adolescent_depression", "late_life_depression")
PREVENTION = "_prevention"  # ids of conditions that are themselves the prevention of something
REST = "other"  # ids of conditions that gather what is left


@cached
def find_gaps(base: EvidenceBase) -> list[Gap]:
    """All gaps of ``base``, in the order in which they are worth taking up.

    The order: what reading can close comes before what needs a search, and that before what needs
    a new trial; within these the kinds in the order of `KINDS`; then the gap with more people
    behind it; then the order of the taxonomy.
    """
    slim = _slim(base)
    cells = [_cell(slim, *pair) for pair in asked(base)]
    found = [gap for cell in cells for gap in gaps_of(base, cell)]
    told = _merged(_told_once(base, found))
    order = [condition.id for condition in base.taxonomy.conditions]
    told.sort(
        key=lambda gap: (
            NEEDS.index(gap.need),
            KINDS.index(gap.kind),
            -(gap.people or 0),
            order.index(gap.condition),
        )
    )
    return [replace(gap, rank=rank) for rank, gap in enumerate(told, start=1)]


def asked(base: EvidenceBase) -> list[tuple[Concept, str]]:
    """Pairs of condition and comparison that make a question.

    Left out are conditions that gather what is left, and prevention of what is already there.
    """
    pairs = []
    for condition in base.taxonomy.conditions:
        if condition.id == REST or condition.id.startswith(f"{REST}_"):
            continue
        of_prevention = condition.id.endswith(PREVENTION)
        preventable = of_prevention or condition.id in AT_RISK or not condition.parent
        for comparison in base.taxonomy.comparisons:
            is_prevention = comparison.id == "prevention"
            if preventable if is_prevention else not of_prevention:
                pairs.append((condition, comparison.id))
    return pairs


_OF_STUDY = (
    "study_id conditions_all comparisons design country age_group rob n_randomised overlaps_with"
).split()
_OF_EFFECT = (
    "study_id conditions_all comparison include include_reason outcome_domain time "
    "comparator_type n_ipt n_comparator overlaps_with"
).split()


def _slim(base: EvidenceBase) -> EvidenceBase:
    """The base with what the rules look at and no more, which makes a hundred cells fast."""
    usable = base.joined["include"].astype(bool)
    return replace(
        base, studies=base.studies[_OF_STUDY], joined=base.joined.loc[usable, _OF_EFFECT]
    )


def _cell(base: EvidenceBase, condition: Concept, comparison: str) -> Cell:
    studies = base.studies

    def of(tag: str) -> list[bool]:
        pairs = zip(studies["conditions_all"], studies["comparisons"], strict=True)
        return [tag in tags and comparison in compared for tags, compared in pairs]

    own = studies.loc[of(condition.id)]
    used, later = base.joined.iloc[:0], 0
    if any(
        compared == comparison and condition.id in tags
        for tags, compared in zip(
            base.joined["conditions_all"], base.joined["comparison"], strict=True
        )
    ):
        question = Question(condition=condition.id, comparison=comparison)
        used = select(base, question).effects
        if used["study_id"].nunique() > 1:
            after = select(base, replace(question, time="follow_up")).effects
            later = len(set(after["study_id"]) & set(used["study_id"]))
    searches = base.searches_for(condition.id, comparison)
    wider = sum(of(condition.parent)) if condition.parent else 0
    return Cell(condition, comparison, own, used, later, searches, wider)


def _told_once(base: EvidenceBase, gaps: Sequence[Gap]) -> list[Gap]:
    """Leave out what a parent or a child says as well."""
    parents = {condition.id: condition.parent for condition in base.taxonomy.conditions}
    said = {(gap.condition, gap.kind, gap.comparisons): set(gap.studies) for gap in gaps}
    exact = {
        (parents[gap.condition], gap.kind, gap.comparisons, frozenset(gap.studies))
        for gap in gaps
        if gap.kind in OF_STUDIES
    }
    told = []
    for gap in gaps:
        above = said.get((parents[gap.condition], gap.kind, gap.comparisons))
        if gap.kind in OF_STUDIES:
            repeated = (gap.condition, gap.kind, gap.comparisons, frozenset(gap.studies)) in exact
            # a parent without a single number names the studies of its children anyway
            repeated |= gap.kind == "no_number" and above is not None and above > set(gap.studies)
        else:
            repeated = above is not None
        if not repeated:
            told.append(gap)
    return told


def _merged(gaps: Sequence[Gap]) -> list[Gap]:
    """Make one gap of a condition's empty cells of one kind and need."""
    merged: dict[tuple[str, str, str, str], Gap] = {}
    for gap in gaps:
        alone = "" if gap.kind in EMPTY else gap.comparisons[0]
        key = (gap.condition, gap.kind, gap.need, alone)
        if key in merged:
            first = merged[key]
            searches = tuple(dict.fromkeys((*first.searches, *gap.searches)))
            gap = replace(
                first,
                comparisons=(*first.comparisons, *gap.comparisons),
                searches=searches,
                wider=first.wider + gap.wider,
            )
        merged[key] = gap
    return list(merged.values())


def gaps_among(base: EvidenceBase, gaps: Sequence[Gap], conditions: Sequence[str]) -> list[Gap]:
    """Gaps of these conditions and of their children; all when none is named."""
    wanted = set(conditions)
    return [
        gap
        for gap in gaps
        if not wanted or wanted & set(base.taxonomy.with_parents((gap.condition,)))
    ]
