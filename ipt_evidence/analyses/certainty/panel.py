"""Certainty in words: a sentence, the five domains, and the summary of findings.

The verb carries the certainty (GRADE guidelines 26, Santesso et al. 2020, J Clin Epidemiol
119:126-135): *reduces* when it is high, *probably reduces* when moderate, *may reduce* when low,
and no direction at all when very low. Whether an effect counts as one is judged at the point
estimate against the smallest effect of interest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ipt_evidence.analyses.answer import interpretation
from ipt_evidence.analyses.certainty.result import (
    Certainty,
    Finding,
    Override,
    certainty_of,
    findings,
)
from ipt_evidence.analyses.clinical_units.result import AssumedRate, assumed_rate, hundred
from ipt_evidence.analyses.composition import unsearched_reason
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import comparison_words, counted, listed, symptoms

__all__ = [
    "CIRCLES",
    "DOMAIN_QUESTIONS",
    "DOMAIN_WORDS",
    "JUDGEMENT_WORDS",
    "LEVEL_MEANINGS",
    "LEVEL_WORDS",
    "SHORT_SUGGESTION",
    "STEPS",
    "SUGGESTION",
    "assumptions",
    "cap_sentences",
    "certainty_sentence",
    "domains_table",
    "findings_numbers",
    "findings_panel",
    "findings_table",
    "level_words",
    "panel",
    "rate_sentence",
]

LEVEL_WORDS = {"high": "High", "moderate": "Moderate", "low": "Low", "very_low": "Very low"}
CIRCLES = {"high": "⊕⊕⊕⊕", "moderate": "⊕⊕⊕◯", "low": "⊕⊕◯◯", "very_low": "⊕◯◯◯"}
LEVEL_MEANINGS = {
    "high": "The true effect very probably lies close to the estimate.",
    "moderate": "The true effect probably lies close to the estimate, but it may be different.",
    "low": "The true effect may well be different from the estimate.",
    "very_low": "The true effect is probably different from the estimate, perhaps by much.",
}
DOMAIN_WORDS = {
    "risk_of_bias": "Risk of bias",
    "inconsistency": "Inconsistency",
    "indirectness": "Indirectness",
    "imprecision": "Imprecision",
    "small_study_effects": "Small-study effects",
}
DOMAIN_QUESTIONS = {
    "risk_of_bias": "Risk of bias",
    "inconsistency": "Do trials agree?",
    "indirectness": "Is it about this question?",
    "imprecision": "Is the interval narrow?",
    "small_study_effects": "Are trials missing?",
}
JUDGEMENT_WORDS = {0: "No serious doubt", -1: "Serious doubt (−1)", -2: "Very serious doubt (−2)"}
STEPS = {0: "no step", -1: "one step down", -2: "two steps down"}
SUGGESTION = (
    "A suggestion by fixed rules, not a GRADE rating: a rating is a judgement by people. Each rule "
    "stands beside its result; you may put your own judgement in its place, with a reason."
)
SHORT_SUGGESTION = (
    "A suggestion by fixed rules after GRADE, not a judgement by people. Trials start at high; "
    "each doubt takes a step away."
)
_VERBS = {"high": "reduces", "moderate": "probably reduces", "low": "may reduce"}
_NO_DIFFERENCE = {
    "high": "makes little or no difference",
    "moderate": "probably makes little or no difference",
    "low": "may make little or no difference",
}
CAP_SHORT = {
    "search": "no systematic search for this question",
    "part": "of a part of the evidence",
}
NONE_POOLED = "No trial can be pooled here, so there is no effect to be certain or uncertain about."


def level_words(level: str) -> str:
    """The level with its signs as GRADE draws them: "Low certainty ⊕⊕◯◯"."""
    return f"{LEVEL_WORDS[level]} certainty {CIRCLES[level]}"


@cached
def panel(
    base: EvidenceBase,
    view: View,
    worth: float = SMALLEST_WORTHWHILE,
    own: tuple[tuple[str, Override], ...] = (),
) -> Panel:
    """How sure one can be of the estimate of ``view``, what that means, and each domain."""
    found = certainty_of(base, view, worth, own)
    sentence = certainty_sentence(base, estimate_of(base, view), found)
    if found.level is None:
        return Panel((sentence,), drawn=False)
    held = cap_sentences(base, estimate_of(base, view), found)
    yours = " One or more judgements are yours." if found.overridden else ""
    return Panel(
        (
            " ".join((f"{CIRCLES[found.level]} {sentence}", *held)),
            f"{LEVEL_MEANINGS[found.level]}{yours} {SUGGESTION}",
        ),
        domains_table(found),
        drawn=False,
    )


@cached
def findings_panel(
    base: EvidenceBase, view: View, worth: float = SMALLEST_WORTHWHILE, rate: float = 0.0
) -> Panel:
    """The summary of findings for the condition and model of ``view``, one row a comparison.

    ``rate`` is how many people of 100 do well with the comparison; 0 takes it from the trials.
    """
    found = _findings(base, view, worth, rate)
    said = tuple(f"{label}. {sentence}" for label, sentence in assumptions(base, view, rate))
    return Panel(said, findings_table(base, found), drawn=False)


def assumptions(base: EvidenceBase, view: View, rate: float = 0.0) -> list[tuple[str, str]]:
    """The share that does well without IPT in each comparison, and where it was taken from."""
    lines = []
    for finding in _findings(base, view, SMALLEST_WORTHWHILE, rate):
        if finding.estimate.pooled is not None:
            label = base.taxonomy.comparison(finding.comparison).label
            assumed = finding.rate or assumed_rate(base, finding.estimate.selection.question)
            lines.append((label, rate_sentence(assumed)))
    return lines


def _findings(base: EvidenceBase, view: View, worth: float, rate: float) -> tuple[Finding, ...]:
    share = rate / 100.0 if rate else None
    condition = str(view.question.condition)
    return findings(base, condition, view.model, smallest_effect=worth, rate=share)


def certainty_sentence(base: EvidenceBase, answer: Estimate, certainty: Certainty) -> str:
    """What may be said at this level of certainty, and no more."""
    if certainty.level is None or answer.pooled is None:
        return NONE_POOLED
    question = answer.selection.question
    words = comparison_words(question.comparison or "control")
    outcome = "symptoms"
    if question.condition is not None:
        outcome = symptoms(base.taxonomy.condition(question.condition).label)
    part = ", of a part of the evidence" if certainty.of_a_part else ""
    lead = f"{LEVEL_WORDS[certainty.level]} certainty{part}:"
    size, bound = answer.pooled.estimate, certainty.smallest_effect
    if certainty.level == "very_low" or answer.shown is None:
        return (
            f"{lead} the evidence leaves very uncertain whether {words.treatment} reduces "
            f"{outcome} more or less than {words.comparator}."
        )
    if abs(size) < bound:
        return (
            f"{lead} compared with {words.comparator}, {words.treatment} "
            f"{_NO_DIFFERENCE[certainty.level]} to {outcome}."
        )
    direction = "more" if size > 0 else "less"
    return (
        f"{lead} {words.treatment} {_VERBS[certainty.level]} {outcome} {direction} than "
        f"{words.comparator}."
    )


def cap_sentences(base: EvidenceBase, answer: Estimate, certainty: Certainty) -> tuple[str, ...]:
    """Why the level is held down, whatever the domains say; nothing where it is not."""
    words = []
    for cap in certainty.caps:
        level = LEVEL_WORDS[cap.level].lower()
        if cap.id == "search":
            held = f" Certainty is therefore held at {level}." if cap.binding else ""
            words.append(f"{unsearched_reason(base, answer)}{held}")
        else:
            words.append(
                f"Filters took trials away; with all of them certainty is {level}, and it does "
                "not rise because trials were taken away."
            )
    return tuple(words)


def domains_table(certainty: Certainty) -> pd.DataFrame:
    """The domains: what was judged, why, and by which rule; a reader's own judgement says so."""
    rows = []
    for domain in certainty.domains:
        reason = domain.reason
        if domain.note:
            rule = JUDGEMENT_WORDS[domain.suggested].lower()
            reason = f"Your judgement: {domain.note} (the rule says: {rule}; {reason})"
        rows.append(
            {
                "Domain": DOMAIN_WORDS[domain.id],
                "Judgement": JUDGEMENT_WORDS[domain.judgement],
                "Reason": reason,
                "Rule": domain.rule,
            }
        )
    return pd.DataFrame(rows, columns=["Domain", "Judgement", "Reason", "Rule"])


def findings_table(base: EvidenceBase, found: Sequence[Finding]) -> pd.DataFrame:
    """The summary of findings as text: a row for each comparison."""
    return pd.DataFrame([_finding(base, finding) for finding in found])


def _finding(base: EvidenceBase, finding: Finding) -> dict[str, str]:
    answer, pooled = finding.estimate, finding.estimate.pooled
    row = {
        "IPT compared with": base.taxonomy.comparison(finding.comparison).label,
        "Trials (people)": f"{answer.k} ({tables.count(answer.people.value)})",
        "Do well with the comparison, of 100": "–",
        "Do well with IPT, of 100": "–",
        "Difference of 100": "–",
        "Hedges g (95% CI)": "–",
        "Certainty": "–",
        "Why": f"{len(answer.selection.studies)} found, none with a number that can be pooled",
    }
    if pooled is None:
        return row
    doubts = [
        f"{DOMAIN_WORDS[domain.id].lower()} {tables.effect(domain.judgement, 0)}"
        for domain in finding.certainty.domains
        if domain.judgement
    ]
    level = finding.certainty.level or ""
    doubts += [CAP_SHORT[cap.id] for cap in finding.certainty.caps if cap.binding]
    row |= {
        "Hedges g (95% CI)": _numbers(answer),
        "Certainty": f"{CIRCLES[level]} {LEVEL_WORDS[level]}",
        "Why": ", ".join(doubts) or "no serious doubt",
    }
    units = finding.units
    if finding.rate is not None and units is not None and units.nnt_furukawa is not None:
        people = hundred(finding.rate.percent, units.nnt_furukawa.per_100)
        more, lower, upper = people.more
        ends = tables.interval(people.lower, people.upper, 0)
        row |= {
            "Do well with the comparison, of 100": f"{people.untreated}",
            "Do well with IPT, of 100": f"{people.treated} ({ends})",
            "Difference of 100": f"{'+' if more > 0 else ''}{tables.effect(more, 0)} "
            f"({tables.interval(lower, upper, 0)})",
        }
    return row


def _numbers(answer: Estimate) -> str:
    if answer.shown is None:
        return f"{listed([tables.effect(value) for value in answer.trials['yi']])}: not pooled"
    return tables.pooled_effect(answer.shown)


def findings_numbers(base: EvidenceBase, found: Sequence[Finding]) -> pd.DataFrame:
    """The summary of findings for programs: numbers in columns of their own, NA where unknown.

    ``…_of_100`` are people of 100 who do well; ``difference_of_100`` is positive where more do
    well with IPT. ``estimate`` is Hedges g, positive favours IPT.
    """
    return pd.DataFrame([_programs(base, finding) for finding in found])


def _programs(base: EvidenceBase, finding: Finding) -> dict[str, Any]:
    answer, pooled, words = finding.estimate, finding.estimate.pooled, _finding(base, finding)
    people = answer.people.value if answer.people.studies_known else None
    row: dict[str, Any] = {
        "comparison": words["IPT compared with"],
        "k": answer.k,
        "n": people,
        **dict.fromkeys(("estimate", "ci_lower", "ci_upper")),
        **interpretation(answer),
        "certainty": None,
        "certainty_reasons": words["Why"].replace("\u2212", "-"),
        **dict.fromkeys(("comparison_of_100", "ipt_of_100")),
        **dict.fromkeys(f"difference_of_100{end}" for end in ("", "_lower", "_upper")),
    }
    if pooled is not None:
        row |= {name: getattr(pooled, name) for name in ("estimate", "ci_lower", "ci_upper")}
        row["certainty"] = LEVEL_WORDS[finding.certainty.level or ""]
    if finding.rate is not None and finding.units is not None and finding.units.nnt_furukawa:
        people_of = hundred(finding.rate.percent, finding.units.nnt_furukawa.per_100)
        more, lower, upper = people_of.more
        row |= {
            "comparison_of_100": people_of.untreated,
            "ipt_of_100": people_of.treated,
            "difference_of_100": more,
            "difference_of_100_lower": lower,
            "difference_of_100_upper": upper,
        }
    return row


def rate_sentence(rate: AssumedRate | None) -> str:
    """Where the share that does well without IPT was taken from."""
    if rate is None:
        return (
            "How many people do well with the comparison is not known here, so the effect is not "
            "turned into numbers of people."
        )
    value = f"{rate.percent}%"
    if rate.scope == "reader":
        return f"It is assumed that {value} of people do well with the comparison, as you set it."
    where = "of this condition" if rate.scope == "condition" else "of all conditions together"
    ends = (tables.percent(100.0 * share) for share in (rate.lowest, rate.highest))
    spread = f", between {' and '.join(ends)}" if rate.trials > 1 else ""
    return (
        f"It is assumed that {value} of people do well with the comparison: the median share of "
        f"the comparison arms that responded or recovered in {counted(rate.trials)} {where}"
        f"{spread}. From there the effect is carried over by the method of Furukawa & Leucht "
        "(2011, doi:10.1371/journal.pone.0019070)."
    )
