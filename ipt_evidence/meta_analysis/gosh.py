"""GOSH: the pooled effect of every subset of studies, to see whether one number hides two stories.

Olkin, Dahabreh & Trikalinos (2012) doi:10.1002/jrsm.1053.
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

__all__ = ["Gosh", "gosh"]

MAX_SUBSETS = 65_536  # all subsets of 16 studies: a picture, and well under a second
LARGEST = 2_000_000  # more would not fit beside a page; metafor stops at a million
BLOCK = 1 << 14  # subsets at once: work arrays of some megabytes
MOMENT_METHODS = (*COMMON_EFFECT_METHODS, "DL")
MOMENT_SPREAD = 1e4  # largest to smallest variance up to which differences of sums keep 10 digits


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
    """

    present: npt.NDArray[np.bool_]
    k: npt.NDArray[np.int64]
    estimate: FloatArray
    tau2: FloatArray
    i2: FloatArray
    exhaustive: bool
    method: str
    seed: int | None


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
