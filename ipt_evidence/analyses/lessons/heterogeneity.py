"""Lesson 3: why trials differ, what that does to the average, and what leaving one out changes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ipt_evidence.analyses.lessons.lesson import Check, Lesson, cite, example
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis.influence import leave_one_out
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import numbered

__all__ = [
    "LESSON",
    "change",
    "interval_row",
    "most_influential",
    "reading",
    "rows_panel",
    "with_and_without",
]

HOW_TO_READ = (
    "The dot is the average effect, the thick line its 95% confidence interval: where that average "
    "probably lies. The thin line is the prediction interval: where the true effect of a new, "
    "similar trial may lie.\n\n"
    "- Right of 0 favours IPT, left of 0 favours the comparison.\n"
    "- A thick line that crosses 0 means: the average may be no difference at all.\n"
    "- A thin line that crosses 0 means: in some places IPT may do no better."
)

LESSON = Lesson(
    id="heterogeneity",
    label="Heterogeneity",
    title="Why trials differ: heterogeneity and prediction intervals",
    explanation=(
        "If the same coin is tossed a hundred times in ten towns, the number of heads differs a "
        "little from town to town. That is chance. Trials differ by chance too, but they may also "
        "differ because their **true effects** are not the same: other people, other therapists, "
        "another comparison group. Differences beyond chance are called **heterogeneity**.",
        "Two numbers describe it. **I²** is the share of the differences between results that is "
        f"more than chance ({cite('i2')}). **τ** (tau) is how far the true effects of single "
        "trials typically lie from their average, in the units of g. I² says how visible the "
        "differences are, τ how large.",
        "That is why two intervals belong to an average. The **confidence interval** asks: where "
        "is the average? More trials make it shorter. The **prediction interval** asks: where "
        "would the true effect of a new, similar trial lie? More trials do not make that "
        f"arbitrarily short, because people and places go on differing ({cite('prediction')}).",
    ),
    try_it=(
        "Choose a condition, then leave out one trial. We begin with the trial whose absence "
        "changes the average most."
    ),
    summary=(
        "An average of very different results may describe none of them.",
        "Look at the prediction interval before you tell somebody what to expect.",
        "I² is a share, τ a size. A high I² can go with small differences when trials are large.",
        "Leaving trials out shows how firm a result is. It is not a way to get a nicer one.",
    ),
    checks=(
        Check(
            "What does I² tell?",
            (
                "How large the effect is.",
                "The share of the differences between results that is more than chance.",
                "The share of trials of good quality.",
            ),
            1,
            "It is a percentage of the variation in the results. It says nothing about the size "
            "of the effect or the quality of the trials.",
        ),
        Check(
            "Hundreds of further trials are added, just as different from one another as before. "
            "What happens?",
            (
                "The confidence interval becomes short, the prediction interval stays wide.",
                "Both become very short.",
                "Neither changes.",
            ),
            0,
            "We learn ever better where the average is. But trials go on differing, so the next "
            "one stays hard to predict.",
        ),
        Check(
            "Which interval helps a clinic that wants to know what IPT would do there?",
            (
                "The confidence interval.",
                "The one of the largest trial.",
                "The prediction interval.",
            ),
            2,
            "The clinic is a new place. The prediction interval is about the true effect in a new, "
            "similar trial.",
        ),
        Check(
            "After one trial is left out, I² drops to almost nothing. What now?",
            (
                "Remove the trial for good: the result is cleaner.",
                "Find out what was special about that trial, and show both results.",
                "Nothing, one trial never matters.",
            ),
            1,
            "The trial may be wrong, or it may be the only one with other patients. Removing it "
            "because it disturbs the picture flatters the result.",
        ),
        Check(
            "I² is 0%. Have all trials the same true effect?",
            (
                "Yes, that is proven.",
                "No, they cannot have.",
                "Possibly. With few trials, real differences can go unnoticed.",
            ),
            2,
            "With a handful of trials I² is very uncertain. No visible difference is not the same "
            "as no difference.",
        ),
    ),
)


def most_influential(answer: Estimate) -> str:
    """The study_id whose absence moves the pooled effect most; needs two trials or more.

    Raises
    ------
    PoolingError
        With fewer than two trials.
    """
    parts = leave_one_out(*answer.arrays, **answer.model.settings)
    centre = answer.pooled.estimate if answer.pooled is not None else 0.0
    furthest = max(parts, key=lambda part: abs(part.estimate - centre))
    return str(answer.trials["study_id"].iloc[furthest.position])


def interval_row(label: str, condition: str, answer: Estimate) -> dict[str, Any]:
    """One row for `figure.intervals`, with the intervals that may be shown."""
    pooled = answer.pooled
    row: dict[str, Any] = {"condition": condition, "label": label, "k": answer.k, "n": None}
    row["n"] = answer.people.value if answer.people.studies_known else None
    if pooled is None:
        return row
    predicted = tables.prediction_interval(pooled) or (None, None)
    return row | {
        "estimate": pooled.estimate,
        "ci_lower": pooled.ci_lower,
        "ci_upper": pooled.ci_upper,
        "pi_lower": predicted[0],
        "pi_upper": predicted[1],
    }


@cached
def with_and_without(base: EvidenceBase, condition: str, study_id: str) -> pd.DataFrame:
    """Rows for `figure.intervals`: all trials of an example, and those without one."""
    whole, rest = example(base, condition), example(base, condition, study_id)
    labels = dict(zip(whole.trials["study_id"], whole.trials["label"], strict=True))
    return pd.DataFrame(
        [
            interval_row("All trials", condition, whole),
            interval_row(f"Without {labels[study_id]}", condition, rest),
        ]
    )


@cached
def rows_panel(rows: pd.DataFrame) -> Panel:
    """A figure of intervals in words and as a table."""
    return Panel((), _rows_table(rows), _rows_alternative(rows), HOW_TO_READ)


def _rows_alternative(rows: pd.DataFrame) -> str:
    parts = []
    for row in rows.to_dict("records"):
        found = tables.estimate_with_interval(
            row.get("estimate"), row.get("ci_lower"), row.get("ci_upper")
        )
        text = f"{row['label']}: g {found}, {numbered(int(row['k']), 'trial')}"
        if not tables.is_missing(row.get("pi_lower")):
            text += f", prediction interval {tables.interval(row['pi_lower'], row['pi_upper'])}"
        parts.append(text)
    return "Intervals, positive in favour of IPT. " + "; ".join(parts) + "."


def _rows_table(rows: pd.DataFrame) -> pd.DataFrame:
    shown = [
        {
            "Trials of": row["label"],
            "Trials": int(row["k"]),
            "g (95% CI)": tables.estimate_with_interval(
                row.get("estimate"), row.get("ci_lower"), row.get("ci_upper")
            ),
            "95% prediction interval": None
            if tables.is_missing(row.get("pi_lower"))
            else tables.interval(row["pi_lower"], row["pi_upper"]),
        }
        for row in rows.to_dict("records")
    ]
    return pd.DataFrame(shown)


def reading(pooled: PooledEffect) -> str:
    """What heterogeneity means for this estimate."""
    predicted = tables.prediction_interval(pooled)
    if predicted is None:
        return sentences.heterogeneity(pooled)
    low, high = (tables.effect(end) for end in predicted)
    return (
        f"{sentences.heterogeneity(pooled)} The average probably lies in its confidence interval, "
        f"{tables.interval(pooled.ci_lower, pooled.ci_upper)}. The true effect in a new trial "
        f"could lie anywhere between {low} and {high}."
    )


def change(everything: PooledEffect, rest: PooledEffect | None, label: str) -> str:
    """What leaving out the trial ``label`` changes, in one or two sentences."""
    if rest is None:
        return f"Without {label} no trial is left."
    before, after = tables.effect(everything.estimate), tables.effect(rest.estimate)
    moved = f"stays at {before}" if before == after else f"goes from {before} to {after}"
    ends = tables.interval(rest.ci_lower, rest.ci_upper)
    text = f"Without {label} the average {moved} (95% CI {ends})"
    if everything.i2 is not None and rest.i2 is not None:
        text += f", and I² from {tables.percent(everything.i2)} to {tables.percent(rest.i2)}"
    sure = (everything.ci_lower > 0) == (rest.ci_lower > 0)
    verdict = (
        "Whether the interval excludes 0 does not depend on this trial."
        if sure
        else "Whether the interval excludes 0 depends on this single trial."
    )
    return f"{text}. {verdict}"
