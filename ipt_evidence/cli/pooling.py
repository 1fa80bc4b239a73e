"""``pool``: one number for a question to the evidence base, or for a CSV of effects."""

from __future__ import annotations

from typing import Any

import click

from ipt_evidence.analyses.answer import answer_sentence
from ipt_evidence.cli.inputs import (
    Request,
    effect_options,
    level_option,
    method_option,
    read_base,
    read_table,
    test_option,
)
from ipt_evidence.cli.output import echo_json, json_option
from ipt_evidence.cli.pooling_models import MODELS, Plan, fit, nothing
from ipt_evidence.cli.samples import with_values
from ipt_evidence.cli.statistics_text import pooled_table
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.wording.plain import plain

__all__ = ["pool_command"]


def _names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    if len(set(names)) < len(names):
        raise click.BadParameter("a column is named twice")
    return names


@click.command("pool")
@effect_options
@method_option
@test_option
@level_option
@click.option("--model", type=click.Choice(MODELS), default="simple", show_default=True)
@click.option("--mods", callback=_names, help="Columns to regress on, like year,format.")
@click.option("--subgroup", help="Column whose groups are pooled apart and compared.")
@click.option("--common-tau2", is_flag=True, help="One tau² for all subgroups.")
@click.option("--robust", type=click.Choice(["CR2"]), help="Cluster-robust standard errors.")
@json_option
def pool_command(
    request: Request,
    method: str,
    test: str | None,
    level: float,
    model: str,
    mods: tuple[str, ...],
    subgroup: str | None,
    common_tau2: bool,
    robust: str | None,
    as_json: bool,
) -> None:
    """Pool the effects of the evidence base for one question, or those of a CSV file.

    Positive estimates favour IPT. Several effects of one study are combined first, unless --model
    says three-level or che.
    """
    plan = Plan(
        model, method, test, level, request.rho, mods, subgroup, common_tau2, robust is not None
    )
    plan.check(clustered=request.table is None or request.cluster is not None)
    document, text = _table(request, plan) if request.table else _base(request, plan)
    if as_json:
        echo_json(document)
    else:
        click.echo(text)


def _base(request: Request, plan: Plan) -> tuple[dict[str, Any], str]:
    base, answer, sample = read_base(
        request, Model(method=plan.method, test=_simple_test(plan), rho=plan.rho, level=plan.level)
    )
    if not answer.k:
        return nothing(plan) | _facts(base, answer, plan, None), _text(base, answer)
    numbers = fit(with_values(sample, plan.columns, plan.groups), plan)
    document = numbers | _facts(base, answer, plan, numbers)
    is_default = plan.simple and not (plan.columns or plan.robust)
    text = _text(base, answer) if is_default else pooled_table(plain(document))
    return document, text


def _simple_test(plan: Plan) -> str:
    return plan.chosen_test if plan.simple else "knha"


def _facts(
    base: EvidenceBase, answer: Estimate, plan: Plan, numbers: dict[str, Any] | None
) -> dict[str, Any]:
    question = answer.selection.question
    return {
        "n": answer.people.value if answer.people.studies_known else None,
        "n_studies": answer.k,
        "n_studies_known": answer.people.studies_known,
        "n_effects": len(answer.selection.effects),
        "measure": "SMD",
        "favours": {"positive": "IPT", "negative": "comparison"}.get(_sign(numbers), "neither"),
        "condition": question.condition,
        "comparison": question.comparison,
        "time": question.time,
        "rho": 0.0 if plan.model == "three-level" else plan.rho,
        "sources": answer.studies_per_source,
        "as_of": answer.as_of,
        "data_version": base.version,
        "trials": answer.trials,
        "left_out": answer.selection.left_out[["effect_id", "study_id", "reason"]],
        "quarantined": len(base.problems),
    }


def _sign(numbers: dict[str, Any] | None) -> str:
    """Where the interval lies, if there is one: the point estimate alone decides nothing."""
    if numbers is None or numbers["ci_lower"] is None:
        return "neither"
    if numbers["ci_lower"] > 0:
        return "positive"
    return "negative" if numbers["ci_upper"] < 0 else "neither"


def _text(base: EvidenceBase, answer: Estimate) -> str:
    lines = [answer_sentence(base, answer)]
    if answer.studies_per_source:
        found = (f"{base.sources[s].label}: {k}" for s, k in answer.studies_per_source.items())
        lines.append("Studies by source: " + "; ".join(found))
    if len(base.problems):
        lines.append(f"{len(base.problems)} rows are quarantined: run validate to see why")
    return "\n".join(lines)


def _table(request: Request, plan: Plan) -> tuple[dict[str, Any], str]:
    sample = with_values(read_table(request, plan.columns), plan.columns, plan.groups)
    if not sample.yi.size and sample.notes:
        raise DataError(sample.notes[0])
    numbers = fit(sample, plan)
    document = numbers | {
        "n": None,
        "n_studies": None if sample.study is None else len(set(sample.study)),
        "n_effects": sample.yi.size,
        "measure": request.yi,
        "favours": _sign(numbers),
        "rho": None if sample.study is None else 0.0 if plan.model == "three-level" else plan.rho,
    }
    return document, pooled_table(plain(document))
