"""Results as plain words, by fixed rules that tests hold.

The reader is a student or a reviewer, so a sentence says what was found, how large it is, how
sure one can be, and never more. The rules:

direction   from the confidence interval: wholly above 0 "more than", wholly below "less than",
            otherwise "no clear difference", which is not the same as no difference.
size        `magnitude.size_word`: the nearest of Cohen's anchors to the effect as it is printed.
spread      from I²: below 30% little, below 50% moderate, below 75% substantial, else
            considerable; the Cochrane Handbook's overlapping bands (section 10.10.2), cut.

No trial, one trial and two trials have sentences of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from ipt_evidence.meta_analysis.models import TOO_FEW, PooledEffect, interpretable
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import (
    ComparisonWords,
    comparison_words,
    counted,
    listed,
    lower_first,
    reach,
    size_word,
    spell,
    symptoms,
    upper_first,
)

__all__ = [
    "TOO_FEW_TO_POOL",
    "WHY_NOT_TWO",
    "answer",
    "heterogeneity",
    "in_short",
    "interpretation",
    "two_trials",
    "two_values",
    "unused",
]

SPREAD_WORDS = (
    (30, "little"),
    (50, "moderately"),
    (75, "substantially"),
    (math.inf, "considerably"),
)
# Below this an interval rests on so few trials that the sentence says so; a convention of ours.
FEW_TRIALS = 5


def _with_people(n: float | None) -> str:
    return "" if tables.is_missing(n) else f" with {tables.count(n)} people"


def _numbers(pooled: PooledEffect) -> str:
    """Write the effect with its interval, in brackets."""
    known = not (tables.is_missing(pooled.ci_lower) or tables.is_missing(pooled.ci_upper))
    if not known:
        return f"(g {tables.effect(pooled.estimate)}, interval {tables.NOT_REPORTED})"
    ends = tables.interval(pooled.ci_lower, pooled.ci_upper)
    return f"(g {tables.effect(pooled.estimate)}, {tables.level(pooled.level)} CI {ends})"


def _finding(outcome: str, words: ComparisonWords, pooled: PooledEffect) -> str:
    """Tell direction, size and numbers, starting with the treatment."""
    numbers, size = _numbers(pooled), size_word(pooled.estimate)
    if pooled.ci_lower > 0:
        return (
            f"{words.treatment} reduced {outcome} more than {words.comparator}: "
            f"a {size} effect {numbers}."
        )
    if pooled.ci_upper < 0:
        return (
            f"{words.treatment} reduced {outcome} less than {words.comparator}: "
            f"a {size} effect in favour of {words.comparator} {numbers}."
        )
    if math.isnan(pooled.ci_lower) or math.isnan(pooled.ci_upper):
        return (
            f"the effect of {words.treatment} on {outcome} has no interval, "
            f"so its direction is open {numbers}."
        )
    return (
        f"there was no clear difference between {words.treatment} and {words.comparator} in "
        f"{outcome} {numbers}. "
        f"The interval reaches from {reach(pooled.ci_lower, words.comparator)} to "
        f"{reach(pooled.ci_upper, words.comparator)}."
    )


def _outlook(pooled: PooledEffect) -> str:
    """Tell what one may expect of a new trial, as far as the number of trials allows."""
    if pooled.k == 1:
        return (
            "A single trial cannot show how much results vary from trial to trial: "
            "take it as a first sign."
        )
    if pooled.k == 2:
        return "Two trials: too few to say how much results vary."
    if pooled.k < FEW_TRIALS:
        return (
            f"With only {spell(pooled.k)} trials, one more could change this, and nobody can say "
            "where it would land."
        )
    predicted = tables.prediction_interval(pooled)
    if predicted is None:
        return ""
    spread = f"{tables.effect(predicted[0])} and {tables.effect(predicted[1])}"
    if predicted[0] > 0 or predicted[1] < 0:
        return f"The true effect of a new trial would probably lie between {spread}."
    return f"A new trial could land anywhere between {spread}."


def two_trials(condition_label: str, comparison_id: str, trials: pd.DataFrame) -> str:
    """Tell what two trials found, one by one, and whether they agree.

    ``trials`` has two rows with label, yi, ci_lower, ci_upper. Their mean is not told: its
    interval would rest on one degree of freedom.
    """
    words = comparison_words(comparison_id)
    shown = [
        f"{row['label']}: g "
        f"{tables.estimate_with_interval(row['yi'], row['ci_lower'], row['ci_upper'])}"
        for _, row in trials.iterrows()
    ]
    signs = [round(float(value), 2) for value in trials["yi"]]
    if all(sign > 0 for sign in signs):
        agree = f"Both point towards {words.treatment}."
    elif all(sign < 0 for sign in signs):
        agree = f"Both point towards {words.comparator}."
    else:
        agree = "They point in different directions."
    return (
        f"Two trials of {words.treatment} against {words.comparator} for "
        f"{lower_first(condition_label)}. {shown[0]}. {shown[1]}. {agree} Two are too few to pool."
    )


WHY_NOT_TWO = (
    "Two trials: the interval of their mean rests on one degree of freedom, so read the trials one "
    "by one"
)


TOO_FEW_TO_POOL = "too few to pool"
"""In the place of a pooled effect of two trials, in tables."""


def interpretation(k: int) -> dict[str, Any]:
    """Whether a pooled effect of ``k`` trials may be read as an answer, and why not.

    For other programs: ``interpretable`` and ``why_not`` (None where it may).
    """
    if k == 0:
        return {"interpretable": False, "why_not": "Nothing was pooled"}
    read = interpretable(k)
    return {"interpretable": read, "why_not": None if read else WHY_NOT_TWO}


def in_short(pooled: PooledEffect, trials: pd.DataFrame) -> str:
    """Write an estimate in a line: "g 0.48 (95% CI 0.31 to 0.65), 31 trials".

    Two trials are written one by one: "two trials, g 0.10 and 0.30, too few to pool".
    """
    if pooled.k == TOO_FEW:
        return two_values(list(trials["yi"]))
    numbers = tables.pooled_effect(pooled)
    return f"g {numbers}, {counted(pooled.k)}"


def two_values(values: Sequence[float]) -> str:
    """Write two effects as two effects: "two trials, g 0.10 and 0.30, too few to pool"."""
    return f"two trials, g {listed([tables.effect(value) for value in values])}, {TOO_FEW_TO_POOL}"


def unused(
    condition_label: str, comparison_id: str, found: int, reasons: Sequence[tuple[str, int]]
) -> str:
    """Tell that results exist which do not answer, and the actual reasons.

    ``reasons`` are clauses like "measured at follow-up", each with the number of its results.
    """
    words = comparison_words(comparison_id)
    usable = sum(number for _, number in reasons)
    opening = (
        f"{upper_first(counted(found))} of {words.treatment} against {words.comparator} for "
        f"{lower_first(condition_label)} {'was' if found == 1 else 'were'} found."
    )
    if len(reasons) == 1:
        only = "The one result" if usable == 1 else f"All {spell(usable)} results"
        verb = "is" if usable == 1 else "are"
        return f"{opening} {only} that could be pooled {verb} not used here: {reasons[0][0]}."
    parts = [f"{spell(number)} {reason}" for reason, number in reasons]
    return (
        f"{opening} {upper_first(spell(usable))} results could be pooled, but are not used here: "
        f"{'; '.join(parts)}."
    )


def _nothing(condition_label: str, words: ComparisonWords, found: int, searched: bool) -> str:
    subject = f"{words.treatment} against {words.comparator} for {lower_first(condition_label)}"
    if found == 1:
        return f"One trial of {subject} was found, but it reports no usable number."
    if found:
        opening = upper_first(counted(found))
        return f"{opening} of {subject} were found, but none reports a usable number."
    if not searched:
        return f"None of the searches behind this base looked for trials of {subject}."
    return f"No trial found of {subject}."


def answer(
    condition_label: str,
    comparison_id: str,
    pooled: PooledEffect | None,
    n: float | None = None,
    *,
    found: int = 0,
    searched: bool = True,
    outcome: str | None = None,
    treatment: str = "IPT",
) -> str:
    """Answer one question of the explorer in one to four sentences.

    Parameters
    ----------
    condition_label
        The condition as readers know it, like "Depression".
    comparison_id
        What IPT was compared with: an id of `evidence.schema.COMPARISONS`.
    pooled
        The pooled effect, positive in favour of IPT; None (or k = 0) when nothing can be pooled.
    n
        People in the pooled trials; left out of the sentence when missing.
    found
        Trials of this question that are known, pooled or not; matters when nothing is pooled.
    searched
        Whether somebody has looked for trials of this question.
    outcome
        What was measured, in words that fit after "IPT reduced"; else
        `symptoms(condition_label)`.
    treatment
        What the treatment is called, in a base of another therapy.
    """
    text = _answer(condition_label, comparison_id, pooled, n, found, searched, outcome)
    return text if treatment == "IPT" else text.replace("IPT", treatment)


def _answer(
    condition_label: str,
    comparison_id: str,
    pooled: PooledEffect | None,
    n: float | None,
    found: int,
    searched: bool,
    outcome: str | None,
) -> str:
    words = comparison_words(comparison_id)
    if pooled is None or pooled.k == 0:
        return _nothing(condition_label, words, found, searched)
    finding = _finding(outcome or symptoms(condition_label), words, pooled)
    opening = f"{counted(pooled.k)}{_with_people(n)}"
    if pooled.k == 1:
        head = f"In {opening}, {finding}"
    else:
        head = f"Across {opening}, {finding}"
    return f"{head} {_outlook(pooled)}".strip()


def heterogeneity(pooled: PooledEffect | None) -> str:
    """Tell in words how much results differ from trial to trial; "" when nothing is pooled."""
    if pooled is None or pooled.k == 0:
        return ""
    if pooled.k == 1:
        return "With one trial nothing can be said about how results vary."
    if pooled.k == 2:
        return "With two trials nothing reliable can be said about how results vary."
    if pooled.i2 is None or pooled.tau2 is None or math.isnan(pooled.i2 + pooled.tau2):
        return f"How much results vary between these {counted(pooled.k)} is {tables.NOT_REPORTED}."
    word = next(word for limit, word in SPREAD_WORDS if pooled.i2 < limit)
    tau = tables.effect(math.sqrt(max(0.0, pooled.tau2)))
    head = f"Results differed {word} between trials (I² {tables.percent(pooled.i2)}, τ {tau})"
    if pooled.tau2 == 0:
        return f"{head}: no more than chance explains."
    return (
        f"{head}: the true effects of single trials typically lie about {tau} "
        "away from their average."
    )
