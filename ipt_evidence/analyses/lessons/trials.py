"""Lesson 5: why the number of trials matters, on cells of the gap map and trials as they came."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ipt_evidence.analyses.gap_map.result import Cell, coverage
from ipt_evidence.analyses.lessons.heterogeneity import interval_row
from ipt_evidence.analyses.lessons.lesson import Check, Lesson, cite, example
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import arrays
from ipt_evidence.meta_analysis.influence import cumulative
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell

__all__ = ["LESSON", "START", "examples", "growth", "growth_sentence"]

LESSON = Lesson(
    id="trials",
    label="Number of trials",
    title="Why the number of trials matters",
    explanation=(
        "How many trials stand behind a number is written **k**. A single trial (k = 1) shows what "
        "happened once: in one place, with one team. It cannot show how much results vary.",
        "With two trials (k = 2) we have two results and one difference between them. Trying to "
        "learn from one difference how much trials vary in general is like judging the weather of "
        "a country from two days. An honest method admits that with a very wide interval: the "
        f"**Hartung-Knapp** method used here does ({cite('hartung')}). Other methods give short "
        "intervals that look better than they are.",
        "From three or four trials on, first statements become possible; with some ten, we may "
        "begin to ask why trials differ. Many trials make an average firm. They do not make it "
        "right: thirty trials with the same weakness have the same weakness together.",
    ),
    try_it=(
        "First, questions of this explorer with one, two, a few and many trials. Then one "
        "question, IPT against control in depression, as its trials came, the oldest first: move "
        "the slider and watch the interval."
    ),
    summary=(
        "Look at k before you look at g.",
        "One trial is a first sign. Two are no pattern.",
        "A wide interval is not a fault of the method. It says how little is known.",
        "Many trials help against chance, not against bias.",
    ),
    checks=(
        Check(
            "Two trials agree almost perfectly. How well do we know how much trials vary?",
            ("Very well, since they agree.", "Hardly at all.", "Well, if both are recent."),
            1,
            "Two results may agree by luck. One difference says next to nothing about variation.",
        ),
        Check(
            "Why is the interval for two trials so wide here?",
            (
                "Because the trials were bad.",
                "Because of a mistake in the program.",
                "Because the method admits how little two trials can tell about variation.",
            ),
            2,
            "The Hartung-Knapp interval takes into account that the variation itself is guessed "
            "from two results.",
        ),
        Check(
            "A review with forty trials has a very short confidence interval. What may still be "
            "wrong?",
            (
                "All trials may share a weakness, such as a comparison group that just waits.",
                "Nothing: forty trials cannot be wrong.",
                "The interval must be miscalculated.",
            ),
            0,
            "Short intervals speak of chance. A weakness that all trials share does not average "
            "out.",
        ),
        Check(
            "For a question the explorer shows k = 1. How would you tell a friend?",
            (
                "“It is proven that it works.”",
                "“It is proven that it does not work.”",
                "“There is one trial so far; take it as a first sign.”",
            ),
            2,
            "One trial cannot show whether others would find the same.",
        ),
        Check(
            "A cell of the gap map says “No trial found”. What does that mean?",
            (
                "IPT does not work there.",
                "Somebody looked and found no trial: we do not know.",
                "The data could not be read.",
            ),
            1,
            "No evidence is not evidence of no effect. It is a question that somebody could study.",
        ),
    ),
)
START = 5  # trials at which the slider begins; a choice of ours
FEW = (3, 6)  # trials in a cell that stands for "a few"; a choice of ours


@cached
def examples(base: EvidenceBase) -> pd.DataFrame:
    """Cells with one, two, a few and the most trials, as rows of `figure.intervals`."""
    conditions = {c.id: c.label for c in base.taxonomy.conditions}
    comparisons = {c.id: c.label for c in base.taxonomy.comparisons}
    pooled = [cell for cell in coverage(base) if cell.estimate.pooled is not None]
    wanted: list[Cell] = []
    for low, high in ((1, 1), (2, 2), FEW):
        wanted += [cell for cell in pooled if low <= cell.estimate.k <= high][:1]
    most = max(pooled, key=lambda cell: cell.estimate.k, default=None)
    if most is not None and most not in wanted:
        wanted.append(most)
    rows = []
    for cell in wanted:
        label = f"{conditions[cell.condition]}, {comparisons[cell.comparison].lower()}"
        rows.append(interval_row(label, cell.condition, cell.estimate))
    return pd.DataFrame(rows)


@cached
def growth(base: EvidenceBase, condition: str, number: int) -> pd.DataFrame:
    """The pooled effect of the first, the first two, the first ``number`` and all trials by year.

    Rows for `figure.intervals`; prediction intervals from three trials on.
    """
    answer = example(base, condition)
    trials = answer.trials.dropna(subset=["year"]).sort_values("year", kind="stable")
    people = trials["n"].astype(float).cumsum(skipna=False)
    steps = cumulative(*arrays(trials), trials["year"].to_numpy(float), **answer.model.settings)
    rows: list[dict[str, Any]] = []
    for k in sorted({1, 2, number, len(steps)} & set(range(1, len(steps) + 1))):
        step = steps[k - 1]
        label = "The first trial" if k == 1 else f"The first {spell(k)}"
        label = f"All {spell(k)}" if k == len(steps) and k > 1 else label
        predicted = k >= tables.MIN_TRIALS_PREDICTION
        rows.append(
            {
                "condition": condition,
                "label": label,
                "k": k,
                "n": people.iloc[k - 1],
                "estimate": step.estimate,
                "ci_lower": step.ci_lower,
                "ci_upper": step.ci_upper,
                "pi_lower": step.pi_lower if predicted else None,
                "pi_upper": step.pi_upper if predicted else None,
            }
        )
    return pd.DataFrame(rows)


def growth_sentence(rows: pd.DataFrame, number: int) -> str:
    """What the first ``number`` trials would have told us."""
    row = rows.loc[rows["k"] == number].iloc[0]
    found = tables.estimate_with_interval(row["estimate"], row["ci_lower"], row["ci_upper"])
    trials = "the first trial" if number == 1 else f"the first {spell(number)} trials"
    width = tables.effect(row["ci_upper"] - row["ci_lower"])
    clear = row["ci_lower"] > 0 or row["ci_upper"] < 0
    said = "It excludes 0, no difference." if clear else "It includes 0, no difference."
    return f"After {trials}: g {found}. The interval is {width} wide. {said}"
