"""One coefficient of a model, with everything a table row needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Coefficient", "coefficient_table"]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An estimated coefficient on the scale of yi; `df` None means a z test.

    `stat` and `p` are None where the standard error is 0.
    """

    term: str
    estimate: float
    se: float
    stat: float | None
    df: float | None
    p: float | None
    ci_lower: float
    ci_upper: float


def coefficient_table(
    terms: Sequence[str],
    estimates: FloatArray,
    covariance: FloatArray,
    df: float | Sequence[float] | None,
    level: float,
) -> tuple[Coefficient, ...]:
    """Give tests and intervals of `level` percent for each term; `df` for all or one each."""
    each = list(df) if isinstance(df, Sequence) else [df] * len(terms)
    rows = []
    for i, term in enumerate(terms):
        estimate, se = float(estimates[i]), math.sqrt(max(float(covariance[i, i]), 0.0))
        half = distributions.critical_value(level, each[i]) * se
        stat = estimate / se if se > 0.0 else None
        p = None if stat is None else distributions.two_sided_p(stat, each[i])
        rows.append(
            Coefficient(term, estimate, se, stat, each[i], p, estimate - half, estimate + half)
        )
    return tuple(rows)
