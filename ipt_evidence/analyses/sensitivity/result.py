"""The same question, answered in other ways: how much depends on the choices behind a number."""

from __future__ import annotations

from dataclasses import replace

from ipt_evidence.analyses.alternative import Alternative, Interval, interval, tried
from ipt_evidence.analyses.small_studies.result import CORRECTIONS, corrected
from ipt_evidence.cache import cached
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import TOO_FEW, Estimate, arrays, estimate
from ipt_evidence.evidence.selection import SERIOUS_FLAGS
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.coefficients import Coefficient
from ipt_evidence.meta_analysis.dependent_effects import multilevel
from ipt_evidence.meta_analysis.influence import outliers
from ipt_evidence.meta_analysis.models import pool

__all__ = ["alternatives"]


@cached
def alternatives(base: EvidenceBase, view: View) -> tuple[Alternative, ...]:
    """Other models, other trials and corrections for small studies, for the same question.

    Empty when nothing was pooled: there is nothing to vary.
    """
    answer = estimate_of(base, view)
    if answer.pooled is None:
        return ()
    level = answer.model.level
    rows = answer.selection.effects
    all_effects = (*arrays(rows), rows["study_id"].array)
    rho = answer.model.rho

    def dependent(correlation: float) -> Interval:
        model = multilevel(*all_effects, rho=correlation, level=level)
        robust = model.robust_coefficients[0] if model.robust_coefficients else None
        if not isinstance(robust, Coefficient):
            raise PoolingError("; ".join(model.notes) or "robust errors cannot be had")
        return interval(robust)

    def common() -> Interval:
        return interval(pool(*answer.arrays, method="EE", test="z", level=level))

    k = answer.k
    return (
        tried("che", k, lambda: dependent(rho)),
        tried("three_level", k, lambda: dependent(0.0)),
        tried("common", k, common),
        _without_outliers(answer),
        _filtered("lower_bias", base, answer, rob=_lower_bias(answer)),
        _filtered("double", base, answer, only_double=True),
        _filtered("printed", base, answer, only_printed=True),
        _filtered(
            "doubtful", base, answer, doubtful_moved=not answer.selection.question.doubtful_moved
        ),
        _filtered("unflagged", base, answer, without_flags=SERIOUS_FLAGS),
        *corrected(answer, [name for name, one in CORRECTIONS.items() if one.meaning]),
    )


def _without_outliers(answer: Estimate) -> Alternative:
    found = outliers(*answer.arrays, **answer.model.settings)
    rest = found.without
    if not found.positions or rest is None:
        return Alternative("outliers", answer.k, note="No trial lies beside the pooled interval")
    if rest.k == TOO_FEW:
        return Alternative("outliers", rest.k, note="Two trials are left: too few to pool")
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
    if other.shown is None:
        return Alternative(name, other.k, note="Two trials are left: too few to pool")
    pooled = other.shown
    return Alternative(name, other.k, pooled.estimate, pooled.ci_lower, pooled.ci_upper)
