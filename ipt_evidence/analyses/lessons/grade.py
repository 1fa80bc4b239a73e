"""Lesson 6: what the five domains of GRADE ask, shown on our own data, without grading."""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence.analyses.lessons.lesson import Check, Lesson
from ipt_evidence.analyses.lessons.small_studies import verdict
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import listed, lower_first, reach, spell, upper_first
from ipt_evidence.wording.studies import level_label

__all__ = ["DOMAINS", "LESSON", "Domain", "seen"]


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain of GRADE: what it asks in plain words, and a question for the reader."""

    id: str
    label: str
    asks: str
    think: str


DOMAINS = (
    Domain(
        "bias",
        "Risk of bias",
        "Were the trials done so that their results can be believed? Was it left to chance who "
        "got which treatment, did people drop out, did those who rated the outcome know the "
        "treatment?",
        "Nobody can be unaware that they are talking to a therapist. Whom would that influence "
        "more: a person who rates herself, or an outside rater?",
    ),
    Domain(
        "inconsistency",
        "Inconsistency",
        "Do the trials agree? If they differ, do we know why?",
        "If the prediction interval crosses 0, would you promise a patient that IPT helps?",
    ),
    Domain(
        "indirectness",
        "Indirectness",
        "Do the trials answer our question, or a similar one: the same kind of people, treatment, "
        "comparison and outcome?",
        "Your clinic wants to know whether IPT is better than what it does now. Does a trial "
        "against a waiting list answer that?",
    ),
    Domain(
        "imprecision",
        "Imprecision",
        "Is the interval short enough to decide? Would we do the same at its lower and at its "
        "upper end?",
        "Take the lower end of the interval as the truth. Would you still offer IPT? And at the "
        "upper end?",
    ),
    Domain(
        "publication",
        "Publication bias",
        "Could trials with unwelcome results be missing?",
        "If three quiet trials sat in a drawer, in which direction would the average move once "
        "they were added?",
    ),
)

LESSON = Lesson(
    id="grade",
    label="GRADE",
    title="How sure can we be? What GRADE asks",
    explanation=(
        "**GRADE** is a way, used by many guideline groups, to say how sure one can be of an "
        "effect. The verdict has four levels: high, moderate, low and very low certainty. "
        "Evidence from randomised trials, in which chance decides who gets which treatment, starts "
        "at high. Then five questions are asked, the **domains**; each serious doubt can take the "
        "certainty down.",
        "Certainty is about the effect, not about its size: we can be very sure of a small effect "
        "and very unsure of a large one.",
        "GRADE is a judgement by people who give their reasons. This page shows what our data say "
        "to each question. It does not compute a grade, because no formula can.",
    ),
    try_it="Choose a condition and a domain, and form your own opinion.",
    summary=(
        "Five questions: risk of bias, inconsistency, indirectness, imprecision, publication bias.",
        "A large effect and a sure effect are two different things.",
        "A grade is a judgement with reasons. Read the reasons.",
    ),
    checks=(
        Check(
            "What does “low certainty” mean?",
            (
                "The effect is small.",
                "The true effect may well be different from the estimate.",
                "The treatment does not work.",
            ),
            1,
            "Certainty is about how far we trust the number, whatever its size.",
        ),
        Check(
            "Most trials compared IPT with a waiting list, but you want to know whether it beats "
            "another therapy. Which domain is that?",
            ("Indirectness.", "Imprecision.", "Publication bias."),
            0,
            "The trials answer a question next to yours. However well they were done, they answer "
            "it indirectly.",
        ),
        Check(
            "The interval runs from a slight disadvantage to a large benefit. Which domain is "
            "concerned?",
            ("Risk of bias.", "Imprecision.", "Indirectness."),
            1,
            "At one end we would not offer the treatment, at the other we would: the result is "
            "too imprecise to decide.",
        ),
        Check(
            "Some trials favour IPT clearly, others the comparison, and nobody knows why. Which "
            "domain?",
            ("Publication bias.", "Imprecision.", "Inconsistency."),
            2,
            "Results that disagree without an explanation make the average hard to trust.",
        ),
        Check(
            "Could a program work out the grade from the data alone?",
            (
                "Yes, from I² and the interval.",
                "No. It can lay out the facts; the judgement and its reasons are people's.",
                "Yes, if there are at least ten trials.",
            ),
            1,
            "Whether a doubt is serious depends on the decision at hand. That is why this page "
            "stops at the facts.",
        ),
    ),
)

_SEEN_BIAS = ("low", "some_concerns", "high", "unclear")


def seen(domain: str, answer: Estimate) -> str:
    """What the trials of ``answer`` show on one domain, as facts and without a verdict."""
    if answer.pooled is None:
        return "No trial can be pooled here, so there is nothing to look at."
    facts = {
        "bias": _bias,
        "inconsistency": _inconsistency,
        "indirectness": _indirectness,
        "imprecision": _imprecision,
        "publication": verdict,
    }
    return facts[domain](answer)


def _bias(answer: Estimate) -> str:
    counts = answer.trials["rob"].value_counts()
    parts = [
        f"{spell(int(counts[level]))} {lower_first(tables.risk_of_bias(level))}"
        for level in _SEEN_BIAS
        if level in counts.index
    ]
    return (
        f"Of {spell(answer.k)} trials, the risk of bias is rated: {listed(parts)}. Open a "
        "trial on the Condition page to see who rated it."
    )


def _inconsistency(answer: Estimate) -> str:
    pooled = answer.pooled
    assert pooled is not None  # noqa: S101 - `seen` has looked
    predicted = tables.prediction_interval(pooled)
    tail = "" if predicted is None else (
        f" A new trial could lie anywhere between {tables.effect(predicted[0])} and "
        f"{tables.effect(predicted[1])}."
    )  # fmt: skip
    return f"{sentences.heterogeneity(pooled)}{tail}"


def _indirectness(answer: Estimate) -> str:
    kinds = answer.selection.effects.groupby("comparator_type")["study_id"].nunique()
    parts = [
        f"{lower_first(level_label('against', kind))} ({spell(int(count))})"
        for kind, count in kinds.sort_values(ascending=False, kind="stable").items()
    ]
    return (
        f"The comparison groups of these {spell(answer.k)} trials, with the number of trials: "
        f"{listed(parts)}. A trial with two comparison groups counts in both."
    )


def _imprecision(answer: Estimate) -> str:
    pooled = answer.pooled
    assert pooled is not None  # noqa: S101 - `seen` has looked
    lower, upper = (reach(end, "the comparison") for end in (pooled.ci_lower, pooled.ci_upper))
    people = answer.people
    known = "" if people.complete else f" (known for {people.studies_known} trials)"
    return (
        f"{upper_first(spell(answer.k))} trials with {tables.count(people.value)} people{known}; "
        f"the 95% interval runs from {tables.interval(pooled.ci_lower, pooled.ci_upper)}: {lower} "
        f"to {upper}."
    )
