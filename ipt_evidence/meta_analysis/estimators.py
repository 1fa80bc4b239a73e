"""Between-study variance tau² by the methods of R metafor, for many meta-analyses at once.

Every estimator works on `Samples`: B meta-analyses of up to K effects each, so that one fit,
100,000 simulated ones and all subsets of a GOSH plot run through the same lines. Effort is
O(B K) for each iteration; no K x K matrix is formed.

Sources: DerSimonian & Laird (1986) doi:10.1016/0197-2456(86)90046-2 (DL); Hedges & Olkin (1985)
(HE); Hunter & Schmidt (1990) (HS); Sidik & Jonkman (2005) doi:10.1111/j.1467-9876.2005.00489.x
(SJ); Paule & Mandel (1982) doi:10.6028/jres.087.022 (PM); Morris (1983)
doi:10.1080/01621459.1983.10477920 (EB); Viechtbauer (2005) doi:10.3102/10769986030003261
(HE, HS, ML, REML compared). Truncation at zero and tie-breaking as metafor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = [
    "COMMON_EFFECT_METHODS",
    "METHODS",
    "Evaluation",
    "Samples",
    "climb",
    "estimate_tau2",
    "trace_of_projection",
]

COMMON_EFFECT_METHODS = ("EE", "FE")  # same numbers; the names differ in what they claim

MAX_ITERATIONS = 300
BISECT_AFTER = 60  # a bracketed root that Newton has not met by now is taken by halving
QUADRATIC_TOLERANCE = 1e-9  # a last Newton step this short leaves an error near 1e-18
LINEAR_TOLERANCE = 1e-14
NEGLIGIBLE = 0.02  # of a typical sampling variance: no second maximum is looked for below it
ROWS_AT_ONCE = 4096  # rows of about 20 effects whose work arrays stay in the second-level cache

# metafor prefers tau² = 0 only when its log-likelihood is higher by more than this.
LOG_LIKELIHOOD_GAIN = float(np.sqrt(np.finfo(np.float64).eps))
# Newton's step is trusted up to this share of a typical total variance; longer ones may leave the
# maximum that scoring would climb to.
NEWTON_REACH = 0.2


@dataclass(frozen=True, slots=True)
class Samples:
    """B meta-analyses side by side.

    Attributes
    ----------
    yi, vi
        Effects and variances (B, K). Where `present` is 0 any finite value with vi > 0 will do.
    present
        1.0 where the effect belongs to the meta-analysis, else 0.0, (B, K); None when all do.
    k
        Number of effects of each meta-analysis, (B,).
    """

    yi: FloatArray
    vi: FloatArray
    present: FloatArray | None
    k: FloatArray

    @classmethod
    def of(cls, yi: FloatArray, vi: FloatArray, present: FloatArray | None = None) -> Samples:
        """Take (B, K) arrays."""
        k = np.full(yi.shape[0], float(yi.shape[1])) if present is None else present.sum(axis=1)
        return cls(yi, vi, present, k)

    def take(self, rows: npt.NDArray[np.bool_] | slice) -> Samples:
        """Return the meta-analyses of these rows."""
        present = None if self.present is None else self.present[rows]
        return Samples(self.yi[rows], self.vi[rows], present, self.k[rows])

    def weights(self, tau2: FloatArray) -> FloatArray:
        """Inverse-variance weights 1 / (vi + tau²), (B, K)."""
        total = self.vi + tau2[:, None]
        return np.reciprocal(total, out=total) if self.present is None else self.present / total

    def sum(self, values: FloatArray) -> FloatArray:
        """Sum over the effects that are present, (B,)."""
        return _row_sum(values if self.present is None else values * self.present)

    def mean_variance(self) -> FloatArray:
        """Arithmetic mean of vi, (B,)."""
        return self.sum(self.vi) / self.k

    def harmonic_variance(self) -> FloatArray:
        """Harmonic mean of vi, (B,): the unit in which steps of tau² are judged.

        One hugely imprecise study cannot inflate it, as it would the arithmetic mean.
        """
        return np.asarray(self.k / _row_sum(self.weights(np.zeros(self.k.size))))


def estimate_tau2(samples: Samples, method: str) -> FloatArray:
    """Between-study variance of each meta-analysis, (B,), in squared units of yi.

    Meta-analyses of one effect get 0: they hold no information on tau².

    Raises
    ------
    PoolingError
        If the method is unknown.
    """
    try:
        estimator = _ESTIMATORS[method]
    except KeyError:
        known = ", ".join(METHODS)
        raise PoolingError(f"unknown method {method!r}: choose one of {known}") from None
    alone = samples.k < 2.0
    if not alone.any():
        return estimator(samples)
    tau2 = np.zeros(samples.k.size)
    if not alone.all():
        tau2[~alone] = estimator(samples.take(~alone))
    return tau2


def trace_of_projection(weights: FloatArray) -> FloatArray:
    """Sum w - sum w² / sum w of each row, (B,), without cancellation.

    When one study outweighs all others the two terms are nearly equal; the sum over the others
    keeps the digits.
    """
    rest = weights.copy()
    rows = np.arange(weights.shape[0])
    top = weights.argmax(axis=1)
    rest[rows, top] = 0.0
    total = _row_sum(weights)
    others = _row_sum(rest)
    crossed = _row_dot(rest, total[:, None] - rest) + weights[rows, top] * others
    return np.asarray(crossed / total, dtype=np.float64)


class Evaluation(NamedTuple):
    """The score at some tau² (positive: the root lies above), the step to take, its kind."""

    score: FloatArray
    step: FloatArray
    quadratic: npt.NDArray[np.bool_]


def climb(
    samples: Samples, start: FloatArray, evaluate: Callable[[Samples, FloatArray], Evaluation]
) -> FloatArray:
    """Find the tau² >= 0 reached from `start` by following the sign of the score, (B,).

    Zero is returned where the score at zero is not positive. Each step stays inside the bracket
    of points already known to lie below and above the root.
    """
    if start.size <= ROWS_AT_ONCE:
        return _climb_block(samples, start, evaluate)
    parts = [
        _climb_block(samples.take(rows), start[rows], evaluate)
        for rows in (slice(i, i + ROWS_AT_ONCE) for i in range(0, start.size, ROWS_AT_ONCE))
    ]
    return np.concatenate(parts)


def _climb_block(
    samples: Samples, start: FloatArray, evaluate: Callable[[Samples, FloatArray], Evaluation]
) -> FloatArray:
    result = start.copy()
    open_rows = np.arange(start.size)
    tau2 = start.copy()
    below = np.full(start.size, -1.0)  # -1: no point with a positive score met yet
    above = np.full(start.size, np.inf)
    unit = samples.harmonic_variance()
    for iteration in range(MAX_ITERATIONS):
        score, step, quadratic = evaluate(samples, tau2)
        rising = score > 0.0
        below = np.where(rising, tau2, below)
        above = np.where(rising, above, tau2)
        step = _shortened(step, tau2, (below < 0.0) & (tau2 > NEGLIGIBLE * unit))
        following = _inside(tau2 + step, below, above, halve=iteration >= BISECT_AFTER)
        tolerance = np.where(quadratic, QUADRATIC_TOLERANCE, LINEAR_TOLERANCE)
        small = np.abs(following - tau2) <= tolerance * (tau2 + unit)
        at_zero = ~rising & (tau2 == 0.0)
        following[at_zero] = 0.0
        done = small | at_zero
        tau2 = following
        if done.any():
            result[open_rows[done]] = tau2[done]
            left = ~done
            if not left.any():
                return result
            open_rows, samples = open_rows[left], samples.take(left)
            tau2, below, above, unit = tau2[left], below[left], above[left], unit[left]
    result[open_rows] = tau2  # inside a bracket of a few rounding errors
    return result


def _shortened(step: FloatArray, tau2: FloatArray, careful: npt.NDArray[np.bool_]) -> FloatArray:
    """Halve steps that would pass zero until they do not, where there is still room to look.

    A profile may rise towards zero and yet have its maximum in between; jumping to zero at once
    would miss it, and metafor does not.
    """
    past = careful & (step < -tau2)
    if not past.any():
        return step
    halvings = np.ceil(np.log2(-step[past] / tau2[past]))
    shortened = step.copy()
    shortened[past] *= 0.5**halvings
    return shortened


def _inside(
    proposal: FloatArray, below: FloatArray, above: FloatArray, *, halve: bool
) -> FloatArray:
    """`proposal`, or a point within the bracket where it left it (0 when nothing lies below)."""
    floor = np.maximum(below, 0.0)
    bounded = np.isfinite(above)
    middle = floor + 0.5 * (np.where(bounded, above, floor) - floor)
    middle = np.where(below < 0.0, 0.0, middle)
    outside = (proposal < below) | (proposal < 0.0) | (proposal > above)
    if halve:
        outside |= bounded & (below >= 0.0)
    return np.where(outside, middle, proposal)


def _row_sum(values: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij->i", values), dtype=np.float64)


def _row_dot(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", left, right), dtype=np.float64)


def _residuals(samples: Samples, weights: FloatArray, sum_w: FloatArray) -> FloatArray:
    mean = _row_dot(weights, samples.yi) / sum_w
    return samples.yi - mean[:, None]


def _zero(samples: Samples) -> FloatArray:
    return np.zeros(samples.k.size)


def _hedges_olkin(samples: Samples) -> FloatArray:
    mean = samples.sum(samples.yi) / samples.k
    squares = samples.sum((samples.yi - mean[:, None]) ** 2)
    return np.maximum(squares / (samples.k - 1.0) - samples.mean_variance(), 0.0)


def _dersimonian_laird(samples: Samples) -> FloatArray:
    weights = samples.weights(_zero(samples))
    q = _row_dot(weights, _residuals(samples, weights, _row_sum(weights)) ** 2)
    return np.maximum((q - (samples.k - 1.0)) / trace_of_projection(weights), 0.0)


def _hunter_schmidt(samples: Samples) -> FloatArray:
    weights = samples.weights(_zero(samples))
    sum_w = _row_sum(weights)
    q = _row_dot(weights, _residuals(samples, weights, sum_w) ** 2)
    return np.maximum((q - samples.k) / sum_w, 0.0)


def _sidik_jonkman(samples: Samples) -> FloatArray:
    mean = samples.sum(samples.yi) / samples.k
    crude = samples.sum((samples.yi - mean[:, None]) ** 2) / samples.k
    weights = samples.weights(crude)
    q = _row_dot(weights, _residuals(samples, weights, _row_sum(weights)) ** 2)
    # Equal effects have no crude variance to rescale: 0, where the formula would still hold.
    return np.asarray(crude * q / (samples.k - 1.0), dtype=np.float64)


def _paule_mandel(samples: Samples) -> FloatArray:
    return climb(samples, _zero(samples), _generalised_q_step)


def _generalised_q_step(samples: Samples, tau2: FloatArray) -> Evaluation:
    """Newton on 1 / Q, which is nearly linear in tau², towards 1 / (k - 1)."""
    target = samples.k - 1.0
    weights = samples.weights(tau2)
    residuals = _residuals(samples, weights, _row_sum(weights))
    weighted = weights * residuals
    slope = _row_dot(weighted, weighted)  # -dQ / dtau²
    q = _row_dot(weighted, residuals)
    excess = q - target
    step = np.divide(excess * q, target * slope, out=np.zeros_like(q), where=slope > 0.0)
    return Evaluation(excess, step, np.ones(q.size, dtype=np.bool_))


def _likelihood_step(samples: Samples, tau2: FloatArray, *, restricted: bool) -> Evaluation:
    """Score of the (restricted) log-likelihood and the step it suggests.

    Fisher scoring is safe but crawls where the profile is flat; Newton's step on the observed
    information converges quadratically near the root and is taken when it is short.
    """
    weights = samples.weights(tau2)
    sum_w = _row_sum(weights)
    weighted = weights * _residuals(samples, weights, sum_w)
    twice_weighted = weights * weighted
    sum_w2 = _row_dot(weights, weights)
    score = _row_dot(weighted, weighted) - sum_w
    curvature = _row_dot(weighted, twice_weighted) - _row_sum(twice_weighted) ** 2 / sum_w
    information = sum_w2
    if restricted:
        ratio = sum_w2 / sum_w
        score += ratio
        information = sum_w2 - 2.0 * _row_dot(weights * weights, weights) / sum_w + ratio**2
    observed = 2.0 * curvature - information
    newton = np.divide(score, observed, out=np.full_like(score, np.inf), where=observed > 0.0)
    near = np.abs(newton) <= NEWTON_REACH * samples.k / sum_w
    # With one overwhelming study the information can round to nothing: then double or halve.
    blind = np.sign(score) * (tau2 + samples.k / sum_w)
    scoring = np.divide(score, information, out=blind, where=information > 0.0)
    return Evaluation(score, np.where(near, newton, scoring), near)


def _log_likelihood(samples: Samples, tau2: FloatArray, *, restricted: bool) -> FloatArray:
    """Log-likelihood up to a constant that does not depend on tau²."""
    weights = samples.weights(tau2)
    sum_w = _row_sum(weights)
    q = _row_dot(weights, _residuals(samples, weights, sum_w) ** 2)
    logs = samples.sum(np.log(samples.vi + tau2[:, None])) + q
    return -0.5 * (logs + np.log(sum_w)) if restricted else -0.5 * logs


def _likelihood(samples: Samples, *, restricted: bool) -> FloatArray:
    def step(rows: Samples, tau2: FloatArray) -> Evaluation:
        return _likelihood_step(rows, tau2, restricted=restricted)

    tau2 = climb(samples, _hedges_olkin(samples), step)
    # A profile may have two maxima; like metafor, prefer the one at zero when it is the higher.
    gain = _log_likelihood(samples, np.zeros_like(tau2), restricted=restricted)
    gain -= _log_likelihood(samples, tau2, restricted=restricted)
    return np.where(gain > LOG_LIKELIHOOD_GAIN, 0.0, tau2)


def _maximum_likelihood(samples: Samples) -> FloatArray:
    return _likelihood(samples, restricted=False)


def _restricted_maximum_likelihood(samples: Samples) -> FloatArray:
    return _likelihood(samples, restricted=True)


_ESTIMATORS: dict[str, Callable[[Samples], FloatArray]] = {
    "EE": _zero,
    "FE": _zero,
    "DL": _dersimonian_laird,
    "HE": _hedges_olkin,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
    "ML": _maximum_likelihood,
    "REML": _restricted_maximum_likelihood,
    "EB": _paule_mandel,  # Morris' empirical Bayes estimator solves the same equation
}
METHODS = tuple(_ESTIMATORS)
