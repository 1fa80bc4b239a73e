"""``pool``: one number for a question to the evidence base, or for a CSV of effects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from ipt_evidence.cli.output import data_option, echo_json, json_option
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import DEFAULT_RHO, Estimate, Model, estimate
from ipt_evidence.evidence.selection import Question
from ipt_evidence.meta_analysis.dependent_effects import aggregate
from ipt_evidence.meta_analysis.models import PooledEffect, pool
from ipt_evidence.presentation import sentences

__all__ = ["pool_command"]

METHODS = ("EE", "FE", "DL", "PM", "REML")
TESTS = ("z", "t", "knha", "adhoc")


@click.command("pool")
@click.option("--condition", help="Condition id, like depression or social_anxiety.")
@click.option("--comparison", help="Comparison id, like control.  [default: control]")
@click.option("--source", "sources", multiple=True, help="Only this source; may be repeated.")
@click.option("--input", "table", type=click.Path(path_type=Path), help="Pool this CSV instead.")
@click.option("--yi", default="yi", show_default=True, help="Column of effects in --input.")
@click.option("--vi", default="vi", show_default=True, help="Column of variances in --input.")
@click.option("--cluster", help="Column of studies in --input: their effects are combined first.")
@click.option("--method", type=click.Choice(METHODS), default="REML", show_default=True)
@click.option("--test", type=click.Choice(TESTS), default="knha", show_default=True)
@click.option("--rho", type=click.FloatRange(0, 1), default=DEFAULT_RHO, show_default=True)
@click.option("--level", type=click.FloatRange(1, 99.9999), default=95.0, show_default=True)
@json_option
@data_option
def pool_command(
    condition: str | None,
    comparison: str | None,
    sources: tuple[str, ...],
    table: Path | None,
    yi: str,
    vi: str,
    cluster: str | None,
    method: str,
    test: str,
    rho: float,
    level: float,
    as_json: bool,
    data: Path | None,
) -> None:
    """Pool the effects of the evidence base for one question, or those of a CSV file.

    Positive estimates favour IPT. Several effects of one study are combined first.
    """
    model = Model(method=method, test=test, rho=rho, level=level)
    if table is not None:
        if condition or comparison or sources:
            raise click.UsageError("--input goes without --condition, --comparison and --source")
        document, text = _pool_table(table, yi, vi, cluster, model)
    else:
        base = EvidenceBase.load(data)
        question = Question(condition, comparison or "control", sources)
        document, text = _pool_base(base, question, model)
    if as_json:
        echo_json(document)
    else:
        click.echo(text)


def _pool_base(base: EvidenceBase, question: Question, model: Model) -> tuple[Any, str]:
    answer = estimate(base, question, model)
    document = {
        **_numbers(answer.pooled, model),
        "k": answer.k,
        "n": answer.people.value if answer.people.studies_known else None,
        "n_studies_known": answer.people.studies_known,
        "n_effects": len(answer.selection.effects),
        "measure": "SMD",
        "favours": answer.favours,
        "condition": question.condition,
        "comparison": question.comparison,
        "time": question.time,
        "rho": model.rho,
        "sources": answer.studies_per_source,
        "as_of": answer.as_of,
        "data_version": base.fingerprint,
        "trials": answer.trials,
        "left_out": answer.selection.left_out[["effect_id", "study_id", "reason"]],
        "quarantined": len(base.problems),
    }
    return document, _text(base, answer)


def _text(base: EvidenceBase, answer: Estimate) -> str:
    question = answer.selection.question
    label = base.taxonomy.condition(question.condition).label if question.condition else None
    lines = [
        sentences.answer(
            label or "All conditions",
            question.comparison or "control",
            answer.pooled,
            answer.people.value if answer.people.studies_known else None,
            found=len(answer.selection.studies),
            searched=bool(len(answer.selection.studies)),
        )
    ]
    if answer.studies_per_source:
        found = (f"{base.sources[s].label}: {k}" for s, k in answer.studies_per_source.items())
        lines.append("Studies by source: " + "; ".join(found))
    if len(base.problems):
        lines.append(f"{len(base.problems)} rows are quarantined: run validate to see why")
    return "\n".join(lines)


def _pool_table(
    path: Path, yi: str, vi: str, cluster: str | None, model: Model
) -> tuple[dict[str, Any], str]:
    columns = [yi, vi, *([cluster] if cluster else [])]
    frame = _read_effects(path, columns, numeric=[yi, vi])
    effects = (frame[yi].to_numpy(float), frame[vi].to_numpy(float))
    if cluster:
        combined = aggregate(*effects, frame[cluster].to_numpy(str), rho=model.rho)
        effects = (np.asarray(combined.yi), np.asarray(combined.vi))
    pooled = pool(*effects, method=model.method, test=model.test, level=model.level)
    favours = "positive" if pooled.ci_lower > 0 else "negative" if pooled.ci_upper < 0 else None
    document = {
        **_numbers(pooled, model),
        "n": None,
        "n_effects": len(frame),
        "measure": yi,
        "favours": favours or "neither",
        "rho": model.rho if cluster else None,
    }
    text = (
        f"k = {pooled.k}, estimate {pooled.estimate:.4f} "
        f"[{pooled.ci_lower:.4f}, {pooled.ci_upper:.4f}], tau² {pooled.tau2:.4f}"
    )
    return document, text


def _numbers(pooled: PooledEffect | None, model: Model) -> dict[str, Any]:
    names = (
        "k estimate se ci_lower ci_upper pi_lower pi_upper tau2 i2 h2 q q_df q_p method test level"
    ).split()
    if pooled is None:
        asked = {"k": 0, "method": model.method, "test": model.test, "level": model.level}
        return {name: asked.get(name) for name in names}
    return {name: getattr(pooled, name) for name in names}


def _read_effects(path: Path, columns: list[str], numeric: list[str]) -> pd.DataFrame:
    """Columns of a user's CSV; DataError names the file, line and column at fault."""
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path} does not exist. Give the path of a CSV file") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as err:
        raise DataError(f"{path} is not a CSV file in UTF-8: {err}") from err
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err
    missing = [name for name in columns if name not in frame]
    if missing:
        raise DataError(f"{path} has no column {missing[0]!r}; it has {', '.join(frame.columns)}")
    for name in numeric:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        if numbers.isna().any():
            row = int(np.flatnonzero(numbers.isna())[0])
            raise DataError(
                f"{path}, line {row + 2}, column {name}: {frame[name].iloc[row]!r} is not a "
                "number. Correct it, or take the row out"
            )
        frame[name] = numbers
    return frame
