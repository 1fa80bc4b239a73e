"""Between-study variance that one linear model leaves: every estimator, and Q of a given size.

For one model in plain numbers; `estimators` has the same for many meta-analyses at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.estimators import (
    BISECT_AFTER,
    LINEAR_TOLERANCE,
    LOG_LIKELIHOOD_GAIN,
    MAX_ITERATIONS,
    METHODS,
    NEGLIGIBLE,
    NEWTON_REACH,
    QUADRATIC_TOLERANCE,
)
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.linear_model import LineFit, MeanFit, Model, WeightedFit

__all__ = ["checked", "solve_residual_q", "tau2_of"]


def tau2_of(model: Model, method: str) -> float:
    """Between-study variance that the model leaves, in squared units of yi; 0 for one effect.

    Raises
    ------
    PoolingError
        If the method is unknown.
    """
    estimator = _ESTIMATORS[checked(method)]
    return estimator(model) if model.df > 0 else 0.0


def checked(method: str) -> str:
    """Return `method`, refusing one that does not exist."""
    if method not in METHODS:
        raise PoolingError(f"unknown method {method!r}: choose one of {', '.join(METHODS)}")
    return method


def solve_residual_q(model: Model, target: float) -> float:
    """Solve weighted residual sum of squares = `target` for tau² >= 0; 0 when it starts below."""

    def step(tau2: float) -> _Step:
        weights = 1.0 / (model.vi + tau2)
        residuals = model.fit(weights).residuals
        pulled = weights * residuals
        slope, q = float(pulled @ pulled), float(pulled @ residuals)
        excess = q - target
        return _Step(excess, excess * q / (target * slope) if slope > 0.0 else 0.0, True)

    return _climb(0.0, _unit(model), step)


class _Step(NamedTuple):
    """`estimators.Evaluation` of one meta-analysis, in plain numbers."""

    score: float
    step: float
    quadratic: bool


def _climb(start: float, unit: float, evaluate: Callable[[float], _Step]) -> float:
    """Find the tau² of one meta-analysis by the rules of `estimators.climb`.

    `unit` is the harmonic mean of the sampling variances.
    """
    tau2, below, above = start, -1.0, math.inf
    for iteration in range(MAX_ITERATIONS):
        score, step, quadratic = evaluate(tau2)
        if score > 0.0:
            below = tau2
        elif tau2 == 0.0:
            return 0.0
        else:
            above = tau2
        if step < -tau2 and below < 0.0 and tau2 > NEGLIGIBLE * unit:
            step *= 0.5 ** math.ceil(math.log2(-step / tau2)) if math.isfinite(step) else 0.0
        following = tau2 + step
        bounded = iteration >= BISECT_AFTER and below >= 0.0 and above < math.inf
        if bounded or not max(below, 0.0) <= following <= above:
            floor = max(below, 0.0)
            reach = above if above < math.inf else floor
            following = floor + 0.5 * (reach - floor) if below >= 0.0 else 0.0
        tolerance = QUADRATIC_TOLERANCE if quadratic else LINEAR_TOLERANCE
        if abs(following - tau2) <= tolerance * (tau2 + unit):
            return following
        tau2 = following
    return tau2  # inside a bracket of a few rounding errors


def _unit(model: Model) -> float:
    """Harmonic mean of the sampling variances."""
    return float(model.vi.size / np.add.reduce(1.0 / model.vi))


def _q(model: Model, weights: FloatArray) -> tuple[float, MeanFit | LineFit | WeightedFit]:
    fit = model.fit(weights)
    return float((weights * fit.residuals) @ fit.residuals), fit


def _zero(model: Model) -> float:
    return 0.0


def _hedges_olkin(model: Model) -> float:
    return max(0.0, (model.squares() - model.expected_squares()) / model.df)


def _dersimonian_laird(model: Model) -> float:
    q, fit = _q(model, 1.0 / model.vi)
    return max(0.0, (q - model.df) / fit.trace())


def _hunter_schmidt(model: Model) -> float:
    q, fit = _q(model, 1.0 / model.vi)
    return max(0.0, (q - model.yi.size) / fit.total)


def _sidik_jonkman(model: Model) -> float:
    crude = float(np.var(model.yi))
    return crude * _q(model, 1.0 / (model.vi + crude))[0] / model.df


def _paule_mandel(model: Model) -> float:
    return solve_residual_q(model, float(model.df))


def _maximum_likelihood(model: Model) -> float:
    return _likelihood(model, restricted=False)


def _restricted_maximum_likelihood(model: Model) -> float:
    return _likelihood(model, restricted=True)


def _likelihood(model: Model, *, restricted: bool) -> float:
    """As `estimators`: scoring until Newton's step on the observed information is short."""
    k = model.yi.size

    def step(tau2: float) -> _Step:
        fit = model.at(tau2)
        weights, total = fit.weights, fit.total
        pulled = weights * fit.residuals
        score, information = float(pulled @ pulled) - total, float(weights @ weights)
        if restricted:
            less, more = fit.restrictions()
            score, information = score + less, information + more
        observed = 2.0 * fit.projected(pulled) - information
        newton = score / observed if observed > 0.0 else math.inf
        if abs(newton) <= NEWTON_REACH * k / total:
            return _Step(score, newton, True)
        if information > 0.0:
            return _Step(score, score / information, False)
        return _Step(score, math.copysign(tau2 + k / total, score), False)

    tau2 = _climb(_hedges_olkin(model), _unit(model), step)
    if tau2 == 0.0:
        return 0.0
    gain = _log_likelihood(model, 0.0, restricted=restricted)
    gain -= _log_likelihood(model, tau2, restricted=restricted)
    return 0.0 if gain > LOG_LIKELIHOOD_GAIN else tau2


def _log_likelihood(model: Model, tau2: float, *, restricted: bool) -> float:
    fit = model.at(tau2)
    q = float((fit.weights * fit.residuals) @ fit.residuals)
    value = q - float(np.add.reduce(np.log(fit.weights)))
    return -0.5 * (value + fit.log_determinant() if restricted else value)


_ESTIMATORS: dict[str, Callable[[Model], float]] = {
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
