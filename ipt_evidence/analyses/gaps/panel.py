"""Gaps as questions that a student could take up: by fixed rules, in plain words.

A question never says more than its rule found: "no trial was found" only where somebody looked,
and with the search that stands behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.analyses.gaps.evidence import known, label, search
from ipt_evidence.analyses.gaps.result import Gap
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.schema import LIST_SEPARATOR
from ipt_evidence.wording.phrases import PEOPLE_WITH, counted, listed

__all__ = ["NEED_EXPLAINED", "NEED_WORDS", "PRIORITY", "GapCard", "gap_card", "gap_export"]

NEED_WORDS = {
    "reading": "By reading",
    "searching": "By searching",
    "trial": "By a new trial",
}
NEED_EXPLAINED = {
    "reading": (
        "Studies exist. Somebody with access to the full reports, or with a letter to the "
        "authors, could close these gaps without a single new patient."
    ),
    "searching": (
        "Nobody has looked, or not systematically. A search of the databases, written down so that "
        "others can repeat it, would show whether trials exist."
    ),
    "trial": (
        "The trials that exist leave these questions open. They are for those who plan a study, or "
        "who want to know how far today's results reach."
    ),
}
PRIORITY = (
    "The order is fixed by a rule: first what reading can close, then what needs a search, then "
    "what needs a new trial. Within each, similar gaps stand together, and those with more people "
    "behind them come first."
)

COMPARED_WITH = {
    "control": "no treatment, usual care or a placebo",
    "other_psychotherapy": "another psychotherapy",
    "pharmacotherapy": "medication",
    "combined": "one of them alone",
    "prevention": "usual care or another programme",
    "maintenance": "a placebo, clinic visits or medication",
}
CONTROL_AMONG_OTHERS = "a control group"  # the long words would blur a list
ALSO = {
    "combined": "Does it help more together with medication than one of them alone?",
    "maintenance": "Does going on with it after recovery prevent relapse?",
    "prevention": "Can it keep people from falling ill?",
}
WHY = {
    "no_number": (
        "People have already taken part. What they showed counts for nothing here until somebody "
        "finds the numbers."
    ),
    "few_numbers": (
        "The estimate rests on fewer than half of the studies. If those with clear results were "
        "more likely to print their numbers, it is too favourable."
    ),
    "no_follow_up": (
        "A treatment is for the time after it. Results right after the last session cannot tell "
        "whether people stay well."
    ),
    "not_rated": (
        "A result is only as good as the trials behind it, and of most of these no source that we "
        "hold says how well they guarded against bias."
    ),
    "not_searched": (
        "An empty cell here does not mean that no trial exists. It means that we cannot know."
    ),
    "no_trial": (
        "People with this condition are treated anyway. Whoever advises them has no trial to go by."
    ),
    "single_trial": (
        "One trial cannot show how much results differ from trial to trial. Chance, or one "
        "skilful team, may be behind it."
    ),
    "high_risk": (
        "Where the assignment, the rating or the dropouts were not handled safely, effects tend to "
        "look larger than they are."
    ),
    "weak_controls": (
        "Somebody on a waiting list or in usual care knows that nothing special is done. Such a "
        "comparison cannot tell the therapy from time, attention and hope."
    ),
    "one_place": (
        "Training, health care and what troubles people differ from place to place. What works in "
        "one may not travel."
    ),
    "no_adolescents": (
        "Adolescents are not small adults: their relationships, and what helps, may be different."
    ),
    "no_older_adults": (
        "Loss, illness and retirement shape relationships in later life. Results in younger people "
        "may not carry over."
    ),
}


@dataclass(frozen=True, slots=True)
class GapCard:
    """What a card says: the question, why it matters, what is known, and the search behind it."""

    question: str
    why: str
    known: str
    search: str


@cached
def gap_card(base: EvidenceBase, gap: Gap) -> GapCard:
    """Put one gap in words."""
    return GapCard(_question(base, gap), WHY[gap.kind], known(base, gap), search(base, gap))


def _people(name: str) -> str:
    return f"people with {name}" if name.lower() in PEOPLE_WITH else name


def _subject(name: str, comparison: str) -> str:
    """Name the treatment: "IPT for social anxiety disorder", "IPT to prevent depression"."""
    ill = name.removeprefix("prevention of ")
    distress = f"distress in people with {ill}" if ill.lower() in PEOPLE_WITH else ill
    if comparison == "prevention":
        return f"IPT to prevent {distress}"
    if comparison == "maintenance":
        return f"IPT continued after recovery from {distress}"
    with_drug = " together with medication" if comparison == "combined" else ""
    return f"IPT{with_drug} for {_people(name)}"


def _question(base: EvidenceBase, gap: Gap) -> str:
    if gap.kind in ("not_searched", "no_trial"):
        return _open_question(base, gap)
    subject = _subject(label(base, gap.condition), gap.comparisons[0])
    against = f"compared with {COMPARED_WITH[gap.comparisons[0]]}"
    others = len(gap.studies) - len(gap.usable)
    found = len(gap.about)
    the_others = "the other study" if others == 1 else f"the other {counted(others, 'study')}"
    again = f"Would a second trial of {subject} find the same, {against}?"
    if gap.kind == "single_trial" and others:
        again = (
            f"{'Does' if others == 1 else 'Do'} {the_others} of {subject}, {against}, agree with "
            "the one that we can count?"
        )
    place = _the(gap.counts[0][0]) if gap.counts else ""
    the_found = "the only study" if found == 1 else f"the {counted(found, 'study')}"
    return {
        "no_number": f"What did {the_found} of {subject} find, {against}?",
        "few_numbers": f"What did {the_others} of {subject} find, {against}?",
        "no_follow_up": f"How do people fare months after {subject}, {against}?",
        "not_rated": f"How sound are the studies of {subject}, {against}?",
        "single_trial": again,
        "high_risk": f"Would more careful trials of {subject} find the same, {against}?",
        "weak_controls": f"Does {subject} help more than attention and support alone?",
        "one_place": f"Would {subject} do as well outside {place}, {against}?",
        "no_adolescents": f"How well does {subject} work for adolescents, {against}?",
        "no_older_adults": f"How well does {subject} work for older adults, {against}?",
    }[gap.kind]


def _the(place: str) -> str:
    return f"the {place}" if place in ("USA", "United Kingdom", "Netherlands") else place


def _open_question(base: EvidenceBase, gap: Gap) -> str:
    """Ask about one or several empty cells of a condition; the first sentence names it."""
    name = label(base, gap.condition)
    against = [COMPARED_WITH[c] for c in gap.comparisons if c not in ALSO]
    more = [c for c in gap.comparisons if c in ALSO]
    if len(against) > 1 and "control" in gap.comparisons:
        against[gap.comparisons.index("control")] = CONTROL_AMONG_OTHERS
    if against:
        subject = _subject(name, "control")
        first = f"How well does {subject} work, compared with {listed(against, 'or')}?"
    else:
        first = _alone(name, more.pop(0))
    return " ".join([first, *(ALSO[comparison] for comparison in more)])


def _alone(name: str, comparison: str) -> str:
    if comparison == "combined":
        return f"Does {_subject(name, comparison)} help more than one of them alone?"
    if comparison == "maintenance":
        return f"Does {_subject(name, comparison)} keep people well?"
    return f"Can {_subject(name, comparison).replace(' to prevent', ' prevent')}?"


def gap_export(base: EvidenceBase, gaps: Sequence[Gap]) -> pd.DataFrame:
    """One row a gap, with its words and what they rest on, for a table file."""
    rows = []
    for gap in gaps:
        card = gap_card(base, gap)
        rows.append(
            {
                "rank": gap.rank,
                "needs": gap.need,
                "kind": gap.kind,
                "condition": gap.condition,
                "comparisons": gap.comparisons,
                "question": card.question,
                "why_it_matters": card.why,
                "what_is_known": card.known,
                "search": card.search,
                "n_studies": len(gap.studies),
                "n_poolable": len(gap.usable),
                "people": pd.NA if gap.people is None else gap.people,
                "people_known": gap.people_known,
                "counts": LIST_SEPARATOR.join(f"{level or 'NA'}={n}" for level, n in gap.counts),
                "studies": gap.studies,
            }
        )
    return pd.DataFrame(rows)
