"""Four CSV files for RevMan's import of study data: information, arms, results, risk of bias.

RevMan matches names exactly with the review's own criteria, so a reader may have to rename
outcomes and interventions there. Results are given once: as arms where means or counts are known,
else as a contrast, a standardised mean difference whose positive values favour IPT.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.exchange.formats.robvis import domains
from ipt_evidence.wording import tables

__all__ = ["revman_files"]

IPT = "Interpersonal psychotherapy"
_RESULT = (
    "Study", "Outcome", "Data type", "Effect measure", "Arm", "Reference arm", "Sample size",
    "Cases", "Mean", "SD", "SE", "Footnotes",
)  # fmt: skip


def revman_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``revman-study-information.csv``, ``-arms``, ``-results``, ``-risk-of-bias``."""
    effects = answer.selection.effects
    trials = list(answer.trials["study_id"])
    studies = base.studies.set_index("study_id", drop=False).loc[trials]
    return {
        "revman-study-information.csv": _information(studies),
        "revman-study-arms.csv": _arms(effects),
        "revman-study-results.csv": _results(effects),
        "revman-risk-of-bias-1.csv": _risk_of_bias(studies),
    }


def _information(studies: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Study": studies["label"],
            "Year": studies["year"],
            "Char: Methods": studies["design"],
            "Char: Participants": studies["population"],
            "Char: Interventions": studies["treatment"],
            "Char: Notes": studies["note"],
        }
    ).reset_index(drop=True)


def _arms(effects: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for study, own in effects.groupby("label", sort=False):
        rows.append({"Study": study, "Arm": IPT, "Description": own["treatment"].iloc[0],
                     "Intervention": IPT})  # fmt: skip
        for arm, same in own.groupby("comparator", sort=False, dropna=False):
            kind = same["comparator_type"].iloc[0]
            rows.append({"Study": study, "Arm": tables.text(arm), "Description": tables.text(arm),
                         "Intervention": tables.text(kind).replace("_", " ")})  # fmt: skip
    return pd.DataFrame(rows)


def _results(effects: pd.DataFrame) -> pd.DataFrame:
    rows = [row for effect in effects.to_dict("records") for row in _result(effect)]
    return pd.DataFrame(rows, columns=list(_RESULT))


def _result(effect: dict[Any, Any]) -> list[dict[str, Any]]:
    shared = {"Study": effect["label"], "Outcome": effect["outcome"],
              "Footnotes": effect["effect_id"]}  # fmt: skip
    arms = ((IPT, "ipt"), (tables.text(effect["comparator"]), "comparator"))
    if _known(effect, "events_ipt", "events_comparator", "n_ipt", "n_comparator"):
        return [
            {**shared, "Data type": "Dichotomous", "Arm": arm, "Cases": effect[f"events_{side}"],
             "Sample size": effect[f"n_{side}"]} for arm, side in arms
        ]  # fmt: skip
    if _known(effect, "mean_ipt", "sd_ipt", "n_ipt", "mean_comparator", "sd_comparator"):
        return [
            {**shared, "Data type": "Continuous", "Arm": arm, "Mean": effect[f"mean_{side}"],
             "SD": effect[f"sd_{side}"], "Sample size": effect[f"n_{side}"]} for arm, side in arms
        ]  # fmt: skip
    return [
        {**shared, "Data type": "Contrast level", "Arm": IPT, "Reference arm": arms[1][0],
         "Effect measure": "Standardised mean difference (positive favours IPT)",
         "Mean": effect["yi"], "SE": effect["vi"] ** 0.5}
    ]  # fmt: skip


def _known(effect: dict[Any, Any], *names: str) -> bool:
    return not any(tables.is_missing(effect[name]) for name in names)


def _risk_of_bias(studies: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for study in studies.to_dict("records"):
        detail = study["rob_detail"]
        version, judged = domains("" if tables.is_missing(detail) else str(detail))
        if version != "rob1":
            continue
        row = {"Study": study["label"]}
        for domain, word in judged.items():
            row[f"{domain} judgement"] = (
                f"{word} risk" if word in {"Low", "High"} else "Unclear risk"
            )
            row[f"{domain} support"] = tables.text(detail)
        rows.append(row)
    return pd.DataFrame(rows)
