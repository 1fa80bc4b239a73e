"""Which trials of our estimate a published meta-analysis may share with it.

Reviews seldom list their trials in an abstract. Where the row of ``pooled.csv`` names trials, those
are known; elsewhere only a bound is: a trial that was published after the review is not in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate

__all__ = ["Overlap", "overlaps"]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What is known of the trials that one published result shares with our estimate.

    Attributes
    ----------
    pooled_id
        Key of the published result.
    named
        Study ids of the base that the result's quotation or note names; empty: it names none.
    shared
        Those of ``named`` that are in our estimate.
    at_most
        How many of our trials the result can hold: those published by its year, and no more than
        it pooled. None where its year is not known.
    later
        How many of our trials were published after it, so that it cannot hold them.
    """

    pooled_id: str
    named: tuple[str, ...]
    shared: tuple[str, ...]
    at_most: int | None
    later: int | None


def overlaps(base: EvidenceBase, answer: Estimate, rows: pd.DataFrame) -> dict[str, Overlap]:
    """The overlap of each published result (``published_effects``) with the trials of ``answer``.

    Trials without a year count as published by any year: they cannot be ruled out.
    """
    labels = {
        str(study_id): re.compile(rf"\b{re.escape(str(label))}\b")
        for study_id, label in zip(base.studies["study_id"], base.studies["label"], strict=True)
    }
    ours = set(answer.trials["study_id"])
    years = pd.to_numeric(answer.trials["year"], errors="coerce")
    found = {}
    for _, row in rows.iterrows():
        text = " ".join(str(row[name]) for name in ("quote", "note") if pd.notna(row[name]))
        named = tuple(study_id for study_id, label in labels.items() if label.search(text))
        at_most, later = None, None
        if pd.notna(row["year"]):
            later = int((years > int(row["year"])).sum())
            at_most = len(years) - later
            if pd.notna(row["k"]):
                at_most = min(at_most, int(row["k"]))
        shared = tuple(study_id for study_id in named if study_id in ours)
        found[str(row["pooled_id"])] = Overlap(str(row["pooled_id"]), named, shared, at_most, later)
    return found
