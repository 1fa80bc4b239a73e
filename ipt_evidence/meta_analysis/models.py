"""Pooled effects: common-effect and random-effects models with their intervals.

`pool` gives one with all that is known about it; `pool_many` thousands in one call, for
simulations, subsets and specifications.

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
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.estimators import (
    COMMON_EFFECT_METHODS,
    Samples,
    estimate_tau2,
    trace_of_projection,
)
from ipt_evidence.meta_analysis.heterogeneity import checked, tau2_of
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, number_or_none
from ipt_evidence.meta_analysis.linear_model import Mean, MeanFit

__all__ = [
    "LEAST",
    "TESTS",
    "TOO_FEW",
    "PooledEffect",
    "PooledEffects",
    "check_test",
    "interpretable",
    "pool",
    "pool_many",
]

TESTS = ("z", "t", "knha", "adhoc")
TOO_FEW = 2  # studies, whose mean is no answer; see `interpretable`
LEAST = 3  # studies, from which on a mean of several is one

NOTE_ONE_STUDY = "one study: its own estimate and normal interval; nothing is pooled"
NOTE_TWO_STUDIES = "two studies: tau² and intervals rest on a single degree of freedom"
NOTE_NO_VARIATION = "the effects do not vary at all: the Hartung-Knapp standard error is zero"
NOTE_NARROW = "the Hartung-Knapp interval is narrower than that of the same model with test z"


def interpretable(k: int) -> bool:
    """Whether the pooled effect of ``k`` studies may be read as an answer.

    One study stands for itself. The interval of the mean of two rests on a single degree of
    freedom, and their tau² on one difference: it says nothing that the two do not say one by one.
    This is the one rule; whatever shows, exports or answers with pooled effects asks it.
    """
    return k == 1 or k >= LEAST


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


@dataclass(frozen=True, slots=True)
class PooledEffects:
    """Pooled effects of B meta-analyses; every field an array (B,), NaN where it does not exist.

    Meanings are those of `PooledEffect`. For k = 1 the normal interval of the one study is
    given and tau2, i2, h2, pi are NaN; for k = 0 everything but k is NaN.
    """

    k: npt.NDArray[np.int64]
    estimate: FloatArray
    se: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray
    pi_lower: FloatArray
    pi_upper: FloatArray
    tau2: FloatArray
    i2: FloatArray
    h2: FloatArray
    q: FloatArray
    p: FloatArray


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
    check_test(test)
    effects, variances = effects_and_variances(yi, vi)
    if effects.size == 1:
        return _one_study(effects, variances, checked(method), level)
    unit = _unit(variances)
    # Distances from the most precise effect keep the digits of effects that share a large offset.
    origin = float(effects[variances.argmin()])
    scaled = Mean((effects - origin) / unit, variances / (unit * unit))
    tau2 = tau2_of(scaled, method)
    return _assemble(scaled, tau2, origin, unit, method=method, test=test, level=level)


def check_test(test: str) -> None:
    """Refuse a test that does not exist."""
    if test not in TESTS:
        raise PoolingError(f"unknown test {test!r}: choose one of {', '.join(TESTS)}")


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
    model: Mean, tau2: float, origin: float, unit: float, *, method: str, test: str, level: float
) -> PooledEffect:
    """Everything that follows in closed form once tau² is known, in units of `unit`."""
    k = model.yi.size
    plain = model.fit(1.0 / model.vi)
    q = float((plain.weights * plain.residuals) @ plain.residuals)
    fit = model.fit(1.0 / (model.vi + tau2)) if tau2 > 0.0 else plain
    se, scale = _standard_error(fit, k, test)
    df = None if test == "z" else k - 1
    crit = distributions.critical_value(level, df)
    common = method in COMMON_EFFECT_METHODS
    i2, h2 = _from_q(q, k) if common else _from_tau2(tau2, (k - 1) / plain.trace())
    reach = crit * math.sqrt(tau2 + se**2)
    estimate = origin + fit.mean * unit
    stat = estimate / (se * unit) if se > 0.0 else None
    return PooledEffect(
        k=k,
        estimate=estimate,
        se=se * unit,
        ci_lower=origin + (fit.mean - crit * se) * unit,
        ci_upper=origin + (fit.mean + crit * se) * unit,
        pi_lower=None if common else origin + (fit.mean - reach) * unit,
        pi_upper=None if common else origin + (fit.mean + reach) * unit,
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
        weights=tuple((fit.weights * (100.0 / fit.total)).tolist()),
        notes=_notes(k, test, scale, crit, level),
    )


def _standard_error(fit: MeanFit, k: int, test: str) -> tuple[float, float]:
    """Standard error of the mean by `test`, and Hartung and Knapp's factor of its variance."""
    se = math.sqrt(1.0 / fit.total)
    scale = float((fit.weights * fit.residuals) @ fit.residuals) / (k - 1)
    if test in ("knha", "adhoc"):
        se *= math.sqrt(max(scale, 1.0) if test == "adhoc" else scale)
    return se, scale


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


def pool_many(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    present: npt.ArrayLike | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> PooledEffects:
    """Pool each row of yi and vi; the same numbers as `pool` on each.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, (B, K), or (K,) to be shared by all rows of `present`.
    present
        True where an effect belongs to the row's meta-analysis, (B, K); all do by default.
        Values outside may be anything, also NaN.
    method, test, level
        As `pool`.

    Raises
    ------
    PoolingError
        If shapes do not fit, or an effect that is present is missing, infinite or has vi <= 0.
    """
    check_test(test)
    tail = distributions.tail_probability(level)
    effects, variances, mask = _blocks(yi, vi, present)
    unit = _units(variances, mask)
    sample = Samples.of(effects / unit[:, None], variances / unit[:, None] ** 2, mask)
    empty = sample.k == 0.0
    if empty.any():
        return _with_empty_rows(effects, variances, mask, empty, method, test, level)
    return _fit_many(sample, unit, method=method, test=test, tail=tail)


def _blocks(
    yi: npt.ArrayLike, vi: npt.ArrayLike, present: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    try:
        arrays = [np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)]
        arrays += [] if present is None else [np.asarray(present, dtype=np.float64)]
        effects, variances, *rest = np.broadcast_arrays(*map(np.atleast_2d, arrays))
    except (TypeError, ValueError) as err:
        raise PoolingError(f"yi, vi and present do not fit together: {err}") from err
    mask = rest[0] if rest else None
    there = np.ones(effects.shape, dtype=np.bool_) if mask is None else mask > 0.0
    usable = np.isfinite(effects) & np.isfinite(variances) & (variances > 0.0)
    if not (usable | ~there).all():
        row, column = np.argwhere(~usable & there)[0]
        raise PoolingError(
            f"row {row}, position {column}: yi or vi is missing or infinite, or vi is not positive"
        )
    if there.all():
        return effects, variances, None
    return np.where(there, effects, 0.0), np.where(there, variances, 1.0), there.astype(np.float64)


def _units(variances: FloatArray, mask: FloatArray | None) -> FloatArray:
    """Power of two near a typical standard error of each row."""
    logs = np.log2(variances)
    if mask is None:
        mean = logs.mean(axis=1)
    else:
        mean = (logs * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1.0)
    return np.asarray(2.0 ** np.round(0.5 * mean), dtype=np.float64)


def _with_empty_rows(
    effects: FloatArray,
    variances: FloatArray,
    mask: FloatArray | None,
    empty: npt.NDArray[np.bool_],
    method: str,
    test: str,
    level: float,
) -> PooledEffects:
    blank = np.full(empty.size, np.nan)
    columns = {name: blank.copy() for name in PooledEffects.__slots__}
    columns["k"] = np.zeros(empty.size, dtype=np.int64)
    if not empty.all() and mask is not None:
        full = ~empty
        fitted = pool_many(
            effects[full], variances[full], mask[full], method=method, test=test, level=level
        )
        for name, column in columns.items():
            column[full] = getattr(fitted, name)
    return PooledEffects(**columns)


def _fit_many(
    sample: Samples, unit: FloatArray, *, method: str, test: str, tail: float
) -> PooledEffects:
    tau2 = estimate_tau2(sample, method)
    weights = sample.weights(tau2)
    total = weights.sum(axis=1)
    # Distances from the first effect that is present keep digits under a large common offset.
    origin = sample.yi[np.arange(total.size), weights.argmax(axis=1)]
    centred = sample.yi - origin[:, None]
    shift = np.einsum("ij,ij->i", weights, centred) / total
    df = sample.k - 1.0
    alone = df == 0.0
    several = np.where(alone, np.nan, df)
    se = np.sqrt(1.0 / total)
    if test in ("knha", "adhoc"):
        scale = np.einsum("ij,ij->i", weights, (centred - shift[:, None]) ** 2) / several
        scale = np.where(alone, 1.0, scale)
        se = se * np.sqrt(np.maximum(scale, 1.0) if test == "adhoc" else scale)
    q, i2, h2 = _heterogeneity(sample, several, tau2, method)
    normal = (test == "z") | alone
    crit = -np.where(normal, special.ndtri(tail), special.stdtrit(np.maximum(df, 1.0), tail))
    estimate = origin + shift
    no_prediction = alone | (method in COMMON_EFFECT_METHODS)
    reach = np.where(no_prediction, np.nan, crit * np.sqrt(tau2 + se**2))
    stat = -np.abs(np.divide(estimate, se, out=np.full_like(se, np.nan), where=se > 0.0))
    p = 2.0 * np.where(normal, special.ndtr(stat), special.stdtr(np.maximum(df, 1.0), stat))
    return PooledEffects(
        k=sample.k.astype(np.int64),
        estimate=estimate * unit,
        se=se * unit,
        ci_lower=(estimate - crit * se) * unit,
        ci_upper=(estimate + crit * se) * unit,
        pi_lower=(estimate - reach) * unit,
        pi_upper=(estimate + reach) * unit,
        tau2=np.where(alone, np.nan, tau2) * unit**2,
        i2=i2,
        h2=h2,
        q=np.where(alone, 0.0, q),
        p=p,
    )


def _heterogeneity(
    sample: Samples, df: FloatArray, tau2: FloatArray, method: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Q, I² (percent) and H² of each row, (B,); `df` is NaN where there is one study."""
    weights = sample.weights(np.zeros(df.size))
    total = weights.sum(axis=1)
    mean = np.einsum("ij,ij->i", weights, sample.yi) / total
    q = np.einsum("ij,ij->i", weights, (sample.yi - mean[:, None]) ** 2)
    if method in COMMON_EFFECT_METHODS:
        h2 = q / df
        return q, np.where(h2 > 1.0, 100.0 * (1.0 - 1.0 / np.maximum(h2, 1.0)), 0.0 * h2), h2
    typical = df / np.where(df > 0, trace_of_projection(weights), 1.0)
    return q, 100.0 * tau2 / (typical + tau2), tau2 / typical + 1.0
