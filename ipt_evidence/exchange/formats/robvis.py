"""Risk of bias by domain for the R package robvis: study first, overall and weight last.

The databases rate with two versions of the Cochrane tool, whose domains differ, so there is one
file for each. What a source does not rate is "No information": no judgement is made up.
McGuinness & Higgins 2021, doi:10.1002/jrsm.1411.
"""

from __future__ import annotations

import re

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.wording import tables

__all__ = ["domains", "robvis_files"]

UNKNOWN = "No information"
_WORDS = {"low": "Low", "some_concerns": "Some concerns", "high": "High", "unclear": UNKNOWN}
_VERSION_1 = {
    "sequence generation": "Random sequence generation",
    "allocation concealment": "Allocation concealment",
    "blinded assessors": "Blinding of outcome assessment",
    "intention to treat": "Incomplete outcome data",
}
# "1" is a criterion that was met; "sr" a self-report, where nobody could be blinded.
_CRITERION = {"1": "Low", "0": "High", "sr": "Some concerns"}
_VERSION_2 = tuple(f"D{number}" for number in range(1, 6))
_RATED_1 = re.compile("({}) ([01sr/]+)".format("|".join(_VERSION_1)))
_RATED_2 = re.compile(r"D(\d)(?: to D(\d))? (low|some concerns|high)")


def robvis_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``robvis-rob1.csv`` and ``robvis-rob2.csv``, each where a trial of the view is rated so."""
    details = base.studies.set_index("study_id")["rob_detail"]
    rows: dict[str, list[dict[str, object]]] = {}
    for trial in answer.trials.to_dict("records"):
        detail = details[trial["study_id"]]
        version, judged = domains("" if tables.is_missing(detail) else str(detail))
        rows.setdefault(version, []).append(
            {
                "Study": trial["label"],
                **judged,
                "Overall": _WORDS[str(trial["rob"])],
                "Weight": round(float(trial["weight"]), 2),
            }
        )
    return {f"robvis-{version}.csv": pd.DataFrame(rows[version]) for version in sorted(rows)}


def domains(detail: str) -> tuple[str, dict[str, str]]:
    """The version of the tool and the judgement of each domain in a rating as its source gives it.

    Where outcomes of a trial were rated differently ("0/sr") the worst counts.
    """
    if "Cochrane tool version 2" in detail:
        judged = dict.fromkeys(_VERSION_2, UNKNOWN)
        for first, last, word in _RATED_2.findall(detail):
            for number in range(int(first), int(last or first) + 1):
                judged[f"D{number}"] = word.capitalize()
        return "rob2", judged
    judged = dict.fromkeys(_VERSION_1.values(), UNKNOWN)
    for criterion, marks in _RATED_1.findall(detail):
        worst = min(marks.split("/"), key=("0", "sr", "1").index)
        judged[_VERSION_1[criterion]] = _CRITERION[worst]
    return "rob1", judged
