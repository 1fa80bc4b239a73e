"""PET-PEESE: the effect expected of a study without sampling error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import Coefficient
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.moderators import meta_regression
from ipt_evidence.meta_analysis.small_study_effects.cautions import (
    LEAST,
    Adjusted,
    Mask,
    few_studies,
    heterogeneous,
)

__all__ = ["pet_peese", "pet_peese_many"]

PEESE_P = 0.05  # one-sided p of PET below which PEESE is used; Stanley (2017)
EQUAL = 1e-10  # relative spread of the predictor below which it counts as none
MIN_STUDIES_PET = 20  # Stanley (2017) doi:10.1177/1948550617693062: unreliable with fewer


@dataclass(frozen=True, slots=True)
class PetPeese:
    """PET and PEESE with the one that the conditional rule selects.

    `pet` and `peese` are the intercepts (adjusted effects), `pet_slope` and `peese_slope` the
    coefficients of the standard error and of the variance; `selected` is "PET" or "PEESE" and
    `adjusted` its intercept.
    """

    k: int
    pet: Coefficient
    pet_slope: Coefficient
    peese: Coefficient
    peese_slope: Coefficient
    selected: str
    adjusted: Coefficient
    cautions: tuple[str, ...]


def pet_peese(yi: npt.ArrayLike, vi: npt.ArrayLike, *, level: float = 95.0) -> PetPeese:
    """Precision-effect test and estimate with standard error.

    Weighted least squares of the effect on its standard error (PET) or variance (PEESE), t with
    K - 2. PEESE is selected when PET's intercept is above 0 with one-sided p < .05. Stanley &
    Doucouliagos (2014) doi:10.1002/jrsm.1095. Assumes that a positive effect is the favoured one.

    Raises
    ------
    PoolingError
        If fewer than 3 or unusable effects are given, or all variances are equal.
    """
    effects, variances = effects_and_variances(yi, vi, least=3)
    pet, pet_slope = meta_regression(
        effects,
        variances,
        {"standard error": np.sqrt(variances)},
        method="FE",
        test="knha",
        level=level,
    ).coefficients
    peese, peese_slope = meta_regression(
        effects, variances, {"variance": variances}, method="FE", test="knha", level=level
    ).coefficients
    p = 1.0
    if pet.stat is not None and pet.df is not None:
        p = distributions.t_cdf(-pet.stat, pet.df)
    selected = "PEESE" if p < PEESE_P else "PET"
    k = effects.size
    cautions = few_studies(k)
    if not cautions and k < MIN_STUDIES_PET:
        cautions = (
            f"{k} studies: PET-PEESE is unreliable with fewer than {MIN_STUDIES_PET} "
            "(Stanley 2017, doi:10.1177/1948550617693062)",
        )
    cautions += heterogeneous(effects, variances)
    return PetPeese(
        k,
        pet,
        pet_slope,
        peese,
        peese_slope,
        selected,
        peese if selected == "PEESE" else pet,
        cautions,
    )


def pet_peese_many(
    yi: FloatArray, vi: FloatArray, present: Mask, *, level: float = 95.0
) -> Adjusted:
    """PET-PEESE of each row of (B, K) arrays, as `pet_peese` on the studies present."""
    df = present.sum(axis=1) - 2.0
    pet, pet_se, sound = _line(yi, vi, present, np.sqrt(vi))
    peese, peese_se, _ = _line(yi, vi, present, vi)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = special.stdtr(np.maximum(df, 1.0), -pet / pet_se)
    second = p < PEESE_P
    crit = -special.stdtrit(np.maximum(df, 1.0), distributions.tail_probability(level))
    half = crit * np.where(second, peese_se, pet_se)
    return Adjusted.of(np.where(second, peese, pet), half, sound & (df >= LEAST - 2))


def _line(
    yi: FloatArray, vi: FloatArray, present: Mask, predictor: FloatArray
) -> tuple[FloatArray, FloatArray, Mask]:
    """Intercept of the weighted line, its error with multiplicative spread, and where it exists."""
    w = present / vi
    total = w.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (w * predictor).sum(axis=1) / total
        x = np.where(present, predictor - centre[:, None], 0.0)
        spread = (w * x * x).sum(axis=1)
        sound = spread > EQUAL**2 * total * centre**2
        slope = (w * x * yi).sum(axis=1) / np.where(sound, spread, np.nan)
        mean = (w * yi).sum(axis=1) / total
        intercept = mean - slope * centre
        residual = np.where(present, yi - mean[:, None] - slope[:, None] * x, 0.0)
        scale = (w * residual**2).sum(axis=1) / (present.sum(axis=1) - 2.0)
        error = np.sqrt(scale * (1.0 / total + centre**2 / spread))
    return intercept, error, sound & (present.sum(axis=1) >= LEAST)
