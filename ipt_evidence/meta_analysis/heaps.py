"""Heaps in a GOSH picture: whether the subsets fall apart, and which studies decide on the side.

Olkin, Dahabreh & Trikalinos (2012) doi:10.1002/jrsm.1053 look for such heaps by eye. Here k-means
(SciPy) splits the subsets in two by estimate and I², both in units of their spread, starting from
both ends of the estimates. The split counts as heaps only when the centres lie a spread or more
apart and the smoothed density of the estimates has a valley: it falls between two peaks to less
than four fifths of the lower one. (I² would mislead here: many subsets pile up at 0.) A study
drives the heaps when subsets with it lie in one far more often than subsets without. The rules are
ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.meta_analysis.gosh import Gosh
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Heaps", "Pull", "find_heaps", "pulls"]

AT_MOST = 20_000  # subsets looked at: more change nothing
LEAST = 50  # subsets, below which a density means nothing
BINS, SMOOTH = 48, 3  # of the density; neighbours that are averaged
VALLEY = 0.8  # of the lower peak
LOWEST_PEAK = 0.1  # of the higher peak: a lesser one is a tail
DRIVES = 50.0  # percentage points between the shares with and without a study


@dataclass(frozen=True, slots=True)
class Pull:
    """What one study does to the subsets that hold it.

    `shift` and `i2_shift` are the mean estimate and I² of subsets with it less those without;
    `upper` is by how many percentage points more often subsets with it lie in the upper heap (0
    when there are no heaps).
    """

    position: int
    shift: float
    i2_shift: float
    upper: float


@dataclass(frozen=True, slots=True)
class Heaps:
    """Two heaps of subsets, or one.

    Attributes
    ----------
    apart
        True when there are two.
    lower, upper
        Mean estimate of each heap, and `share` the percent of subsets in the upper one; all None
        when there is one heap.
    drivers
        Positions of the studies that decide on which side a subset lies, the strongest first.
    pulls
        For each study, in the order given.
    """

    apart: bool
    lower: float | None
    upper: float | None
    share: float | None
    drivers: tuple[int, ...]
    pulls: tuple[Pull, ...]


def find_heaps(found: Gosh) -> Heaps:
    """Look for two heaps among the subsets of two or more studies."""
    several = np.flatnonzero(found.k >= 2)
    if several.size > AT_MOST:
        # Evenly spread over all subsets, so that every study keeps its share.
        rng = np.random.default_rng(20240501)
        several = np.sort(rng.choice(several, AT_MOST, replace=False))
    estimate, i2 = found.estimate[several], found.i2[several]
    present = found.present[several]
    upper = _split(estimate, i2) if several.size >= LEAST else None
    found_pulls = pulls(present, estimate, i2, upper)
    if upper is None:
        return Heaps(False, None, None, None, (), found_pulls)
    drivers = sorted(
        (pull for pull in found_pulls if abs(pull.upper) >= DRIVES),
        key=lambda pull: -abs(pull.upper),
    )
    return Heaps(
        True,
        float(estimate[~upper].mean()),
        float(estimate[upper].mean()),
        100.0 * float(upper.mean()),
        tuple(pull.position for pull in drivers),
        found_pulls,
    )


def pulls(
    present: npt.NDArray[np.bool_],
    estimate: FloatArray,
    i2: FloatArray,
    upper: npt.NDArray[np.bool_] | None = None,
) -> tuple[Pull, ...]:
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
        Pull(i, float(row[0]), float(row[1]), 0.0 if upper is None else float(row[2]))
        for i, row in enumerate(gap)
    )


def _split(estimate: FloatArray, i2: FloatArray) -> npt.NDArray[np.bool_] | None:
    """Which subsets lie in the upper heap; None when there is only one heap."""
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
