"""The smallest effect that would be worth having: one number that several pages ask for."""

from __future__ import annotations

__all__ = ["LARGEST_WORTHWHILE", "SMALLEST_WORTHWHILE", "WORTHWHILE_BASIS"]

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
