"""Quantiles and tail areas of the normal, t, chi-squared and F distributions.

Thin typed wrappers over `scipy.special`: `scipy.stats` takes six times as long to import and
offers nothing more that is needed here.
"""

from __future__ import annotations

from scipy import special

from ipt_evidence.errors import PoolingError

__all__ = [
    "chi2_quantile",
    "chi2_upper_tail",
    "critical_value",
    "f_upper_tail",
    "normal_cdf",
    "normal_quantile",
    "t_cdf",
    "t_quantile",
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
