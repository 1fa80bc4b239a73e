"""Do subgroups of trials differ? One pooled effect for each, and the test between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, labels_of
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.moderators import MetaRegression, meta_regression, predict

__all__ = ["SubgroupEffect", "Subgroups", "subgroups"]

FEW_TRIALS = 5  # a subgroup of fewer says little about itself; metapsyTools warns likewise


@dataclass(frozen=True, slots=True)
class SubgroupEffect:
    """Pooled effect of the trials of one subgroup; fields as `models.PooledEffect`."""

    group: str
    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    pi_lower: float | None
    pi_upper: float | None
    tau2: float | None
    i2: float | None


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Subgroup effects in sorted order and the test that they are all equal.

    `q_between` is chi-squared with `df1` degrees (`df2` None), or F with `df1` and `df2`. It is
    None, like `p`, when only one group is there.
    """

    groups: tuple[SubgroupEffect, ...]
    q_between: float | None
    df1: int
    df2: int | None
    p: float | None
    common_tau2: bool
    method: str
    test: str
    level: float
    notes: tuple[str, ...]


def subgroups(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    group: Sequence[object] | npt.NDArray[np.generic],
    *,
    common_tau2: bool = False,
    method: str = "REML",
    test: str = "knha",
    level: float = 95.0,
) -> Subgroups:
    """Pool each subgroup and test the difference between them.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    group
        Group of each effect, (K,).
    common_tau2
        False: each group has its own tau², and Q between sums (effect - mean)² / se² over groups,
        with the standard errors shown (metapsyTools' convention; chi-squared). True: one tau² for
        all, from the regression on the group, whose omnibus test is reported (advised by
        Borenstein et al. 2009, ch. 19, doi:10.1002/9780470743386, when groups are small).
    method, test, level
        As `models.pool`.

    Raises
    ------
    PoolingError
        If effects or groups are unusable, or `common_tau2` and no group has two effects.
    """
    effects, variances = effects_and_variances(yi, vi)
    labels = np.array([str(label) for label in labels_of(group, effects.size, "group")])
    names = sorted(set(labels.tolist()))
    if common_tau2 and len(names) > 1:
        found, between = _with_common_tau2(
            effects, variances, labels, names, method=method, test=test, level=level
        )
    else:
        found = tuple(
            _separately(effects, variances, labels == name, name, method, test, level)
            for name in names
        )
        between = _between(found)
    q, df1, df2, p = between
    return Subgroups(found, q, df1, df2, p, common_tau2, method, test, level, _notes(found))


def _separately(
    yi: FloatArray,
    vi: FloatArray,
    rows: npt.NDArray[np.bool_],
    name: str,
    method: str,
    test: str,
    level: float,
) -> SubgroupEffect:
    fit = pool(yi[rows], vi[rows], method=method, test=test, level=level)
    return SubgroupEffect(
        name,
        fit.k,
        fit.estimate,
        fit.se,
        fit.ci_lower,
        fit.ci_upper,
        fit.pi_lower,
        fit.pi_upper,
        fit.tau2,
        fit.i2,
    )


def _between(
    groups: tuple[SubgroupEffect, ...],
) -> tuple[float | None, int, int | None, float | None]:
    df = len(groups) - 1
    se = np.array([g.se for g in groups])
    if df == 0 or (se == 0.0).any():
        return None, df, None, None
    weights, effects = 1.0 / se**2, np.array([g.estimate for g in groups])
    mean = float(weights @ effects) / float(weights.sum())
    q = float(weights @ (effects - mean) ** 2)
    return q, df, None, distributions.chi2_upper_tail(q, df)


def _with_common_tau2(
    yi: FloatArray,
    vi: FloatArray,
    labels: npt.NDArray[np.str_],
    names: list[str],
    *,
    method: str,
    test: str,
    level: float,
) -> tuple[tuple[SubgroupEffect, ...], tuple[float | None, int, int | None, float | None]]:
    if yi.size <= len(names):
        raise PoolingError(
            f"{yi.size} effects in {len(names)} groups leave nothing to estimate a common tau² from"
        )
    model = meta_regression(
        yi, vi, {"group": labels.tolist()}, method=method, test=test, level=level
    )
    found = tuple(
        SubgroupEffect(
            name,
            int((labels == name).sum()),
            p.estimate,
            p.se,
            p.ci_lower,
            p.ci_upper,
            p.pi_lower,
            p.pi_upper,
            model.tau2,
            model.i2,
        )
        for name, p in zip(names, predict(model, {"group": names}), strict=True)
    )
    return found, _omnibus(model)


def _omnibus(model: MetaRegression) -> tuple[float | None, int, int | None, float | None]:
    return model.qm, len(model.coefficients) - 1, model.qm_df2, model.qm_p


def _notes(groups: tuple[SubgroupEffect, ...]) -> tuple[str, ...]:
    few = [g.group for g in groups if g.k < FEW_TRIALS]
    notes = [] if not few else [f"fewer than {FEW_TRIALS} trials in: {', '.join(few)}"]
    if any(math.isclose(g.se, 0.0, abs_tol=1e-300) for g in groups):
        notes.append("a subgroup's standard error is zero: the test between groups cannot be made")
    return tuple(notes)
