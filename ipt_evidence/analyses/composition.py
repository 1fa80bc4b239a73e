"""What stands behind an estimate, in words: the conditions it mixes, the searches that found it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.mixture import Mixture, mixture
from ipt_evidence.evidence.selection import OTHER_OUTCOME, OTHER_TIME, Question
from ipt_evidence.evidence.sources import Search
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import listed, lower_first, spell, upper_first

__all__ = [
    "counted_elsewhere",
    "foreign_search_note",
    "mix_note",
    "mix_sentence",
    "search_words",
    "unsearched_reason",
    "unused_reasons",
]

NAMED = 2  # conditions in a cell of the map; the sentence names all
FOREIGN = "found by a search for"
NOT_SYSTEMATIC = "not a systematic search"


def mix_sentence(base: EvidenceBase, answer: Estimate) -> str:
    """Which conditions the trials are in; empty where the question says all there is to say.

    A condition that others class apart from the one asked for is named with its number of trials,
    and with what is left without them.
    """
    found = mixture(base, answer)
    apart = [part for part in found.parts if base.taxonomy.condition(part[0]).apart]
    if apart:
        return " ".join(_apart(base, answer, child, number) for child, number in apart)
    if found.mixed:
        return f"The trials mix conditions: {_parts(base, found)}."
    named = [_name(base, child) for child in _telling(base, answer, found)]
    return f"{_all(found.k)} in {listed(named)}." if named else ""


def _telling(base: EvidenceBase, answer: Estimate, found: Mixture) -> list[str]:
    """Narrower conditions whose name says more than that of the condition asked for."""
    if not found.parts:
        return []
    asked = _words(base.taxonomy.condition(str(answer.selection.question.condition)).label)
    return [
        child for child, _ in found.parts if _words(base.taxonomy.condition(child).label) - asked
    ]


def _words(label: str) -> set[str]:
    """Words of a label that say who was treated; whether to prevent or treat is the comparison."""
    return {*label.lower().split()} - {"prevention", "of"}


def _all(k: int) -> str:
    return {1: "The trial is", 2: "Both trials are"}.get(k, f"All {spell(k)} trials are")


def counted_elsewhere(base: EvidenceBase, answer: Estimate) -> str:
    """Other rows of the map under which trials are counted, too; empty for none."""
    found = mixture(base, answer)
    if not found.others:
        return ""
    parts = []
    for place, (other, number) in enumerate(found.others):
        who = _all(found.k) if number == found.k else spell(number)
        if place == 0 and number < found.k:
            who += f" of the {spell(found.k)} trials {'is' if number == 1 else 'are'}"
        counted_too = " also counted under" if place == 0 else " under"
        parts.append(f"{who}{counted_too} {_name(base, other)}")
    return f"{upper_first(listed(parts))}."


def _parts(base: EvidenceBase, found: Mixture) -> str:
    shown = [f"{_name(base, child)} ({number})" for child, number in found.parts]
    if not found.rest:
        return listed(shown)
    return f"{', '.join(shown)}; {spell(found.rest)} in none of these"


def _apart(base: EvidenceBase, answer: Estimate, child: str, number: int) -> str:
    question = answer.selection.question
    parent = lower_first(base.taxonomy.condition(str(question.condition)).label)
    named = (
        f"{_name(base, child)}, which {base.taxonomy.condition(child).apart} class apart from "
        f"{parent}"
    )
    if number == answer.k:
        return f"{_all(number)} in {named}."
    less = replace(question, without_conditions=(*question.without_conditions, child))
    rest = estimate_of(base, View(less, answer.model))
    left = "no trial is left" if rest.pooled is None else _left(base, rest)
    of = f"{upper_first(spell(number))} of the {spell(answer.k)} trials"
    are, them = ("is", "it") if number == 1 else ("are", "them")
    return f"{of} {are} in {named}; without {them}: {left}."


def _left(base: EvidenceBase, rest: Estimate) -> str:
    assert rest.pooled is not None  # noqa: S101 - the caller has looked
    found = mixture(base, rest)
    only = found.parts[0][0] if len(found.parts) == 1 and not found.mixed else ""
    where = f" in {_name(base, only)}" if only else ""
    return f"{sentences.in_short(rest.pooled, rest.trials)}{where}"


def _name(base: EvidenceBase, condition: str) -> str:
    """A condition within a sentence, by its acronym where it has one."""
    concept = base.taxonomy.condition(condition)
    return concept.short_label if concept.short_label.isupper() else lower_first(concept.label)


def mix_note(base: EvidenceBase, answer: Estimate) -> str:
    """The same in a few words, for a cell of the map, like "PTSD 3 of 4"."""
    found = mixture(base, answer)
    apart = [
        f"{base.taxonomy.condition(child).short_label} {number} of {found.k}"
        for child, number in found.parts
        if base.taxonomy.condition(child).apart
    ]
    if apart:
        return ", ".join(apart)
    if not found.mixed:
        named = _telling(base, answer, found)
        return ", ".join(base.taxonomy.condition(child).short_label for child in named)
    shown = [
        f"{base.taxonomy.condition(child).short_label} {number}" for child, number in found.parts
    ]
    more = len(shown) - NAMED
    return ", ".join([*shown[:NAMED], *([f"{more} more"] if more > 0 else [])])


def search_words(base: EvidenceBase, source: str, question: Question) -> str:
    """What the search of ``source`` was for, as it bears on ``question``, and until when."""
    own = [one for one in base.searches if one.source == source and one.until]
    comparison = question.comparison or "control"
    made = [one for one in base.searches_for(question.condition, comparison) if one in own]
    if made:
        return f"searched up to {tables.month(made[0].until)}"
    if not own:
        return NOT_SYSTEMATIC
    below = set(base.taxonomy.children(str(question.condition)))
    for search in own:
        part = [one for one in search.conditions if one in below]
        if part and comparison in search.comparisons:
            only = listed([_name(base, one) for one in part])
            return f"searched up to {tables.month(search.until)} for {only} only"
    return f"{FOREIGN} {_asked(base, own[0])}, not for this question"


def foreign_search_note(base: EvidenceBase, answer: Estimate) -> str:
    """That trials came from a search for something else, for a cell of the map; else empty."""
    question = answer.selection.question
    if base.searched_systematically(question.condition, question.comparison):
        return ""
    said = [search_words(base, source, question) for source in answer.studies_per_source]
    return "from another search" if any(FOREIGN in one for one in said) else ""


def _asked(base: EvidenceBase, search: Search) -> str:
    """The questions of a search: "depression against control"."""
    conditions = listed([_name(base, one) for one in search.conditions])
    against = [lower_first(base.taxonomy.comparison(one).label) for one in search.comparisons]
    return f"{conditions} against {listed(against, 'or')}"


def unsearched_reason(base: EvidenceBase, answer: Estimate) -> str:
    """Why trials may be missing: what the searches were for, instead of this question."""
    others = {
        words
        for source in answer.studies_per_source
        if (words := search_words(base, source, answer.selection.question)) != NOT_SYSTEMATIC
    }
    reason = "No systematic search was made for this question, so trials may be missing"
    return f"{reason}. Trials were {'; '.join(sorted(others))}." if others else f"{reason}."


def unused_reasons(left_out: pd.DataFrame) -> list[tuple[str, int]]:
    """Why results that could be pooled do not answer, each reason with its number of results."""
    rows = left_out.loc[left_out["include"].astype(bool)] if len(left_out) else left_out
    return list(Counter(_clause(row) for row in rows.to_dict("records")).items())


def _clause(row: Mapping[Any, Any]) -> str:
    reason = str(row["reason"])
    if reason == OTHER_TIME:
        return f"measured {TIME_POINTS[str(row['time'])]}"
    if reason == OTHER_OUTCOME:
        return f"measuring {lower_first(str(row['outcome']))}"
    return lower_first(reason)
