"""The p-value functions of an estimate and its trials, for a drapery plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis.distributions import p_value_function, prediction_function
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Curves", "confidence_curves"]

POINTS = 241


@dataclass(frozen=True)
class Curves:
    """P value of each possible effect.

    Attributes
    ----------
    effects
        The possible effects, (N,).
    trials
        Curve of each trial, in the order of the trials, (K, N).
    pooled, predicted
        Curve of the pooled effect and of a new trial's true effect, (N,); None where there is
        none (fewer than two trials, fewer than three).
    """

    effects: FloatArray
    trials: FloatArray
    pooled: FloatArray | None
    predicted: FloatArray | None


def confidence_curves(answer: Estimate, lower: float, upper: float) -> Curves:
    """Curves of the trials and the pooled effect of ``answer`` between two effects."""
    effects = np.linspace(lower, upper, POINTS)
    yi, vi = answer.trials["yi"].to_numpy(float), answer.trials["vi"].to_numpy(float)
    trials = np.array(
        [p_value_function(effects, y, float(np.sqrt(v))) for y, v in zip(yi, vi, strict=True)]
    ).reshape(len(yi), POINTS)
    pooled, predicted = None, None
    fit = answer.pooled
    if fit is not None and fit.k > 1 and fit.se > 0.0:
        pooled = p_value_function(effects, fit.estimate, fit.se, fit.df)
        if fit.k > 2 and fit.tau2 is not None and fit.pi_lower is not None:
            predicted = prediction_function(
                effects, fit.estimate, fit.se, fit.tau2, fit.df if fit.df else fit.k - 1
            )
    return Curves(effects, trials, pooled, predicted)
