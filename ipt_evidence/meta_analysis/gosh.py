"""GOSH: the pooled effect of every subset of studies, to see whether one number hides two.

Olkin, Dahabreh & Trikalinos (2012) doi:10.1002/jrsm.1053. They look for clusters of subsets by eye;
`gosh_clusters` looks by rule, and `gosh_picture` counts subsets in cells for the eye.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.estimators import (
    COMMON_EFFECT_METHODS,
    Samples,
    estimate_tau2,
    trace_of_projection,
)
from ipt_evidence.meta_analysis.heterogeneity import typical_variance
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.models import LEAST as LEAST_TO_POOL

__all__ = ["Gosh", "GoshClusters", "GoshPicture", "gosh", "gosh_clusters", "gosh_picture"]

MAX_SUBSETS = 65_536  # all subsets of 16 studies: a picture, and well under a second
LARGEST = 2_000_000  # more would not fit beside a page; metafor stops at a million
BLOCK = 1 << 14  # subsets at once: work arrays of some megabytes
MOMENT_METHODS = (*COMMON_EFFECT_METHODS, "DL")
MOMENT_SPREAD = 1e4  # largest to smallest variance up to which differences of sums keep 10 digits
# From so many subsets on, so many columns and rows: few subsets in many cells are dust.
GRIDS = ((20_000, 96, 48), (4_000, 64, 36), (0, 40, 24))
TAILS, BEYOND = 0.05, 0.35  # percent of the subsets, and share of the width between, see below

# Rules for clusters of subsets; they are ours.
AT_MOST = 20_000  # subsets looked at: more change nothing
LEAST = 50  # subsets, below which a density means nothing
BINS, SMOOTH = 48, 3  # of the density; neighbours that are averaged
VALLEY = 0.8  # of the lower peak
LOWEST_PEAK = 0.1  # of the higher peak: a lesser one is a tail
DRIVES = 50.0  # percentage points between the shares with and without a study


@dataclass(frozen=True, slots=True)
class Gosh:
    """Pooled effects of B subsets.

    Attributes
    ----------
    present
        Which studies each subset holds, (B, K) of bool.
    k, estimate, tau2, i2
        Size, pooled effect, tau² and I² (percent) of each subset, (B,). For k = 1 the study's own
        effect with tau² and I² of 0, as metafor.
    exhaustive
        True when these are all subsets; otherwise a random sample of them.
    method, seed
        The estimator, and the seed of the sample (None when exhaustive).

    Single studies and pairs are among them, as in metafor; pictures, clusters and words look at
    `several` only.
    """

    present: npt.NDArray[np.bool_]
    k: npt.NDArray[np.int64]
    estimate: FloatArray
    tau2: FloatArray
    i2: FloatArray
    exhaustive: bool
    method: str
    seed: int | None

    @property
    def several(self) -> npt.NDArray[np.bool_]:
        """Subsets of three studies or more, whose pooled effect may be read as one, (B,)."""
        return self.k >= LEAST_TO_POOL


def gosh(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    max_subsets: int = MAX_SUBSETS,
    seed: int = 20240501,
    report: Callable[[float], None] | None = None,
) -> Gosh:
    """Pool all subsets of the studies, or a random sample when there are more than `max_subsets`.

    Same numbers as metafor `gosh()`. The sample draws each study into each subset with chance one
    half, so that all subsets are equally likely; a subset can come twice.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,), K >= 2.
    method
        As `models.pool`.
    max_subsets
        1 to 2,000,000.
    seed
        Of the random sample.
    report
        Called with the share done, 0 to 1, after every block of subsets. What it raises ends the
        work and reaches the caller: so it can be broken off.

    Raises
    ------
    PoolingError
        If input is unusable or `max_subsets` is out of range.
    """
    effects, variances = effects_and_variances(yi, vi, least=2)
    if not 1 <= max_subsets <= LARGEST:
        raise PoolingError(f"max_subsets {max_subsets!r} is not between 1 and {LARGEST:,}")
    exhaustive = effects.size < 40 and 2**effects.size - 1 <= max_subsets
    present = _all_subsets(effects.size) if exhaustive else _sample(effects.size, max_subsets, seed)
    unit = typical_variance(variances)
    scaled = effects / unit**0.5, variances / unit
    quick = method in MOMENT_METHODS and variances.max() <= MOMENT_SPREAD * variances.min()
    if quick:
        work = _by_moments(*scaled, present, method, exhaustive=exhaustive)
    else:
        work = (_pool_block(*scaled, block, method) for block in _blocks(present))
    parts = list(_reported(work, present.shape[0], report))
    estimate, tau2, i2 = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Gosh(
        present=present,
        k=present.sum(axis=1),
        estimate=estimate * unit**0.5,
        tau2=tau2 * unit,
        i2=i2,
        exhaustive=exhaustive,
        method=method,
        seed=None if exhaustive else seed,
    )


def _all_subsets(k: int) -> npt.NDArray[np.bool_]:
    numbers = np.arange(1, 2**k, dtype="<u4").view(np.uint8).reshape(-1, 4)
    return np.unpackbits(numbers, axis=1, count=k, bitorder="little").view(np.bool_)


def _sample(k: int, size: int, seed: int) -> npt.NDArray[np.bool_]:
    rng = np.random.default_rng(seed)
    present = np.empty((size, k), dtype=np.bool_)
    for start in range(0, size, BLOCK):  # the numbers drawn take eight times the room of the answer
        rows = present[start : start + BLOCK]
        np.less(rng.random(rows.shape), 0.5, out=rows)
    empty = ~present.any(axis=1)
    while empty.any():
        present[empty] = rng.random((int(empty.sum()), k)) < 0.5
        empty = ~present.any(axis=1)
    return present


Part = tuple[FloatArray, FloatArray, FloatArray]


def _reported(
    work: Iterator[Part], size: int, report: Callable[[float], None] | None
) -> Iterator[Part]:
    done = 0
    for part in work:
        yield part
        done += part[0].size
        if report is not None:
            report(done / size)


def _blocks(present: npt.NDArray[np.bool_]) -> Iterator[FloatArray]:
    for start in range(0, present.shape[0], BLOCK):
        yield present[start : start + BLOCK].astype(np.float64)


def _by_moments(
    yi: FloatArray, vi: FloatArray, present: npt.NDArray[np.bool_], method: str, *, exhaustive: bool
) -> Iterator[Part]:
    """Pool in closed form from sums of w, w y, w y² and w², which grow study by study."""
    plain = 1.0 / vi
    origin = float(plain @ yi) / float(plain.sum())
    centred = yi - origin
    columns = np.column_stack([plain, plain * centred, plain * centred**2, plain**2])
    sums = _subset_sums(columns) if exhaustive else None
    for start in range(0, present.shape[0], BLOCK):
        rows = slice(start, start + BLOCK)
        there = present[rows]
        moments = there.astype(np.float64) @ columns if sums is None else sums[rows]
        size = there.sum(axis=1, dtype=np.float64)
        shift, tau2, i2 = _closed_form(centred, vi, there, size, moments, method)
        yield origin + shift, tau2, i2


def _subset_sums(columns: FloatArray) -> FloatArray:
    """Sum rows of (K, m) over all subsets, in the order of `_all_subsets`: (2^K - 1, m)."""
    sums = np.zeros((2 ** columns.shape[0], columns.shape[1]))
    for i, row in enumerate(columns):
        np.add(sums[: 1 << i], row, out=sums[1 << i : 2 << i])
    return sums[1:]


def _closed_form(
    yi: FloatArray,
    vi: FloatArray,
    present: npt.NDArray[np.bool_],
    size: FloatArray,
    moments: FloatArray,
    method: str,
) -> Part:
    w, wy, wyy, ww = (np.ascontiguousarray(column) for column in moments.T)
    df = size - 1.0
    mean = wy / w
    q = np.maximum(wyy - mean * wy, 0.0)
    alone = df == 0.0
    q[alone] = 0.0
    excess = np.maximum(q - df, 0.0)
    if method in COMMON_EFFECT_METHODS:
        return mean, np.zeros_like(q), 100.0 * excess / np.where(q > 0.0, q, 1.0)
    trace = np.where(alone, 1.0, w - ww / w)
    tau2 = excess / trace
    weights = vi + tau2[:, None]
    np.divide(present.astype(np.float64), weights, out=weights)
    # einsum, not matmul: so thin a product is over before the threads of BLAS have started.
    estimate = np.einsum("ij,j->i", weights, yi) / np.einsum("ij->i", weights)
    total = df / trace + tau2
    return estimate, tau2, 100.0 * tau2 / np.where(alone, 1.0, total)


def _pool_block(yi: FloatArray, vi: FloatArray, present: FloatArray, method: str) -> Part:
    shape = present.shape
    sample = Samples.of(
        np.ascontiguousarray(np.broadcast_to(yi, shape)),
        np.ascontiguousarray(np.broadcast_to(vi, shape)),
        present,
    )
    tau2 = estimate_tau2(sample, method)
    weights = sample.weights(tau2)
    estimate = weights @ yi / weights.sum(axis=1)
    plain = present / vi
    df = sample.k - 1.0
    alone = df == 0.0
    if method in COMMON_EFFECT_METHODS:
        residuals = yi - estimate[:, None]
        q = np.einsum("ij,ij,ij->i", plain, residuals, residuals)
        i2 = 100.0 * np.maximum(0.0, q - df) / np.where(q > 0.0, q, 1.0)
    else:
        typical = df / np.where(alone, 1.0, trace_of_projection(plain))
        i2 = 100.0 * tau2 / np.where(alone, 1.0, typical + tau2)
    return estimate, tau2, np.where(alone, 0.0, i2)


@dataclass(frozen=True, slots=True)
class GoshPicture:
    """Subsets of three or more studies, counted by estimate and I².

    Attributes
    ----------
    estimate, i2
        Middles of the cells, (C,) and (R,).
    with_study, without_study
        Subsets in each cell that hold the study chosen and that do not, (R, C). With no study
        chosen all stand in `without_study`.
    subsets
        How many in all.
    position
        The study chosen, counted from 0, or None.
    """

    estimate: FloatArray
    i2: FloatArray
    with_study: npt.NDArray[np.int64]
    without_study: npt.NDArray[np.int64]
    subsets: int
    position: int | None


def gosh_picture(found: Gosh, position: int | None = None) -> GoshPicture:
    """Count the subsets in cells.

    The axis of estimates reaches a third of its width beyond all but the outermost 0.05% on either
    side, so that one odd subset does not squeeze the rest; what lies further out is
    counted in the last cells.

    Raises
    ------
    PoolingError
        If `position` is not one of the studies.
    """
    if position is not None and not 0 <= position < found.present.shape[1]:
        raise PoolingError(f"there is no study {position!r}: count from 0")
    several = found.several
    estimate, i2 = found.estimate[several], found.i2[several]
    columns, rows = next((c, r) for least, c, r in GRIDS if estimate.size >= least)
    middles = (np.arange(rows) + 0.5) * 100.0 / rows
    if not estimate.size:
        none = np.zeros((rows, 0), dtype=np.int64)
        return GoshPicture(np.zeros(0), middles, none, none, 0, position)
    low, high = (float(end) for end in np.percentile(estimate, [TAILS, 100.0 - TAILS]))
    width = BEYOND * (high - low)
    low, high = max(low - width, float(estimate.min())), min(high + width, float(estimate.max()))
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    column = np.clip(((estimate - low) / (high - low) * columns).astype(np.int64), 0, columns - 1)
    cell = np.clip((i2 / 100.0 * rows).astype(np.int64), 0, rows - 1) * columns + column
    everything = np.bincount(cell, minlength=rows * columns)
    inside = np.zeros_like(everything)
    if position is not None:
        there = found.present[several, position]
        inside = np.bincount(cell[there], minlength=rows * columns)
    shape = (rows, columns)
    return GoshPicture(
        low + (np.arange(columns) + 0.5) * (high - low) / columns,
        middles,
        inside.reshape(shape).astype(np.int64),
        (everything - inside).reshape(shape).astype(np.int64),
        int(estimate.size),
        position,
    )


@dataclass(frozen=True, slots=True)
class StudyShift:
    """What one study does to the subsets that hold it.

    `shift` and `i2_shift` are the mean estimate and I² of subsets with it less those without;
    `upper` is by how many percentage points more often subsets with it lie in the upper cluster (0
    when there are no clusters).
    """

    position: int
    shift: float
    i2_shift: float
    upper: float


@dataclass(frozen=True, slots=True)
class GoshClusters:
    """Two clusters of subsets, or one.

    Attributes
    ----------
    separate
        True when there are two.
    lower, upper
        Mean estimate of each cluster, and `share` the percent of subsets in the upper one; all None
        when there is one cluster.
    drivers
        Positions of the studies that decide on which side a subset lies, the strongest first.
    shifts
        For each study, in the order given.
    """

    separate: bool
    lower: float | None
    upper: float | None
    share: float | None
    drivers: tuple[int, ...]
    shifts: tuple[StudyShift, ...]


def gosh_clusters(found: Gosh) -> GoshClusters:
    """Look for two clusters among the subsets of three or more studies, and what makes them.

    k-means splits the subsets by estimate and I², both in units of their spread, starting from both
    ends of the estimates. The split counts only when the centres lie a spread or more apart and the
    smoothed density of the estimates has a valley: it falls between two peaks to less than four
    fifths of the lower one. (I² would mislead here: many subsets have an I² of 0.) A study drives
    the clusters when subsets with it lie in one far more often than subsets without.
    """
    several = np.flatnonzero(found.several)
    if several.size > AT_MOST:
        # Evenly spread over all subsets, so that every study keeps its share.
        rng = np.random.default_rng(20240501)
        several = np.sort(rng.choice(several, AT_MOST, replace=False))
    estimate, i2 = found.estimate[several], found.i2[several]
    present = found.present[several]
    upper = _split(estimate, i2) if several.size >= LEAST else None
    found_shifts = _shifts(present, estimate, i2, upper)
    if upper is None:
        return GoshClusters(False, None, None, None, (), found_shifts)
    drivers = sorted(
        (shift for shift in found_shifts if abs(shift.upper) >= DRIVES),
        key=lambda shift: -abs(shift.upper),
    )
    return GoshClusters(
        True,
        float(estimate[~upper].mean()),
        float(estimate[upper].mean()),
        100.0 * float(upper.mean()),
        tuple(shift.position for shift in drivers),
        found_shifts,
    )


def _shifts(
    present: npt.NDArray[np.bool_],
    estimate: FloatArray,
    i2: FloatArray,
    upper: npt.NDArray[np.bool_] | None = None,
) -> tuple[StudyShift, ...]:
    """Differences between subsets with and without each study."""
    columns = [estimate, i2] + ([] if upper is None else [100.0 * upper])
    values = np.column_stack(columns)
    there = present.astype(np.float64)
    count = there.sum(axis=0)[:, None]
    total = there.T @ values
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = total / count - (values.sum(axis=0) - total) / (len(values) - count)
    gap = np.where(np.isfinite(gap), gap, 0.0)
    return tuple(
        StudyShift(i, float(row[0]), float(row[1]), 0.0 if upper is None else float(row[2]))
        for i, row in enumerate(gap)
    )


def _split(estimate: FloatArray, i2: FloatArray) -> npt.NDArray[np.bool_] | None:
    """Which subsets lie in the upper cluster; None when there is only one cluster."""
    from scipy.cluster.vq import kmeans2

    points = np.column_stack([_in_spreads(estimate), _in_spreads(i2)])
    if not np.ptp(points[:, 0]) > 0.0:
        return None
    # Starting at both ends of the estimates makes the split the same every time.
    order = np.argsort(points[:, 0], kind="stable")
    tenth = max(1, len(order) // 10)
    start = np.stack([points[order[:tenth]].mean(axis=0), points[order[-tenth:]].mean(axis=0)])
    centres, label = kmeans2(points, start, minit="matrix", missing="warn")
    if np.bincount(label, minlength=2).min() == 0:
        return None
    if abs(float(centres[1, 0] - centres[0, 0])) < 1.0 or not _valley(estimate):
        return None
    means = [float(estimate[label == side].mean()) for side in (0, 1)]
    return np.asarray(label == int(means[1] > means[0]), dtype=np.bool_)


def _in_spreads(values: FloatArray) -> FloatArray:
    spread = float(values.std())
    # Numbers that differ by rounding alone are equal.
    if spread <= 1e-9 * (1.0 + float(np.abs(values).max())):
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / spread, dtype=np.float64)


def _valley(values: FloatArray) -> bool:
    """Whether the density of the values has two peaks with a valley between them."""
    inner = np.percentile(values, [0.5, 99.5])
    if not inner[1] > inner[0]:
        return False
    counts = np.histogram(values, BINS, (float(inner[0]), float(inner[1])))[0].astype(float)
    kernel = np.ones(SMOOTH) / SMOOTH
    density = np.convolve(np.convolve(counts, kernel, "same"), kernel, "same")
    left = np.maximum.accumulate(density)
    right = np.maximum.accumulate(density[::-1])[::-1]
    lower_peak = np.minimum(left, right)
    deep = (density < VALLEY * lower_peak) & (lower_peak > LOWEST_PEAK * density.max())
    return bool(deep.any())
