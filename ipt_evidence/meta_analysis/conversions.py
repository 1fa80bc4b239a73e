"""Effect sizes from what papers report when means and SDs are missing.

Conventions (arm 1 minus arm 2, missing passes through, impossible input raises `EffectSizeError`
with positions) are those of `effect_sizes`. Formulas:
Borenstein et al. (2009), Introduction to Meta-Analysis, ch. 4 and 7 doi:10.1002/9780470743386, and
the Cochrane Handbook 6.5.2, with Hedges' exact correction J.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.meta_analysis.distributions import critical_value
from ipt_evidence.meta_analysis.effect_sizes import (
    EffectSizes,
    arm_arrays,
    corrected_smd,
    numeric_arrays,
    refuse_inputs,
    small_sample_correction,
    variance_from_interval,
)
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = [
    "fisher_z",
    "log_odds_from_share",
    "lopsided",
    "only_counts",
    "smd_from_change",
    "smd_from_f",
    "smd_from_interval",
    "smd_from_p",
    "smd_from_se",
    "smd_from_t",
    "z_from_p",
]

ROUNDING_SLACK = 1e-9  # a number halfway, like 12.5, may be rounded up or down
LOPSIDED, ROUNDED = 0.05, 0.01  # share of the width, and what two decimals leave, off the middle


def smd_from_t(t: npt.ArrayLike, n1: npt.ArrayLike, n2: npt.ArrayLike) -> EffectSizes:
    """Hedges g from the t of two independent groups: J t sqrt(1/n1 + 1/n2); t keeps its sign.

    Raises EffectSizeError if an arm has fewer than 2 people.
    """
    stat, a1, a2 = numeric_arrays(t=t, n1=n1, n2=n2)
    _refuse_small(a1, a2)
    return corrected_smd(stat * np.sqrt(1.0 / a1 + 1.0 / a2), a1, a2, "LS")


def smd_from_f(
    f: npt.ArrayLike, n1: npt.ArrayLike, n2: npt.ArrayLike, sign: npt.ArrayLike
) -> EffectSizes:
    """Hedges g from a one-way F with 1 numerator degree of freedom; F has lost the `sign` (±1).

    Not for the F of an analysis of covariance, whose error variance is smaller.

    Raises EffectSizeError if F is negative, `sign` is not ±1 or an arm has fewer than 2 people.
    """
    stat, direction = numeric_arrays(f=f, sign=sign)
    refuse_inputs(stat < 0.0, "F is negative")
    _refuse_sign(direction)
    return smd_from_t(direction * np.sqrt(stat), n1, n2)


def smd_from_p(
    p: npt.ArrayLike, n1: npt.ArrayLike, n2: npt.ArrayLike, sign: npt.ArrayLike
) -> EffectSizes:
    """Hedges g from the exact two-sided p of a t test, with the `sign` (±1) of the difference.

    A p given as "< .05" is an upper bound and must not be entered as if it were exact.

    Raises EffectSizeError if p is not between 0 and 1, `sign` is not ±1 or an arm is below 2.
    """
    chance, direction, a1, a2 = numeric_arrays(p=p, sign=sign, n1=n1, n2=n2)
    refuse_inputs((chance <= 0.0) | (chance > 1.0), "p is not above 0 and at most 1")
    _refuse_sign(direction)
    _refuse_small(a1, a2)
    t = -special.stdtrit(a1 + a2 - 2.0, chance / 2.0)
    return smd_from_t(direction * t, a1, a2)


def smd_from_se(yi: npt.ArrayLike, se: npt.ArrayLike) -> EffectSizes:
    """Take a reported standardised effect and its standard error as they are.

    Raises EffectSizeError if a standard error is not positive.
    """
    effect, error = numeric_arrays(yi=yi, se=se)
    refuse_inputs(error <= 0.0, "a standard error is not positive")
    return EffectSizes(effect, error**2)


def smd_from_interval(
    yi: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, level: float = 95.0
) -> EffectSizes:
    """Take a reported standardised effect with its normal interval of `level` percent.

    Raises EffectSizeError if an effect lies outside its interval or far from its middle, as that of
    a ratio does before it is logged, or the limits are not in order.
    """
    effect, low, high = numeric_arrays(yi=yi, lower=lower, upper=upper)
    refuse_inputs((effect < low) | (effect > high), "an effect lies outside its interval")
    refuse_inputs(
        lopsided(effect, low, high),
        "an effect is far from the middle of its interval: log ratios and their limits first",
    )
    return EffectSizes(effect, variance_from_interval(low, high, level))


def lopsided(yi: FloatArray, lower: FloatArray, upper: FloatArray) -> npt.NDArray[np.bool_]:
    """Which effects lie far from the middle of their interval, as ratios do before they are logged.

    Rounding to two decimals is allowed for. Missing values are not lopsided.
    """
    off = np.abs(yi - 0.5 * (lower + upper))
    return np.asarray(off > LOPSIDED * (upper - lower) + ROUNDED)


def smd_from_change(
    change1: npt.ArrayLike,
    sd_change1: npt.ArrayLike,
    n1: npt.ArrayLike,
    change2: npt.ArrayLike,
    sd_change2: npt.ArrayLike,
    n2: npt.ArrayLike,
    correlation: npt.ArrayLike,
) -> EffectSizes:
    """Hedges g from changes since baseline, in SDs of the scores and not of the changes.

    The pooled SD of changes is divided by sqrt(2 (1 - r)), where r is the `correlation` of baseline
    and endpoint scores, which must be known or varied; the variance has the factor 2 (1 - r) on its
    first part. Morris & DeShon (2002) doi:10.1037/1082-989X.7.1.105.

    Raises EffectSizeError if an SD is not positive, an arm is below 2, or r is not within (-1, 1).
    """
    m1, s1, a1, m2, s2, a2 = arm_arrays(change1, sd_change1, n1, change2, sd_change2, n2)
    (r,) = numeric_arrays(correlation=correlation)
    refuse_inputs(np.abs(r) >= 1.0, "a correlation is not between -1 and 1")
    factor = 2.0 * (1.0 - r)
    df = a1 + a2 - 2.0
    pooled = np.sqrt(((a1 - 1.0) * s1**2 + (a2 - 1.0) * s2**2) / df / factor)
    g = small_sample_correction(df) * (m1 - m2) / pooled
    return EffectSizes(g, factor * (1.0 / a1 + 1.0 / a2) + g**2 / (2.0 * (a1 + a2)))


def z_from_p(p: npt.ArrayLike) -> FloatArray:
    """|z| of a normal test from its exact two-sided p.

    Raises EffectSizeError if p is not above 0 and below 1.
    """
    (chance,) = numeric_arrays(p=p)
    refuse_inputs((chance <= 0.0) | (chance >= 1.0), "p is not above 0 and below 1")
    return np.asarray(-special.ndtri(chance / 2.0), dtype=np.float64)


def log_odds_from_share(
    share: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, level: float = 95.0
) -> EffectSizes:
    """Log odds of a share between 0 and 1, its variance from its interval by the delta method.

    The standard error of the share is half the width of its normal interval over the critical
    value; where the interval is cut off at 1, its lower half is taken. Divided by p (1 - p) it is
    that of the log odds. For shares that come from survival curves, of which nobody printed counts.

    Raises EffectSizeError unless 0 < lower < share < upper <= 1 and the share is below 1.
    """
    p, low, high = numeric_arrays(share=share, lower=lower, upper=upper)
    refuse_inputs((p >= 1.0) | (low <= 0.0) | (high > 1.0), "a share is not between 0 and 1")
    refuse_inputs((low >= p) | (high <= p), "a share lies outside its interval")
    width = np.where(high < 1.0, high - low, 2.0 * (p - low))
    se = width / (2.0 * critical_value(level, None)) / (p * (1.0 - p))
    return EffectSizes(np.log(p / (1.0 - p)), se**2)


def only_counts(
    shares: tuple[str, str], sizes: tuple[Collection[int], Collection[int]], p: str = ""
) -> tuple[tuple[int, int, int, int], ...]:
    """Every (events1, n1, events2, n2) that prints as these shares, with the chi-square p if given.

    A share and a p are given as printed, like "69.4" and ".028": they fit when they round to it.
    ``sizes`` are the numbers of people that either arm may have had. Counts are put together again
    only where this gives a single row. The p is Pearson's, without continuity correction.
    """
    first, second = (
        [
            (events, n)
            for n in counts
            for events in range(n + 1)
            if _prints(100.0 * events / n, text)
        ]
        for text, counts in zip(shares, sizes, strict=True)
    )
    pairs = ((*one, *other) for one in first for other in second)
    return tuple(pair for pair in pairs if not p or _prints(_chi_square_p(*pair), p))


def _prints(value: float, text: str) -> bool:
    """Whether a number rounds to what was printed, with as many decimals."""
    unit = 10.0 ** -len(text.partition(".")[2])
    return abs(value - float(text)) <= unit / 2.0 + ROUNDING_SLACK


def _chi_square_p(events1: int, n1: int, events2: int, n2: int) -> float:
    share = (events1 + events2) / (n1 + n2)
    if share in (0.0, 1.0):
        return 1.0
    variance = share * (1.0 - share) * (1.0 / n1 + 1.0 / n2)
    return float(special.chdtrc(1.0, (events1 / n1 - events2 / n2) ** 2 / variance))


def fisher_z(r: npt.ArrayLike, n: npt.ArrayLike) -> EffectSizes:
    """Fisher's z = atanh(r) with variance 1 / (n - 3), as metafor `escalc(measure="ZCOR")`.

    Raises EffectSizeError if |r| is 1 or more, or n is 3 or fewer.
    """
    correlation, size = numeric_arrays(r=r, n=n)
    refuse_inputs(np.abs(correlation) >= 1.0, "a correlation is not between -1 and 1")
    refuse_inputs(size <= 3.0, "a sample has 3 people or fewer")
    return EffectSizes(np.arctanh(correlation), 1.0 / (size - 3.0))


def _refuse_small(n1: FloatArray, n2: FloatArray) -> None:
    refuse_inputs((n1 < 2.0) | (n2 < 2.0), "an arm has fewer than 2 people")


def _refuse_sign(sign: FloatArray) -> None:
    refuse_inputs(~np.isnan(sign) & (np.abs(sign) != 1.0), "a sign is neither 1 nor -1")
