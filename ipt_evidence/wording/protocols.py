"""The shape of a pooled result, as far as words, tables and figures need to know it."""

from __future__ import annotations

import math
from typing import Protocol

from ipt_evidence.meta_analysis.models import PooledEffect

__all__ = ["MIN_TRIALS_PREDICTION", "PooledLike", "SummaryLike", "prediction_interval"]

# Fewer trials say nothing of how much effects vary; Higgins, Thompson & Spiegelhalter (2009)
# doi:10.1111/j.1467-985X.2008.00552.x
MIN_TRIALS_PREDICTION = 3


class SummaryLike(Protocol):
    """A pooled effect of some trials with its interval; positive favours IPT."""

    @property
    def k(self) -> int:
        """Trials pooled."""

    @property
    def estimate(self) -> float:
        """Pooled effect, Hedges g."""

    @property
    def ci_lower(self) -> float:
        """Lower end of the confidence interval."""

    @property
    def ci_upper(self) -> float:
        """Upper end of the confidence interval."""


PooledLike = PooledEffect
"""A pooled effect in standard deviations; positive favours IPT."""


def prediction_interval(pooled: PooledLike) -> tuple[float, float] | None:
    """Give the prediction interval that may be shown: finite, and from three trials or more."""
    lower, upper = pooled.pi_lower, pooled.pi_upper
    if lower is None or upper is None or pooled.k < MIN_TRIALS_PREDICTION:
        return None
    return (lower, upper) if math.isfinite(lower) and math.isfinite(upper) else None
