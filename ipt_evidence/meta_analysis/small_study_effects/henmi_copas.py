"""Interval of Henmi & Copas (2010) doi:10.1002/sim.4029: wide enough when small studies are biased.

The estimate weights studies by their precision alone, which gives small ones no more than they
deserve; the interval allows for the variance between studies all the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial.legendre import leggauss
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.heterogeneity import tau2_of
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.linear_model import Mean
from ipt_evidence.meta_analysis.roots import root_between
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies

__all__ = ["henmi_copas"]

FARTHEST = 9.0  # where the normal density is below 1e-18
NODES, NODE_WEIGHTS = leggauss(160)  # of the integral from the reach to there
NEAREST, WIDEST = 1e-6, 8.9  # between which the half-width lies, in standard errors


@dataclass(frozen=True, slots=True)
class HenmiCopas:
    """Common-effect estimate with an interval that allows for heterogeneity (DL).

    `se` is the standard error of the estimate under the random-effects model; the interval is
    wider than its normal one, because tau² is estimated.
    """

    k: int
    adjusted: float
    se: float
    ci_lower: float
    ci_upper: float
    tau2: float
    level: float
    cautions: tuple[str, ...]


def henmi_copas(yi: npt.ArrayLike, vi: npt.ArrayLike, *, level: float = 95.0) -> HenmiCopas:
    """Henmi and Copas' estimate and interval, as metafor `hc(rma(yi, vi))`.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,), K >= 2.
    level
        Percent of the interval.

    Raises
    ------
    PoolingError
        If fewer than 2 or unusable effects are given.
    """
    effects, variances = effects_and_variances(yi, vi, least=2)
    weights = 1.0 / variances
    total = float(weights.sum())
    share = weights / total
    estimate = float(share @ effects)
    # Moments of the weights, in units in which the common-effect variance is 1.
    second, third, fourth = (float(share @ share**power) for power in (1, 2, 3))
    tau2 = tau2_of(Mean(effects - effects[variances.argmin()], variances), "DL") * total
    if not 1.0 - second > 0.0:
        raise PoolingError("one study outweighs all others: there is nothing to allow for")
    pivot = _Pivot(effects.size, tau2, second, third, fourth)
    reach = pivot.quantile(distributions.tail_probability(level))
    scale = math.sqrt(1.0 / total)
    se, half = pivot.sd * scale, reach * pivot.sd * pivot.sd * scale
    return HenmiCopas(
        effects.size,
        estimate,
        se,
        estimate - half,
        estimate + half,
        tau2 / total,
        level,
        few_studies(effects.size),
    )


@dataclass(frozen=True, slots=True)
class _Pivot:
    """Joint distribution of the standardised estimate R and of Q, by which tau² is estimated.

    Q given R has about the gamma distribution of its first two moments. `tau2` is in units of the
    common-effect variance, `second` to `fourth` are sums of powers of the weights' shares.
    """

    k: int
    tau2: float
    second: float
    third: float
    fourth: float

    @property
    def sd(self) -> float:
        """Standard deviation of the estimate."""
        return math.sqrt(1.0 + self.tau2 * self.second)

    def tail(self, reach: float) -> float:
        """Probability that the estimate lies more than `reach` estimated errors above."""
        half = 0.5 * (FARTHEST - reach)
        r = reach + half * (NODES + 1.0)
        mean, variance = self._moments(r * r)
        if not (variance > 0.0).all():
            return math.nan
        allowed = (1.0 / self.second - 1.0) * ((r / reach) ** 2 - 1.0) + self.k - 1.0
        below = special.gammainc(mean**2 / variance, allowed * mean / variance)
        return float(half * (NODE_WEIGHTS @ (below * np.exp(-0.5 * r * r)))) / math.sqrt(
            2.0 * math.pi
        )

    def _moments(self, square: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of Q for standardised estimates with these squares."""
        t, s2, s3, s4 = self.tau2, self.second, self.third, self.fourth
        v = 1.0 + t * s2
        excess = (square - 1.0) / v  # (r²/V² - 1/V) with r = R sqrt(V)
        a, b, c = 1.0 - s2, s3 - s2 * s2, s4 - 2.0 * s2 * s3 + s2**3
        mean = self.k - 1.0 + t * a + t * t * excess * b
        fixed = 2.0 * (self.k - 1.0) + 4.0 * t * a + 2.0 * t * t * (s2 - 2.0 * s3 + s2 * s2)
        moving = 4.0 * t * t * excess * (b + t * c)
        moving += 2.0 * t**4 * (1.0 - 2.0 * square) / (v * v) * b * b
        return mean, fixed + moving

    def quantile(self, probability: float) -> float:
        """Return the reach whose `tail` has this probability."""
        inside, outside = (self.tail(reach) - probability for reach in (NEAREST, WIDEST))
        if not (inside > 0.0 > outside):  # nor where rounding leaves no number
            raise PoolingError(
                "the effects or their precisions differ so much that no interval can be had"
            )
        return root_between(lambda reach: self.tail(reach) - probability, NEAREST, WIDEST, 1e-12)
