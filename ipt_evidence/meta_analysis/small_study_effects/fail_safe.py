"""Fail-safe N: how many null studies would undo the finding? Shown for history, not for advice.

Becker (2005) doi:10.1002/0470870168.ch7 and the Cochrane Handbook (13.3.5) advise against it: it
takes unpublished studies to average zero, ignores heterogeneity and has no distribution theory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import effects_and_variances

__all__ = ["FailSafeN", "fail_safe_n"]

CAUTION = (
    "fail-safe N ignores heterogeneity and assumes that missing studies average zero: do not base "
    "a conclusion on it (Becker 2005, doi:10.1002/0470870168.ch7)"
)


@dataclass(frozen=True, slots=True)
class FailSafeN:
    """Number of studies averaging zero that would make the result non-significant, or trivial.

    `orwin` counts the studies that would pull the plain mean down to `trivial_effect`; None when
    the mean has the other sign.
    """

    k: int
    rosenthal: int
    rosenberg: int
    orwin: int | None
    trivial_effect: float
    alpha: float
    cautions: tuple[str, ...]


def fail_safe_n(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, alpha: float = 0.05, trivial_effect: float = 0.2
) -> FailSafeN:
    """Rosenthal (1979), Rosenberg (2005) and Orwin (1983) fail-safe numbers, as metafor `fsn()`.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    alpha
        One-sided for Rosenthal, two-sided for Rosenberg, as their authors.
    trivial_effect
        Smallest mean of interest for Orwin, in units of yi, above 0.

    Raises
    ------
    PoolingError
        If effects are unusable, alpha is outside 0 to 0.5 or `trivial_effect` is not positive.
    """
    effects, variances = effects_and_variances(yi, vi)
    if not 0.0 < alpha < 0.5:
        raise PoolingError(f"alpha {alpha!r} is not between 0 and 0.5")
    if not trivial_effect > 0.0:
        raise PoolingError(f"trivial_effect {trivial_effect!r} is not above 0")
    k = effects.size
    z_sum = float(np.sum(effects / np.sqrt(variances)))
    rosenthal = (z_sum / distributions.normal_quantile(alpha)) ** 2 - k
    weights = 1.0 / variances
    total = float(weights.sum())
    pulled = (float(weights @ effects) / distributions.normal_quantile(alpha / 2.0)) ** 2 - total
    mean = float(effects.mean())
    orwin = math.ceil(max(0.0, k * (mean - trivial_effect) / trivial_effect))
    return FailSafeN(
        k=k,
        rosenthal=math.ceil(max(0.0, rosenthal)),
        rosenberg=math.ceil(max(0.0, k * pulled / total)),
        orwin=orwin if mean > 0.0 else None,
        trivial_effect=trivial_effect,
        alpha=alpha,
        cautions=(CAUTION,),
    )
