"""GOSH in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ipt_evidence.meta_analysis.gosh import Gosh, GoshClusters
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell

__all__ = ["HOW_TO_READ", "gosh_sentence", "gosh_twin", "heaps_sentence", "pulls_table"]

HOW_TO_READ = (
    "What if some of these trials had never been done? Here every possible selection of them is "
    "pooled anew (a random sample of selections where there are too many). Each cell counts "
    "selections by their pooled effect (left to right) and by how much their trials disagree (I², "
    "bottom to top): the darker, the more. The curve on top counts by the effect alone.\n\n"
    "One round cloud means that no trial tells another story than the rest. Two clouds side by "
    "side mean that some trial, or a few, pull the answer. Choose a trial: if the colours part, it "
    "is that one.\n\n"
    "The picture shows which trials matter. It is not a distribution of what is true."
)
MOST_NAMED = 3


def gosh_sentence(found: Gosh) -> str:
    """How many subsets there are and what they give."""
    several = found.k >= 2
    values = found.estimate[several]
    if not values.size:
        return "Fewer than two trials: there is no subset to pool."
    low, high = (float(end) for end in np.percentile(values, [2.5, 97.5]))
    drawn = "All" if found.exhaustive else "A random sample of"
    above = 100.0 * float((values > 0.0).mean())
    share = "All" if above == 100.0 else "None" if above == 0.0 else tables.percent(above)
    return (
        f"{drawn} {tables.count(values.size)} subsets of two trials or more were pooled by "
        f"{found.method}. {share} of them have an effect in favour of IPT; the middle 95% lie "
        f"between {tables.effect(low)} and {tables.effect(high)}."
    )


def heaps_sentence(heaps: GoshClusters, labels: Sequence[str]) -> str:
    """Whether the subsets fall into two heaps, and which trials make them."""
    if not heaps.separate or heaps.lower is None or heaps.upper is None:
        strongest = max(heaps.shifts, key=lambda pull: abs(pull.shift), default=None)
        said = "The subsets form one heap: no trial splits them into two stories."
        if strongest is None or round(strongest.shift, 2) == 0:
            return said
        side = "raises" if strongest.shift > 0 else "lowers"
        return (
            f"{said} {labels[strongest.position]} moves them most: it {side} the effect of a "
            f"subset by {tables.effect(abs(strongest.shift))} on average."
        )
    where = f"one around {tables.effect(heaps.lower)} and one around {tables.effect(heaps.upper)}"
    if not heaps.drivers:
        return f"The subsets fall into two heaps, {where}; no single trial explains them."
    names = [labels[position] for position in heaps.drivers[:MOST_NAMED]]
    rest = len(heaps.drivers) - len(names)
    listed = ", ".join(names) + (f" and {spell(rest)} more" if rest else "")
    verb = "decides" if len(heaps.drivers) == 1 else "decide"
    return (
        f"The subsets fall into two heaps, {where}. {listed} {verb} on which side a subset lies: "
        "look at what is special about "
        f"{'this trial' if len(heaps.drivers) == 1 else 'these trials'} before you trust the mean."
    )


def pulls_table(heaps: GoshClusters, labels: Sequence[str]) -> pd.DataFrame:
    """What each trial does to the subsets that hold it, the strongest first."""
    rows = [
        {
            "Trial": labels[pull.position],
            "Effect of subsets with it, less those without": pull.shift,
            "I² with it, less without (points)": pull.i2_shift,
        }
        for pull in sorted(heaps.shifts, key=lambda pull: -abs(pull.shift))
    ]
    frame = pd.DataFrame(rows)
    for column, digits in zip(list(frame.columns[1:]), (3, 1), strict=False):
        frame[column] = [tables.effect(value, digits) for value in frame[column]]
    return frame


def gosh_twin(found: Gosh, heaps: GoshClusters, labels: Sequence[str], chosen: str | None) -> str:
    """What the figure shows, in words."""
    parts = [gosh_sentence(found), heaps_sentence(heaps, labels)]
    if chosen is not None and chosen in labels:
        pull = heaps.shifts[list(labels).index(chosen)]
        parts.append(
            f"Subsets with {chosen} have an effect that is {tables.effect(pull.shift)} from that "
            "of subsets without it, on average."
        )
    return " ".join(parts)
