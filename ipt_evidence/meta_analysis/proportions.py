"""Pooled proportions, such as response or dropout: K studies of `events` among `n` people.

The logit-normal model (GLMM) takes counts as binomial and logits of the true proportions as normal
about their mean, without a variance for each study and without a correction of empty cells:
Stijnen, Hamza & Özdemir (2010) doi:10.1002/sim.4040, metafor `rma.glmm(measure = "PLO")`.

The double arcsine transformation (Freeman & Tukey 1950 doi:10.1214/aoms/1177729756) is offered
because published reviews used it. Turned back into a proportion through the harmonic mean of the
sample sizes it can mislead badly: Schwarzer et al. (2019) doi:10.1002/jrsm.1348.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions, escalc
from ipt_evidence.meta_analysis.inputs import FloatArray, refuse_positions
from ipt_evidence.meta_analysis.models import pool

__all__ = ["double_arcsine", "logit_normal"]

NODES = 31  # of the quadrature for each study; 7 as metafor leave an error near 1e-5
MODE_STEPS, MODE_TOLERANCE = 60, 1e-7  # the quadrature forgives a mode that is slightly off
LARGEST_TAU = 20.0  # logits; nothing in practice comes near it
ZERO_TAU = 1e-4  # below it the likelihood is that of one common proportion
STEP = 1e-4  # of the numerical second derivatives, in logits
DOUBLE_ARCSINE = (
    "back-transformed double arcsine proportions can mislead badly when studies differ in size: "
    "use the logit-normal model (Schwarzer et al. 2019, doi:10.1002/jrsm.1348)"
)


@dataclass(frozen=True, slots=True)
class PooledProportion:
    """A pooled proportion between 0 and 1.

    Attributes
    ----------
    k, events, n
        Studies, and events and people in all of them.
    proportion, ci_lower, ci_upper
        Of the average study (the median of true proportions), with its interval.
    pi_lower, pi_upper
        Where the true proportion of a new study lies; None for the double arcsine.
    transformed, se, tau2
        Mean, standard error and between-study variance on the transformed scale: logits, or double
        arcsines in radians.
    q, q_df, q_p
        Likelihood-ratio test of equal proportions (GLMM), or Cochran's Q; None for one study.
    method, level, notes
        "GLMM" or "double arcsine", percent, what the reader must know.
    """

    k: int
    events: int
    n: int
    proportion: float
    ci_lower: float
    ci_upper: float
    pi_lower: float | None
    pi_upper: float | None
    transformed: float
    se: float
    tau2: float
    q: float | None
    q_df: int | None
    q_p: float | None
    method: str
    level: float
    notes: tuple[str, ...]


def logit_normal(
    events: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 95.0
) -> PooledProportion:
    """Pool proportions by the logit-normal model, by maximum likelihood.

    Parameters
    ----------
    events, n
        Events and people, each (K,), K >= 2.
    level
        Percent of the intervals (normal, on the logit scale).

    Raises
    ------
    PoolingError
        If counts are unusable (naming positions) or there are no events, or only events, in all
        studies together.
    """
    counts = _checked(events, n)
    from scipy.optimize import minimize  # 160 ms that other methods need not wait for

    happened, people = counts
    if not 0.0 < happened.sum() < people.sum():
        raise PoolingError("no study has events, or none has non-events: there is no logit to pool")
    alone = float(special.logit(happened.sum() / people.sum()))
    common = _log_likelihood(alone, 0.0, counts)[0]
    mu, tau, best = alone, 0.0, common
    for start in (0.2, 1.0):
        found = minimize(
            _descent,
            np.array([alone, start]),
            args=(counts,),
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None), (0.0, LARGEST_TAU)],
            options={"ftol": 1e-14, "gtol": 1e-9},
        )
        if -found.fun > best + 1e-9:
            mu, tau, best = float(found.x[0]), float(found.x[1]), -float(found.fun)
    tau = tau if tau > ZERO_TAU else 0.0
    se = _standard_error(mu, tau, counts)
    half = distributions.critical_value(level, None) * se
    reach = distributions.critical_value(level, None) * math.hypot(se, tau)
    saturated = float(np.sum(special.xlogy(happened, happened / people)))
    saturated += float(np.sum(special.xlogy(people - happened, 1.0 - happened / people)))
    q, df = max(0.0, 2.0 * (saturated - common)), happened.size - 1
    middle, low, high, lowest, highest = special.expit(
        mu + np.array([0, -half, half, -reach, reach])
    )
    return PooledProportion(
        happened.size, int(happened.sum()), int(people.sum()), float(middle), float(low),
        float(high), float(lowest), float(highest), mu, se, tau**2, q, df,
        distributions.chi2_upper_tail(q, df), "GLMM", level, (),
    )  # fmt: skip


def double_arcsine(
    events: npt.ArrayLike, n: npt.ArrayLike, *, method: str = "REML", level: float = 95.0
) -> PooledProportion:
    """Pool Freeman-Tukey double arcsines and turn the mean back by the harmonic mean of n.

    As metafor `predict(rma(measure = "PFT"), transf = transf.ipft.hm)`; the back-transformation is
    that of Miller (1978) doi:10.1080/00031305.1978.10479283. It carries a warning.

    Raises
    ------
    PoolingError
        If counts are unusable (naming positions) or fewer than 2 studies are given.
    """
    happened, people = _checked(events, n)
    each = escalc.double_arcsine(happened, people)
    found = pool(each.yi, each.vi, method=method, test="z", level=level)
    typical = float(people.size / np.sum(1.0 / people))
    middle, low, high = (
        _back(at, typical) for at in (found.estimate, found.ci_lower, found.ci_upper)
    )
    return PooledProportion(
        happened.size, int(happened.sum()), int(people.sum()), middle, low, high, None, None,
        found.estimate, found.se, found.tau2 or 0.0, found.q, found.q_df, found.q_p,
        "double arcsine", level, (DOUBLE_ARCSINE,),
    )  # fmt: skip


def _back(arcsine: float, n: float) -> float:
    """Proportion whose double arcsine among `n` people this is (Miller 1978)."""
    # Beyond the arcsines of 0 and of n events there is no proportion: the nearest is taken.
    lowest = 0.5 * math.asin(math.sqrt(1.0 / (n + 1.0)))
    at = 2.0 * min(max(arcsine, lowest), 0.5 * math.pi - lowest)
    inner = math.sin(at) + (math.sin(at) - 1.0 / math.sin(at)) / n
    return 0.5 * (1.0 - math.copysign(1.0, math.cos(at)) * math.sqrt(max(0.0, 1.0 - inner**2)))


def _checked(events: npt.ArrayLike, n: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    try:
        happened, people = (np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (events, n))
    except (TypeError, ValueError) as err:
        raise PoolingError(f"a count is not a number: {err}") from err
    if happened.shape != people.shape or happened.ndim > 1 or happened.size < 2:
        raise PoolingError("events and n need one value for each of at least 2 studies")
    refuse_positions(~(np.isfinite(happened) & np.isfinite(people)), "a count is missing")
    refuse_positions((happened % 1.0 > 0.0) | (people % 1.0 > 0.0), "a count is not a whole number")
    refuse_positions(people <= 0.0, "nobody was studied")
    refuse_positions((happened < 0.0) | (happened > people), "events are not between 0 and n")
    return happened, people


_Counts = tuple[FloatArray, FloatArray]
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(NODES)
_LOG_WEIGHTS = np.log(_WEIGHTS) + 0.5 * _NODES**2 - 0.5 * math.log(2.0 * math.pi)


def _descent(at: FloatArray, counts: _Counts) -> tuple[float, FloatArray]:
    value, gradient = _log_likelihood(float(at[0]), float(at[1]), counts)
    return -value, -gradient


def _log_likelihood(mu: float, tau: float, counts: _Counts) -> tuple[float, FloatArray]:
    """Log-likelihood without binomial coefficients, and its slopes in mu and tau.

    Adaptive Gauss-Hermite quadrature about the mode of each study.
    """
    happened, people = counts
    if tau <= ZERO_TAU:
        value = float(np.sum(happened * mu - people * np.logaddexp(0.0, mu)))
        return value, np.array([float(np.sum(happened - people * special.expit(mu))), 0.0])
    mode = _modes(mu, tau, happened, people)
    p = special.expit(mode)
    spread = 1.0 / np.sqrt(people * p * (1.0 - p) + 1.0 / tau**2)
    at = mode[:, None] + spread[:, None] * _NODES
    standardised = (at - mu) / tau
    logs = happened[:, None] * at - people[:, None] * np.logaddexp(0.0, at) - 0.5 * standardised**2
    logs += _LOG_WEIGHTS
    top = logs.max(axis=1)
    shares = np.exp(logs - top[:, None])
    total = shares.sum(axis=1)
    value = float(np.sum(top + np.log(total * spread / tau)))
    shares /= total[:, None]
    slopes = [float(np.sum(shares * standardised)), float(np.sum(shares * (standardised**2 - 1.0)))]
    return value, np.array(slopes) / tau


def _modes(mu: float, tau: float, happened: FloatArray, people: FloatArray) -> FloatArray:
    """Most likely logit of each study given mu and tau: Newton within a bracket."""
    low = np.full(happened.size, mu) - tau**2 * people
    high = np.full(happened.size, mu) + tau**2 * people
    at = np.full(happened.size, mu)
    for _ in range(MODE_STEPS):
        p = special.expit(at)
        score = happened - people * p - (at - mu) / tau**2
        low, high = np.where(score > 0.0, at, low), np.where(score > 0.0, high, at)
        following = at + score / (people * p * (1.0 - p) + 1.0 / tau**2)
        outside = (following < low) | (following > high)
        following = np.where(outside, 0.5 * (low + high), following)
        if np.abs(following - at).max() < MODE_TOLERANCE * (1.0 + np.abs(at).max()):
            return following
        at = following
    return at


def _standard_error(mu: float, tau: float, counts: _Counts) -> float:
    """From the observed information of mu and tau together, by differences of the slopes."""
    if tau == 0.0:
        p = float(special.expit(mu))
        return 1.0 / math.sqrt(float(counts[1].sum()) * p * (1.0 - p))
    steps = np.array([STEP * max(1.0, abs(mu)), STEP * max(tau, 10.0 * ZERO_TAU)])
    information = np.empty((2, 2))
    for i, (up, aside) in enumerate(((steps[0], 0.0), (0.0, steps[1]))):
        above = _log_likelihood(mu + up, tau + aside, counts)[1]
        below = _log_likelihood(mu - up, tau - aside, counts)[1]
        information[i] = (below - above) / (2.0 * steps[i])
    information = 0.5 * (information + information.T)
    if not np.linalg.eigvalsh(information)[0] > 0.0:
        raise PoolingError("the likelihood is flat: the proportions do not tell their mean")
    return math.sqrt(float(np.linalg.inv(information)[0, 0]))
