"""Quantiles and tail areas of the normal, t, chi-squared and F distributions; p-value functions.

Thin typed wrappers over `scipy.special`: `scipy.stats` takes six times as long to import and
offers nothing more that is needed here.

A p-value function gives the p value of every possible effect, and so all confidence intervals of
an estimate at once: it peaks at 1 over the estimate itself, and at height 0.05 it is as wide as
the 95 percent interval. Rücker & Schwarzer (2021) doi:10.1002/jrsm.1410 draw one curve a study.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = [
    "chi2_quantile",
    "chi2_upper_tail",
    "critical_value",
    "f_upper_tail",
    "normal_cdf",
    "normal_quantile",
    "p_value_function",
    "prediction_function",
    "t_cdf",
    "tail_probability",
    "two_sided_p",
]


def tail_probability(level: float) -> float:
    """Probability in one tail outside a two-sided interval of `level` percent (95 gives 0.025).

    Raises
    ------
    PoolingError
        If `level` is not between 1 and 100 (0.95 is taken for the slip it is, not for 0.95 %).
    """
    if not 1.0 <= level < 100.0:
        raise PoolingError(
            f"level {level!r} is not a percentage between 1 and 100: write 95 for a 95 % interval"
        )
    return (100.0 - level) / 200.0


def critical_value(level: float, df: float | None) -> float:
    """Half-width, in standard errors, of a two-sided interval of `level` percent.

    `df` None means the normal distribution, otherwise the t distribution with `df` degrees.
    """
    tail = tail_probability(level)
    return -normal_quantile(tail) if df is None else -t_quantile(tail, df)


def two_sided_p(stat: float, df: float | None) -> float:
    """Two-sided p value of a z (`df` None) or t statistic."""
    return 2.0 * (normal_cdf(-abs(stat)) if df is None else t_cdf(-abs(stat), df))


def normal_cdf(x: float) -> float:
    """P(Z <= x)."""
    return float(special.ndtr(x))


def normal_quantile(p: float) -> float:
    """Return the x with P(Z <= x) = p."""
    return float(special.ndtri(p))


def t_cdf(x: float, df: float) -> float:
    """P(T <= x) with `df` degrees of freedom, which need not be whole."""
    return float(special.stdtr(df, x))


def t_quantile(p: float, df: float) -> float:
    """Return the x with P(T <= x) = p; `df` need not be whole."""
    return float(special.stdtrit(df, p))


def chi2_upper_tail(x: float, df: float) -> float:
    """P(X >= x) for chi-squared with `df` degrees of freedom."""
    return float(special.chdtrc(df, x))


def chi2_quantile(p: float, df: float) -> float:
    """Return the x with P(X <= x) = p for chi-squared with `df` degrees of freedom."""
    return float(2.0 * special.gammaincinv(df / 2.0, p))


def f_upper_tail(x: float, df1: float, df2: float) -> float:
    """P(X >= x) for F with `df1` and `df2` degrees of freedom."""
    return float(special.fdtrc(df1, df2, x))


def p_value_function(
    effects: npt.ArrayLike, estimate: float, se: float, df: float | None = None
) -> FloatArray:
    """Two-sided p value of each of ``effects`` (N,) as the true effect; (N,), between 0 and 1.

    Parameters
    ----------
    effects
        Possible true effects on the scale of ``estimate``.
    estimate, se
        The estimate and its standard error.
    df
        Degrees of freedom of its t distribution; None for the normal one.

    Raises
    ------
    PoolingError
        If ``se`` is not positive.
    """
    if not se > 0.0:
        raise PoolingError(f"the standard error {se!r} is not positive")
    stat = -np.abs((np.asarray(effects, dtype=np.float64) - estimate) / se)
    tail = special.ndtr(stat) if df is None else special.stdtr(df, stat)
    return np.asarray(2.0 * tail, dtype=np.float64)


def prediction_function(
    effects: npt.ArrayLike, estimate: float, se: float, tau2: float, df: float
) -> FloatArray:
    """As `p_value_function`, for the true effect of a new study: all prediction intervals at once.

    Raises
    ------
    PoolingError
        If neither ``se`` nor ``tau2`` is positive.
    """
    return p_value_function(effects, estimate, float(np.sqrt(tau2 + se**2)), df)
