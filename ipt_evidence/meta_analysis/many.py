"""Many meta-analyses pooled in one call: simulations, subsets, specifications."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.estimators import (
    COMMON_EFFECT_METHODS,
    Samples,
    estimate_tau2,
    trace_of_projection,
)
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.models import TESTS

__all__ = ["PooledEffects", "pool_many"]


@dataclass(frozen=True, slots=True)
class PooledEffects:
    """Pooled effects of B meta-analyses; every field an array (B,), NaN where it does not exist.

    Meanings are those of `models.PooledEffect`. For k = 1 the normal interval of the one study is
    given and tau2, i2, h2, pi are NaN; for k = 0 everything but k is NaN.
    """

    k: npt.NDArray[np.int64]
    estimate: FloatArray
    se: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray
    pi_lower: FloatArray
    pi_upper: FloatArray
    tau2: FloatArray
    i2: FloatArray
    h2: FloatArray
    q: FloatArray
    p: FloatArray


def pool_many(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    present: npt.ArrayLike | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> PooledEffects:
    """Pool each row of yi and vi; the same numbers as `models.pool` on each.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, (B, K), or (K,) to be shared by all rows of `present`.
    present
        True where an effect belongs to the row's meta-analysis, (B, K); all do by default.
        Values outside may be anything, also NaN.
    method, test, level
        As `models.pool`.

    Raises
    ------
    PoolingError
        If shapes do not fit, or an effect that is present is missing, infinite or has vi <= 0.
    """
    if test not in TESTS:
        raise PoolingError(f"unknown test {test!r}: choose one of {', '.join(TESTS)}")
    tail = distributions.tail_probability(level)
    effects, variances, mask = _blocks(yi, vi, present)
    unit = _units(variances, mask)
    sample = Samples.of(effects / unit[:, None], variances / unit[:, None] ** 2, mask)
    empty = sample.k == 0.0
    if empty.any():
        return _with_empty_rows(effects, variances, mask, empty, method, test, level)
    return _fit(sample, unit, method=method, test=test, tail=tail)


def _blocks(
    yi: npt.ArrayLike, vi: npt.ArrayLike, present: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    try:
        arrays = [np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)]
        arrays += [] if present is None else [np.asarray(present, dtype=np.float64)]
        effects, variances, *rest = np.broadcast_arrays(*map(np.atleast_2d, arrays))
    except (TypeError, ValueError) as err:
        raise PoolingError(f"yi, vi and present do not fit together: {err}") from err
    mask = rest[0] if rest else None
    there = np.ones(effects.shape, dtype=np.bool_) if mask is None else mask > 0.0
    usable = np.isfinite(effects) & np.isfinite(variances) & (variances > 0.0)
    if not (usable | ~there).all():
        row, column = np.argwhere(~usable & there)[0]
        raise PoolingError(
            f"row {row}, position {column}: yi or vi is missing or infinite, or vi is not positive"
        )
    if there.all():
        return effects, variances, None
    return np.where(there, effects, 0.0), np.where(there, variances, 1.0), there.astype(np.float64)


def _units(variances: FloatArray, mask: FloatArray | None) -> FloatArray:
    """Power of two near a typical standard error of each row."""
    logs = np.log2(variances)
    if mask is None:
        mean = logs.mean(axis=1)
    else:
        mean = (logs * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1.0)
    return np.asarray(2.0 ** np.round(0.5 * mean), dtype=np.float64)


def _with_empty_rows(
    effects: FloatArray,
    variances: FloatArray,
    mask: FloatArray | None,
    empty: npt.NDArray[np.bool_],
    method: str,
    test: str,
    level: float,
) -> PooledEffects:
    blank = np.full(empty.size, np.nan)
    columns = {name: blank.copy() for name in PooledEffects.__slots__}
    columns["k"] = np.zeros(empty.size, dtype=np.int64)
    if not empty.all() and mask is not None:
        full = ~empty
        fitted = pool_many(
            effects[full], variances[full], mask[full], method=method, test=test, level=level
        )
        for name, column in columns.items():
            column[full] = getattr(fitted, name)
    return PooledEffects(**columns)


def _fit(
    sample: Samples, unit: FloatArray, *, method: str, test: str, tail: float
) -> PooledEffects:
    tau2 = estimate_tau2(sample, method)
    weights = sample.weights(tau2)
    total = weights.sum(axis=1)
    # Distances from the first effect that is present keep digits under a large common offset.
    origin = sample.yi[np.arange(total.size), weights.argmax(axis=1)]
    centred = sample.yi - origin[:, None]
    shift = np.einsum("ij,ij->i", weights, centred) / total
    df = sample.k - 1.0
    alone = df == 0.0
    several = np.where(alone, np.nan, df)
    se = np.sqrt(1.0 / total)
    if test in ("knha", "adhoc"):
        scale = np.einsum("ij,ij->i", weights, (centred - shift[:, None]) ** 2) / several
        scale = np.where(alone, 1.0, scale)
        se = se * np.sqrt(np.maximum(scale, 1.0) if test == "adhoc" else scale)
    q, typical = _q_and_typical(sample, several)
    i2, h2 = 100.0 * tau2 / (typical + tau2), tau2 / typical + 1.0
    if method in COMMON_EFFECT_METHODS:
        h2 = q / several
        i2 = np.where(h2 > 1.0, 100.0 * (1.0 - 1.0 / np.maximum(h2, 1.0)), 0.0 * h2)
    normal = (test == "z") | alone
    crit = -np.where(normal, special.ndtri(tail), special.stdtrit(np.maximum(df, 1.0), tail))
    estimate = origin + shift
    reach = crit * np.sqrt(tau2 + se**2) * np.where(alone, np.nan, 1.0)
    if method in COMMON_EFFECT_METHODS:
        reach = np.full_like(reach, np.nan)
    stat = -np.abs(np.divide(estimate, se, out=np.full_like(se, np.nan), where=se > 0.0))
    p = 2.0 * np.where(normal, special.ndtr(stat), special.stdtr(np.maximum(df, 1.0), stat))
    return PooledEffects(
        k=sample.k.astype(np.int64),
        estimate=estimate * unit,
        se=se * unit,
        ci_lower=(estimate - crit * se) * unit,
        ci_upper=(estimate + crit * se) * unit,
        pi_lower=(estimate - reach) * unit,
        pi_upper=(estimate + reach) * unit,
        tau2=np.where(alone, np.nan, tau2) * unit**2,
        i2=i2,
        h2=h2,
        q=np.where(alone, 0.0, q),
        p=p,
    )


def _q_and_typical(sample: Samples, df: FloatArray) -> tuple[FloatArray, FloatArray]:
    weights = sample.weights(np.zeros(df.size))
    total = weights.sum(axis=1)
    mean = np.einsum("ij,ij->i", weights, sample.yi) / total
    q = np.einsum("ij,ij->i", weights, (sample.yi - mean[:, None]) ** 2)
    typical = df / np.where(df > 0, trace_of_projection(weights), 1.0)
    return q, typical
