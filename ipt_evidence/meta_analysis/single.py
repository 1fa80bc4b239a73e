"""tau² of one meta-analysis: the estimators of `estimators`, without the cost of (1, K) arrays.

One fit is what a person waits for, and at 16 studies NumPy's overhead is nearly all of it. The
definitions, the steps and the stopping rules are those of `estimators`; tests hold the two equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.estimators import LOG_LIKELIHOOD_GAIN, METHODS, NEWTON_REACH
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.root_finding import Step, climb_one

__all__ = ["Effects", "checked", "tau2_of"]


class Effects:
    """Effects and variances of one meta-analysis, each (K,), with a vector of ones for sums."""

    __slots__ = ("k", "ones", "vi", "yi")

    def __init__(self, yi: FloatArray, vi: FloatArray) -> None:
        """Keep the arrays; nothing is copied."""
        self.yi, self.vi, self.k = yi, vi, yi.size
        self.ones = np.ones(yi.size)

    def total(self, values: FloatArray) -> float:
        """Sum over the effects; a product with ones costs half of a call of `sum`."""
        return float(values @ self.ones)

    def pulled(self, weights: FloatArray, sum_w: float) -> tuple[FloatArray, FloatArray]:
        """Residuals from the weighted mean, and the same times weights."""
        residuals = self.yi - float(weights @ self.yi) / sum_w
        return residuals, weights * residuals

    def trace(self, weights: FloatArray) -> float:
        """Sum w - sum w² / sum w, without cancellation; see `estimators.trace_of_projection`."""
        top = int(weights.argmax())
        highest = float(weights[top])
        rest = weights.copy()
        rest[top] = 0.0
        others = self.total(rest)
        # The products of the others with all but themselves, and of the highest with the others.
        crossed = highest * others + others**2 - float(rest @ rest) + others * highest
        return crossed / (others + highest)


def tau2_of(effects: Effects, method: str) -> float:
    """Between-study variance in squared units of yi; 0 for a single effect.

    Raises
    ------
    PoolingError
        If the method is unknown.
    """
    estimator = _ESTIMATORS[checked(method)]
    return estimator(effects) if effects.k > 1 else 0.0


def checked(method: str) -> str:
    """Return `method`, refusing one that does not exist."""
    if method not in _ESTIMATORS:
        raise PoolingError(f"unknown method {method!r}: choose one of {', '.join(METHODS)}")
    return method


def _zero(effects: Effects) -> float:
    return 0.0


def _spread(effects: Effects) -> float:
    """Sum of squared distances from the plain mean."""
    residuals = effects.yi - effects.total(effects.yi) / effects.k
    return float(residuals @ residuals)


def _q(effects: Effects, weights: FloatArray, sum_w: float) -> float:
    residuals, pulled = effects.pulled(weights, sum_w)
    return float(pulled @ residuals)


def _hedges_olkin(effects: Effects) -> float:
    found = _spread(effects) / (effects.k - 1.0) - effects.total(effects.vi) / effects.k
    return max(found, 0.0)


def _dersimonian_laird(effects: Effects) -> float:
    weights = 1.0 / effects.vi
    q = _q(effects, weights, effects.total(weights))
    return max((q - (effects.k - 1.0)) / effects.trace(weights), 0.0)


def _hunter_schmidt(effects: Effects) -> float:
    weights = 1.0 / effects.vi
    sum_w = effects.total(weights)
    return max((_q(effects, weights, sum_w) - effects.k) / sum_w, 0.0)


def _sidik_jonkman(effects: Effects) -> float:
    crude = _spread(effects) / effects.k
    weights = 1.0 / (effects.vi + crude)
    return crude * _q(effects, weights, effects.total(weights)) / (effects.k - 1.0)


def _unit(effects: Effects) -> float:
    return effects.k / effects.total(1.0 / effects.vi)


def _paule_mandel(effects: Effects) -> float:
    target = effects.k - 1.0

    def step(tau2: float) -> Step:
        weights = 1.0 / (effects.vi + tau2)
        residuals, pulled = effects.pulled(weights, effects.total(weights))
        slope, q = float(pulled @ pulled), float(pulled @ residuals)
        excess = q - target
        return Step(excess, excess * q / (target * slope) if slope > 0.0 else 0.0, True)

    return climb_one(0.0, _unit(effects), step)


def _likelihood(effects: Effects, *, restricted: bool) -> float:
    """As `estimators`: scoring until Newton's step on the observed information is short."""
    yi, vi, total = effects.yi, effects.vi, effects.total

    def step(tau2: float) -> Step:
        weights = 1.0 / (vi + tau2)
        sum_w = total(weights)
        pulled = weights * (yi - float(weights @ yi) / sum_w)
        again = weights * pulled
        information = float(weights @ weights)
        score = float(pulled @ pulled) - sum_w
        curvature = float(pulled @ again) - total(again) ** 2 / sum_w
        if restricted:
            ratio = information / sum_w
            score += ratio
            information += ratio**2 - 2.0 * float((weights * weights) @ weights) / sum_w
        observed = 2.0 * curvature - information
        newton = score / observed if observed > 0.0 else math.inf
        if abs(newton) <= NEWTON_REACH * effects.k / sum_w:
            return Step(score, newton, True)
        if information > 0.0:
            return Step(score, score / information, False)
        return Step(score, math.copysign(tau2 + effects.k / sum_w, score), False)

    tau2 = climb_one(_hedges_olkin(effects), _unit(effects), step)
    if tau2 == 0.0:
        return 0.0
    gain = _log_likelihood(effects, 0.0, restricted=restricted)
    gain -= _log_likelihood(effects, tau2, restricted=restricted)
    return 0.0 if gain > LOG_LIKELIHOOD_GAIN else tau2


def _log_likelihood(effects: Effects, tau2: float, *, restricted: bool) -> float:
    variances = effects.vi + tau2
    weights = 1.0 / variances
    sum_w = effects.total(weights)
    value = effects.total(np.log(variances)) + _q(effects, weights, sum_w)
    return -0.5 * (value + math.log(sum_w) if restricted else value)


def _maximum_likelihood(effects: Effects) -> float:
    return _likelihood(effects, restricted=False)


def _restricted_maximum_likelihood(effects: Effects) -> float:
    return _likelihood(effects, restricted=True)


_ESTIMATORS: dict[str, Callable[[Effects], float]] = {
    "EE": _zero,
    "FE": _zero,
    "DL": _dersimonian_laird,
    "HE": _hedges_olkin,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
    "ML": _maximum_likelihood,
    "REML": _restricted_maximum_likelihood,
    "EB": _paule_mandel,
}
