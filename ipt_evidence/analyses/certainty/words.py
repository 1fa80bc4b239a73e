"""How sure one can be, in words: levels and domains as GRADE names them."""

from __future__ import annotations

from ipt_evidence.wording import tables
from ipt_evidence.wording.protocols import PooledLike

__all__ = ["CIRCLES", "DOMAIN_WORDS", "LEVEL_WORDS", "SUGGESTION", "chip_html", "judgement"]

LEVEL_WORDS = {
    "high": "High certainty",
    "moderate": "Moderate certainty",
    "low": "Low certainty",
    "very_low": "Very low certainty",
}
CIRCLES = {"high": "⊕⊕⊕⊕", "moderate": "⊕⊕⊕◯", "low": "⊕⊕◯◯", "very_low": "⊕◯◯◯"}
DOMAIN_WORDS = {
    "risk_of_bias": "Risk of bias",
    "inconsistency": "Do trials agree?",
    "indirectness": "Is it about this question?",
    "imprecision": "Is the interval narrow?",
    "small_study_effects": "Are trials missing?",
}
SUGGESTION = (
    "A suggestion by fixed rules after GRADE, not a judgement by people. Trials start at high; "
    "each doubt takes a step away."
)
_JUDGEMENTS = {0: "no step", -1: "one step down", -2: "two steps down"}
LOWEST, HIGHEST = -1.0, 1.5  # the little axis of a chip, in units of g


def judgement(steps: int) -> str:
    """Say how many steps of certainty a domain takes away."""
    return _JUDGEMENTS.get(steps, f"{steps} steps")


def chip_html(pooled: PooledLike) -> str:
    """Draw an effect as a chip: a small interval bar and the numbers; made of numbers alone."""
    shown = tables.estimate_with_interval(pooled.estimate, pooled.ci_lower, pooled.ci_upper)

    def x(value: float) -> float:
        inside = min(max(value, LOWEST), HIGHEST)
        return round(4 + 92 * (inside - LOWEST) / (HIGHEST - LOWEST), 1)

    left, centre, right, zero = (
        x(value) for value in (pooled.ci_lower, pooled.estimate, pooled.ci_upper, 0.0)
    )
    return (
        '<span class="ipt-chip"><svg viewBox="0 0 100 16" width="100" height="16" role="img" '
        f'aria-label="Interval from {tables.effect(pooled.ci_lower)} to '
        f'{tables.effect(pooled.ci_upper)}"><line class="zero" x1="{zero}" x2="{zero}" y1="0" '
        f'y2="16"/><line class="bar" x1="{left}" x2="{right}" y1="8" y2="8"/>'
        f'<circle cx="{centre}" cy="8" r="3.6"/></svg><span>g {shown}</span></span>'
    )
