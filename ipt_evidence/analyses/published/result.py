"""Effects that meta-analyses published on the same question, and the trials they share with ours.

Reviews seldom list their trials in an abstract. Where the row of ``pooled.csv`` names trials, or
``reviews.csv`` holds the list, those are known; elsewhere only a bound is: a trial that was
published after the review is not in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.selection import Question, headline_outcomes

__all__ = ["Overlap", "comparable", "overlaps", "published_effects"]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What is known of the trials that one published result shares with our estimate.

    Attributes
    ----------
    pooled_id
        Key of the published result.
    named
        Study ids of the base that the result's quotation or note names, or the complete list of
        its review; empty: nothing names any.
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


@cached
def published_effects(base: EvidenceBase, question: Question) -> pd.DataFrame:
    """Rows of ``pooled.csv`` about IPT for the condition and comparison of ``question``.

    Only verified numbers about IPT. Adds ``label`` and ``year`` from the bibliography; newest
    first.
    """
    rows = base.pooled.loc[base.pooled["about_ipt"] & base.pooled["verified"]]
    if question.comparison is not None:
        # Some meta-analyses mix their comparison arms, or do not say: they stand with the controls.
        compared = rows["comparison"].fillna("control")
        rows = rows.loc[compared == question.comparison]
    if question.condition is not None:
        rows = rows.loc[
            [question.condition in base.taxonomy.with_parents(c) for c in rows["conditions"]]
        ]
    records = base.references.set_index("key")
    years = rows["reference"].map(records["year"])
    labels = [_label(records["authors"].get(key), key) for key in rows["reference"]]
    found = rows.assign(year=years.astype("Int64"), label=labels)
    return found.sort_values("year", ascending=False, kind="stable").reset_index(drop=True)


def _label(authors: list[dict[str, str]] | None, key: str) -> str:
    return str(authors[0]["family"]) if authors else key


def comparable(base: EvidenceBase, question: Question, rows: pd.DataFrame) -> pd.DataFrame:
    """Published results on the same outcome as the estimate, which may stand beside it."""
    primary = headline_outcomes(base, question)
    same = rows["yi"].notna() & rows["outcome_domain"].isin(primary)
    return rows.loc[same & (rows["comparison"] == question.comparison)]


def overlaps(base: EvidenceBase, answer: Estimate, rows: pd.DataFrame) -> dict[str, Overlap]:
    """The overlap of each published result (``published_effects``) with the trials of ``answer``.

    Trials without a year count as published by any year: they cannot be ruled out.
    """
    labels = {
        str(study_id): re.compile(rf"\b{re.escape(str(label))}\b")
        for study_id, label in zip(base.studies["study_id"], base.studies["label"], strict=True)
    }
    lists = _complete_lists(base.reviews)
    ours = set(answer.trials["study_id"])
    years = pd.to_numeric(answer.trials["year"], errors="coerce")
    found = {}
    for _, row in rows.iterrows():
        text = " ".join(str(row[name]) for name in ("quote", "note") if pd.notna(row[name]))
        of_list = lists.get(row["reference"], ())
        named = tuple(
            study_id
            for study_id, label in labels.items()
            if study_id in of_list or label.search(text)
        )
        at_most, later = None, None
        if pd.notna(row["year"]):
            later = int((years > int(row["year"])).sum())
            at_most = len(years) - later
            if pd.notna(row["k"]):
                at_most = min(at_most, int(row["k"]))
        shared = tuple(study_id for study_id in named if study_id in ours)
        found[str(row["pooled_id"])] = Overlap(str(row["pooled_id"]), named, shared, at_most, later)
    return found


def _complete_lists(reviews: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """The trials of reviews, by reference, where every one is named and held by the base."""
    whole = reviews.loc[reviews["included"].str.len() == reviews["ipt_trials"]]
    return dict(zip(whole["reference"], whole["included"], strict=True))
