"""When not to believe a test or correction for small-study effects.

No method here proves publication bias: small trials may differ in population or quality, and all
of these methods err when true effects differ much or trials are few.
"""

from __future__ import annotations

from ipt_evidence.meta_analysis.estimators import Samples, estimate_tau2
from ipt_evidence.meta_analysis.heterogeneity import typical_variance
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["MIN_STUDIES", "few_studies", "heterogeneous", "like_precision"]

# Sterne et al. (2011) BMJ 343:d4002 doi:10.1136/bmj.d4002: with fewer, power is too low to tell
# chance from real asymmetry.
MIN_STUDIES = 10
HIGH_I2 = 50.0  # Ioannidis & Trikalinos (2007) doi:10.1503/cmaj.060410; Terrin et al. (2003)
LIKE_PRECISION = 4.0  # largest to smallest variance: Ioannidis & Trikalinos (2007)


def few_studies(k: int) -> tuple[str, ...]:
    """Caution against fewer than 10 studies."""
    if k >= MIN_STUDIES:
        return ()
    return (
        f"{k} studies: with fewer than {MIN_STUDIES} chance cannot be told from asymmetry "
        "(Sterne et al. 2011, doi:10.1136/bmj.d4002)",
    )


def heterogeneous(yi: FloatArray, vi: FloatArray) -> tuple[str, ...]:
    """Caution against I² of 50 % or more (REML)."""
    typical = typical_variance(vi)
    sample = Samples.of((yi / typical**0.5)[None], (vi / typical)[None])
    tau2 = float(estimate_tau2(sample, "REML")[0])
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
