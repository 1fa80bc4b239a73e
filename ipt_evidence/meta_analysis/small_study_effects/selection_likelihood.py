"""Likelihood of a step-function selection model, its gradient and its maximum.

Parameters are an array: mu, tau², then the weight of each interval but the first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Selection", "log_likelihood", "maximise", "observed_information"]

MAX_ITERATIONS = 500
HALVINGS = 60
DIFFERENCE = 1e-5
GRADIENT_TOLERANCE = 1e-9
LARGEST_LOG_STEP = 2.0
RUNAWAY = 1e8  # a weight past this has no maximum
DISAPPEARING = 1e-12  # tau² in typical variances that counts as zero
ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class Selection:
    """Effects with the cut points of their p values.

    `cuts` (K, J + 1) holds, from +inf down to -inf, the effects at which the one-sided p value
    passes a step; `interval` (K,) says where each effect lies.
    """

    yi: FloatArray
    vi: FloatArray
    cuts: FloatArray
    interval: npt.NDArray[np.intp]

    @classmethod
    def of(cls, yi: FloatArray, vi: FloatArray, bounds: tuple[float, ...]) -> Selection:
        """Cut at the p values `bounds`, which run from 0 to 1."""
        sd = np.sqrt(vi)
        p = special.ndtr(-yi / sd)
        interval = np.searchsorted(np.array(bounds[1:-1]), p, side="left")
        return cls(yi, vi, sd[:, None] * -special.ndtri(np.array(bounds)), interval)

    def counts(self) -> FloatArray:
        """Count the studies of each interval."""
        return np.bincount(self.interval, minlength=self.cuts.shape[1] - 1).astype(np.float64)


def log_likelihood(selection: Selection, parameters: FloatArray) -> float:
    """Log-likelihood of the effects that were seen."""
    return _value_and_gradient(selection, parameters)[0]


def observed_information(selection: Selection, parameters: FloatArray) -> FloatArray:
    """Negative second derivatives, by central differences of the gradient (forward at tau² = 0)."""
    size = parameters.size
    matrix = np.empty((size, size))
    for i in range(size):
        step = DIFFERENCE * (1.0 + abs(float(parameters[i])))
        up, down = parameters.copy(), parameters.copy()
        up[i] += step
        if i == 0 or parameters[i] > step:
            down[i] -= step
        rise = _value_and_gradient(selection, up)[1] - _value_and_gradient(selection, down)[1]
        matrix[i] = -rise / (up[i] - down[i])
    return 0.5 * (matrix + matrix.T)


def maximise(selection: Selection, tau2: float, held: FloatArray) -> FloatArray:
    """Parameters of highest likelihood, by Newton's method on mu, log tau² and log weights.

    `held` (J - 1,) gives weights that are not to be estimated, NaN the others. The maximum with
    tau² = 0 is compared.

    Raises
    ------
    PoolingError
        If the likelihood keeps rising: the weights cannot be estimated from these studies.
    """
    steps = selection.cuts.shape[1] - 2
    weights = np.where(np.isnan(held), 1.0, held)
    precision = 1.0 / (selection.vi + tau2)
    mean = float(precision @ selection.yi) / float(precision.sum())
    found = []
    for start in (0.0, max(tau2, 0.1)):
        free = np.ones(2 + steps, dtype=np.bool_)
        free[1] = start > 0.0
        free[2:] = np.isnan(held)
        found.append(_newton(selection, np.array([mean, start, *weights]), free))
    best = max(found, key=lambda p: log_likelihood(selection, p))
    return found[0] if best[1] < DISAPPEARING else best


def _newton(selection: Selection, start: FloatArray, free: npt.NDArray[np.bool_]) -> FloatArray:
    point = start.copy()
    logged = free.copy()
    logged[0] = False
    for _ in range(MAX_ITERATIONS):
        height, gradient = _value_and_gradient(selection, point)
        # Chain rule to the log scale: d/dlog(x) = x d/dx.
        jacobian = np.where(logged, point, 1.0)
        slope = (gradient * jacobian)[free]
        if (np.abs(slope) <= GRADIENT_TOLERANCE * (1.0 + abs(height))).all():
            return point
        if logged[1] and point[1] < DISAPPEARING:
            return point
        curvature = observed_information(selection, point) * np.outer(jacobian, jacobian)
        curvature -= np.diag(np.where(logged, gradient * point, 0.0))
        following = _uphill(selection, point, height, slope, curvature, free, logged)
        if following is None:
            return point
        point = following
        running = point[2:][free[2:]]
        if (running > RUNAWAY).any() or (running < 1.0 / RUNAWAY).any():
            break
    raise PoolingError(
        "the selection model has no maximum for these studies: use fewer steps or fixed weights"
    )


def _uphill(
    selection: Selection,
    point: FloatArray,
    height: float,
    slope: FloatArray,
    curvature: FloatArray,
    free: npt.NDArray[np.bool_],
    logged: npt.NDArray[np.bool_],
) -> FloatArray | None:
    """Newton's step, made shorter until the likelihood rises; None when no step raises it."""
    values, vectors = np.linalg.eigh(curvature[np.ix_(free, free)])
    # Where the surface is not curved downwards, go uphill at a pace set by the curvature's size.
    pace = np.maximum(np.abs(values), 1e-8 * float(np.abs(values).max()) + 1e-300)
    step = np.zeros(point.size)
    step[free] = vectors @ ((vectors.T @ slope) / pace)
    longest = float(np.abs(step[logged]).max(initial=0.0))
    step *= min(1.0, LARGEST_LOG_STEP / longest) if longest > 0.0 else 1.0
    for _ in range(HALVINGS):
        following = np.where(logged, point * np.exp(np.where(logged, step, 0.0)), point + step)
        if log_likelihood(selection, following) > height:
            return following
        step *= 0.5
    return None


def _value_and_gradient(selection: Selection, parameters: FloatArray) -> tuple[float, FloatArray]:
    mu, tau2 = float(parameters[0]), float(parameters[1])
    weights = np.concatenate([[1.0], parameters[2:]])
    variance = selection.vi + tau2
    sd = np.sqrt(variance)
    u = (selection.cuts - mu) / sd[:, None]
    below = special.ndtr(u)
    chance = below[:, :-1] - below[:, 1:]  # of falling into each interval, (K, J)
    seen = chance @ weights
    density = np.exp(-0.5 * u**2) / ROOT_TWO_PI
    moment = np.where(np.isfinite(u), u, 0.0) * density
    seen_mu = (density[:, 1:] - density[:, :-1]) @ weights / sd
    seen_tau2 = (moment[:, 1:] - moment[:, :-1]) @ weights / (2.0 * variance)
    distance = selection.yi - mu
    value = float(
        np.sum(np.log(weights[selection.interval] / seen / sd) - 0.5 * distance**2 / variance)
    ) - selection.yi.size * math.log(ROOT_TWO_PI)
    gradient = np.empty(parameters.size)
    gradient[0] = np.sum(distance / variance - seen_mu / seen)
    gradient[1] = np.sum(0.5 * (distance**2 / variance - 1.0) / variance - seen_tau2 / seen)
    counts = selection.counts()[1:]
    seldom = np.divide(counts, weights[1:], out=np.zeros_like(counts), where=counts > 0.0)
    gradient[2:] = seldom - (chance / seen[:, None]).sum(axis=0)[1:]
    return value, gradient
