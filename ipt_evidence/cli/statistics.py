"""``bias``, ``influence`` and ``cumulative``: how far a pooled effect can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import click

from ipt_evidence.cli.inputs import (
    Request,
    effect_options,
    level_option,
    method_option,
    sample_of,
    test_option,
    usable,
)
from ipt_evidence.cli.output import echo_json, json_option
from ipt_evidence.cli.samples import Sample
from ipt_evidence.cli.statistics_text import bias_table, influence_table, rows_table
from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.influence import (
    PartialPool,
    StudyInfluence,
    cumulative,
    influence,
    leave_one_out,
    outliers,
)
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import begg_test, egger_test
from ipt_evidence.meta_analysis.small_study_effects.cautions import few_studies
from ipt_evidence.meta_analysis.small_study_effects.limit import limit_meta_analysis
from ipt_evidence.meta_analysis.small_study_effects.pet_peese import pet_peese
from ipt_evidence.meta_analysis.small_study_effects.selection import selection_model
from ipt_evidence.meta_analysis.small_study_effects.significance import (
    excess_significance,
    fail_safe_n,
    p_curve,
)
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import (
    ESTIMATORS,
    TRIM_MODELS,
    trim_and_fill,
)
from ipt_evidence.wording.plain import plain

__all__ = ["bias_command", "cumulative_command", "influence_command"]

PRECISION = "precision"  # --by: the smallest variance first


def _steps(_: click.Context, __: click.Parameter, value: str) -> tuple[float, ...]:
    try:
        return tuple(float(step) for step in value.split(","))
    except ValueError:
        raise click.BadParameter("give p values with commas between, like .025,.5") from None


@click.command("bias")
@effect_options
@method_option
@test_option
@level_option
@click.option("--egger-model", type=click.Choice(["lm", "mixed"]), default="lm", show_default=True)
@click.option(
    "--predictor",
    help="Of Egger's test: vi, or a column of the input.  [default: the standard error]",
)
@click.option("--estimator", type=click.Choice(ESTIMATORS), default="L0", show_default=True)
@click.option("--side", type=click.Choice(["left", "right"]), help="Where studies are missing.")
@click.option(
    "--trim-model",
    type=click.Choice(TRIM_MODELS),
    default="random",
    show_default=True,
    help="Model by which studies are trimmed: common as R's meta and Metapsy, random as metafor.",
)
@click.option("--steps", callback=_steps, default="0.025", show_default=True)
@json_option
def bias_command(
    request: Request,
    method: str,
    test: str | None,
    level: float,
    egger_model: str,
    predictor: str | None,
    estimator: str,
    side: str | None,
    trim_model: str,
    steps: tuple[float, ...],
    as_json: bool,
) -> None:
    """Run every test of and correction for small-study effects, with when not to rely on each.

    Effects must be coded so that positive is the direction in which publication is favoured.
    --estimator, --side and --trim-model are those of trim and fill, --steps the p values of the
    selection model.
    """
    columns = () if predictor in (None, "vi") else (str(predictor),)
    sample = usable(sample_of(request, columns))
    yi, vi = sample.yi, sample.vi
    egger: dict[str, Any] = {
        "model": egger_model,
        "level": level,
        "predictor": vi if predictor == "vi" else None,
    }
    if columns:
        egger["predictor"] = sample.numbers(columns[0])
    filling: dict[str, Any] = {
        "estimator": estimator,
        "side": side,
        "trim_model": trim_model,
        "method": method,
        "test": test or "knha",
        "level": level,
    }
    methods: dict[str, Callable[[], dict[str, Any]]] = {
        "egger": lambda: asdict(egger_test(yi, vi, **egger)),
        "begg": lambda: asdict(begg_test(yi, vi)),
        "trimfill": lambda: _lifted(asdict(trim_and_fill(yi, vi, **filling))),
        "pet": lambda: _intercept(sample, "pet", level),
        "peese": lambda: _intercept(sample, "peese", level),
        "selection": lambda: _lifted(asdict(selection_model(yi, vi, steps=steps, level=level))),
        "limit": lambda: _limit(sample, method, level),
        "p_curve": lambda: asdict(p_curve(yi, vi)),
        "excess_significance": lambda: asdict(excess_significance(yi, vi)),
        "failsafe_n": lambda: asdict(fail_safe_n(yi, vi)),
    }
    document = plain({name: _attempt(run, yi.size) for name, run in methods.items()})
    if as_json:
        echo_json(document)
    else:
        click.echo(bias_table(document))


def _attempt(run: Callable[[], dict[str, Any]], k: int) -> dict[str, Any]:
    """Give the result, or why there is none: one method that fails must not hide the others."""
    try:
        return {"k": k} | run()
    except PoolingError as err:
        return {"k": k, "error": str(err), "cautions": few_studies(k)}


def _lifted(found: dict[str, Any]) -> dict[str, Any]:
    """Repeat the adjusted effect beside the rest, where every correction has it."""
    names = ("estimate", "se", "ci_lower", "ci_upper", "p")
    return found | {name: found["adjusted"][name] for name in names}


def _intercept(sample: Sample, name: str, level: float) -> dict[str, Any]:
    found = asdict(pet_peese(sample.yi, sample.vi, level=level))
    return {
        "k": found["k"],
        **found[name],
        "slope": found[f"{name}_slope"],
        "selected": found["selected"] == name.upper(),
        "cautions": found["cautions"],
    }


def _limit(sample: Sample, method: str, level: float) -> dict[str, Any]:
    found = asdict(limit_meta_analysis(sample.yi, sample.vi, method=method, level=level))
    return found | {"estimate": found["adjusted"]}


@click.command("influence")
@effect_options
@method_option
@test_option
@level_option
@json_option
def influence_command(
    request: Request, method: str, test: str | None, level: float, as_json: bool
) -> None:
    """Show which studies carry the result: diagnostics, the effect without each, outliers.

    The diagnostics belong to the model with test z.
    """
    sample = usable(sample_of(request))
    choice: dict[str, Any] = {"method": method, "test": test or "knha", "level": level}
    notes = list(sample.notes)
    k = sample.yi.size
    found = outliers(sample.yi, sample.vi, **choice)
    studies: tuple[StudyInfluence, ...] = ()
    without: tuple[PartialPool, ...] = ()
    if k >= 3:
        studies = influence(sample.yi, sample.vi, method=method)
    else:
        notes.append(f"k = {k}: diagnostics of influence need at least 3 studies")
    if k >= 2:
        without = leave_one_out(sample.yi, sample.vi, **choice)
    document = plain(
        {
            "k": k,
            **choice,
            "studies": _labelled(sample, studies),
            "leave_one_out": _labelled(sample, without),
            "outliers": {
                **asdict(found),
                "labels": [sample.labels[i] for i in found.positions],
            },
            "notes": notes,
        }
    )
    if as_json:
        echo_json(document)
    else:
        click.echo(influence_table(document))


def _labelled(sample: Sample, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"label": sample.labels[row.position], **asdict(row)} for row in rows]


@click.command("cumulative")
@effect_options
@method_option
@test_option
@level_option
@click.option(
    "--by",
    default=None,
    help="Column whose ascending order is followed, or precision (smallest variance first).  "
    "[default: year; for --input precision]",
)
@json_option
def cumulative_command(
    request: Request, method: str, test: str | None, level: float, by: str | None, as_json: bool
) -> None:
    """Pool the first study, the first two, and so on."""
    chosen = by or (PRECISION if request.table else "year")
    sample = usable(sample_of(request, () if chosen == PRECISION else (chosen,)))
    order = sample.vi.tolist() if chosen == PRECISION else sample.numbers(chosen)
    found: tuple[PartialPool, ...] = cumulative(
        sample.yi, sample.vi, order, method=method, test=test or "knha", level=level
    )
    rows = [{**row, "by": order[row["position"]]} for row in _labelled(sample, found)]
    document = plain(
        {
            "by": chosen,
            "method": method,
            "test": test or "knha",
            "level": level,
            "steps": rows,
            "notes": sample.notes,
        }
    )
    if as_json:
        echo_json(document)
    else:
        click.echo("\n".join([rows_table(document["steps"]), *document["notes"]]))
