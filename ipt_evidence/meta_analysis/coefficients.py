"""Coefficients of a model, with everything a table row needs, and their joint test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Coefficient", "coefficient_table", "joint_test"]


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


def joint_test(
    beta: FloatArray, covariance: FloatArray, df: int | None
) -> tuple[float | None, int | None, int | None, float | None]:
    """Test that all of `beta` (p,) are 0: statistic, its one or two df, p value.

    Chi-squared with p degrees for `df` None, else F with p and `df`. All None for p = 0; the
    statistic is None where a standard error is 0.
    """
    if beta.size == 0:
        return None, None, None, None
    scale = np.sqrt(np.diag(covariance))
    if (scale == 0.0).any():
        return None, int(beta.size), df, None
    # On the scale of correlations the matrix is well conditioned whatever the units.
    z = beta / scale
    chi2 = float(z @ np.linalg.solve(covariance / np.outer(scale, scale), z))
    if df is None:
        return chi2, int(beta.size), None, distributions.chi2_upper_tail(chi2, beta.size)
    f = chi2 / beta.size
    return f, int(beta.size), df, distributions.f_upper_tail(f, beta.size, df)
