"""What methods for small-study effects share: when not to believe them, and adjusted effects.

No method here proves publication bias: small trials may differ in population or quality, and all
of these methods err when true effects differ much or trials are few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.meta_analysis.heterogeneity import tau2_of, typical_variance
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.linear_model import Mean

__all__ = ["LEAST", "Adjusted", "Mask", "few_studies", "heterogeneous", "like_precision"]

LEAST = 3  # studies, below which no trend over precision can be had

# Sterne et al. (2011) BMJ 343:d4002 doi:10.1136/bmj.d4002: with fewer, power is too low to tell
# chance from real asymmetry.
MIN_STUDIES = 10
HIGH_I2 = 50.0  # Ioannidis & Trikalinos (2007) doi:10.1503/cmaj.060410; Terrin et al. (2003)
LIKE_PRECISION = 4.0  # largest to smallest variance: Ioannidis & Trikalinos (2007)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Adjusted effects of B meta-analyses with their intervals, (B,); NaN where there is none.

    Results of many at once carry no cautions: whoever takes many shows those of the one that is
    looked at.
    """

    estimate: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray

    @classmethod
    def of(cls, estimate: FloatArray, half: FloatArray, usable: Mask) -> Adjusted:
        """Interval of estimate ± half where an adjustment can be had."""
        centre = np.where(usable, estimate, np.nan)
        return cls(centre, centre - half, centre + half)


def few_studies(k: int) -> tuple[str, ...]:
    """Caution against fewer than 10 studies."""
    if k >= MIN_STUDIES:
        return ()
    return (
        f"{k} studies: with fewer than {MIN_STUDIES} chance cannot be distinguished from asymmetry "
        "(Sterne et al. 2011, doi:10.1136/bmj.d4002)",
    )


def heterogeneous(yi: FloatArray, vi: FloatArray) -> tuple[str, ...]:
    """Caution against I² of 50 % or more (REML)."""
    typical = typical_variance(vi)
    tau2 = tau2_of(Mean(yi / typical**0.5, vi / typical), "REML")
    i2 = 100.0 * tau2 / (1.0 + tau2)
    if i2 < HIGH_I2:
        return ()
    return (
        f"I² = {i2:.0f} %: differences between studies can pass for bias "
        "(Terrin et al. 2003, doi:10.1002/sim.1461)",
    )


def like_precision(vi: FloatArray) -> tuple[str, ...]:
    """Caution when no study is much more precise than another."""
    if float(vi.max() / vi.min()) > LIKE_PRECISION:
        return ()
    return (
        "the studies are of like precision: a funnel plot has nothing to compare "
        "(Ioannidis & Trikalinos 2007, doi:10.1503/cmaj.060410)",
    )
