"""The same question, answered in other ways: how much hangs on the choices behind a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, estimate
from ipt_evidence.meta_analysis.coefficients import Coefficient
from ipt_evidence.meta_analysis.dependent_effects import multilevel
from ipt_evidence.meta_analysis.influence import outliers
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import egger_test
from ipt_evidence.meta_analysis.small_study_effects.limit import limit_meta_analysis
from ipt_evidence.meta_analysis.small_study_effects.pet_peese import pet_peese
from ipt_evidence.meta_analysis.small_study_effects.selection import selection_model
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import trim_and_fill

__all__ = [
    "CORRECTIONS",
    "MIN_STUDIES_ASYMMETRY",
    "SERIOUS_FLAGS",
    "Alternative",
    "Asymmetry",
    "Ruler",
    "alternatives",
    "asymmetry",
    "corrected",
    "ruler",
]


# Fewer: too little power to tell chance from asymmetry; Sterne et al. (2011)
# doi:10.1136/bmj.d4002. Corrections for small studies rest on the same pattern.
MIN_STUDIES_ASYMMETRY = 10

CORRECTIONS = ("trim_and_fill", "pet_peese", "selection", "limit")
"""Corrections for small studies, by name."""

_Interval = tuple[float, float, float]


class _Fit(Protocol):
    """Anything with an estimate and its interval."""

    @property
    def estimate(self) -> float: ...
    @property
    def ci_lower(self) -> float: ...
    @property
    def ci_upper(self) -> float: ...


SERIOUS_FLAGS = ("se_for_sd", "not_ipt_delivery", "cluster_not_accounted", "coded_perinatal")
"""Warnings that put the size or the meaning of an effect in doubt, not only its precision."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One other way to answer: ``estimate`` is None where it cannot be had, ``note`` says why.

    ``k`` counts studies. All numbers are on the scale of g, positive favours IPT.
    """

    id: str
    k: int
    estimate: float | None = None
    ci_lower: float | None = None
    ci_upper: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """Egger's test of the funnel: ``p`` is None where it cannot be had; ``notes`` say when not."""

    k: int
    p: float | None
    notes: tuple[str, ...]


def alternatives(base: EvidenceBase, answer: Estimate) -> list[Alternative]:
    """Other models, other trials and corrections for small studies, for the same question.

    An empty list when nothing was pooled: there is nothing to vary.
    """
    if answer.pooled is None:
        return []
    yi, vi = _effects(answer)
    level = answer.model.level
    rows = answer.selection.effects
    all_effects = (rows["yi"].to_numpy(float), rows["vi"].to_numpy(float), rows["study_id"].array)
    rho = answer.model.rho

    def dependent(correlation: float) -> _Interval:
        model = multilevel(*all_effects, rho=correlation, level=level)
        robust = model.robust_coefficients[0] if model.robust_coefficients else None
        if not isinstance(robust, Coefficient):
            raise PoolingError("; ".join(model.notes) or "robust errors cannot be had")
        return _interval(robust)

    def common() -> _Interval:
        return _interval(pool(yi, vi, method="EE", test="z", level=level))

    k = answer.k
    return [
        _tried("che", k, lambda: dependent(rho)),
        _tried("three_level", k, lambda: dependent(0.0)),
        _tried("common", k, common),
        _without_outliers(answer),
        _filtered("lower_bias", base, answer, rob=_lower_bias(answer)),
        _filtered("double", base, answer, only_double=True),
        _filtered("unflagged", base, answer, without_flags=SERIOUS_FLAGS),
        *corrected(answer, ("trim_and_fill", "pet_peese", "selection")),
    ]


def corrected(answer: Estimate, names: Sequence[str] = CORRECTIONS) -> list[Alternative]:
    """The estimate as each correction for small studies gives it; too few trials give none."""
    yi, vi = _effects(answer)
    k, level = answer.k, answer.model.level
    if k < MIN_STUDIES_ASYMMETRY:
        note = f"Needs {MIN_STUDIES_ASYMMETRY} trials or more"
        return [Alternative(name, k, note=note) for name in names]

    def limit() -> _Interval:
        fit = limit_meta_analysis(yi, vi, level=level)
        return fit.adjusted, fit.ci_lower, fit.ci_upper

    fits: dict[str, Callable[[], _Interval]] = {
        "trim_and_fill": lambda: _interval(trim_and_fill(yi, vi, level=level).adjusted),
        "pet_peese": lambda: _interval(pet_peese(yi, vi, level=level).adjusted),
        "selection": lambda: _interval(selection_model(yi, vi, level=level).adjusted),
        "limit": limit,
    }
    return [_tried(name, k, fits[name]) for name in names]


@dataclass(frozen=True, slots=True)
class Ruler:
    """The instrument on which an estimate is shown in points, with its spread and where from."""

    label: str
    sd: float
    basis: str


def ruler(base: EvidenceBase, answer: Estimate) -> Ruler | None:
    """The instrument that most trials of the estimate used, of those with a known spread."""
    known = base.instruments.dropna(subset=["reference_sd"]).set_index("instrument_id")
    rows = answer.selection.effects
    used = rows.loc[rows["instrument"].isin(known.index)]
    if used.empty:
        return None
    trials = used.groupby("instrument", sort=False)["study_id"].nunique()
    label, sd, basis = (
        known[name].to_dict()[trials.idxmax()]
        for name in ("label", "reference_sd", "reference_sd_basis")
    )
    return Ruler(str(label), float(sd), str(basis))


def asymmetry(answer: Estimate) -> Asymmetry:
    """Egger's test for the trials of an estimate, with its cautions."""
    try:
        egger = egger_test(*_effects(answer))
    except PoolingError as err:
        return Asymmetry(answer.k, None, (str(err),))
    return Asymmetry(answer.k, egger.p, egger.cautions)


def _effects(answer: Estimate) -> tuple[npt.NDArray, npt.NDArray]:  # type: ignore[type-arg]
    return answer.trials["yi"].to_numpy(float), answer.trials["vi"].to_numpy(float)


def _interval(fit: _Fit) -> _Interval:
    return fit.estimate, fit.ci_lower, fit.ci_upper


def _tried(name: str, k: int, fit: Callable[[], _Interval]) -> Alternative:
    try:
        value, lower, upper = fit()
    except PoolingError as err:
        return Alternative(name, k, note=str(err))
    return Alternative(name, k, value, lower, upper)


def _without_outliers(answer: Estimate) -> Alternative:
    model = answer.model
    found = outliers(*_effects(answer), method=model.method, test=model.test, level=model.level)
    rest = found.without
    if not found.positions or rest is None:
        return Alternative("outliers", answer.k, note="No trial lies beside the pooled interval")
    return Alternative("outliers", rest.k, rest.estimate, rest.ci_lower, rest.ci_upper)


def _lower_bias(answer: Estimate) -> tuple[str, ...]:
    """The better ratings among those that the reader's own filter leaves."""
    wanted = answer.selection.question.rob or ("low", "some_concerns")
    return tuple(level for level in wanted if level in ("low", "some_concerns")) or ("none",)


def _filtered(name: str, base: EvidenceBase, answer: Estimate, **filters: object) -> Alternative:
    question = replace(answer.selection.question, **filters)  # type: ignore[arg-type]
    other = estimate(base, question, answer.model)
    if other.pooled is None:
        return Alternative(name, 0, note="No trial is left")
    pooled = other.pooled
    return Alternative(name, other.k, pooled.estimate, pooled.ci_lower, pooled.ci_upper)
