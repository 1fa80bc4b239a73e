"""PET-PEESE: the effect expected of a study without sampling error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import Coefficient
from ipt_evidence.meta_analysis.inputs import effects_and_variances
from ipt_evidence.meta_analysis.moderators import meta_regression
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies, heterogeneous

__all__ = ["PetPeese", "pet_peese"]

PEESE_P = 0.05  # one-sided p of PET below which PEESE is used; Stanley (2017)
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
