"""Which trials each published review includes, how far reviews overlap, and ours on their trials.

A list is complete when as many trials are named as the review holds. Only complete lists enter the
corrected covered area: a trial missing from a list that broke off is not known to be left out.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.analyses.published.result import comparable, published_effects
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, pooled_rows
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.models import PooledEffect, interpretable
from ipt_evidence.meta_analysis.overlap import CoveredArea, covered_area, pairwise_overlap

__all__ = ["ReviewList", "SharedTrials", "State", "shared_trials"]

State = Literal["included", "left_out", "too_young", "unknown"]
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class ReviewList:
    """The trials of IPT of one published review, as far as they are known.

    Attributes
    ----------
    review_id, label, note, source_url
        Key, name, what to know of it, and where its list was read.
    trials
        Keys of its trials: study ids of the base, and the review's own names for those that the
        base does not hold.
    of
        How many trials of IPT it holds; None where it does not say.
    held
        Study ids among ``trials``.
    used
        Those of ``held`` that are in our estimate.
    theirs
        Its published effect on our question, with its interval; None where the base has none.
    ours
        Our trials of ``used`` pooled by the model of the view; None where the list is not
        complete, or they are none or two: two are never an estimate.
    """

    review_id: str
    label: str
    note: str
    source_url: str
    trials: tuple[str, ...]
    of: int | None
    held: tuple[str, ...]
    used: tuple[str, ...]
    theirs: tuple[float, float, float] | None
    ours: PooledEffect | None

    @property
    def complete(self) -> bool:
        """Every trial of the review is named."""
        return self.of == len(self.trials)


@dataclass(frozen=True)
class SharedTrials:
    """Published reviews of a condition by their trials.

    Attributes
    ----------
    reviews
        Those with a list, complete ones first, longer ones first.
    trials
        One row a trial, by year and name: key, label, year, held (by the base), used (in our
        estimate).
    included
        Shape (trials, reviews), true where the review holds the trial.
    possible
        Same shape, false where the trial is younger than the review's search.
    area, dated
        The covered area of the complete lists: of all cells, and of those that are possible.
    pairs
        Corrected covered area of each two complete lists, of all cells.
    unlisted
        Published results on this question whose review has no list here: its name.
    """

    reviews: tuple[ReviewList, ...]
    trials: pd.DataFrame
    included: npt.NDArray[np.bool_]
    possible: npt.NDArray[np.bool_]
    area: CoveredArea
    dated: CoveredArea
    pairs: npt.NDArray[np.float64]
    unlisted: tuple[str, ...]

    @property
    def complete(self) -> tuple[ReviewList, ...]:
        """Reviews whose every trial is named: those that the covered area rests on."""
        return tuple(review for review in self.reviews if review.complete)

    def state(self, trial: int, review: int) -> State:
        """What is known of one trial, by its row, and one review, by its column."""
        if self.included[trial, review]:
            return "included"
        if not self.possible[trial, review]:
            return "too_young"
        return "left_out" if self.reviews[review].complete else "unknown"


@cached
def shared_trials(base: EvidenceBase, view: View) -> SharedTrials:
    """Reviews on the condition of ``view`` or a part of it, and their trials, of any comparison.

    Our estimate is that of ``view``: its comparison, its filters, its model.
    """
    rows = _rows(base, view.question)
    answer = estimate_of(base, view)
    published = published_effects(base, view.question)
    beside = comparable(base, view.question, published)
    reviews = [_review(row, answer, beside) for row in rows.to_dict("records")]
    reviews.sort(key=lambda one: (not one.complete, -len(one.trials), one.label))
    until = dict(zip(rows["review_id"], rows["until"].astype(int), strict=True))
    trials = _trials(base, reviews, answer)
    included = np.array([[key in review.trials for review in reviews] for key in trials["key"]],
                        dtype=bool).reshape(len(trials), len(reviews))  # fmt: skip
    young = np.array([[year > until[review.review_id] for review in reviews]
                      for year in trials["year"].fillna(0)], dtype=bool)  # fmt: skip
    possible = included | ~young.reshape(included.shape)
    whole = [place for place, review in enumerate(reviews) if review.complete]
    listed = set(rows["reference"].dropna())
    known = published.loc[~published["reference"].isin(listed)]
    names = (f"{row.label} {row.year}" for row in known.itertuples())
    return SharedTrials(
        reviews=tuple(reviews),
        trials=trials,
        included=included,
        possible=possible,
        area=covered_area(included[:, whole]),
        dated=covered_area(included[:, whole], possible[:, whole]),
        pairs=pairwise_overlap(included[:, whole]),
        unlisted=tuple(dict.fromkeys(names)),
    )


def _rows(base: EvidenceBase, question: Question) -> pd.DataFrame:
    if question.condition is None:
        return base.reviews
    parents = base.taxonomy.with_parents
    return base.reviews.loc[[question.condition in parents(c) for c in base.reviews["conditions"]]]


def _review(row: dict[Any, Any], answer: Estimate, beside: pd.DataFrame) -> ReviewList:
    held = tuple(row["included"])
    ours = set(answer.trials["study_id"])
    made = ReviewList(
        review_id=str(row["review_id"]),
        label=str(row["label"]),
        note="" if pd.isna(row["note"]) else str(row["note"]),
        source_url=str(row["source_url"]),
        trials=(*held, *row["others"]),
        of=None if pd.isna(row["ipt_trials"]) else int(row["ipt_trials"]),
        held=held,
        used=tuple(study_id for study_id in held if study_id in ours),
        theirs=_theirs(row, beside),
        ours=None,
    )
    return replace(made, ours=_ours(answer, made.used)) if made.complete else made


def _theirs(row: dict[Any, Any], beside: pd.DataFrame) -> tuple[float, float, float] | None:
    """The effect that the review published on the question; None also where it published two."""
    found = beside.loc[beside["reference"] == row["reference"]]
    if pd.isna(row["reference"]) or len(found) != 1:
        return None
    one = found.iloc[0]
    return (float(one["yi"]), float(one["yi_lower"]), float(one["yi_upper"]))


def _ours(answer: Estimate, used: tuple[str, ...]) -> PooledEffect | None:
    if not used or not interpretable(len(used)):
        return None
    effects = answer.selection.effects
    rows = effects.loc[effects["study_id"].isin(used)].reset_index(drop=True)
    return pooled_rows(rows, replace(answer.model, without_outliers=False))[1]


def _trials(base: EvidenceBase, reviews: list[ReviewList], answer: Estimate) -> pd.DataFrame:
    keys = dict.fromkeys(key for review in reviews for key in review.trials)
    held = {key for review in reviews for key in review.held}
    used = set(answer.trials["study_id"])
    rows = []
    for key in keys:
        study = base.study(key) if key in held else None
        named = _YEAR.search(key) if study is None else None
        year = study["year"] if study is not None else int(named.group()) if named else math.nan
        rows.append(
            {
                "key": key,
                "label": key if study is None else str(study["label"]),
                "year": math.nan if pd.isna(year) else float(year),
                "held": study is not None,
                "used": key in used,
            }
        )
    frame = pd.DataFrame(rows, columns=["key", "label", "year", "held", "used"])
    return frame.sort_values(["year", "label"], kind="stable").reset_index(drop=True)
