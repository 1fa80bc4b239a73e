"""What is known about a gap, and the search that stands behind it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ipt_evidence.analyses.gaps.result import Gap
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.sources import Search
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, listed, lower_first, spell, upper_first
from ipt_evidence.wording.studies import level_label

__all__ = ["known", "label", "search"]

NAMED = 4  # studies named with their reason on one card; the table for download holds all
NOBODY = "Nobody whose work we use has searched for such trials."
OTHER_WAYS = " What is here came to light in other ways, so there may be more."

# Kind of gap -> the facet whose levels its counts are.
COUNTED_BY = {
    "no_adolescents": "age",
    "no_older_adults": "age",
    "not_rated": "rob",
    "high_risk": "rob",
    "weak_controls": "against",
    "one_place": "country",
}


def label(base: EvidenceBase, condition: str) -> str:
    """Name a condition as inside a sentence."""
    return lower_first(base.taxonomy.condition(condition).label)


def _with_people(gap: Gap) -> str:
    if gap.people is None:
        return " (how many people took part is not reported)"
    shown = f" with {tables.count(gap.people)} people"
    if gap.people_known < len(gap.about):
        shown += f" (known for {spell(gap.people_known)} of {spell(len(gap.about))})"
    return shown


def known(base: EvidenceBase, gap: Gap) -> str:
    """Tell what the base holds about a gap: counts, names, reasons."""
    if gap.kind in ("not_searched", "no_trial"):
        return _nothing(base, gap)
    without = [study for study in gap.studies if study not in gap.usable]
    found = f"{upper_first(counted(len(gap.about), 'study'))}{_with_people(gap)}"
    if gap.kind == "no_number":
        said = f"{found}, without a number on the symptoms after treatment that can be pooled."
        return f"{said} {_named(base, without)}"
    if gap.kind == "few_numbers":
        few = f"Only {spell(len(gap.usable))} of {counted(len(gap.studies), 'study')}"
        return f"{few} can be pooled. {found} report too little. {_named(base, without)}"
    if gap.kind in ("no_adolescents", "no_older_adults"):
        number = len(gap.studies)
        were = "was" if number == 1 else "were"
        return f"{upper_first(counted(number, 'study'))} {were} found. By age: {_counts(gap)}."
    pooled = f"{found} can be pooled"
    if without:
        pooled += f", out of {spell(len(gap.studies))} that were found"
    if gap.kind == "single_trial":
        return f"{pooled}: {_names(base, gap.usable)}. {_named(base, without)}".strip()
    if gap.kind == "no_follow_up":
        return f"{pooled}, none of them with a usable number from later on."
    lead = {
        "not_rated": "Risk of bias",
        "high_risk": "Risk of bias",
        "weak_controls": "IPT was compared with",
        "one_place": "Where they were done",
    }[gap.kind]
    return f"{pooled}. {lead}: {_counts(gap)}."


def _counts(gap: Gap) -> str:
    missing = "not rated" if gap.kind in ("high_risk", "not_rated") else tables.NOT_REPORTED
    facet = COUNTED_BY[gap.kind]
    words = [
        f"{_named_level(facet, level) if level else missing} {tables.count(number)}"
        for level, number in gap.counts
    ]
    return ", ".join(words)


def _named_level(facet: str, level: str) -> str:
    """A level within a sentence; the name of a place keeps its capital."""
    return level if facet == "country" else level_label(facet, level).lower()


def _names(base: EvidenceBase, studies: Sequence[str]) -> str:
    labels = base.studies.set_index("study_id")["label"]
    return listed([str(labels[study]) for study in studies])


def _named(base: EvidenceBase, studies: Sequence[str]) -> str:
    """Name studies without a number, each with the reason that the base gives."""
    rows = base.studies.set_index("study_id")
    shown = []
    for study in studies[:NAMED]:
        reason = rows["no_effect_reason"][study]
        why = "" if tables.is_missing(reason) else f" ({lower_first(str(reason))})"
        shown.append(f"{rows['label'][study]}{why}")
    more = len(studies) - len(shown)
    if not shown:
        return ""
    return f"Not counted: {'; '.join(shown)}{f'; and {spell(more)} more' if more else ''}."


def _nothing(base: EvidenceBase, gap: Gap) -> str:
    said = "No study is in the base" if gap.kind == "not_searched" else "No trial was found"
    parent = base.taxonomy.condition(gap.condition).parent
    if not gap.wider:
        return f"{said}."
    wider = label(base, parent)
    return f"{said}. Such people may be among those in the studies of {wider} as a whole."


def search(base: EvidenceBase, gap: Gap) -> str:
    """Tell who looked for such trials, how, and until when; or that nobody did."""
    if not gap.searches:
        return NOBODY + (OTHER_WAYS if gap.studies else "")
    return " ".join(_one_search(base, gap, one) for one in gap.searches)


def _one_search(base: EvidenceBase, gap: Gap, one: Search) -> str:
    until = f", up to {_month(one.until)}" if one.until else ""
    words = f"{one.how}{until}."
    if gap.condition in one.conditions:
        return words
    above = [c for c in base.taxonomy.with_parents((gap.condition,)) if c in one.conditions]
    return f"{words} It was made for {label(base, above[0])} as a whole."


def _month(until: str) -> str:
    try:
        return f"{date.fromisoformat(until):%B %Y}"
    except ValueError:  # a year alone, or words
        return until
