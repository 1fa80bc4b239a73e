"""Published meta-analyses beside our own estimate, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ipt_evidence.analyses.panel import Detail, Panel
from ipt_evidence.analyses.published.result import (
    Overlap,
    comparable,
    overlaps,
    published_effects,
)
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import tables
from ipt_evidence.wording.citation_text import reference_url
from ipt_evidence.wording.phrases import numbered, spell, upper_first

__all__ = ["overlap_sentence", "overlap_words", "panel"]

LEAD = (
    "Each row is a result as its authors printed it, turned so that a positive g favours IPT. They "
    "rest on partly the same trials as the estimate above and on one another: they are not "
    "independent confirmations."
)
HOW_TO_READ = (
    "The diamond on top is the estimate of this page. Each dot is the pooled effect of one "
    "published meta-analysis, the line its 95% interval as printed. They asked nearly, not "
    "exactly, the same question: the years, the people and the comparisons differ.\n\n"
    "That several agree does not make the result more certain, for they rest on partly the same "
    "trials. A result without an interval is shown as a dot alone."
)


@cached
def panel(base: EvidenceBase, view: View) -> Panel:
    """Published results beside the estimate of ``view``, and what is known of shared trials."""
    answer, rows = estimate_of(base, view), published_effects(base, view.question)
    if rows.empty:
        nothing = "No published meta-analysis of IPT on this question is in the base."
        return Panel((nothing,), drawn=False)
    found = overlaps(base, answer, rows)
    labels = dict(zip(base.studies["study_id"], base.studies["label"], strict=True))
    addresses = {
        key: reference_url(record) if (record := base.reference(key)) else None
        for key in rows["reference"]
    }
    beside = comparable(base, view.question, rows)
    everything = Detail(
        "published-all",
        _table(rows, found, answer.k, labels, addresses),
        sentence=overlap_sentence(found, answer.k),
        links=("Publication", "Where we read it"),
    )
    return Panel(
        (LEAD,),
        _table(beside, found, answer.k, labels, addresses) if len(beside) else pd.DataFrame(),
        text_alternative=_alternative(beside, answer.shown),
        how_to_read=HOW_TO_READ,
        details=(everything,),
        drawn=bool(len(beside)),
    )


def overlap_words(found: Overlap | None, trials: int, labels: Mapping[str, str]) -> str:
    """What is known of the trials that a published result shares with ours; never a guess."""
    if found is None or not trials:
        return tables.NOT_REPORTED
    if found.named:
        named = ", ".join(labels[study_id] for study_id in found.named)
        if not found.shared:
            return f"names {named}: not in this estimate"
        if len(found.shared) == len(found.named):
            return f"names {named}: in this estimate"
        shared = ", ".join(labels[study_id] for study_id in found.shared)
        return f"names {named}; of these in this estimate: {shared}"
    if found.at_most is None or found.later is None or found.at_most == trials:
        return "not known which trials"
    if found.at_most == 0:
        return f"none: all {trials} of ours were published later"
    later = f"; {found.later} {'was' if found.later == 1 else 'were'} published later"
    later = later if found.later else ""
    return f"not known which; at most {found.at_most} of our {trials}{later}"


def overlap_sentence(found: Mapping[str, Overlap], trials: int) -> str:
    """How much is known of the overlap altogether."""
    if not found or not trials:
        return ""
    named = sum(bool(one.named) for one in found.values())
    results = numbered(len(found), "published result")
    known = "None" if not named else upper_first(spell(named))
    verb = "names" if named <= 1 else "name"
    return (
        f"{known} of {results} {verb} the trials behind it in the text that we could read. Of "
        f"{'the others' if named else 'these reviews'} only this is known: a trial that was "
        "published after a review is not in it."
    )


def _table(
    rows: pd.DataFrame,
    found: Mapping[str, Overlap],
    trials: int,
    labels: Mapping[str, str],
    addresses: Mapping[str, str | None],
) -> pd.DataFrame:
    """Published results as text, each with its words, numbers, shared trials and source.

    ``found`` is the overlap by pooled_id, ``trials`` the number of our trials, ``labels`` the
    names of studies by id, ``addresses`` where the publications open, by key.
    """
    shown = []
    for _, row in rows.iterrows():
        shown.append(
            {
                "Meta-analysis": f"{row['label']} {tables.text(row['year'])}",
                "Outcome": row["outcome"],
                "Compared with": _compared(row),
                "As printed": f"{row['metric']} {_printed(row)}",
                "g, favours IPT when above 0": tables.estimate_with_interval(
                    row["yi"], row["yi_lower"], row["yi_upper"]
                ),
                "Trials": tables.count(row["k"]),
                "Shared with this estimate": overlap_words(
                    found.get(str(row["pooled_id"])), trials, labels
                ),
                "Read": "twice" if row["extraction"] == "double" else "once",
                "Publication": tables.safe_url(addresses[row["reference"]]),
                "Where we read it": tables.safe_url(row["source_url"]),
            }
        )
    return pd.DataFrame(shown)


def _compared(row: pd.Series[Any]) -> str:
    if tables.is_missing(row["comparison"]):
        return f"{tables.text(row['comparator'])} (mixed or not stated)"
    return tables.text(row["comparator"])


def _printed(row: pd.Series[Any]) -> str:
    interval = ""
    if not tables.is_missing(row["ci_lower"]):
        interval = f" ({tables.interval(row['ci_lower'], row['ci_upper'])})"
    return f"{tables.effect(row['value'])}{interval}"


def _alternative(rows: pd.DataFrame, pooled: PooledEffect | None) -> str:
    """What the figure of published results shows, in words."""
    parts = [
        f"{row['label']} {tables.text(row['year'])}: g "
        f"{tables.estimate_with_interval(row['yi'], row['yi_lower'], row['yi_upper'])}"
        for _, row in rows.iterrows()
    ]
    if pooled is not None:
        parts.insert(0, f"Our estimate: g {tables.pooled_effect(pooled)}")
    return "Published effects beside ours. " + "; ".join(parts) + "."
