"""The p value of every possible effect, given an estimate: all confidence intervals at once.

The curve of an estimate peaks at 1 over the estimate itself; at height 0.05 it is as wide as the
95 percent interval. Rücker & Schwarzer (2021) doi:10.1002/jrsm.1410 draw one curve a study.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["p_value_function", "prediction_function"]


def p_value_function(
    effects: npt.ArrayLike, estimate: float, se: float, df: float | None = None
) -> FloatArray:
    """Two-sided p value of each of ``effects`` (N,) as the true effect; (N,), between 0 and 1.

    Parameters
    ----------
    effects
        Possible true effects on the scale of ``estimate``.
    estimate, se
        The estimate and its standard error.
    df
        Degrees of freedom of its t distribution; None for the normal one.

    Raises
    ------
    PoolingError
        If ``se`` is not positive.
    """
    if not se > 0.0:
        raise PoolingError(f"the standard error {se!r} is not positive")
    stat = -np.abs((np.asarray(effects, dtype=np.float64) - estimate) / se)
    tail = special.ndtr(stat) if df is None else special.stdtr(df, stat)
    return np.asarray(2.0 * tail, dtype=np.float64)


def prediction_function(
    effects: npt.ArrayLike, estimate: float, se: float, tau2: float, df: float
) -> FloatArray:
    """As `p_value_function`, for the true effect of a new study: all prediction intervals at once.

    Raises
    ------
    PoolingError
        If neither ``se`` nor ``tau2`` is positive.
    """
    return p_value_function(effects, estimate, float(np.sqrt(tau2 + se**2)), df)
