"""The effect axis: a range that no outlier stretches, its ticks, and what falls outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ipt_evidence.wording import tables

__all__ = ["EffectScale", "effect_scale"]

# An interval end is drawn when it lies within this many spreads of the median effect, a spread
# being the robust standard deviation of the effects plus a typical half interval. Ordinary forest
# plots keep all their ends; an effect of 4 among effects near 0.5 gets an arrow.
REACH = 2.5
NEAREST_EDGE = 0.5  # standard deviations; both sides of no effect are always there to be read
STEPS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
MAD_TO_SD = 1.4826  # of a normal distribution


@dataclass(frozen=True, slots=True)
class EffectScale:
    """The range of an effect axis in standard deviations, with its ticks."""

    lower: float
    upper: float
    ticks: tuple[float, ...]

    @property
    def tick_labels(self) -> list[str]:
        """Ticks as text with true minus signs and as many decimals as they need."""
        digits = max((_decimals(tick) for tick in self.ticks), default=0)
        return [tables.effect(tick, digits) for tick in self.ticks]

    def clip(self, value: float) -> float:
        """Move ``value`` to the nearest point of the range."""
        return min(max(value, self.lower), self.upper)

    def holds(self, value: float) -> bool:
        """Say whether ``value`` lies on the axis."""
        return self.lower <= value <= self.upper


def _decimals(value: float) -> int:
    return next((digits for digits in (0, 1, 2) if math.isclose(value, round(value, digits))), 2)


def effect_scale(
    centres: Sequence[float],
    lowers: Sequence[float],
    uppers: Sequence[float],
    *,
    summaries: Sequence[float] = (),
    most_ticks: int = 7,
) -> EffectScale:
    """Choose the range of an effect axis.

    Parameters
    ----------
    centres, lowers, uppers
        Effects and the ends of their intervals; ``nan`` where missing.
    summaries
        Ends of pooled and prediction intervals. They widen the range too, but no more than by the
        width that the trials themselves need, on either side.
    most_ticks
        Upper limit to the number of ticks.
    """
    low, high = _reach(np.asarray(centres), np.asarray(lowers), np.asarray(uppers))
    width = high - low
    ends = [end for end in summaries if math.isfinite(end)]
    low = min(low, max(min(ends, default=low), low - width))
    high = max(high, min(max(ends, default=high), high + width))
    step = next((size for size in STEPS if (high - low) / size < most_ticks), STEPS[-1])
    half = step / 2
    lower, upper = math.floor(low / half) * half, math.ceil(high / half) * half
    first, last = math.ceil(lower / step), math.floor(upper / step)
    return EffectScale(lower, upper, tuple(index * step for index in range(first, last + 1)))


def _reach(centres: np.ndarray, lowers: np.ndarray, uppers: np.ndarray) -> tuple[float, float]:
    """Find the range that the trials need, no effect and both its sides included."""
    known = np.isfinite(centres)
    if not known.any():
        return -1.0, 1.0
    middle = float(np.median(centres[known]))
    deviation = MAD_TO_SD * float(np.median(np.abs(centres[known] - middle)))
    halves = (uppers - lowers) / 2
    half = float(np.median(halves[np.isfinite(halves)])) if np.isfinite(halves).any() else 0.5
    spread = REACH * (deviation + half)
    seen = np.concatenate(
        [centres[known], lowers[np.isfinite(lowers)], uppers[np.isfinite(uppers)]]
    )
    low = max(float(seen.min()), middle - spread)
    high = min(float(seen.max()), middle + spread)
    return min(low, -NEAREST_EDGE), max(high, NEAREST_EDGE)
