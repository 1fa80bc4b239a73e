"""Do small trials show other effects than large ones? Tests of the funnel, and corrections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from ipt_evidence.analyses.alternative import Alternative, Interval, interval, tried
from ipt_evidence.cache import cached
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import EggerTest, egger_test
from ipt_evidence.meta_analysis.small_study_effects.limit import limit_meta_analysis
from ipt_evidence.meta_analysis.small_study_effects.pet_peese import pet_peese
from ipt_evidence.meta_analysis.small_study_effects.selection import selection_model
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import TrimAndFill, trim_and_fill

__all__ = [
    "CORRECTIONS",
    "MIN_STUDIES_ASYMMETRY",
    "Correction",
    "Funnel",
    "corrected",
    "funnel",
    "small_studies",
]

# Fewer: too little power to tell chance from asymmetry; Sterne et al. (2011)
# doi:10.1136/bmj.d4002. Corrections for small studies rest on the same pattern.
MIN_STUDIES_ASYMMETRY = 10

Effects = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Funnel:
    """The funnel of an estimate.

    Attributes
    ----------
    k
        Trials.
    egger, filled
        Egger's test, and the trials that trim and fill adds; None where they cannot be had.
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


@cached
def small_studies(base: EvidenceBase, view: View) -> Funnel:
    """The funnel of the estimate of ``view``."""
    return funnel(estimate_of(base, view))


def funnel(answer: Estimate) -> Funnel:
    """Test the funnel of ``answer`` and count its trials by their own p values."""
    yi, vi = answer.arrays
    stat = np.abs(yi / np.sqrt(vi)) if yi.size else np.array([])
    strict, loose = (distributions.critical_value(level, None) for level in (95.0, 90.0))
    counts = int((stat > strict).sum()), int(((stat > loose) & (stat <= strict)).sum())
    egger, filled, reason = None, None, ""
    try:
        egger = egger_test(yi, vi, level=answer.model.level)
    except PoolingError as err:
        reason = str(err)
    try:
        filled = trim_and_fill(yi, vi, **answer.model.settings)
    except PoolingError as err:
        reason = reason or str(err)
    return Funnel(answer.k, egger, filled, *counts, reason)


def _limit(yi: Effects, vi: Effects, level: float) -> Interval:
    fit = limit_meta_analysis(yi, vi, level=level)
    return fit.adjusted, fit.ci_lower, fit.ci_upper


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction for small-study effects.

    Attributes
    ----------
    label
        Its name for readers.
    fit
        Effects, variances and level in; estimate and interval out.
    meaning
        What it does in one sentence, where it stands among the other ways to answer a question;
        empty where it does not.
    """

    label: str
    fit: Callable[[Effects, Effects, float], Interval]
    meaning: str = ""


CORRECTIONS = {
    "trim_and_fill": Correction(
        "Trim and fill",
        lambda yi, vi, level: interval(trim_and_fill(yi, vi, level=level).adjusted),
        "Adds the mirror images of small trials that seem to be missing.",
    ),
    "pet_peese": Correction(
        "PET-PEESE",
        lambda yi, vi, level: interval(pet_peese(yi, vi, level=level).adjusted),
        "Predicts the effect of a very large trial from how effects shrink with size.",
    ),
    "selection": Correction(
        "Selection model",
        lambda yi, vi, level: interval(selection_model(yi, vi, level=level).adjusted),
        "Assumes that trials without a significant result are published less.",
    ),
    "limit": Correction("Limit meta-analysis", _limit),
}
"""Corrections for small-study effects by name: a new one is a row here."""


def corrected(answer: Estimate, names: Sequence[str] = tuple(CORRECTIONS)) -> list[Alternative]:
    """The estimate as each correction for small studies gives it; too few trials give none."""
    yi, vi = answer.arrays
    if answer.k < MIN_STUDIES_ASYMMETRY:
        note = f"Needs {MIN_STUDIES_ASYMMETRY} trials or more"
        return [Alternative(name, answer.k, note=note) for name in names]
    level = answer.model.level
    fits = {name: partial(CORRECTIONS[name].fit, yi, vi, level) for name in names}
    return [tried(name, answer.k, fit) for name, fit in fits.items()]
