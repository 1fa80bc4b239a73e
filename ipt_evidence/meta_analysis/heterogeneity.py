"""Between-study variance that one linear model leaves, and its Q-profile interval.

Every estimator of tau² for one model in plain numbers; `estimators` has the same for many
meta-analyses at once. The intervals of I² and H² follow from that of tau².
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.estimators import (
    BISECT_AFTER,
    LINEAR_TOLERANCE,
    LOG_LIKELIHOOD_GAIN,
    MAX_ITERATIONS,
    METHODS,
    NEGLIGIBLE,
    NEWTON_REACH,
    QUADRATIC_TOLERANCE,
    trace_of_projection,
)
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.linear_model import LineFit, Mean, MeanFit, Model, WeightedFit

__all__ = [
    "HeterogeneityInterval",
    "checked",
    "heterogeneity_interval",
    "q_profile",
    "tau2_of",
    "typical_variance",
]


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
        weighted = weights * residuals
        slope, q = float(weighted @ weighted), float(weighted @ residuals)
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
        weighted = weights * fit.residuals
        score, information = float(weighted @ weighted) - total, float(weights @ weights)
        if restricted:
            less, more = fit.restrictions()
            score, information = score + less, information + more
        observed = 2.0 * fit.projected(weighted) - information
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


@dataclass(frozen=True, slots=True)
class HeterogeneityInterval:
    """Confidence limits of `level` percent; tau2 in squared units of yi, i2 in percent."""

    tau2_lower: float
    tau2_upper: float
    i2_lower: float
    i2_upper: float
    h2_lower: float
    h2_upper: float
    level: float


def typical_variance(vi: FloatArray) -> float:
    """Return the sampling variance of a typical study, after Higgins & Thompson (2002).

    (k - 1) / (sum w - sum w² / sum w) with w = 1 / vi. doi:10.1002/sim.1186
    """
    return (vi.size - 1) / float(trace_of_projection(1.0 / vi[None])[0])


def heterogeneity_interval(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, level: float = 95.0
) -> HeterogeneityInterval:
    """Q-profile interval for tau², and through it for I² and H².

    The limits are the tau² at which the generalised Q equals the chi-squared quantiles with k - 1
    degrees of freedom; they do not depend on the estimator of tau², and the interval may lie
    beside a point estimate. Both limits are 0 when the effects vary less than chance allows.
    Viechtbauer (2007) doi:10.1002/sim.2514. As metafor `confint(rma(...))`, unbounded above.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,), K >= 2.
    level
        Percent.

    Raises
    ------
    PoolingError
        If fewer than 2 effects or unusable ones (naming positions) are given.
    """
    effects, variances = effects_and_variances(yi, vi, least=2)
    # In units of a typical variance, so that the solver's tolerances fit any scale.
    unit = typical_variance(variances)
    return q_profile(Mean(effects / unit**0.5, variances / unit), unit, level)


def q_profile(model: Model, unit: float, level: float) -> HeterogeneityInterval:
    """Interval of the heterogeneity that a model leaves; its effects are in units of sqrt(unit)."""
    tail = distributions.tail_probability(level)
    typical = model.df / model.fit(1.0 / model.vi).trace()
    lower, upper = (
        solve_residual_q(model, distributions.chi2_quantile(p, model.df))
        for p in (1.0 - tail, tail)
    )
    return HeterogeneityInterval(
        tau2_lower=lower * unit,
        tau2_upper=upper * unit,
        i2_lower=100.0 * lower / (typical + lower),
        i2_upper=100.0 * upper / (typical + upper),
        h2_lower=1.0 + lower / typical,
        h2_upper=1.0 + upper / typical,
        level=level,
    )
