"""Weighted linear model with between-study variance: the engine of meta-regression.

The design is orthogonalised first, so that a year near 2000 beside an intercept costs no digits,
and no K x K matrix is formed: with p coefficients effort is O(K p²) an iteration.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.estimators import (
    COMMON_EFFECT_METHODS,
    LOG_LIKELIHOOD_GAIN,
    METHODS,
    NEWTON_REACH,
)
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.root_finding import Step, climb_one

__all__ = [
    "TOO_FAR_APART",
    "Design",
    "WeightedFit",
    "residual_tau2",
    "solve_residual_q",
    "trace_of_projection",
    "weighted_fit",
]

TOO_FAR_APART = (
    "the sampling variances differ by too many orders of magnitude for this model: check whether "
    "a standard error was entered as a variance"
)
RELATIVE_ROUNDING = 1e-15
RANK_TOLERANCE = 1e-10  # share of a column left after the others explain it; below: redundant


@dataclass(frozen=True, slots=True)
class Design:
    """Effects with an orthogonal basis of their design matrix.

    Attributes
    ----------
    yi, vi
        Effects and sampling variances, (K,).
    basis
        Orthonormal columns spanning the design, (K, p).
    back
        Turns coefficients of the basis into those of the design, (p, p).
    """

    yi: FloatArray
    vi: FloatArray
    basis: FloatArray
    back: FloatArray

    @classmethod
    def of(cls, yi: FloatArray, vi: FloatArray, x: FloatArray, terms: tuple[str, ...]) -> Design:
        """Orthogonalise the design x (K, p); redundant columns are refused by their name."""
        k, p = x.shape
        if k <= p:
            raise PoolingError(
                f"{k} effects cannot carry {p} coefficients ({', '.join(terms)}): "
                "use fewer moderators or merge categories"
            )
        scale = np.linalg.norm(x, axis=0)
        zero = [term for term, size in zip(terms, scale, strict=True) if size == 0.0]
        basis, triangle = np.linalg.qr(x / np.where(scale > 0.0, scale, 1.0))
        thin = np.abs(np.diag(triangle)) < RANK_TOLERANCE
        if thin.any():
            names = zero or [term for term, bad in zip(terms, thin, strict=True) if bad]
            raise PoolingError(
                f"moderator {', '.join(names)} is constant or follows from the others: leave it out"
            )
        return cls(yi, vi, basis, np.linalg.inv(triangle) / scale[:, None])


@dataclass(frozen=True, slots=True)
class WeightedFit:
    """Weighted least squares on the basis of a design for one tau².

    `gram_inverse` is (X'WX)⁻¹, `rss` the weighted residual sum of squares.
    """

    weights: FloatArray
    gram_inverse: FloatArray
    gamma: FloatArray
    residuals: FloatArray
    rss: float


def weighted_fit(design: Design, tau2: float) -> WeightedFit:
    """Fit by weights 1 / (vi + tau²)."""
    weights = 1.0 / (design.vi + tau2)
    root = np.sqrt(weights)
    # QR of the weighted basis keeps covariances positive where normal equations would not.
    rotation, triangle = np.linalg.qr(root[:, None] * design.basis)
    try:
        inverse = np.asarray(np.linalg.inv(triangle), dtype=np.float64)
    except np.linalg.LinAlgError as err:
        raise PoolingError(TOO_FAR_APART) from err
    gamma = inverse @ (rotation.T @ (root * design.yi))
    residuals = design.yi - design.basis @ gamma
    # One step of refinement: effects may be large beside their differences.
    correction = inverse @ (rotation.T @ (root * residuals))
    gamma, residuals = gamma + correction, residuals - design.basis @ correction
    gram_inverse = inverse @ inverse.T
    return WeightedFit(
        weights, gram_inverse, gamma, residuals, float(weights @ (residuals * residuals))
    )


def residual_tau2(design: Design, method: str) -> float:
    """Between-study variance that the moderators leave, by any of `estimators.METHODS`."""
    if method in COMMON_EFFECT_METHODS:
        return 0.0
    try:
        return _ESTIMATORS[method](design)
    except KeyError:
        raise PoolingError(
            f"unknown method {method!r}: choose one of {', '.join(METHODS)}"
        ) from None


def trace_of_projection(design: Design, fit: WeightedFit) -> float:
    """Trace of P = W - WX (X'WX)⁻¹ X'W.

    Raises
    ------
    PoolingError
        If one weight exceeds the others beyond the precision of numbers.
    """
    total = float(fit.weights.sum())
    squared = (fit.weights**2)[:, None] * design.basis
    trace = total - float(np.sum(fit.gram_inverse * (design.basis.T @ squared)))
    if not trace > RELATIVE_ROUNDING * total:
        raise PoolingError(TOO_FAR_APART)
    return trace


def solve_residual_q(design: Design, target: float) -> float:
    """Solve weighted residual sum of squares = `target` for tau² >= 0; 0 when it starts below."""

    def step(tau2: float) -> Step:
        fit = weighted_fit(design, tau2)
        pulled = fit.weights * fit.residuals
        slope, excess = float(pulled @ pulled), fit.rss - target
        return Step(excess, excess * fit.rss / (target * slope) if slope > 0.0 else 0.0, True)

    return climb_one(0.0, _unit(design), step)


def _unit(design: Design) -> float:
    """Harmonic mean of the sampling variances."""
    return float(design.vi.size / np.sum(1.0 / design.vi))


def _residual_df(design: Design) -> int:
    k, p = design.basis.shape
    return int(k - p)


def _hedges_olkin(design: Design) -> float:
    residuals = design.yi - design.basis @ (design.basis.T @ design.yi)
    leverage = np.einsum("ij,ij->i", design.basis, design.basis)
    expected = float(design.vi @ (1.0 - leverage))
    return max(0.0, (float(residuals @ residuals) - expected) / _residual_df(design))


def _dersimonian_laird(design: Design) -> float:
    fit = weighted_fit(design, 0.0)
    return max(0.0, (fit.rss - _residual_df(design)) / trace_of_projection(design, fit))


def _hunter_schmidt(design: Design) -> float:
    fit = weighted_fit(design, 0.0)
    return max(0.0, (fit.rss - design.yi.size) / float(fit.weights.sum()))


def _sidik_jonkman(design: Design) -> float:
    crude = float(np.var(design.yi))
    return crude * weighted_fit(design, crude).rss / _residual_df(design)


def _paule_mandel(design: Design) -> float:
    return solve_residual_q(design, float(_residual_df(design)))


def _maximum_likelihood(design: Design) -> float:
    return _likelihood(design, restricted=False)


def _restricted_maximum_likelihood(design: Design) -> float:
    return _likelihood(design, restricted=True)


def _likelihood(design: Design, *, restricted: bool) -> float:
    def step(tau2: float) -> Step:
        return _likelihood_step(design, tau2, restricted=restricted)

    tau2 = climb_one(_hedges_olkin(design), _unit(design), step)
    if tau2 == 0.0:
        return 0.0
    at_zero = _log_likelihood(design, 0.0, restricted=restricted)
    here = _log_likelihood(design, tau2, restricted=restricted)
    return 0.0 if at_zero - here > LOG_LIKELIHOOD_GAIN else tau2


def _likelihood_step(design: Design, tau2: float, *, restricted: bool) -> Step:
    """Score and step as in `estimators`, with the hat matrix of a whole design."""
    fit = weighted_fit(design, tau2)
    w, basis, inverse = fit.weights, design.basis, fit.gram_inverse
    pulled = w * fit.residuals
    score = float(pulled @ pulled) - float(w.sum())
    again = basis.T @ (w * pulled)
    curvature = float(pulled @ (w * pulled)) - float(again @ inverse @ again)
    information = float(w @ w)
    if restricted:
        squares = inverse @ (basis.T @ ((w**2)[:, None] * basis))
        cubes = inverse @ (basis.T @ ((w**3)[:, None] * basis))
        score += float(np.trace(squares))
        information += float(np.sum(squares * squares.T)) - 2.0 * float(np.trace(cubes))
    observed = 2.0 * curvature - information
    newton = score / observed if observed > 0.0 else np.inf
    near = abs(newton) <= NEWTON_REACH * w.size / float(w.sum())
    if near or information > 0.0:
        return Step(score, newton if near else score / information, near)
    return Step(score, math.copysign(tau2 + w.size / float(w.sum()), score), False)


def _log_likelihood(design: Design, tau2: float, *, restricted: bool) -> float:
    fit = weighted_fit(design, tau2)
    value = -0.5 * (float(np.log(design.vi + tau2).sum()) + fit.rss)
    return value + 0.5 * float(np.linalg.slogdet(fit.gram_inverse)[1]) if restricted else value


_ESTIMATORS: dict[str, Callable[[Design], float]] = {
    "DL": _dersimonian_laird,
    "HE": _hedges_olkin,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
    "ML": _maximum_likelihood,
    "REML": _restricted_maximum_likelihood,
}
