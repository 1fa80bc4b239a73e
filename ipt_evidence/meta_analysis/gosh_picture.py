"""A GOSH result as a picture: subsets counted in cells, so that a million of them can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.gosh import Gosh
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["GoshPicture", "gosh_picture"]

# From so many subsets on, so many columns and rows: few subsets in many cells are dust.
GRIDS = ((20_000, 96, 48), (4_000, 64, 36), (0, 40, 24))
TAILS, BEYOND = 0.05, 0.35  # percent of the subsets, and share of the width between, see below


@dataclass(frozen=True, slots=True)
class GoshPicture:
    """Subsets of two or more studies, counted by estimate and I².

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
    side, so that one odd pair of studies does not squeeze the rest; what lies further out is
    counted in the last cells.

    Raises
    ------
    PoolingError
        If `position` is not one of the studies.
    """
    if position is not None and not 0 <= position < found.present.shape[1]:
        raise PoolingError(f"there is no study {position!r}: count from 0")
    several = found.k >= 2
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
