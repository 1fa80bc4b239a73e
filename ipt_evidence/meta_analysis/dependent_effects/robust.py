"""Cluster-robust standard errors: honest even where the assumed correlations are wrong.

CR2 ("bias-reduced linearisation") with Satterthwaite degrees of freedom: Pustejovsky & Tipton
(2018) doi:10.1080/07350015.2016.1247004; for meta-analysis Tipton (2015) doi:10.1037/met0000011.
Same numbers as R clubSandwich `coef_test(vcov = "CR2")` on metafor fits. Fewer than about 4
degrees of freedom make the test untrustworthy (Tipton 2015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.coefficients import (
    BareCoefficient,
    Coefficient,
    code_moderators,
    coefficient_table,
    collinear,
    design_matrix,
)
from ipt_evidence.meta_analysis.dependent_effects.blocks import Clusters, Covariance
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, labels_of
from ipt_evidence.meta_analysis.linear_model import TOO_FAR_APART, Design

__all__ = ["MIN_SATTERTHWAITE_DF", "RobustEstimate", "cluster_robust", "robust_coefficients"]

MIN_SATTERTHWAITE_DF = 4.0  # below, type I error is not held: Tipton (2015), p. 384
ROUNDING = 1e-10  # share of a variance below which only rounding is left of it
ALONE = 1e-8  # share of a study's part in a coefficient that is left when its own fit is taken off
EIGENVALUE_TOLERANCE = 1e-12  # directions in which a study alone fixes a coefficient


@dataclass(frozen=True, slots=True)
class RobustEstimate:
    """Coefficients with cluster-robust errors: the mean, or intercept and moderators.

    A `BareCoefficient` stands where one study alone decides, as clubSandwich's NaN.
    """

    k: int
    n_clusters: int
    coefficients: tuple[Coefficient | BareCoefficient, ...]
    level: float
    notes: tuple[str, ...]


def cluster_robust(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: Sequence[object] | npt.NDArray[np.generic],
    *,
    tau2: float = 0.0,
    moderators: Mapping[str, Sequence[object] | npt.NDArray[np.generic]] | None = None,
    level: float = 95.0,
) -> RobustEstimate:
    """Mean or regression weighted by 1 / (vi + tau2), with CR2 errors clustered by study.

    As `robust(rma(yi, vi, mods=...), cluster=study, clubSandwich=TRUE)` when `tau2` is that of
    the fit (`models.pool`, `moderators.meta_regression`).

    Parameters
    ----------
    yi, vi, study
        Effects, sampling variances and studies, each (K,).
    tau2
        Between-study variance in the weights.
    moderators
        As `moderators.meta_regression`.
    level
        Percent of the intervals.

    Raises
    ------
    PoolingError
        If effects or moderators are unusable or all effects come from one study.
    """
    effects, variances = effects_and_variances(yi, vi)
    labels = labels_of(study, effects.size, "study")
    order, clusters = sorted_clusters(variances, labels, 0.0)
    if clusters.starts.size < 2:
        raise PoolingError("all effects come from one study: robust errors need at least 2")
    chosen = moderators or {}
    codings = code_moderators(chosen, effects.size)
    x, terms = design_matrix(codings, chosen, effects.size)
    design = Design.of(effects[order], clusters.vi, x[order], terms)
    fit = design.fit(1.0 / (design.vi + tau2))
    found, notes = robust_coefficients(
        clusters, 0.0, tau2, design.basis, design.yi, fit.gamma, terms, design.back, level
    )
    notes = collinear(codings, x) + notes
    return RobustEstimate(effects.size, clusters.starts.size, found, level, notes)


def sorted_clusters(
    vi: FloatArray, study: list[object], rho: float
) -> tuple[npt.NDArray[np.intp], Clusters]:
    """Order that brings the effects of a study together, and the clusters in that order."""
    number = {label: i for i, label in enumerate(dict.fromkeys(study))}
    index = np.array([number[label] for label in study], dtype=np.intp)
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(len(number)))
    return order, Clusters(vi[order], index[order], starts, rho)


def robust_coefficients(
    clusters: Clusters,
    between: float,
    within: float,
    x: FloatArray,
    y: FloatArray,
    gamma: FloatArray,
    terms: Sequence[str],
    back: FloatArray,
    level: float,
) -> tuple[tuple[Coefficient | BareCoefficient, ...], tuple[str, ...]]:
    """CR2 table for the coefficients `back @ gamma` of a model with inverse-variance weights.

    `x` (K, p) and `y` (K,) are in the order of `clusters`; `gamma` (p,) are the estimates.

    Raises
    ------
    PoolingError
        If single studies decide every coefficient, so that there is no residual to learn from.
    """
    try:
        return _robust_table(
            clusters, Covariance(clusters, between, within), (between, within), x, y, gamma,
            terms, back, level,
        )  # fmt: skip
    except np.linalg.LinAlgError as err:
        raise PoolingError(TOO_FAR_APART) from err


def _robust_table(
    clusters: Clusters,
    covariance: Covariance,
    variances: tuple[float, float],
    x: FloatArray,
    y: FloatArray,
    gamma: FloatArray,
    terms: Sequence[str],
    back: FloatArray,
    level: float,
) -> tuple[tuple[Coefficient | BareCoefficient, ...], tuple[str, ...]]:
    solved = covariance.solve(x)
    bread = np.asarray(np.linalg.inv(x.T @ solved), dtype=np.float64)
    residuals = y - x @ gamma
    contrasts = bread @ back.T  # column j: M times the j-th contrast of gamma
    scores, own, pulled, weight, alone = [], [], [], [], []
    for c, start in enumerate(clusters.starts):
        stop = clusters.starts[c + 1] if c + 1 < clusters.starts.size else y.size
        rows = slice(start, stop)
        block = clusters.block(c, *variances)
        # a: how much of each residual of this study enters each coefficient, (n, p)
        a = _adjustment(block, x[rows], bread) @ solved[rows] @ contrasts
        scores.append(residuals[rows] @ a)
        own.append(np.einsum("ij,ik,kj->j", a, block, a))
        pulled.append(x[rows].T @ a)
        # What the study adds to each model variance, and whether its own fit takes all of it up.
        reach, taken = x[rows] @ contrasts, x[rows] @ bread @ (x[rows].T @ solved[rows])
        weight.append(np.einsum("ij,ij->j", reach, solved[rows] @ contrasts))
        left = np.linalg.norm(reach - taken @ contrasts, axis=0)
        alone.append(left <= ALONE * np.linalg.norm(reach, axis=0))
    score = np.array(scores)
    df = _satterthwaite(np.array(own), np.array(pulled), bread)
    counts = np.array(weight) > ROUNDING * np.sum(weight, axis=0)
    found = np.where(df > 0.0, df, 1.0).tolist()  # a coefficient without any is taken back below
    table = coefficient_table(terms, back @ gamma, score.T @ score, found, level)
    single = np.array(alone)
    return _judged(
        table, (df == 0.0) | (single | ~counts).all(axis=0), (single & counts).any(axis=0)
    )


def _judged(
    table: Sequence[Coefficient], lost: npt.NDArray[np.bool_], partly: npt.NDArray[np.bool_]
) -> tuple[tuple[Coefficient | BareCoefficient, ...], tuple[str, ...]]:
    """Take back the errors that no other study can tell (`lost`, (p,)), and note what is weak.

    `partly` (p,) marks coefficients of which one study alone decides a part.
    """
    none = [row.term for row, bad in zip(table, lost, strict=True) if bad]
    if len(none) == len(table):
        raise PoolingError(
            f"one study alone decides the coefficient {none[0]}: what its error is cannot be "
            "learned from other studies"
        )
    kept = [(row, part) for row, bad, part in zip(table, lost, partly, strict=True) if not bad]
    short = [row.term for row, part in kept if part]
    weak = [row.term for row, _ in kept if row.df is not None and row.df < MIN_SATTERTHWAITE_DF]
    notes = []
    if none:
        notes.append(
            f"no robust error for {', '.join(none)}: one study alone decides it, so that no other "
            "study says how far it may be off"
        )
    if short:
        notes.append(
            f"the robust error of {', '.join(short)} leaves out what one study alone decides (a "
            "level of a moderator that only this study has): it is too small"
        )
    if weak:
        notes.append(
            f"fewer than 4 degrees of freedom for {', '.join(weak)}: do not rely on the robust test"
        )
    rows = (BareCoefficient(row.term, row.estimate) if row.term in none else row for row in table)
    return tuple(rows), tuple(notes)


def _adjustment(block: FloatArray, x: FloatArray, bread: FloatArray) -> FloatArray:
    """CR2 matrix A that makes the sandwich unbiased when the working model holds."""
    lower = np.linalg.cholesky(block)
    inner = lower.T @ (block - x @ bread @ x.T) @ lower
    values, vectors = np.linalg.eigh(inner)
    # Beside the block itself: in a study that fixes a coefficient alone, rounding is all there is.
    usable = values > EIGENVALUE_TOLERANCE * float(np.trace(lower.T @ block @ lower))
    power = np.where(usable, 1.0 / np.sqrt(np.where(usable, values, 1.0)), 0.0)
    return np.asarray(lower @ (vectors * power) @ vectors.T @ lower.T, dtype=np.float64)


def _satterthwaite(own: FloatArray, pulled: FloatArray, bread: FloatArray) -> FloatArray:
    """Degrees of freedom of each coefficient, (p,); 0 where one study alone decides it.

    With S = diag(own) - T M T' the covariance of the studies' contributions, df is
    (trace S)² / (sum of squared entries of S); both follow without forming S.
    """
    df = np.zeros(own.shape[1])
    for j in range(own.shape[1]):
        t = pulled[:, :, j]
        explained = np.einsum("ci,ij,cj->c", t, bread, t)
        cross = t.T @ t @ bread
        trace = float(own[:, j].sum() - explained.sum())
        squares = float(
            own[:, j] @ own[:, j] - 2.0 * own[:, j] @ explained + np.sum(cross * cross.T)
        )
        if trace > 0.0 and squares > ROUNDING**2 * float(own[:, j] @ own[:, j]):
            df[j] = trace**2 / squares
    return df
