"""How much a conclusion depends on single trials, on choices, and on what was never published.

Nothing here is a verdict. Each number answers one question that a reviewer would ask of a pooled
effect; `Fragility` holds them all, with the reason where one cannot be had.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ipt_evidence.analyses.alternative import Alternative
from ipt_evidence.analyses.influence.result import all_trials, leave_one_out
from ipt_evidence.analyses.multiverse.result import Curve, Share, curve_of, specifications
from ipt_evidence.analyses.small_studies.result import corrected
from ipt_evidence.cache import cached
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.bayesian import bayesian_pool
from ipt_evidence.meta_analysis.gosh import gosh
from ipt_evidence.meta_analysis.models import LEAST, PooledEffect, pool_many
from ipt_evidence.meta_analysis.power import next_trial

__all__ = [
    "Fragility",
    "LeaveOneOut",
    "NextTrialSize",
    "NullTrials",
    "SubsetRange",
    "fragility",
    "fragility_of",
]

MOST_SUBSETS = 1 << 14  # all subsets up to 14 trials, a sample beyond: a range, not a picture
MIN_SUBSETS = LEAST + 1  # trials: of fewer no subset is left that may be pooled
MOST_NULL_TRIALS = 1000  # that are tried: beyond, a number would mean nothing

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """The pooled effect without each trial in turn.

    ``lowest_without`` and ``highest_without`` name the trials whose absence gives the ends of the
    range; ``changing`` those without which the interval holds 0 where it did not, or the other
    way round.
    """

    lowest: float
    highest: float
    lowest_without: str
    highest_without: str
    changing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubsetRange:
    """Pooled effects of subsets of three or more trials (GOSH): the middle 95%, and how many.

    ``exhaustive`` is False when the subsets are a random sample, drawn with a fixed seed.
    """

    count: int
    exhaustive: bool
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class NullTrials:
    """How many further trials of median size without any effect it takes.

    ``significance`` until the interval holds 0, ``of_interest`` until the effect is smaller than
    the smallest of interest; None where the result is on the other side already, and more
    than ``tried`` where not even that many do. ``people`` is the median size of a trial.
    The further trials find exactly nothing, without any scatter: an idealisation, under which many
    of them also narrow the interval, so that often no number takes it across 0.
    """

    significance: int | None
    of_interest: int | None
    people: int | None
    tried: int = MOST_NULL_TRIALS


@dataclass(frozen=True, slots=True)
class NextTrialSize:
    """The smallest next trial that would change whether the interval excludes 0.

    ``observed`` is the effect that this trial is imagined to find: none when the interval excludes
    0 now, else the smallest of interest. ``people`` is None when no single trial of up to
    200,000 people would do.
    """

    significant_now: bool
    observed: float
    people: int | None


@dataclass(frozen=True)
class Fragility:
    """All that shows how much a conclusion depends on; effects in g, positive favours IPT.

    Attributes
    ----------
    k
        Trials; with fewer than three most fields are None.
    estimate, ci_lower, ci_upper
        The pooled effect of the page; None for k = 0.
    smallest_of_interest
        The smallest effect of interest, in g.
    prediction
        Prediction interval, from three trials on.
    new_trial_of_interest
        Percent chance that the true effect in a new, similar trial exceeds the smallest
        of interest, from the distribution behind the prediction interval (t, k - 1).
    new_trial_of_interest_bayes
        The same from a Bayesian model (flat prior for the mean, half-normal(0.5) for tau).
    leave_one_out, subsets
        See their classes; None below four trials, of which fewer than three would be left.
    null_trials, next_trial
        See their classes; None below three trials.
    specifications
        Of the equivalent and the uncertain specifications of the multiverse.
    equivalent
        Of the equivalent ones alone.
    corrections
        Trim-and-fill, PET-PEESE, selection model and limit meta-analysis; their ``estimate`` is
        None, with a note, below ten trials.
    """

    k: int
    estimate: float | None
    ci_lower: float | None
    ci_upper: float | None
    smallest_of_interest: float
    prediction: tuple[float, float] | None = None
    new_trial_of_interest: float | None = None
    new_trial_of_interest_bayes: float | None = None
    leave_one_out: LeaveOneOut | None = None
    subsets: SubsetRange | None = None
    specifications: Share | None = None
    equivalent: Share | None = None
    corrections: tuple[Alternative, ...] = ()
    null_trials: NullTrials | None = None
    next_trial: NextTrialSize | None = None

    @property
    def corrected_range(self) -> tuple[float, float] | None:
        """Lowest and highest effect after correction for small studies."""
        values = [c.estimate for c in self.corrections if c.estimate is not None]
        return (min(values), max(values)) if values else None


@cached
def fragility_of(base: EvidenceBase, view: View, worth: float = SMALLEST_WORTHWHILE) -> Fragility:
    """How much the conclusion of ``view`` depends on; ``worth`` as `fragility`."""
    answer, curve = estimate_of(base, view), curve_of(base, view)
    return fragility(base, answer, smallest_of_interest=worth, curve=curve)


def fragility(
    base: EvidenceBase,
    estimate: Estimate,
    *,
    smallest_of_interest: float = SMALLEST_WORTHWHILE,
    curve: Curve | None = None,
) -> Fragility:
    """Gather how much the conclusion of an estimate depends on.

    Trials are pooled by the estimate's method and interval with one effect a trial, also where
    the page models all outcomes together. A finding against IPT is looked at in the mirror.

    Parameters
    ----------
    base, estimate
        As `estimation.estimate`.
    smallest_of_interest
        In units of g, above 0.
    curve
        The specifications, when they are at hand; fitted otherwise.

    Raises
    ------
    QuestionError
        When the smallest effect of interest is not above 0.
    """
    if not smallest_of_interest > 0.0:
        raise QuestionError(f"a smallest effect of interest of {smallest_of_interest!r} is not > 0")
    pooled = estimate.pooled
    if pooled is None:
        return Fragility(0, None, None, None, smallest_of_interest)
    curve = specifications(base, estimate) if curve is None else curve
    found = Fragility(
        estimate.k,
        *(pooled.estimate, pooled.ci_lower, pooled.ci_upper, smallest_of_interest),
        specifications=curve.share(curve.among(("equivalent", "uncertain"))),
        equivalent=curve.share(curve.among(("equivalent",))),
    )
    if estimate.k < LEAST:
        return found
    yi, vi = estimate.arrays
    fit = all_trials(estimate)
    if estimate.k >= MIN_SUBSETS:
        found = replace(
            found,
            leave_one_out=_leave_one_out(estimate),
            subsets=_subsets(yi, vi, estimate.model.method),
            corrections=tuple(corrected(estimate)),
        )
    bayesian = bayesian_pool(yi, vi, mid=smallest_of_interest)
    return replace(
        found,
        prediction=_prediction(pooled),
        new_trial_of_interest=_beyond(fit, smallest_of_interest),
        new_trial_of_interest_bayes=100.0 * bayesian.probability_new_above,
        null_trials=_null_trials(estimate, fit, smallest_of_interest),
        next_trial=_size_of_next_trial(estimate, fit, smallest_of_interest),
    )


def _prediction(pooled: PooledEffect) -> tuple[float, float] | None:
    if pooled.pi_lower is None or pooled.pi_upper is None:
        return None
    return pooled.pi_lower, pooled.pi_upper


def _beyond(fit: PooledEffect, bound: float) -> float | None:
    """Percent of the predictive distribution above ``bound``; None without between-trial model."""
    if fit.pi_lower is None:
        return None
    z = (fit.estimate - bound) / math.sqrt((fit.tau2 or 0.0) + fit.se**2)
    above = distributions.normal_cdf(z) if fit.df is None else distributions.t_cdf(z, fit.df)
    return 100.0 * above


def _leave_one_out(estimate: Estimate) -> LeaveOneOut:
    rows = leave_one_out(estimate)
    low, high = rows.iloc[0], rows.iloc[-1]
    turning = set(rows.loc[rows["turns"].astype(bool), "study_id"])
    trials = estimate.trials
    return LeaveOneOut(
        float(low["estimate"]),
        float(high["estimate"]),
        str(low["label"]),
        str(high["label"]),
        tuple(trials.loc[trials["study_id"].isin(turning), "label"].astype(str)),
    )


def _subsets(yi: Floats, vi: Floats, method: str) -> SubsetRange:
    found = gosh(yi, vi, method=method, max_subsets=MOST_SUBSETS)
    values = found.estimate[found.several]
    lower, upper = (float(end) for end in np.percentile(values, [2.5, 97.5]))
    return SubsetRange(int(values.size), found.exhaustive, lower, upper)


def _excludes(lower: float, upper: float) -> bool:
    """Say whether an interval excludes no effect."""
    return lower > 0.0 or upper < 0.0


def _null_trials(estimate: Estimate, fit: PooledEffect, bound: float) -> NullTrials:
    """Add 1, 2, ... trials of median variance that find nothing, and pool each time.

    ``bound`` is the smallest effect of interest. A finding against IPT is looked at in the mirror.
    """
    sign = 1.0 if fit.estimate >= 0.0 else -1.0
    significant, large = _excludes(fit.ci_lower, fit.ci_upper), sign * fit.estimate > bound
    middle = estimate.trials["n"].median()
    people = None if math.isnan(middle) else round(middle)
    if not (significant or large):
        return NullTrials(None, None, people)
    sizes = np.unique(np.geomspace(1, MOST_NULL_TRIALS, 200).round().astype(int))
    crossed, fallen = _with_null(estimate, sizes, sign, bound)
    return NullTrials(
        _first(estimate, sizes, crossed, sign, bound, 0) if significant else None,
        _first(estimate, sizes, fallen, sign, bound, 1) if large else None,
        people,
    )


def _with_null(
    estimate: Estimate, sizes: npt.NDArray[np.int64], sign: float, bound: float
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether the interval holds 0, and whether the effect is too small, after each addition."""
    yi, vi = estimate.arrays
    most = int(sizes.max())
    present = np.arange(yi.size + most) < (yi.size + sizes)[:, None]
    fits = pool_many(
        np.concatenate([yi, np.zeros(most)]),
        np.concatenate([vi, np.full(most, np.median(vi))]),
        present,
        **estimate.model.settings,
    )
    return (fits.ci_lower <= 0.0) & (fits.ci_upper >= 0.0), sign * fits.estimate < bound


def _first(
    estimate: Estimate,
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
    found = _with_null(estimate, fine, sign, bound)[which]
    return int(fine[np.argmax(found)])


def _size_of_next_trial(estimate: Estimate, fit: PooledEffect, bound: float) -> NextTrialSize:
    """How large one further trial has to be to change whether the interval excludes 0."""
    significant = _excludes(fit.ci_lower, fit.ci_upper)
    observed = 0.0 if significant else math.copysign(bound, fit.estimate)
    found = next_trial(*estimate.arrays, effect=observed, **estimate.model.settings)
    people = None if found.n_per_arm is None else 2 * found.n_per_arm
    return NextTrialSize(significant, observed, people)
