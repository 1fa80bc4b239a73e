"""Power of a meta-analysis, and the size of a next trial that would change its conclusion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import effects_and_variances
from ipt_evidence.meta_analysis.models import PooledEffect, pool, pool_many
from ipt_evidence.meta_analysis.roots import root_between

__all__ = ["next_trial", "pooled_power"]

SMALLEST_ARM, LARGEST_ARM = 5, 100_000
TOLERANCE = 1e-14  # of a noncentrality, which is about 3


@dataclass(frozen=True, slots=True)
class PooledPower:
    """Power of the two-sided test of the pooled effect.

    `se` is the standard error of the pooled effect for the tau² assumed; `detectable` the
    smallest effect found with a chance of `target` percent.
    """

    power: float
    se: float
    detectable: float
    target: float
    effect: float
    tau2: float
    k: int
    test: str
    alpha: float


@dataclass(frozen=True, slots=True)
class NextTrial:
    """The smallest further trial that changes whether the interval of the effect excludes 0.

    `n_per_arm` is None when no trial of up to 100,000 per arm with the effect `effect` does:
    `updated` is then None too. `significant` says how things stand now.
    """

    significant: bool
    n_per_arm: int | None
    effect: float
    current: PooledEffect
    updated: PooledEffect | None


def pooled_power(
    vi: npt.ArrayLike,
    effect: float,
    *,
    tau2: float = 0.0,
    test: str = "knha",
    alpha: float = 0.05,
    target: float = 80.0,
) -> PooledPower:
    """Power to find a true mean effect with studies of these sampling variances.

    Hedges & Pigott (2001) doi:10.1037/1082-989X.6.3.203. For tests "t" and "knha" the noncentral t
    with k - 1 degrees of freedom is used, taking tau² as known.

    Parameters
    ----------
    vi
        Sampling variances of the studies, (K,), had or planned.
    effect
        True mean effect, in units of yi.
    tau2
        Between-study variance.
    test
        "z", "t" or "knha"; the latter two need K >= 2.
    alpha
        Two-sided significance level.
    target
        Percent of power for `detectable`.

    Raises
    ------
    PoolingError
        If variances are unusable, tau2 is negative, alpha or target is out of range.
    """
    variances = effects_and_variances(np.zeros(np.atleast_1d(np.asarray(vi)).size), vi)[1]
    k = variances.size
    if test not in ("z", "t", "knha") or (test != "z" and k < 2):
        raise PoolingError(f"test {test!r} does not exist for {k} studies: choose z, t or knha")
    if not 0.0 <= tau2 < math.inf:
        raise PoolingError(f"tau2 {tau2!r} is not a variance")
    if not 0.0 < alpha < 1.0 or not 100.0 * alpha < target < 100.0:
        raise PoolingError(f"alpha {alpha!r} or target {target!r} is out of range")
    se = math.sqrt(1.0 / float(np.sum(1.0 / (variances + tau2))))
    df = None if test == "z" else k - 1
    detectable = _noncentrality_for(target / 100.0, df, alpha) * se
    return PooledPower(
        _power(abs(effect) / se, df, alpha), se, detectable, target, effect, tau2, k, test, alpha
    )


def next_trial(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    effect: float = 0.0,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> NextTrial:
    """Find the smallest next trial, of two equal arms, that would change the conclusion.

    The trial is imagined to observe `effect` with variance 2/n + effect² / (4 n). A contradicting
    trial also raises tau², so that under random effects often no single trial is large enough:
    that is an answer too. Sutton et al. (2007) doi:10.1002/sim.2704 introduced the question.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances so far, each (K,).
    effect
        What the next trial observes, in units of yi (standardised mean differences).
    method, test, level
        As `models.pool`.

    Raises
    ------
    PoolingError
        If input is unusable or `effect` is not finite.
    """
    effects, variances = effects_and_variances(yi, vi)
    if not math.isfinite(effect):
        raise PoolingError(f"effect {effect!r} is not a number")
    current = pool(effects, variances, method=method, test=test, level=level)
    significant = not current.ci_lower <= 0.0 <= current.ci_upper
    sizes = np.unique(np.geomspace(SMALLEST_ARM, LARGEST_ARM, 400).round().astype(int))
    changed = _changes(effects, variances, effect, sizes, significant, method, test, level)
    if not changed.any():
        return NextTrial(significant, None, effect, current, None)
    first = int(np.argmax(changed))
    # Between two sizes of the coarse grid every size is tried.
    fine = np.arange(sizes[first - 1] + 1 if first else sizes[0], sizes[first] + 1)
    n = int(
        fine[
            np.argmax(_changes(effects, variances, effect, fine, significant, method, test, level))
        ]
    )
    updated = pool(
        np.append(effects, effect),
        np.append(variances, _trial_variance(effect, np.array([n]))),
        method=method,
        test=test,
        level=level,
    )
    return NextTrial(significant, n, effect, current, updated)


def _trial_variance(effect: float, n: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.asarray(2.0 / n + effect**2 / (4.0 * n), dtype=np.float64)


def _changes(
    yi: npt.NDArray[np.float64],
    vi: npt.NDArray[np.float64],
    effect: float,
    sizes: npt.NDArray[np.int64],
    significant: bool,
    method: str,
    test: str,
    level: float,
) -> npt.NDArray[np.bool_]:
    rows = np.ones((sizes.size, 1))
    found = pool_many(
        np.hstack([rows * yi, rows * effect]),
        np.hstack([rows * vi, _trial_variance(effect, sizes)[:, None]]),
        method=method,
        test=test,
        level=level,
    )
    then = (found.ci_lower > 0.0) | (found.ci_upper < 0.0)
    return np.asarray(then != significant, dtype=np.bool_)


def _power(noncentrality: float, df: int | None, alpha: float) -> float:
    crit = distributions.critical_value(100.0 * (1.0 - alpha), df)
    if df is None:
        upper = distributions.normal_cdf(noncentrality - crit)
        return upper + distributions.normal_cdf(-noncentrality - crit)
    below = float(special.nctdtr(df, noncentrality, crit))
    return 1.0 - below + float(special.nctdtr(df, noncentrality, -crit))


def _noncentrality_for(power: float, df: int | None, alpha: float) -> float:
    high = 1.0
    while _power(high, df, alpha) < power:
        high *= 2.0
    return root_between(lambda at: _power(at, df, alpha) - power, 0.0, high, TOLERANCE)
