"""Several effects of one study combined into one before pooling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import (
    FloatArray,
    effects_and_variances,
    labels_of,
    refuse_positions,
)

__all__ = ["AggregatedEffects", "aggregate"]


@dataclass(frozen=True, slots=True)
class AggregatedEffects:
    """One effect per study, in the order in which the studies first appear.

    Attributes
    ----------
    study
        Study labels, S of them.
    yi, vi
        Combined effects and their sampling variances, (S,).
    n_effects
        How many effects went into each, (S,).
    """

    study: tuple[object, ...]
    yi: FloatArray
    vi: FloatArray
    n_effects: npt.NDArray[np.int64]


def aggregate(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: Sequence[object] | npt.NDArray[np.generic],
    rho: float = 0.6,
    *,
    weighted: bool = True,
) -> AggregatedEffects:
    """Combine the effects of each study, taking them as correlated by `rho`.

    Same as metafor 3.8 `aggregate(escalc, cluster=study, struct="CS", rho=rho)`: sampling errors
    of one study have compound symmetry, cov = rho * sqrt(vi vj). The sums are written out with the
    closed inverse of that matrix, so effort is linear in the number of effects.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    study
        Study of each effect, (K,); any hashable labels.
    rho
        Correlation of sampling errors within a study, from 0 to 1.
    weighted
        True (metafor's default): generalised least squares, the most precise combination, in which
        a weight can be negative when variances differ much and rho is high. False: plain mean.

    Raises
    ------
    PoolingError
        If effects or variances are unusable (naming positions), rho is outside 0 to 1, or rho = 1
        with `weighted` and a study of several effects (its matrix cannot be inverted).
    """
    effects, variances = effects_and_variances(yi, vi)
    labels = labels_of(study, effects.size, "study")
    if not 0.0 <= rho <= 1.0:
        raise PoolingError(f"rho {rho!r} is not a correlation between 0 and 1")
    order = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    index = np.array([order[label] for label in labels], dtype=np.intp)
    size = np.bincount(index)
    if weighted and rho == 1.0 and (size > 1).any():
        raise PoolingError("rho = 1 leaves nothing to weigh: take rho < 1 or weighted=False")
    combine = _generalised_mean if weighted else _plain_mean
    mean, variance = combine(effects, variances, index, size, rho)
    # Rounding can push a variance past zero only when rho is within 1e-15 of 1.
    refuse_positions(~(variance > 0.0), "rho leaves no positive variance: study")
    return AggregatedEffects(tuple(order), mean, variance, size.astype(np.int64))


def _generalised_mean(
    yi: FloatArray,
    vi: FloatArray,
    index: npt.NDArray[np.intp],
    size: npt.NDArray[np.intp],
    rho: float,
) -> tuple[FloatArray, FloatArray]:
    # V = D R D with R = (1 - rho) I + rho J, so 1'V⁻¹x = a'R⁻¹(a x) with a = 1 / sqrt(vi) and
    # R⁻¹ = (I - c J) / (1 - rho), c = rho / (1 + (n - 1) rho). A study of one effect is untouched.
    inverse_sd = 1.0 / np.sqrt(vi)
    share = rho / (1.0 + (size - 1) * rho)
    root = np.bincount(index, inverse_sd)
    precision = np.bincount(index, inverse_sd**2) - share * root**2
    sum_ay = np.bincount(index, inverse_sd * yi)
    product = np.bincount(index, inverse_sd**2 * yi) - share * root * sum_ay
    several = size > 1
    first = np.zeros(size.size, dtype=np.intp)
    first[index[::-1]] = np.arange(index.size - 1, -1, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(several, product / precision, yi[first])
        variance = np.where(several, (1.0 - rho) / precision, vi[first])
    return mean, variance


def _plain_mean(
    yi: FloatArray,
    vi: FloatArray,
    index: npt.NDArray[np.intp],
    size: npt.NDArray[np.intp],
    rho: float,
) -> tuple[FloatArray, FloatArray]:
    mean = np.bincount(index, yi) / size
    total = (1.0 - rho) * np.bincount(index, vi) + rho * np.bincount(index, np.sqrt(vi)) ** 2
    return mean, total / size**2
