"""The rows of a view as other programs read them: metafor, RevMan, robvis, GRADE, PRISMA 2020."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ipt_evidence.analyses.answer import title
from ipt_evidence.analyses.certainty.panel import findings_numbers
from ipt_evidence.analyses.certainty.result import findings
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.bias_domains import NO_INFORMATION, domains
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.schema import COMPARATOR_TYPES
from ipt_evidence.exchange.grade import summary_docx
from ipt_evidence.exchange.prisma import prisma_of_view, prisma_svg, prisma_table
from ipt_evidence.wording import tables
from ipt_evidence.wording.plain import csv_safe

__all__ = ["FORMATS", "Format", "domains"]

_RAW = {
    "mean_ipt": "m1i",
    "sd_ipt": "sd1i",
    "n_ipt": "n1i",
    "mean_comparator": "m2i",
    "sd_comparator": "sd2i",
    "n_comparator": "n2i",
    "events_ipt": "ai",
    "events_comparator": "ci",
}
_ABOUT = ("effect_id", "study_id", "year", "comparator", "outcome", "instrument", "time", "rob")


def metafor_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``metafor.csv``: the effects of the view, several of one study on rows of their own.

    R metafor takes it as it is: ``rma(yi, vi, slab = slab, data = read.csv(...))``. Columns of raw
    numbers have the names of metafor's ``escalc``: arm 1 is IPT, arm 2 the comparison.
    """
    effects = answer.selection.effects
    frame = effects[[*_ABOUT, *_RAW]].rename(columns=_RAW)
    frame.insert(0, "slab", effects["label"].to_numpy())
    frame.insert(1, "yi", effects["yi"].to_numpy())
    frame.insert(2, "vi", effects["vi"].to_numpy())
    frame.insert(3, "sei", np.sqrt(effects["vi"].to_numpy(float)))
    frame = _whole(frame.reset_index(drop=True), "n1i", "n2i", "ai", "ci")
    return {"metafor.csv": frame}


_OVERALL = {
    "low": "Low",
    "some_concerns": "Some concerns",
    "high": "High",
    "unclear": NO_INFORMATION,
}


def robvis_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``robvis-rob1.csv`` and ``robvis-rob2.csv``, each where a trial of the view is rated so.

    Risk of bias by domain for the R package robvis: study first, overall and weight last. The
    databases rate with two versions of the Cochrane tool, whose domains differ, so there is one
    file for each. What a source does not rate is "No information": no judgement is made up.
    McGuinness & Higgins 2021, doi:10.1002/jrsm.1411.
    """
    details = base.studies.set_index("study_id")["rob_detail"]
    rows: dict[str, list[dict[str, object]]] = {}
    for trial in answer.trials.to_dict("records"):
        detail = details[trial["study_id"]]
        version, judged = domains("" if tables.is_missing(detail) else str(detail))
        rows.setdefault(version, []).append(
            {
                "Study": trial["label"],
                **judged,
                "Overall": _OVERALL.get(str(trial["rob"]), NO_INFORMATION),
                "Weight": round(float(trial["weight"]), 2),
            }
        )
    return {f"robvis-{version}.csv": pd.DataFrame(rows[version]) for version in sorted(rows)}


IPT_ARM = "Interpersonal psychotherapy"
_RESULT = (
    "Study", "Outcome", "Data type", "Effect measure", "Arm", "Reference arm", "Sample size",
    "Cases", "Mean", "SD", "SE", "Footnotes",
)  # fmt: skip
_NUMBERS = ("Cases", "Mean", "SD", "SE")


def revman_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``revman-study-information.csv``, ``-arms``, ``-results``, ``-risk-of-bias``.

    RevMan matches names exactly with the review's own criteria, so a reader may have to rename
    outcomes and interventions there. An outcome is one instrument in one direction. A result is
    given once: as arms where means or counts are known, else as a contrast for the generic
    inverse variance method, whose sign is turned: in RevMan a negative difference favours IPT.
    """
    effects = answer.selection.effects
    trials = list(answer.trials["study_id"])
    studies = base.studies.set_index("study_id", drop=False).loc[trials]
    return {
        "revman-study-information.csv": _information(studies),
        "revman-study-arms.csv": _arms(effects),
        "revman-study-results.csv": _results(base, effects),
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
        rows.append({"Study": study, "Arm": IPT_ARM, "Description": own["treatment"].iloc[0],
                     "Intervention": IPT_ARM})  # fmt: skip
        for effect in own.drop_duplicates("comparator").to_dict("records"):
            rows.append({"Study": study, "Arm": _comparator(effect),
                         "Description": effect["comparator"],
                         "Intervention": _comparator_type(effect)})  # fmt: skip
    return pd.DataFrame(rows).drop_duplicates(["Study", "Arm"], ignore_index=True)


def _comparator_type(effect: dict[Any, Any]) -> str:
    return COMPARATOR_TYPES.get(effect["comparator_type"], "Comparison")


def _comparator(effect: dict[Any, Any]) -> str:
    name = effect["comparator"]
    return _comparator_type(effect) if tables.is_missing(name) else str(name)


def _results(base: EvidenceBase, effects: pd.DataFrame) -> pd.DataFrame:
    instruments = base.instruments.set_index("instrument_id")["label"].to_dict()
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for effect in effects.to_dict("records"):
        instrument = instruments.get(effect["instrument"], "")
        result = _result(effect, instrument)
        for row in result:
            # Another time point or criterion of one scale: RevMan takes one result an arm.
            if _taken(rows, row):
                for other in result:
                    other["Outcome"] += f" [{effect['effect_id']}]"
                break
        for row in result:
            rows.setdefault((row["Study"], row["Outcome"], row["Arm"]), row)
    return _whole(pd.DataFrame(rows.values(), columns=list(_RESULT)), "Sample size", "Cases")


def _whole(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """``frame`` with counts as whole numbers: 34 instead of 34.0."""
    for name in names:
        counts = pd.to_numeric(frame[name])
        if not (counts % 1).any():
            frame[name] = counts.astype("Int64")
    return frame


def _outcome(effect: dict[Any, Any], instrument: str, *, contrast: bool) -> str:
    """The outcome by its scale, time point and direction: rows of one name can be pooled.

    A contrast is a standardised mean difference, whose direction is always the same.
    """
    name = str(effect["outcome"])
    parts = [] if not instrument or instrument.lower() in name.lower() else [instrument]
    if effect["input_type"] == "change":
        parts.append("change")
    if effect["time"] == "follow_up":
        parts.append("follow-up")
    if contrast:
        parts.append("standardised mean difference")
    elif effect["direction"] in ("higher_better", "event_good"):
        parts.append("higher is better")
    return f"{name} ({', '.join(parts)})" if parts else name


def _taken(rows: dict[tuple[str, str, str], dict[str, Any]], row: dict[str, Any]) -> bool:
    """Whether this arm already has another result; the same one again is a shared arm."""
    there = rows.get((row["Study"], row["Outcome"], row["Arm"]))
    return there is not None and any(
        there.get(name) != row.get(name) for name in ("Reference arm", "Sample size", *_NUMBERS)
    )


def _result(effect: dict[Any, Any], instrument: str) -> list[dict[str, Any]]:
    events = _known(effect, "events_ipt", "events_comparator", "n_ipt", "n_comparator")
    means = _known(effect, "mean_ipt", "sd_ipt", "n_ipt", "mean_comparator", "sd_comparator")
    outcome = _outcome(effect, instrument, contrast=not events and not means)
    shared = {"Study": effect["label"], "Outcome": outcome,
              "Footnotes": effect["effect_id"]}  # fmt: skip
    arms = ((IPT_ARM, "ipt"), (_comparator(effect), "comparator"))
    if events:
        return [
            {**shared, "Data type": "Dichotomous", "Arm": arm, "Cases": effect[f"events_{side}"],
             "Sample size": effect[f"n_{side}"]} for arm, side in arms
        ]  # fmt: skip
    if means:
        return [
            {**shared, "Data type": "Continuous", "Arm": arm, "Mean": effect[f"mean_{side}"],
             "SD": effect[f"sd_{side}"], "Sample size": effect[f"n_{side}"]} for arm, side in arms
        ]  # fmt: skip
    return [
        {**shared, "Data type": "Contrast level", "Arm": IPT_ARM, "Reference arm": arms[1][0],
         "Effect measure": "Std. Mean Difference",
         "Mean": -effect["yi"], "SE": effect["vi"] ** 0.5,
         "Footnotes": f"{effect['effect_id']}: Hedges g with its sign turned; "
         "a negative difference favours IPT"}
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
            row[f"{domain} support"] = None if tables.is_missing(detail) else detail
        rows.append(row)
    return pd.DataFrame(rows)


def prisma_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``prisma.csv``: the studies of the view, from those in the base to those pooled."""
    return {"prisma.csv": prisma_table(prisma_of_view(base, answer))}


def prisma_drawing(base: EvidenceBase, answer: Estimate) -> dict[str, bytes]:
    """``prisma.svg``: the same as a drawing."""
    drawn = prisma_svg(prisma_of_view(base, answer), title(base, answer.selection.question))
    return {"prisma.svg": drawn.encode()}


def findings_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``summary-of-findings.csv``: every comparison of the condition, under the view's filters."""
    question = answer.selection.question
    found = findings(base, str(question.condition), answer.model, filters=question)
    return {"summary-of-findings.csv": _whole(findings_numbers(base, found), "n")}


def findings_document(base: EvidenceBase, answer: Estimate) -> dict[str, bytes]:
    """``summary-of-findings.docx``: the same in the columns that GRADE uses."""
    return {"summary-of-findings.docx": summary_docx(base, answer)}


@dataclass(frozen=True, slots=True)
class Format:
    """What people call a format, for which program, and its files: name to table."""

    name: str
    label: str
    about: str
    tables: Callable[[EvidenceBase, Estimate], dict[str, pd.DataFrame]]
    missing: str = "NA"
    documents: Callable[[EvidenceBase, Estimate], dict[str, bytes]] | None = None

    def files(self, base: EvidenceBase, answer: Estimate) -> dict[str, bytes]:
        """CSV by name, and other files beside it; a table without rows is left out."""
        found = {
            name: csv_safe(table, missing=self.missing).encode()
            for name, table in self.tables(base, answer).items()
            if len(table)
        }
        return found | (self.documents(base, answer) if self.documents else {})


FORMATS = (
    Format(
        "metafor", "metafor (R)", "One row an effect: yi, vi, sei, slab and the raw numbers",
        metafor_files,
    ),
    Format(
        "revman", "RevMan",
        "Study information, arms, results and risk of bias, for RevMan's import from CSV "
        "(after the references as RIS)",
        revman_files, missing="",
    ),
    Format(
        "robvis", "robvis (R)",
        "Risk of bias by domain, one file for each version of the Cochrane tool", robvis_files,
    ),
    Format(
        "findings", "Summary of findings",
        "Each comparison of the condition with its certainty and people of 100: numbers as CSV, "
        "and the table of GRADE as a Word document",
        findings_files, documents=findings_document,
    ),
    Format(
        "prisma", "PRISMA 2020 flow",
        "From the studies in the base to those pooled: CSV for the R package PRISMA2020, and SVG",
        prisma_files, documents=prisma_drawing,
    ),
)  # fmt: skip
