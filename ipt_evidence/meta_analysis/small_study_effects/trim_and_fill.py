"""Trim and fill: mirror the studies that have no counterpart on the other side of the funnel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.models import PooledEffect, pool
from ipt_evidence.meta_analysis.moderators import meta_regression
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies, heterogeneous

__all__ = ["TrimAndFill", "trim_and_fill"]

ESTIMATORS = ("L0", "R0", "Q0")
MAX_ITERATIONS = 100


@dataclass(frozen=True, slots=True)
class TrimAndFill:
    """Result of trim and fill: a sensitivity analysis, never the corrected truth.

    Attributes
    ----------
    k0, k0_se
        Estimated number of missing studies and its standard error (None where undefined).
    side
        "left" when studies with low effects seem to be missing, else "right".
    adjusted
        Pooled effect of the observed and the imputed studies.
    filled_yi, filled_vi
        The imputed studies, for the funnel plot.
    """

    k0: int
    k0_se: float | None
    side: str
    estimator: str
    adjusted: PooledEffect
    filled_yi: tuple[float, ...]
    filled_vi: tuple[float, ...]
    cautions: tuple[str, ...]


def trim_and_fill(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    estimator: str = "L0",
    side: str | None = None,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> TrimAndFill:
    """Duval and Tweedie's trim and fill (2000) doi:10.1111/j.0006-341X.2000.00455.x.

    As metafor `trimfill()`, which however always refits with test "z".

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,), K >= 3.
    estimator
        "L0" (most efficient), "R0" (conservative, tests for asymmetry) or "Q0".
    side
        Where studies are missing; by default the side that the regression on the standard
        error points to.
    method, test, level
        As `models.pool`, for trimming and for the final pooling.

    Raises
    ------
    PoolingError
        If input is unusable, fewer than 3 effects are given, the estimator or side is unknown, or
        the number of missing studies does not settle.
    """
    effects, variances = effects_and_variances(yi, vi, least=3)
    if estimator not in ESTIMATORS:
        raise PoolingError(
            f"unknown estimator {estimator!r}: choose one of {', '.join(ESTIMATORS)}"
        )
    if side not in (None, "left", "right"):
        raise PoolingError(f"unknown side {side!r}: choose left or right")
    chosen = side or _missing_side(effects, variances, method)
    sign = 1.0 if chosen == "left" else -1.0
    order = np.argsort(sign * effects, kind="stable")
    sorted_yi, sorted_vi = sign * effects[order], variances[order]
    k0, k0_se, centre = _count_missing(sorted_yi, sorted_vi, estimator, method)
    k = effects.size
    filled_yi = sign * (2.0 * centre - sorted_yi[k - k0 :])
    filled_vi = sorted_vi[k - k0 :]
    adjusted = pool(
        np.concatenate([effects, filled_yi]),
        np.concatenate([variances, filled_vi]),
        method=method,
        test=test,
        level=level,
    )
    return TrimAndFill(
        k0,
        k0_se,
        chosen,
        estimator,
        adjusted,
        tuple(filled_yi.tolist()),
        tuple(filled_vi.tolist()),
        few_studies(k) + heterogeneous(effects, variances),
    )


def _missing_side(yi: FloatArray, vi: FloatArray, method: str) -> str:
    if np.ptp(vi) == 0.0:
        return "left"  # equal precision: no slope to judge by; low effects are what goes missing
    fit = meta_regression(yi, vi, {"standard error": np.sqrt(vi)}, method=method, test="z")
    return "right" if fit.coefficients[1].estimate < 0.0 else "left"


def _count_missing(
    yi: FloatArray, vi: FloatArray, estimator: str, method: str
) -> tuple[int, float | None, float]:
    """Trim the highest effects until their number settles; returns k0, its error, the centre."""
    k, k0 = yi.size, 0
    for _ in range(MAX_ITERATIONS):
        kept = slice(0, k - k0)
        centre = pool(yi[kept], vi[kept], method=method, test="z").estimate
        centred = yi - centre
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1.0, k + 1.0)
        found, k0_se = _missing(np.sign(centred) * ranks, estimator)
        before, k0 = k0, min(max(0, round(found)), k - 1)
        if k0 == before:
            return k0, k0_se, centre
    raise PoolingError("trim and fill does not settle on a number of missing studies: leave it out")


def _missing(signed_ranks: FloatArray, estimator: str) -> tuple[float, float | None]:
    """Estimated number of missing studies and its standard error, before rounding."""
    k = signed_ranks.size
    if estimator == "R0":
        negative = signed_ranks[signed_ranks < 0.0]
        highest = float(np.max(-negative)) if negative.size else 0.0
        found = k - highest - 1.0
        return found, math.sqrt(2.0 * max(0.0, found) + 2.0)
    positive_sum = float(signed_ranks[signed_ranks > 0.0].sum())
    if estimator == "L0":
        found = (4.0 * positive_sum - k * (k + 1.0)) / (2.0 * k - 1.0)
        return found, _root(_rank_variance(k, found), 4.0 / (2.0 * k - 1.0))
    inside = 2.0 * k**2 - 4.0 * positive_sum + 0.25
    if inside < 0.0:
        raise PoolingError("the Q0 estimator does not exist for these effects: use L0 or R0")
    found = k - 0.5 - math.sqrt(inside)
    slope = (k - 0.5) ** 2 - found * (2.0 * k - found - 1.0)
    return found, _root(_rank_variance(k, found), 2.0 / math.sqrt(slope)) if slope > 0.0 else None


def _rank_variance(k: int, k0: float) -> float:
    """Variance of the sum of positive ranks with k0 studies missing; Duval & Tweedie (2000)."""
    return (
        k * (k + 1.0) * (2.0 * k + 1.0)
        + 10.0 * k0**3
        + 27.0 * k0**2
        + 17.0 * k0
        - 18.0 * k * k0**2
        - 18.0 * k * k0
        + 6.0 * k**2 * k0
    ) / 24.0


def _root(variance: float, factor: float) -> float | None:
    return factor * math.sqrt(variance) if variance >= 0.0 else None
