"""Safeguarded ascent to the tau² at which a score vanishes, for one meta-analysis or many."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Evaluation", "Rows", "Step", "climb", "climb_one"]

FloatArray = npt.NDArray[np.float64]

MAX_ITERATIONS = 300
BISECT_AFTER = 60  # a bracketed root that Newton has not met by now is taken by halving
QUADRATIC_TOLERANCE = 1e-9  # a last Newton step this short leaves an error near 1e-18
LINEAR_TOLERANCE = 1e-14
NEGLIGIBLE = 0.02  # of a typical sampling variance: no second maximum is looked for below it
ROWS_AT_ONCE = 4096  # rows of about 20 effects whose work arrays stay in the second-level cache


class Evaluation(NamedTuple):
    """The score at some tau² (positive: the root lies above), the step to take, its kind."""

    score: FloatArray
    step: FloatArray
    quadratic: npt.NDArray[np.bool_]


class Step(NamedTuple):
    """`Evaluation` of one meta-analysis, in plain numbers."""

    score: float
    step: float
    quadratic: bool


class Rows(Protocol):
    """Meta-analyses side by side, of which some can be set aside when they are solved."""

    def take(self: Some, rows: npt.NDArray[np.bool_] | slice) -> Some:
        """Return the meta-analyses of these rows."""

    def harmonic_variance(self) -> FloatArray:
        """Return the unit in which a step of tau² counts as small, one for each row."""


def climb_one(start: float, unit: float, evaluate: Callable[[float], Step]) -> float:
    """Find the tau² of one meta-analysis by the rules of `climb`, without the cost of arrays.

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


Some = TypeVar("Some", bound=Rows)


def climb(
    samples: Some, start: FloatArray, evaluate: Callable[[Some, FloatArray], Evaluation]
) -> FloatArray:
    """Find the tau² >= 0 reached from `start` by following the sign of the score, (B,).

    Zero is returned where the score at zero is not positive. Each step stays inside the bracket
    of points already known to lie below and above the root.
    """
    if start.size <= ROWS_AT_ONCE:
        return _climb_block(samples, start, evaluate)
    parts = [
        _climb_block(samples.take(rows), start[rows], evaluate)
        for rows in (slice(i, i + ROWS_AT_ONCE) for i in range(0, start.size, ROWS_AT_ONCE))
    ]
    return np.concatenate(parts)


def _climb_block(
    samples: Some, start: FloatArray, evaluate: Callable[[Some, FloatArray], Evaluation]
) -> FloatArray:
    result = start.copy()
    open_rows = np.arange(start.size)
    tau2 = start.copy()
    below = np.full(start.size, -1.0)  # -1: no point with a positive score met yet
    above = np.full(start.size, np.inf)
    unit = samples.harmonic_variance()
    for iteration in range(MAX_ITERATIONS):
        score, step, quadratic = evaluate(samples, tau2)
        rising = score > 0.0
        below = np.where(rising, tau2, below)
        above = np.where(rising, above, tau2)
        step = _shortened(step, tau2, (below < 0.0) & (tau2 > NEGLIGIBLE * unit))
        following = _inside(tau2 + step, below, above, halve=iteration >= BISECT_AFTER)
        tolerance = np.where(quadratic, QUADRATIC_TOLERANCE, LINEAR_TOLERANCE)
        small = np.abs(following - tau2) <= tolerance * (tau2 + unit)
        at_zero = ~rising & (tau2 == 0.0)
        following[at_zero] = 0.0
        done = small | at_zero
        tau2 = following
        if done.any():
            result[open_rows[done]] = tau2[done]
            left = ~done
            if not left.any():
                return result
            open_rows, samples = open_rows[left], samples.take(left)
            tau2, below, above, unit = tau2[left], below[left], above[left], unit[left]
    result[open_rows] = tau2  # inside a bracket of a few rounding errors
    return result


def _shortened(step: FloatArray, tau2: FloatArray, careful: npt.NDArray[np.bool_]) -> FloatArray:
    """Halve steps that would pass zero until they do not, where there is still room to look.

    A profile may rise towards zero and yet have its maximum in between; jumping to zero at once
    would miss it, and metafor does not.
    """
    past = careful & (step < -tau2)
    if not past.any():
        return step
    halvings = np.ceil(np.log2(-step[past] / tau2[past]))
    shortened = step.copy()
    shortened[past] *= 0.5**halvings
    return shortened


def _inside(
    proposal: FloatArray, below: FloatArray, above: FloatArray, *, halve: bool
) -> FloatArray:
    """`proposal`, or a point within the bracket where it left it (0 when nothing lies below)."""
    floor = np.maximum(below, 0.0)
    bounded = np.isfinite(above)
    middle = floor + 0.5 * (np.where(bounded, above, floor) - floor)
    middle = np.where(below < 0.0, 0.0, middle)
    outside = (proposal < below) | (proposal < 0.0) | (proposal > above)
    if halve:
        outside |= bounded & (below >= 0.0)
    return np.where(outside, middle, proposal)
