"""Do small trials show other effects than large ones? What a funnel plot needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipt_evidence.analyses.sensitivity.result import MIN_STUDIES_ASYMMETRY
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import EggerTest, egger_test
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import TrimAndFill, trim_and_fill

__all__ = ["Funnel", "funnel"]


@dataclass(frozen=True, slots=True)
class Funnel:
    """The funnel of an estimate.

    Attributes
    ----------
    k
        Trials.
    egger, filled
        Egger's test, and the trials that trim and fill adds; None where they cannot be had.
    enough
        Whether there are enough trials to tell chance from asymmetry.
    below_05, from_05_to_10
        Trials whose own two-sided p (normal) is below .05, and those from .05 to below .10.
    reason
        Why there is no test; empty otherwise.
    """

    k: int
    egger: EggerTest | None
    filled: TrimAndFill | None
    below_05: int
    from_05_to_10: int
    reason: str = ""

    @property
    def enough(self) -> bool:
        """Whether there are enough trials to tell chance from asymmetry (ten)."""
        return self.k >= MIN_STUDIES_ASYMMETRY


def funnel(answer: Estimate) -> Funnel:
    """Test the funnel of ``answer`` and count its trials by their own p values."""
    yi, vi = answer.trials["yi"].to_numpy(float), answer.trials["vi"].to_numpy(float)
    stat = np.abs(yi / np.sqrt(vi)) if yi.size else np.array([])
    strict, loose = (distributions.critical_value(level, None) for level in (95.0, 90.0))
    counts = int((stat > strict).sum()), int(((stat > loose) & (stat <= strict)).sum())
    egger, filled, reason = None, None, ""
    try:
        egger = egger_test(yi, vi, level=answer.model.level)
    except PoolingError as err:
        reason = str(err)
    try:
        filled = trim_and_fill(
            yi, vi, method=answer.model.method, test=answer.model.test, level=answer.model.level
        )
    except PoolingError as err:
        reason = reason or str(err)
    return Funnel(answer.k, egger, filled, *counts, reason)
