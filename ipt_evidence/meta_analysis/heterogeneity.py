"""How sure the between-study variance is: Q-profile intervals for tau², I² and H²."""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.estimators import trace_of_projection
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.linear_model import Mean, Model
from ipt_evidence.meta_analysis.residual_variance import solve_residual_q

__all__ = ["HeterogeneityInterval", "heterogeneity_interval", "q_profile", "typical_variance"]


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
