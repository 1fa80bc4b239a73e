"""How far reviews rest on the same studies: the covered area and its correction.

Pieper, Antoine, Mathes, Neugebauer & Eikermann (2014) doi:10.1016/j.jclinepi.2013.11.007. Cells
that cannot be filled, for instance because a study is younger than a review, may be left out of
what is possible: Bougioukas et al. (2021) doi:10.1016/j.jclinepi.2020.12.004, the R package ccaR.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError

__all__ = ["CoveredArea", "covered_area", "pairwise_overlap"]


@dataclass(frozen=True, slots=True)
class CoveredArea:
    """How far several reviews cover the same studies.

    `reviews` (c), `studies` (r, each counted once) and `included` (N, each as often as a review
    holds it). `share` is N / (r c), the covered area; `corrected` the corrected covered area:
    (N - r) / (r c - r), from 0, no study is in two reviews, to 1, every review holds every study.
    `impossible` cells were taken from what is possible. None where there is nothing to
    compare: fewer than two reviews, or no cell left that could repeat a study.
    """

    reviews: int
    studies: int
    included: int
    impossible: int
    share: float | None
    corrected: float | None


def covered_area(included: npt.ArrayLike, possible: npt.ArrayLike | None = None) -> CoveredArea:
    """The covered area of a table of studies by reviews.

    Parameters
    ----------
    included
        Shape (studies, reviews), true where the review holds the study. A study that no review
        holds does not count.
    possible
        Same shape, false where the review could not hold the study; all can where not given.

    Raises
    ------
    PoolingError
        When a table has another shape, or a review holds a study that it could not hold.
    """
    held, can = _tables(included, possible)
    any_review = held.any(axis=1)
    held, can = held[any_review], can[any_review]
    studies, reviews = held.shape
    total, impossible = int(held.sum()), int((~can).sum())
    cells = studies * reviews - impossible
    repeats = cells - studies
    return CoveredArea(
        reviews=reviews,
        studies=studies,
        included=total,
        impossible=impossible,
        share=total / cells if cells else None,
        corrected=(total - studies) / repeats if repeats > 0 else None,
    )


def pairwise_overlap(
    included: npt.ArrayLike, possible: npt.ArrayLike | None = None
) -> npt.NDArray[np.float64]:
    """The corrected covered area of each two reviews, shape (reviews, reviews), symmetric.

    For two reviews it is the studies that both hold over those that either holds. 1 on the
    diagonal, missing for a review that holds none and where nothing could be shared. Arguments
    and errors as `covered_area`.
    """
    held, can = _tables(included, possible)
    reviews = held.shape[1]
    found = np.full((reviews, reviews), np.nan)
    for a in range(reviews):
        found[a, a] = 1.0 if held[:, a].any() else np.nan
        for b in range(a):
            pair = [a, b]
            if held[:, a].any() and held[:, b].any():
                area = covered_area(held[:, pair], can[:, pair]).corrected
                found[a, b] = found[b, a] = np.nan if area is None else area
    return found


def _tables(
    included: npt.ArrayLike, possible: npt.ArrayLike | None
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    held = np.asarray(included)
    if held.ndim != 2:
        raise PoolingError(
            f"Overlap needs a table of studies by reviews; this one has shape {held.shape}"
        )
    held = held.astype(bool)
    can = np.ones_like(held) if possible is None else np.asarray(possible).astype(bool)
    if can.shape != held.shape:
        raise PoolingError(
            f"possible has shape {can.shape}, but the table of studies by reviews {held.shape}"
        )
    wrong = np.argwhere(held & ~can)
    if len(wrong):
        study, review = (int(place) for place in wrong[0])
        raise PoolingError(
            f"review {review} holds study {study}, which possible says it cannot hold"
        )
    return held, can
