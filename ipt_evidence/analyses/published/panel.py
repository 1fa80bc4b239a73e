"""Published meta-analyses beside our own estimate, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ipt_evidence.analyses.published.overlap import Overlap
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.selection import Question
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell, upper_first
from ipt_evidence.wording.protocols import PooledLike

__all__ = [
    "HOW_TO_READ_PUBLISHED",
    "PUBLISHED_EXPLAINED",
    "comparable",
    "overlap_sentence",
    "overlap_words",
    "published_table",
    "published_twin",
]

PUBLISHED_EXPLAINED = (
    "Each row is a result as its authors printed it, turned so that a positive g favours IPT. They "
    "rest on partly the same trials as the estimate above and on one another: they are not "
    "independent confirmations."
)


HOW_TO_READ_PUBLISHED = (
    "The diamond on top is the estimate of this page. Each dot is the pooled effect of one "
    "published meta-analysis, the line its 95% interval as printed. They asked nearly, not "
    "exactly, the same question: the years, the people and the comparisons differ.\n\n"
    "That several agree does not make the result more certain, for they rest on partly the same "
    "trials. A result without an interval is shown as a dot alone."
)


def comparable(base: EvidenceBase, question: Question, rows: pd.DataFrame) -> pd.DataFrame:
    """Published results on the same outcome as the estimate, which may stand beside it."""
    primary = base.taxonomy.condition(str(question.condition)).primary_outcomes
    same = rows["yi"].notna() & rows["outcome_domain"].isin(primary)
    return rows.loc[same & (rows["comparison"] == question.comparison)]


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
    later = f"; {found.later} were published later" if found.later else ""
    return f"not known which; at most {found.at_most} of our {trials}{later}"


def overlap_sentence(found: Mapping[str, Overlap], trials: int) -> str:
    """How much is known of the overlap altogether."""
    if not found or not trials:
        return ""
    named = sum(bool(one.named) for one in found.values())
    results = f"{len(found)} published result{'' if len(found) == 1 else 's'}"
    known = "None" if not named else upper_first(spell(named))
    verb = "names" if named <= 1 else "name"
    return (
        f"{known} of {results} {verb} the trials behind it in the text that we could read. For the "
        "others only a bound is known: a trial that was published after a review is not in it."
    )


def published_table(
    rows: pd.DataFrame,
    found: Mapping[str, Overlap] | None = None,
    trials: int = 0,
    labels: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Published results as text, each with its words, numbers, shared trials and source.

    ``found`` is the overlap by pooled_id, ``trials`` the number of our trials, ``labels`` the
    names of studies by id.
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
                    (found or {}).get(str(row["pooled_id"])), trials, labels or {}
                ),
                "Read": "twice" if row["extraction"] == "double" else "once",
                "Source": tables.safe_url(row["source_url"]),
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


def published_twin(rows: pd.DataFrame, pooled: PooledLike | None) -> str:
    """What the figure of published results shows, in words."""
    parts = [
        f"{row['label']} {tables.text(row['year'])}: g "
        f"{tables.estimate_with_interval(row['yi'], row['yi_lower'], row['yi_upper'])}"
        for _, row in rows.iterrows()
    ]
    if pooled is not None:
        own = tables.estimate_with_interval(pooled.estimate, pooled.ci_lower, pooled.ci_upper)
        parts.insert(0, f"Our estimate: g {own}")
    return "Published effects beside ours. " + "; ".join(parts) + "."
