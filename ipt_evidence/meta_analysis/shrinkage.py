"""Best linear unbiased predictions of the studies' true effects: each drawn towards the mean.

An imprecise study borrows from the others; the share it keeps of its own effect is
tau² / (tau² + vi). Robinson (1991) doi:10.1214/ss/1177011926, as metafor `blup(rma(...))`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import Moderators, design_matrix
from ipt_evidence.meta_analysis.estimators import COMMON_EFFECT_METHODS
from ipt_evidence.meta_analysis.inputs import effects_and_variances
from ipt_evidence.meta_analysis.moderators import meta_regression

__all__ = ["true_effects"]


@dataclass(frozen=True, slots=True)
class TrueEffect:
    """Predicted true effect of the study at `position`, on the scale of yi.

    `kept` is the share of its own effect; the rest comes from the mean, or from what the
    moderators predict.
    """

    position: int
    estimate: float
    se: float
    pi_lower: float
    pi_upper: float
    kept: float


def true_effects(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    moderators: Moderators | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> tuple[TrueEffect, ...]:
    """Predict the true effect of each study; arguments as `moderators.meta_regression`.

    tau² is taken as known, so that intervals are somewhat too narrow with few studies.

    Raises
    ------
    PoolingError
        As `meta_regression`, or if the method sets tau² to 0 by definition.
    """
    if method in COMMON_EFFECT_METHODS:
        raise PoolingError(f"under {method} all true effects are equal: there is nothing to tell")
    effects, variances = effects_and_variances(yi, vi, least=2)
    chosen = moderators or {}
    model = meta_regression(effects, variances, chosen, method=method, test=test, level=level)
    x, _ = design_matrix(model.codings, chosen, effects.size)
    fitted = x @ np.array([row.estimate for row in model.coefficients])
    spread = np.einsum("ij,jk,ik->i", x, np.array(model.covariance), x)
    kept = model.tau2 / (model.tau2 + variances)
    estimate = kept * effects + (1.0 - kept) * fitted
    se = np.sqrt(kept * variances + (1.0 - kept) ** 2 * spread)
    half = distributions.critical_value(level, model.coefficients[0].df) * se
    columns = (estimate, se, estimate - half, estimate + half, kept)
    return tuple(TrueEffect(i, *row) for i, row in enumerate(np.column_stack(columns).tolist()))
