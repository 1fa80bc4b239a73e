"""Limit meta-analysis: what infinitely precise studies would show, tau² kept.

Rücker et al. (2011) doi:10.1093/biostatistics/kxq046.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.small_study_effects.cautions import (
    LEAST,
    Adjusted,
    Mask,
    few_studies,
    like_precision,
)

__all__ = ["limit_many", "limit_meta_analysis"]

EQUAL = 1e-10  # relative spread of precision below which it counts as none


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
    """Limit meta-analysis with adjustment beta0, as R metasens `limitmeta()` from 1.0-1 on.

    With s_i = sqrt(vi + tau²) the effects yi / s_i are regressed on x_i = 1 / s_i; the adjusted
    effect is slope + tau * intercept. Its standard error takes the residual variance of that
    regression as 1 and tau as known: its square is mean((1 - tau x_i)²) / sum((x_i - mean x)²).
    (Before 1.0-1 metasens left the intercept and tau² out of it, and was too narrow.)

    Raises
    ------
    PoolingError
        If fewer than 3 or unusable effects are given. With equal variances the standard error is
        undefined, which is refused too.
    """
    effects, variances = effects_and_variances(yi, vi, least=LEAST)
    tau2 = pool(effects, variances, method=method, test="z").tau2 or 0.0
    everywhere = np.ones((1, effects.size), dtype=np.bool_)
    line = _RadialLine.of(effects[None], variances[None], everywhere, np.array([tau2]))
    if not line.sound[0]:
        raise PoolingError("all studies are equally precise: there is no trend to follow")
    adjusted, se, slope = float(line.adjusted[0]), float(line.se[0]), float(line.slope[0])
    half = distributions.critical_value(level, None) * se
    limits = slope + np.sqrt(tau2 / (variances + tau2)) * (effects - slope)
    return LimitMetaAnalysis(
        effects.size,
        adjusted,
        se,
        adjusted - half,
        adjusted + half,
        float(line.intercept[0]),
        slope,
        tau2,
        tuple(limits.tolist()),
        level,
        few_studies(effects.size) + like_precision(variances),
    )


def limit_many(
    yi: FloatArray, vi: FloatArray, present: Mask, tau2: FloatArray, *, level: float = 95.0
) -> Adjusted:
    """Limit meta-analysis of each row of (B, K) arrays, given its tau² (B,)."""
    line = _RadialLine.of(yi, vi, present, np.where(np.isnan(tau2), 0.0, tau2))
    half = distributions.critical_value(level, None) * line.se
    return Adjusted.of(line.adjusted, half, line.sound)


@dataclass(frozen=True, slots=True)
class _RadialLine:
    """Generalised radial plots of B meta-analyses, each field (B,); `sound` where there is one."""

    adjusted: FloatArray
    se: FloatArray
    intercept: FloatArray
    slope: FloatArray
    sound: Mask

    @classmethod
    def of(cls, yi: FloatArray, vi: FloatArray, present: Mask, tau2: FloatArray) -> _RadialLine:
        """Regress yi / sqrt(vi + tau²) on 1 / sqrt(vi + tau²) in each row."""
        k = present.sum(axis=1).astype(np.float64)
        tau = np.sqrt(tau2)
        with np.errstate(invalid="ignore", divide="ignore"):
            x = np.where(present, 1.0 / np.sqrt(vi + tau2[:, None]), 0.0)
            middle = x.sum(axis=1) / k
            spread = np.where(present, x - middle[:, None], 0.0)
            squares = (spread**2).sum(axis=1)
            sound: Mask = (np.sqrt(squares) > EQUAL * x.sum(axis=1)) & (k >= LEAST)
            squares = np.where(sound, squares, np.nan)
            slope = (spread * yi * x).sum(axis=1) / squares
            intercept = (yi * x).sum(axis=1) / k - slope * middle
            weights = np.where(present, (1.0 - tau[:, None] * x) ** 2, 0.0).sum(axis=1) / k
            se = np.sqrt(weights / squares)
        return cls(slope + tau * intercept, se, intercept, slope, sound)
