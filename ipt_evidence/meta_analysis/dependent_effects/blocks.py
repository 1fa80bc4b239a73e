"""Covariance of effects that share a study: one block for each, never formed as a whole.

A block is diag((1 - rho) vi + within) + rho s s' + between 1 1' with s = sqrt(vi): a diagonal plus
two ones of rank one. Woodbury's identity then inverts it through a 2 x 2 matrix, so that every
operation is linear in the number of effects. Where sampling covariances are known one by one, as
those of arms compared with one and the same arm, each block is inverted as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Clusters", "Covariance"]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Effects sorted by study.

    Attributes
    ----------
    vi
        Sampling variances, (K,).
    index
        Study of each effect, (K,), ascending from 0.
    starts
        First effect of each study, (C,).
    rho
        Correlation of sampling errors within a study.
    sampling
        Known covariance of sampling errors, (K, K), in the place of `rho`; only that within studies
        counts. None where there is none.
    """

    vi: FloatArray
    index: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    rho: float
    sampling: FloatArray | None = None

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum rows of (K,) or (K, m) values within studies."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0), dtype=np.float64)

    def means(self, values: FloatArray) -> FloatArray:
        """Mean within studies of (K,) values, for each effect, (K,)."""
        return np.asarray((self.sums(values) / np.bincount(self.index))[self.index])

    def blocks(self, rows: npt.NDArray[np.intp], between: float, within: float) -> FloatArray:
        """Form the covariance matrices of studies with n effects each: rows (C, n), C x n x n."""
        vi = self.vi[rows]
        if self.sampling is not None:
            known = self.sampling[rows[:, :, None], rows[:, None, :]] + between
            return np.asarray(known + within * np.eye(vi.shape[1]), dtype=np.float64)
        sd = np.sqrt(vi)
        matrix = self.rho * (sd[:, :, None] * sd[:, None, :]) + between
        each = np.arange(vi.shape[1])
        matrix[:, each, each] += (1.0 - self.rho) * vi + within
        return np.asarray(matrix, dtype=np.float64)


class Covariance:
    """The inverse of all blocks for given variance components, ready to be applied."""

    __slots__ = (
        "_between_sd", "_clusters", "_inner", "_inverse", "_shared", "_whole", "log_determinant",
    )  # fmt: skip

    def __init__(self, clusters: Clusters, between: float, within: float) -> None:
        """Factor the blocks of `clusters` with variances `between` and `within` studies."""
        self._clusters = clusters
        self._whole: list[tuple[slice, FloatArray]] | None = None
        if clusters.sampling is not None:
            self._invert(clusters, between, within)
            return
        diagonal = (1.0 - clusters.rho) * clusters.vi + within
        self._inverse = 1.0 / diagonal
        self._shared = np.sqrt(clusters.rho * clusters.vi)
        self._between_sd = float(np.sqrt(between))
        a, b, c = self._cross(self._inverse)
        a, c = 1.0 + a, 1.0 + c
        determinant = a * c - b**2
        self._inner = (c / determinant, -b / determinant, a / determinant)
        self.log_determinant = float(np.log(diagonal).sum() + np.log(determinant).sum())

    def _invert(self, clusters: Clusters, between: float, within: float) -> None:
        ends = np.append(clusters.starts[1:], clusters.vi.size)
        self._whole, self.log_determinant = [], 0.0
        for start, end in zip(clusters.starts.tolist(), ends.tolist(), strict=True):
            block = clusters.blocks(np.arange(start, end)[None, :], between, within)[0]
            sign, height = np.linalg.slogdet(block)
            if sign <= 0.0:
                raise PoolingError(
                    f"the covariances of effects {start + 1} to {end} (sorted by study) contradict "
                    "their variances: no sampling errors have them"
                )
            self.log_determinant += float(height)
            self._whole.append((slice(start, end), np.linalg.inv(block)))

    def _cross(self, weights: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """U' diag(weights) U for each study, U = [shared, between_sd]."""
        sums = self._clusters.sums
        shared, sd = self._shared, self._between_sd
        return sums(weights * shared**2), sd * sums(weights * shared), sd**2 * sums(weights)

    def solve(self, values: FloatArray) -> FloatArray:
        """Apply the inverse to (K,) or (K, m) values."""
        if self._whole is not None:
            parts = [inverse @ values[rows] for rows, inverse in self._whole]
            return np.asarray(np.concatenate(parts), dtype=np.float64)
        flat = values.ndim == 1
        scaled = self._inverse[:, None] * (values[:, None] if flat else values)
        first = self._clusters.sums(self._shared[:, None] * scaled)
        second = self._between_sd * self._clusters.sums(scaled)
        p, q, r = (part[:, None] for part in self._inner)
        index = self._clusters.index
        correction = self._shared[:, None] * (p * first + q * second)[index]
        correction += self._between_sd * (q * first + r * second)[index]
        solved = scaled - self._inverse[:, None] * correction
        return np.asarray(solved[:, 0] if flat else solved, dtype=np.float64)

    def trace_of_inverse(self) -> float:
        """Sum of the diagonal of the inverse."""
        if self._whole is not None:
            return float(sum(np.trace(inverse) for _, inverse in self._whole))
        a, b, c = self._cross(self._inverse**2)
        p, q, r = self._inner
        return float(self._inverse.sum() - (p * a + 2.0 * q * b + r * c).sum())
