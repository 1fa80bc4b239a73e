"""Trim and fill: mirror the studies that have no counterpart on the other side of the funnel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.models import PooledEffect, pool, pool_many
from ipt_evidence.meta_analysis.moderators import meta_regression
from ipt_evidence.meta_analysis.small_study_effects.cautions import (
    LEAST,
    Adjusted,
    Mask,
    few_studies,
    heterogeneous,
)

__all__ = ["TrimAndFill", "trim_and_fill", "trim_and_fill_many"]

ESTIMATORS = ("L0", "R0", "Q0")
TRIM_MODELS = ("random", "common")
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
    trim_model: str = "random",
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
    trim_model
        "random": studies are trimmed by `method`, as metafor does; "common": by the common-effect
        model, which then only the final pooling leaves, as R meta does with `ma.common = TRUE` (and
        Metapsy). With much heterogeneity the two can find very different numbers.
    method, test, level
        As `models.pool`, for trimming and for the final pooling.

    Raises
    ------
    PoolingError
        If input is unusable, fewer than 3 effects are given, the estimator or side is unknown, or
        the number of missing studies does not settle.
    """
    effects, variances = effects_and_variances(yi, vi, least=LEAST)
    _check_choices(estimator, side, trim_model)
    trimmed_by = method if trim_model == "random" else "FE"
    chosen = side or _missing_side(effects, variances, trimmed_by)
    sign = 1.0 if chosen == "left" else -1.0
    order = np.argsort(sign * effects, kind="stable")
    sorted_yi, sorted_vi = sign * effects[order], variances[order]
    missing = _missing(sorted_yi, sorted_vi, estimator, trimmed_by)
    k, k0 = effects.size, int(missing.k0[0])
    filled_yi = sign * (2.0 * float(missing.centre[0]) - sorted_yi[k - k0 :])
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
        _standard_error(float(missing.number[0]), k, estimator),
        chosen,
        estimator,
        adjusted,
        tuple(filled_yi.tolist()),
        tuple(filled_vi.tolist()),
        few_studies(k) + heterogeneous(effects, variances),
    )


def _check_choices(estimator: str, side: str | None, trim_model: str) -> None:
    if estimator not in ESTIMATORS:
        raise PoolingError(
            f"unknown estimator {estimator!r}: choose one of {', '.join(ESTIMATORS)}"
        )
    if side not in (None, "left", "right"):
        raise PoolingError(f"unknown side {side!r}: choose left or right")
    if trim_model not in TRIM_MODELS:
        raise PoolingError(f"unknown trim_model {trim_model!r}: choose random or common")


def _missing(yi: FloatArray, vi: FloatArray, estimator: str, method: str) -> _Missing:
    """Missing studies of one meta-analysis whose effects (K,) stand in ascending order."""
    everywhere = np.ones((1, yi.size), dtype=np.bool_)
    found = _Missing.of(yi[None], vi[None], everywhere, estimator, method)
    if not found.settled[0]:
        raise PoolingError(
            "trim and fill does not settle on a number of missing studies: leave it out"
        )
    return found


def _missing_side(yi: FloatArray, vi: FloatArray, method: str) -> str:
    if np.ptp(vi) == 0.0:
        return "left"  # equal precision: no slope to judge by; low effects are what goes missing
    fit = meta_regression(yi, vi, {"standard error": np.sqrt(vi)}, method=method, test="z")
    return "right" if fit.coefficients[1].estimate < 0.0 else "left"


def trim_and_fill_many(
    yi: FloatArray,
    vi: FloatArray,
    present: Mask,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> Adjusted:
    """Trim and fill (L0) of each row of (B, K) arrays, with low effects taken as missing."""
    order = np.argsort(np.where(present, yi, np.inf), axis=1, kind="stable")
    y, v = (np.take_along_axis(values, order, axis=1) for values in (yi, vi))
    there: Mask = np.take_along_axis(present, order, axis=1)
    found = _Missing.of(y, v, there, "L0", method)
    fill = np.where(found.mirrored, 2.0 * found.centre[:, None] - y, 0.0)
    fitted = pool_many(
        np.hstack([y, fill]),
        np.hstack([v, v]),
        np.hstack([there, found.mirrored]),
        method=method,
        test=test,
        level=level,
    )
    columns = (fitted.estimate, fitted.ci_lower, fitted.ci_upper)
    return Adjusted(*(np.where(found.settled, column, np.nan) for column in columns))


@dataclass(frozen=True, slots=True)
class _Missing:
    """Missing studies of B meta-analyses whose effects stand in ascending order.

    `number` (before rounding), `k0` and the `centre` of the trimmed studies are (B,), `settled`
    says where they were found; `mirrored` (B, K) marks the studies to be mirrored.
    """

    number: FloatArray
    k0: npt.NDArray[np.int64]
    centre: FloatArray
    settled: Mask
    mirrored: Mask

    @classmethod
    def of(
        cls, yi: FloatArray, vi: FloatArray, there: Mask, estimator: str, method: str
    ) -> _Missing:
        """Trim the highest effects of each row until their number settles."""
        k = there.sum(axis=1)
        place = np.arange(yi.shape[1])
        k0 = np.zeros(k.size, dtype=np.int64)
        number, centre = np.zeros(k.size), np.full(k.size, np.nan)
        open_rows = k >= LEAST
        settled = ~open_rows
        for _ in range(MAX_ITERATIONS):
            rows = np.flatnonzero(~settled)
            if not rows.size:
                break
            kept = there[rows] & (place < (k - k0)[rows, None])
            centre[rows] = pool_many(yi[rows], vi[rows], kept, method=method, test="z").estimate
            ranks = _signed_ranks(yi[rows] - centre[rows, None], there[rows])
            number[rows] = _estimate(ranks, k[rows].astype(np.float64), estimator)
            found = np.clip(np.round(number[rows]), 0, k[rows] - 1).astype(np.int64)
            settled[rows] = found == k0[rows]
            k0[rows] = found
        mirrored: Mask = there & (place >= (k - k0)[:, None])
        return cls(number, k0, centre, settled & open_rows, mirrored)


def _signed_ranks(centred: FloatArray, there: Mask) -> FloatArray:
    """Ranks of distances from the centre with their signs, (B, K); 0 where there is no study."""
    size = np.where(there, np.abs(centred), np.inf)
    ranks = np.empty(size.shape)
    places = np.broadcast_to(np.arange(1.0, size.shape[1] + 1.0), size.shape)
    np.put_along_axis(ranks, np.argsort(size, axis=1, kind="stable"), places, axis=1)
    return np.where(there, np.sign(centred) * ranks, 0.0)


def _estimate(signed_ranks: FloatArray, k: FloatArray, estimator: str) -> FloatArray:
    """Number of missing studies by one of `ESTIMATORS`, before rounding, (B,)."""
    if estimator == "R0":
        return np.asarray(k - np.maximum(-signed_ranks.min(axis=1), 0.0) - 1.0)
    positive_sum = np.maximum(signed_ranks, 0.0).sum(axis=1)
    if estimator == "L0":
        return np.asarray((4.0 * positive_sum - k * (k + 1.0)) / (2.0 * k - 1.0))
    inside = 2.0 * k**2 - 4.0 * positive_sum + 0.25
    if (inside < 0.0).any():
        raise PoolingError("the Q0 estimator does not exist for these effects: use L0 or R0")
    return np.asarray(k - 0.5 - np.sqrt(inside))


def _standard_error(number: float, k: int, estimator: str) -> float | None:
    """Standard error of the number of missing studies before rounding; None where undefined."""
    if estimator == "R0":
        return math.sqrt(2.0 * max(0.0, number) + 2.0)
    if estimator == "L0":
        return _root(_rank_variance(k, number), 4.0 / (2.0 * k - 1.0))
    slope = (k - 0.5) ** 2 - number * (2.0 * k - number - 1.0)
    return _root(_rank_variance(k, number), 2.0 / math.sqrt(slope)) if slope > 0.0 else None


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
