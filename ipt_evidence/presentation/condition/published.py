"""Published meta-analyses beside our own estimate, in words and as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.selection import Question
from ipt_evidence.presentation import tables
from ipt_evidence.presentation.protocols import PooledLike

__all__ = ["PUBLISHED_EXPLAINED", "comparable", "published_table", "published_twin"]

PUBLISHED_EXPLAINED = (
    "Each row is a result as its authors printed it, turned so that a positive g favours IPT. They "
    "rest on partly the same trials as the estimate above and on one another: they are not "
    "independent confirmations."
)


def comparable(base: EvidenceBase, question: Question, rows: pd.DataFrame) -> pd.DataFrame:
    """Published results on the same outcome as the estimate, which may stand beside it."""
    primary = base.taxonomy.condition(str(question.condition)).primary_outcomes
    same = rows["yi"].notna() & rows["outcome_domain"].isin(primary)
    return rows.loc[same & (rows["comparison"] == question.comparison)]


def published_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Published results as text, each with its words, numbers and source."""
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
