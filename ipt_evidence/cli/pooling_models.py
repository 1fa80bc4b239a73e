"""One document for every model: simple, regression, three-level, CHE; subgroups; robust errors.

Names are those of the dataclasses of `meta_analysis`. A field that a model does not have is null.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import click

from ipt_evidence.cli.samples import Sample, combined
from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.coefficients import BareCoefficient, Coefficient
from ipt_evidence.meta_analysis.dependent_effects import RobustEstimate, cluster_robust, multilevel
from ipt_evidence.meta_analysis.estimators import COMMON_EFFECT_METHODS
from ipt_evidence.meta_analysis.heterogeneity import heterogeneity_interval
from ipt_evidence.meta_analysis.models import PooledEffect, pool
from ipt_evidence.meta_analysis.moderators import meta_regression, residual_heterogeneity, subgroups

__all__ = ["MODELS", "Plan", "fit", "nothing"]

MODELS = ("simple", "three-level", "che")
_OF_INTERCEPT = ("estimate", "se", "ci_lower", "ci_upper", "stat", "p", "df")
_FIELDS = (
    "k estimate se ci_lower ci_upper pi_lower pi_upper tau2 i2 h2 q q_df q_p stat p df method test "
    "level"
).split()
_INTERVALS = "tau2_ci_lower tau2_ci_upper i2_ci_lower i2_ci_upper h2_ci_lower h2_ci_upper".split()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to fit. ``test`` None means knha for the simple model and t for the others."""

    model: str
    method: str
    test: str | None
    level: float
    rho: float
    mods: tuple[str, ...] = ()
    subgroup: str | None = None
    common_tau2: bool = False
    robust: bool = False

    @property
    def simple(self) -> bool:
        """True where the effects of a study are combined before pooling."""
        return self.model == "simple"

    @property
    def chosen_test(self) -> str:
        """The test asked for, or the model's own."""
        return self.test or ("knha" if self.simple else "t")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the input that the plan needs."""
        return (*self.mods, *self.groups)

    @property
    def groups(self) -> tuple[str, ...]:
        """The column of subgroups, if there is one."""
        return (self.subgroup,) if self.subgroup else ()

    def check(self, *, clustered: bool) -> None:
        """Refuse combinations that do not exist, as errors of the call."""
        if not clustered and (not self.simple or self.robust):
            raise click.UsageError("--model three-level and che, and --robust, need --cluster")
        if self.subgroup and (not self.simple or self.robust):
            raise click.UsageError(
                "--subgroup goes with --model simple and without --robust: "
                f"give {self.subgroup} to --mods instead"
            )
        if self.common_tau2 and not self.subgroup:
            raise click.UsageError("--common-tau2 goes with --subgroup")
        if not self.simple and self.method not in ("REML", "ML"):
            raise click.UsageError(f"--model {self.model} takes --method REML or ML")
        if not self.simple and self.chosen_test not in ("t", "z"):
            raise click.UsageError(f"--model {self.model} takes --test t or z")
        if self.model == "che" and self.rho == 1.0:
            raise click.UsageError("--model che takes --rho below 1")


def nothing(plan: Plan) -> dict[str, Any]:
    """Give the fields of an answer without effects."""
    asked = {"k": 0, "method": plan.method, "test": plan.chosen_test, "level": plan.level}
    return {name: asked.get(name) for name in (*_FIELDS, *_INTERVALS)} | {
        "coefficients": [],
        "model": plan.model,
        "robust": None,
        "notes": [],
    }


def fit(sample: Sample, plan: Plan) -> dict[str, Any]:
    """Fit the plan to the effects of ``sample`` and give every field of the result.

    Raises
    ------
    EvidenceError
        When the effects cannot be combined or the model cannot be fitted.
    """
    if not plan.simple:
        return _multilevel(sample, plan)
    alone = combined(sample, plan.rho)
    document = _regression(alone, plan) if plan.mods else _pooled(alone, plan)
    document |= _heterogeneity(alone, plan) | {"model": plan.model, "robust": None}
    if plan.robust:
        _robustly(document, alone, plan)
    if plan.subgroup is not None:
        document["subgroups"] = subgroups(
            alone.yi,
            alone.vi,
            alone.values[plan.subgroup],
            common_tau2=plan.common_tau2,
            method=plan.method,
            test=plan.chosen_test,
            level=plan.level,
        )
    document["notes"] = [*alone.notes, *document["notes"]]
    return document


def _pooled(sample: Sample, plan: Plan) -> dict[str, Any]:
    found = pool(sample.yi, sample.vi, method=plan.method, test=plan.chosen_test, level=plan.level)
    return {**asdict(found), "coefficients": [_intercept(found)]}


def _intercept(found: PooledEffect) -> Coefficient:
    return Coefficient("intercept", **{name: getattr(found, name) for name in _OF_INTERCEPT})


def _regression(sample: Sample, plan: Plan) -> dict[str, Any]:
    found = asdict(
        meta_regression(
            sample.yi,
            sample.vi,
            {name: sample.values[name] for name in plan.mods},
            method=plan.method,
            test=plan.chosen_test,
            level=plan.level,
        )
    )
    residual = {"q": found["qe"], "q_df": found["qe_df"], "q_p": found["qe_p"]}
    return {name: None for name in _FIELDS} | found | residual


def _heterogeneity(sample: Sample, plan: Plan) -> dict[str, float | None]:
    """Q-profile limits; None where tau² is 0 by definition or cannot be bounded."""
    none: dict[str, float | None] = dict.fromkeys(_INTERVALS)
    if plan.method in COMMON_EFFECT_METHODS or sample.yi.size < 2:
        return none
    moderators = {name: sample.values[name] for name in plan.mods}
    try:
        if moderators:
            found = residual_heterogeneity(sample.yi, sample.vi, moderators, level=plan.level)
        else:
            found = heterogeneity_interval(sample.yi, sample.vi, level=plan.level)
    except PoolingError:
        return none
    return {name: getattr(found, name.replace("_ci", "")) for name in _INTERVALS}


def _robustly(document: dict[str, Any], sample: Sample, plan: Plan) -> None:
    """Put cluster-robust numbers in the place of the model's own."""
    found: RobustEstimate = cluster_robust(
        sample.yi,
        sample.vi,
        sample.study or [],
        tau2=document["tau2"] or 0.0,
        moderators={name: sample.values[name] for name in plan.mods},
        level=plan.level,
    )
    _replace_coefficients(document, found.coefficients, with_intercept=not plan.mods)
    document["notes"] = [*document["notes"], *found.notes]


def _replace_coefficients(
    document: dict[str, Any],
    robust: tuple[Coefficient | BareCoefficient, ...],
    *,
    with_intercept: bool,
) -> None:
    document |= {
        "robust": "CR2",
        "model_coefficients": document["coefficients"],
        "coefficients": robust,
        "robust_coefficients": robust,
    }
    if with_intercept:
        document |= {name: getattr(robust[0], name) for name in _OF_INTERCEPT}


def _sum(between: float | None, within: float | None) -> float | None:
    return None if between is None or within is None else between + within


def _multilevel(sample: Sample, plan: Plan) -> dict[str, Any]:
    found = multilevel(
        sample.yi,
        sample.vi,
        sample.study or [],
        rho=plan.rho if plan.model == "che" else 0.0,
        moderators={name: sample.values[name] for name in plan.mods},
        method=plan.method,
        test=plan.chosen_test,
        level=plan.level,
    )
    document = {name: None for name in (*_FIELDS, *_INTERVALS)} | asdict(found)
    document |= {
        "tau2": _sum(found.tau2_between, found.tau2_within),
        "i2": _sum(found.i2_between, found.i2_within),
        "model": plan.model,
        "robust": None,
        "coefficients": found.coefficients,
        "robust_coefficients": found.robust_coefficients,
    }
    if not plan.mods:
        first = found.coefficients[0]
        document |= {name: getattr(first, name) for name in _OF_INTERCEPT}
    if plan.robust:
        if not found.robust_coefficients:
            raise PoolingError("; ".join(found.notes))
        _replace_coefficients(document, found.robust_coefficients, with_intercept=not plan.mods)
    document["notes"] = [*sample.notes, *found.notes]
    return document
