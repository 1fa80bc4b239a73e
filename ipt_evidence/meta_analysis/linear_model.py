"""One linear model of effects with between-study variance: their mean, or a regression.

One fit is what a person waits for, and at 16 studies NumPy's overhead is nearly all of it: a mean,
and a line in one moderator, therefore have their own short paths in plain numbers, and all are
fitted without the cost of the (B, K) arrays of `estimators`. The definitions of tau² are the same;
tests hold them equal.

A design is orthogonalised first, so that a year near 2000 beside an intercept costs no digits,
and no K x K matrix is formed: with p coefficients effort is O(K p²) an iteration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = [
    "ILL_CONDITIONED",
    "RANK_TOLERANCE",
    "Design",
    "Line",
    "LineFit",
    "Mean",
    "MeanFit",
    "Model",
    "WeightedFit",
    "model_of",
]

ILL_CONDITIONED = (
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

    def projected(self, values: FloatArray) -> float:
        """Quadratic form of `values` (K,) in P = W - W 1 1' W / sum w."""
        again = self.weights * values
        return float(values @ again) - float(again @ self._ones) ** 2 / self.total

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
        deviations = self.yi - float(self.yi @ self.ones) / self.yi.size
        return float(deviations @ deviations)

    def expected_squares(self) -> float:
        """Sum of squares about the plain mean that sampling errors alone would leave."""
        return float(self.vi @ self.ones) * self.df / self.yi.size


class LineFit:
    """Weighted line through effects, in the units of its model; `residuals` are (K,)."""

    __slots__ = ("across", "mean", "middle", "residuals", "slope", "spread", "total", "weights")

    def __init__(self, model: Line, weights: FloatArray) -> None:
        """Fit by `weights` (K,)."""
        self.weights = weights
        self.total = float(weights @ model.ones)
        self.middle = float(weights @ model.x) / self.total
        self.mean = float(weights @ model.y) / self.total
        self.across = model.x - self.middle
        weighted = weights * self.across
        self.spread = float(weighted @ self.across)
        if not self.spread > 0.0:
            raise PoolingError(ILL_CONDITIONED)
        self.slope = float(weighted @ model.y) / self.spread
        self.residuals = model.y - self.mean - self.slope * self.across

    @property
    def rss(self) -> float:
        """Weighted residual sum of squares."""
        return float(self.weights @ (self.residuals * self.residuals))

    def trace(self) -> float:
        """As `WeightedFit.trace`."""
        return _trace(self)

    def restrictions(self) -> tuple[float, float]:
        """As `WeightedFit.restrictions`; (X'WX)⁻¹ is diagonal about the weighted mean of x."""
        w, across = self.weights, self.across
        squares = w * w
        crossed = squares * across
        first = float(w @ w) / self.total
        second = float(crossed @ across) / self.spread
        both = float(squares @ across) ** 2 / (self.total * self.spread)
        cubes = float(squares @ w) / self.total + float(crossed @ (w * across)) / self.spread
        return first + second, first**2 + second**2 + 2.0 * both - 2.0 * cubes

    def projected(self, values: FloatArray) -> float:
        """Quadratic form of `values` (K,) in P."""
        again = self.weights * values
        height, tilt = float(self.weights @ values), float(again @ self.across)
        return float(values @ again) - height**2 / self.total - tilt**2 / self.spread

    def log_determinant(self) -> float:
        """Log of the determinant of X'WX, in the units of the model."""
        return math.log(self.total) + math.log(self.spread)


class Line:
    """Effects, variances and one moderator, each (K,).

    Inside, effects `y` and moderator `x` are counted from the most precise effect, and `x` in its
    largest distance from there: what is left of them has all its digits.
    """

    __slots__ = ("_fits", "_origin", "_unit", "df", "ones", "vi", "x", "y", "yi")

    def __init__(self, yi: FloatArray, vi: FloatArray, x: FloatArray, term: str) -> None:
        """Refuse a moderator that is constant, by its name `term`."""
        first = int(vi.argmin())
        deviations = x - x[first]
        self._unit = float(np.abs(deviations).max())
        if self._unit < RANK_TOLERANCE * max(abs(float(x[first])), self._unit):
            raise PoolingError(_constant([term]))
        self.yi, self.vi, self.df = yi, vi, yi.size - 2
        self.y, self.x = yi - yi[first], deviations / self._unit
        self._origin = float(yi[first]), float(x[first])
        self.ones = np.ones(yi.size)
        self._fits: dict[float, LineFit] = {}

    def at(self, tau2: float) -> LineFit:
        """Line weighted by 1 / (vi + tau2), kept for when it is asked for again."""
        if tau2 not in self._fits:
            self._fits[tau2] = LineFit(self, 1.0 / (self.vi + tau2))
        return self._fits[tau2]

    def fit(self, weights: FloatArray) -> LineFit:
        """Weighted line."""
        return LineFit(self, weights)

    def squares(self) -> float:
        """Residual sum of squares of the plain line."""
        deviations = LineFit(self, self.ones).residuals
        return float(deviations @ deviations)

    def expected_squares(self) -> float:
        """Residual sum of squares of the plain line that sampling errors alone would leave."""
        plain = LineFit(self, self.ones)
        leverage = 1.0 / plain.total + plain.across * plain.across / plain.spread
        return float(self.vi @ (1.0 - leverage))

    def coefficients(self, tau2: float) -> tuple[FloatArray, FloatArray]:
        """Intercept and slope (2,) in the units of the effects, and their covariance (2, 2)."""
        fit, (y, x) = self.at(tau2), self._origin
        slope, of_slope = fit.slope / self._unit, 1.0 / fit.spread / self._unit**2
        middle = x + fit.middle * self._unit
        covariance = [
            [1.0 / fit.total + middle**2 * of_slope, -middle * of_slope],
            [-middle * of_slope, of_slope],
        ]
        return np.array([y + fit.mean - slope * middle, slope]), np.array(covariance)


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
        return _trace(self)

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

    def projected(self, values: FloatArray) -> float:
        """Quadratic form of `values` (K,) in P."""
        weighted = self.weights * values
        again = weighted @ self.basis
        return float(values @ weighted) - float(again @ self.gram_inverse @ again)

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
        _refuse_too_few(x.shape[0], terms)
        scale = np.linalg.norm(x, axis=0)
        zero = [term for term, size in zip(terms, scale, strict=True) if size == 0.0]
        basis, triangle = np.linalg.qr(x / np.where(scale > 0.0, scale, 1.0))
        thin = np.abs(np.diag(triangle)) < RANK_TOLERANCE
        if thin.any():
            names = zero or [term for term, bad in zip(terms, thin, strict=True) if bad]
            raise PoolingError(_constant(names))
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
            raise PoolingError(ILL_CONDITIONED) from err
        gamma = inverse @ (rotation.T @ (root * self.yi))
        residuals = self.yi - self.basis @ gamma
        # One step of refinement: effects may be large beside their differences.
        correction = inverse @ (rotation.T @ (root * residuals))
        gamma, residuals = gamma + correction, residuals - self.basis @ correction
        return WeightedFit(self.basis, weights, inverse @ inverse.T, gamma, residuals)

    def coefficients(self, tau2: float) -> tuple[FloatArray, FloatArray]:
        """Coefficients of the design (p,) and their covariance (p, p)."""
        fit = self.at(tau2)
        return self.back @ fit.gamma, self.back @ fit.gram_inverse @ self.back.T

    def squares(self) -> float:
        """Residual sum of squares of plain least squares."""
        deviations = self.yi - self.basis @ (self.basis.T @ self.yi)
        deviations = deviations - self.basis @ (self.basis.T @ deviations)
        return float(deviations @ deviations)

    def expected_squares(self) -> float:
        """Residual sum of squares of plain least squares that sampling errors alone would leave."""
        leverage = np.einsum("ij,ij->i", self.basis, self.basis)
        return float(self.vi @ (1.0 - leverage))


Model = Mean | Line | Design


def model_of(
    yi: FloatArray, vi: FloatArray, x: FloatArray, terms: tuple[str, ...]
) -> Line | Design:
    """Model of effects with the design x (K, p), whose first column is the intercept.

    Raises
    ------
    PoolingError
        As `Design.of`.
    """
    if x.shape[1] != 2:
        return Design.of(yi, vi, x, terms)
    _refuse_too_few(x.shape[0], terms)
    return Line(yi, vi, x[:, 1], terms[1])


def _refuse_too_few(k: int, terms: tuple[str, ...]) -> None:
    if k <= len(terms):
        raise PoolingError(
            f"{k} effects cannot carry {len(terms)} coefficients ({', '.join(terms)}): "
            "use fewer moderators or merge categories"
        )


def _constant(names: list[str]) -> str:
    return f"moderator {', '.join(names)} is constant or follows from the others: leave it out"


def _trace(fit: LineFit | WeightedFit) -> float:
    trace = fit.total - fit.restrictions()[0]
    if not trace > RELATIVE_ROUNDING * fit.total:
        raise PoolingError(ILL_CONDITIONED)
    return trace
