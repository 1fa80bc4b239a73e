"""One pooled effect: common-effect or random-effects model with its intervals.

Conventions are those of R metafor 3.8 `rma(yi, vi)` and `predict()`; where others differ:

* I² and H² come from tau² (the variance that a typical study adds), not from Q as in R meta; for
  DL both agree. Under EE and FE, where tau² is 0 by definition, they come from Q, as in metafor.
* The prediction interval is estimate ± crit * sqrt(tau² + se²), with the normal quantile for
  test "z" and t with k - 1 degrees of freedom for "t", "knha" and "adhoc". R meta has k - 2
  (Higgins, Thompson & Spiegelhalter 2009 doi:10.1111/j.1467-985X.2008.00552.x) and is wider.
* "knha" scales se² by Hartung and Knapp's factor without truncation (2001
  doi:10.1002/sim.791), so its interval can be narrower than the normal one; "adhoc" does not let
  the factor fall below 1 (Röver et al. 2015 doi:10.1186/s12874-015-0091-1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.estimators import COMMON_EFFECT_METHODS
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, number_or_none
from ipt_evidence.meta_analysis.single import Effects, checked, tau2_of

__all__ = ["TESTS", "PooledEffect", "pool"]

TESTS = ("z", "t", "knha", "adhoc")

NOTE_ONE_STUDY = "one study: its own estimate and normal interval; nothing is pooled"
NOTE_TWO_STUDIES = "two studies: tau² and intervals rest on a single degree of freedom"
NOTE_NO_VARIATION = "the effects do not vary at all: the Hartung-Knapp standard error is zero"
NOTE_NARROW = "the Hartung-Knapp interval is narrower than that of the same model with test z"


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """A pooled effect on the scale of `yi`, with `None` where a quantity does not exist.

    Attributes
    ----------
    k
        Number of effects.
    estimate, se, ci_lower, ci_upper
        Pooled effect, its standard error and its interval of `level` percent.
    pi_lower, pi_upper
        Prediction interval for the true effect of a new study; None for EE, FE and k = 1.
    tau2, i2, h2
        Between-study variance, share of variance it explains (percent), total to sampling variance.
        tau2 is 0.0 by definition under EE and FE; all three are None for k = 1.
    q, q_df, q_p
        Cochran's Q, its degrees of freedom and p value (None for k = 1).
    stat, p, df
        z or t statistic of the estimate, its two-sided p value, degrees of freedom (None for z).
    method, test, level
        The method asked for; the test used ("z" for k = 1 whatever was asked); percent.
    weights
        Percent of weight of each effect, in the order given; they sum to 100.
    notes
        What the reader must know about this fit, e.g. that k is 2.
    """

    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    pi_lower: float | None
    pi_upper: float | None
    tau2: float | None
    i2: float | None
    h2: float | None
    q: float
    q_df: int
    q_p: float | None
    stat: float | None
    p: float | None
    df: int | None
    method: str
    test: str
    level: float
    weights: tuple[float, ...]
    notes: tuple[str, ...] = ()


def pool(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> PooledEffect:
    """Pool effects by the inverse-variance method.

    Parameters
    ----------
    yi, vi
        Effects and their sampling variances, each (K,), K >= 1. One value for each trial: combine
        several effects of one trial first (`dependent_effects.aggregate`).
    method
        Estimator of tau²: one of `estimators.METHODS`; "EE" and "FE" set it to 0.
    test
        "z", "t" (k - 1), "knha" (Hartung-Knapp, t with k - 1) or "adhoc" (never narrower than t).
    level
        Percent of the confidence and the prediction interval.

    Returns
    -------
    PooledEffect
        On the scale of `yi`; positive means what a positive `yi` means.

    Raises
    ------
    PoolingError
        If a value is missing, infinite or not positive (naming positions), lengths differ, no
        effect is given, or `method`, `test` or `level` is unknown.
    """
    if test not in TESTS:
        raise PoolingError(f"unknown test {test!r}: choose one of {', '.join(TESTS)}")
    effects, variances = effects_and_variances(yi, vi)
    if effects.size == 1:
        return _one_study(effects, variances, checked(method), level)
    unit = _unit(variances)
    # Distances from the most precise effect keep the digits of effects that share a large offset.
    origin = float(effects[variances.argmin()])
    scaled = Effects((effects - origin) / unit, variances / (unit * unit))
    tau2 = tau2_of(scaled, method)
    return _assemble(scaled, tau2, origin, unit, method=method, test=test, level=level)


def _unit(variances: FloatArray) -> float:
    """Return a power of two near a typical standard error: dividing by it loses no digit."""
    middle = np.partition(variances, variances.size // 2)[variances.size // 2]
    return float(2.0 ** round(0.5 * math.log2(middle)))


def _one_study(
    effects: FloatArray, variances: FloatArray, method: str, level: float
) -> PooledEffect:
    estimate, se = float(effects[0]), math.sqrt(float(variances[0]))
    half = distributions.critical_value(level, None) * se
    return PooledEffect(
        k=1,
        estimate=estimate,
        se=se,
        ci_lower=estimate - half,
        ci_upper=estimate + half,
        pi_lower=None,
        pi_upper=None,
        tau2=None,
        i2=None,
        h2=None,
        q=0.0,
        q_df=0,
        q_p=None,
        stat=estimate / se,
        p=distributions.two_sided_p(estimate / se, None),
        df=None,
        method=method,
        test="z",
        level=level,
        weights=(100.0,),
        notes=(NOTE_ONE_STUDY,),
    )


def _assemble(
    effects: Effects,
    tau2: float,
    origin: float,
    unit: float,
    *,
    method: str,
    test: str,
    level: float,
) -> PooledEffect:
    """Everything that follows in closed form once tau² is known, in units of `unit`."""
    k = effects.k
    plain = 1.0 / effects.vi
    sum_plain = effects.total(plain)
    residuals, pulled = effects.pulled(plain, sum_plain)
    q = float(pulled @ residuals)
    weights, total = plain, sum_plain
    if tau2 > 0.0:
        weights = 1.0 / (effects.vi + tau2)
        total = effects.total(weights)
        residuals, pulled = effects.pulled(weights, total)
    shift = float(weights @ effects.yi) / total
    se = math.sqrt(1.0 / total)
    scale = float(pulled @ residuals) / (k - 1)
    if test in ("knha", "adhoc"):
        se *= math.sqrt(max(scale, 1.0) if test == "adhoc" else scale)
    df = None if test == "z" else k - 1
    crit = distributions.critical_value(level, df)
    common = method in COMMON_EFFECT_METHODS
    i2, h2 = _from_q(q, k) if common else _from_tau2(tau2, (k - 1) / effects.trace(plain))
    reach = crit * math.sqrt(tau2 + se**2)
    estimate = origin + shift * unit
    stat = estimate / (se * unit) if se > 0.0 else None
    return PooledEffect(
        k=k,
        estimate=estimate,
        se=se * unit,
        ci_lower=origin + (shift - crit * se) * unit,
        ci_upper=origin + (shift + crit * se) * unit,
        pi_lower=None if common else origin + (shift - reach) * unit,
        pi_upper=None if common else origin + (shift + reach) * unit,
        tau2=tau2 * unit**2,
        i2=i2,
        h2=h2,
        q=q,
        q_df=k - 1,
        q_p=distributions.chi2_upper_tail(q, k - 1),
        stat=stat,
        p=None if stat is None else distributions.two_sided_p(stat, df),
        df=df,
        method=method,
        test=test,
        level=level,
        weights=tuple((weights * (100.0 / total)).tolist()),
        notes=_notes(k, test, scale, crit, level),
    )


def _from_tau2(tau2: float, typical: float) -> tuple[float | None, float | None]:
    """I² (percent) and H² from tau² and the typical sampling variance of Higgins & Thompson."""
    return number_or_none(100.0 * tau2 / (typical + tau2)), number_or_none(tau2 / typical + 1.0)


def _from_q(q: float, k: int) -> tuple[float | None, float | None]:
    return (max(0.0, 100.0 * (q - (k - 1)) / q) if q > 0.0 else 0.0), q / (k - 1)


def _notes(k: int, test: str, scale: float, crit: float, level: float) -> tuple[str, ...]:
    notes = []
    if k == 2:
        notes.append(NOTE_TWO_STUDIES)
    if test == "knha" and scale == 0.0:
        notes.append(NOTE_NO_VARIATION)
    elif test == "knha" and crit * math.sqrt(scale) < distributions.critical_value(level, None):
        notes.append(NOTE_NARROW)
    return tuple(notes)
