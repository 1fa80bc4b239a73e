"""The gap map: for each condition and comparison what is known, or in which way nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model, estimate
from ipt_evidence.evidence.selection import Question

__all__ = ["Cell", "State", "coverage", "searched"]

State = Literal["pooled", "single_trial", "no_usable_effect", "no_trial_found", "not_searched"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One condition × comparison.

    ``k_studies`` counts every study of the cell, ``estimate.k`` those that could be pooled.
    """

    condition: str
    comparison: str
    state: State
    k_studies: int
    estimate: Estimate
    searched: str  # how and until when trials of this cell were looked for; empty if nobody did


def coverage(
    base: EvidenceBase, model: Model | None = None, *, conditions: tuple[str, ...] | None = None
) -> list[Cell]:
    """All cells of the gap map, row by row in the order of the taxonomy.

    Parameters
    ----------
    base
        The evidence base.
    model
        How to pool; the default model when None.
    conditions
        Ids of the rows; the top-level conditions when None.
    """
    rows = conditions or tuple(c.id for c in base.taxonomy.conditions if not c.parent)
    return [
        _cell(base, condition, comparison.id, model)
        for condition in rows
        for comparison in base.taxonomy.comparisons
    ]


def _cell(base: EvidenceBase, condition: str, comparison: str, model: Model | None) -> Cell:
    answer = estimate(base, Question(condition=condition, comparison=comparison), model)
    k_studies = len(answer.selection.studies)
    how = searched(base, condition, comparison)
    return Cell(
        condition=condition,
        comparison=comparison,
        state=_state(answer.k, k_studies, bool(how)),
        k_studies=k_studies,
        estimate=answer,
        searched=how,
    )


def _state(k: int, k_studies: int, searched: bool) -> State:
    if k > 1:
        return "pooled"
    if k == 1:
        return "single_trial"
    if k_studies:
        return "no_usable_effect"
    return "no_trial_found" if searched else "not_searched"


def searched(base: EvidenceBase, condition: str | None, comparison: str) -> str:
    """How trials of this question were looked for, and until when; empty if nobody did.

    A search of a parent condition counts for its children; without a condition, any search does.
    """
    known = base.taxonomy.conditions
    asked = (condition,) if condition else tuple(item.id for item in known)
    tags = set(base.taxonomy.with_parents(asked))
    for search in base.searches:
        if tags & set(search.conditions) and comparison in search.comparisons:
            return f"{search.how} (until {search.until})" if search.until else search.how
    return ""
