"""GOSH in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ipt_evidence.analyses.gosh.result import (
    ALL_UP_TO,
    LEAST,
    METHODS,
    SIZES,
    pooled_subsets,
    to_pool,
)
from ipt_evidence.analyses.panel import Detail, Option, Panel, Work
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.gosh import Gosh, GoshClusters
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import first_of

__all__ = [
    "clusters_sentence",
    "gosh_sentence",
    "influence_table",
    "options",
    "panel",
    "text_alternative",
    "work",
]

SUBSETS = Option(
    "subsets",
    "Model of each subset",
    dict(zip(METHODS, ("REML", "Paule-Mandel", "DerSimonian-Laird", "Equal effects"), strict=True)),
    METHODS[:1],
    listed=True,
    titled=True,
)
USUAL_SIZE = str(SIZES[1])
NOBODY = "none"

HOW_TO_READ = (
    "What if some of these trials had never been done? Here every possible selection of three or "
    "more of them is pooled anew (a random sample of selections where there are too many); two "
    "trials are too few to pool. Each cell counts "
    "selections by their pooled effect (left to right) and by how much their trials disagree (I², "
    "bottom to top): the darker, the more. The curve on top counts by the effect alone.\n\n"
    "One round cloud means that no trial tells another story than the rest. Two clouds side by "
    "side mean that some trial, or a few, decide the answer. Choose a trial: if the colours part, "
    "it is that one.\n\n"
    "The picture shows which trials matter. It is not a distribution of what is true."
)
FEW = (
    "With fewer than four trials there are no selections of them to compare: two trials are too "
    "few to pool."
)
NOTE = (
    "GOSH after Olkin, Dahabreh & Trikalinos (2012). Clusters are looked for by k-means on effect "
    "and I², and must be parted by a valley in the effects."
)
MOST_NAMED = 3


def options(base: EvidenceBase, view: View) -> tuple[Option, ...]:
    """The model of each subset, how many subsets where there are too many, and a trial to mark."""
    trials = estimate_of(base, view).trials
    if len(trials) < LEAST:
        return ()
    names = {
        str(study): str(label)
        for study, label in zip(trials["study_id"], trials["label"], strict=True)
    }
    colour = Option(
        "colour",
        "Colour by whether this trial is in",
        {NOBODY: "No trial", **names},
        (NOBODY,),
        listed=True,
        titled=True,
    )
    if len(trials) <= ALL_UP_TO:
        return SUBSETS, colour
    size = Option(
        "size",
        "Random subsets",
        {str(size): tables.count(size) for size in SIZES},
        (USUAL_SIZE,),
        titled=True,
        help=f"{len(trials)} trials have {tables.count(2 ** len(trials) - 1)} subsets: too many to "
        "pool all.",
    )
    return SUBSETS, size, colour


def work(
    base: EvidenceBase, view: View, subsets: str = METHODS[0], size: str = USUAL_SIZE, **_: object
) -> Work | None:
    """All subsets have to be pooled first."""
    k = estimate_of(base, view).k
    if k < LEAST:
        return None
    doing = f"Pooling {tables.count(to_pool(k, int(size)))} subsets"
    return Work(doing, pooled_subsets, (view, subsets, int(size)))


@cached
def panel(
    base: EvidenceBase,
    view: View,
    subsets: str = METHODS[0],
    size: str = USUAL_SIZE,
    colour: str = NOBODY,
) -> Panel:
    """What the subsets of the trials of ``view`` show; the other arguments are of `options`."""
    answer = estimate_of(base, view)
    if answer.k < LEAST:
        return Panel((FEW,), drawn=False)
    found = pooled_subsets(base, view, subsets, int(size))
    names = dict(zip(answer.trials["study_id"], answer.trials["label"], strict=True))
    labels = [str(label) for label in answer.trials["label"]]
    table = influence_table(found.clusters, labels)
    pooled = found.gosh
    drawn = "every subset" if pooled.exhaustive else f"random subsets, seed {pooled.seed}"
    return Panel(
        (gosh_sentence(pooled), clusters_sentence(found.clusters, labels)),
        table,
        text_alternative(pooled, found.clusters, labels, names.get(colour)),
        HOW_TO_READ,
        (Detail("gosh-trials", table, fold="What each trial does to the subsets"),),
        note=f"Pooled: {drawn}. {NOTE}",
    )


def gosh_sentence(found: Gosh) -> str:
    """How many subsets there are and what they give."""
    values = found.estimate[found.several]
    if not values.size:
        return FEW
    low, high = (float(end) for end in np.percentile(values, [2.5, 97.5]))
    drawn = "All" if found.exhaustive else "A random sample of"
    above = 100.0 * float((values > 0.0).mean())
    share = "All" if above == 100.0 else "None" if above == 0.0 else tables.percent(above)
    fewer = found.estimate.size - values.size
    left = f" {tables.count(fewer)} of one or two trials are left out." if fewer else ""
    return (
        f"{drawn} {tables.count(values.size)} subsets of three trials or more were pooled by "
        f"{found.method}.{left} {share} of them have an effect in favour of IPT; the middle 95% "
        f"lie between {tables.effect(low)} and {tables.effect(high)}."
    )


def clusters_sentence(found: GoshClusters, labels: Sequence[str]) -> str:
    """Whether the subsets fall into two clusters, and which trials make them."""
    if not found.separate or found.lower is None or found.upper is None:
        strongest = max(found.shifts, key=lambda one: abs(one.shift), default=None)
        said = "The subsets form one cluster: no trial splits them in two."
        if strongest is None or round(strongest.shift, 2) == 0:
            return said
        side = "raises" if strongest.shift > 0 else "lowers"
        return (
            f"{said} {labels[strongest.position]} moves them most: it {side} the effect of a "
            f"subset by {tables.effect(abs(strongest.shift))} on average."
        )
    where = f"one around {tables.effect(found.lower)} and one around {tables.effect(found.upper)}"
    if not found.drivers:
        return f"The subsets fall into two clusters, {where}; no single trial explains them."
    named = first_of([labels[position] for position in found.drivers], MOST_NAMED)
    verb = "decides" if len(found.drivers) == 1 else "decide"
    return (
        f"The subsets fall into two clusters, {where}. {named} {verb} in which a subset lies: "
        "look at what is special about "
        f"{'this trial' if len(found.drivers) == 1 else 'these trials'} before you trust the mean."
    )


def influence_table(found: GoshClusters, labels: Sequence[str]) -> pd.DataFrame:
    """What each trial does to the subsets that hold it, the strongest first."""
    return pd.DataFrame(
        [
            {
                "Trial": labels[one.position],
                "Effect of subsets with it, less those without": tables.effect(one.shift, 3),
                "I² with it, less without (points)": tables.effect(one.i2_shift, 1),
            }
            for one in sorted(found.shifts, key=lambda one: -abs(one.shift))
        ]
    )


def text_alternative(
    found: Gosh, clusters: GoshClusters, labels: Sequence[str], chosen: str | None
) -> str:
    """What the figure shows, in words."""
    parts = [gosh_sentence(found), clusters_sentence(clusters, labels)]
    if chosen is not None and chosen in labels:
        one = clusters.shifts[list(labels).index(chosen)]
        parts.append(
            f"Subsets with {chosen} have an effect that is {tables.effect(one.shift)} from that "
            "of subsets without it, on average."
        )
    return " ".join(parts)
