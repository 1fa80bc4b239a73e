"""Selection model: estimate the effect while allowing that significance decides on publication."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import Coefficient, coefficient_table
from ipt_evidence.meta_analysis.estimators import Samples, estimate_tau2
from ipt_evidence.meta_analysis.heterogeneity import typical_variance
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, number_or_none
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies
from ipt_evidence.meta_analysis.small_study_effects.selection_likelihood import (
    Selection,
    log_likelihood,
    maximise,
    observed_information,
)

__all__ = ["SelectionInterval", "SelectionModel", "selection_model"]

LARGEST_WEIGHT = 100.0  # that an empty first interval allows; beyond, little changes; as metafor
FEW_IN_INTERVAL = 4  # below, the weight of an interval is hardly estimable; Vevea & Hedges (1995)


@dataclass(frozen=True, slots=True)
class SelectionInterval:
    """One-sided p values in (lower, upper], their number, and their relative weight.

    `weight` is the chance of being seen relative to the first interval, with standard error `se`
    (None where it is held: given, or without a maximum because the first interval is empty).
    """

    lower: float
    upper: float
    studies: int
    weight: float
    se: float | None


@dataclass(frozen=True, slots=True)
class SelectionModel:
    """Effect adjusted for selection by p value, maximum likelihood with z test.

    `lrt`, `lrt_df`, `lrt_p` compare with the model without selection; None for fixed weights.
    """

    k: int
    adjusted: Coefficient
    tau2: float
    intervals: tuple[SelectionInterval, ...]
    lrt: float | None
    lrt_df: int | None
    lrt_p: float | None
    log_likelihood: float
    level: float
    cautions: tuple[str, ...]


def selection_model(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    steps: Sequence[float] = (0.025,),
    weights: Sequence[float] | None = None,
    level: float = 95.0,
) -> SelectionModel:
    """Step-function selection model of Vevea & Hedges (1995) doi:10.1007/BF02294384.

    As metafor `selmodel(rma(method="ML"), type="stepfun", steps=...)`; one step at .025 is the
    three-parameter model. With no study in the first interval the next weight has no maximum; like
    metafor it stops at 100. p values are one-sided against effects above 0: significant positive
    effects are taken to be the ones that get published.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    steps
        Ascending one-sided p values at which the chance of publication may change.
    weights
        Fixed chances relative to the first interval, one for each further interval: a sensitivity
        analysis when studies are too few to estimate them (Vevea & Woods 2005
        doi:10.1037/1082-989X.10.4.428).
    level
        Percent of the interval of the adjusted effect.

    Raises
    ------
    PoolingError
        If input is unusable, steps are not ascending between 0 and 1, an interval but the first
        holds no study, or the likelihood has no maximum.
    """
    effects, variances = effects_and_variances(yi, vi, least=2)
    bounds = _bounds(steps)
    unit = math.sqrt(typical_variance(variances))
    start = float(estimate_tau2(_sample(effects, variances, unit), "ML")[0])
    selection = Selection.of(effects / unit, variances / unit**2, bounds)
    counts = selection.counts()
    held = _held(weights, counts, bounds)
    best = maximise(selection, start, held)
    se = _standard_errors(selection, best, held)
    adjusted = coefficient_table(
        ("adjusted",), best[:1] * unit, np.array([[(se[0] * unit) ** 2]]), None, level
    )[0]
    height = log_likelihood(selection, best)
    lrt = None
    if weights is None:
        none = maximise(selection, start, np.ones(len(bounds) - 2))
        lrt = max(0.0, 2.0 * (height - log_likelihood(selection, none)))
    return SelectionModel(
        k=effects.size,
        adjusted=adjusted,
        tau2=float(best[1]) * unit**2,
        intervals=_intervals(bounds, counts, best, se),
        lrt=lrt,
        lrt_df=None if lrt is None else len(bounds) - 2,
        lrt_p=None if lrt is None else distributions.chi2_upper_tail(lrt, len(bounds) - 2),
        log_likelihood=height - effects.size * math.log(unit),
        level=level,
        cautions=_cautions(effects.size, counts, bounds, estimated=weights is None),
    )


def _sample(yi: FloatArray, vi: FloatArray, unit: float) -> Samples:
    return Samples.of((yi / unit)[None], (vi / unit**2)[None])


def _bounds(steps: Sequence[float]) -> tuple[float, ...]:
    bounds = (0.0, *steps, 1.0)
    if not steps or any(not a < b for a, b in pairwise(bounds)):
        raise PoolingError(f"steps {tuple(steps)!r} are not ascending between 0 and 1")
    return bounds


def _held(
    weights: Sequence[float] | None, counts: FloatArray, bounds: tuple[float, ...]
) -> FloatArray:
    """Weights that are not to be estimated; NaN marks those that are."""
    if weights is not None:
        held = np.asarray(weights, dtype=np.float64)
        if held.shape != (len(bounds) - 2,) or not (np.isfinite(held) & (held > 0.0)).all():
            raise PoolingError(f"{len(bounds) - 2} weights above 0 are needed, one for each step")
        return held
    for i in np.flatnonzero(counts[1:] == 0) + 1:
        raise PoolingError(
            f"no study has a one-sided p between {bounds[i]:g} and {bounds[i + 1]:g}: "
            "use fewer steps or fixed weights"
        )
    held = np.full(len(bounds) - 2, np.nan)
    if counts[0] == 0.0:
        # All weights are relative to the first interval: with no study there they have no end.
        held[0] = LARGEST_WEIGHT
    return held


def _standard_errors(selection: Selection, best: FloatArray, held: FloatArray) -> FloatArray:
    """Errors of mu, tau² and free weights, else NaN; tau² is held where it lies on its bound."""
    information = observed_information(selection, best)
    free = np.ones(best.size, dtype=np.bool_)
    free[1] = best[1] > 0.0
    free[2:] = np.isnan(held)
    errors = np.full(best.size, np.nan)
    covariance = np.linalg.inv(information[np.ix_(free, free)])
    errors[free] = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return errors


def _intervals(
    bounds: tuple[float, ...], counts: FloatArray, best: FloatArray, se: FloatArray
) -> tuple[SelectionInterval, ...]:
    weights = (1.0, *best[2:].tolist())
    errors = [None, *(number_or_none(value) for value in se[2:])]
    return tuple(
        SelectionInterval(bounds[i], bounds[i + 1], int(counts[i]), weights[i], errors[i])
        for i in range(len(weights))
    )


def _cautions(
    k: int, counts: FloatArray, bounds: tuple[float, ...], *, estimated: bool
) -> tuple[str, ...]:
    cautions = few_studies(k)
    for i in np.flatnonzero(counts < FEW_IN_INTERVAL) if estimated else ():
        where = f"with one-sided p between {bounds[i]:g} and {bounds[i + 1]:g}"
        if counts[i] == 0.0:
            cautions += (
                f"no study {where}, the results said to be favoured: the weight of the next "
                f"interval has no maximum and was held at {LARGEST_WEIGHT:g}",
            )
        else:
            cautions += (
                f"only {int(counts[i])} studies {where}: their weight is hardly estimable "
                "(Vevea & Hedges 1995, doi:10.1007/BF02294384)",
            )
    return cautions
