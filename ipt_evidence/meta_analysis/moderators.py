"""Why do effects differ? Subgroups and meta-regression.

Both are observational: trials were not randomised to their moderators, and a difference between
subgroups is a question rather than an answer (Cochrane Handbook 10.11). Fewer than 10 trials per
moderator make a regression unreliable. Definitions follow R metafor 3.8 `rma(mods = ...)`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import (
    Coding,
    Coefficient,
    Moderators,
    code_moderators,
    coefficient_table,
    collinear,
    design_matrix,
    joint_test,
)
from ipt_evidence.meta_analysis.estimators import COMMON_EFFECT_METHODS
from ipt_evidence.meta_analysis.heterogeneity import HeterogeneityInterval, q_profile, tau2_of
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, labels_of
from ipt_evidence.meta_analysis.linear_model import (
    Design,
    Line,
    LineFit,
    Mean,
    WeightedFit,
    model_of,
)
from ipt_evidence.meta_analysis.models import PooledEffect, check_test, pool

__all__ = [
    "FEW_TRIALS",
    "MODERATOR_TRIALS",
    "MetaRegression",
    "Prediction",
    "SubgroupEffect",
    "Subgroups",
    "meta_regression",
    "predict",
    "residual_heterogeneity",
    "subgroups",
]

FEW_TRIALS = 5  # a subgroup of fewer says little about itself; metapsyTools warns likewise
MODERATOR_TRIALS = 10  # trials for each moderator: Cochrane Handbook 6.4, section 10.11.5.1


@dataclass(frozen=True, slots=True)
class MetaRegression:
    """A meta-regression; None where a quantity does not exist.

    Attributes
    ----------
    coefficients
        Intercept first; a category is named `moderator=level` and compares with the first level,
        an interaction joins the names of its terms by `:`.
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
    moderators: Moderators,
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
        the first level in sorted order. A `coefficients.Formula` holds interactions and other
        reference levels besides.
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
    check_test(test)
    effects, variances = effects_and_variances(yi, vi)
    codings = code_moderators(moderators, effects.size)
    x, terms = design_matrix(codings, moderators, effects.size)
    design = model_of(effects, variances, x, terms)
    tau2, df = tau2_of(design, method), design.df
    plain = design.at(0.0)
    beta, covariance = _coefficients(design, tau2, test)
    i2, h2 = _heterogeneity(plain, tau2, df, method)
    qm, df1, df2, qm_p = joint_test(beta[1:], covariance[1:, 1:], None if test == "z" else df)
    return MetaRegression(
        k=effects.size,
        coefficients=coefficient_table(terms, beta, covariance, None if test == "z" else df, level),
        covariance=tuple(tuple(row) for row in covariance.tolist()),
        tau2=tau2,
        i2=i2,
        h2=h2,
        r2=_r2(effects, variances, tau2, method),
        qe=plain.rss,
        qe_df=df,
        qe_p=distributions.chi2_upper_tail(plain.rss, df),
        qm=qm,
        qm_df1=df1,
        qm_df2=df2,
        qm_p=qm_p,
        method=method,
        test=test,
        level=level,
        codings=codings,
        notes=_notes(effects.size, len(codings)) + collinear(codings, x),
    )


def residual_heterogeneity(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    moderators: Moderators,
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
    unit = float(np.median(variances))
    return q_profile(model_of(effects / unit**0.5, variances / unit, x, terms), unit, level)


def predict(model: MetaRegression, moderators: Moderators) -> tuple[Prediction, ...]:
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


def _coefficients(design: Line | Design, tau2: float, test: str) -> tuple[FloatArray, FloatArray]:
    """Coefficients (p,) and their covariance (p, p) by `test`."""
    beta, covariance = design.coefficients(tau2)
    if test not in ("knha", "adhoc"):
        return beta, covariance
    scale = design.at(tau2).rss / design.df
    return beta, covariance * (max(scale, 1.0) if test == "adhoc" else scale)


def _heterogeneity(
    plain: LineFit | WeightedFit, tau2: float, df: int, method: str
) -> tuple[float, float]:
    """I² (percent) and H² from tau² and the fit without it."""
    qe = plain.rss
    if method in COMMON_EFFECT_METHODS:
        return (max(0.0, 100.0 * (qe - df) / qe) if qe > 0.0 else 0.0), qe / df
    typical = df / plain.trace()
    return 100.0 * tau2 / (typical + tau2), tau2 / typical + 1.0


def _r2(yi: FloatArray, vi: FloatArray, tau2: float, method: str) -> float | None:
    if method in COMMON_EFFECT_METHODS:
        return None
    total = tau2_of(Mean(yi - yi[vi.argmin()], vi), method)
    return max(0.0, 100.0 * (total - tau2) / total) if total > 0.0 else 0.0


def _notes(k: int, moderators: int) -> tuple[str, ...]:
    if moderators and k < MODERATOR_TRIALS * moderators:
        return (
            f"{k} trials for {moderators} moderator{'s' if moderators > 1 else ''}: at least "
            f"{MODERATOR_TRIALS} each are advised (Cochrane Handbook 10.11.5.1)",
        )
    return ()


@dataclass(frozen=True, slots=True)
class SubgroupEffect:
    """Pooled effect of the trials of one subgroup; fields as `models.PooledEffect`."""

    group: str
    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    pi_lower: float | None
    pi_upper: float | None
    tau2: float | None
    i2: float | None


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Subgroup effects in sorted order and the test that they are all equal.

    `q_between` is chi-squared with `df1` degrees (`df2` None), or F with `df1` and `df2`. It is
    None, like `p`, when only one group is there.
    """

    groups: tuple[SubgroupEffect, ...]
    q_between: float | None
    df1: int
    df2: int | None
    p: float | None
    common_tau2: bool
    method: str
    test: str
    level: float
    notes: tuple[str, ...]


def subgroups(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    group: Sequence[object] | npt.NDArray[np.generic],
    *,
    common_tau2: bool = False,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> Subgroups:
    """Pool each subgroup and test the difference between them.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    group
        Group of each effect, (K,).
    common_tau2
        False: each group has its own tau², and Q between sums (effect - mean)² / se² over groups,
        with the standard errors shown (metapsyTools' convention; chi-squared). True: one tau² for
        all, from the regression on the group, whose omnibus test is reported (advised by
        Borenstein et al. 2009, ch. 19, doi:10.1002/9780470743386, when groups are small).
    method, test, level
        As `models.pool`.

    Raises
    ------
    PoolingError
        If effects or groups are unusable, or `common_tau2` and no group has two effects.
    """
    effects, variances = effects_and_variances(yi, vi)
    labels = np.array([str(label) for label in labels_of(group, effects.size, "group")])
    names = sorted(set(labels.tolist()))
    pooled = _with_common_tau2 if common_tau2 and len(names) > 1 else _with_own_tau2
    found, between = pooled(
        effects, variances, labels, names, method=method, test=test, level=level
    )
    q, df1, df2, p = between
    return Subgroups(
        found,
        q,
        df1,
        df2,
        p,
        common_tau2,
        method,
        test,
        level,
        _subgroup_notes(found, chi2=df2 is None and q is not None),
    )


def _effect_of(
    group: str, k: int, fit: PooledEffect | Prediction, tau2: float | None, i2: float | None
) -> SubgroupEffect:
    limits = (fit.ci_lower, fit.ci_upper, fit.pi_lower, fit.pi_upper)
    return SubgroupEffect(group, k, fit.estimate, fit.se, *limits, tau2, i2)


def _between(groups: tuple[SubgroupEffect, ...]) -> _Between:
    """Q between groups, its degrees of freedom and p."""
    df = len(groups) - 1
    se = np.array([g.se for g in groups])
    if df == 0 or (se == 0.0).any():
        return None, df, None, None
    weights, effects = 1.0 / se**2, np.array([g.estimate for g in groups])
    mean = float(weights @ effects) / float(weights.sum())
    q = float(weights @ (effects - mean) ** 2)
    return q, df, None, distributions.chi2_upper_tail(q, df)


_Between = tuple[float | None, int, int | None, float | None]


def _with_own_tau2(
    yi: FloatArray,
    vi: FloatArray,
    labels: npt.NDArray[np.str_],
    names: list[str],
    *,
    method: str,
    test: str,
    level: float,
) -> tuple[tuple[SubgroupEffect, ...], _Between]:
    found = []
    for name in names:
        own = labels == name
        fit = pool(yi[own], vi[own], method=method, test=test, level=level)
        found.append(_effect_of(name, fit.k, fit, fit.tau2, fit.i2))
    return tuple(found), _between(tuple(found))


def _with_common_tau2(
    yi: FloatArray,
    vi: FloatArray,
    labels: npt.NDArray[np.str_],
    names: list[str],
    *,
    method: str,
    test: str,
    level: float,
) -> tuple[tuple[SubgroupEffect, ...], _Between]:
    if yi.size <= len(names):
        raise PoolingError(
            f"{yi.size} effects in {len(names)} groups leave nothing to estimate a common tau² from"
        )
    model = meta_regression(
        yi, vi, {"group": labels.tolist()}, method=method, test=test, level=level
    )
    found = tuple(
        _effect_of(name, int((labels == name).sum()), fit, model.tau2, model.i2)
        for name, fit in zip(names, predict(model, {"group": names}), strict=True)
    )
    return found, (model.qm, len(model.coefficients) - 1, model.qm_df2, model.qm_p)


def _subgroup_notes(groups: tuple[SubgroupEffect, ...], *, chi2: bool) -> tuple[str, ...]:
    few = [g.group for g in groups if g.k < FEW_TRIALS]
    notes = [] if not few else [f"fewer than {FEW_TRIALS} trials in: {', '.join(few)}"]
    pairs = [g.group for g in groups if g.k == 2]
    if chi2 and pairs:
        notes.append(
            "the test between groups takes standard errors as known, which two trials do not allow "
            f"({', '.join(pairs)}): do not rely on its p value, or assume one tau² for all groups"
        )
    if any(math.isclose(g.se, 0.0, abs_tol=1e-300) for g in groups):
        notes.append("a subgroup's standard error is zero: the test between groups cannot be made")
    return tuple(notes)
