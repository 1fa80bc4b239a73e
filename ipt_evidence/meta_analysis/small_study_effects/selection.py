"""Selection model: estimate the effect while allowing that significance decides on publication."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import Coefficient, coefficient_table
from ipt_evidence.meta_analysis.heterogeneity import tau2_of, typical_variance
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, number_or_none
from ipt_evidence.meta_analysis.linear_model import Mean
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies

__all__ = ["selection_model"]

LARGEST_WEIGHT = 100.0  # beyond, little changes; metafor's limit too
FEW_IN_INTERVAL = 4  # below, the weight of an interval is hardly estimable; Vevea & Hedges (1995)

MAX_ITERATIONS = 500
HALVINGS = 60
DIFFERENCE = 1e-5
GRADIENT_TOLERANCE = 1e-9
LARGEST_LOG_STEP = 2.0
RUNAWAY = 1e8  # a weight past this, or its inverse, has no maximum
SLACK = 1e-6  # of log-likelihood, by which a start that runs off must pass the maxima
DISAPPEARING = 1e-12  # tau² in typical variances that counts as zero
ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class SelectionInterval:
    """One-sided p values in (lower, upper], their number, and their relative weight.

    `weight` is the chance of being seen relative to the first interval, with standard error `se`
    (None where it is held: given, or at the limit of 100 because the likelihood rises beyond it).
    """

    lower: float
    upper: float
    studies: int
    weight: float
    se: float | None


@dataclass(frozen=True, slots=True)
class SelectionModel:
    """Effect adjusted for selection by p value, maximum likelihood with z test.

    `lrt`, `lrt_df`, `lrt_p` compare with the model without selection; None for fixed weights.
    """

    k: int
    adjusted: Coefficient
    tau2: float
    intervals: tuple[SelectionInterval, ...]
    lrt: float | None
    lrt_df: int | None
    lrt_p: float | None
    log_likelihood: float
    level: float
    cautions: tuple[str, ...]


def selection_model(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    steps: Sequence[float] = (0.025,),
    weights: Sequence[float] | None = None,
    level: float = 95.0,
) -> SelectionModel:
    """Step-function selection model of Vevea & Hedges (1995) doi:10.1007/BF02294384.

    As metafor `selmodel(rma(method="ML"), type="stepfun", steps=...)`; one step at .025 is the
    three-parameter model. A weight for which the likelihood rises beyond 100, as when no study is
    in the first interval, stops there like metafor's. p values are one-sided against effects
    above 0: significant positive effects are taken to be the ones that get published.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    steps
        Ascending one-sided p values at which the chance of publication may change.
    weights
        Fixed chances relative to the first interval, one for each further interval: a sensitivity
        analysis when studies are too few to estimate them (Vevea & Woods 2005
        doi:10.1037/1082-989X.10.4.428).
    level
        Percent of the interval of the adjusted effect.

    Raises
    ------
    PoolingError
        If input is unusable, steps are not ascending between 0 and 1, an interval but the first
        holds no study, or the likelihood has no maximum.
    """
    effects, variances = effects_and_variances(yi, vi, least=2)
    bounds = _bounds(steps)
    unit = math.sqrt(typical_variance(variances))
    start = tau2_of(Mean(effects / unit, variances / unit**2), "ML")
    selection = _Selection.of(effects / unit, variances / unit**2, bounds)
    counts = selection.counts()
    held = _held(weights, counts, bounds)
    best, held = _maximise(selection, start, held)
    se = _standard_errors(selection, best, held)
    adjusted = coefficient_table(
        ("adjusted",), best[:1] * unit, np.array([[(se[0] * unit) ** 2]]), None, level
    )[0]
    height = _log_likelihood(selection, best)
    lrt = None
    if weights is None:
        none, _ = _maximise(selection, start, np.ones(len(bounds) - 2))
        lrt = max(0.0, 2.0 * (height - _log_likelihood(selection, none)))
    return SelectionModel(
        k=effects.size,
        adjusted=adjusted,
        tau2=float(best[1]) * unit**2,
        intervals=_intervals(bounds, counts, best, se),
        lrt=lrt,
        lrt_df=None if lrt is None else len(bounds) - 2,
        lrt_p=None if lrt is None else distributions.chi2_upper_tail(lrt, len(bounds) - 2),
        log_likelihood=height - effects.size * math.log(unit),
        level=level,
        cautions=_cautions(effects.size, counts, bounds, held if weights is None else None),
    )


def _bounds(steps: Sequence[float]) -> tuple[float, ...]:
    bounds = (0.0, *steps, 1.0)
    if not steps or any(not a < b for a, b in pairwise(bounds)):
        raise PoolingError(f"steps {tuple(steps)!r} are not ascending between 0 and 1")
    return bounds


def _held(
    weights: Sequence[float] | None, counts: FloatArray, bounds: tuple[float, ...]
) -> FloatArray:
    """Weights that are not to be estimated; NaN marks those that are."""
    if weights is not None:
        held = np.asarray(weights, dtype=np.float64)
        if held.shape != (len(bounds) - 2,) or not (np.isfinite(held) & (held > 0.0)).all():
            raise PoolingError(f"{len(bounds) - 2} weights above 0 are needed, one for each step")
        return held
    for i in np.flatnonzero(counts[1:] == 0) + 1:
        raise PoolingError(
            f"no study has a one-sided p between {bounds[i]:g} and {bounds[i + 1]:g}: "
            "use fewer steps or fixed weights"
        )
    held = np.full(len(bounds) - 2, np.nan)
    if counts[0] == 0.0:
        # All weights are relative to the first interval: with no study there they have no end.
        held[0] = LARGEST_WEIGHT
    return held


def _standard_errors(selection: _Selection, best: FloatArray, held: FloatArray) -> FloatArray:
    """Errors of mu, tau² and free weights, else NaN; tau² is held where it lies on its bound."""
    information = _observed_information(selection, best)
    free = np.ones(best.size, dtype=np.bool_)
    free[1] = best[1] > 0.0
    free[2:] = np.isnan(held)
    errors = np.full(best.size, np.nan)
    covariance = np.linalg.inv(information[np.ix_(free, free)])
    errors[free] = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return errors


def _intervals(
    bounds: tuple[float, ...], counts: FloatArray, best: FloatArray, se: FloatArray
) -> tuple[SelectionInterval, ...]:
    weights = (1.0, *best[2:].tolist())
    errors = [None, *(number_or_none(value) for value in se[2:])]
    return tuple(
        SelectionInterval(bounds[i], bounds[i + 1], int(counts[i]), weights[i], errors[i])
        for i in range(len(weights))
    )


def _cautions(
    k: int, counts: FloatArray, bounds: tuple[float, ...], held: FloatArray | None
) -> tuple[str, ...]:
    cautions = few_studies(k)
    if held is None:
        return cautions
    for i in np.flatnonzero(held == LARGEST_WEIGHT) + 1 if counts[0] > 0.0 else ():
        cautions += (
            f"the likelihood rises with the weight of p between {bounds[i]:g} and "
            f"{bounds[i + 1]:g}, which was held at {LARGEST_WEIGHT:g}",
        )
    for i in np.flatnonzero(counts < FEW_IN_INTERVAL):
        where = f"with one-sided p between {bounds[i]:g} and {bounds[i + 1]:g}"
        if counts[i] == 0.0:
            cautions += (
                f"no study {where}, the results said to be favoured: the weights of the other "
                f"intervals have no maximum and the largest was held at {LARGEST_WEIGHT:g}",
            )
        else:
            cautions += (
                f"only {int(counts[i])} studies {where}: their weight is hardly estimable "
                "(Vevea & Hedges 1995, doi:10.1007/BF02294384)",
            )
    return cautions


# The likelihood. Its parameters are an array: mu, tau², then the weight of each interval but the
# first.


@dataclass(frozen=True, slots=True)
class _Selection:
    """Effects with the cut points of their p values.

    `cuts` (K, J + 1) holds, from +inf down to -inf, the effects at which the one-sided p value
    passes a step; `interval` (K,) says where each effect lies.
    """

    yi: FloatArray
    vi: FloatArray
    cuts: FloatArray
    interval: npt.NDArray[np.intp]

    @classmethod
    def of(cls, yi: FloatArray, vi: FloatArray, bounds: tuple[float, ...]) -> _Selection:
        """Cut at the p values `bounds`, which run from 0 to 1."""
        sd = np.sqrt(vi)
        p = special.ndtr(-yi / sd)
        interval = np.searchsorted(np.array(bounds[1:-1]), p, side="left")
        return cls(yi, vi, sd[:, None] * -special.ndtri(np.array(bounds)), interval)

    def counts(self) -> FloatArray:
        """Count the studies of each interval."""
        return np.bincount(self.interval, minlength=self.cuts.shape[1] - 1).astype(np.float64)


def _log_likelihood(selection: _Selection, parameters: FloatArray) -> float:
    """Log-likelihood of the effects that were seen."""
    return _value_and_gradient(selection, parameters)[0]


def _observed_information(selection: _Selection, parameters: FloatArray) -> FloatArray:
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


def _maximise(
    selection: _Selection, tau2: float, held: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Parameters of highest likelihood, by Newton's method on mu, log tau² and log weights.

    `held` (J - 1,) gives weights that are not to be estimated, NaN the others. The climb starts
    from small and large tau², and from tau² = 0, which it then keeps. A weight that runs beyond
    `LARGEST_WEIGHT` on the way to the highest point is held there, as in metafor; the weights that
    were held are given too.

    Raises
    ------
    PoolingError
        If a weight vanishes: it cannot be estimated from these studies.
    """
    steps = selection.cuts.shape[1] - 2
    weights = np.where(np.isnan(held), 1.0, held)
    precision = 1.0 / (selection.vi + tau2)
    mean = float(precision @ selection.yi) / float(precision.sum())
    found = []
    for start in (0.0, max(tau2, 0.1), 3.0 * tau2 + 1.0):
        free = np.ones(2 + steps, dtype=np.bool_)
        free[1] = start > 0.0
        free[2:] = np.isnan(held)
        found.append(_newton(selection, np.array([mean, start, *weights]), free))
    heights = [_log_likelihood(selection, point) for point, _ in found]
    # A start from which a weight runs off counts only if it passes what the others reach.
    best, settled = max(
        zip(found, heights, strict=True), key=lambda one: one[1] - (0.0 if one[0][1] else SLACK)
    )[0]
    beyond = np.isnan(held) & (best[2:] > LARGEST_WEIGHT)
    if beyond.any():
        following = np.where(beyond, LARGEST_WEIGHT, held)
        if selection.counts()[0] == 0.0 and held[0] == LARGEST_WEIGHT:
            # With an empty first interval only ratios of weights matter: hold the largest alone.
            following = np.full(steps, np.nan)
            following[int(best[2:].argmax())] = LARGEST_WEIGHT
        return _maximise(selection, tau2, following)
    if not settled:
        raise PoolingError(
            "the selection model has no maximum for these studies: use fewer steps or fixed weights"
        )
    if best[1] < DISAPPEARING:
        best[1] = 0.0
    return best, held


def _newton(
    selection: _Selection, start: FloatArray, free: npt.NDArray[np.bool_]
) -> tuple[FloatArray, bool]:
    """Climb from `start`: the point reached, and whether it is a maximum (no weight ran off)."""
    point = start.copy()
    logged = free.copy()
    logged[0] = False
    for _ in range(MAX_ITERATIONS):
        height, gradient = _value_and_gradient(selection, point)
        # Chain rule to the log scale: d/dlog(x) = x d/dx.
        jacobian = np.where(logged, point, 1.0)
        slope = (gradient * jacobian)[free]
        if (np.abs(slope) <= GRADIENT_TOLERANCE * (1.0 + abs(height))).all():
            return point, True
        if logged[1] and point[1] < DISAPPEARING:
            return point, True
        curvature = _observed_information(selection, point) * np.outer(jacobian, jacobian)
        curvature -= np.diag(np.where(logged, gradient * point, 0.0))
        following = _uphill(selection, point, height, slope, curvature, free, logged)
        if following is None:
            return point, True
        point = following
        running = point[2:][free[2:]]
        if (running > RUNAWAY).any() or (running < 1.0 / RUNAWAY).any():
            break
    return point, False


def _uphill(
    selection: _Selection,
    point: FloatArray,
    height: float,
    slope: FloatArray,
    curvature: FloatArray,
    free: npt.NDArray[np.bool_],
    logged: npt.NDArray[np.bool_],
) -> FloatArray | None:
    """Newton's step, made shorter until the likelihood rises; None when no step raises it."""
    values, vectors = np.linalg.eigh(curvature[np.ix_(free, free)])
    # Where the surface is not curved downwards, go uphill by the size of the curvature.
    divisor = np.maximum(np.abs(values), 1e-8 * float(np.abs(values).max()) + 1e-300)
    step = np.zeros(point.size)
    step[free] = vectors @ ((vectors.T @ slope) / divisor)
    longest = float(np.abs(step[logged]).max(initial=0.0))
    step *= min(1.0, LARGEST_LOG_STEP / longest) if longest > 0.0 else 1.0
    for _ in range(HALVINGS):
        following = np.where(logged, point * np.exp(np.where(logged, step, 0.0)), point + step)
        if _log_likelihood(selection, following) > height:
            return following
        step *= 0.5
    return None


def _value_and_gradient(selection: _Selection, parameters: FloatArray) -> tuple[float, FloatArray]:
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
