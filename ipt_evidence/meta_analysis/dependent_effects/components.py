"""Variances between and within studies by (restricted) maximum likelihood, and their profiles."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.dependent_effects.blocks import Clusters, Covariance
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.linear_model import ILL_CONDITIONED, Design
from ipt_evidence.meta_analysis.roots import root_between

__all__ = ["ComponentFit", "VarianceInterval", "fit_components", "model_at", "profiled"]

MAX_ITERATIONS = 200
STEP_TOLERANCE = 1e-11  # in typical sampling variances
HALVINGS = 40
DIFFERENCE = 1e-5  # step of the numerical Hessian, which decides speed but not the solution
FLAT = 1e-12  # least curvature, as a share of the greatest
TINY = 1e-300
START_GRID = (0.0, 0.05, 0.25, 1.0, 4.0, 16.0)  # multiples of a typical sampling variance
LARGEST = 1e8  # of a variance, in typical sampling variances: beyond it no limit is looked for
LIMIT_TOLERANCE = 1e-9

Fixed = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class VarianceInterval:
    """A variance with its profile-likelihood interval and the likelihood-ratio test that it is 0.

    Attributes
    ----------
    of
        "between" or "within" studies.
    variance, ci_lower, ci_upper
        In squared units of yi; `ci_upper` None where the likelihood never falls far enough.
    stat, p
        Twice the fall of the log-likelihood without this variance, and its chi-squared p with one
        degree of freedom, as metafor's `anova()`. A variance cannot be negative, so that this p is
        up to twice too large (Self & Liang 1987 doi:10.1080/01621459.1987.10478472).
    """

    of: str
    variance: float
    ci_lower: float
    ci_upper: float | None
    stat: float
    p: float


def profiled(
    clusters: Clusters, design: Design, fit: ComponentFit, *, restricted: bool, level: float
) -> tuple[VarianceInterval, VarianceInterval]:
    """Intervals and tests of both variances, the other maximised for each value of the one.

    As metafor `confint(rma.mv)`; the log-likelihood falls by half the chi-squared quantile.
    """
    best = np.array([fit.between, fit.within])
    fall = 0.5 * distributions.critical_value(level, None) ** 2
    found = []
    for i, name in enumerate(("between", "within")):

        def height(value: float, i: int = i) -> float:
            fixed: Fixed = (value, None) if i == 0 else (None, value)
            there = fit_components(clusters, design, restricted=restricted, fixed=fixed, start=best)
            return there.log_likelihood - fit.log_likelihood

        zero = height(0.0)
        lower = _crossing(height, 0.0, best[i], -fall) if zero < -fall else 0.0
        far = max(2.0 * best[i], 1.0)
        while (there := height(far)) > -fall and far < LARGEST:
            far *= 4.0
        upper = None if there > -fall else _crossing(height, far, best[i], -fall)
        stat = max(0.0, -2.0 * zero)
        p = distributions.chi2_upper_tail(stat, 1)
        found.append(VarianceInterval(name, float(best[i]), lower, upper, stat, p))
    return found[0], found[1]


def _crossing(
    height: Callable[[float], float], outside: float, inside: float, target: float
) -> float:
    """Where the profile passes `target` between two points."""
    return root_between(lambda value: height(value) - target, outside, inside, LIMIT_TOLERANCE)


@dataclass(frozen=True, slots=True)
class ComponentFit:
    """Variance components, generalised least squares estimates and log-likelihood."""

    between: float
    within: float
    gamma: FloatArray
    gram_inverse: FloatArray
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class GlsModel:
    """Generalised least squares; `weighted_residuals` are multiplied by the inverse covariance."""

    solved_basis: FloatArray
    gram_inverse: FloatArray
    gamma: FloatArray
    residuals: FloatArray
    weighted_residuals: FloatArray


def model_at(covariance: Covariance, design: Design) -> GlsModel:
    """Fit the coefficients for a known covariance."""
    solved = covariance.solve(design.basis)
    try:
        inverse = np.asarray(np.linalg.inv(design.basis.T @ solved), dtype=np.float64)
    except np.linalg.LinAlgError as err:
        raise PoolingError(ILL_CONDITIONED) from err
    gamma = inverse @ (solved.T @ design.yi)
    residuals = design.yi - design.basis @ gamma
    return GlsModel(solved, inverse, gamma, residuals, covariance.solve(residuals))


def fit_components(
    clusters: Clusters,
    design: Design,
    *,
    restricted: bool,
    fixed: Fixed = (None, None),
    start: FloatArray | None = None,
) -> ComponentFit:
    """Maximise the (restricted) likelihood over variances >= 0.

    Parameters
    ----------
    fixed
        Variance between and within studies where it is given rather than estimated.
    start
        Where to start; by default at the best point of a coarse grid.

    Raises
    ------
    PoolingError
        If no maximum is found (not met in tests).
    """
    if start is None:
        first, second = ((START_GRID if value is None else (value,)) for value in fixed)
        grid = [np.array([a, b]) for a in first for b in second]
        heights = [_log_likelihood(point, clusters, design, restricted) for point in grid]
        start = grid[int(np.argmax(heights))]
    point = np.array(
        [at if value is None else value for at, value in zip(start, fixed, strict=True)]
    )
    open_to = np.array([value is None for value in fixed])
    for _ in range(MAX_ITERATIONS if open_to.any() else 0):
        following = _improve(point, clusters, design, restricted, open_to)
        moved = np.abs(following - point)
        point = following
        if (moved <= STEP_TOLERANCE * (1.0 + point)).all():
            break
    else:
        if open_to.any():
            raise PoolingError(
                "the variances between and within studies did not settle: combine the effects of "
                "each study first (aggregate) and pool those"
            )
    model = model_at(Covariance(clusters, *point), design)
    height = _log_likelihood(point, clusters, design, restricted) + _constant(design, restricted)
    return ComponentFit(float(point[0]), float(point[1]), model.gamma, model.gram_inverse, height)


def _log_likelihood(
    point: FloatArray, clusters: Clusters, design: Design, restricted: bool
) -> float:
    covariance = Covariance(clusters, float(point[0]), float(point[1]))
    model = model_at(covariance, design)
    value = -0.5 * (covariance.log_determinant + float(model.residuals @ model.weighted_residuals))
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
    model = model_at(covariance, design)
    shared = clusters.sums(model.weighted_residuals)
    directions = np.column_stack([shared[clusters.index], model.weighted_residuals])
    traces = np.array(
        [float(covariance.solve(np.ones(design.yi.size)).sum()), covariance.trace_of_inverse()]
    )
    if restricted:
        sums = clusters.sums(model.solved_basis)
        traces -= [
            float(np.sum(model.gram_inverse * (sums.T @ sums))),
            float(np.sum(model.gram_inverse * (model.solved_basis.T @ model.solved_basis))),
        ]
    quadratic = np.array(
        [float(shared @ shared), float(model.weighted_residuals @ model.weighted_residuals)]
    )
    across = model.solved_basis.T @ directions
    information = (
        directions.T @ covariance.solve(directions) - across.T @ model.gram_inverse @ across
    )
    return 0.5 * (quadratic - traces), 0.5 * information


def _improve(
    point: FloatArray,
    clusters: Clusters,
    design: Design,
    restricted: bool,
    open_to: npt.NDArray[np.bool_],
) -> FloatArray:
    """One projected Newton step that does not lower the likelihood."""
    gradient, information = _gradient(point, clusters, design, restricted)
    free = ((point > 0.0) | (gradient > 0.0)) & open_to
    if not free.any():
        return point
    hessian = _observed_information(point, gradient, clusters, design, restricted)
    chosen = np.ix_(free, free)
    values, vectors = np.linalg.eigh(hessian[chosen])
    if (values <= 0.0).any():
        values, vectors = np.linalg.eigh(information[chosen])
    # A direction that the effects say nothing about is not followed to infinity.
    divisor = np.maximum(values, FLAT * float(np.abs(values).max()) + TINY)
    step = np.zeros(2)
    step[free] = vectors @ ((vectors.T @ gradient[free]) / divisor)
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
