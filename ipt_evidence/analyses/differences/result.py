"""What might explain why results differ: trials in groups, and meta-regression on one number.

Both are observational, and averages over people (the mean age of a trial) say little
about people (Thompson & Higgins 2002 doi:10.1002/sim.1187).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ipt_evidence.analyses.differences.grouping import GROUPINGS, Grouped, grouped
from ipt_evidence.cache import cached
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, arrays
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.moderators import (
    MODERATOR_TRIALS,
    MetaRegression,
    Prediction,
    meta_regression,
    predict,
)

__all__ = [
    "LEAST_FOR_LINE",
    "MODERATORS",
    "Explanation",
    "all_groups",
    "explanation",
    "groups_by",
]

MODERATORS = ("year", "n_sessions", "mean_age", "percent_women", "people")
# A line through fewer points is drawn by one or two of them; the Cochrane Handbook (10.11.5.1)
# advises ten, and what lies between carries a warning.
LEAST_FOR_LINE = 5
GRID = 41


@dataclass(frozen=True)
class Explanation:
    """Effects against one number.

    Attributes
    ----------
    moderator
        A name of ``MODERATORS``.
    trials
        Trials whose number is known, with a column ``x``.
    unknown
        Labels of the trials whose number is not known.
    fit, grid, line
        The regression, values of x from the smallest to the largest, and the expected effect
        there; None and empty where no line can be drawn, for the ``reason`` given.
    """

    moderator: str
    trials: pd.DataFrame
    unknown: tuple[str, ...]
    fit: MetaRegression | None = None
    grid: tuple[float, ...] = ()
    line: tuple[Prediction, ...] = ()
    reason: str = ""

    @property
    def few(self) -> bool:
        """Whether there are fewer trials than a regression on one number should have."""
        return len(self.trials) < MODERATOR_TRIALS


@cached
def groups_by(base: EvidenceBase, view: View, by: str) -> Grouped:
    """The trials of ``view`` in the groups of ``by``, a name of `grouping.GROUPINGS`."""
    return grouped(base, estimate_of(base, view), by)


def all_groups(base: EvidenceBase, view: View) -> tuple[Grouped, ...]:
    """The trials of ``view`` in the groups of every grouping."""
    return tuple(groups_by(base, view, by) for by in GROUPINGS)


@cached
def explanation(answer: Estimate, moderator: str) -> Explanation:
    """Regress the effects of ``answer`` on ``moderator``, by the page's tau² and interval.

    Raises
    ------
    KeyError
        When ``moderator`` is not in ``MODERATORS``.
    """
    if moderator not in MODERATORS:
        raise KeyError(moderator)
    trials = answer.trials.assign(x=_numbers(answer, moderator))
    known = trials["x"].notna()
    unknown = tuple(str(label) for label in trials.loc[~known, "label"])
    points = trials.loc[known].reset_index(drop=True)
    if len(points) < LEAST_FOR_LINE:
        reason = f"a line needs {LEAST_FOR_LINE} trials or more, and {len(points)} tell this number"
        return Explanation(moderator, points, unknown, reason=reason)
    x = points["x"].to_numpy(float)
    if np.ptp(x) == 0.0:
        return Explanation(moderator, points, unknown, reason="all trials have the same number")
    try:
        fit = meta_regression(*arrays(points), {moderator: x}, **answer.model.settings)
    except PoolingError as err:
        return Explanation(moderator, points, unknown, reason=str(err))
    grid = np.linspace(x.min(), x.max(), GRID)
    return Explanation(
        moderator, points, unknown, fit, tuple(grid.tolist()), predict(fit, {moderator: grid})
    )


def _numbers(answer: Estimate, moderator: str) -> pd.Series[float]:
    """The moderator of each trial, in the order of the trials; missing where it is not known."""
    if moderator in ("year", "people"):
        column = answer.trials["year" if moderator == "year" else "n"]
        return pd.to_numeric(column, errors="coerce").astype("float64")
    per_study = answer.selection.effects.groupby("study_id", sort=False)[moderator].first()
    found = answer.trials["study_id"].map(per_study)
    return pd.to_numeric(found, errors="coerce").astype("float64")
