"""One linear model of effects with between-study variance: their mean, or a regression.

One fit is what a person waits for, and at 16 studies NumPy's overhead is nearly all of it: the
mean therefore has its own short path, and both are fitted without the cost of the (B, K) arrays of
`estimators`. The definitions of tau² are the same; tests hold them equal.

A design is orthogonalised first, so that a year near 2000 beside an intercept costs no digits,
and no K x K matrix is formed: with p coefficients effort is O(K p²) an iteration.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.estimators import (
    BISECT_AFTER,
    LINEAR_TOLERANCE,
    LOG_LIKELIHOOD_GAIN,
    MAX_ITERATIONS,
    METHODS,
    NEGLIGIBLE,
    NEWTON_REACH,
    QUADRATIC_TOLERANCE,
)
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = [
    "RANK_TOLERANCE",
    "TOO_FAR_APART",
    "Design",
    "Mean",
    "MeanFit",
    "WeightedFit",
    "checked",
    "solve_residual_q",
    "tau2_of",
]

TOO_FAR_APART = (
    "the sampling variances differ by too many orders of magnitude for this model: check whether "
    "a standard error was entered as a variance"
)
RELATIVE_ROUNDING = 1e-15
RANK_TOLERANCE = 1e-10  # share of a column left after the others explain it; below: redundant


class MeanFit:
    """Weighted mean of effects: `total` is the sum of the weights, `residuals` are (K,)."""

    __slots__ = ("_ones", "mean", "residuals", "total", "weights")

    def __init__(self, model: Mean, weights: FloatArray) -> None:
        """Fit by `weights` (K,)."""
        self.weights, self._ones = weights, model.ones
        self.total = float(weights @ model.ones)
        self.mean = float(weights @ model.yi) / self.total
        self.residuals = model.yi - self.mean

    def trace(self) -> float:
        """Sum w - sum w² / sum w, without cancellation; see `estimators.trace_of_projection`."""
        weights = self.weights
        top = int(weights.argmax())
        highest = float(weights[top])
        rest = weights.copy()
        rest[top] = 0.0
        others = float(rest @ self._ones)
        # The products of the others with all but themselves, and of the highest with the others.
        crossed = highest * others + others**2 - float(rest @ rest) + others * highest
        return crossed / (others + highest)

    def restrictions(self) -> tuple[float, float]:
        """What the fitted mean takes from the trace of W, and adds to the trace of W W."""
        w = self.weights
        ratio = float(w @ w) / self.total
        return ratio, ratio**2 - 2.0 * float((w * w) @ w) / self.total

    def projected(self, pulled: FloatArray) -> float:
        """Quadratic form of `pulled` (K,) in P = W - W 1 1' W / sum w."""
        again = self.weights * pulled
        return float(pulled @ again) - float(again @ self._ones) ** 2 / self.total

    def log_determinant(self) -> float:
        """Log of the determinant of X'WX."""
        return math.log(self.total)


class Mean:
    """Effects and variances of one meta-analysis, each (K,), with no moderator."""

    __slots__ = ("df", "ones", "vi", "yi")

    def __init__(self, yi: FloatArray, vi: FloatArray) -> None:
        """Keep the arrays; nothing is copied."""
        self.yi, self.vi, self.df = yi, vi, yi.size - 1
        # A product with ones costs half of a call of `sum`.
        self.ones = np.ones(yi.size)

    def at(self, tau2: float) -> MeanFit:
        """Mean weighted by 1 / (vi + tau2)."""
        return MeanFit(self, 1.0 / (self.vi + tau2))

    def fit(self, weights: FloatArray) -> MeanFit:
        """Weighted mean."""
        return MeanFit(self, weights)

    def squares(self) -> float:
        """Sum of squares about the plain mean."""
        apart = self.yi - float(self.yi @ self.ones) / self.yi.size
        return float(apart @ apart)

    def expected_squares(self) -> float:
        """Sum of squares about the plain mean that sampling errors alone would leave."""
        return float(self.vi @ self.ones) * self.df / self.yi.size


@dataclass(frozen=True, slots=True)
class WeightedFit:
    """Weighted least squares on the basis of a design.

    `gram_inverse` is (X'WX)⁻¹ and `gamma` holds the coefficients of the basis.
    """

    basis: FloatArray
    weights: FloatArray
    gram_inverse: FloatArray
    gamma: FloatArray
    residuals: FloatArray

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(self.weights.sum())

    @property
    def rss(self) -> float:
        """Weighted residual sum of squares."""
        return float(self.weights @ (self.residuals * self.residuals))

    def trace(self) -> float:
        """Trace of P = W - WX (X'WX)⁻¹ X'W.

        Raises
        ------
        PoolingError
            If one weight exceeds the others beyond the precision of numbers.
        """
        trace = self.total - self.restrictions()[0]
        if not trace > RELATIVE_ROUNDING * self.total:
            raise PoolingError(TOO_FAR_APART)
        return trace

    def restrictions(self) -> tuple[float, float]:
        """What the fitted coefficients take from the trace of W, and add to that of W W."""
        column = self.weights[:, None]
        weighted = column * self.basis
        squares = self.gram_inverse @ (weighted.T @ weighted)
        cubes = self.gram_inverse @ (weighted.T @ (column * weighted))
        return (
            float(np.trace(squares)),
            float(np.sum(squares * squares.T)) - 2.0 * float(np.trace(cubes)),
        )

    def projected(self, pulled: FloatArray) -> float:
        """Quadratic form of `pulled` (K,) in P."""
        weighted = self.weights * pulled
        again = weighted @ self.basis
        return float(pulled @ weighted) - float(again @ self.gram_inverse @ again)

    def log_determinant(self) -> float:
        """Log of the determinant of X'WX."""
        return -float(np.linalg.slogdet(self.gram_inverse)[1])


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
    fits
        Those of `at`: a third of the time of a regression of 16 effects went into making the same
        fits again.
    """

    yi: FloatArray
    vi: FloatArray
    basis: FloatArray
    back: FloatArray
    fits: dict[float, WeightedFit] = field(default_factory=dict, repr=False, compare=False)

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

    @property
    def df(self) -> int:
        """Residual degrees of freedom, K - p."""
        return int(self.basis.shape[0] - self.basis.shape[1])

    def at(self, tau2: float) -> WeightedFit:
        """Least squares weighted by 1 / (vi + tau2), kept for when it is asked for again."""
        if tau2 not in self.fits:
            self.fits[tau2] = self.fit(1.0 / (self.vi + tau2))
        return self.fits[tau2]

    def fit(self, weights: FloatArray) -> WeightedFit:
        """Weighted least squares."""
        root = np.sqrt(weights)
        # QR of the weighted basis keeps covariances positive where normal equations would not.
        rotation, triangle = np.linalg.qr(root[:, None] * self.basis)
        try:
            inverse = np.asarray(np.linalg.inv(triangle), dtype=np.float64)
        except np.linalg.LinAlgError as err:
            raise PoolingError(TOO_FAR_APART) from err
        gamma = inverse @ (rotation.T @ (root * self.yi))
        residuals = self.yi - self.basis @ gamma
        # One step of refinement: effects may be large beside their differences.
        correction = inverse @ (rotation.T @ (root * residuals))
        gamma, residuals = gamma + correction, residuals - self.basis @ correction
        return WeightedFit(self.basis, weights, inverse @ inverse.T, gamma, residuals)

    def squares(self) -> float:
        """Residual sum of squares of plain least squares."""
        apart = self.yi - self.basis @ (self.basis.T @ self.yi)
        apart = apart - self.basis @ (self.basis.T @ apart)
        return float(apart @ apart)

    def expected_squares(self) -> float:
        """Residual sum of squares of plain least squares that sampling errors alone would leave."""
        leverage = np.einsum("ij,ij->i", self.basis, self.basis)
        return float(self.vi @ (1.0 - leverage))


Model = Mean | Design


def tau2_of(model: Model, method: str) -> float:
    """Between-study variance that the model leaves, in squared units of yi; 0 for one effect.

    Raises
    ------
    PoolingError
        If the method is unknown.
    """
    estimator = _ESTIMATORS[checked(method)]
    return estimator(model) if model.df > 0 else 0.0


def checked(method: str) -> str:
    """Return `method`, refusing one that does not exist."""
    if method not in METHODS:
        raise PoolingError(f"unknown method {method!r}: choose one of {', '.join(METHODS)}")
    return method


def solve_residual_q(model: Model, target: float) -> float:
    """Solve weighted residual sum of squares = `target` for tau² >= 0; 0 when it starts below."""

    def step(tau2: float) -> _Step:
        weights = 1.0 / (model.vi + tau2)
        residuals = model.fit(weights).residuals
        pulled = weights * residuals
        slope, q = float(pulled @ pulled), float(pulled @ residuals)
        excess = q - target
        return _Step(excess, excess * q / (target * slope) if slope > 0.0 else 0.0, True)

    return _climb(0.0, _unit(model), step)


class _Step(NamedTuple):
    """`estimators.Evaluation` of one meta-analysis, in plain numbers."""

    score: float
    step: float
    quadratic: bool


def _climb(start: float, unit: float, evaluate: Callable[[float], _Step]) -> float:
    """Find the tau² of one meta-analysis by the rules of `estimators.climb`.

    `unit` is the harmonic mean of the sampling variances.
    """
    tau2, below, above = start, -1.0, math.inf
    for iteration in range(MAX_ITERATIONS):
        score, step, quadratic = evaluate(tau2)
        if score > 0.0:
            below = tau2
        elif tau2 == 0.0:
            return 0.0
        else:
            above = tau2
        if step < -tau2 and below < 0.0 and tau2 > NEGLIGIBLE * unit:
            step *= 0.5 ** math.ceil(math.log2(-step / tau2)) if math.isfinite(step) else 0.0
        following = tau2 + step
        bounded = iteration >= BISECT_AFTER and below >= 0.0 and above < math.inf
        if bounded or not max(below, 0.0) <= following <= above:
            floor = max(below, 0.0)
            reach = above if above < math.inf else floor
            following = floor + 0.5 * (reach - floor) if below >= 0.0 else 0.0
        tolerance = QUADRATIC_TOLERANCE if quadratic else LINEAR_TOLERANCE
        if abs(following - tau2) <= tolerance * (tau2 + unit):
            return following
        tau2 = following
    return tau2  # inside a bracket of a few rounding errors


def _unit(model: Model) -> float:
    """Harmonic mean of the sampling variances."""
    return float(model.vi.size / np.add.reduce(1.0 / model.vi))


def _q(model: Model, weights: FloatArray) -> tuple[float, MeanFit | WeightedFit]:
    fit = model.fit(weights)
    return float((weights * fit.residuals) @ fit.residuals), fit


def _zero(model: Model) -> float:
    return 0.0


def _hedges_olkin(model: Model) -> float:
    return max(0.0, (model.squares() - model.expected_squares()) / model.df)


def _dersimonian_laird(model: Model) -> float:
    q, fit = _q(model, 1.0 / model.vi)
    return max(0.0, (q - model.df) / fit.trace())


def _hunter_schmidt(model: Model) -> float:
    q, fit = _q(model, 1.0 / model.vi)
    return max(0.0, (q - model.yi.size) / fit.total)


def _sidik_jonkman(model: Model) -> float:
    crude = float(np.var(model.yi))
    return crude * _q(model, 1.0 / (model.vi + crude))[0] / model.df


def _paule_mandel(model: Model) -> float:
    return solve_residual_q(model, float(model.df))


def _maximum_likelihood(model: Model) -> float:
    return _likelihood(model, restricted=False)


def _restricted_maximum_likelihood(model: Model) -> float:
    return _likelihood(model, restricted=True)


def _likelihood(model: Model, *, restricted: bool) -> float:
    """As `estimators`: scoring until Newton's step on the observed information is short."""
    k = model.yi.size

    def step(tau2: float) -> _Step:
        fit = model.at(tau2)
        weights, total = fit.weights, fit.total
        pulled = weights * fit.residuals
        score, information = float(pulled @ pulled) - total, float(weights @ weights)
        if restricted:
            less, more = fit.restrictions()
            score, information = score + less, information + more
        observed = 2.0 * fit.projected(pulled) - information
        newton = score / observed if observed > 0.0 else math.inf
        if abs(newton) <= NEWTON_REACH * k / total:
            return _Step(score, newton, True)
        if information > 0.0:
            return _Step(score, score / information, False)
        return _Step(score, math.copysign(tau2 + k / total, score), False)

    tau2 = _climb(_hedges_olkin(model), _unit(model), step)
    if tau2 == 0.0:
        return 0.0
    gain = _log_likelihood(model, 0.0, restricted=restricted)
    gain -= _log_likelihood(model, tau2, restricted=restricted)
    return 0.0 if gain > LOG_LIKELIHOOD_GAIN else tau2


def _log_likelihood(model: Model, tau2: float, *, restricted: bool) -> float:
    fit = model.at(tau2)
    q = float((fit.weights * fit.residuals) @ fit.residuals)
    value = q - float(np.add.reduce(np.log(fit.weights)))
    return -0.5 * (value + fit.log_determinant() if restricted else value)


_ESTIMATORS: dict[str, Callable[[Model], float]] = {
    "EE": _zero,
    "FE": _zero,
    "DL": _dersimonian_laird,
    "HE": _hedges_olkin,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
    "ML": _maximum_likelihood,
    "REML": _restricted_maximum_likelihood,
    "EB": _paule_mandel,
}
