"""Where a function passes 0 between two points; `scipy.optimize` takes 160 ms to import."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["root_between"]

MAX_STEPS = 200  # halving alone needs 60 for all digits of a number


def root_between(
    function: Callable[[float], float], one: float, other: float, tolerance: float
) -> float:
    """Root of `function` between two points at which its signs differ, within `tolerance`.

    Inverse quadratic interpolation where that is safe, else halving: Chandrupatla (1997), Advances
    in Engineering Software 28. NaN where the signs do not differ.
    """
    a, b = one, other
    fa, fb = function(a), function(b)
    if fa == 0.0 or fb == 0.0:
        return a if fa == 0.0 else b
    if not (fa < 0.0 < fb or fb < 0.0 < fa):
        return math.nan
    share = 0.5
    best = a
    for _ in range(MAX_STEPS):
        x = a + share * (b - a)
        fx = function(x)
        if (fx > 0.0) == (fa > 0.0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        best, height = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        least = 0.5 * (tolerance + 4e-16 * abs(best)) / abs(b - a)
        if height == 0.0 or least > 0.5:
            return best
        where, rise = (a - b) / (c - b), (fa - fb) / (fc - fb)
        if rise**2 < where and (1.0 - rise) ** 2 < 1.0 - where:
            share = fa / (fb - fa) * fc / (fb - fc)
            share += (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        else:
            share = 0.5
        share = min(1.0 - least, max(least, share))
    return best
