"""What further trials would change: many small ones that find nothing, or a single large one."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ipt_evidence.analyses.fragility.results import MOST_NULL_TRIALS, NextTrialSize, NullTrials
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis.models import PooledEffect, pool_many
from ipt_evidence.meta_analysis.power import next_trial

__all__ = ["excludes", "null_trials", "settings", "size_of_next_trial"]

Floats = npt.NDArray[np.float64]


def settings(estimate: Estimate) -> dict[str, str]:
    """Method and interval by which the trials of an estimate are pooled."""
    return {"method": estimate.model.method, "test": estimate.model.test}


def excludes(lower: float, upper: float) -> bool:
    """Say whether an interval excludes no effect."""
    return lower > 0.0 or upper < 0.0


def null_trials(
    estimate: Estimate, yi: Floats, vi: Floats, fit: PooledEffect, bound: float
) -> NullTrials:
    """Add 1, 2, ... trials of median variance that find nothing, and pool each time.

    Parameters
    ----------
    estimate, yi, vi, fit
        The estimate, its trials (k,), and their pooled effect.
    bound
        The smallest worthwhile effect. A finding against IPT is looked at in the mirror.
    """
    sign = 1.0 if fit.estimate >= 0.0 else -1.0
    significant, large = excludes(fit.ci_lower, fit.ci_upper), sign * fit.estimate > bound
    middle = estimate.trials["n"].median()
    people = None if math.isnan(middle) else round(middle)
    if not (significant or large):
        return NullTrials(None, None, people)
    sizes = np.unique(np.geomspace(1, MOST_NULL_TRIALS, 200).round().astype(int))
    crossed, fallen = _with_null(estimate, yi, vi, sizes, sign, bound)
    return NullTrials(
        _first(estimate, yi, vi, sizes, crossed, sign, bound, 0) if significant else None,
        _first(estimate, yi, vi, sizes, fallen, sign, bound, 1) if large else None,
        people,
    )


def _with_null(
    estimate: Estimate,
    yi: Floats,
    vi: Floats,
    sizes: npt.NDArray[np.int64],
    sign: float,
    bound: float,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether the interval holds 0, and whether the effect is too small, after each addition."""
    most = int(sizes.max())
    present = np.arange(yi.size + most) < (yi.size + sizes)[:, None]
    fits = pool_many(
        np.concatenate([yi, np.zeros(most)]),
        np.concatenate([vi, np.full(most, np.median(vi))]),
        present,
        level=estimate.model.level,
        **settings(estimate),
    )
    return (fits.ci_lower <= 0.0) & (fits.ci_upper >= 0.0), sign * fits.estimate < bound


def _first(
    estimate: Estimate,
    yi: Floats,
    vi: Floats,
    sizes: npt.NDArray[np.int64],
    reached: npt.NDArray[np.bool_],
    sign: float,
    bound: float,
    which: int,
) -> int:
    """The smallest addition that does it, one more than was tried where none does.

    Between two sizes of the coarse grid each is tried.
    """
    if not reached.any():
        return MOST_NULL_TRIALS + 1
    place = int(np.argmax(reached))
    fine = np.arange(sizes[place - 1] + 1 if place else 1, sizes[place] + 1)
    found = _with_null(estimate, yi, vi, fine, sign, bound)[which]
    return int(fine[np.argmax(found)])


def size_of_next_trial(
    estimate: Estimate, yi: Floats, vi: Floats, fit: PooledEffect, bound: float
) -> NextTrialSize:
    """How large one further trial has to be to change whether the interval excludes 0."""
    significant = excludes(fit.ci_lower, fit.ci_upper)
    observed = 0.0 if significant else math.copysign(bound, fit.estimate)
    found = next_trial(yi, vi, effect=observed, level=fit.level, **settings(estimate))
    people = None if found.n_per_arm is None else 2 * found.n_per_arm
    return NextTrialSize(significant, observed, people)
