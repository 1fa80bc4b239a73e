"""Asymmetry of the funnel plot: Egger's regression, Begg's rank correlation, and the LFK index.

The Doi plot and its index are those of Furuya-Kanamori, Barendregt & Doi (2018), Int J Evid Based
Healthc 16. The studies in the order of their effects get normal quantiles, each as wide as its
precision; a plot of |z| against the effect has two even limbs where small studies do not differ.
The index is the difference between the limbs' areas. Its bounds of 1 and 2 are conventions: between
0 and 30 % of even funnels pass them, by the number and size of the studies and their heterogeneity,
so that Schwarzer et al. (2024) doi:10.1002/jrsm.1714 advise against it.
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
from ipt_evidence.meta_analysis.moderators import meta_regression
from ipt_evidence.meta_analysis.small_study_effects.cautions import (
    LEAST,
    few_studies,
    heterogeneous,
    like_precision,
)

__all__ = ["EggerTest", "begg_test", "doi_plot", "egger_test"]

SAME = 1e-12  # of the largest value: a smaller difference is rounding
EXACT_UP_TO = 200  # studies for which Kendall's null distribution is computed exactly


@dataclass(frozen=True, slots=True)
class EggerTest:
    """Regression of effects on their standard errors.

    Attributes
    ----------
    k
        Number of studies.
    slope, se, stat, df, p
        Change of effect per unit of standard error (or predictor), its error, t or z, df (None for
        z), two-sided p. In the classical model this is Egger's "intercept" of the precision plot.
    limit, limit_lower, limit_upper
        Effect expected of an infinitely precise study, with its interval.
    model, level, cautions
        "lm" or "mixed", percent, when not to rely on it.
    """

    k: int
    slope: float
    se: float
    stat: float | None
    df: float | None
    p: float | None
    limit: float
    limit_lower: float
    limit_upper: float
    model: str
    level: float
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BeggTest:
    """Rank correlation (Kendall's tau-b) of standardised effects and variances; p two-sided."""

    k: int
    kendall_tau: float
    p: float
    exact: bool
    cautions: tuple[str, ...]


def egger_test(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    predictor: npt.ArrayLike | None = None,
    model: str = "lm",
    level: float = 95.0,
) -> EggerTest:
    """Egger's test for small-study effects.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,), K >= 3.
    predictor
        What stands for imprecision, (K,); sqrt(vi) by default. For standardised mean differences
        sqrt(1/n1 + 1/n2) is better: their standard error grows with the effect itself, which makes
        the default cry wolf (Pustejovsky & Rodgers 2019 doi:10.1002/jrsm.1332).
    model
        "lm": weighted regression with multiplicative error, Egger et al. (1997)
        doi:10.1136/bmj.315.7109.629 and metafor `regtest(model="lm")`. "mixed": REML
        meta-regression on the standard error with z test, as metafor `regtest(rma(yi, vi))`.
    level
        Percent of the interval of the limit estimate.

    Raises
    ------
    PoolingError
        If fewer than 3 or unusable effects are given, or all variances (predictors) are equal.
    """
    effects, variances = effects_and_variances(yi, vi, least=3)
    if model not in ("lm", "mixed"):
        raise PoolingError(f"unknown model {model!r}: choose lm or mixed")
    imprecision = np.sqrt(variances) if predictor is None else np.asarray(predictor)
    method, test = ("FE", "knha") if model == "lm" else ("REML", "z")
    fit = meta_regression(
        effects,
        variances,
        {"standard error": imprecision},
        method=method,
        test=test,
        level=level,
    )
    limit, slope = fit.coefficients
    cautions = few_studies(fit.k) + like_precision(variances)
    if model == "lm":
        cautions += heterogeneous(effects, variances)
    return EggerTest(
        k=fit.k,
        slope=slope.estimate,
        se=slope.se,
        stat=slope.stat,
        df=slope.df,
        p=slope.p,
        limit=limit.estimate,
        limit_lower=limit.ci_lower,
        limit_upper=limit.ci_upper,
        model=model,
        level=level,
        cautions=cautions,
    )


def begg_test(yi: npt.ArrayLike, vi: npt.ArrayLike) -> BeggTest:
    """Begg and Mazumdar's rank correlation test (1994) doi:10.2307/2533446.

    Same as metafor `ranktest()`: exact p without ties, else the normal approximation with R's
    correction for ties. Less powerful than Egger's test.

    Raises
    ------
    PoolingError
        If fewer than 3 or unusable effects are given, or all variances are equal.
    """
    effects, variances = effects_and_variances(yi, vi, least=3)
    weights = 1.0 / variances
    mean = float(weights @ effects) / float(weights.sum())
    # The variance of a residual, vi - 1 / sum w, in a form that one overwhelming study leaves > 0.
    top = weights == weights.max()
    others = float(np.delete(weights, int(np.argmax(top))).sum())
    share = np.where(top, others, float(weights.sum()) - weights) / float(weights.sum())
    standardised = (effects - mean) / np.sqrt(variances * share)
    k = effects.size
    concordance, ties_x, ties_y = _concordance(_merged(standardised), _merged(variances))
    pairs = 0.5 * k * (k - 1)
    loose_x, loose_y = pairs - _tied_pairs(ties_x), pairs - _tied_pairs(ties_y)
    if loose_x == 0.0 or loose_y == 0.0:
        raise PoolingError("all studies have the same variance: there are no ranks to compare")
    exact = ties_x.size + ties_y.size == 0 and k <= EXACT_UP_TO
    if exact:
        p = _exact_p(concordance, k)
    else:
        p = distributions.two_sided_p(
            concordance / math.sqrt(_tie_variance(k, ties_x, ties_y)), None
        )
    return BeggTest(
        k,
        concordance / math.sqrt(loose_x * loose_y),
        p,
        exact,
        few_studies(k) + like_precision(variances),
    )


def _merged(values: FloatArray) -> FloatArray:
    """Values that differ by rounding alone, made equal: only then do they count as ties."""
    order = np.argsort(values, kind="stable")
    ascending = values[order]
    distinct = np.diff(ascending, prepend=ascending[0]) > SAME * float(np.abs(values).max())
    merged = np.empty_like(values)
    merged[order] = np.cumsum(distinct)
    return merged


def _concordance(x: FloatArray, y: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Concordant minus discordant pairs, and the sizes of groups of ties in x and in y."""
    total = 0.0
    for i in range(x.size - 1):
        total += float(np.sign(x[i + 1 :] - x[i]) @ np.sign(y[i + 1 :] - y[i]))
    return total, _tie_sizes(x), _tie_sizes(y)


def _tie_sizes(values: FloatArray) -> FloatArray:
    counts = np.unique(values, return_counts=True)[1]
    return counts[counts > 1].astype(np.float64)


def _tied_pairs(sizes: FloatArray) -> float:
    return float(np.sum(sizes * (sizes - 1.0)) / 2.0)


def _tie_variance(k: int, x: FloatArray, y: FloatArray) -> float:
    """Variance of concordance under independence with ties; Kendall (1970), section 4."""

    def cubic(n: FloatArray) -> float:
        return float(np.sum(n * (n - 1.0) * (2.0 * n + 5.0)))

    def triples(n: FloatArray) -> float:
        return float(np.sum(n * (n - 1.0) * (n - 2.0)))

    first = (cubic(np.array([float(k)])) - cubic(x) - cubic(y)) / 18.0
    second = triples(x) * triples(y) / (9.0 * k * (k - 1.0) * (k - 2.0))
    return first + second + 2.0 * _tied_pairs(x) * _tied_pairs(y) / (k * (k - 1.0))


def _exact_p(concordance: float, k: int) -> float:
    """Two-sided p from the distribution of the number of inversions of a random permutation."""
    chance = np.ones(1)
    for n in range(2, k + 1):
        running = np.cumsum(np.concatenate([chance, np.zeros(n - 1)]))
        running[n:] -= running[:-n].copy()
        chance = running / n
    concordant = round((concordance + 0.5 * k * (k - 1)) / 2.0)
    lower, upper = float(chance[: concordant + 1].sum()), float(chance[concordant:].sum())
    return min(1.0, 2.0 * min(lower, upper))


MINOR, MAJOR = 1.0, 2.0  # of |LFK|: Furuya-Kanamori et al. (2018)
CAUTION = (
    "the bounds of the LFK index are passed by 0 to 30 % of even funnels, depending on the number "
    "and size of studies: not a test of asymmetry (Schwarzer et al. 2024, doi:10.1002/jrsm.1714)"
)


@dataclass(frozen=True, slots=True)
class DoiPlot:
    """LFK index, and the points of the plot in ascending order of effects.

    Attributes
    ----------
    lfk
        0 for even limbs; positive where small studies have larger effects.
    asymmetry
        "none", "minor" (above 1) or "major" (above 2), by the authors' convention.
    yi, z
        Effects and their normal quantiles, each (K,); the plot shows |z| downwards.
    """

    k: int
    lfk: float
    asymmetry: str
    yi: tuple[float, ...]
    z: tuple[float, ...]
    cautions: tuple[str, ...]


def doi_plot(yi: npt.ArrayLike, vi: npt.ArrayLike) -> DoiPlot:
    """Doi plot and LFK index, as R metasens `lfkindex()`; equal effects in the order given.

    Raises
    ------
    PoolingError
        If fewer than 3 or unusable effects are given, or all effects are equal.
    """
    effects, variances = effects_and_variances(yi, vi, least=LEAST)
    order = np.argsort(effects, kind="stable")
    effects, weights = effects[order], 100.0 * variances.max() / variances[order]
    if effects[0] == effects[-1]:
        raise PoolingError("all effects are equal: a Doi plot has no limbs")
    middle = np.cumsum(weights) - 0.5 * weights
    z = special.ndtri((middle - 0.5) / weights.sum())
    if not np.isfinite(z).all():
        raise PoolingError("one study outweighs all others: a Doi plot has no limbs")
    distance = effects - effects[np.abs(z).argmin()]
    slope = (z.max() - z.min()) / (distance.max() - distance.min())
    lfk = 2.5 * float(np.mean(z + slope * distance))
    size = abs(lfk)
    name = "none" if size <= MINOR else "minor" if size <= MAJOR else "major"
    shown = tuple(effects.tolist()), tuple(z.tolist())
    return DoiPlot(effects.size, lfk, name, *shown, (*few_studies(effects.size), CAUTION))
