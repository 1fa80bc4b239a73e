"""The smallest effect worth having: one slider for all that asks for it (``?worth=``)."""

from __future__ import annotations

from ipt_evidence.dashboard.components import address
from ipt_evidence.evidence.magnitude import (
    LARGEST_WORTHWHILE,
    SMALLEST_WORTHWHILE,
    WORTHWHILE_BASIS,
)

__all__ = ["choose_worthwhile"]


def choose_worthwhile() -> float:
    """The smallest effect that would be worth having, in units of g."""
    return address.number(
        "Smallest effect worth having (g)",
        0.05,
        LARGEST_WORTHWHILE,
        key="worth",
        default=SMALLEST_WORTHWHILE,
        step=0.01,
        help=WORTHWHILE_BASIS,
        width=320,
    )
