"""An effect in words that people count in: patients, percent, points of a questionnaire.

All conversions assume normal outcomes of equal spread in both arms, and a positive g in favour of
the treatment. They restate the pooled effect; they add no evidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ipt_evidence.errors import EffectSizeError
from ipt_evidence.meta_analysis import distributions

__all__ = [
    "Carried",
    "ClinicalUnits",
    "NumberNeeded",
    "clinical_units",
    "nnt_furukawa",
    "nnt_kraemer_kupfer",
    "overlap",
    "probability_of_superiority",
    "u3",
]


@dataclass(frozen=True, slots=True)
class Carried:
    """A quantity at the estimate and at the limits of its interval, smallest limit first."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class NumberNeeded:
    """Number needed to treat, with the benefit per 100 patients behind it.

    Attributes
    ----------
    per_100
        How many more of 100 patients do well with the treatment; negative: fewer.
    nnt
        100 / per_100; negative is a number needed to harm; None for no difference at all.
    nnt_at_lower, nnt_at_upper
        At the limits of the effect's interval (lower and upper effect, so that `nnt_at_upper` is
        the more favourable).
    through_infinity
        True when the interval of the effect holds 0: the NNT then runs from `nnt_at_upper` up to
        infinity and on to the harm in `nnt_at_lower` (Altman 1998 doi:10.1136/bmj.317.7168.1309).
    """

    per_100: Carried
    nnt: float | None
    nnt_at_lower: float | None
    nnt_at_upper: float | None
    through_infinity: bool


@dataclass(frozen=True, slots=True)
class ClinicalUnits:
    """One effect restated.

    Attributes
    ----------
    u3
        Percent of the comparison arm that does worse than the average treated person.
    overlap
        Percent of the two distributions in common.
    superiority
        Percent chance that a treated person does better than one of the comparison arm.
    nnt_kraemer_kupfer
        Needs no event rate.
    nnt_furukawa
        For the control event rate given; None without one.
    points
        Points of the instrument whose SD was given; None without one.
    """

    u3: Carried
    overlap: Carried
    superiority: Carried
    nnt_kraemer_kupfer: NumberNeeded
    nnt_furukawa: NumberNeeded | None
    points: Carried | None


def u3(g: float) -> float:
    """Cohen's U3 in percent: share of the comparison arm below the treated mean. Cohen (1988)."""
    return 100.0 * distributions.normal_cdf(g)


def overlap(g: float) -> float:
    """Percent of overlap of two normal curves g apart (OVL): 2 Phi(-|g| / 2).

    Reiser & Faraggi (1999) doi:10.1111/1467-9884.00199.
    """
    return 200.0 * distributions.normal_cdf(-abs(g) / 2.0)


def probability_of_superiority(g: float) -> float:
    """Percent chance that one from the treated does better: Phi(g / sqrt 2).

    McGraw & Wong (1992) doi:10.1037/0033-2909.111.2.361.
    """
    return 100.0 * distributions.normal_cdf(g / math.sqrt(2.0))


def nnt_kraemer_kupfer(g: float) -> float | None:
    """NNT = 1 / (2 Phi(g / sqrt 2) - 1); None for g = 0.

    Kraemer & Kupfer (2006) doi:10.1016/j.biopsych.2005.09.014.
    """
    return _needed(_benefit_kraemer_kupfer(g))


def nnt_furukawa(g: float, control_event_rate: float) -> float | None:
    """NNT = 1 / (Phi(g + Phi⁻¹(CER)) - CER); None for g = 0.

    `control_event_rate` is the share (0 to 1) of the comparison arm that does well. Furukawa &
    Leucht (2011) doi:10.1371/journal.pone.0019070.

    Raises EffectSizeError if the rate is not between 0 and 1.
    """
    return _needed(_benefit_furukawa(control_event_rate)(g))


def clinical_units(
    estimate: float,
    ci_lower: float,
    ci_upper: float,
    *,
    control_event_rate: float | None = None,
    instrument_sd: float | None = None,
) -> ClinicalUnits:
    """Restate an effect and its interval.

    Parameters
    ----------
    estimate, ci_lower, ci_upper
        g and its limits; positive favours the treatment.
    control_event_rate
        Share of the comparison arm that responds, 0 to 1, for Furukawa's NNT.
    instrument_sd
        Reference SD of an instrument in points; the points come out as improvement.

    Raises
    ------
    EffectSizeError
        If the limits do not hold the estimate, the rate is not between 0 and 1, or the SD is not
        positive.
    """
    if not (
        math.isfinite(ci_lower) and math.isfinite(ci_upper) and ci_lower <= estimate <= ci_upper
    ):
        raise EffectSizeError(
            f"the interval {ci_lower!r} to {ci_upper!r} does not hold the estimate {estimate!r}"
        )
    if instrument_sd is not None and not 0.0 < instrument_sd < math.inf:
        raise EffectSizeError(f"the reference SD {instrument_sd!r} is not a positive number")
    effect = (estimate, ci_lower, ci_upper)
    return ClinicalUnits(
        u3=_carry(u3, effect),
        overlap=_carry_overlap(effect),
        superiority=_carry(probability_of_superiority, effect),
        nnt_kraemer_kupfer=_number_needed(_benefit_kraemer_kupfer, effect),
        nnt_furukawa=None
        if control_event_rate is None
        else _number_needed(_benefit_furukawa(control_event_rate), effect),
        points=None
        if instrument_sd is None
        else Carried(*(value * instrument_sd for value in effect)),
    )


def _carry(convert: Callable[[float], float], effect: tuple[float, float, float]) -> Carried:
    return Carried(*(convert(value) for value in effect))


def _carry_overlap(effect: tuple[float, float, float]) -> Carried:
    # Overlap is largest at 0 and falls on both sides of it.
    estimate, low, high = effect
    upper = 100.0 if low <= 0.0 <= high else max(overlap(low), overlap(high))
    return Carried(overlap(estimate), min(overlap(low), overlap(high)), upper)


def _number_needed(
    benefit: Callable[[float], float], effect: tuple[float, float, float]
) -> NumberNeeded:
    at, low, high = (benefit(value) for value in effect)
    return NumberNeeded(
        Carried(100.0 * at, 100.0 * low, 100.0 * high),
        _needed(at),
        _needed(low),
        _needed(high),
        low <= 0.0 <= high,
    )


def _needed(benefit: float) -> float | None:
    return 1.0 / benefit if benefit != 0.0 else None


def _benefit_kraemer_kupfer(g: float) -> float:
    # erf keeps the digits of tiny effects, which 2 Phi(x) - 1 would cancel away.
    return math.erf(g / 2.0)


def _benefit_furukawa(control_event_rate: float) -> Callable[[float], float]:
    if not 0.0 < control_event_rate < 1.0:
        raise EffectSizeError(
            f"the control event rate {control_event_rate!r} is not between 0 and 1 (a share)"
        )
    threshold = distributions.normal_quantile(control_event_rate)
    base = distributions.normal_cdf(threshold)  # the rate as rounding leaves it: no effect is none
    return lambda g: distributions.normal_cdf(g + threshold) - base
