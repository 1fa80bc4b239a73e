"""Three-level and correlated-and-hierarchical-effects (CHE) models of effects nested in studies.

Effects of a study share its true effect (variance between studies) and differ among themselves
(variance within studies). With `rho` = 0 sampling errors are independent: the three-level model of
Van den Noortgate et al. (2013) doi:10.3758/s13428-012-0261-6, metafor's
`rma.mv(yi, vi, random = ~ 1 | study/effect)`. With `rho` > 0 they are correlated as well: the CHE
model of Pustejovsky & Tipton (2022) doi:10.1007/s11121-021-01246-3, whose V has cov = rho si sj.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import (
    BareCoefficient,
    Coefficient,
    code_moderators,
    coefficient_table,
    collinear,
    design_matrix,
    joint_test,
)
from ipt_evidence.meta_analysis.dependent_effects.blocks import Clusters, Covariance
from ipt_evidence.meta_analysis.dependent_effects.robust import (
    robust_coefficients,
    sorted_clusters,
)
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, labels_of
from ipt_evidence.meta_analysis.linear_model import RANK_TOLERANCE, TOO_FAR_APART, Design

__all__ = ["MultilevelModel", "multilevel"]

MAX_ITERATIONS = 200
STEP_TOLERANCE = 1e-11  # in typical sampling variances
HALVINGS = 40
DIFFERENCE = 1e-5  # step of the numerical Hessian, which decides speed but not the solution
FLAT = 1e-12  # least curvature, as a share of the greatest
TINY = 1e-300
NOTE_STUDIES_APART = (
    "the moderators tell every study from the others, so that the variance between studies and the "
    "errors that rest on it cannot be estimated: leave a moderator out"
)
START_GRID = (0.0, 0.05, 0.25, 1.0, 4.0, 16.0)  # multiples of a typical sampling variance


@dataclass(frozen=True, slots=True)
class MultilevelModel:
    """A fitted three-level or CHE model.

    Attributes
    ----------
    k, n_studies
        Number of effects and of studies.
    coefficients
        Model-based estimates: t tests on k - p degrees of freedom, or z tests (metafor's default).
    robust_coefficients
        The same estimates with cluster-robust CR2 errors and Satterthwaite df: report these.
        Empty where they do not exist, bare where one does not; `notes` says why.
    pi_lower, pi_upper
        Prediction interval for the true effect in a new study (model-based), None with
        moderators.
    tau2_between, tau2_within
        Variances of true effects between and within studies. The one between is None, and the
        model-based errors are bare, where the moderators tell every study from the others.
    i2_between, i2_within
        Shares of total variance in percent, against the sampling variance of a typical effect;
        None where tau2_between is.
    q, q_df, q_p
        Residual heterogeneity.
    qm, qm_df1, qm_df2, qm_p
        Joint model-based test of the moderators, as `moderators.MetaRegression`; None without.
    log_likelihood
        Of the fit by `method`, as metafor's `logLik()`.
    rho, method, test, level, notes
        Correlation assumed, "REML" or "ML", "t" or "z", percent, what the reader must know.
    """

    k: int
    n_studies: int
    coefficients: tuple[Coefficient | BareCoefficient, ...]
    robust_coefficients: tuple[Coefficient | BareCoefficient, ...]
    pi_lower: float | None
    pi_upper: float | None
    tau2_between: float | None
    tau2_within: float
    i2_between: float | None
    i2_within: float | None
    q: float
    q_df: int
    q_p: float
    qm: float | None
    qm_df1: int | None
    qm_df2: int | None
    qm_p: float | None
    log_likelihood: float
    rho: float
    method: str
    test: str
    level: float
    notes: tuple[str, ...]


def multilevel(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: Sequence[object] | npt.NDArray[np.generic],
    *,
    rho: float = 0.6,
    moderators: Mapping[str, Sequence[object] | npt.NDArray[np.generic]] | None = None,
    method: str = "REML",
    test: str = "t",
    level: float = 95.0,
) -> MultilevelModel:
    """Pool all effects of all studies, allowing for their dependence.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    study
        Study of each effect, (K,); at least two studies, one of them with several effects.
    rho
        Correlation of sampling errors within a study, 0 (three-level model) to below 1 (CHE).
    moderators
        As `moderators.meta_regression`.
    method
        "REML" or "ML".
    test
        "t" (K less the number of coefficients) or "z", of the model-based coefficients.
    level
        Percent of all intervals.

    Raises
    ------
    PoolingError
        If input is unusable (naming positions), there is one study only, or no study has several
        effects, so that the two variances cannot be told apart: use `models.pool`.
    """
    effects, variances = effects_and_variances(yi, vi, least=3)
    labels = labels_of(study, effects.size, "study")
    if not 0.0 <= rho < 1.0:
        raise PoolingError(f"rho {rho!r} is not a correlation of at least 0 and below 1")
    if method not in ("REML", "ML"):
        raise PoolingError(f"unknown method {method!r}: choose REML or ML")
    if test not in ("t", "z"):
        raise PoolingError(f"unknown test {test!r}: choose t or z")
    chosen = moderators or {}
    codings = code_moderators(chosen, effects.size)
    x, terms = design_matrix(codings, chosen, effects.size)
    order, clusters = sorted_clusters(variances, labels, rho)
    _check_identified(effects.size, clusters)
    # In units of a typical standard error, so that the optimiser's tolerances fit any scale.
    unit = math.sqrt(effects.size / float(np.sum(1.0 / variances)))
    design = Design.of(effects[order] / unit, clusters.vi / unit**2, x[order], terms)
    scaled = Clusters(design.vi, clusters.index, clusters.starts, rho)
    between = not _tells_studies_apart(design, clusters)
    fit = _fit_components(scaled, design, restricted=method == "REML", between=between)
    found = _assemble(scaled, design, fit, terms, unit, rho, method, test, level)
    found = replace(found, notes=collinear(codings, x) + found.notes)
    return found if between else _without_between(found)


def _tells_studies_apart(design: Design, clusters: Clusters) -> bool:
    """Whether each study has a mean of its own in the design, so that nothing varies between."""
    member = (clusters.index[:, None] == np.arange(clusters.starts.size)).astype(np.float64)
    left = member - design.basis @ (design.basis.T @ member)
    return bool(np.abs(left).max() < RANK_TOLERANCE)


def _without_between(found: MultilevelModel) -> MultilevelModel:
    """Take back what rests on a variance between studies that the effects do not tell."""
    bare = tuple(BareCoefficient(row.term, row.estimate) for row in found.coefficients)
    return replace(
        found,
        coefficients=bare,
        tau2_between=None,
        i2_between=None,
        i2_within=None,
        qm=None,
        qm_df1=None,
        qm_df2=None,
        qm_p=None,
        notes=(NOTE_STUDIES_APART, *found.notes),
    )


def _check_identified(k: int, clusters: Clusters) -> None:
    if clusters.starts.size < 2:
        raise PoolingError("all effects come from one study: there is nothing to pool across")
    if clusters.starts.size == k:
        raise PoolingError(
            "each study has one effect, so that variance within studies cannot be told from "
            "variance between them: use models.pool"
        )


def _assemble(
    clusters: Clusters,
    design: Design,
    fit: _ComponentFit,
    terms: tuple[str, ...],
    unit: float,
    rho: float,
    method: str,
    test: str,
    level: float,
) -> MultilevelModel:
    k, p = design.basis.shape
    df = k - p if test == "t" else None
    back = design.back * unit
    covariance = back @ fit.gram_inverse @ back.T
    coefficients = coefficient_table(terms, back @ fit.gamma, covariance, df, level)
    robust, notes = _robust_or_why(clusters, design, fit, terms, back, level)
    total = fit.between + fit.within
    spread = math.sqrt(total * unit**2 + float(covariance[0, 0]))
    reach = distributions.critical_value(level, df) * spread
    q, typical = _sampling_only(clusters, design)
    qm, df1, df2, qm_p = joint_test((back @ fit.gamma)[1:], covariance[1:, 1:], df)
    centre = coefficients[0].estimate if p == 1 else None
    return MultilevelModel(
        k=k,
        n_studies=clusters.starts.size,
        coefficients=coefficients,
        robust_coefficients=robust,
        pi_lower=None if centre is None else centre - reach,
        pi_upper=None if centre is None else centre + reach,
        tau2_between=fit.between * unit**2,
        tau2_within=fit.within * unit**2,
        i2_between=100.0 * fit.between / (total + typical),
        i2_within=100.0 * fit.within / (total + typical),
        q=q,
        q_df=k - p,
        q_p=distributions.chi2_upper_tail(q, k - p),
        qm=qm,
        qm_df1=df1,
        qm_df2=df2,
        qm_p=qm_p,
        log_likelihood=fit.log_likelihood - (k - (p if method == "REML" else 0)) * math.log(unit),
        rho=rho,
        method=method,
        test=test,
        level=level,
        notes=notes,
    )


def _robust_or_why(
    clusters: Clusters,
    design: Design,
    fit: _ComponentFit,
    terms: tuple[str, ...],
    back: FloatArray,
    level: float,
) -> tuple[tuple[Coefficient | BareCoefficient, ...], tuple[str, ...]]:
    try:
        return robust_coefficients(
            clusters,
            fit.between,
            fit.within,
            design.basis,
            design.yi,
            fit.gamma,
            terms,
            back,
            level,
        )
    except PoolingError as err:
        return (), (f"no robust errors: {err}",)


def _sampling_only(clusters: Clusters, design: Design) -> tuple[float, float]:
    """Q and the typical sampling variance, from the model without random effects."""
    covariance = Covariance(clusters, 0.0, 0.0)
    model = _model_at(covariance, design)
    squares = model.solved_basis.T @ model.solved_basis
    trace = covariance.trace_of_inverse() - float(np.sum(model.gram_inverse * squares))
    k, p = design.basis.shape
    if not trace > 0.0:
        raise PoolingError(TOO_FAR_APART)
    return float(model.residuals @ model.pulled), (k - p) / trace


@dataclass(frozen=True, slots=True)
class _ComponentFit:
    """Variance components, generalised least squares estimates and log-likelihood."""

    between: float
    within: float
    gamma: FloatArray
    gram_inverse: FloatArray
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class _GlsModel:
    """Generalised least squares for one covariance; `pulled` is the inverse times residuals."""

    solved_basis: FloatArray
    gram_inverse: FloatArray
    gamma: FloatArray
    residuals: FloatArray
    pulled: FloatArray


def _model_at(covariance: Covariance, design: Design) -> _GlsModel:
    """Fit the coefficients for a known covariance."""
    solved = covariance.solve(design.basis)
    try:
        inverse = np.asarray(np.linalg.inv(design.basis.T @ solved), dtype=np.float64)
    except np.linalg.LinAlgError as err:
        raise PoolingError(TOO_FAR_APART) from err
    gamma = inverse @ (solved.T @ design.yi)
    residuals = design.yi - design.basis @ gamma
    return _GlsModel(solved, inverse, gamma, residuals, covariance.solve(residuals))


def _fit_components(
    clusters: Clusters, design: Design, *, restricted: bool, between: bool
) -> _ComponentFit:
    """Maximise the likelihood over variances >= 0, from the best point of a coarse grid.

    Without `between` the variance between studies stays 0.

    Raises
    ------
    PoolingError
        If no maximum is found (not met in tests).
    """
    grid = [np.array([a, b]) for a in (START_GRID if between else (0.0,)) for b in START_GRID]
    heights = [_log_likelihood(point, clusters, design, restricted) for point in grid]
    point = grid[int(np.argmax(heights))]
    for _ in range(MAX_ITERATIONS):
        following = _improve(point, clusters, design, restricted, between=between)
        moved = np.abs(following - point)
        point = following
        if (moved <= STEP_TOLERANCE * (1.0 + point)).all():
            model = _model_at(Covariance(clusters, *point), design)
            height = _log_likelihood(point, clusters, design, restricted)
            return _ComponentFit(
                float(point[0]),
                float(point[1]),
                model.gamma,
                model.gram_inverse,
                height + _constant(design, restricted),
            )
    raise PoolingError(
        "the variances between and within studies did not settle: combine the effects of each "
        "study first (aggregate) and pool those"
    )


def _log_likelihood(
    point: FloatArray, clusters: Clusters, design: Design, restricted: bool
) -> float:
    covariance = Covariance(clusters, float(point[0]), float(point[1]))
    model = _model_at(covariance, design)
    value = -0.5 * (covariance.log_determinant + float(model.residuals @ model.pulled))
    if restricted:
        value += 0.5 * float(np.linalg.slogdet(model.gram_inverse)[1])
    return float(value)


def _constant(design: Design, restricted: bool) -> float:
    # The basis is orthonormal, so that metafor's term log det X'X / 2 is already allowed for.
    k, p = design.basis.shape
    return -0.5 * float(k - (p if restricted else 0)) * math.log(2.0 * math.pi)


def _gradient(
    point: FloatArray, clusters: Clusters, design: Design, restricted: bool
) -> tuple[FloatArray, FloatArray]:
    """Gradient of the log-likelihood and the average information matrix, which is never wild."""
    covariance = Covariance(clusters, float(point[0]), float(point[1]))
    model = _model_at(covariance, design)
    shared = clusters.sums(model.pulled)
    directions = np.column_stack([shared[clusters.index], model.pulled])
    traces = np.array(
        [float(covariance.solve(np.ones(design.yi.size)).sum()), covariance.trace_of_inverse()]
    )
    if restricted:
        sums = clusters.sums(model.solved_basis)
        traces -= [
            float(np.sum(model.gram_inverse * (sums.T @ sums))),
            float(np.sum(model.gram_inverse * (model.solved_basis.T @ model.solved_basis))),
        ]
    quadratic = np.array([float(shared @ shared), float(model.pulled @ model.pulled)])
    across = model.solved_basis.T @ directions
    information = (
        directions.T @ covariance.solve(directions) - across.T @ model.gram_inverse @ across
    )
    return 0.5 * (quadratic - traces), 0.5 * information


def _improve(
    point: FloatArray, clusters: Clusters, design: Design, restricted: bool, *, between: bool
) -> FloatArray:
    """One projected Newton step that does not lower the likelihood."""
    gradient, information = _gradient(point, clusters, design, restricted)
    free = ((point > 0.0) | (gradient > 0.0)) & np.array([between, True])
    if not free.any():
        return point
    hessian = _observed_information(point, gradient, clusters, design, restricted)
    chosen = np.ix_(free, free)
    values, vectors = np.linalg.eigh(hessian[chosen])
    if (values <= 0.0).any():
        values, vectors = np.linalg.eigh(information[chosen])
    # A direction that the effects say nothing about is not followed to infinity.
    pace = np.maximum(values, FLAT * float(np.abs(values).max()) + TINY)
    step = np.zeros(2)
    step[free] = vectors @ ((vectors.T @ gradient[free]) / pace)
    here = _log_likelihood(point, clusters, design, restricted)
    slack = 1e-12 * (1.0 + abs(here))  # rounding near the top must not stop the last step
    for _ in range(HALVINGS):
        following = np.maximum(point + step, 0.0)
        if _log_likelihood(following, clusters, design, restricted) >= here - slack:
            return following
        step *= 0.5
    return point


def _observed_information(
    point: FloatArray,
    gradient: FloatArray,
    clusters: Clusters,
    design: Design,
    restricted: bool,
) -> FloatArray:
    matrix = np.empty((2, 2))
    for i in range(2):
        moved = point.copy()
        moved[i] += DIFFERENCE * (1.0 + point[i])
        ahead, _ = _gradient(moved, clusters, design, restricted)
        matrix[i] = (gradient - ahead) / (moved[i] - point[i])
    return 0.5 * (matrix + matrix.T)
