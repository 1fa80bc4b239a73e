"""GOSH: the pooled effect of every subset of studies, to see whether one number hides two stories.

Olkin, Dahabreh & Trikalinos (2012) doi:10.1002/jrsm.1053.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    parts = [
        _pool_block(effects / unit**0.5, variances / unit, block, method)
        for block in _blocks(present)
    ]
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
    numbers = np.arange(1, 2**k, dtype=np.int64)
    return np.asarray((numbers[:, None] >> np.arange(k)) & 1, dtype=np.bool_)


def _sample(k: int, size: int, seed: int) -> npt.NDArray[np.bool_]:
    rng = np.random.default_rng(seed)
    present = rng.random((size, k)) < 0.5
    empty = ~present.any(axis=1)
    while empty.any():
        present[empty] = rng.random((int(empty.sum()), k)) < 0.5
        empty = ~present.any(axis=1)
    return present


def _blocks(present: npt.NDArray[np.bool_]) -> Iterator[FloatArray]:
    for start in range(0, present.shape[0], BLOCK):
        yield present[start : start + BLOCK].astype(np.float64)


def _pool_block(
    yi: FloatArray, vi: FloatArray, present: FloatArray, method: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
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
