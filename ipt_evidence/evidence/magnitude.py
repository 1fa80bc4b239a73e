"""Words for the size of an effect and of an overlap, and the smallest effect of interest, by rule.

Sizes are the nearest of Cohen's anchors 0, 0.2, 0.5 and 0.8 to the effect as it is printed: below
0.10 very small, below 0.35 small, below 0.65 moderate, from there on large. Cohen (1988),
Statistical Power Analysis for the Behavioral Sciences, 2nd ed., doi:10.4324/9780203771587. The
anchors are his, cutting halfway between them is ours.

Overlap of reviews, by the corrected covered area in whole percent: 0 to 5 slight, 6 to 10 moderate,
11 to 15 high, above very high. Pieper et al. (2014) doi:10.1016/j.jclinepi.2013.11.007.
"""

from __future__ import annotations

import math

__all__ = [
    "LARGEST_WORTHWHILE",
    "OVERLAP_WORDS",
    "SIZE_WORDS",
    "SMALLEST_WORTHWHILE",
    "WORTHWHILE_BASIS",
    "overlap_word",
    "size_word",
]

SIZE_WORDS = ((0.10, "very small"), (0.35, "small"), (0.65, "moderate"), (math.inf, "large"))


def size_word(estimate: float) -> str:
    """Name the size of an effect, whatever its sign: very small, small, moderate or large."""
    shown = abs(round(estimate, 2))
    return next(word for limit, word in SIZE_WORDS if shown < limit)


OVERLAP_WORDS = ((5, "slight"), (10, "moderate"), (15, "high"), (100, "very high"))


def overlap_word(corrected: float) -> str:
    """Name a corrected covered area, given as a share: slight, moderate, high or very high."""
    shown = round(100 * corrected)
    return next(word for limit, word in OVERLAP_WORDS if shown <= limit)


# A first, rough value from the smallest difference that patients with depression notice: Cuijpers,
# Turner, Koole, van Dijke & Smit (2014), doi:10.1002/da.22249. Every reader may set another.
SMALLEST_WORTHWHILE = 0.24
LARGEST_WORTHWHILE = 1.0

WORTHWHILE_BASIS = (
    "A tentative cut-off that Cuijpers and colleagues (2014, doi:10.1002/da.22249) derived for "
    "depression from the smallest difference that patients notice. For other conditions it is a "
    "convention: nobody has measured which difference is worth the effort of a therapy, so set "
    "your own."
)
