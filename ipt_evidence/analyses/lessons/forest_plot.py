"""Lesson 2: how to read a forest plot, step by step on live trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ipt_evidence.analyses.forest.panel import text_alternative
from ipt_evidence.analyses.lessons.lesson import FOREST_EXAMPLE, Check, Lesson, Step, example
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import favours, lower_first, spell

__all__ = ["LESSON", "example_row", "heading", "neighbours", "panel", "steps"]

HOW_TO_READ = (
    "Each line is a trial. The square is its result, larger for a trial that counts more; the line "
    "through it is the 95% confidence interval. The diamond is the average of all.\n\n"
    "- Right of 0 favours IPT, left of 0 favours the comparison.\n"
    "- Look first at how much the squares scatter, then at the diamond."
)

LESSON = Lesson(
    id="forest",
    label="Forest plot",
    title="How to read a forest plot",
    explanation=(
        "A **forest plot** is the picture at the heart of a meta-analysis, the study that puts "
        "the results of several trials together. It shows every trial and the summary at once, "
        "so that nobody has to take the summary on trust.",
        "It looks crowded, but it is made of only a few signs. Go through them one by one on real "
        "trials. They compare IPT with a control group, for women with depression in pregnancy or "
        "after birth. A control group waits, gets usual care, or is seen equally often without "
        "therapy.",
    ),
    try_it="Each step sets off the part that it explains.",
    summary=(
        "Square: what one trial found. Line: how unsure it is. Larger square: more weight.",
        "A line that crosses 0 means that this trial alone cannot say which treatment is better. "
        "It does not mean that the treatment has no effect.",
        "The diamond is an average. Before you believe it, look whether the trials above it agree.",
        "The prediction interval, not the diamond, tells what a new trial may find.",
    ),
    checks=(
        Check(
            "Which trial in a forest plot is the most certain about its own effect?",
            ("The one furthest to the right.", "The one with the shortest line.", "The newest."),
            1,
            "The line is the confidence interval: the shorter it is, the fewer values the trial "
            "leaves open.",
        ),
        Check(
            "The line of one trial crosses 0. What may you say?",
            (
                "This trial alone leaves open which group did better.",
                "IPT did not work in this trial.",
                "The trial contains an error.",
            ),
            0,
            "An interval across 0 holds benefit and harm alike. Absence of a clear answer is not "
            "proof of no effect; small trials give it often.",
        ),
        Check(
            "Why are some squares larger than others?",
            (
                "Those trials found larger effects.",
                "Those trials are of better quality.",
                "Those trials carry more weight in the average.",
            ),
            2,
            "The area shows weight. Weight comes from precision, not from quality: a large, badly "
            "done trial has a large square.",
        ),
        Check(
            "What is the width of the diamond?",
            (
                "The range in which the trials lie.",
                "The confidence interval of the average effect.",
                "The number of people.",
            ),
            1,
            "The diamond's tips are the ends of that interval. Single trials may lie far outside.",
        ),
        Check(
            "The diamond lies wholly on the side of IPT, the prediction interval reaches over 0. "
            "What follows?",
            (
                "One of the two must be wrong.",
                "IPT works on average, but in a new place it might help little or not at all.",
                "IPT works everywhere.",
            ),
            1,
            "The diamond speaks about the average of all trials, the prediction interval about "
            "the next one.",
        ),
    ),
)


def example_row(trials: pd.DataFrame) -> pd.Series[Any]:
    """The trial that the steps talk about: the heaviest one."""
    return trials.iloc[int(trials["weight"].argmax())]


@cached
def panel(base: EvidenceBase) -> Panel:
    """The forest plot of the example in words and as a table."""
    answer = example(base, FOREST_EXAMPLE)
    shown = answer.trials.sort_values("label", kind="stable")
    return Panel(
        (), tables.trials_table(shown), text_alternative(shown, answer.pooled), HOW_TO_READ,
        drawn=bool(steps(answer)),
    )  # fmt: skip


def steps(answer: Estimate) -> tuple[Step, ...]:
    """The guided reading of a forest plot, with the numbers of ``answer`` (two trials or more)."""
    trials, pooled = answer.trials, answer.pooled
    if pooled is None or pooled.k < 2:
        return ()
    return (*_of_trials(trials), *_of_all(pooled))


def _of_trials(trials: pd.DataFrame) -> tuple[Step, ...]:
    """Steps on the marks of single trials."""
    row = example_row(trials)
    widest = trials.iloc[int((trials["ci_upper"] - trials["ci_lower"]).argmax())]
    return (
        Step(
            "row",
            "One line of text, one trial",
            f"Each row is one trial. The marked row is {row['label']}, with "
            f"{tables.count(row['n'])} people; its comparison group had {row['comparator']}. "
            f"There are {spell(len(trials))} rows, so {spell(len(trials))} trials.",
            "row",
        ),
        Step(
            "square",
            "The square: what the trial found",
            f"A square stands at the trial's effect g. {row['label']} found "
            f"{tables.effect(row['yi'])}: {lower_first(favours(float(row['yi'])))}. Squares right "
            "of 0 favour IPT, squares left of 0 favour the comparison.",
            "square",
        ),
        Step(
            "interval",
            "The line: how unsure the trial is",
            "The line through a square is the 95% confidence interval: the effects that fit the "
            f"trial's data reasonably well. The longest belongs to {widest['label']} "
            f"({tables.interval(widest['ci_lower'], widest['ci_upper'])}), a trial with "
            f"{tables.count(widest['n'])} people. Few people, long line.",
            "interval",
        ),
        Step("zero", "The line at 0: no difference", _zero(trials), "zero"),
        Step(
            "weight",
            "The size of the square: weight",
            "A larger square counts more in the average. The heaviest trial here is "
            f"{row['label']} with {tables.percent(row['weight'], 1)} of the weight. When true "
            "effects differ between trials, weights are more alike than the numbers of people.",
            "square",
        ),
    )


def _of_all(pooled: PooledEffect) -> tuple[Step, ...]:
    """Steps on what all trials say together."""
    return (
        Step("diamond", "The diamond: all trials together", _diamond(pooled), "diamond"),
        Step("prediction", "The thin bar: a new trial", _prediction(pooled), "prediction"),
        Step(
            "spread",
            "The small print: do the trials agree?",
            f"{sentences.heterogeneity(pooled)} I² is the share of the differences that is more "
            "than chance; τ (tau) is how far true effects typically lie from their average, "
            "in the units of g. The next topic is about nothing else.",
            "notes",
        ),
    )


def _zero(trials: pd.DataFrame) -> str:
    crossing = int(((trials["ci_lower"] <= 0) & (trials["ci_upper"] >= 0)).sum())
    return (
        "At 0 both groups did equally well. A confidence interval that crosses this line leaves "
        f"open which treatment was better. That is so for {spell(crossing)} of the "
        f"{spell(len(trials))} trials. It does not mean that these trials found nothing: together "
        "they may still be clear."
    )


def _diamond(pooled: PooledEffect) -> str:
    found = tables.pooled_effect(pooled)
    if pooled.ci_lower > 0:
        reading = "It lies wholly on the side of IPT."
    elif pooled.ci_upper < 0:
        reading = "It lies wholly on the side of the comparison."
    else:
        reading = "It reaches over 0, so the average leaves open which side is better."
    return (
        "The middle of the diamond is the weighted average of all trials, its tips are the ends "
        f"of the 95% confidence interval of that average: g {found}. {reading}"
    )


def _prediction(pooled: PooledEffect) -> str:
    predicted = tables.prediction_interval(pooled)
    if predicted is None:
        return "With fewer than three trials no prediction interval can be drawn."
    side = (
        "Part of it lies beyond 0: in some places IPT may do no better than the comparison."
        if predicted[0] <= 0 <= predicted[1]
        else "All of it lies on one side of 0."
    )
    return (
        f"The 95% prediction interval, {tables.interval(*predicted)}, says where the true effect "
        f"of a new, similar trial would probably lie. {side}"
    )


def heading(step: Step, ids: Sequence[str]) -> str:
    """Heading of a step among all of them: "Step 2 of 8. The square: what the trial found"."""
    return f"Step {ids.index(step.id) + 1} of {len(ids)}. {step.title}"


def neighbours(step: str, ids: Sequence[str]) -> tuple[str | None, str | None]:
    """The steps before and after ``step``; None at either end."""
    place = ids.index(step)
    return (
        ids[place - 1] if place else None,
        ids[place + 1] if place + 1 < len(ids) else None,
    )
