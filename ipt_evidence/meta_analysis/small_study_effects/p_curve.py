"""p-curve: whether significant p values look like those of true effects."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.small_study_effects.cautions import heterogeneous

__all__ = ["PCurve", "p_curve"]

ALPHA = 0.05
HALF_ALPHA = 0.025
LOW_POWER = 1.0 / 3.0  # a curve flatter than this power implies speaks against evidence
MIN_SIGNIFICANT = 3
POWER_RANGE = (0.05 + 1e-9, 0.99)


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


def p_curve(yi: npt.ArrayLike, vi: npt.ArrayLike) -> PCurve:
    """p-curve on the z statistics yi / sqrt(vi).

    Simonsohn, Nelson & Simmons (2014) doi:10.1037/a0033242 with the Stouffer tests of 2015. It
    asks whether the significant results as a set hold evidence; it does not correct an effect.

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
    cautions = heterogeneous(effects, variances) if k > 1 else ()
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
    """Mean of z at which a two-sided test at .05 has this power, by halving."""
    crit = -distributions.normal_quantile(ALPHA / 2.0)
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        reached = distributions.normal_cdf(middle - crit) + distributions.normal_cdf(-middle - crit)
        low, high = (middle, high) if reached < power else (low, middle)
    return 0.5 * (low + high)


def _average_power(z: FloatArray) -> float:
    low, high = POWER_RANGE
    if _power_misfit(z, low) > 0.0:
        return low
    if _power_misfit(z, high) < 0.0:
        return high
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _power_misfit(z, middle) > 0.0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)
