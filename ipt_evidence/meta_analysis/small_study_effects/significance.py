"""What the significance of results says: p-curve, excess significance, and fail-safe N.

Fail-safe N asks how many null studies would undo the finding. It is shown for history, not for
advice: Becker (2005) doi:10.1002/0470870168.ch7 and the Cochrane Handbook (13.3.5) advise against
it, since it takes unpublished studies to average zero, ignores heterogeneity and has no
distribution theory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.roots import root_between
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies, heterogeneous

__all__ = ["excess_significance", "fail_safe_n", "p_curve"]

ALPHA = 0.05
HALF_ALPHA = 0.025
LOW_POWER = 1.0 / 3.0  # a curve flatter than this power implies speaks against evidence
MIN_SIGNIFICANT = 3
TOLERANCE = 1e-14  # of powers and of means of z
POWER_RANGE = (0.05 + 1e-9, 0.99)
NO_ADVICE = (
    "fail-safe N ignores heterogeneity and assumes that missing studies average zero: do not base "
    "a conclusion on it (Becker 2005, doi:10.1002/0470870168.ch7)"
)


@dataclass(frozen=True, slots=True)
class PCurve:
    """Shape of the distribution of significant p values; None where too few are significant.

    Attributes
    ----------
    k, significant, below_half
        Studies, those with two-sided p < .05, those with p < .025.
    z_full, p_full, z_half, p_half
        Stouffer test of right skew (evidential value) on the full and the half curve.
    z_flat, p_flat
        Test that the curve is flatter than with 33 % power.
    power
        Average power that fits the curve best, between .05 and .99.
    evidential_value, inadequate
        Verdicts of Simonsohn, Simmons & Nelson (2015) doi:10.1037/xge0000104.
    shares
        Percent of significant p values in (0, .01], ..., (.04, .05], for the picture.
    """

    k: int
    significant: int
    below_half: int
    z_full: float | None
    p_full: float | None
    z_half: float | None
    p_half: float | None
    z_flat: float | None
    p_flat: float | None
    power: float | None
    evidential_value: bool | None
    inadequate: bool | None
    shares: tuple[float, ...]
    cautions: tuple[str, ...]


CRITICISED = (
    "the statistical properties of p-curve's tests have been criticised (Morey & Davis-Stober "
    "2025): rest no conclusion on it alone"
)


def p_curve(yi: npt.ArrayLike, vi: npt.ArrayLike) -> PCurve:
    """p-curve on the z statistics yi / sqrt(vi).

    Simonsohn, Nelson & Simmons (2014) doi:10.1037/a0033242 with the Stouffer tests of 2015. It
    asks whether the significant results as a set hold evidence; it does not correct an effect.
    Morey & Davis-Stober (2025) criticise its statistical properties, which its cautions say.

    Raises
    ------
    PoolingError
        If effects are unusable.
    """
    effects, variances = effects_and_variances(yi, vi)
    z = np.abs(effects) / np.sqrt(variances)
    p = 2.0 * np.asarray(special.ndtr(-z))
    chosen, half = p < ALPHA, p < HALF_ALPHA
    counts = np.histogram(p[chosen], bins=np.linspace(0.0, ALPHA, 6))[0]
    shares = tuple((100.0 * counts / max(1, int(chosen.sum()))).tolist())
    k, n = effects.size, int(chosen.sum())
    cautions = (CRITICISED, *(heterogeneous(effects, variances) if k > 1 else ()))
    if n < MIN_SIGNIFICANT:
        cautions = (f"{n} significant studies are too few for a p-curve", *cautions)
        nothing = (None,) * 9
        return PCurve(k, n, int(half.sum()), *nothing, shares, cautions)
    full = _stouffer(p[chosen] / ALPHA)
    halved = _stouffer(p[half] / HALF_ALPHA) if half.any() else None
    flat = -_power_misfit(z[chosen], LOW_POWER)
    p_full, p_flat = distributions.normal_cdf(full), distributions.normal_cdf(flat)
    p_half = None if halved is None else distributions.normal_cdf(halved)
    right = p_half is not None and (p_half < 0.05 or (p_full < 0.1 and p_half < 0.1))
    return PCurve(
        k,
        n,
        int(half.sum()),
        full,
        p_full,
        halved,
        p_half,
        flat,
        p_flat,
        _average_power(z[chosen]),
        right,
        p_flat < 0.05,
        shares,
        cautions,
    )


def _stouffer(chance: FloatArray) -> float:
    """Sum of normal scores of probabilities over the root of their number."""
    scores = special.ndtri(np.clip(chance, 1e-300, 1.0 - 1e-16))
    return float(np.sum(scores)) / math.sqrt(chance.size)


def _power_misfit(z: FloatArray, power: float) -> float:
    """Stouffer z of how far the significant z lie below what studies of this power would show."""
    mean = _mean_for_power(power)
    chance = (special.ndtr(z - mean) - special.ndtr(-z - mean) - (1.0 - power)) / power
    return -_stouffer(np.asarray(chance))


def _mean_for_power(power: float) -> float:
    """Mean of z at which a two-sided test at .05 has this power."""
    crit = -distributions.normal_quantile(ALPHA / 2.0)

    def excess(mean: float) -> float:
        reached = distributions.normal_cdf(mean - crit) + distributions.normal_cdf(-mean - crit)
        return reached - power

    return root_between(excess, 0.0, 10.0, TOLERANCE)


def _average_power(z: FloatArray) -> float:
    low, high = POWER_RANGE
    if _power_misfit(z, low) > 0.0:
        return low
    if _power_misfit(z, high) < 0.0:
        return high
    return root_between(lambda power: _power_misfit(z, power), low, high, TOLERANCE)


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


@dataclass(frozen=True, slots=True)
class FailSafeN:
    """Number of studies averaging zero that would make the result non-significant, or trivial.

    `orwin` counts the studies that would bring the plain mean, of either sign, as near to zero as
    `trivial_effect`.
    """

    k: int
    rosenthal: int
    rosenberg: int
    orwin: int
    trivial_effect: float
    alpha: float
    cautions: tuple[str, ...]


def fail_safe_n(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, alpha: float = 0.05, trivial_effect: float = 0.2
) -> FailSafeN:
    """Rosenthal (1979), Rosenberg (2005) and Orwin (1983) fail-safe numbers, as metafor `fsn()`.

    Orwin's is that of the plain mean, as in metafor 3.8; since version 4 `fsn` weights the mean
    unless `weighted=FALSE`.

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
    surplus = (float(weights @ effects) / distributions.normal_quantile(alpha / 2.0)) ** 2 - total
    beyond = abs(math.fsum(effects)) / trivial_effect - k
    return FailSafeN(
        k=k,
        rosenthal=_whole(rosenthal),
        rosenberg=_whole(k * surplus / total),
        orwin=_whole(beyond),
        trivial_effect=trivial_effect,
        alpha=alpha,
        cautions=(NO_ADVICE,),
    )


def _whole(studies: float) -> int:
    """Fewest whole studies, not one more for a rounding error; 0 when none is needed."""
    nearest = round(studies)
    close = math.isclose(studies, nearest, rel_tol=1e-9, abs_tol=1e-9)
    return max(0, nearest if close else math.ceil(studies))
