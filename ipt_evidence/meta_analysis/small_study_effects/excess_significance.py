"""Whether more results are significant than the studies' power allows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies, heterogeneous

__all__ = ["ExcessSignificance", "excess_significance"]


@dataclass(frozen=True, slots=True)
class ExcessSignificance:
    """Observed and expected number of significant studies, with one-sided p values.

    Attributes
    ----------
    observed, expected
        Studies with two-sided p <= alpha, and the sum of their power for the effect `theta`.
    p_exact
        P(observed or more) when each study is significant with its own power.
    chi2, p_chi2
        The chi-squared form of Ioannidis & Trikalinos; None when expected is 0 or K.
    power
        Of each study, (K,).
    """

    k: int
    observed: int
    expected: float
    p_exact: float
    chi2: float | None
    p_chi2: float | None
    theta: float
    alpha: float
    power: tuple[float, ...]
    cautions: tuple[str, ...]


def excess_significance(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, alpha: float = 0.05, theta: float | None = None
) -> ExcessSignificance:
    """Test of excess significance, Ioannidis & Trikalinos (2007) doi:10.1177/1740774507077441.

    As metafor `tes()`, whose exact test follows Francis (2013) doi:10.1016/j.jmp.2013.02.003.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    alpha
        Two-sided significance level of each study.
    theta
        True effect for which power is computed; the common-effect estimate by default.

    Raises
    ------
    PoolingError
        If effects are unusable or alpha is outside 0 to 1.
    """
    effects, variances = effects_and_variances(yi, vi)
    if not 0.0 < alpha < 1.0:
        raise PoolingError(f"alpha {alpha!r} is not between 0 and 1")
    if theta is None:
        weights = 1.0 / variances
        theta = float(weights @ effects) / float(weights.sum())
    k, se = effects.size, np.sqrt(variances)
    crit = -distributions.normal_quantile(alpha / 2.0)
    observed = int((np.abs(effects / se) >= crit).sum())
    power = np.asarray(special.ndtr(theta / se - crit) + special.ndtr(-theta / se - crit))
    expected = float(power.sum())
    chi2 = p_chi2 = None
    if 0.0 < expected < k:
        chi2 = (observed - expected) ** 2 * (1.0 / expected + 1.0 / (k - expected))
        p_chi2 = distributions.normal_cdf(-math.copysign(math.sqrt(chi2), observed - expected))
    return ExcessSignificance(
        k=k,
        observed=observed,
        expected=expected,
        p_exact=float(_successes(power)[observed:].sum()),
        chi2=chi2,
        p_chi2=p_chi2,
        theta=theta,
        alpha=alpha,
        power=tuple(power.tolist()),
        cautions=few_studies(k) + heterogeneous(effects, variances) if k > 1 else few_studies(k),
    )


def _successes(power: FloatArray) -> FloatArray:
    """Distribution of the number of significant studies, (K + 1,): Poisson-binomial."""
    chance = np.ones(1)
    for p in power:
        chance = np.append(chance * (1.0 - p), 0.0) + np.append(0.0, chance * p)
    return chance
