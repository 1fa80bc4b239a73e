"""How much a conclusion hangs on single trials, on choices, and on what was never published.

Nothing here is a verdict. Each number answers one question that a reviewer would ask of a pooled
effect; `Fragility` holds them all, with the reason where one cannot be had.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ipt_evidence.analyses.fragility.further_trials import (
    excludes,
    null_trials,
    settings,
    size_of_next_trial,
)
from ipt_evidence.analyses.fragility.results import (
    Fragility,
    LeaveOneOut,
    NextTrialSize,
    NullTrials,
    SubsetRange,
)
from ipt_evidence.analyses.multiverse.result import Curve, specifications
from ipt_evidence.analyses.small_studies.result import corrected
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.bayesian import bayesian_pool
from ipt_evidence.meta_analysis.gosh import gosh
from ipt_evidence.meta_analysis.influence import leave_one_out
from ipt_evidence.meta_analysis.models import PooledEffect, pool

__all__ = ["Fragility", "LeaveOneOut", "NextTrialSize", "NullTrials", "SubsetRange", "fragility"]

MOST_SUBSETS = 1 << 14  # all subsets up to 14 trials, a sample beyond: a range, not a picture
MIN_SUBSETS = 2  # trials: one has no subset to compare with
MIN_PREDICTION = 3  # trials: fewer say nothing of how much effects vary

Floats = npt.NDArray[np.float64]


def fragility(
    base: EvidenceBase,
    estimate: Estimate,
    *,
    smallest_worthwhile: float = SMALLEST_WORTHWHILE,
    curve: Curve | None = None,
) -> Fragility:
    """Gather how much the conclusion of an estimate depends on.

    Trials are pooled by the estimate's method and interval with one effect a trial, also where
    the page models all outcomes together. A finding against IPT is looked at in the mirror.

    Parameters
    ----------
    base, estimate
        As `estimation.estimate`.
    smallest_worthwhile
        In units of g, above 0.
    curve
        The specifications, when they are at hand; fitted otherwise.

    Raises
    ------
    QuestionError
        When the smallest worthwhile effect is not above 0.
    """
    if not smallest_worthwhile > 0.0:
        raise QuestionError(f"a smallest worthwhile effect of {smallest_worthwhile!r} is not > 0")
    pooled = estimate.pooled
    if pooled is None:
        return Fragility(0, None, None, None, smallest_worthwhile)
    curve = specifications(base, estimate) if curve is None else curve
    found = Fragility(
        estimate.k,
        pooled.estimate,
        pooled.ci_lower,
        pooled.ci_upper,
        smallest_worthwhile,
        specifications=curve.share(curve.among(("equivalent", "uncertain"))),
        equivalent=curve.share(curve.among(("equivalent",))),
    )
    if estimate.k < MIN_SUBSETS:
        return found
    yi, vi = (estimate.trials[name].to_numpy(float) for name in ("yi", "vi"))
    fit = _fit(estimate)
    found = replace(
        found,
        leave_one_out=_leave_one_out(estimate, yi, vi, fit),
        subsets=_subsets(yi, vi, estimate.model.method),
        corrections=tuple(corrected(estimate)),
    )
    if estimate.k < MIN_PREDICTION:
        return found
    bayesian = bayesian_pool(yi, vi, mid=smallest_worthwhile)
    return replace(
        found,
        prediction=_prediction(pooled),
        new_trial_worthwhile=_beyond(fit, smallest_worthwhile),
        new_trial_worthwhile_bayes=100.0 * bayesian.probability_new_above,
        null_trials=null_trials(estimate, yi, vi, fit, smallest_worthwhile),
        next_trial=size_of_next_trial(estimate, yi, vi, fit, smallest_worthwhile),
    )


def _prediction(pooled: PooledEffect) -> tuple[float, float] | None:
    if pooled.pi_lower is None or pooled.pi_upper is None:
        return None
    return pooled.pi_lower, pooled.pi_upper


def _fit(estimate: Estimate) -> PooledEffect:
    yi, vi = (estimate.trials[name].to_numpy(float) for name in ("yi", "vi"))
    return pool(yi, vi, level=estimate.model.level, **settings(estimate))


def _beyond(fit: PooledEffect, bound: float) -> float | None:
    """Percent of the predictive distribution above ``bound``; None without between-trial model."""
    if fit.pi_lower is None:
        return None
    z = (fit.estimate - bound) / math.sqrt((fit.tau2 or 0.0) + fit.se**2)
    above = distributions.normal_cdf(z) if fit.df is None else distributions.t_cdf(z, fit.df)
    return 100.0 * above


def _leave_one_out(estimate: Estimate, yi: Floats, vi: Floats, fit: PooledEffect) -> LeaveOneOut:
    parts = leave_one_out(yi, vi, level=fit.level, **settings(estimate))
    labels = [str(label) for label in estimate.trials["label"]]
    values = [part.estimate for part in parts]
    now = excludes(fit.ci_lower, fit.ci_upper)
    return LeaveOneOut(
        min(values),
        max(values),
        labels[int(np.argmin(values))],
        labels[int(np.argmax(values))],
        tuple(
            label
            for label, part in zip(labels, parts, strict=True)
            if excludes(part.ci_lower, part.ci_upper) != now
        ),
    )


def _subsets(yi: Floats, vi: Floats, method: str) -> SubsetRange:
    found = gosh(yi, vi, method=method, max_subsets=MOST_SUBSETS)
    values = found.estimate[found.k >= 2]
    lower, upper = (float(end) for end in np.percentile(values, [2.5, 97.5]))
    positive = 100.0 * float((values > 0.0).mean())
    return SubsetRange(int(values.size), found.exhaustive, lower, upper, positive)
