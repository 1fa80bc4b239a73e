"""Why do effects differ? Subgroups and meta-regression.

Both are observational: trials were not randomised to their moderators, and a difference between
subgroups is a question rather than an answer (Cochrane Handbook 10.11). Fewer than 10 trials per
moderator make a regression unreliable. Definitions follow R metafor 3.8 `rma(mods = ...)`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import Coefficient, coefficient_table, joint_test
from ipt_evidence.meta_analysis.design import Coding, code_moderators, design_matrix
from ipt_evidence.meta_analysis.estimators import COMMON_EFFECT_METHODS
from ipt_evidence.meta_analysis.heterogeneity import HeterogeneityInterval
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.linear_model import (
    Design,
    WeightedFit,
    residual_tau2,
    solve_residual_q,
    trace_of_projection,
    weighted_fit,
)
from ipt_evidence.meta_analysis.models import TESTS
from ipt_evidence.meta_analysis.single import Effects, tau2_of

__all__ = [
    "MODERATOR_TRIALS",
    "MetaRegression",
    "Prediction",
    "meta_regression",
    "predict",
    "residual_heterogeneity",
]

MODERATOR_TRIALS = 10  # trials for each moderator: Cochrane Handbook 6.4, section 10.11.5.1

Moderator = Sequence[object] | npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class MetaRegression:
    """A meta-regression; None where a quantity does not exist.

    Attributes
    ----------
    coefficients
        Intercept first; a category is named `moderator=level` and compares with the first level.
    covariance
        Of the coefficients, a tuple of rows.
    tau2, i2, h2
        Residual between-study variance, I² (percent) and H².
    r2
        Percent of tau² that the moderators account for; None under EE and FE (where metafor gives
        the adjusted R² of the weighted regression instead). With few trials it can be 0 or 100 by
        chance alone.
    qe, qe_df, qe_p
        Residual heterogeneity.
    qm, qm_df1, qm_df2, qm_p
        Joint test of all coefficients but the intercept: chi-squared (`qm_df2` None) for test
        "z", F for the others; all None when there are no moderators.
    codings
        How the moderators were turned into columns, for `predict`.
    notes
        What the reader must know, e.g. that there are few trials for the moderators.
    """

    k: int
    coefficients: tuple[Coefficient, ...]
    covariance: tuple[tuple[float, ...], ...]
    tau2: float
    i2: float
    h2: float
    r2: float | None
    qe: float
    qe_df: int
    qe_p: float
    qm: float | None
    qm_df1: int | None
    qm_df2: int | None
    qm_p: float | None
    method: str
    test: str
    level: float
    codings: tuple[Coding, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """Expected effect at given moderator values, with confidence and prediction interval."""

    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    pi_lower: float | None
    pi_upper: float | None


def meta_regression(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    moderators: Mapping[str, Moderator],
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> MetaRegression:
    """Mixed-effects meta-regression by weighted least squares.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,), one for each trial.
    moderators
        Name to values (K,). Numbers enter as they are; words become categories, compared with
        the first level in sorted order.
    method, test, level
        As `models.pool`; df of "t", "knha" and "adhoc" are K minus the number of coefficients.

    Returns
    -------
    MetaRegression
        Coefficients are in units of yi for one unit of the moderator.

    Raises
    ------
    PoolingError
        If effects or moderator values are unusable (naming positions), a moderator is constant or
        redundant (by name), or there are no more effects than coefficients.
    """
    if test not in TESTS:
        raise PoolingError(f"unknown test {test!r}: choose one of {', '.join(TESTS)}")
    effects, variances = effects_and_variances(yi, vi)
    codings = code_moderators(moderators, effects.size)
    x, terms = design_matrix(codings, moderators, effects.size)
    design = Design.of(effects, variances, x, terms)
    tau2 = residual_tau2(design, method)
    fit = weighted_fit(design, tau2)
    df = effects.size - x.shape[1]
    scale = _variance_scale(fit, df, test)
    covariance = design.back @ fit.gram_inverse @ design.back.T * scale
    beta = design.back @ fit.gamma
    qe = weighted_fit(design, 0.0).rss
    i2, h2 = _heterogeneity(design, tau2, qe, method)
    qm, df1, df2, qm_p = joint_test(beta[1:], covariance[1:, 1:], None if test == "z" else df)
    return MetaRegression(
        k=effects.size,
        coefficients=coefficient_table(terms, beta, covariance, None if test == "z" else df, level),
        covariance=tuple(tuple(row) for row in covariance.tolist()),
        tau2=tau2,
        i2=i2,
        h2=h2,
        r2=_r2(effects, variances, tau2, method),
        qe=qe,
        qe_df=df,
        qe_p=distributions.chi2_upper_tail(qe, df),
        qm=qm,
        qm_df1=df1,
        qm_df2=df2,
        qm_p=qm_p,
        method=method,
        test=test,
        level=level,
        codings=codings,
        notes=_notes(effects.size, len(codings)),
    )


def residual_heterogeneity(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    moderators: Mapping[str, Moderator],
    *,
    level: float = 95.0,
) -> HeterogeneityInterval:
    """Q-profile interval of the heterogeneity that moderators leave; see `heterogeneity_interval`.

    Raises
    ------
    PoolingError
        As `meta_regression`.
    """
    effects, variances = effects_and_variances(yi, vi)
    codings = code_moderators(moderators, effects.size)
    x, terms = design_matrix(codings, moderators, effects.size)
    unit = math.sqrt(float(np.median(variances)))
    design = Design.of(effects / unit, variances / unit**2, x, terms)
    typical = (effects.size - x.shape[1]) / trace_of_projection(design, weighted_fit(design, 0.0))
    tail, df = distributions.tail_probability(level), effects.size - x.shape[1]
    lower, upper = (
        solve_residual_q(design, distributions.chi2_quantile(p, df)) for p in (1.0 - tail, tail)
    )
    return HeterogeneityInterval(
        tau2_lower=lower * unit**2,
        tau2_upper=upper * unit**2,
        i2_lower=100.0 * lower / (typical + lower),
        i2_upper=100.0 * upper / (typical + upper),
        h2_lower=1.0 + lower / typical,
        h2_upper=1.0 + upper / typical,
        level=level,
    )


def predict(model: MetaRegression, moderators: Mapping[str, Moderator]) -> tuple[Prediction, ...]:
    """Give the expected effect at each of N new moderator values (each (N,)).

    Raises
    ------
    PoolingError
        If a moderator of the model is absent or has a level that the model has not seen.
    """
    x, _ = design_matrix(model.codings, moderators)
    beta = np.array([c.estimate for c in model.coefficients])
    covariance = np.array(model.covariance)
    crit = distributions.critical_value(model.level, model.coefficients[0].df)
    found = []
    for row in x:
        estimate, se = float(row @ beta), math.sqrt(max(float(row @ covariance @ row), 0.0))
        reach = crit * math.sqrt(model.tau2 + se**2)
        common = model.method in COMMON_EFFECT_METHODS
        found.append(
            Prediction(
                estimate,
                se,
                estimate - crit * se,
                estimate + crit * se,
                None if common else estimate - reach,
                None if common else estimate + reach,
            )
        )
    return tuple(found)


def _variance_scale(fit: WeightedFit, df: int, test: str) -> float:
    if test not in ("knha", "adhoc"):
        return 1.0
    return max(fit.rss / df, 1.0) if test == "adhoc" else fit.rss / df


def _heterogeneity(design: Design, tau2: float, qe: float, method: str) -> tuple[float, float]:
    df = design.yi.size - design.basis.shape[1]
    if method in COMMON_EFFECT_METHODS:
        return (max(0.0, 100.0 * (qe - df) / qe) if qe > 0.0 else 0.0), qe / df
    fit = weighted_fit(design, 0.0)
    typical = df / trace_of_projection(design, fit)
    return 100.0 * tau2 / (typical + tau2), tau2 / typical + 1.0


def _r2(yi: FloatArray, vi: FloatArray, tau2: float, method: str) -> float | None:
    if method in COMMON_EFFECT_METHODS:
        return None
    total = tau2_of(Effects(yi - yi[vi.argmin()], vi), method)
    return max(0.0, 100.0 * (total - tau2) / total) if total > 0.0 else 0.0


def _notes(k: int, moderators: int) -> tuple[str, ...]:
    if moderators and k < MODERATOR_TRIALS * moderators:
        return (
            f"{k} trials for {moderators} moderator{'s' if moderators > 1 else ''}: at least "
            f"{MODERATOR_TRIALS} each are advised (Cochrane Handbook 10.11.5.1)",
        )
    return ()
