"""Cluster-robust standard errors: honest even where the assumed correlations are wrong.

CR2 ("bias-reduced linearisation") with Satterthwaite degrees of freedom: Pustejovsky & Tipton
(2018) doi:10.1080/07350015.2016.1247004; for meta-analysis Tipton (2015) doi:10.1037/met0000011.
Same numbers as R clubSandwich `coef_test(vcov = "CR2")` on metafor fits. Fewer than about 4
degrees of freedom make the test untrustworthy (Tipton 2015). CR1 only multiplies the errors by
sqrt(C / (C - 1)) for C studies, and is too small where they are few.

Several coefficients are tested together by the approximate Hotelling T² test (AHT) of Tipton &
Pustejovsky (2015) doi:10.3102/1076998615606099: clubSandwich `Wald_test(test = "HTZ")`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import (
    BareCoefficient,
    Coding,
    Coefficient,
    Moderators,
    code_moderators,
    coefficient_table,
    collinear,
    columns_of,
    design_matrix,
)
from ipt_evidence.meta_analysis.dependent_effects.blocks import Clusters, Covariance
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, labels_of
from ipt_evidence.meta_analysis.linear_model import ILL_CONDITIONED, Design

__all__ = [
    "KINDS",
    "JointTest",
    "RobustEstimate",
    "RobustTable",
    "cluster_robust",
    "robust_table",
    "sorted_clusters",
]

KINDS = ("CR2", "CR1")

MIN_SATTERTHWAITE_DF = 4.0  # below, type I error is not held: Tipton (2015), p. 384
ROUNDING = 1e-10  # share of a variance below which only rounding is left of it
ALONE = 1e-8  # share of a study's part in a coefficient that is left when its own fit is taken off
EIGENVALUE_TOLERANCE = 1e-12  # directions in which a study alone fixes a coefficient


@dataclass(frozen=True, slots=True)
class JointTest:
    """Test that all coefficients of `terms` are 0, by F with `df1` and `df2` degrees of freedom.

    `about` names the moderator or interaction, or "all moderators". `f`, `df2` and `p` are None
    where a single study decides, or where so few studies inform the test that `df2` is not
    positive.
    """

    about: str
    terms: tuple[str, ...]
    f: float | None
    df1: int
    df2: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class RobustTable:
    """Coefficients with robust errors, their joint tests (HTZ), and what to know about them."""

    coefficients: tuple[Coefficient | BareCoefficient, ...] = ()
    joint: tuple[JointTest, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RobustEstimate:
    """Coefficients with cluster-robust errors: the mean, or intercept and moderators.

    A `BareCoefficient` stands where one study alone decides, as clubSandwich's NaN. `joint` has a
    test for each moderator and one for all together; empty without moderators.
    """

    k: int
    n_clusters: int
    coefficients: tuple[Coefficient | BareCoefficient, ...]
    joint: tuple[JointTest, ...]
    kind: str
    level: float
    notes: tuple[str, ...]


def cluster_robust(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: Sequence[object] | npt.NDArray[np.generic],
    *,
    tau2: float = 0.0,
    moderators: Moderators | None = None,
    kind: str = "CR2",
    level: float = 95.0,
) -> RobustEstimate:
    """Mean or regression weighted by 1 / (vi + tau2), with robust errors clustered by study.

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
    kind
        "CR2" or "CR1", both with Satterthwaite degrees of freedom.
    level
        Percent of the intervals.

    Raises
    ------
    PoolingError
        If effects or moderators are unusable, `kind` is unknown or all effects come from one
        study.
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
    found = robust_table(clusters, (0.0, tau2), design, fit.gamma, terms, codings, kind, level)
    return RobustEstimate(
        effects.size,
        clusters.starts.size,
        found.coefficients,
        found.joint,
        kind,
        level,
        collinear(codings, x) + found.notes,
    )


def sorted_clusters(
    vi: FloatArray, study: list[object], rho: float
) -> tuple[npt.NDArray[np.intp], Clusters]:
    """Order that brings the effects of a study together, and the clusters in that order."""
    number = {label: i for i, label in enumerate(dict.fromkeys(study))}
    index = np.array([number[label] for label in study], dtype=np.intp)
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(len(number)))
    return order, Clusters(vi[order], index[order], starts, rho)


def robust_table(
    clusters: Clusters,
    variances: tuple[float, float],
    design: Design,
    gamma: FloatArray,
    terms: Sequence[str],
    codings: Sequence[Coding],
    kind: str,
    level: float,
) -> RobustTable:
    """Errors and joint tests of the coefficients of a model with inverse-variance weights.

    Parameters
    ----------
    clusters, variances
        Studies, and the variances between and within them.
    design, gamma
        Effects in the order of `clusters`, and the coefficients of its basis, (p,).
    terms, codings
        Names of the coefficients, and the moderators whose they are.
    kind, level
        Of `KINDS`; percent of the intervals.

    Raises
    ------
    PoolingError
        If single studies decide every coefficient, so that there is no residual to learn from.
    """
    if kind not in KINDS:
        raise PoolingError(f"unknown robust errors {kind!r}: choose one of {', '.join(KINDS)}")
    try:
        parts = _parts(clusters, variances, design, gamma, kind)
    except np.linalg.LinAlgError as err:
        raise PoolingError(ILL_CONDITIONED) from err
    df = _satterthwaite(parts)
    counts = parts.weight > ROUNDING * np.sum(parts.weight, axis=0)
    found = np.where(df > 0.0, df, 1.0).tolist()  # a coefficient without any is taken back below
    beta, covariance = design.back @ gamma, parts.score.T @ parts.score
    # Studies that agree to the last digit leave rounding, whose square root looks like an error.
    flat = np.diag(covariance) <= ROUNDING**2 * parts.weight.sum(axis=0)
    covariance[flat] = covariance[:, flat] = 0.0
    table = coefficient_table(terms, beta, covariance, found, level)
    lost = (df == 0.0) | (parts.alone | ~counts).all(axis=0)
    coefficients, notes = _judged(table, lost, (parts.alone & counts).any(axis=0))
    if agreed := [term for term, bad in zip(terms, flat & ~lost, strict=True) if bad]:
        notes += (
            f"the effects behind {', '.join(agreed)} do not vary about the fit: a robust error of "
            "0 says nothing of how far it may be off",
        )
    joint = tuple(
        _hotelling(about, chosen, terms, beta, covariance, parts, lost)
        for about, chosen in columns_of(codings).items()
    )
    return RobustTable(coefficients, joint, notes)


class _Parts(NamedTuple):
    """What each of C studies contributes to each of p coefficients.

    `score` (C, p) are the contributions, `own` (C, p, p) their covariance under the model before
    the fit takes its part, `absorbed` (C, p, p) what the fit takes, through `bread` (p, p).
    `weight` and `alone` (C, p): information given, and whether the study's own fit takes it up.
    """

    score: FloatArray
    own: FloatArray
    absorbed: FloatArray
    bread: FloatArray
    weight: FloatArray
    alone: npt.NDArray[np.bool_]


def _parts(
    clusters: Clusters,
    variances: tuple[float, float],
    design: Design,
    gamma: FloatArray,
    kind: str,
) -> _Parts:
    """Contributions of all studies, those with equally many effects at a time."""
    x, residuals = design.basis, design.yi - design.basis @ gamma
    solved = Covariance(clusters, *variances).solve(x)
    bread = np.asarray(np.linalg.inv(x.T @ solved), dtype=np.float64)
    contrasts = bread @ design.back.T  # column j: M times the j-th contrast of gamma
    count, p = clusters.starts.size, x.shape[1]
    score, weight = np.empty((count, p)), np.empty((count, p))
    own, absorbed = np.empty((count, p, p)), np.empty((count, p, p))
    alone = np.empty((count, p), dtype=np.bool_)
    sizes = np.diff(clusters.starts, append=clusters.vi.size)
    for size in np.unique(sizes):
        these = np.flatnonzero(sizes == size)
        rows = clusters.starts[these][:, None] + np.arange(size)
        block, at, through = clusters.blocks(rows, *variances), x[rows], solved[rows]
        # a: how much of each residual of a study enters each coefficient, (C, n, p)
        a = through @ contrasts
        if kind == "CR2":
            a = _adjustment(block, at, bread) @ a
        else:
            a *= math.sqrt(count / (count - 1.0))
        score[these] = np.einsum("cn,cnp->cp", residuals[rows], a)
        own[these] = a.transpose(0, 2, 1) @ block @ a
        absorbed[these] = at.transpose(0, 2, 1) @ a
        # What the study adds to each model variance, and whether its own fit takes all of it up.
        reach = at @ contrasts
        taken = at @ (bread @ (at.transpose(0, 2, 1) @ through)) @ contrasts
        weight[these] = np.einsum("cnp,cnp->cp", reach, through @ contrasts)
        left = np.linalg.norm(reach - taken, axis=1)
        alone[these] = left <= ALONE * np.linalg.norm(reach, axis=1)
    return _Parts(score, own, absorbed, bread, weight, alone)


def _adjustment(block: FloatArray, x: FloatArray, bread: FloatArray) -> FloatArray:
    """CR2 matrices A (C, n, n) that make the sandwich unbiased when the working model holds."""
    lower = np.linalg.cholesky(block)
    upper = lower.transpose(0, 2, 1)
    inner = upper @ (block - x @ bread @ x.transpose(0, 2, 1)) @ lower
    values, vectors = np.linalg.eigh(inner)
    # Beside the block itself: in a study that fixes a coefficient alone, rounding is all there is.
    least = EIGENVALUE_TOLERANCE * np.trace(upper @ block @ lower, axis1=1, axis2=2)
    usable = values > least[:, None]
    power = np.where(usable, 1.0 / np.sqrt(np.where(usable, values, 1.0)), 0.0)
    half = lower @ vectors
    return np.asarray((half * power[:, None, :]) @ half.transpose(0, 2, 1), dtype=np.float64)


def _satterthwaite(parts: _Parts) -> FloatArray:
    """Degrees of freedom of each coefficient, (p,); 0 where one study alone decides it.

    With S = diag(own) - T M T' the covariance of the studies' contributions, df is
    (trace S)² / (sum of squared entries of S); both follow without forming S.
    """
    bread = parts.bread
    df = np.zeros(bread.shape[0])
    for j in range(df.size):
        own, t = parts.own[:, j, j], parts.absorbed[:, :, j]
        explained = np.einsum("ci,ij,cj->c", t, bread, t)
        cross = t.T @ t @ bread
        trace = float(own.sum() - explained.sum())
        squares = float(own @ own - 2.0 * own @ explained + np.sum(cross * cross.T))
        if trace > 0.0 and squares > ROUNDING**2 * float(own @ own):
            df[j] = trace**2 / squares
    return df


def _hotelling(
    about: str,
    chosen: tuple[int, ...],
    terms: Sequence[str],
    beta: FloatArray,
    covariance: FloatArray,
    parts: _Parts,
    lost: npt.NDArray[np.bool_],
) -> JointTest:
    """HTZ test of the coefficients at `chosen`.

    The robust covariance, in units of its expectation, is taken as a Wishart matrix whose degrees
    of freedom fit its total variance under the model. With S_jk (q, q) the covariance of the
    contributions of studies j and k, the variance of entry (s, t) is the sum over j and k of
    S_jk[s, s] S_jk[t, t] + S_jk[s, t] S_jk[t, s]; no C x C matrix is formed for it.
    """
    some, q = list(chosen), len(chosen)
    named = tuple(terms[i] for i in some)
    nothing = JointTest(about, named, None, q, None, None)
    if lost[some].any():
        return nothing
    own, absorbed = parts.own[:, some][:, :, some], parts.absorbed[:, :, some]
    expected = own.sum(axis=0) - np.einsum("cip,ij,cjq->pq", absorbed, parts.bread, absorbed)
    values, vectors = np.linalg.eigh(expected)
    if not values[0] > ROUNDING * values[-1]:
        return nothing
    root = vectors / np.sqrt(values)  # root' E root = 1
    own, absorbed = root.T @ own @ root, absorbed @ root
    taken = np.einsum("cis,ij,cjt->cst", absorbed, parts.bread, absorbed)
    gram = np.einsum("cis,cjt->stij", absorbed, absorbed) @ parts.bread
    squares = np.einsum("stij,tsji->st", gram, gram) + np.einsum("stij,stji->st", gram, gram)
    ones, tops = np.einsum("css->cs", own), np.einsum("css->cs", taken)
    squares += ones.T @ ones - ones.T @ tops - tops.T @ ones + np.sum(own * (own - 2 * taken), 0)
    df = q * (q + 1.0) / float(squares.sum())
    if not df - q + 1.0 > 0.0:
        return nothing
    z = root.T @ beta[some]
    observed = root.T @ covariance[np.ix_(some, some)] @ root
    try:
        wald = float(z @ np.linalg.solve(observed, z))
    except np.linalg.LinAlgError:  # the effects do not vary about the fit
        return nothing
    f = wald / q * (df - q + 1.0) / df
    p = distributions.f_upper_tail(f, q, df - q + 1.0)
    return JointTest(about, named, f, q, df - q + 1.0, p)


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
