"""One other way to answer a question, and why it cannot be had where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ipt_evidence.errors import PoolingError

__all__ = ["Alternative", "Interval", "interval", "tried"]

Interval = tuple[float, float, float]
"""Estimate, lower and upper end."""


class _Fit(Protocol):
    """Anything with an estimate and its interval."""

    @property
    def estimate(self) -> float: ...
    @property
    def ci_lower(self) -> float: ...
    @property
    def ci_upper(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Alternative:
    """One other way to answer: ``estimate`` is None where it cannot be had, ``note`` says why.

    ``k`` counts studies. All numbers are on the scale of g, positive favours IPT.
    """

    id: str
    k: int
    estimate: float | None = None
    ci_lower: float | None = None
    ci_upper: float | None = None
    note: str = ""


def interval(fit: _Fit) -> Interval:
    """Estimate, lower and upper end of a fit."""
    return fit.estimate, fit.ci_lower, fit.ci_upper


def tried(name: str, k: int, fit: Callable[[], Interval]) -> Alternative:
    """What ``fit`` gives, or the reason why the statistics refuse it."""
    try:
        value, lower, upper = fit()
    except PoolingError as err:
        return Alternative(name, k, note=str(err))
    return Alternative(name, k, value, lower, upper)
