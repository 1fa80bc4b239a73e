"""The trials of a forest plot in their rows, and the p-value functions of a drapery plot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ipt_evidence.analyses.differences.grouping import Grouped
from ipt_evidence.analyses.differences.panel import group_names
from ipt_evidence.evidence.bias_domains import NO_INFORMATION, VERSION_2, domains
from ipt_evidence.evidence.estimation import Estimate, taken_out
from ipt_evidence.evidence.selection import TAKEN_OUT
from ipt_evidence.meta_analysis.distributions import p_value_function, prediction_function
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.wording import tables
from ipt_evidence.wording.studies import flag_words

__all__ = ["Curves", "arms_of_trials", "confidence_curves", "trials_in_order"]

_SORTED_BY: dict[str, tuple[list[str], list[bool]]] = {
    "year": (["year", "label"], [False, True]),
    "effect": (["yi", "label"], [False, True]),
    "weight": (["weight", "label"], [False, True]),
    "label": (["label"], [True]),
}
ARM_COLUMNS = [
    *("study_id", "input_type", "mean_ipt", "sd_ipt", "n_ipt", "events_ipt"),
    *("mean_comparator", "sd_comparator", "n_comparator", "events_comparator"),
]
POINTS = 241


def trials_in_order(answer: Estimate, order: str, groups: Grouped | None = None) -> pd.DataFrame:
    """The rows of the forest plot, as `figure.forest_plot` takes them.

    Trials in ``order`` (a choice of `panel.ORDER`), within ``groups`` where given (column
    ``group``); those that the reader left out come last, with ``excluded`` true. ``domains``
    holds the risk of bias by domain, name to judgement, empty where a source rates none.
    """
    columns, ascending = _SORTED_BY[order]
    trials = answer.trials.sort_values(columns, ascending=ascending, kind="stable")
    if groups is not None and len(trials):
        names = group_names(groups)
        place = {level: index for index, level in enumerate(groups.order)}
        levels = trials["study_id"].map(groups.level)
        ordered = levels.map(place).sort_values(kind="stable").index
        trials = trials.assign(group=levels.map(names)).loc[ordered]
    trials = trials.assign(excluded=False)
    removed = taken_out(answer)
    if len(removed):
        removed = removed.sort_values(columns, ascending=ascending, kind="stable")
        trials = pd.concat([trials, removed.assign(excluded=True)], ignore_index=True)
    if trials.empty:
        return trials
    words = [", ".join(flag_words(flag).short for flag in flags) for flags in trials["flags"]]
    arms = arms_of_trials(answer)
    return trials.assign(
        domains=pd.Series(_domains(answer, trials), trials.index, dtype=object),
        flags=words,
        ipt_data=[arms[study][0] for study in trials["study_id"]],
        comparison_data=[arms[study][1] for study in trials["study_id"]],
    )


def _domains(answer: Estimate, trials: pd.DataFrame) -> list[dict[str, str]]:
    """Risk of bias of each trial by domain, in the words of the Cochrane tool."""
    studies = answer.selection.studies
    if "rob_detail" not in studies.columns:
        return [{} for _ in range(len(trials))]
    details = dict(zip(studies["study_id"], studies["rob_detail"], strict=True))
    return [_rated(details.get(study)) for study in trials["study_id"]]


def _rated(detail: object) -> dict[str, str]:
    if tables.is_missing(detail):
        return {}
    _, judged = domains(str(detail))
    if set(judged.values()) == {NO_INFORMATION}:  # only an overall judgement
        return {}
    return {VERSION_2.get(name, name): word for name, word in judged.items()}


def arms_of_trials(answer: Estimate) -> dict[str, tuple[str, str]]:
    """What the two arms of each trial reported, for those used and those left out by hand."""
    rows = answer.selection.effects[ARM_COLUMNS]
    left_out = answer.selection.left_out
    if answer.selection.question.excluded and len(left_out):
        removed = left_out.loc[left_out["reason"] == TAKEN_OUT, ARM_COLUMNS]
        rows = pd.concat([rows, removed])
    of_trial: dict[str, list[dict[str, Any]]] = {}
    for record in rows.to_dict("records"):
        of_trial.setdefault(str(record["study_id"]), []).append(record)  # type: ignore[arg-type]
    return {study: _arms(effects) for study, effects in of_trial.items()}


def _arms(effects: list[dict[str, Any]]) -> tuple[str, str]:
    """What the two arms of a trial reported: "12.3 (8.1), n 45" or "7/110"; "" where unknown."""
    if len(effects) == 1:
        return _arm(effects[0], "ipt"), _arm(effects[0], "comparator")
    ipt, comparison = (_largest(effects, name) for name in ("n_ipt", "n_comparator"))
    results = f"{len(effects)} results"
    return f"{results}, n {ipt}" if ipt else results, f"n {comparison}" if comparison else ""


def _largest(effects: list[dict[str, Any]], name: str) -> str:
    known = [float(one[name]) for one in effects if not tables.is_missing(one[name])]
    return tables.count(max(known)) if known else ""


def _arm(effect: Mapping[str, Any], arm: str) -> str:
    n, events = effect[f"n_{arm}"], effect[f"events_{arm}"]
    mean, sd = effect[f"mean_{arm}"], effect[f"sd_{arm}"]
    if effect["input_type"] == "events" and not tables.is_missing(events):
        return f"{tables.count(events)}/{tables.count(n)}"
    people = "" if tables.is_missing(n) else f"n {tables.count(n)}"
    if tables.is_missing(mean):
        return people
    spread = "" if tables.is_missing(sd) else f" ({tables.effect(sd, 1)})"
    return ", ".join(part for part in (f"{tables.effect(mean, 1)}{spread}", people) if part)


@dataclass(frozen=True)
class Curves:
    """P value of each possible effect.

    Attributes
    ----------
    effects
        The possible effects, (N,).
    trials
        Curve of each trial, in the order of the trials, (K, N).
    pooled, predicted
        Curve of the pooled effect and of a new trial's true effect, (N,); None where there is
        none (fewer than two trials, fewer than three).
    """

    effects: FloatArray
    trials: FloatArray
    pooled: FloatArray | None
    predicted: FloatArray | None


def confidence_curves(answer: Estimate, lower: float, upper: float) -> Curves:
    """Curves of the trials and the pooled effect of ``answer`` between two effects."""
    effects = np.linspace(lower, upper, POINTS)
    yi, vi = answer.arrays
    trials = np.array(
        [p_value_function(effects, y, float(np.sqrt(v))) for y, v in zip(yi, vi, strict=True)]
    ).reshape(len(yi), POINTS)
    pooled, predicted = None, None
    fit = answer.shown
    if fit is not None and fit.k > 1 and fit.se > 0.0:
        pooled = p_value_function(effects, fit.estimate, fit.se, fit.df)
        if fit.k > 2 and fit.tau2 is not None and fit.pi_lower is not None:
            predicted = prediction_function(
                effects, fit.estimate, fit.se, fit.tau2, fit.df if fit.df else fit.k - 1
            )
    return Curves(effects, trials, pooled, predicted)
