"""Corrections for small-study effects of many meta-analyses in one call.

The same numbers as `pet_peese`, `limit_meta_analysis` and `trim_and_fill` give one by one, without
their cautions: whoever takes many at once shows those of the one that is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.many import PooledEffects, pool_many
from ipt_evidence.meta_analysis.small_study_effects.pet_peese import PEESE_P
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import MAX_ITERATIONS

__all__ = ["Corrected", "limit_many", "pet_peese_many", "trim_and_fill_many"]

LEAST = 3  # studies, below which a trend over precision cannot be had
EQUAL = (
    1e-10  # relative spread of precision below which it counts as none, as `limit_meta_analysis`
)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Corrected:
    """Adjusted effects of B meta-analyses with their intervals, (B,); NaN where there is none."""

    estimate: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray

    @classmethod
    def of(cls, estimate: FloatArray, half: FloatArray, usable: Mask) -> Corrected:
        """Interval of estimate ± half where a correction can be had."""
        centre = np.where(usable, estimate, np.nan)
        return cls(centre, centre - half, centre + half)


def pet_peese_many(
    yi: FloatArray, vi: FloatArray, present: Mask, *, level: float = 95.0
) -> Corrected:
    """PET-PEESE of each row of (B, K) arrays, as `pet_peese` on the studies present."""
    df = present.sum(axis=1) - 2.0
    pet, pet_se, sound = _line(yi, vi, present, np.sqrt(vi))
    peese, peese_se, _ = _line(yi, vi, present, vi)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = special.stdtr(np.maximum(df, 1.0), -pet / pet_se)
    second = p < PEESE_P
    crit = -special.stdtrit(np.maximum(df, 1.0), distributions.tail_probability(level))
    half = crit * np.where(second, peese_se, pet_se)
    return Corrected.of(np.where(second, peese, pet), half, sound & (df >= LEAST - 2))


def _line(
    yi: FloatArray, vi: FloatArray, present: Mask, predictor: FloatArray
) -> tuple[FloatArray, FloatArray, Mask]:
    """Intercept of the weighted line, its error with multiplicative spread, and where it exists."""
    w = present / vi
    total = w.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (w * predictor).sum(axis=1) / total
        x = np.where(present, predictor - centre[:, None], 0.0)
        spread = (w * x * x).sum(axis=1)
        sound = spread > EQUAL**2 * total * centre**2
        slope = (w * x * yi).sum(axis=1) / np.where(sound, spread, np.nan)
        mean = (w * yi).sum(axis=1) / total
        intercept = mean - slope * centre
        residual = np.where(present, yi - mean[:, None] - slope[:, None] * x, 0.0)
        scale = (w * residual**2).sum(axis=1) / (present.sum(axis=1) - 2.0)
        error = np.sqrt(scale * (1.0 / total + centre**2 / spread))
    return intercept, error, sound & (present.sum(axis=1) >= LEAST)


def limit_many(
    yi: FloatArray, vi: FloatArray, present: Mask, tau2: FloatArray, *, level: float = 95.0
) -> Corrected:
    """Limit meta-analysis of each row, given its tau² (B,), as `limit_meta_analysis`."""
    k = present.sum(axis=1).astype(float)
    tau2 = np.where(np.isnan(tau2), 0.0, tau2)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(present, 1.0 / np.sqrt(vi + tau2[:, None]), 0.0)
        middle = precision.sum(axis=1) / k
        spread = np.where(present, precision - middle[:, None], 0.0)
        squares = (spread**2).sum(axis=1)
        sound = (np.sqrt(squares) > EQUAL * precision.sum(axis=1)) & (k >= LEAST)
        radial = yi * precision
        slope = (spread * radial).sum(axis=1) / np.where(sound, squares, np.nan)
        intercept = radial.sum(axis=1) / k - slope * middle
        plain = np.where(present, 1.0 / np.sqrt(vi), 0.0)
        off = np.where(present, plain - (plain.sum(axis=1) / k)[:, None], 0.0)
        half = distributions.critical_value(level, None) / np.sqrt((off**2).sum(axis=1))
    return Corrected.of(slope + np.sqrt(tau2) * intercept, half, sound)


def trim_and_fill_many(
    yi: FloatArray,
    vi: FloatArray,
    present: Mask,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> Corrected:
    """Trim and fill (L0) of each row with low effects taken as missing, as `side="left"`."""
    order = np.argsort(np.where(present, yi, np.inf), axis=1, kind="stable")
    y, v = (np.take_along_axis(values, order, axis=1) for values in (yi, vi))
    there: Mask = np.take_along_axis(present, order, axis=1)
    k = there.sum(axis=1)
    place = np.arange(y.shape[1])
    k0 = np.zeros(k.size, dtype=np.int64)
    centre = np.full(k.size, np.nan)
    open_rows = k >= LEAST
    settled = ~open_rows
    for _ in range(MAX_ITERATIONS):
        rows = np.flatnonzero(~settled)
        if not rows.size:
            break
        kept = there[rows] & (place < (k - k0)[rows, None])
        centre[rows] = pool_many(y[rows], v[rows], kept, method=method, test="z").estimate
        found = _missing(y[rows] - centre[rows, None], there[rows], k[rows])
        settled[rows] = found == k0[rows]
        k0[rows] = found
    mirrored = there & (place >= (k - k0)[:, None])
    fill = np.where(mirrored, 2.0 * centre[:, None] - y, 0.0)
    fitted: PooledEffects = pool_many(
        np.hstack([y, fill]),
        np.hstack([v, v]),
        np.hstack([there, mirrored]),
        method=method,
        test=test,
        level=level,
    )
    usable = open_rows & settled
    return Corrected(
        *(
            np.where(usable, getattr(fitted, name), np.nan)
            for name in ("estimate", "ci_lower", "ci_upper")
        )
    )


def _missing(centred: FloatArray, there: Mask, k: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """L0 of each row, rounded and kept between 0 and k - 1."""
    size = np.where(there, np.abs(centred), np.inf)
    ranks = np.empty(size.shape)
    np.put_along_axis(
        ranks,
        np.argsort(size, axis=1, kind="stable"),
        np.broadcast_to(np.arange(1.0, size.shape[1] + 1.0), size.shape),
        axis=1,
    )
    positive = np.where(there & (centred > 0.0), ranks, 0.0).sum(axis=1)
    found = (4.0 * positive - k * (k + 1.0)) / (2.0 * k - 1.0)
    whole: npt.NDArray[np.int64] = np.clip(np.round(found), 0, k - 1).astype(np.int64)
    return whole
