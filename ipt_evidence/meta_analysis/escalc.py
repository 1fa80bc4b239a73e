"""Further effect sizes, and all of them by the names that R metafor's `escalc` gives them.

As in `effect_sizes`, arm 1 is the treatment, effects are arm 1 minus arm 2, missing inputs (NaN)
give missing effects and impossible ones raise `EffectSizeError` with their positions. Numbers are
those of metafor 5.1 with its defaults. metafor 3.8 has other variances of SMDH, with n in the place
of n - 1, and no correction of ROM.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.meta_analysis.effect_sizes import (
    USUAL_ZEROS,
    EffectSizes,
    ZeroCells,
    arm_arrays,
    numeric_arrays,
    pooled_sd,
    refuse_inputs,
    small_sample_correction,
    two_by_two,
)
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = [
    "MEASURES",
    "Measure",
    "correlation",
    "design_effect",
    "difference_of_changes",
    "double_arcsine",
    "glass_delta",
    "heteroscedastic_smd",
    "incidence_rate_ratio",
    "log_ratio_of_means",
    "logit_proportion",
    "peto_odds_ratio",
    "pretest_posttest_control",
    "shared_covariance",
]


NOTHING_ADDED = ZeroCells(to="none")


def heteroscedastic_smd(
    mean1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    mean2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
) -> EffectSizes:
    """Standardised mean difference by the root mean square of two unequal SDs, times J.

    As `escalc(measure="SMDH")`. Bonett (2009) doi:10.1037/a0016619. Raises EffectSizeError if an
    SD is not positive or an arm has fewer than 2 people.
    """
    m1, s1, a1, m2, s2, a2 = arm_arrays(mean1, sd1, n1, mean2, sd2, n2)
    mean_square = 0.5 * (s1**2 + s2**2)
    g = small_sample_correction(a1 + a2 - 2.0) * (m1 - m2) / np.sqrt(mean_square)
    spread = (s1**4 / (a1 - 1.0) + s2**4 / (a2 - 1.0)) / (8.0 * mean_square**2)
    means = (s1**2 / (a1 - 1.0) + s2**2 / (a2 - 1.0)) / mean_square
    return EffectSizes(g, g**2 * spread + means)


def glass_delta(
    mean1: npt.ArrayLike,
    n1: npt.ArrayLike,
    mean2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
) -> EffectSizes:
    """Glass's delta: the difference in SDs of arm 2 alone, times J(n2 - 1).

    As `escalc(measure="SMD1")`. Raises EffectSizeError if the SD is not positive or an arm has
    fewer than 2 people.
    """
    m1, a1, m2, s2, a2 = numeric_arrays(mean1=mean1, n1=n1, mean2=mean2, sd2=sd2, n2=n2)
    _refuse_arms(s2, a1, a2)
    g = _correction(a2 - 1.0) * (m1 - m2) / s2
    return EffectSizes(g, 1.0 / a1 + 1.0 / a2 + g**2 / (2.0 * a2))


def log_ratio_of_means(
    mean1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    mean2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
) -> EffectSizes:
    """Logarithm of mean1 / mean2 with its small-sample correction.

    As `escalc(measure="ROM")`. Hedges, Gurevitch & Curtis (1999)
    doi:10.1890/0012-9658(1999)080[1150:TMAORR]2.0.CO;2. Raises EffectSizeError if a mean is 0 or
    the means differ in sign, an SD is not positive, or an arm has fewer than 2 people.
    """
    m1, s1, a1, m2, s2, a2 = arm_arrays(mean1, sd1, n1, mean2, sd2, n2)
    refuse_inputs(m1 * m2 <= 0.0, "a ratio needs two means above 0 (or two below)")
    first, second = s1**2 / (a1 * m1**2), s2**2 / (a2 * m2**2)
    return EffectSizes(np.log(m1 / m2) + 0.5 * (first - second), first + second)


def peto_odds_ratio(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zeros: ZeroCells = NOTHING_ADDED,
    whole: bool = True,
) -> EffectSizes:
    """Peto's log odds ratio (O - E) / V with variance 1 / V.

    As `escalc(measure="PETO")`, which however adds 1/2 to tables with an empty cell: Peto's method
    needs none (Cochrane Handbook 6.5, section 10.4.2), so that nothing is added here unless `zeros`
    says so. Trials without any event, or with nothing but events, in both arms say nothing and are
    missing. Yusuf et al. (1985) doi:10.1016/s0033-0620(85)80003-7.

    Raises EffectSizeError if events are negative, exceed n or (with `whole`) are not whole, or an
    arm is empty.
    """
    a, b, c, d = two_by_two(events1, n1, events2, n2, zeros=zeros, whole=whole)
    total = a + b + c + d
    share = (a + b) / total
    variance = (a + c) * (b + d) * share * (1.0 - share) / (total - 1.0)
    known = np.where(variance > 0.0, variance, np.nan)
    return EffectSizes((a - (a + c) * share) / known, 1.0 / known)


def incidence_rate_ratio(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    *,
    zeros: ZeroCells = USUAL_ZEROS,
) -> EffectSizes:
    """Logarithm of the ratio of events per person-time, as `escalc(measure="IRR")`.

    Raises EffectSizeError if events are negative or a person-time is not positive.
    """
    x1, t1, x2, t2 = numeric_arrays(events1=events1, time1=time1, events2=events2, time2=time2)
    refuse_inputs((x1 < 0.0) | (x2 < 0.0), "a number of events is negative")
    refuse_inputs((t1 <= 0.0) | (t2 <= 0.0), "a person-time is not positive")
    x1, x2 = zeros.added(x1, x2)
    with np.errstate(divide="ignore"):  # a rule may leave zeros, whose logarithm is not finite
        return EffectSizes(np.log(x1 / t1) - np.log(x2 / t2), 1.0 / x1 + 1.0 / x2)


def logit_proportion(
    events: npt.ArrayLike, n: npt.ArrayLike, *, zeros: ZeroCells = USUAL_ZEROS
) -> EffectSizes:
    """Logit of a proportion with variance 1 / x + 1 / (n - x), as `escalc(measure="PLO")`.

    Raises EffectSizeError if events are negative or exceed n, or a group is empty.
    """
    x, size = _proportion(events, n)
    x, others = zeros.added(x, size - x)
    with np.errstate(divide="ignore"):
        return EffectSizes(np.log(x / others), 1.0 / x + 1.0 / others)


def double_arcsine(events: npt.ArrayLike, n: npt.ArrayLike) -> EffectSizes:
    """Freeman-Tukey double arcsine of a proportion, as `escalc(measure="PFT")`.

    Its back-transformation depends on one sample size for all studies and can mislead: Schwarzer
    et al. (2019) doi:10.1002/jrsm.1348. Raises EffectSizeError as `logit_proportion`.
    """
    x, size = _proportion(events, n)
    root = np.arcsin(np.sqrt(x / (size + 1.0))) + np.arcsin(np.sqrt((x + 1.0) / (size + 1.0)))
    return EffectSizes(0.5 * root, 1.0 / (4.0 * size + 2.0))


def correlation(r: npt.ArrayLike, n: npt.ArrayLike) -> EffectSizes:
    """A correlation with variance (1 - r²)² / (n - 1), as `escalc(measure="COR")`.

    Raises EffectSizeError if |r| is 1 or more, or n is below 3.
    """
    value, size = numeric_arrays(r=r, n=n)
    refuse_inputs(np.abs(value) >= 1.0, "a correlation is not between -1 and 1")
    refuse_inputs(size < 3.0, "a sample has fewer than 3 people")
    return EffectSizes(value, (1.0 - value**2) ** 2 / (size - 1.0))


def pretest_posttest_control(
    pre1: npt.ArrayLike,
    post1: npt.ArrayLike,
    sd_pre1: npt.ArrayLike,
    n1: npt.ArrayLike,
    pre2: npt.ArrayLike,
    post2: npt.ArrayLike,
    sd_pre2: npt.ArrayLike,
    n2: npt.ArrayLike,
    correlation: npt.ArrayLike,
) -> EffectSizes:
    """Morris's d_ppc2: difference of the arms' changes in pooled SDs before treatment, times J.

    Its variance is 2 (1 - r) (1/n1 + 1/n2) + g² / (2 (n1 + n2)), where r is the `correlation` of
    scores before and after. Morris (2008), Organizational Research Methods 11(2), 364-386, with the
    variance of metafor's page on that article
    (https://www.metafor-project.org/doku.php/analyses:morris2008).

    Raises EffectSizeError if an SD is not positive, an arm has fewer than 2 people, or r is not
    within (-1, 1).
    """
    b1, e1, s1, a1 = numeric_arrays(pre1=pre1, post1=post1, sd_pre1=sd_pre1, n1=n1)
    b2, e2, s2, a2 = numeric_arrays(pre2=pre2, post2=post2, sd_pre2=sd_pre2, n2=n2)
    (r,) = numeric_arrays(correlation=correlation)
    _refuse_arms(np.minimum(s1, s2), a1, a2)
    _refuse_correlation(r)
    df = a1 + a2 - 2.0
    change = (e1 - b1) - (e2 - b2)
    g = small_sample_correction(df) * change / pooled_sd(s1, a1, s2, a2)
    return EffectSizes(g, 2.0 * (1.0 - r) * (1.0 / a1 + 1.0 / a2) + g**2 / (2.0 * (a1 + a2)))


def difference_of_changes(
    pre1: npt.ArrayLike,
    post1: npt.ArrayLike,
    sd_pre1: npt.ArrayLike,
    n1: npt.ArrayLike,
    pre2: npt.ArrayLike,
    post2: npt.ArrayLike,
    sd_pre2: npt.ArrayLike,
    n2: npt.ArrayLike,
    correlation: npt.ArrayLike,
) -> EffectSizes:
    """Difference of the arms' standardised mean changes, each in its own SD before treatment.

    Each is `escalc(measure="SMCR")` (Becker 1988); their variances add up. Morris & DeShon (2002)
    doi:10.1037/1082-989X.7.1.105. Raises EffectSizeError as `pretest_posttest_control`.
    """
    (r,) = numeric_arrays(correlation=correlation)
    _refuse_correlation(r)
    first, second = (
        _standardised_change(*arm, r)
        for arm in ((pre1, post1, sd_pre1, n1), (pre2, post2, sd_pre2, n2))
    )
    return EffectSizes(first.yi - second.yi, first.vi + second.vi)


def _standardised_change(
    pre: npt.ArrayLike, post: npt.ArrayLike, sd: npt.ArrayLike, n: npt.ArrayLike, r: FloatArray
) -> EffectSizes:
    before, after, spread, size = numeric_arrays(pre=pre, post=post, sd_pre=sd, n=n)
    _refuse_arms(spread, size, size)
    g = _correction(size - 1.0) * (after - before) / spread
    return EffectSizes(g, 2.0 * (1.0 - r) / size + g**2 / (2.0 * size))


def design_effect(cluster_size: npt.ArrayLike, icc: npt.ArrayLike) -> FloatArray:
    """By what randomising clusters multiplies a variance: 1 + (m - 1) ICC.

    Cochrane Handbook 6.5, section 23.1.5, which multiplies the standard error by its root.

    Raises EffectSizeError if the mean size of clusters is below 1 or the ICC is not from 0 to 1.
    """
    m, rho = numeric_arrays(cluster_size=cluster_size, icc=icc)
    refuse_inputs(m < 1.0, "a mean cluster size is below 1")
    refuse_inputs((rho < 0.0) | (rho > 1.0), "an intracluster correlation is not from 0 to 1")
    return np.asarray(1.0 + (m - 1.0) * rho, dtype=np.float64)


def shared_covariance(measure: str, yi: FloatArray, arms: Mapping[str, FloatArray]) -> FloatArray:
    """Covariance matrix (K, K) of effects that share arm 2, without its diagonal (0).

    Parameters
    ----------
    measure
        SMD, MD, OR, RR or RD.
    yi
        The effects, (K,).
    arms
        n1, n2 and (MD) sd2, or n1, n2 and e2 after the rule for empty cells; each (K,).

    References
    ----------
    Gleser & Olkin (2009), Stochastically dependent effect sizes. In Cooper, Hedges & Valentine
    (eds), The handbook of research synthesis and meta-analysis, 2nd ed., ch. 19.
    """
    n2 = float(arms["n2"][0])
    if measure == "SMD":
        total = float(arms["n1"].sum()) + n2
        found = 1.0 / n2 + np.outer(yi, yi) / (2.0 * total)
    else:
        found = np.full((yi.size, yi.size), _variance_of_arm(measure, n2, arms))
    np.fill_diagonal(found, 0.0)
    return np.asarray(found, dtype=np.float64)


def _variance_of_arm(measure: str, n2: float, arms: Mapping[str, FloatArray]) -> float:
    """What arm 2 adds to the variance of each effect."""
    if measure == "MD":
        return float(arms["sd2"][0]) ** 2 / n2
    events = float(arms["e2"][0])
    if measure == "RD":
        return events * (n2 - events) / n2**3
    if measure == "RR":
        return 1.0 / events - 1.0 / n2
    return 1.0 / events + 1.0 / (n2 - events)


def _correction(df: FloatArray) -> FloatArray:
    """J(df), missing where one degree of freedom leaves none."""
    usable = df > 1.0
    return np.where(usable, small_sample_correction(np.where(usable, df, 2.0)), np.nan)


def _proportion(events: npt.ArrayLike, n: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    x, size = numeric_arrays(events=events, n=n)
    refuse_inputs(size < 1.0, "a group is empty")
    refuse_inputs(x < 0.0, "a number of events is negative")
    refuse_inputs(x > size, "more events than people")
    return x, size


def _refuse_arms(sd: FloatArray, n1: FloatArray, n2: FloatArray) -> None:
    refuse_inputs(sd <= 0.0, "a standard deviation is not positive")
    refuse_inputs((n1 < 2.0) | (n2 < 2.0), "an arm has fewer than 2 people")


def _refuse_correlation(r: FloatArray) -> None:
    refuse_inputs(np.abs(r) >= 1.0, "a correlation is not between -1 and 1")


def _arcsine_back(value: float) -> float:
    """The simple inverse of the arcsine root, which needs no sample size."""
    return math.sin(min(max(value, 0.0), 0.5 * math.pi)) ** 2


@dataclass(frozen=True, slots=True)
class Measure:
    """An effect size as readers name it, and how its scale turns back into plain numbers.

    Attributes
    ----------
    label
        What ``yi`` is.
    natural, back
        What it becomes, and by which function; None where ``yi`` is plain already.
    standardised
        ``yi`` is in standard deviations, so that words for sizes and points of scales apply.
    """

    label: str
    natural: str = ""
    back: Callable[[float], float] | None = None
    standardised: bool = False


MEASURES = {
    "SMD": Measure("Hedges g", standardised=True),
    "SMDH": Measure("Standardised mean difference (unequal SDs)", standardised=True),
    "SMD1": Measure("Glass's delta (SD of arm 2)", standardised=True),
    "PPC": Measure("Difference of changes in SDs before treatment (d_ppc2)", standardised=True),
    "SMCR": Measure("Difference of standardised mean changes", standardised=True),
    "MD": Measure("Mean difference"),
    "ROM": Measure("Log ratio of means", "Ratio of means", math.exp),
    "OR": Measure("Log odds ratio", "Odds ratio", math.exp),
    "RR": Measure("Log risk ratio", "Risk ratio", math.exp),
    "RD": Measure("Risk difference"),
    "PETO": Measure("Log odds ratio (Peto)", "Odds ratio", math.exp),
    "IRR": Measure("Log incidence rate ratio", "Incidence rate ratio", math.exp),
    "PLO": Measure("Logit of the proportion", "Proportion", special.expit),
    "PFT": Measure("Double arcsine of the proportion", "Proportion", _arcsine_back),
    "COR": Measure("Correlation"),
    "ZCOR": Measure("Fisher's z", "Correlation", math.tanh),
    "GEN": Measure("Effect as given"),
}
"""By the names of `escalc`, with PPC for Morris's d_ppc2 and GEN for effects given ready."""
