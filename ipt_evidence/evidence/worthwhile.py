"""The smallest effect that would be worth having: one number that several pages ask for."""

from __future__ import annotations

__all__ = ["LARGEST_WORTHWHILE", "SMALLEST_WORTHWHILE", "WORTHWHILE_BASIS"]

# A convention, not a finding: nobody has measured the smallest difference that patients would
# choose IPT for. Every reader may set another.
SMALLEST_WORTHWHILE = 0.2
LARGEST_WORTHWHILE = 1.0

WORTHWHILE_BASIS = (
    "A convention: the effect that Cohen (1988, doi:10.4324/9780203771587) called small. Nobody "
    "has measured which difference patients would find worth the effort of a therapy, so set "
    "your own."
)
