"""Effect sizes with their sampling variances, as R metafor `escalc()` computes them.

All functions take scalars or arrays that broadcast together. Arm 1 is the treatment, arm 2 the
comparison, and every effect is arm 1 minus arm 2: whether positive is good depends on the
instrument, and turning the sign is the caller's decision. Missing inputs (NaN) give missing
effects; impossible ones raise `EffectSizeError` naming the positions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import EffectSizeError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = [
    "LOG_ODDS_TO_SMD",
    "USUAL_ZEROS",
    "ZERO_RULES",
    "EffectSizes",
    "ZeroCells",
    "arm_arrays",
    "corrected_smd",
    "log_odds_ratio",
    "log_risk_ratio",
    "mean_difference",
    "numeric_arrays",
    "pooled_sd",
    "refuse_inputs",
    "risk_difference",
    "small_sample_correction",
    "smd_from_log_odds",
    "smd_variance",
    "standardised_mean_difference",
    "two_by_two",
    "variance_from_interval",
]

LOG_ODDS_TO_SMD = math.sqrt(3.0) / math.pi  # SD of the logistic is pi / sqrt(3); Chinn (2000)


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Effects `yi` and sampling variances `vi`, arrays of one shape; NaN where inputs were."""

    yi: FloatArray
    vi: FloatArray

    def __post_init__(self) -> None:
        """Turn scalars, which arithmetic on single numbers leaves, into arrays."""
        object.__setattr__(self, "yi", np.asarray(self.yi, dtype=np.float64))
        object.__setattr__(self, "vi", np.asarray(self.vi, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class ZeroCells:
    """What becomes of 2 x 2 tables with an empty cell; the arguments of metafor's `escalc`.

    Attributes
    ----------
    add
        What is added to the cells.
    to
        "only0" (tables with an empty cell), "all", "if0all" (all tables if one has an empty cell)
        or "none".
    drop00
        Tables without any event, or with nothing but events, in both arms say nothing of a ratio
        and become missing.
    """

    add: float = 0.5
    to: str = "only0"
    drop00: bool = False

    def added(self, *cells: FloatArray) -> tuple[FloatArray, ...]:
        """The cells after the rule; those of a dropped table are missing.

        Raises EffectSizeError for a rule that is not known.
        """
        if self.to not in ZERO_RULES:
            raise EffectSizeError(f"unknown rule {self.to!r}: choose {', '.join(ZERO_RULES)}")
        empty = np.any([cell == 0.0 for cell in cells], axis=0)
        where = {"all": True, "none": False, "if0all": empty.any(), "only0": empty}[self.to]
        plus = np.where(where, self.add, 0.0)
        if self.drop00:
            first, second = cells[: len(cells) // 2], cells[len(cells) // 2 :]
            both = [(a == 0.0) & (b == 0.0) for a, b in zip(first, second, strict=True)]
            plus = np.where(np.any(both, axis=0), np.nan, plus)
        return tuple(np.asarray(cell + plus, dtype=np.float64) for cell in cells)


ZERO_RULES = ("only0", "all", "if0all", "none")
USUAL_ZEROS = ZeroCells()


def small_sample_correction(df: npt.ArrayLike) -> FloatArray:
    """Hedges' exact J(df), which multiplies Cohen's d to remove its small-sample bias.

    J = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)). Hedges (1981) doi:10.3102/10769986006002107.
    The common approximation 1 - 3 / (4 df - 1) is off by up to 1e-3 for df < 10.
    """
    half = np.asarray(df, dtype=np.float64) / 2.0
    log_j = special.gammaln(half) - 0.5 * np.log(half) - special.gammaln(half - 0.5)
    return np.asarray(np.exp(log_j), dtype=np.float64)


def standardised_mean_difference(
    mean1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    mean2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    vtype: str = "LS",
) -> EffectSizes:
    """Hedges g: (mean1 - mean2) / pooled SD, times the exact J.

    Parameters
    ----------
    mean1, sd1, n1, mean2, sd2, n2
        Means and standard deviations (not errors) in points of the instrument, arm sizes.
    vtype
        "LS" (large-sample variance, metafor's default) or "UB" (unbiased variance).

    Returns
    -------
    EffectSizes
        g in standard deviations, as `escalc(measure="SMD", vtype=...)`. Negative: arm 1 is lower.

    Raises
    ------
    EffectSizeError
        If an SD is not positive or an arm has fewer than 2 people.
    """
    m1, s1, a1, m2, s2, a2 = arm_arrays(mean1, sd1, n1, mean2, sd2, n2)
    return corrected_smd((m1 - m2) / pooled_sd(s1, a1, s2, a2), a1, a2, vtype)


def pooled_sd(sd1: FloatArray, n1: FloatArray, sd2: FloatArray, n2: FloatArray) -> FloatArray:
    """Standard deviation within two arms, in their unit; takes checked arrays."""
    df = n1 + n2 - 2.0
    return np.sqrt(((n1 - 1.0) * sd1**2 + (n2 - 1.0) * sd2**2) / df)


def mean_difference(
    mean1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    mean2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
) -> EffectSizes:
    """Raw mean difference mean1 - mean2 in points of the instrument, as `escalc(measure="MD")`.

    Variance sd1²/n1 + sd2²/n2, not assuming equal variances. Raises EffectSizeError if an SD is
    not positive or an arm has fewer than 2 people.
    """
    m1, s1, a1, m2, s2, a2 = arm_arrays(mean1, sd1, n1, mean2, sd2, n2)
    return EffectSizes(m1 - m2, s1**2 / a1 + s2**2 / a2)


def smd_variance(yi: npt.ArrayLike, n1: npt.ArrayLike, n2: npt.ArrayLike) -> FloatArray:
    """Large-sample variance of a reported g: 1/n1 + 1/n2 + g² / (2 (n1 + n2)).

    Raises EffectSizeError if an arm has fewer than 2 people.
    """
    g, a1, a2 = numeric_arrays(yi=yi, n1=n1, n2=n2)
    refuse_inputs((a1 < 2.0) | (a2 < 2.0), "an arm has fewer than 2 people")
    return 1.0 / a1 + 1.0 / a2 + g**2 / (2.0 * (a1 + a2))


def log_odds_ratio(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zeros: ZeroCells = USUAL_ZEROS,
    whole: bool = True,
) -> EffectSizes:
    """Log odds ratio of arm 1 against arm 2; above 0: the event is likelier in arm 1.

    Where a cell of a 2 x 2 table is 0, 1/2 is added to its four cells (metafor's default
    `add=1/2, to="only0"`), or as `zeros` says; `whole` False takes parts of people, as an arm has
    that is shared among comparisons. Woolf (1955) doi:10.1111/j.1469-1809.1955.tb01348.x.

    Raises EffectSizeError if events are negative, not whole or exceed n, or an arm is empty.
    """
    a, b, c, d = two_by_two(events1, n1, events2, n2, zeros=zeros, whole=whole)
    with np.errstate(divide="ignore", invalid="ignore"):  # `zeros` may leave empty cells
        yi = np.log(a / b) - np.log(c / d)
        return EffectSizes(yi, 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d)


def log_risk_ratio(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zeros: ZeroCells = USUAL_ZEROS,
    whole: bool = True,
) -> EffectSizes:
    """Log risk ratio of arm 1 against arm 2, as `escalc(measure="RR")`; zeros as `log_odds_ratio`.

    Raises EffectSizeError if events are negative, not whole or exceed n, or an arm is empty.
    """
    a, b, c, d = two_by_two(events1, n1, events2, n2, zeros=zeros, whole=whole)
    with np.errstate(divide="ignore", invalid="ignore"):  # `zeros` may leave empty cells
        yi = np.log(a / (a + b)) - np.log(c / (c + d))
        return EffectSizes(yi, 1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d))


def risk_difference(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zeros: ZeroCells = USUAL_ZEROS,
    whole: bool = True,
) -> EffectSizes:
    """Risk in arm 1 minus risk in arm 2, as `escalc(measure="RD")`.

    Like metafor, 1/2 is added to the cells of tables with a zero, so that the variance is not 0;
    this moves the difference itself towards zero in small trials.

    Raises EffectSizeError if events are negative, not whole or exceed n, or an arm is empty.
    """
    a, b, c, d = two_by_two(events1, n1, events2, n2, zeros=zeros, whole=whole)
    total1, total2 = a + b, c + d
    return EffectSizes(a / total1 - c / total2, a * b / total1**3 + c * d / total2**3)


def smd_from_log_odds(yi: npt.ArrayLike, vi: npt.ArrayLike) -> EffectSizes:
    """Standardised mean difference from a log odds ratio: d = lnOR * sqrt(3) / pi.

    Assumes a logistic outcome cut at some point. Chinn (2000)
    doi:10.1002/1097-0258(20001130)19:22<3127::AID-SIM784>3.0.CO;2-M.
    """
    log_odds, variance = numeric_arrays(yi=yi, vi=vi)
    refuse_inputs(variance <= 0.0, "a variance is not positive")
    return EffectSizes(log_odds * LOG_ODDS_TO_SMD, variance * LOG_ODDS_TO_SMD**2)


def variance_from_interval(
    lower: npt.ArrayLike, upper: npt.ArrayLike, level: float = 95.0
) -> FloatArray:
    """Derive the sampling variance from a normal confidence interval of `level` percent.

    Ratios must be logged first. Raises EffectSizeError if an upper limit is not above its lower.
    """
    low, high = numeric_arrays(lower=lower, upper=upper)
    refuse_inputs(high <= low, "an interval's upper limit is not above its lower limit")
    return np.asarray(((high - low) / (2.0 * distributions.critical_value(level, None))) ** 2)


def arm_arrays(
    mean1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    mean2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
) -> tuple[FloatArray, ...]:
    """Broadcast the six numbers of two arms; refuse an SD <= 0 or an arm below 2 people."""
    arms = numeric_arrays(mean1=mean1, sd1=sd1, n1=n1, mean2=mean2, sd2=sd2, n2=n2)
    _, s1, a1, _, s2, a2 = arms
    refuse_inputs((s1 <= 0.0) | (s2 <= 0.0), "a standard deviation is not positive")
    refuse_inputs((a1 < 2.0) | (a2 < 2.0), "an arm has fewer than 2 people")
    return arms


def corrected_smd(d: FloatArray, n1: FloatArray, n2: FloatArray, vtype: str) -> EffectSizes:
    """Hedges g and its variance from an uncorrected d; `vtype` as standardised_mean_difference."""
    df = n1 + n2 - 2.0
    j = small_sample_correction(df)
    g = j * d
    if vtype == "LS":
        return EffectSizes(g, smd_variance(g, n1, n2))
    if vtype == "UB":
        return EffectSizes(g, 1.0 / n1 + 1.0 / n2 + (1.0 - (df - 2.0) / (df * j**2)) * g**2)
    raise EffectSizeError(f"unknown vtype {vtype!r}: choose LS or UB")


def two_by_two(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zeros: ZeroCells,
    whole: bool = True,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Cells events1, others1, events2, others2 of each table, after the rule for empty cells.

    Raises EffectSizeError if events are negative, exceed n or (with `whole`) are not whole, or an
    arm is empty.
    """
    e1, a1, e2, a2 = numeric_arrays(events1=events1, n1=n1, events2=events2, n2=n2)
    refuse_inputs((a1 <= 0.0) | (a2 <= 0.0), "an arm is empty")
    refuse_inputs((e1 < 0.0) | (e2 < 0.0), "a number of events is negative")
    refuse_inputs((e1 > a1) | (e2 > a2), "more events than people")
    broken = (e1 % 1.0 > 0.0) | (e2 % 1.0 > 0.0)
    refuse_inputs(broken & whole, "a number of events is not a whole number")
    a, b, c, d = zeros.added(e1, a1 - e1, e2, a2 - e2)
    return a, b, c, d


def numeric_arrays(**values: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Broadcast arrays of the named inputs; infinite values are refused, NaN passes as missing."""
    try:
        arrays = [np.asarray(value, dtype=np.float64) for value in values.values()]
        shaped = tuple(np.array(a) for a in np.broadcast_arrays(*arrays))
    except (TypeError, ValueError) as err:
        raise EffectSizeError(f"{', '.join(values)} do not fit together: {err}") from err
    for name, array in zip(values, shaped, strict=True):
        refuse_inputs(np.isinf(array), f"{name} is infinite")
    return shaped


def refuse_inputs(bad: npt.NDArray[np.bool_], what: str) -> None:
    """Raise EffectSizeError naming the positions where `bad` is true."""
    if np.any(bad):
        where = ", ".join(str(i) for i in np.flatnonzero(bad)[:10])
        raise EffectSizeError(f"{what} (position {where}, counted from 0): correct the input")
