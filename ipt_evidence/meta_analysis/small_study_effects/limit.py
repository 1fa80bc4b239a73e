"""Limit meta-analysis: what infinitely precise studies would show, tau² kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import effects_and_variances
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies, like_precision

__all__ = ["LimitMetaAnalysis", "limit_meta_analysis"]


@dataclass(frozen=True, slots=True)
class LimitMetaAnalysis:
    """Adjusted effect beta0 with its normal interval.

    Attributes
    ----------
    adjusted, se, ci_lower, ci_upper
        Effect adjusted for small-study effects.
    intercept, slope
        Of the generalised radial plot: bias per unit of precision, and effect at infinite
        precision; adjusted = slope + tau * intercept.
    limit_yi
        Effects shrunken to what each study would show with infinite precision, (K,).
    """

    k: int
    adjusted: float
    se: float
    ci_lower: float
    ci_upper: float
    intercept: float
    slope: float
    tau2: float
    limit_yi: tuple[float, ...]
    level: float
    cautions: tuple[str, ...]


def limit_meta_analysis(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, method: str = "REML", level: float = 95.0
) -> LimitMetaAnalysis:
    """Limit meta-analysis of Rücker et al. (2011) doi:10.1093/biostatistics/kxq046, beta0.

    With s_i = sqrt(vi + tau²) the effects yi / s_i are regressed on 1 / s_i; the adjusted effect is
    slope + tau * intercept. Its standard error is that of the slope of a radial plot with unit
    residual variance, 1 / (SD(1 / sqrt(vi)) sqrt(K - 1)), as R metasens `limitmeta()` has it; it
    leaves out the uncertainty of tau and of the intercept, so the interval is too narrow.

    Raises
    ------
    PoolingError
        If fewer than 3 or unusable effects are given. With equal variances the standard error is
        undefined, which is refused too.
    """
    effects, variances = effects_and_variances(yi, vi, least=3)
    tau2 = pool(effects, variances, method=method, test="z").tau2 or 0.0
    precision = 1.0 / np.sqrt(variances + tau2)
    spread = precision - precision.mean()
    squares = float(spread @ spread)
    if math.sqrt(squares) <= 1e-10 * float(precision.sum()):
        raise PoolingError("all studies are equally precise: there is no trend to follow")
    radial = effects * precision
    slope = float(spread @ radial) / squares
    intercept = float(radial.mean()) - slope * float(precision.mean())
    adjusted = slope + math.sqrt(tau2) * intercept
    se = 1.0 / (float(np.std(1.0 / np.sqrt(variances))) * math.sqrt(effects.size))
    half = distributions.critical_value(level, None) * se
    limits = slope + np.sqrt(tau2) * precision * (effects - slope)
    return LimitMetaAnalysis(
        effects.size,
        adjusted,
        se,
        adjusted - half,
        adjusted + half,
        intercept,
        slope,
        tau2,
        tuple(limits.tolist()),
        level,
        few_studies(effects.size) + like_precision(variances),
    )
