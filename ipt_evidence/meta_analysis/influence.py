"""Which study carries the result? Leave-one-out, influence diagnostics, outliers, cumulation.

Definitions follow R metafor 3.8 `influence()`, `leave1out()`, `baujat()` and `cumul()`:
Viechtbauer & Cheung (2010) doi:10.1002/jrsm.11; Baujat et al. (2002) doi:10.1002/sim.1221.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import (
    FloatArray,
    effects_and_variances,
    number_or_none,
    refuse_positions,
)
from ipt_evidence.meta_analysis.models import PooledEffect, PooledEffects, pool, pool_many

__all__ = ["Outliers", "StudyInfluence", "cumulative", "influence", "leave_one_out", "outliers"]


@dataclass(frozen=True, slots=True)
class PartialPool:
    """Pooled effect of some of the studies; fields as `models.PooledEffect`.

    `position` is the study left out (leave-one-out) or the one added last (cumulative), counted
    from 0 in the order given.
    """

    position: int
    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    pi_lower: float | None
    pi_upper: float | None
    tau2: float | None
    i2: float | None
    q: float
    p: float | None


@dataclass(frozen=True, slots=True)
class StudyInfluence:
    """Influence of one study on the model fitted with test z.

    Attributes
    ----------
    rstudent
        Externally standardised (studentised deleted) residual.
    dffits
        Change of the fitted effect when the study is left out, in standard errors.
    cook
        Cook's distance.
    cov_ratio
        Variance of the estimate without the study over that with it; below 1 the study makes the
        estimate less precise.
    tau2_deleted, q_deleted
        tau² and Q without the study.
    hat, weight
        Leverage, and weight in percent.
    dfbetas
        Change of the estimate when the study is left out, in its standard error.
    baujat_x, baujat_y
        Contribution to heterogeneity and influence on the estimate: Baujat's plot.
    influential
        By any of metafor's rules: |dffits| > 3 sqrt(1/(k-1)), chi-squared tail of cook below one
        half, hat > 3/k, |dfbetas| > 1.
    """

    position: int
    rstudent: float
    dffits: float
    cook: float
    cov_ratio: float
    tau2_deleted: float
    q_deleted: float
    hat: float
    weight: float
    dfbetas: float
    baujat_x: float
    baujat_y: float
    influential: bool


@dataclass(frozen=True, slots=True)
class Outliers:
    """Studies whose own interval does not touch that of the pooled effect, and the rest pooled.

    `positions` count from 0; `without` is None when no study would be left.
    """

    positions: tuple[int, ...]
    full: PooledEffect
    without: PooledEffect | None


def leave_one_out(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> tuple[PartialPool, ...]:
    """Pool without each study in turn; parameters as `models.pool`.

    Raises
    ------
    PoolingError
        If input is unusable or fewer than 2 effects are given.
    """
    effects, variances = effects_and_variances(yi, vi, least=2)
    present = ~np.eye(effects.size, dtype=np.bool_)
    found = pool_many(effects, variances, present, method=method, test=test, level=level)
    return _partial(found, np.arange(effects.size))


def cumulative(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    by: Sequence[float] | npt.NDArray[np.generic],
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> tuple[PartialPool, ...]:
    """Pool the first study, the first two, and so on, in ascending order of `by`.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    by
        Year, variance or whatever orders the studies, (K,); ties keep their order.
    method, test, level
        As `models.pool`.

    Raises
    ------
    PoolingError
        If effects are unusable or `by` is missing somewhere or of another length.
    """
    effects, variances = effects_and_variances(yi, vi)
    try:
        keys = np.asarray(by, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise PoolingError(f"by holds something that is not a number: {err}") from err
    if keys.shape != effects.shape:
        raise PoolingError(f"by has {keys.size} values for {effects.size} effects")
    refuse_positions(np.isnan(keys), "by is missing")
    order = np.argsort(keys, kind="stable")
    present = np.tri(effects.size, dtype=np.bool_)
    found = pool_many(
        effects[order], variances[order], present, method=method, test=test, level=level
    )
    return _partial(found, order)


def influence(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, method: str = "REML"
) -> tuple[StudyInfluence, ...]:
    """Influence diagnostics for each study, in the order given.

    Raises
    ------
    PoolingError
        If input is unusable or fewer than 3 effects are given.
    """
    effects, variances = effects_and_variances(yi, vi, least=3)
    k = effects.size
    full = pool(effects, variances, method=method, test="z")
    without = pool_many(effects, variances, ~np.eye(k, dtype=np.bool_), method=method, test="z")
    tau2 = full.tau2 or 0.0
    weights = np.array(full.weights)
    hat = weights / 100.0
    change = full.estimate - without.estimate
    dffits = change / np.sqrt(hat * (without.tau2 + variances))
    cook = (change / full.se) ** 2
    # Error of the full mean if tau² were that found without the study.
    deleted_se = np.sqrt(1.0 / np.sum(1.0 / (variances + without.tau2[:, None]), axis=1))
    dfbetas = change / deleted_se
    influential = _influential(dffits, cook, hat, dfbetas)
    columns = {
        "rstudent": (effects - without.estimate)
        / np.sqrt(variances + without.tau2 + without.se**2),
        "dffits": dffits,
        "cook": cook,
        "cov_ratio": (without.se / full.se) ** 2,
        "tau2_deleted": without.tau2,
        "q_deleted": without.q,
        "hat": hat,
        "weight": weights,
        "dfbetas": dfbetas,
        "baujat_x": (effects - full.estimate) ** 2 / (variances + tau2),
        "baujat_y": (change / without.se) ** 2,
    }
    return tuple(
        StudyInfluence(
            position=i,
            influential=bool(influential[i]),
            **{name: float(column[i]) for name, column in columns.items()},
        )
        for i in range(k)
    )


def _influential(
    dffits: FloatArray, cook: FloatArray, hat: FloatArray, dfbetas: FloatArray
) -> npt.NDArray[np.bool_]:
    """Studies that any of metafor's rules marks, (K,)."""
    k = hat.size
    return np.asarray(
        (np.abs(dffits) > 3.0 * math.sqrt(1.0 / (k - 1)))
        | (special.chdtrc(1.0, cook) < 0.5)
        | (hat > 3.0 / k)
        | (np.abs(dfbetas) > 1.0)
    )


def outliers(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> Outliers:
    """Find studies whose normal interval lies wholly beside the pooled confidence interval.

    The rule of Harrer et al. (2021), Doing Meta-Analysis in R, ch. 5.4 doi:10.1201/9781003107347,
    also in metapsyTools. It describes; leaving studies out for it afterwards flatters the result.

    Raises
    ------
    PoolingError
        If input is unusable.
    """
    effects, variances = effects_and_variances(yi, vi)
    full = pool(effects, variances, method=method, test=test, level=level)
    half = distributions.critical_value(level, None) * np.sqrt(variances)
    beside = (effects - half > full.ci_upper) | (effects + half < full.ci_lower)
    if effects.size == 1:
        beside[:] = False
    rest = ~beside
    without = None
    if rest.any():
        without = pool(effects[rest], variances[rest], method=method, test=test, level=level)
    return Outliers(tuple(np.flatnonzero(beside).tolist()), full, without)


def _partial(found: PooledEffects, positions: npt.NDArray[np.intp]) -> tuple[PartialPool, ...]:
    return tuple(
        PartialPool(
            position=int(positions[i]),
            k=int(found.k[i]),
            estimate=float(found.estimate[i]),
            se=float(found.se[i]),
            ci_lower=float(found.ci_lower[i]),
            ci_upper=float(found.ci_upper[i]),
            pi_lower=number_or_none(found.pi_lower[i]),
            pi_upper=number_or_none(found.pi_upper[i]),
            tau2=number_or_none(found.tau2[i]),
            i2=number_or_none(found.i2[i]),
            q=float(found.q[i]),
            p=number_or_none(found.p[i]),
        )
        for i in range(positions.size)
    )
