"""What each arm of a trial reported, in a few signs: for columns beside a forest plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.selection import TAKEN_OUT
from ipt_evidence.wording import tables

__all__ = ["arms_of_trials"]

ARM_COLUMNS = [
    *("study_id", "input_type", "mean_ipt", "sd_ipt", "n_ipt", "events_ipt"),
    *("mean_comparator", "sd_comparator", "n_comparator", "events_comparator"),
]


def arms_of_trials(answer: Estimate) -> dict[str, tuple[str, str]]:
    """What the two arms of each trial reported, for those used and those taken out by hand."""
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
