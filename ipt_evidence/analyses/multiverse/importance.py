"""Which choice matters most, and the specifications as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.analyses.multiverse.result import STANDINGS, Curve, Share

__all__ = ["Importance", "importance", "specifications_table"]


@dataclass(frozen=True, slots=True)
class Importance:
    """How much of the variation between specifications goes with one choice.

    Attributes
    ----------
    factor
        The choice.
    share
        Percent of the variance of the estimates that lies between its options (the correlation
        ratio, eta²): what would vanish on average if this choice were settled. Shares of several
        choices need not add up to 100: choices act together. None where nothing varies.
    options
        For each option that is there its id and how its specifications fare.
    """

    factor: str
    share: float | None
    options: tuple[tuple[str, Share], ...]


def importance(curve: Curve, mask: npt.NDArray[np.bool_] | None = None) -> tuple[Importance, ...]:
    """Variance by choice among the specifications chosen, most important first.

    Corrections for small studies were fitted with the first estimator and interval only. So their
    share is taken among those, and the shares of all other choices without corrections: else
    estimators would get credit for what corrections do.
    """
    mask = np.ones(len(curve), dtype=bool) if mask is None else mask
    names = [factor.id for factor in curve.factors]
    found = []
    for column, factor in enumerate(curve.factors):
        rows = mask.copy()
        if factor.id == "correction":
            for other in ("estimator", "interval"):
                if other in names:
                    rows &= curve.codes[:, names.index(other)] == 0
        elif "correction" in names:
            rows &= curve.codes[:, names.index("correction")] == 0
        codes = curve.codes[:, column]
        there = [place for place in range(len(factor.options)) if (codes[rows] == place).any()]
        options = tuple(
            (factor.options[place].id, curve.share(rows & (codes == place))) for place in there
        )
        if len(there) > 1:
            share = _between(curve.estimate[rows], codes[rows])
            found.append(Importance(factor.id, share, options))
    return tuple(sorted(found, key=lambda one: -(one.share or 0.0)))


def _between(values: npt.NDArray[np.float64], groups: npt.NDArray[np.int8]) -> float | None:
    """Percent of the variance of values that lies between groups; None when there is none."""
    centred = values - values.mean()
    total = float(centred @ centred)
    if total <= 1e-18 * values.size:
        return None
    counts = np.bincount(groups)
    sums = np.bincount(groups, centred)
    there = counts > 0
    return 100.0 * float((sums[there] ** 2 / counts[there]).sum()) / total


def specifications_table(curve: Curve, mask: npt.NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """Every specification as a row: choices by factor, trials, effect, interval and its label."""
    mask = np.ones(len(curve), dtype=bool) if mask is None else mask
    columns = {
        factor.id: np.array([option.id for option in factor.options], dtype=object)[
            curve.codes[mask, i]
        ]
        for i, factor in enumerate(curve.factors)
    }
    return pd.DataFrame(
        {
            **columns,
            "k": curve.k[mask],
            "estimate": curve.estimate[mask],
            "ci_lower": curve.ci_lower[mask],
            "ci_upper": curve.ci_upper[mask],
            "label": np.array(STANDINGS, dtype=object)[curve.standing[mask]],
        }
    )
