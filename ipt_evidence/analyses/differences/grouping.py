"""Trials of an estimate sorted into groups, and whether the groups differ.

The comparison between groups is observational: trials were not randomised to their group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.facets import FACETS, Facet, facets
from ipt_evidence.meta_analysis.models import TOO_FEW, interpretable
from ipt_evidence.meta_analysis.moderators import (
    FEW_TRIALS,
    SubgroupEffect,
    Subgroups,
    subgroups,
)

__all__ = ["GROUPINGS", "SEVERAL", "UNKNOWN", "Grouped", "grouped", "levels_of_trials"]

GROUPINGS = tuple(facet.id for facet in facets("groups"))
"""Ids of the facets by which trials are sorted."""
UNKNOWN = ""  # the group of trials that do not tell
SEVERAL = "several"  # the group of trials with results of more than one level


@dataclass(frozen=True)
class Grouped:
    """Trials in groups.

    Attributes
    ----------
    by
        A name of ``GROUPINGS``.
    level, yi
        Level and effect of each trial, indexed by study_id; ``UNKNOWN`` where the level is not
        known.
    order
        Levels in the order to show, ``UNKNOWN`` last.
    result
        Pooled effect of each group and the test between them, in which groups of two count too;
        None where it cannot be had. Ask `shown` for what may be read as the effect of a group.
    reason
        Why ``result`` is None; empty otherwise.
    """

    by: str
    level: pd.Series[str]
    yi: pd.Series[float]
    order: tuple[str, ...]
    result: Subgroups | None
    reason: str = ""

    @property
    def shown(self) -> dict[str, SubgroupEffect]:
        """The effect of each level that may be read as one: of one trial, or of three or more."""
        if self.result is None:
            return {}
        return {one.group: one for one in self.result.groups if interpretable(one.k)}

    @property
    def pairs(self) -> dict[str, list[float]]:
        """The two effects of each level that has two trials, which are shown one by one."""
        found = {name: self.yi[self.level == name].to_list() for name in self.order}
        return {name: values for name, values in found.items() if len(values) == TOO_FEW}

    @property
    def few(self) -> tuple[str, ...]:
        """Levels with fewer trials than a group needs to say something about itself."""
        counts = self.level.value_counts()
        return tuple(name for name in self.order if counts[name] < FEW_TRIALS)


def levels_of_trials(base: EvidenceBase, answer: Estimate, by: str) -> pd.Series[str]:
    """The level of each trial of ``answer`` on ``by``, indexed by study_id in the trials' order.

    Raises
    ------
    KeyError
        When ``by`` is not in ``GROUPINGS``.
    """
    if by not in GROUPINGS:
        raise KeyError(by)
    levels = _condition(base, answer) if by == "condition" else _of_facet(answer, FACETS[by])
    return levels.reindex(answer.trials["study_id"]).fillna(UNKNOWN).astype("str")


def grouped(base: EvidenceBase, answer: Estimate, by: str) -> Grouped:
    """Sort the trials of ``answer`` by ``by`` and compare the groups.

    Each group has its own tau² unless one has fewer than five trials; then all share one (advised
    by Borenstein et al. 2009, ch. 19, doi:10.1002/9780470743386).

    Raises
    ------
    KeyError
        When ``by`` is not in ``GROUPINGS``.
    """
    level = levels_of_trials(base, answer, by)
    order = _ordered(level, by)
    yi = answer.trials.set_index("study_id")["yi"].astype("float64")
    if len(order) < 2:
        reason = "" if level.empty else "All trials are in one group"
        return Grouped(by, level, yi, order, None, reason)
    common = bool((level.value_counts() < FEW_TRIALS).any())
    try:
        result = subgroups(
            *answer.arrays, level.to_numpy(str), common_tau2=common, **answer.model.settings
        )
    except PoolingError as err:
        return Grouped(by, level, yi, order, None, str(err))
    return Grouped(by, level, yi, order, result)


def _ordered(level: pd.Series[str], by: str) -> tuple[str, ...]:
    """Levels in their own order where they have one, else the largest group first."""
    counts = level.value_counts()
    present = [str(name) for name in counts.index if name != UNKNOWN]
    natural = list(FACETS[by].levels)
    if by == "period":
        present.sort()
    elif natural:
        present.sort(key=lambda name: natural.index(name) if name in natural else len(natural))
    else:
        present.sort(key=lambda name: (-int(counts[name]), name))
    return (*present, *((UNKNOWN,) if UNKNOWN in counts.index else ()))


def _of_facet(answer: Estimate, facet: Facet) -> pd.Series[str]:
    """Levels from the effects used where the facet is a column of them, else from the trials."""
    trials = answer.trials.set_index("study_id", drop=False)
    if facet.column and facet.column not in trials.columns:
        cells = answer.selection.effects.groupby("study_id", sort=False)[facet.column]
        found = {str(study): list(dict.fromkeys(own.dropna())) for study, own in cells}
    else:
        rows: list[dict[str, Any]] = trials.to_dict("records")  # type: ignore[assignment]
        found = {str(row["study_id"]): list(facet.read(row)) for row in rows}
    return pd.Series(
        {
            study: str(known[0]) if len(known) == 1 else (SEVERAL if known else UNKNOWN)
            for study, known in found.items()
        },
        dtype="str",
    )


def _condition(base: EvidenceBase, answer: Estimate) -> pd.Series[str]:
    """Label of what a trial's tags name beyond the condition that is asked for.

    A second condition (HIV in a trial on depression) counts before a narrower one (major
    depression), under its top-level name.
    """
    asked = str(answer.selection.question.condition or "")
    taxonomy = base.taxonomy
    found: dict[str, str] = {}
    for _, row in answer.selection.effects.drop_duplicates("study_id").iterrows():
        within, beside = UNKNOWN, UNKNOWN
        for name in row["conditions"]:
            above = taxonomy.with_parents([name])
            if asked in above[1:]:
                within = within or taxonomy.condition(name).label
            elif not set(above) & set(taxonomy.with_parents([asked]) if asked else ()):
                beside = beside or taxonomy.condition(above[-1]).label
        found[str(row["study_id"])] = beside or within
    return pd.Series(found, dtype="str")
