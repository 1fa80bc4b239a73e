"""The gap map: what is known of each condition, split by one dimension, or how nothing is.

The dimension is what IPT was compared with or, for one comparison, who took part, how IPT was
given, what was measured, or when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from ipt_evidence.analyses.certainty.result import assess
from ipt_evidence.cache import cached
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import TOO_FEW, Estimate, Model, estimate
from ipt_evidence.evidence.facets import FACETS, facets
from ipt_evidence.evidence.registered import under_way
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.time_points import BANDS, at_time

__all__ = [
    "DIMENSIONS",
    "MAP_FILTERS",
    "NO_FILTERS",
    "Cell",
    "State",
    "coverage",
    "levels",
    "other_results",
    "unplaced",
]

State = Literal[
    "pooled", "two_trials", "single_trial", "other_results", "no_usable_effect", "no_result",
    "no_trial_found", "not_searched", "none_left",
]  # fmt: skip
DIMENSIONS = tuple(facet.id for facet in facets("dimension"))
"""Ids of the facets that can be the columns of the map."""
MAP_FILTERS = ("period", "rob", "income")
"""Ids of the facets by which the whole map can be narrowed."""

NO_FILTERS = Question(comparison=None)


@dataclass(frozen=True, slots=True)
class Cell:
    """One condition × level of a dimension.

    ``k_studies`` counts every study of the cell, ``estimate.k`` those that could be pooled.
    ``level`` is the comparison itself where that is the dimension. ``certainty`` is the level that
    `assess` suggests, None where nothing was pooled. State ``other_results``: results could be
    pooled, but are of another time point or outcome; ``no_result``: there are
    trials of the condition and comparison, but the base holds no result of this level.
    ``none_left``: there are trials, but the filters of the map keep none of them.
    ``under_way`` counts registered trials without a report, where the comparison is the dimension
    and nothing is filtered. ``filters`` holds the fields of `MAP_FILTERS` and nothing else.
    """

    condition: str
    comparison: str
    state: State
    k_studies: int
    estimate: Estimate
    searched: str  # how and until when trials of this cell were looked for; empty if nobody did
    dimension: str = "comparison"
    level: str = ""
    certainty: str | None = None
    under_way: int = 0
    filters: Question = NO_FILTERS


def levels(base: EvidenceBase, dimension: str) -> tuple[str, ...]:
    """Ids of the columns: levels of the schema that some study or effect of the base has.

    Raises
    ------
    QuestionError
        When there is no such dimension.
    """
    if dimension not in DIMENSIONS:
        raise QuestionError(f"No dimension {dimension!r}. There are {', '.join(DIMENSIONS)}")
    if dimension == "comparison":
        return tuple(comparison.id for comparison in base.taxonomy.comparisons)
    if dimension == "when":
        return BANDS
    column = FACETS[dimension].column
    held = set((base.studies if _of_studies(base, dimension) else base.effects)[column].dropna())
    return tuple(level for level in FACETS[dimension].levels if level in held)


def _of_studies(base: EvidenceBase, dimension: str) -> bool:
    """Whether the dimension is a column of the studies; the others are of their effects."""
    return FACETS[dimension].column in base.studies.columns


@cached
def coverage(
    base: EvidenceBase,
    model: Model | None = None,
    *,
    conditions: tuple[str, ...] | None = None,
    dimension: str = "comparison",
    comparison: str = "control",
    filters: Question = NO_FILTERS,
) -> tuple[Cell, ...]:
    """All cells of the gap map, row by row in the order of the taxonomy; shared, so read only.

    Parameters
    ----------
    base
        The evidence base.
    model
        How to pool; the default model when None.
    conditions
        Ids of the rows; the top-level conditions when None.
    dimension
        What the columns are.
    comparison
        What IPT was compared with, for every dimension but ``comparison``.
    filters
        A question without condition and comparison whose choices of `MAP_FILTERS` hold for all
        cells.

    Raises
    ------
    QuestionError
        When the dimension, a condition or the comparison is unknown.
    """
    rows = conditions or base.taxonomy.top_level
    columns = levels(base, dimension)
    return tuple(
        _cell(base, condition, comparison, dimension, level, model, filters)
        for condition in rows
        for level in columns
    )


@cached  # the map, the cards and an opened row share their cells
def _cell(
    base: EvidenceBase,
    condition: str,
    comparison: str,
    dimension: str,
    level: str,
    model: Model | None,
    filters: Question,
) -> Cell:
    question = replace(filters, **_question(condition, comparison, dimension, level))
    answer = estimate(base, question, model)
    studies = _kept(answer.selection.studies, filters)
    all_studies = len(studies)
    k_studies = all_studies
    if dimension != "comparison":
        k_studies = _of_level(base, studies, question, dimension, level)
    how = base.searched(condition, str(question.comparison))
    others = other_results(answer, dimension, level)
    others = others.loc[others["study_id"].isin(studies["study_id"])] if len(others) else others
    state = _state(answer.k, k_studies, len(others), bool(how))
    if k_studies == 0 and all_studies and not _of_studies(base, dimension):
        state = "no_result"
    elif len(answer.selection.studies) > all_studies == 0:
        state = "none_left"
    whole = dimension == "comparison" and filters == NO_FILTERS
    return Cell(
        condition=condition,
        comparison=str(question.comparison),
        state=state,
        k_studies=k_studies,
        estimate=answer,
        searched=how,
        dimension=dimension,
        level=level,
        certainty=assess(base, answer).level,
        under_way=under_way(base)[condition, level] if whole else 0,
        filters=filters,
    )


def _kept(studies: pd.DataFrame, filters: Question) -> pd.DataFrame:
    """The studies that the filters of the map keep; those that are used are among them."""
    kept = pd.Series(data=True, index=studies.index)
    for facet in (FACETS[name] for name in MAP_FILTERS):
        if facet.filter and (wanted := getattr(filters, facet.filter.field)):
            kept &= facet.keeps(studies.assign(rob_study=studies["rob"]), wanted)
    return studies.loc[kept | studies["used"]]


def _question(condition: str, comparison: str, dimension: str, level: str) -> dict[str, Any]:
    """The fields of the question of a cell."""
    if dimension == "comparison":
        return {"condition": condition, "comparison": level}
    asked = {"condition": condition, "comparison": comparison}
    if dimension == "when":
        return {**asked, "time": level}
    chosen = FACETS[dimension].filter
    if chosen is None:
        raise QuestionError(f"The dimension {dimension!r} is not a filter of a question")
    return {**asked, chosen.field: (level,)}


def _of_level(
    base: EvidenceBase, studies: pd.DataFrame, question: Question, dimension: str, level: str
) -> int:
    """How many of the studies of a condition and comparison are of this level."""
    if _of_studies(base, dimension):
        return int((studies[FACETS[dimension].column] == level).sum())
    rows = base.effects.loc[base.effects["study_id"].isin(set(studies["study_id"]))]
    rows = rows.loc[rows["comparison"] == question.comparison]
    here = at_time(rows, level) if dimension == "when" else rows[FACETS[dimension].column] == level
    return int(rows.loc[here, "study_id"].nunique())


def unplaced(base: EvidenceBase, dimension: str, comparison: str = "control") -> int:
    """Studies of a comparison that stand in no column, because nobody reports their level."""
    if dimension == "comparison" or not _of_studies(base, dimension):
        return 0
    compared = [comparison in cell for cell in base.studies["comparisons"]]
    return int(base.studies.loc[compared, FACETS[dimension].column].isna().sum())


def other_results(answer: Estimate, dimension: str, level: str) -> pd.DataFrame:
    """Results of a cell that could be pooled, were they not of another time point or outcome."""
    rows = answer.selection.left_out
    rows = rows.loc[rows["include"].astype(bool)] if len(rows) else rows
    if not len(rows) or dimension in ("comparison", "when", "outcome"):
        return rows if dimension == "comparison" else rows.iloc[:0]
    return rows.loc[rows[FACETS[dimension].column] == level]


def _state(k: int, k_studies: int, others: int, searched: bool) -> State:
    if k > TOO_FEW:
        return "pooled"
    if k:
        return "two_trials" if k == TOO_FEW else "single_trial"
    if k_studies:
        return "other_results" if others else "no_usable_effect"
    return "no_trial_found" if searched else "not_searched"
