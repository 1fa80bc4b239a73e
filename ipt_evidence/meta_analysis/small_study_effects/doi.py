"""Doi plot and LFK index of Furuya-Kanamori, Barendregt & Doi (2018), Int J Evid Based Healthc 16.

The studies in the order of their effects get normal quantiles, each as wide as its precision; a
plot of |z| against the effect has two even limbs where small studies do not differ. The index is
the difference between the limbs' areas. Its bounds of 1 and 2 are conventions: between 0 and 30 %
of even funnels pass them, by the number and size of the studies and their heterogeneity, so that
Schwarzer et al. (2024) doi:10.1002/jrsm.1714 advise against it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import effects_and_variances
from ipt_evidence.meta_analysis.small_study_effects.cautions import LEAST, few_studies

__all__ = ["DoiPlot", "doi_plot"]

MINOR, MAJOR = 1.0, 2.0  # of |LFK|: Furuya-Kanamori et al. (2018)
CAUTION = (
    "the bounds of the LFK index are passed by 0 to 30 % of even funnels, depending on the number "
    "and size of studies: not a test of asymmetry (Schwarzer et al. 2024, doi:10.1002/jrsm.1714)"
)


@dataclass(frozen=True, slots=True)
class DoiPlot:
    """LFK index, and the points of the plot in ascending order of effects.

    Attributes
    ----------
    lfk
        0 for even limbs; positive where small studies have larger effects.
    asymmetry
        "none", "minor" (above 1) or "major" (above 2), by the authors' convention.
    yi, z
        Effects and their normal quantiles, each (K,); the plot shows |z| downwards.
    """

    k: int
    lfk: float
    asymmetry: str
    yi: tuple[float, ...]
    z: tuple[float, ...]
    cautions: tuple[str, ...]


def doi_plot(yi: npt.ArrayLike, vi: npt.ArrayLike) -> DoiPlot:
    """Doi plot and LFK index, as R metasens `lfkindex()`; equal effects in the order given.

    Raises
    ------
    PoolingError
        If fewer than 3 or unusable effects are given, or all effects are equal.
    """
    effects, variances = effects_and_variances(yi, vi, least=LEAST)
    order = np.argsort(effects, kind="stable")
    effects, weights = effects[order], 100.0 * variances.max() / variances[order]
    if effects[0] == effects[-1]:
        raise PoolingError("all effects are equal: a Doi plot has no limbs")
    middle = np.cumsum(weights) - 0.5 * weights
    z = special.ndtri((middle - 0.5) / weights.sum())
    if not np.isfinite(z).all():
        raise PoolingError("one study outweighs all others: a Doi plot has no limbs")
    apart = effects - effects[np.abs(z).argmin()]
    slope = (z.max() - z.min()) / (apart.max() - apart.min())
    lfk = 2.5 * float(np.mean(z + slope * apart))
    size = abs(lfk)
    name = "none" if size <= MINOR else "minor" if size <= MAJOR else "major"
    shown = tuple(effects.tolist()), tuple(z.tolist())
    return DoiPlot(effects.size, lfk, name, *shown, (*few_studies(effects.size), CAUTION))
