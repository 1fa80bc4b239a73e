"""The Condition page's answer: what it says, what it rests on, and what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from ipt_evidence.analyses.composition import (
    counted_elsewhere,
    mix_sentence,
    search_words,
    unused_reasons,
)
from ipt_evidence.cache import cached
from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.derivation import FROM_ODDS
from ipt_evidence.evidence.estimation import TOO_FEW, Estimate, taken_out
from ipt_evidence.evidence.schema import PRINTED
from ipt_evidence.evidence.selection import SERIOUS_FLAGS, Question, studies_per_comparison
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import counted, lower_first, upper_first
from ipt_evidence.wording.studies import flag_words, level_label

__all__ = [
    "HOW_TO_READ",
    "Headline",
    "answer_sentence",
    "basis",
    "cautions",
    "elsewhere",
    "empty",
    "excluded_sentence",
    "export_effects",
    "headline",
    "in_full",
    "interpretation",
    "left_out_table",
    "title",
    "versus",
]

HOW_TO_READ = (
    "**How to read this.** *Hedges g* is the difference between the groups in standard "
    "deviations: 0.2 is called small, 0.5 moderate, 0.8 large. The *confidence interval* says "
    "where the average effect may lie. The *prediction interval*, never narrower, says where the "
    "true effect of a new, similar trial may lie. *I²* is the share of the variation between "
    "results that chance does not explain."
)

INTERVAL_NAMES = {
    "knha": "Hartung-Knapp",
    "adhoc": "Hartung-Knapp (never narrower)",
    "t": "t",
    "z": "normal",
    "CR2": "cluster-robust (CR2)",
}
OUTCOME_WORDS = {
    "ptsd": "post-traumatic stress",
    "eating_disorder": "symptoms of the eating disorder",
    "borderline": "borderline symptoms",
    "functioning": "problems of functioning",
    "quality_of_life": "loss of quality of life",
    "physical": "physical symptoms",
    "other": "other problems",
}
"""Outcomes as they stand after "IPT reduced"; those that are not named stand as they are."""

_WHEN = {
    "follow_up": "at follow-up, some time after the end of treatment",
    "to_6_months": "up to six months after the end of treatment",
    "over_6_months": "more than six months after the end of treatment",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """What stands above the sections of the Condition page."""

    title: str
    answer: str
    basis: str
    cautions: tuple[str, ...]


@cached
def headline(base: EvidenceBase, view: View) -> Headline:
    """The question of ``view`` as a title, its answer, what that rests on, and its cautions."""
    answer, said = estimate_of(base, view), base.names.said
    return Headline(
        said(title(base, view.question)),
        said(answer_sentence(base, answer)),
        said(basis(base, answer)),
        tuple(map(said, cautions(base, answer))),
    )


def title(base: EvidenceBase, question: Question) -> str:
    """The page's question as its title, like "Depression: does IPT help more than medication?"."""
    condition = base.taxonomy.condition(str(question.condition)).label
    asked = base.taxonomy.comparison(str(question.comparison)).question
    return f"{condition}: {asked[0].lower()}{asked[1:]}"


def versus(taxonomy: Taxonomy, condition: str, comparison: str) -> str:
    """The question in a few words, for the title of a window: "Depression v medication"."""
    against = lower_first(taxonomy.comparison(comparison).label)
    return f"{taxonomy.condition(condition).label} v {against}"


def answer_sentence(base: EvidenceBase, answer: Estimate) -> str:
    """The answer in words, from tested rules; without a condition, for all conditions."""
    question = answer.selection.question
    comparison = question.comparison or "control"
    label, outcome = "All conditions", "symptoms, in most trials depression,"
    if question.condition is not None:
        label, outcome = base.taxonomy.condition(question.condition).label, ""
    found = len(answer.selection.studies)
    if answer.pooled is None:
        if reasons := unused_reasons(answer.selection.left_out):
            return sentences.unused(label, comparison, found, reasons)
    elif answer.k == TOO_FEW:
        said = sentences.two_trials(label, comparison, answer.trials)
        return f"{said}{_when(question)} {mix_sentence(base, answer)}".strip()
    if question.outcome_domains:
        outcome = " or ".join(OUTCOME_WORDS.get(name, name) for name in question.outcome_domains)
    said = sentences.answer(
        label,
        comparison,
        answer.pooled,
        answer.people.value if answer.people.studies_known else None,
        found=found,
        searched=bool(base.searched(question.condition, comparison)),
        outcome=outcome or None,
    )
    if answer.pooled is None:
        return said
    return f"{said}{_when(question)} {mix_sentence(base, answer)}".strip()


def _when(question: Question) -> str:
    """A sentence on the time point, unless it is the end of treatment."""
    return "" if question.time == "post" else f" This was measured {_WHEN[question.time]}."


def interpretation(answer: Estimate) -> dict[str, Any]:
    """Whether the pooled numbers may be read as an answer, and why not: for other programs."""
    return sentences.interpretation(answer.k)


def excluded_sentence(answer: Estimate, whole: Estimate) -> str:
    """What taking trials out by hand changed: ``whole`` is the same question with all of them."""
    labels = [str(label) for label in taken_out(answer)["label"]]
    if not labels:
        return ""
    left = f"You left out {counted(len(labels))}"
    if whole.pooled is None:
        return f"{left}."
    before = sentences.in_short(whole.pooled, whole.trials)
    return (
        f"{left}. With {'it' if len(labels) == 1 else 'them'}: {before}. Choosing "
        "trials after seeing their results can make any result: say so when you use this number."
    )


def basis(base: EvidenceBase, answer: Estimate) -> str:
    """What stands behind the answer: k, people, model, sources with the date of their search."""
    if answer.pooled is None:
        return f"Data version {base.version}"
    people = answer.people
    known = "" if people.complete else f" (known for {people.studies_known} of {people.studies})"
    model = answer.model
    sources = [
        f"{base.sources[source].label} ({k}, "
        f"{search_words(base, source, answer.selection.question)})"
        for source, k in answer.studies_per_source.items()
    ]
    if answer.shown is None:
        pooled = f"too few to pool · ρ = {model.rho:g} within trials"
    else:
        interval = INTERVAL_NAMES.get(answer.pooled.test)
        pooled = f"{answer.pooled.method}, {interval} interval, ρ = {model.rho:g} within trials"
    return (
        f"k = {answer.k} · {tables.count(people.value)} people{known} · "
        f"{TIME_POINTS[answer.selection.question.time]} · "
        f"{pooled} · {'; '.join(sources)} · data version {base.version}"
    )


def cautions(base: EvidenceBase, answer: Estimate) -> list[str]:
    """What a reader should bear in mind about exactly this estimate."""
    found = [*_arms(answer), *_flagged(answer)]
    if elsewhere_too := counted_elsewhere(base, answer):
        found.append(elsewhere_too)
    effects = answer.selection.effects
    converted = int(effects["formula"].isin(FROM_ODDS).sum())
    if converted:
        found.append(
            f"{converted} of {len(effects)} results {'was' if converted == 1 else 'were'} "
            "converted from counts or odds ratios to Hedges g."
        )
    worked_out = int((~effects["obtained"].isin(PRINTED)).sum())
    if worked_out:
        found.append(
            f"{worked_out} of {len(effects)} results {'was' if worked_out == 1 else 'were'} "
            "derived or reconstructed from what the source prints; the filter “Only numbers that "
            "somebody printed” leaves them out."
        )
    if answer.shown is not None and answer.k > 1:
        found += [upper_first(note) + "." for note in answer.shown.notes]
    return found


def _arms(answer: Estimate) -> list[str]:
    """Which comparison arms the trials had."""
    if answer.k < 2:
        return []
    arms = answer.selection.effects.drop_duplicates(["study_id", "comparator_type"])
    kinds = arms["comparator_type"].dropna().map(partial(level_label, "against")).value_counts()
    if len(kinds) < 2:
        return []
    listed = ", ".join(f"{lower_first(str(kind))} {count}" for kind, count in kinds.items())
    return [f"Comparison arms: {listed}."]


def _flagged(answer: Estimate) -> list[str]:
    named = []
    for flag in SERIOUS_FLAGS:
        labels = [str(row["label"]) for _, row in answer.trials.iterrows() if flag in row["flags"]]
        if labels:
            named.append(f"{', '.join(labels)} ({flag_words(flag).short})")
    if not named:
        return []
    return [
        f"Trials with a warning: {'; '.join(named)}. Under “Which trials” you can leave them out "
        "and see what changes."
    ]


def empty(answer: Estimate) -> str:
    """Why there is nothing to draw."""
    if answer.selection.question != answer.selection.question.whole:
        return (
            "No result is left with these filters. The results that were found, and why each is "
            "not used, stand below under “Not in this estimate”."
        )
    if unused_reasons(answer.selection.left_out):
        return (
            "No result answers this question. Those that were found, and why each is not used, "
            "stand below under “Not in this estimate”."
        )
    if len(answer.selection.studies):
        return "The trials that were found report no number that can be pooled. Open one below."
    return "No trial of this kind is in the base."


@cached
def elsewhere(base: EvidenceBase, question: Question) -> list[tuple[str, str]]:
    """Other comparisons of the same condition that have trials: id, and label with their number."""
    counts = studies_per_comparison(base, question.condition)
    return [
        (comparison, f"{base.taxonomy.comparison(comparison).label}: {counted(count)}")
        for comparison, count in counts.items()
        if comparison != question.comparison
    ]  # fmt: skip


@cached
def in_full(answer: Estimate) -> pd.DataFrame:
    """The pooled effect with its intervals, heterogeneity and method; empty for two or none."""
    return pd.DataFrame() if answer.shown is None else tables.pooled_table(answer.shown)


@cached
def left_out_table(answer: Estimate) -> pd.DataFrame:
    """Study, what was measured, and the reason, for everything of this question that is not used.

    Studies without any usable result come last, with their own reason.
    """
    rows = [
        {
            "Study": row["label"],
            "What was measured": f"{row['outcome']}, {TIME_POINTS[row['time']]}",
            "g": tables.effect(row["yi"]),
            "Why it is not used": row["reason"],
        }
        for _, row in answer.selection.left_out.iterrows()
    ]
    shown = set(answer.selection.left_out["study_id"]) | set(answer.trials["study_id"])
    rows += [
        {
            "Study": study["label"],
            "What was measured": tables.NOT_REPORTED,
            "g": tables.NOT_REPORTED,
            "Why it is not used": tables.text(study["no_effect_reason"]),
        }
        for _, study in answer.selection.studies.iterrows()
        if study["study_id"] not in shown
    ]
    return pd.DataFrame(rows)


EXPORTED = (
    "study_id label year reference comparator comparator_type outcome outcome_domain instrument "
    "rater time direction input_type mean_ipt sd_ipt n_ipt mean_comparator sd_comparator "
    "n_comparator events_ipt events_comparator reported_value yi vi obtained formula extraction "
    "check flags source_id source_url quote"
).split()


def export_effects(answer: Estimate) -> pd.DataFrame:
    """The rows behind the estimate, unrounded, with their sources: what a reader re-runs."""
    return answer.selection.effects[["effect_id", *EXPORTED]]
