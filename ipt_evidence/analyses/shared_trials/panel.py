"""Published reviews by trial in words and as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ipt_evidence.analyses.panel import Detail, Panel
from ipt_evidence.analyses.shared_trials.result import (
    ReviewList,
    SharedTrials,
    State,
    shared_trials,
)
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.magnitude import overlap_word
from ipt_evidence.evidence.view import View
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, first_of, listed, lower_first, spell, upper_first

__all__ = ["panel"]

HOW_TO_READ = (
    "A row is a trial, a column a published review. A filled mark says that the review includes "
    "the trial; in colour, that the trial is in the estimate of this page too. A small dash says "
    "that the trial was published after the review's search, a question mark that the review's "
    "list is known only in part.\n\n"
    "The corrected covered area counts the repeats: of all places in which a further review could "
    "hold a trial that one review holds, the share that is taken. Up to 5% is called slight, to "
    "10% moderate, to 15% high, above that very high (Pieper and colleagues 2014, "
    "doi:10.1016/j.jclinepi.2013.11.007). It rests on complete lists alone, and on trials of IPT "
    "alone where a review holds others. Reviews of one team, and a review with its update, share "
    "trials by their making."
)
REASONS = (
    "Where ours differs from theirs on the same trials, the outcome, the time point, the "
    "comparison or the model differs: we take the outcome of this page after the filters set "
    "above and pool by its model; the authors took what their protocol said. Trials that they "
    "include and this estimate does not hold are missing from ours. Two trials are not pooled."
)
STATES: dict[State, str] = {
    "included": "yes",
    "left_out": "no",
    "too_young": "published later",
    "unknown": "not known",
}
NOT_YET = 6  # reviews without a list that a sentence names; `published` shows all of them


@cached
def panel(base: EvidenceBase, view: View) -> Panel:
    """Reviews on the condition of ``view`` by the trials of IPT that they include."""
    found = shared_trials(base, view)
    if not found.reviews:
        nothing = "For no published review on this question are the trials recorded that it holds."
        gap = _unlisted(found)
        return Panel((nothing, gap) if gap else (nothing,), drawn=False)
    said = (*_overlap(base, view, found), _in_part(found), _unlisted(found))
    return Panel(
        tuple(text for text in said if text),
        _matrix(found),
        text_alternative=_alternative(found),
        how_to_read=HOW_TO_READ,
        details=(
            Detail(
                "shared-trials-reviews",
                _by_review(found),
                heading="Their results beside ours, on their trials",
                links=("Where we read it",),
                note=REASONS,
            ),
            _notes(found),
            *_pairs(found),
        ),
    )


def _overlap(base: EvidenceBase, view: View, found: SharedTrials) -> tuple[str, ...]:
    """The corrected covered area, what it means, and what it is without impossible cells."""
    whole, area = found.complete, found.area
    if area.corrected is None:
        known = f"only that of {whole[0].label} is known" if whole else "none is known"
        return (
            "How far published reviews overlap cannot be said here: that takes the complete lists "
            f"of two, and {known}.",
        )
    condition = view.question.condition
    where = f" on {lower_first(base.taxonomy.condition(condition).label)}" if condition else ""
    first = (
        f"For {counted(len(whole), 'published review')}{where} every trial of IPT is known: "
        f"{counted(area.studies)}, included {tables.count(area.included)} times. The corrected "
        f"covered area is {tables.percent(100 * area.corrected)}, a "
        f"{overlap_word(area.corrected)} overlap."
    )
    return (first, MEANINGS[overlap_word(area.corrected)], *_dated(found))


MEANINGS = {
    "slight": "These reviews rest for the most part on different trials.",
    "moderate": "Some trials are included in several of these reviews. Where those agree, part of "
    "the agreement is the same trials counted again.",
    "high": "Many trials are included in several of these reviews. Much of the agreement between "
    "them is the same trials counted again.",
    "very high": "These reviews rest on much the same trials: that they agree is hardly an "
    "independent confirmation.",
}


def _dated(found: SharedTrials) -> tuple[str, ...]:
    area, dated = found.area.corrected, found.dated.corrected
    if area is None or dated is None or tables.percent(100 * area) == tables.percent(100 * dated):
        return ()
    return (
        "When trials published after a review's search do not count as missing from that review, "
        f"the area is {tables.percent(100 * dated)} ({overlap_word(dated)}).",
    )


def _in_part(found: SharedTrials) -> str:
    parts = [f"{one.label} ({_known(one)})" for one in found.reviews if not one.complete]
    if not parts:
        return ""
    verb, counts = ("is", "counts") if len(parts) == 1 else ("are", "count")
    return f"{listed(parts)} {verb} known only in part, and {counts} for no overlap."


def _unlisted(found: SharedTrials) -> str:
    number = len(found.unlisted)
    if not number:
        return ""
    whose = "further review" if found.reviews else "review"
    return (
        f"For {counted(number, whose)} with a published result on this question "
        f"({first_of(found.unlisted, NOT_YET)}) the list of trials is not yet recorded. A reader "
        "who has one at hand can close the gap: it takes one row of reviews.csv, with the address "
        "of the list."
    )


def _known(review: ReviewList) -> str:
    total = "an unknown number of" if review.of is None else tables.count(review.of)
    return f"{tables.count(len(review.trials))} of {total} trials"


def _matrix(found: SharedTrials) -> pd.DataFrame:
    """One row a trial, one column a review."""
    trials = found.trials
    here = ["yes" if used else "no" if held else "not in this base"
            for used, held in zip(trials["used"], trials["held"], strict=True)]  # fmt: skip
    cells = [
        [STATES[found.state(row, column)] for column in range(len(found.reviews))]
        for row in range(len(trials))
    ]
    table = pd.DataFrame(cells, columns=[one.label for one in found.reviews])
    table.insert(0, "Trial", trials["label"].to_numpy())
    table.insert(1, "In this estimate", here)
    return table


def _by_review(found: SharedTrials) -> pd.DataFrame:
    """One row a review: its list, its result, and ours on the same trials."""
    rows = [
        {
            "Review": one.label,
            "Trials of IPT": tables.count(one.of) if one.of else tables.NOT_REPORTED,
            "Its list": "complete" if one.complete else _known(one),
            "In this base": f"{len(one.held)} of {len(one.trials)}",
            "In this estimate": f"{len(one.used)} of {len(one.trials)}",
            "Their g": "none in this base"
            if one.theirs is None
            else tables.estimate_with_interval(*one.theirs),
            "Ours on their trials": _ours(one),
            "Where we read it": tables.safe_url(one.source_url),
        }
        for one in found.reviews
    ]
    return pd.DataFrame(rows)


def _notes(found: SharedTrials) -> Detail:
    noted = [{"Review": one.label, "What to know": one.note} for one in found.reviews if one.note]
    return Detail("shared-trials-notes", pd.DataFrame(noted), fold="What to know of each list")


def _ours(review: ReviewList) -> str:
    if not review.complete:
        return "list not complete"
    if not review.used:
        return "none of them in this estimate"
    if review.ours is None:
        return f"{counted(len(review.used))}: not pooled"
    ours = review.ours
    shown = tables.estimate_with_interval(ours.estimate, ours.ci_lower, ours.ci_upper)
    return f"{shown}, {counted(len(review.used))}"


def _pairs(found: SharedTrials) -> tuple[Detail, ...]:
    """The corrected covered area of each two complete lists, as shared over all of the two."""
    whole = found.complete
    if len(whole) < 2:
        return ()
    held = found.included[:, [one.complete for one in found.reviews]]
    rows = []
    for b in range(len(whole)):
        for a in range(b):
            both = int(np.sum(held[:, a] & held[:, b]))
            either = int(np.sum(held[:, a] | held[:, b]))
            share = float(found.pairs[a, b])
            rows.append(
                {
                    "Reviews": f"{whole[a].label} and {whole[b].label}",
                    "Trials in both": f"{both} of {either}",
                    "Corrected covered area": tables.percent(100 * share),
                    "Overlap": overlap_word(share),
                }
            )
    table = pd.DataFrame(rows)
    return (Detail("shared-trials-pairs", table, fold="Overlap of each two reviews"),)


def _alternative(found: SharedTrials) -> str:
    """What the figure shows, in words."""
    columns = [
        f"{one.label} includes {counted(len(one.trials))}, "
        f"{spell(len(one.used)) if one.used else 'none'} of them in this estimate"
        for one in found.reviews
    ]
    whole = np.array([one.complete for one in found.reviews])
    times = found.included[:, whole].sum(axis=1)
    most = int(times.max(initial=0))
    shared = ""
    if most > 1:
        labels = found.trials.loc[times == most, "label"].tolist()
        shared = f" In most of the complete lists, {spell(most)}: {first_of(labels, 5)}."
    shown = counted(len(found.trials))
    return upper_first(
        f"{shown} in {counted(len(found.reviews), 'published review')}. {'; '.join(columns)}."
        f"{shared}"
    )
